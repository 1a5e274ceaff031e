"""The engines behind one door: stopped, killed, raced, side by side."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from solver.engines import highs
from solver.engines.beside import Beside
from solver.engines.cpsat import CpSat
from solver.engines.failure import EngineError
from solver.engines.highs import Linear
from solver.engines.problem import MipAnswer, Problem
from solver.engines.race import Race
from solver.index import Floats
from solver.stopping import Stopped


def assignment(people: int, places: int, seed: int, room: float = 1.0) -> Problem:
    """Everybody one place, places with room by weight: small ones are solved at once, large tight ones are not."""
    random = np.random.default_rng(seed)
    count = people * places
    person, place = np.repeat(np.arange(people), places), np.tile(np.arange(places), people)
    weight = random.integers(5, 26, count).astype(float)
    rows = np.concatenate((person, people + place))
    values = np.concatenate((np.ones(count), weight))
    matrix = sparse.csc_array(sparse.coo_array((values, (rows, np.tile(np.arange(count), 2)))))
    most = np.floor(0.8 * room * weight.sum() / places / places)
    return Problem(
        matrix,
        np.concatenate((np.ones(people), np.full(places, -np.inf))),
        np.concatenate((np.ones(people), np.full(places, most))),
        np.zeros(count),
        np.ones(count),
        np.ones(count, dtype=bool),
        np.rint(111 - weight + random.integers(-10, 11, count)),
        seconds=30.0,
    )


EASY, HARD = assignment(8, 3, 1, room=1.5), assignment(200, 20, 2)


def optimum(problem: Problem) -> float:
    answer = highs.solve_problem(problem, lambda: False)
    assert answer.exhausted and answer.x is not None
    return float(problem.cost @ answer.x)


def awaited(engine: CpSat) -> MipAnswer:
    while (answer := engine.poll(0.1)) is None:
        pass
    return answer


def test_what_has_to_branch_goes_on_with_presolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stages and one answer: HiGHS' own with presolve from the start, and CP-SAT's."""
    stages: list[MipAnswer] = []
    plain = highs._branch_and_cut

    def noted(*given: Any) -> MipAnswer:
        stages.append(plain(*given))
        return stages[-1]

    monkeypatch.setattr(highs, "_branch_and_cut", noted)
    problem, engine = assignment(24, 4, 1), CpSat()
    try:
        engine.start(problem)
        least = problem.cost @ awaited(engine).x
    finally:
        engine.close()
    assert optimum(problem) == pytest.approx(least)
    assert [stage.exhausted for stage in stages] == [False, True] and stages[0].bound < least
    nothing = replace(problem, row_upper=np.append(problem.row_upper[:-1], 0.0), row_lower=problem.row_lower + 0.5)
    assert highs.solve_problem(nothing, lambda: False) == MipAnswer(None, np.inf, True)


def test_highs_counts_its_work() -> None:
    """Fractions in the rows keep CP-SAT out; the limit holds all the same, and twice alike."""
    whole = assignment(60, 6, 2)
    broken = replace(whole, matrix=whole.matrix * 0.5, row_lower=whole.row_lower / 2, row_upper=whole.row_upper / 2)
    race = Race(2)
    try:
        one, other = (race.solve(replace(broken, seconds=None, work=0.02), lambda: False) for _ in range(2))
    finally:
        race.close()
    assert not one.exhausted and one.bound == other.bound and np.isfinite(one.bound)
    assert (one.x is None) == (other.x is None) and not race.raced
    if one.x is not None and other.x is not None:
        assert np.array_equal(one.x, other.x) and one.bound <= broken.cost @ one.x + 1e-6


def test_an_abandoned_problem_does_not_answer_for_the_next() -> None:
    engine = CpSat()
    try:
        for _ in range(3):
            engine.start(HARD)
            engine.abandon()
            engine.start(EASY)
            answer = awaited(engine)
            assert answer.exhausted and answer.x is not None and len(answer.x) == len(EASY.cost)
            assert EASY.cost @ answer.x == optimum(EASY)
    finally:
        engine.close()


def test_a_killed_worker_is_told_and_replaced() -> None:
    engine = CpSat()
    try:
        engine.start(HARD)
        assert engine._worker._process is not None
        engine._worker._process.kill()
        with pytest.raises(EngineError, match="died"):
            awaited(engine)
        engine._worker._process.wait()
        engine.start(EASY)
        assert awaited(engine).exhausted
    finally:
        engine.close()


def test_stopping_returns_what_there_is() -> None:
    engine = CpSat()
    try:
        engine.start(EASY)
        awaited(engine)
        engine.start(HARD)
        started = time.monotonic()
        engine.stop()
        assert time.monotonic() - started < 10
        engine.start(EASY)
        assert awaited(engine).exhausted
    finally:
        engine.close()


