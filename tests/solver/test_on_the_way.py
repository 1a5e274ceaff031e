"""What an LP's rounds are good for before the last: they hold plans, and may be enough."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver.formulate import formulate
from solver.index import Index
from solver.master import Bound, Master
from solver.options import build_options
from solver.outcome import SolveOptions
from solver.program import Program
from solver.search import Search, on_the_way
from solver.search.on_the_way import OnTheWay

POLICY = parse_policy(
    {
        "name": "tenure",
        "extends": "national-2014",
        "objectives": [{"objective": "tenure", "priority": 1}, {"objective": "balance", "priority": 1}],
    }
)


@pytest.fixture(scope="module")
def program() -> Program:
    return formulate(build_options(Index(Facts(synthetic_county(40, 1500, 3), POLICY))))


@contextmanager
def begun(program: Program, options: SolveOptions) -> Iterator[Search]:
    search = Search(program, options, lambda news: None, lambda: False, time.monotonic())
    try:
        search.first.start()
        yield search
    finally:
        search.engine.close()
        search.improvement.close()


@pytest.fixture
def search(program: Program) -> Iterator[Search]:
    with begun(program, SolveOptions()) as search:
        yield search


@pytest.fixture
def counted(program: Program) -> Iterator[Search]:
    with begun(program, SolveOptions(work_limit=1.0)) as search:
        yield search


def test_a_round_that_is_enough_is_the_last_and_bounds_what_all_would(program: Program) -> None:
    cost, heard = program.tiers[0].cost, list[Bound]()

    def solved(enough: bool) -> Bound:
        master = Master(program, lambda: False)
        assert master.start(np.zeros(len(cost))) is not None
        heard.clear()
        return master.minimise(cost, lambda bound: heard.append(bound) or enough)

    first = solved(True)
    assert len(heard) == 1 and first.value == heard[0].value
    optimum = solved(False)
    assert len(heard) > 1
    assert first.value < optimum.value <= float(cost @ optimum.x) + 1e-3 < float(cost @ first.x)


def minimised(search: Search, near: float, poor: float = 0.0) -> tuple[int, list[int], Bound]:
    """How many rounds there were, what plans cost that came of them, and what the LP ended with."""
    cost, told, rounds = search.program.tiers[0].cost, list[int](), 0
    heard = OnTheWay(
        search.exact, search.incumbent, cost, search.first.keep, lambda: told.append(search.incumbent.values[0]), near, poor
    )  # fmt: skip

    def counting(bound: Bound) -> bool:
        nonlocal rounds
        rounds += 1
        return heard(bound)

    assert search.master.start(np.zeros(len(cost))) is not None
    bound = search.master.minimise(cost, counting)
    return rounds, told, bound


def test_rounds_that_take_long_lead_to_plans(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_the_way, "LONG_SECONDS", 0.0)
    before = search.incumbent.values
    _, told, bound = minimised(search, 0.0)
    assert told and (not before or told[0] < before[0])
    assert told == sorted(told, reverse=True) and search.incumbent.values[0] == told[-1]
    # Near the optimum, whatever the plan by hand was.
    assert told[-1] - bound.value < 0.05 * abs(bound.value)
    assert search.engine.raced


def test_a_plan_that_is_good_enough_is_left_alone(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_the_way, "LONG_SECONDS", 0.0)
    _, told, _ = minimised(search, 0.0, poor=0.05)
    before = search.incumbent.values
    assert told and told[-1] == before[0]
    # What an LP still promises is less than all.
    _, again, _ = minimised(search, 0.0, poor=1.0)
    assert not again and search.incumbent.values == before


def test_a_round_near_the_optimum_is_enough(program: Program, search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_the_way, "LONG_SECONDS", 0.0)
    all_rounds, _, optimum = minimised(search, 0.0)
    with begun(program, SolveOptions()) as other:
        some, _, bound = minimised(other, 10.0)
    assert some < all_rounds and bound.value < optimum.value


@pytest.mark.parametrize("long", [0.0, np.inf])
def test_short_rounds_and_counted_work_are_left_alone(
    counted: Search, search: Search, long: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the clock says of rounds is nothing to a search that comes out the same on every machine."""
    monkeypatch.setattr(on_the_way, "LONG_SECONDS", long)
    asked = search if long else counted
    _, told, _ = minimised(asked, 10.0)
    assert not told and not asked.engine.raced
