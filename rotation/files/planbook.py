"""The result workbook of a plan: placements with names, rules and their cells, tiers, figures; the document, hidden."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from rotation.county import County
from rotation.files.tables import MODES
from rotation.files.workbookout import DATE, HEAD, TEXT, open_workbook, put

PLACEMENTS = "placements 轮岗安排"
HIDDEN = "_plan"
CHUNK = 8000
"""Characters of the document a cell; Excel takes 32 767."""

PLACEMENT_HEADINGS = (
    ("teacher", "教师编号"), ("teacher_name", "姓名"), ("home", "派出校编号"), ("home_name", "派出校"),
    ("host", "接收校编号"), ("host_name", "接收校"), ("hosts", "全部接收校编号"), ("subject", "学科"),
    ("mode", "方式代码"), ("mode_name", "方式"), ("start_year", "开始学年"), ("years", "年数"), ("km", "公里"),
    ("decided", "人工指定"),
)  # fmt: skip
RULE_HEADINGS = (("id", "编号"), ("rule", "规则"), ("priority", "优先级"), ("holds", "满足"), ("shortfall", "缺口"))
CELL_HEADINGS = (
    ("rule", "规则编号"), ("cell", "单元"), ("measured", "实际"), ("least", "最少"), ("most", "最多"), ("shortfall", "缺口"),
    ("code", "代码"),
)  # fmt: skip
TIER_HEADINGS = (
    ("priority", "优先级"), ("name", "内容"), ("value", "数值"), ("bound", "界"), ("gap", "差距"), ("proved", "已证明"),
    ("proof", "证明方式"), ("recomputed", "已复算"), ("lp_bound", "复算的界"),
)  # fmt: skip
METRIC_HEADINGS = (("metric", "指标"), ("value", "数值"))


def placement_rows(document: Mapping[str, Any], county: County | None) -> Iterator[list[Any]]:
    """One row a placement, in the order of ``PLACEMENT_HEADINGS``; unknown names stay empty."""
    teachers = county.teacher if county else {}
    schools = county.school if county else {}

    def school_name(key: str) -> str:
        return schools[key].name if key in schools else ""

    for one in document["placements"]:
        teacher = teachers.get(one["teacher"])
        yield [
            one["teacher"], teacher.name if teacher else None, one["home"], school_name(one["home"]),
            one["host"], "、".join(filter(None, map(school_name, one["hosts"]))), ";".join(one["hosts"]), one["subject"],
            one["mode"], MODES[one["mode"]][0], one["start_year"], one["years"], one["km"], one["decided"],
        ]  # fmt: skip


def write_plan_workbook(document: Mapping[str, Any], county: County | None, path: Path) -> None:
    """``document`` is ``plan_to_json``'s."""
    rules = document["rules"]
    cells = [
        [rule["id"], _label(cell.get("cell")), *(cell.get(name) for name, _ in CELL_HEADINGS[2:])]
        for rule in rules
        for cell in rule["cells"]
    ]
    with open_workbook(path) as book:
        _table(book, PLACEMENTS, PLACEMENT_HEADINGS, placement_rows(document, county))
        _table(book, "rules 规则", RULE_HEADINGS, ([rule[name] for name, _ in RULE_HEADINGS] for rule in rules))
        _table(book, "cells 规则明细", CELL_HEADINGS, cells)
        tiers = ([tier[name] for name, _ in TIER_HEADINGS] for tier in document["tiers"])
        _table(book, "tiers 层级", TIER_HEADINGS, tiers)
        facts = {name: document[name] for name in ("format", "year", "data", "policy", "status", "metrics", "run")}
        _table(book, "metrics 指标", METRIC_HEADINGS, _flat(facts))
        hidden = book.add_worksheet(HIDDEN)
        hidden.very_hidden()
        text = json.dumps(document, ensure_ascii=False)
        for row, start in enumerate(range(0, len(text), CHUNK)):
            hidden.write_string(row, 0, f"|{text[start : start + CHUNK]}|")


def _table(
    book: xlsxwriter.Workbook, title: str, headings: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]
) -> None:
    text, day, head = book.add_format(TEXT), book.add_format(DATE), book.add_format(HEAD)
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headings) - 1, 16)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for place, (name, zh) in enumerate(headings):
        sheet.write_string(0, place, f"{zh}\n{name}", head)
    count = 0
    for count, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            put(sheet, count, place, _label(value) if isinstance(value, dict | list) else value, text, day)
    if count:
        sheet.autofilter(0, 0, count, len(headings) - 1)


def _label(value: Any) -> str:
    """A cell's key as people read it: ``school=S01, subject=maths``."""
    text = ", ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else json.dumps(value)
    return text[:32_000]


def _flat(value: Any, name: str = "") -> Iterator[list[Any]]:
    """Nested figures as one row each, with dotted names."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    else:
        yield [name, json.dumps(value, ensure_ascii=False)[:32_000] if isinstance(value, list) else value]