def test_the_race_survives_the_death_of_a_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solver.engines.race.HEAD_START_SECONDS", 0.0)
    race = Race(2)
    opened: list[None] = []
    plain = race._cpsat.start

    def start_and_kill(problem: Problem) -> None:
        plain(problem)
        assert race._cpsat._worker._process is not None
        race._cpsat._worker._process.kill()
        opened.append(None)

    monkeypatch.setattr(race._cpsat, "start", start_and_kill)
    problem = assignment(60, 5, 3, room=1.1)
    try:
        answer = race.solve(problem, lambda: False)
        assert opened and answer.x is not None
        assert answer.bound <= problem.cost @ answer.x + 1e-6
    finally:
        race.close()


def test_linear_programs_run_side_by_side_and_stop_apart() -> None:
    def linear(stop: threading.Event, seed: int) -> Linear:
        problem = assignment(400, 40, seed)
        made = Linear(problem.row_lower, problem.row_upper, stop.is_set)
        made.add_columns(problem.matrix, problem.cost, problem.lower, problem.upper)
        return made

    stops = [threading.Event(), threading.Event()]
    stops[0].set()
    ended: dict[int, object] = {}

    def run(which: int) -> None:
        try:
            ended[which] = linear(stops[which], which).solve()
        except Stopped as stopped:
            ended[which] = stopped

    threads = [threading.Thread(target=run, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert isinstance(ended[0], Stopped)
    assert isinstance(ended[1], highs.LpAnswer)
    alone = linear(threading.Event(), 1).solve()
    assert alone is not None and ended[1].value == pytest.approx(alone.value)


def test_a_basis_is_where_an_lp_goes_on() -> None:
    problem = assignment(100, 10, 4)
    first = Linear(problem.row_lower, problem.row_upper, lambda: False)
    first.add_columns(problem.matrix, problem.cost, problem.lower, problem.upper)
    solved = first.solve()
    again = Linear(problem.row_lower, problem.row_upper, lambda: False)
    again.add_columns(problem.matrix, problem.cost, problem.lower, problem.upper)
    again.set_basis(first.basis())
    resolved = again.solve()
    assert solved is not None and resolved is not None
    assert resolved.value == pytest.approx(solved.value)
    assert again._highs.getInfo().simplex_iteration_count == 0 < first._highs.getInfo().simplex_iteration_count


@pytest.mark.parametrize(("onward", "anew"), [("primal", 5.0), ("dual", 5.0), ("primal", 0.0), ("dual", 0.0)])
def test_an_lp_whose_steps_lead_nowhere_begins_anew_or_from_inside(
    onward: str, anew: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it goes on from a basis, as before."""
    problem = assignment(100, 10, 4)
    inside_asked = list[Linear]()
    from_inside = Linear._through_the_inside
    monkeypatch.setattr(Linear, "_through_the_inside", lambda own: inside_asked.append(own) or from_inside(own))
    cost = problem.cost[::-1].copy()

    def linear(cost: Floats) -> Linear:
        made = Linear(problem.row_lower, problem.row_upper, lambda: False)
        made.add_columns(problem.matrix, cost, problem.lower, problem.upper)
        return made

    expected = [linear(problem.cost).solve(), linear(cost).solve()]
    asked, rows = linear(problem.cost), problem.matrix.toarray()
    for least in (1, 2_000):
        monkeypatch.setattr(highs, "STALLED_LEAST", least)
        monkeypatch.setattr(highs, "STALLED_PRIMAL", 0.0)
        monkeypatch.setattr(highs, "STALLED_DUAL", 0.0)
        monkeypatch.setattr(highs, "STALLED_ANEW", anew)
        asked.strategy(onward)
        for own, answer in zip((problem.cost, cost), expected, strict=True):
            asked.set_cost(own)
            found = asked.solve()
            assert found is not None and answer is not None and found.value == pytest.approx(answer.value)
            reduced = own - problem.matrix.T @ found.y
            assert np.all(reduced[found.x < 1e-9] >= -1e-6) and np.all(reduced[found.x > 1 - 1e-9] <= 1e-6)
            # Cuts come from its tableau.
            basic = asked.basic()
            inside = np.column_stack(
                [rows[:, column] if column >= 0 else np.eye(len(rows))[:, -1 - column] for column in basic.tolist()]
            )
            assert asked.multipliers(3) @ inside == pytest.approx(np.eye(len(rows))[3])
        steps = asked._highs.getInfo().simplex_iteration_count
        assert (steps <= 1) == (least == 1)
    assert len(inside_asked) == (0 if anew else 2)
    asked.set_bounds(np.arange(len(cost)), np.zeros(len(cost)), np.zeros(len(cost)))
    monkeypatch.setattr(highs, "STALLED_LEAST", 1)
    assert asked.solve() is None


def test_primal_steps_go_on_as_long_as_it_took_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = assignment(100, 10, 4)
    begun = list[Linear]()
    anew = Linear._anew
    monkeypatch.setattr(Linear, "_anew", lambda own: begun.append(own) or anew(own))
    monkeypatch.setattr(highs, "STALLED_LEAST", 1)
    monkeypatch.setattr(highs, "STALLED_PRIMAL", 0.0)
    asked = Linear(problem.row_lower, problem.row_upper, lambda: False)
    asked.add_columns(problem.matrix, problem.cost, problem.lower, problem.upper)
    asked.strategy("primal")
    asked.anew()
    assert asked.solve() is not None and len(begun) == 1
    # A little else, and then all else.
    asked.set_cost(np.append(problem.cost[:-50], problem.cost[-50:][::-1]))
    assert asked.solve() is not None and len(begun) == 1
    assert asked._highs.getInfo().simplex_iteration_count > 1
    asked.set_cost(problem.cost[::-1] ** 2)
    assert asked.solve() is not None and len(begun) == 2


def test_an_unfinished_answer_bounds_nothing_that_it_did_not_prove() -> None:
    problem = replace(HARD, cost=-HARD.cost, seconds=None, work=1e-9)
    engine = CpSat()
    try:
        engine.start(problem)
        answer = awaited(engine)
    finally:
        engine.close()
    # Everybody must be placed, at a cost below 0: a bound of 0 is none.
    assert not answer.exhausted and answer.bound < 0


def test_large_bounds_are_bounds() -> None:
    """x ≤ 10⁹ with x + y ≥ 3 · 10⁸ and y ≤ 1 has a solution."""
    problem = Problem(
        sparse.csc_array(np.array([[1.0, 1.0]])), np.array([3e8]), np.array([np.inf]), np.zeros(2), np.array([1e9, 1.0]),
        np.ones(2, dtype=bool), np.ones(2),
    )  # fmt: skip
    engine = CpSat()
    try:
        engine.start(problem)
        answer = awaited(engine)
    finally:
        engine.close()
    assert answer.x is not None and answer.exhausted and problem.cost @ answer.x == 3e8


def test_a_program_without_columns_is_its_rows() -> None:
    def nothing(low: float, high: float) -> MipAnswer:
        empty = np.zeros(0)
        matrix = sparse.csc_array((1, 0))
        return highs.solve_problem(
            Problem(matrix, np.array([low]), np.array([high]), empty, empty, empty.astype(bool), empty), lambda: False
        )

    assert nothing(-1, 0).x is not None and nothing(0, 3).exhausted
    assert nothing(1, 2).x is None and nothing(1, 2).exhausted


def test_an_engine_beside_tells_of_better_plans_and_of_its_proof() -> None:
    beside, least = Beside(partial(highs.solve_problem, EASY)), optimum(EASY)
    try:
        costs, answer = [], MipAnswer(None, -np.inf, False)
        while not answer.exhausted:
            answer = beside.news() or answer
            if answer.x is not None:
                costs.append(float(EASY.cost @ answer.x))
    finally:
        beside.close()
    assert costs == sorted(costs, reverse=True) and costs[-1] == answer.bound == least
    assert beside.bound <= least and beside.news() is None
    assert beside.end is not None and beside.end.exhausted and not beside.has_news


@pytest.mark.parametrize("hard", [True, False])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_what_costs_too_much_is_no_answer(more: int, hard: bool) -> None:
    """Whatever an engine comes by: a better solution, or the proof that there is none."""
    least = optimum(EASY)
    limited = replace(EASY, at_most=least + more + 0.5, hard=hard)
    other = CpSat()
    try:
        other.start(limited)
        answers = [highs.solve_problem(limited, lambda: False), awaited(other)]
    finally:
        other.close()
    for answer in answers:
        assert answer.exhausted
        within = answer.x is not None and EASY.cost @ answer.x <= least + more + 0.5
        assert within == (more >= 0)
        if within:
            assert [answer.bound, EASY.cost @ answer.x] == pytest.approx([least, least])


def test_an_engine_beside_ends_when_told() -> None:
    beside = Beside(partial(highs.solve_problem, HARD))
    while not (beside.has_news or np.isfinite(beside.bound)):
        assert beside.runs
    beside.close()
    while beside.runs:
        assert beside.end is None


def test_a_race_whose_own_time_is_over_is_no_stop() -> None:
    """Nobody found anything: the caller goes on with something else."""
    racing = Race(2)
    try:
        answer = racing.solve(replace(HARD, seconds=0.01, cost=np.zeros(len(HARD.cost)) + 1.0), lambda: False)
    finally:
        racing.close()
    assert not answer.exhausted or answer.x is not None


def test_the_process_begins_with_little() -> None:
    """What takes a second to import makes whoever waits for a neighbourhood wait."""
    asked = (
        "import sys, solver.engines.cpsat_worker; print(*{'pandas', 'scipy', 'pydantic', 'highspy'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []
