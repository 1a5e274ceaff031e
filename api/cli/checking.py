"""``rotation check``: the independent checker on a plan file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.evidence import show_evidence
from api.cli.exits import BROKEN
from api.cli.options import AsJson, Data, PlanFile, PolicyName, read_county
from api.cli.output import print_json, say, table
from api.cli.summary import show_broken, show_rules
from api.documents import report_document
from rotation import files
from rotation.check import Report, check
from rotation.facts import Facts
from rotation.faults import Fault, InputError
from rotation.indicators import indicators
from rotation.plan import Placement, Plan
from rotation.policy import Policy, load_policy
from rotation.tally import Tally
from rotation.words import Words


def add_to(app: typer.Typer) -> None:
    app.command("check", epilog="例 Example: rotation check nantou/ plan.json --policy national-2014")(check_plan)


def check_plan(
    data: Data,
    plan: PlanFile,
    policy: PolicyName,
    baseline: Annotated[
        Path | None, typer.Option(metavar="PLAN", help="目标 stability 的基准方案 · The baseline of `stability`.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """独立核验一个方案 · Check a plan with the independent checker, which knows no solver.

    退出码 Exit status: 0 所有必须规则成立 every `must` rule holds; 1 有规则不成立 some do not; 2 输入有误 bad input.
    """
    rules = load_policy(policy)
    county = read_county(data, quiet=as_json)
    read = files.read_plan(plan)
    near = {p.teacher: p for p in files.read_plan(baseline).placements} if baseline is not None else None
    if read.year != county.year:
        advice = Words("方案与数据不是同一学年", "plan and data are of different years")
        raise InputError([Fault("plan", None, "year", read.year, "wrong_year", advice)])
    remarks = list(_remarks(read, files.digest(county), rules))
    facts = Facts(county, rules)
    placements = read.placements
    try:
        report = check(county, rules, placements, near, facts)
    except InputError as error:
        # Kilometres that are not the data's hide no broken rule: judged with the data's, refused only if all hold.
        if any(fault.code != "wrong_km" for fault in error.faults):
            raise
        placements = tuple(_with_km(placement, facts) for placement in placements)
        report = check(county, rules, placements, near, facts)
        if report.holds:
            raise
        remarks.append(f"{len(error.faults)} 项里程与数据不符 · {len(error.faults)} distance(s) are not the data's")
    metrics = indicators(facts, Tally(county, placements))
    remarks += _claims(read, report, rules)
    if as_json:
        print_json(report_document(report) | {"metrics": metrics, "remarks": remarks})
    else:
        show_rules(report.rules, rules)
        show_broken(tuple(found for found in report.rules if not found.holds))
        rows = [(tier.priority, tier.name, float(report.values[tier.priority])) for tier in rules.tiers]
        table("目标层级(重新计算) · tiers, recomputed", ("级 tier", "目标 objective", "值 value"), rows)
        show_evidence(metrics)
        for remark in remarks:
            say(f"提醒 · note: {remark}")
        verdict = (
            "所有必须规则成立 · every must rule holds"
            if report.holds
            else "有必须规则不成立 · some must rules are broken"
        )
        print(verdict)
    if not report.holds:
        raise typer.Exit(BROKEN)


def _with_km(placement: Placement, facts: Facts) -> Placement:
    """The placement at the distance that the data give."""
    county = facts.county
    ways = [facts.way(county.teacher[placement.teacher], county.school[host]) for host in placement.hosts]
    return replace(placement, km=max(way.metres for way in ways if way is not None) / 1000)


def _remarks(plan: Plan, digest: str, policy: Policy) -> list[str]:
    found = []
    if plan.data and plan.data != digest:
        found.append("方案由另一份数据算出 · the plan was made from other data")
    if plan.policy_digest and plan.policy_digest != policy.digest:
        found.append("方案由另一政策算出 · the plan was made under another policy")
    return found


def _claims(plan: Plan, report: Report, policy: Policy) -> list[str]:
    """Tiers whose value in the plan file is not what the plan's placements come to."""
    if plan.policy_digest != policy.digest:
        return []
    return [
        f"第 {tier.priority} 级的值应为 {float(report.values[tier.priority]):.10g}, 方案写的是 {tier.value:.10g} · "
        f"tier {tier.priority} comes to {float(report.values[tier.priority]):.10g}, the plan says {tier.value:.10g}"
        for tier in plan.tiers
        if tier.priority in report.values and abs(float(report.values[tier.priority]) - tier.value) > 1e-6
    ]
