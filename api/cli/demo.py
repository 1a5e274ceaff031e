"""``rotation demo``: the sample county, solved, shown and served."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.exits import INFEASIBLE, INTERNAL, NO_PLAN
from api.cli.output import both, console, say
from api.cli.serving import Host, Port, start_server
from api.cli.solving import answered, solved
from api.cli.summary import show_conflict, show_plan
from rotation.plan import Status
from rotation.policy import load_policy, preset_names
from solver.outcome import SolveOptions

DEFAULT = "national-2014"


def add_to(app: typer.Typer) -> None:
    app.command("demo", epilog="例 Example: rotation demo --preset national-2014 --no-serve")(demo)


def demo(
    preset: Annotated[str, typer.Option(metavar="P", help="预设政策 · The preset.")] = DEFAULT,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="随后打开网页服务 · Serve the pages afterwards.")
    ] = True,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """用样例县演示: 求解、列表说明、打开网页 · The sample county: solved, told in tables, served."""
    from scenarios.samples import sample_for

    if preset not in preset_names():
        known = ", ".join(preset_names())
        raise typer.BadParameter(f"没有这个预设, 可用: {known} · no such preset; known: {known}", param_hint="--preset")
    county, policy = sample_for(preset), load_policy(preset)
    console().print(
        f"{county.name}: {len(county.schools)} 校 schools, {len(county.teachers)} 教师 teachers, {county.year} 学年 school year"
    )
    outcome = answered(solved(county, policy, SolveOptions()))
    if outcome.plan is None:
        say(both(outcome.message))
        show_conflict(outcome, policy)
        raise typer.Exit({Status.INFEASIBLE: INFEASIBLE, Status.UNKNOWN: NO_PLAN}.get(outcome.status, INTERNAL))
    show_plan(outcome.plan, policy)
    if serve:
        from api.services import Services
        from api.settings import Settings

        services = Services(limits=Settings().limits())
        record = services.add_plan(services.add_dataset(county).id, policy, outcome.plan)
        start_server(services, host, port, f"/plans/{record.id}")
