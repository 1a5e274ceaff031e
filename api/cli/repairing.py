"""``rotation repair`` and ``rotation alternatives``: if not these, who; and what else would be nearly as good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.exits import INFEASIBLE
from api.cli.explaining import show_changes
from api.cli.options import AsJson, Data, PlanFile, PolicyName, read_county
from api.cli.output import both, print_json, say, table
from api.documents import tier_documents
from rotation import files
from rotation.policy import load_policy
from solver.alternatives import alternatives
from solver.explanation.words import Teller
from solver.planned import Planned
from solver.repair import repairs, repairs_document


def add_to(app: typer.Typer) -> None:
    app.command("repair", epilog="例 Example: rotation repair nantou/ plan.json --policy national-2014 --exempt T0001")(
        repair
    )
    app.command(
        "alternatives",
        epilog="例 Example: rotation alternatives nantou/ plan.json --policy national-2014 --loss 0.02 --out others/",
    )(list_alternatives)


def repair(
    data: Data,
    plan: PlanFile,
    policy: PolicyName,
    exempt: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="不再交流的教师, 可多次 · Who is exempted; may be repeated.")
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(metavar="ID:HOST", help="不去这所学校, 可多次 · Not to this host; may be repeated."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=50, help="几种改法 · How many repairs.")] = 3,
    as_json: AsJson = False,
) -> None:
    """不让这些人去, 该换谁: 改动人数最少者在先 · If not these, who: the fewest people disturbed first, then the tiers.

    退出码 Exit status: 0 有改法 there are repairs; 2 输入有误 bad input; 3 没有可行的改法 there is none.
    """
    pairs = [tuple(one.split(":", 1)) for one in forbid or ()]
    if any(len(pair) != 2 for pair in pairs):
        raise typer.BadParameter("应为 教师:学校 · must be TEACHER:HOST", param_hint="--forbid")
    if not exempt and not pairs:
        raise typer.BadParameter("请给出 --exempt 或 --forbid · give --exempt or --forbid", param_hint="--exempt")
    rules = load_policy(policy)
    planned = Planned(read_county(data, quiet=as_json), rules, files.read_plan(plan))
    found = repairs(planned, exempt or (), [(pair[0], pair[1]) for pair in pairs], most=count)
    if as_json:
        print_json(repairs_document(found))
    else:
        teller = Teller(planned.county, rules)
        for number, one in enumerate(found, 1):
            print(
                f"{number}. 另动 {one.disturbed} 人 · {one.disturbed} others disturbed: {both(teller.price(one.price))}"
            )
            show_changes(one.changes, teller)
    if not found:
        say("没有满足全部必须规则的改法 · no plan keeps every must rule")
        raise typer.Exit(INFEASIBLE)


def list_alternatives(
    data: Data,
    plan: PlanFile,
    policy: PolicyName,
    count: Annotated[int, typer.Option(min=1, max=20, help="几个方案 · How many plans.")] = 3,
    loss: Annotated[
        float, typer.Option(min=0.0, max=10.0, help="每级目标最多差多少(比例) · At most this much worse in each tier.")
    ] = 0.01,
    time_limit: Annotated[float, typer.Option("--time-limit", min=1.0, metavar="S", help="最长秒数 · Seconds.")] = 20.0,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="写出方案 · Where to write the plans.")] = None,
    as_json: AsJson = False,
) -> None:
    """差不多一样好、彼此尽量不同的方案 · Plans within a stated loss, as different from each other as possible."""
    rules = load_policy(policy)
    planned = Planned(read_county(data, quiet=as_json), rules, files.read_plan(plan))
    found = alternatives(planned, most=count, loss=loss, seconds=time_limit)
    paths: list[Path | None] = [None] * len(found)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(found):
            paths[number] = out / f"alternative-{number + 1}.json"
            files.write_plan(one.plan, planned.county, out / f"alternative-{number + 1}.json")
    if as_json:
        print_json(
            {
                "alternatives": [
                    {
                        "differs": one.differs,
                        "bound": one.bound,
                        "placements": len(one.plan.placements),
                        "tiers": tier_documents(one.plan.tiers),
                        "file": None if path is None else str(path),
                    }
                    for one, path in zip(found, paths, strict=True)
                ]
            }
        )
        return
    rows = [
        (number, one.differs, one.bound, len(one.plan.placements), *(f"{tier.value:.10g}" for tier in one.plan.tiers))
        for number, one in enumerate(found, 1)
    ]
    tiers = [f"{tier.priority} {tier.name}" for tier in rules.tiers]
    columns = ("号 no.", "不同人数 people", "至多 bound", "交流人数 placements", *tiers)
    table("近似最优方案 · nearly as good", columns, rows)
