"""Answers as plain JSON objects: the same on the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rotation.check import Report
from rotation.faults import Fault
from rotation.files.plan import plain
from rotation.plan import RuleReport, TierReport


def fault_document(fault: Fault) -> dict[str, Any]:
    """One fault with its place, its code and its advice in both languages."""
    found: dict[str, Any] = plain(
        {
            "table": fault.table,
            "row": fault.row,
            "column": fault.column,
            "cell": fault.cell,
            "value": fault.value,
            "code": fault.code,
            "severity": fault.severity,
            "advice": {"zh": fault.advice.zh, "en": fault.advice.en},
        }
    )
    return found


def tier_documents(tiers: Iterable[TierReport]) -> list[dict[str, Any]]:
    return [
        plain(
            {
                "priority": tier.priority,
                "name": tier.name,
                "value": tier.value,
                "bound": tier.bound,
                "gap": tier.gap,
                "proved": tier.proved,
                "proof": tier.proof,
                "recomputed": tier.recomputed,
                "lp_bound": tier.lp_bound,
            }
        )
        for tier in tiers
    ]


def rule_documents(rules: Iterable[RuleReport], *, only_broken_cells: bool = False) -> list[dict[str, Any]]:
    """A rule each; ``only_broken_cells`` leaves out the cells in which it holds."""
    return [
        plain(
            {
                "id": rule.id,
                "rule": rule.rule,
                "priority": rule.priority,
                "holds": rule.holds,
                "shortfall": rule.shortfall,
                "cells": [cell for cell in rule.cells if cell["shortfall"] or not only_broken_cells],
            }
        )
        for rule in rules
    ]


def report_document(report: Report) -> dict[str, Any]:
    """A checker's report."""
    tiers = [{"priority": priority, "value": plain(value)} for priority, value in sorted(report.values.items())]
    return {"holds": report.holds, "rules": rule_documents(report.rules), "tiers": tiers}
