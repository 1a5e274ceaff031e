"""Rows packed exactly: what they say is true of every plan, and branch and bound over them finds the best one and proves it."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver import lagrangian as module
from solver.assignments import Assignments, Row, tying_rows
from solver.branching import Branching
from solver.engines.highs import solve_problem
from solver.engines.problem import Problem
from solver.index import Floats, Ints
from solver.lagrangian import Lagrangian
from solver.stopping import Stopped
from tests.solver.test_neighbourhoods import assignment, holds, lp, never

LATE = np.inf


def of(problem: Problem, group: Ints) -> Lagrangian:
    assignments = Assignments.of(problem, group, tying_rows(problem, group), lp(problem).y)
    assert assignments is not None
    return Lagrangian(assignments)


def plans(problem: Problem, agents: int, jobs: int) -> tuple[Ints, Floats]:
    """Every choice that keeps all rows, (plans, jobs) agents, and what each costs."""
    chosen = np.array(list(product(range(agents), repeat=jobs)))
    cost, takes = problem.cost.reshape(jobs, agents), problem.matrix.tocsr()[jobs:].sum(axis=0).reshape(jobs, agents)
    room = np.stack([np.where(chosen == a, takes[:, a], 0.0).sum(axis=1) for a in range(agents)], axis=1)
    kept = np.all(room <= problem.row_upper[jobs:], axis=1)
    return chosen[kept], cost[np.arange(jobs), chosen[kept]].sum(axis=1)


class Listening:
    def __init__(self) -> None:
        self.bounds = list[float]()

    def found(self, x: Floats) -> None:
        pass

    def proved(self, bound: float) -> None:
        self.bounds.append(bound)


@given(st.integers(0, 10**6), st.sampled_from([(2, 8), (3, 7), (4, 6)]))
@settings(max_examples=60, deadline=None)
def test_no_plan_costs_less_than_packed_rows_say(seed: int, size: tuple[int, int]) -> None:
    problem, group = assignment(*size, seed)
    kept, costs = plans(problem, *size)
    assume(len(costs))
    bound = lp(problem)
    sharp = of(problem, group).sharpened(bound, float(costs.min()), LATE)
    assert bound.value - 1e-6 <= sharp.value <= costs.min() + 1e-6
    if sharp is not bound:
        for job, agent in product(range(size[1]), range(size[0])):
            with_it = costs[kept[:, job] == agent].min(initial=np.inf)
            assert sharp.value + sharp.reduced[job * size[0] + agent] <= with_it + 1e-6


def test_an_option_that_is_said_to_cost_too_much_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a row is said to gain less with it than it does, the test above fails."""
    packed = module._packed_each

    def less(row: Row, worth: Floats) -> tuple[float, Floats, Floats]:
        full, with_it, alone = packed(row, worth)
        return full, with_it - 1.0, alone

    monkeypatch.setattr(module, "_packed_each", less)
    with pytest.raises(AssertionError):
        test_no_plan_costs_less_than_packed_rows_say()


@given(st.integers(0, 10**6), st.sampled_from([(2, 9), (3, 7), (4, 6)]), st.integers(-3, 12))
@settings(max_examples=60, deadline=None)
def test_the_best_plan_is_found_and_nothing_where_there_is_none(seed: int, size: tuple[int, int], more: int) -> None:
    problem, group = assignment(*size, seed)
    _, costs = plans(problem, *size)
    # Of a program without a plan there is no LP to begin with.
    assume(len(costs))
    best, heard = costs.min(), Listening()
    open_ = np.ones(len(problem.cost), dtype=bool)
    answer = Branching(of(problem, group), open_, never).run(lp(problem).value, float(best + more), heard)
    assert answer.exhausted
    if more < 0:
        assert answer.x is None and answer.bound == np.inf
        assert max(heard.bounds, default=0.0) <= best + more + 1
    else:
        assert answer.x is not None and holds(problem, answer.x)
        assert answer.bound == problem.cost @ answer.x == best
        assert max(heard.bounds, default=0.0) <= best
    assert heard.bounds == sorted(heard.bounds)


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_an_engine_on_what_no_list_holds(seed: int) -> None:
    problem, group = assignment(5, 25, seed)
    answer = solve_problem(problem, never)
    assert answer.exhausted and answer.x is not None
    lagrangian, best = of(problem, group), round(float(problem.cost @ answer.x))
    sharp = lagrangian.sharpened(lp(problem), float(best), LATE)
    branching = Branching(lagrangian, sharp.reduced <= best + 10 - sharp.value, never)
    own = branching.run(sharp.value, best + 10.0)
    assert own.x is not None and holds(problem, own.x) and own.exhausted
    assert own.bound == problem.cost @ own.x == best
    assert branching.nodes < 10_000


def test_it_stops_when_told() -> None:
    problem, group = assignment(5, 60, 1)
    with pytest.raises(Stopped):
        Branching(of(problem, group), np.ones(len(group), dtype=bool), lambda: True).run(0.0, 10_000.0)


def test_what_is_late_is_a_bound_all_the_same() -> None:
    problem, group = assignment(5, 60, 1)
    bound = lp(problem)
    at_once = of(problem, group).sharpened(bound, bound.value + 10, time.monotonic() - 1)
    assert bound.value <= at_once.value <= of(problem, group).sharpened(bound, bound.value + 10, LATE).value


def test_rows_too_large_for_tables_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, group = assignment(3, 20, 1)
    bound = lp(problem)
    assert of(problem, group).sharpened(bound, bound.value + 10, LATE) is not bound
    monkeypatch.setattr(module, "LARGEST_TABLE", 100)
    assert of(problem, group).sharpened(bound, bound.value + 10, LATE) is bound


def test_programs_of_another_kind_are_left() -> None:
    problem, group = assignment(3, 20, 1)
    other = replace(problem, row_lower=np.where(tying_rows(problem, group), -np.inf, 0.0))
    assert Assignments.of(other, group, tying_rows(other, group), lp(problem).y) is None


def test_packing_hears_a_stop() -> None:
    problem, group = assignment(4, 24, 2)
    bound = lp(problem)
    with pytest.raises(Stopped):
        of(problem, group).sharpened(bound, bound.value + 10, LATE, lambda: True)
