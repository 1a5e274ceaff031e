"""What must not be claimed, and what must not be lost, when a search is disturbed at the wrong moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy import sparse

from rotation.plan import Placement
from solver import crew as crews
from solver.crew import Crew, Engine
from solver.diagnosis.searching import HighsAlone
from solver.engines.beside import Beside
from solver.engines.failure import EngineError
from solver.engines.problem import MipAnswer, Problem
from solver.index import Floats
from solver.master import Bound
from solver.neighbourhoods import Neighbourhood, Neighbourhoods
from solver.outcome import SolveOptions
from solver.program import Program
from solver.search import Already, Certificate, Search, search
from solver.search.closing import Closing
from solver.search.heights import Heights
from solver.search.windows import Window, Windows
from solver.starts import starts
from solver.stopping import Stopped, never
from tests.solver.test_cases import Desk
from tests.solver.test_neighbourhoods import assignment, lp, some_plan
from tests.solver.test_search import program
from tests.solver.test_windows import both, options

ASKED = SolveOptions(60.0, gap=0.0)


def chain(least: float = 1.0) -> Program:
    """One of three, the better in the first tier the dearer in the second."""
    return program([0, 0, 0], [[1, 1, 1]], [(least, 1.0)], [5, 6, 7], [9, 8, 1], [3, 4, 4])


def begun(asked: Program, already: Already | None = None) -> Search:
    return Search(asked, ASKED, lambda news: None, never, time.monotonic(), HighsAlone(), None, already)


def test_what_was_recalled_is_forgotten_where_time_ends_in_a_tiers_lp(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first tier became better, the second dearer by it: what was proved of the third is about other plans."""
    asked = chain()
    known = [Certificate(tier, value, value, "exhausted") for tier, value in zip(asked.tiers, (6, 8, 4), strict=True)]
    known[0].bound = 5
    searched = begun(asked, Already(np.array([1]), proved=known))
    hold = Search._hold

    def until_the_third(self: Search, k: int) -> None:
        if k == 2:
            raise Stopped
        hold(self, k)

    monkeypatch.setattr(Search, "_hold", until_the_third)
    found = searched.run()
    assert [one.value for one in found.certificates] == [5, 9, 3]
    assert [one.bound for one in found.certificates] == [5, 9, 0]


@pytest.fixture
def closing() -> Iterator[Closing]:
    """Of the second tier, whose LP is at 1, with a plan that costs 8."""
    searched = begun(chain())
    assert searched.master.start(np.zeros(3)) is not None and searched.incumbent.take(np.array([0.0, 1.0, 0.0]))
    searched._value_all()
    yield searched._closing(1, Bound(1.0, np.zeros(3), np.zeros(1), np.zeros(3)))
    searched.improvement.close()
    searched.engine.close()


def test_a_plan_that_is_dearer_by_now_is_not_proved_by_what_was_asked_below_another(closing: Closing) -> None:
    """Columns and windows were left out that plans between the two may need."""
    tier = closing.tier
    tier.proved(4.0)
    assert tier.incumbent.take(np.array([1.0, 0.0, 0.0]))
    tier.revalue()
    tier.proved(np.inf)
    assert (tier.certificate.value, tier.certificate.bound) == (9, 8)


def test_an_optimum_that_is_dearer_in_a_tier_before_ends_nothing(closing: Closing) -> None:
    """While the exact program beside sought it, somebody else bettered that tier."""
    companion = closing.companion
    answer = MipAnswer(np.array([0.0, 1.0, 0.0]), 8.0, True)
    companion.start()
    companion.end()
    companion._beside = cast(Beside, SimpleNamespace(bound=8.0, end=answer, news=lambda: answer))
    assert companion.over()
    assert closing.tier.incumbent.take(np.array([1.0, 0.0, 0.0]))
    closing.tier.revalue()
    assert not companion.over() and companion.listen() is None
    assert closing.tier.certificate.bound == 8 < (closing.tier.certificate.value or 0)
    companion._beside = None


def test_where_a_ceiling_was_settled_for_a_cheaper_plan_later_tiers_are_not_proved() -> None:
    searched = begun(chain())
    assert searched.incumbent.take(np.array([0.0, 1.0, 0.0]))
    searched._value_all()
    # Of what the certificate has not heard of yet, nothing was settled either.
    assert searched.incumbent.take(np.array([1.0, 0.0, 0.0]))
    searched._settle(1)
    for certificate, bound in zip(searched.certificates, (5, 8, 3), strict=True):
        certificate.bound = bound
    searched._value_all()
    assert [one.bound for one in searched.certificates] == [5, 8, 0]


