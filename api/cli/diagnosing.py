"""``rotation diagnose``: which rules cannot hold together, and the cheapest ways out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.exits import INFEASIBLE, NO_PLAN
from api.cli.options import AsJson, Data, PolicyName, read_county
from api.cli.output import both, print_json, say, table
from api.cli.solving import TimeLimit, answered, solved
from api.diagnoses.work import Diagnosed, diagnosed
from rotation.plan import Status
from rotation.policy import load_policy
from solver.outcome import SolveOptions

KINDS = {"number": "数值 number", "schools": "部分学校 some schools", "soft": "改为尽量 soft"}


def add_to(app: typer.Typer) -> None:
    app.command(
        "diagnose",
        epilog="例 Example: rotation diagnose nantou/ --policy my.toml --out eased.json --way 1",
    )(diagnose)


def diagnose(
    data: Data,
    policy: PolicyName,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="POLICY", help="把所选出路写成政策 .json · Write a way out as a policy."),
    ] = None,
    way: Annotated[int, typer.Option("--way", min=1, help="第几条出路 · Which way out, as numbered.")] = 1,
    time_limit: TimeLimit = None,
    as_json: AsJson = False,
) -> None:
    """找出不能同时成立的最小规则组合和代价最小的出路 · A smallest set of rules in conflict, and the cheapest ways out.

    退出码 Exit status: 0 硬性规则可以同时满足 feasible; 2 输入有误 bad input; 3 不能同时满足 infeasible; 4 时间到而无结论 not known.
    """
    if out is not None and out.suffix.lower() != ".json":
        raise typer.BadParameter("应以 .json 结尾 · must end in .json", param_hint="--out")
    rules = load_policy(policy)
    county = read_county(data, quiet=as_json)
    outcome = answered(solved(county, rules, SolveOptions(time_limit_seconds=time_limit), diagnosed))
    document: dict[str, Any] = {"status": outcome.status.value}
    if isinstance(outcome, Diagnosed):
        document = outcome.document
    ways: list[dict[str, Any]] = document.get("ways", [])
    if out is not None and ways:
        if way > len(ways):
            raise typer.BadParameter(f"只有{len(ways)}条出路 · there are only {len(ways)} ways out", param_hint="--way")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(ways[way - 1]["policy"], ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print_json(document)
    else:
        say(both(outcome.message))
        show_diagnosis(document)
        if out is not None and ways:
            say(f"已写入第{way}条出路 · way out {way} written: {out}")
    if outcome.status == Status.INFEASIBLE:
        raise typer.Exit(INFEASIBLE)
    if outcome.status != Status.FEASIBLE:
        raise typer.Exit(NO_PLAN)


def show_diagnosis(document: dict[str, Any]) -> None:
    """Conflicts, ways out with their prices, and what keeps soft rules short."""
    _show_conflicts("冲突 · conflicts", document.get("conflicts", []))
    rows = [
        (
            number,
            KINDS[way["kind"]],
            f"{way['words']['zh']}\n{way['words']['en']}",
            f"{way['cost']:.4g}",
            "\n".join(f"{tier['priority']} {tier['name']}: {tier['value']:.10g}" for tier in way["tiers"]),
        )
        for number, way in enumerate(document.get("ways", []), 1)
    ]
    if rows:
        columns = ("", "类型 kind", "改动 change", "代价 cost", "各级目标 tiers")
        table("出路 · ways out", columns, rows)
        say(f"代价 cost: {document['measure']['zh']} · {document['measure']['en']}")
    _show_conflicts("软性规则为何不能全部满足 · what keeps soft rules short", document.get("shortfalls", []))
    if not document.get("complete", True):
        say("未查完全部 · not everything was looked at")


def _show_conflicts(title: str, conflicts: list[dict[str, Any]]) -> None:
    rows = [
        (
            number,
            f"{conflict['statement']['zh']}\n{conflict['statement']['en']}",
            "计数 counting" if conflict["proof"] == "counting" else "求解 solved",
        )
        for number, conflict in enumerate(conflicts, 1)
    ]
    if rows:
        table(title, ("", "不能同时成立 cannot hold together", "证明 proof"), rows)
