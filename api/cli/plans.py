"""``rotation compare``: plans side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsJson, read_county
from api.cli.output import print_json, table
from api.cli.summary import FIGURES
from rotation import files
from scenarios.comparison import Comparison, compare

MOST_ROWS = 200


def add_to(app: typer.Typer) -> None:
    app.command("compare", epilog="例 Example: rotation compare plan-a.json plan-b.json --data nantou/")(compare_plans)


def compare_plans(
    plans: Annotated[
        list[Path], typer.Argument(metavar="PLAN PLAN…", help="两个或更多方案 · Two or more plans.", show_default=False)
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DATA", help="用来显示姓名和校名 · For the names of people and schools."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """并排比较数字, 并列出安排不同的教师 · Figures side by side, and who differs."""
    if len(plans) < 2:
        raise typer.BadParameter("至少两个方案 · at least two plans", param_hint="PLAN")
    names = _names(plans)
    found = compare([files.read_plan(path) for path in plans])
    if as_json:
        print_json({"plans": names, "figures": found.figures, "tiers": found.tiers, "differences": found.differences})
        return
    rows = [(_title(key), *(_shown(value) for value in values)) for key, values in found.figures.items()]
    table("数字 · figures", ("指标 indicator", *names), rows)
    table("目标层级 · tiers", ("目标 objective", *names), [(key, *values) for key, values in found.tiers.items()])
    _differences(found, names, data)


def _differences(found: Comparison, names: list[str], data: Path | None) -> None:
    county = read_county(data, quiet=True) if data is not None else None

    def person(teacher: str) -> str:
        known = county.teacher.get(teacher) if county is not None else None
        return f"{teacher} {known.name}" if known is not None and known.name else teacher

    def place(choice: dict[str, object] | None) -> str:
        if choice is None:
            return "—"
        hosts = choice["hosts"]
        assert isinstance(hosts, list)
        named = [county.school[host].name if county is not None and host in county.school else host for host in hosts]
        return f"{'、'.join(named)} {choice['subject']} {choice['years']}"

    rows = [(person(teacher), *(place(c) for c in choices)) for teacher, choices in found.differences.items()]
    title = f"安排不同的教师 · who differs: {len(rows)}" + (f" (前 first {MOST_ROWS})" if len(rows) > MOST_ROWS else "")
    table(title, ("教师 teacher", *names), rows[:MOST_ROWS])


def _names(plans: list[Path]) -> list[str]:
    short = [path.name for path in plans]
    return short if len({*short}) == len(short) else [str(path) for path in plans]


def _title(key: str) -> str:
    return f"{FIGURES[key].zh} {FIGURES[key].en}" if key in FIGURES else key


def _shown(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value