def test_a_search_goes_on_from_its_plan_whatever_the_baseline() -> None:
    asked = replace(ASKED, baseline={"t0": Placement("t0", "s", "s", "any", 2026, 1, 0.0)})
    first = next(starts(chain(), asked, never, np.array([1])))
    assert first.tolist() == [0.0, 1.0, 0.0]


def test_a_search_whose_tiers_are_kept_has_no_other_plan() -> None:
    """Both of a teacher's options are none, and nobody's moving would be a plan that costs what it likes."""
    asked = chain(0.0)
    with pytest.raises(Stopped):
        begun(asked, Already(np.array([0, 1]), tiers=1))._first_plan()


def test_a_stop_while_rows_are_looked_through_is_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*asked: object) -> None:
        raise Stopped

    monkeypatch.setattr(search, "Fenchel", stopped)
    found = begun(chain(0.0)).run()
    assert found.stopped_by == "time" and found.x is not None


def test_what_is_proved_is_not_lost_with_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    prove = Search._prove

    def failing(self: Search, k: int) -> None:
        if k == 1:
            raise EngineError("the LP ended with kUnknown")
        prove(self, k)

    monkeypatch.setattr(Search, "_prove", failing)
    found = begun(chain()).run()
    assert found.x is not None and found.certificates[0].reached and not found.certificates[1].reached
    assert found.raced and found.notes["engine_failures"] == 1


def test_an_engine_that_fails_before_there_is_a_plan_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: Search) -> bool:
        raise EngineError("the LP ended with kUnknown")

    monkeypatch.setattr(Search, "_first_plan", failing)
    with pytest.raises(EngineError):
        begun(chain()).run()


def test_where_work_is_counted_nobody_goes_on_before_a_plan_is_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or how many neighbourhoods there are would be left to how soon that is."""
    problem, group = assignment(5, 40, 3)
    crew, accept, heard, accepted = Crew(1), Neighbourhoods._accept, list[int](), list[int]()
    searched = Neighbourhoods(problem, group, lp(problem), crew, work=50.0)

    def noted(self: Neighbourhoods, hood: Neighbourhood, part: Floats) -> bool:
        improved = accept(self, hood, part)
        accepted.extend([self.tried] * improved)
        return improved

    monkeypatch.setattr(Neighbourhoods, "_accept", noted)
    try:
        searched.improve(
            some_plan(problem), better=lambda x: heard.append(searched.tried), should_stop=lambda: bool(heard)
        )
    finally:
        crew.close()
    assert heard == accepted == [searched.tried]


def test_a_neighbourhood_of_parts_has_its_work_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Problem]()
    monkeypatch.setattr(crews, "solve_problem", lambda problem, over: asked.append(problem))
    part = Problem(
        sparse.csc_array((0, 1)), np.zeros(0), np.zeros(0), np.zeros(1), np.ones(1), np.zeros(1, dtype=bool), np.ones(1),
        work=2.0,
    )  # fmt: skip
    Engine().solve(part, threading.Event())
    assert [one.work for one in asked] == [2.0]


def test_no_window_is_asked_again_for_what_is_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An LP may have some of a dear option, however dear."""
    desk = Desk(options(both(3), 28))
    found = Search(desk.program, ASKED, lambda news: None, never, time.monotonic(), formulate=desk.formulated).run()
    assert found.x is not None and desk.incumbent.take(found.x)
    halves, parted = Windows._halves, list[Window]()

    def apart(self: Windows, window: Window, goal: float) -> Iterator[Window]:
        parts = list(halves(self, window, goal))
        assert all((part.box, part.places) != (window.box, window.places) for part in parts)
        assert all(part.places[0] <= part.places[1] for part in parts)
        parted.append(window)
        yield from parts

    monkeypatch.setattr(Heights, "highest", lambda heights, x: len(heights.levels) - 1)
    monkeypatch.setattr(Windows, "_halves", apart)
    found_by = Windows(desk.master, desk.program.tiers[1], desk.ways, 2, never)
    left = iter(range(30))
    value = desk.value()
    found_by.run(
        desk.bound, lambda: value, lambda some: True, lambda spot: None, lambda: next(left, None) is None, np.inf
    )
    found_by.close()
    assert parted
