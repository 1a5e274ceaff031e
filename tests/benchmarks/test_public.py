"""Published instances: read as the format says, solved through the same search, never below a proved bound."""

from __future__ import annotations

import itertools
import time
import zipfile
from pathlib import Path
from random import Random

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.cases import Published
from benchmarks.command import add_to
from benchmarks.public import instances, program_of, read_instance
from benchmarks.reaches import published
from benchmarks.suites import Given, Missing, counties, public
from solver.outcome import SolveOptions
from solver.search import Search


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Three agents, five jobs, inversely correlated as type D is."""
    dice = Random(3)
    takes = [[dice.randint(5, 25) for _ in range(5)] for _ in range(3)]
    cost = [[111 - t * 4 + dice.randint(-5, 5) for t in row] for row in takes]
    numbers = [[3, 5], *cost, *takes, [40, 40, 40]]
    with zipfile.ZipFile(tmp_path / "small.zip", "w") as archive:
        archive.writestr("small", "\n".join(" ".join(map(str, row)) for row in numbers))
    (tmp_path / "bounds.tsv").write_text("small\t1\t999\n", encoding="utf-8")
    return tmp_path


def test_the_search_finds_the_best_of_all_assignments(small: Path) -> None:
    cost, takes, capacity = read_instance(small / "small.zip")
    best = min(
        sum(int(cost[a, j]) for j, a in enumerate(chosen))
        for chosen in itertools.product(range(3), repeat=5)
        if all(sum(int(takes[b, j]) for j, b in enumerate(chosen) if b == a) <= capacity[a] for a in range(3))
    )
    program = program_of(small / "small.zip")
    answer = Search(program, SolveOptions(30, 0.0), lambda _: None, lambda: False, time.monotonic()).run()
    assert (answer.certificates[0].value, answer.certificates[0].bound) == (best, best)


def test_cases_name_their_bounds(small: Path) -> None:
    to_the_end, near = instances(small, 5.0)
    for case, name, gap in ((to_the_end, "small", 1e-4), (near, "small to 0.15 %", 0.0015)):
        assert (case.name, case.gap) == (name, gap)
        assert isinstance(case.source, Published) and (case.source.lower, case.source.upper) == (1, 999)
    assert published()["d05100"] == (6353, 6353)


def test_a_cut_file_is_refused(small: Path) -> None:
    with zipfile.ZipFile(small / "cut.zip", "w") as archive:
        archive.writestr("cut", "3 5 1 2 3")
    with pytest.raises(ValueError, match="do not make 3 agents"):
        read_instance(small / "cut.zip")


@pytest.mark.parametrize("suite", [counties, public])
def test_absent_data_are_said_plainly(suite: object, tmp_path: Path) -> None:
    with pytest.raises(Missing, match="ROTATION_BENCH"):
        suite(Given(), None)  # type: ignore[operator]
    with pytest.raises(Missing, match="there is no such"):
        suite(Given(tmp_path / "no", tmp_path / "no"), None)  # type: ignore[operator]


def test_the_command_knows_its_suites_and_skips_what_has_no_data(tmp_path: Path) -> None:
    app = typer.Typer()
    add_to(app)
    runner = CliRunner()
    assert runner.invoke(app, ["--suite", "nothing"]).exit_code == 2
    assert runner.invoke(app, ["--against", "gurobi"]).exit_code == 2
    skipped = runner.invoke(app, ["--suite", "public", "--results", str(tmp_path)], env={"ROTATION_BENCH_PUBLIC": ""})
    assert skipped.exit_code == 0
    assert "ROTATION_BENCH_PUBLIC" in skipped.stderr


def test_a_county_of_islands_alone_is_no_case(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    path.write_text("school_id,county,offshore_island\nA,Plain,0\nB,Plain,1\nC,Islands,1\n", encoding="utf-8")
    assert [case.name for case in counties(Given(schools=path), None)] == ["Plain", "all at once"]
