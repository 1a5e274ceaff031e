"""``rotation bench``: measure, keep, report."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.peers import PEERS

HOME = Path(__file__).parent

Folder = Annotated[Path, typer.Option(metavar="DIR", help="结果 (JSON 行) · Where results are kept, JSON lines.")]


def add_to(app: typer.Typer) -> None:
    app.command("bench", epilog="例 Example: rotation bench --suite smoke --against highs --against cpsat")(bench)


def bench(
    suite: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="smoke, national, scale, tight, rules, mixes, programmes, counties, public; 可重复 · may be repeated.",
        ),
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option(metavar="PEER", help=f"{', '.join(PEERS)}, all; 可重复 · may be repeated.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="只跑名称含此文字的算例 · Only cases whose name has this text."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="不跑名称含此文字的算例 · No case whose name has this text."),
    ] = None,
    ours: Annotated[bool, typer.Option("--ours/--no-ours", help="--no-ours: 只跑其他求解器 · only the peers.")] = True,
    time_limit: Annotated[
        float | None, typer.Option(min=1.0, metavar="S", help="每次运行最长秒数 · Seconds at most for each run.")
    ] = None,
    schools: Annotated[
        Path | None, typer.Option(metavar="FILE", help="counties 的学校名单 · The school list of `counties`.")
    ] = None,
    public: Annotated[
        Path | None, typer.Option(metavar="DIR", help="public 的算例文件夹 · The instances of `public`.")
    ] = None,
    seeds: Annotated[str, typer.Option(metavar="A-B", help="mixes 的种子 · The seeds of `mixes`.")] = "1-40",
    size: Annotated[
        str | None,
        typer.Option(metavar="S/T", help="mixes 的学校数/教师数 · Schools/teachers of every one of `mixes`: 45/2500."),
    ] = None,
    doubted: Annotated[
        bool,
        typer.Option(
            "--doubted", help="仅当本引擎未全部证明时才跑其他求解器 · Peers only where we did not prove every tier."
        ),
    ] = False,
    results: Folder = HOME / "results",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="随后写报告 · Then write a report of all results.")
    ] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="只写报告 · --no-run: only the report.")] = True,
) -> None:
    """测速并与其他求解器比较 · Measure the engine beside the engines one would pick instead."""
    if find_spec("psutil") is None:
        typer.echo("需要附加组件 bench · the extra `bench` is needed: pip install 'rotation[bench]'", err=True)
        raise typer.Exit(2)
    # Here, so that ``rotation`` starts as quickly without it.
    from benchmarks import records
    from benchmarks.records import OURS, Record
    from benchmarks.report import write_report
    from benchmarks.run import known_peers, results_file, run_cases
    from benchmarks.suites import SUITES, Given, Missing

    try:
        peers = known_peers(against or [])
    except KeyError as error:
        known = f"{', '.join(PEERS)}, all"
        raise typer.BadParameter(
            f"不认识 {error.args[0]}, 可用: {known} · unknown peer; known: {known}", param_hint="--against"
        ) from None
    for name in suite or []:
        if name not in SUITES:
            known = ", ".join(SUITES)
            raise typer.BadParameter(
                f"没有 {name}, 可用: {known} · no such suite; known: {known}", param_hint="--suite"
            )
    engines = [OURS, *peers] if ours else peers
    asked = suite or ["smoke"]
    found_there = Given.of_environment()
    given = Given(schools or found_there.schools, public or found_there.public, _seeds(seeds), _size(size))
    setting = records.setting_of(["rotation", *sys.argv[1:]])
    for name in asked if run else []:
        try:
            cases = [
                case
                for case in SUITES[name](given, time_limit)
                if (not only or any(text in case.key for text in only))
                and not any(text in case.key for text in without or [])
            ]
        except Missing as missing:
            typer.echo(f"{name}: 跳过 skipped: {missing}", err=True)
            continue
        file = results_file(results, name)

        def keep(record: Record, file: Path = file) -> None:
            records.append(file, record)
            typer.echo(record.line)

        run_cases(cases, engines, setting, keep, lambda case: typer.echo(case.key), doubted)
    if report is not None:
        found = records.read(sorted(results.glob("*.jsonl")))
        chosen = [record for record in found if suite is None or record.case.split("/")[0] in asked]
        write_report(chosen, report)
        typer.echo(f"已写入 · written: {report}")


def _seeds(text: str) -> range:
    """``1-40``, or one number alone."""
    first, _, last = text.partition("-")
    try:
        found = range(int(first), int(last or first) + 1)
    except ValueError:
        found = range(0)
    if not found or found[0] < 1:
        raise typer.BadParameter(f"不是 A-B: {text} · not of the form A-B: {text}", param_hint="--seeds")
    return found


def _size(text: str | None) -> tuple[int, int] | None:
    """Schools/teachers."""
    if text is None:
        return None
    schools, _, teachers = text.partition("/")
    if not (schools.isdecimal() and teachers.isdecimal() and 2 <= int(schools) <= int(teachers)):
        raise typer.BadParameter(f"不是 学校数/教师数: {text} · not schools/teachers: {text}", param_hint="--size")
    return int(schools), int(teachers)
