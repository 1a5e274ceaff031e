"""Patterns: dives keep every row, other programs have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from solver.crew import Crew
from solver.diver import MOST_DEATHS, Diver
from solver.engines.problem import Problem
from solver.index import Bools, Ints
from solver.neighbourhoods import Neighbourhoods
from solver.patterns import Asked, Patterns
from solver.stopping import Stopped
from tests.solver.test_neighbourhoods import assignment, holds, lp, never, some_plan


def of(problem: Problem, group: Ints, ties: Bools | None = None) -> Patterns | None:
    if ties is None:
        ties = np.arange(problem.matrix.shape[0]) > group.max()
    return Patterns.of(problem, group, ties, lp(problem), np.inf)


@pytest.mark.parametrize("seed", range(4))
def test_a_dive_leaves_room_for_what_it_took(seed: int) -> None:
    problem, group = assignment(8, 48, seed)
    patterns = of(problem, group)
    assert patterns is not None
    dive = patterns.dive(Asked(np.arange(8), np.arange(48), np.inf, 50.0, np.random.default_rng(seed)), never)
    assert dive is not None and len(dive.columns)
    x = np.zeros(len(group))
    x[dive.columns] = 1.0
    # No more than there is room for, nobody twice; who is left has options at the rows that are left.
    assert np.all(problem.matrix @ x <= problem.row_upper)
    assert set(group[dive.columns]).isdisjoint(group[dive.left])
    assert len(set(patterns.place[dive.columns])) == 8 - patterns.left
    assert set(patterns.place[dive.columns]).isdisjoint(patterns.place[dive.left])


def test_a_dive_below_the_bound_is_none() -> None:
    problem, group = assignment(8, 48, 1)
    patterns, random = of(problem, group), np.random.default_rng(1)
    assert patterns is not None
    assert patterns.dive(Asked(np.arange(8), np.arange(48), lp(problem).value - 1, 50.0, random), never) is None
    with pytest.raises(Stopped):
        patterns.dive(Asked(np.arange(8), np.arange(48), np.inf, 50.0, random), lambda: True)


def test_other_programs_have_no_patterns() -> None:
    problem, group = assignment(5, 30, 2)
    ties = np.arange(35) >= 30
    assert of(problem, group) is not None
    halves = problem.matrix.copy()
    halves.data = halves.data / 2
    second = sparse.csc_array(sparse.vstack((problem.matrix, np.ones((1, len(group))))))
    others = [
        replace(problem, row_lower=np.where(ties, -np.inf, 0.0)),
        replace(problem, row_upper=np.where(ties, np.inf, 1.0)),
        replace(problem, upper=problem.upper * 2),
        replace(problem, integer=~problem.integer),
        replace(problem, matrix=halves),
        replace(problem, matrix=second, row_lower=np.append(problem.row_lower, 0), row_upper=np.append(problem.row_upper, 99)),
    ]  # fmt: skip
    for other in others:
        assert of(other, group, np.arange(other.matrix.shape[0]) >= 30) is None


def test_dives_improve_a_plan() -> None:
    problem, group = assignment(8, 48, 3)
    crew = Crew(1)
    try:
        x, bound = some_plan(problem), lp(problem)
        plans = []
        for _ in range(2):
            search = Neighbourhoods(problem, group, bound, crew, work=2.0)
            search.worth[:-1] = 0.0
            plans.append(search.improve(x))
        assert holds(problem, plans[0]) and problem.cost @ plans[0] < problem.cost @ x
        assert np.array_equal(*plans)
    finally:
        crew.close()


def test_a_process_of_its_own_dives_alike() -> None:
    """Also when it has other patterns, when it was told to stop, and when it dies: then another one does, or nobody's."""
    first, second = (of(*assignment(8, 48, seed)) for seed in (1, 2))
    assert first is not None and second is not None
    diver = Diver()

    def everything(seed: int) -> Asked:
        return Asked(np.arange(8), np.arange(48), np.inf, 50.0, np.random.default_rng(seed))

    def same(patterns: Patterns, seed: int) -> None:
        here = patterns.dive(everything(seed), never)
        there = diver.dive(patterns, everything(seed), never)
        assert here is not None and there is not None
        assert np.array_equal(here.columns, there.columns) and np.array_equal(here.left, there.left)

    try:
        for patterns, seed in ((first, 1), (first, 2), (second, 1), (first, 3)):
            same(patterns, seed)
        with pytest.raises(Stopped):
            diver.dive(first, everything(1), lambda: True)
        same(second, 4)
        for seed in range(4):
            assert diver._worker._process is not None or seed > MOST_DEATHS
            if diver._worker._process is not None:
                diver._worker._process.kill()
            same(first, seed)
    finally:
        diver.close()


def test_a_search_that_is_stuck_begins_again_and_keeps_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solver.neighbourhoods.PATIENCE", 3)
    problem, group = assignment(6, 30, 3)
    crew, heard = Crew(1), []
    try:
        search = Neighbourhoods(problem, group, lp(problem), crew, work=3.0)
        best = search.improve(some_plan(problem), better=lambda x: heard.append(problem.cost @ x))
    finally:
        crew.close()
    assert search._begun > 0 and holds(problem, best)
    assert heard == sorted(heard, reverse=True) and problem.cost @ best <= min(heard)
