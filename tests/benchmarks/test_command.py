"""``rotation bench`` on mixes that no suite has: any seeds, any size, and peers only where there is doubt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from benchmarks import records
from benchmarks.cases import MadeUp
from benchmarks.command import add_to
from benchmarks.mixes import Document, Size, farther, mixed, wider
from benchmarks.reaches import first_apart

Mix = Callable[[int, Size | None], tuple[MadeUp, Document]]


@pytest.fixture
def app() -> Typer:
    app = Typer()
    add_to(app)
    return app


def test_a_mix_of_any_seed_and_size(app: Typer, tmp_path: Path) -> None:
    """Proved by us, it is in no doubt: the peer is not asked. With no doubt demanded, it is, and comes to the same."""
    mix = ["--suite", "mixes", "--seeds", "101", "--size", "8/120", "--only", "wide", "--against", "highs"]
    for more in (["--doubted"], []):
        results = tmp_path / "-".join(["results", *more])
        said = CliRunner().invoke(app, [*mix, "--results", str(results), *more])
        assert said.exit_code == 0, said.output
        found = records.read(results.glob("*.jsonl"))
        assert [record.case for record in found] == ["mixes/wide 101 8/120"] * len(found)
        assert [record.engine for record in found] == ["rotation"] + ["highs"] * (not more)
        assert found[0].settled and found[0].sizes["teachers"] == 120
        assert all(first_apart(found[0], peer) is None for peer in found[1:])


@pytest.mark.parametrize("mix", [mixed, wider, farther])
def test_a_size_is_all_that_it_changes(mix: Mix) -> None:
    county, document = mix(7, (45, 2500))
    assert (county.schools, county.teachers, county.seed) == (45, 2500, 7)
    assert document["name"] == mix(7, None)[1]["name"]


@pytest.mark.parametrize(
    "wrong",
    [["--seeds", "9-3"], ["--seeds", "0-3"], ["--seeds", "x"], ["--size", "45"], ["--size", "9/8"], ["--size", "a/b"]],
)
def test_what_is_no_seed_and_no_size_is_said(app: Typer, wrong: list[str], tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["--suite", "mixes", "--results", str(tmp_path), *wrong])
    assert said.exit_code == 2 and wrong[1] in said.output
    assert not list(tmp_path.iterdir())
