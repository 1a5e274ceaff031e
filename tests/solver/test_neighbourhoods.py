"""Large neighbourhoods keep every row, never make a plan worse, reach small optima, and repeat themselves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy import sparse

from solver.crew import Crew
from solver.engines.highs import Linear, solve_problem
from solver.engines.problem import Problem
from solver.index import Floats, Ints
from solver.master import Bound
from solver.neighbourhoods import Neighbourhoods, elastic, rounded


def never() -> bool:
    return False


def assignment(agents: int, jobs: int, seed: int) -> tuple[Problem, Ints]:
    """A generalized assignment problem of type D: what costs little takes much (Chu & Beasley 1997); a job a group."""
    random = np.random.default_rng(seed)
    takes = random.integers(1, 101, (jobs, agents)).astype(np.float64)
    cost = np.clip(111 - takes + random.integers(-10, 11, (jobs, agents)), 1, None)
    capacity = np.ceil(0.85 * takes.sum(axis=0) / agents)
    job, agent = np.repeat(np.arange(jobs), agents), np.tile(np.arange(agents), jobs)
    count = agents * jobs
    values = np.concatenate((np.ones(count), takes.ravel()))
    where = (np.concatenate((job, jobs + agent)), np.tile(np.arange(count), 2))
    matrix = sparse.csc_array(sparse.coo_array((values, where), shape=(jobs + agents, count)))
    low = np.concatenate((np.ones(jobs), np.full(agents, -np.inf)))
    high = np.concatenate((np.ones(jobs), capacity))
    whole = np.ones(count, dtype=bool)
    return Problem(matrix, low, high, np.zeros(count), np.ones(count), whole, cost.ravel()), job


def lp(problem: Problem) -> Bound:
    linear = Linear(problem.row_lower, problem.row_upper, never)
    linear.add_columns(problem.matrix, problem.cost, problem.lower, problem.upper)
    answer = linear.solve()
    assert answer is not None
    return Bound(answer.value, problem.cost - problem.matrix.T @ answer.y, answer.y, answer.x)


def holds(problem: Problem, x: Floats) -> bool:
    activity = problem.matrix @ x
    return bool(
        np.array_equal(x, np.rint(x))
        and np.all((x >= problem.lower) & (x <= problem.upper))
        and np.all((activity >= problem.row_lower - 1e-6) & (activity <= problem.row_upper + 1e-6))
    )


def some_plan(problem: Problem) -> Floats:
    """A plan chosen without a look at the cost."""
    random = np.random.default_rng(0)
    other = Problem(
        problem.matrix, problem.row_lower, problem.row_upper, problem.lower, problem.upper, problem.integer,
        random.integers(0, 50, len(problem.cost)).astype(np.float64), gap=0.5,
    )  # fmt: skip
    answer = solve_problem(other, never)
    assert answer.x is not None
    return np.asarray(np.rint(answer.x))


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew(2)
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(4))
def test_every_row_is_kept_and_nothing_gets_worse(crew: Crew, seed: int) -> None:
    problem, group = assignment(4, 24, seed)
    x = some_plan(problem)
    heard: list[Floats] = []
    found = Neighbourhoods(problem, group, lp(problem), crew, seed=seed, work=1.0).improve(x, better=heard.append)
    assert holds(problem, found)
    costs = [float(problem.cost @ plan) for plan in (x, *heard)]
    assert all(holds(problem, plan) for plan in heard)
    assert costs == sorted(costs, reverse=True)
    assert problem.cost @ found == costs[-1]


def test_the_optimum_of_a_small_program(crew: Crew) -> None:
    problem, group = assignment(3, 15, 1)
    exact = solve_problem(problem, never)
    assert exact.x is not None
    # Without a limit: it ends by itself, when all of it was one neighbourhood with nothing better in it.
    found = Neighbourhoods(problem, group, lp(problem), crew).improve(some_plan(problem))
    assert problem.cost @ found == round(float(problem.cost @ exact.x))


def test_a_rounded_lp_is_mended(crew: Crew) -> None:
    problem, group = assignment(5, 40, 2)
    bound = lp(problem)
    x = rounded(problem, group, bound)
    assert not holds(problem, x)
    wider, start, its_bound = elastic(problem, x, bound)
    assert holds(wider, start)
    whole: list[Floats] = []

    def better(x: Floats) -> None:
        if not x[len(problem.cost) :].any():
            whole.append(x)

    search = Neighbourhoods(wider, group, its_bound, crew, work=20.0)
    found = search.improve(start, should_stop=lambda: bool(whole), better=better)
    assert not found[len(x) :].any()
    assert holds(problem, found[: len(x)])


def test_it_stops_when_told(crew: Crew) -> None:
    problem, group = assignment(4, 24, 3)
    x = some_plan(problem)
    found = Neighbourhoods(problem, group, lp(problem), crew).improve(x, should_stop=lambda: True)
    assert holds(problem, found)
    assert problem.cost @ found <= problem.cost @ x


def test_same_seed_and_work_same_plan(crew: Crew) -> None:
    problem, group = assignment(5, 40, 4)
    x, bound = some_plan(problem), lp(problem)
    plans = [Neighbourhoods(problem, group, bound, crew, seed=7, work=1.0).improve(x) for _ in range(2)]
    assert np.array_equal(plans[0], plans[1])


def test_helpers_and_soft_rows_move_along(crew: Crew) -> None:
    """Capacities that may be exceeded, at a price: the helper columns are free where a free option meets them."""
    hard, group = assignment(3, 15, 5)
    count, agents, jobs = len(group), 3, 15
    rows = np.arange(jobs, jobs + agents)
    slack = sparse.csc_array(sparse.coo_array((-np.ones(agents), (rows, np.arange(agents))), shape=(18, agents)))
    problem = Problem(
        sparse.csc_array(sparse.hstack((hard.matrix, slack))), hard.row_lower, hard.row_upper,
        np.zeros(count + agents), np.append(hard.upper, np.full(agents, 500.0)), np.ones(count + agents, dtype=bool),
        np.append(hard.cost, np.full(agents, 3.0)),
    )  # fmt: skip
    exact = solve_problem(problem, never)
    assert exact.x is not None
    found = Neighbourhoods(problem, group, lp(problem), crew).improve(some_plan(problem))
    assert holds(problem, found)
    assert problem.cost @ found == round(float(problem.cost @ exact.x))
