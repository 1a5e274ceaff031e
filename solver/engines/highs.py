"""HiGHS behind two small doors: a linear program that grows and stays warm, and a MIP that can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import highspy
import numpy as np
from scipy import sparse

from solver.engines.failure import EngineError
from solver.engines.problem import MipAnswer, Problem
from solver.index import Floats, Ints
from solver.stopping import Stopped, leave_running

STOP_POLL_SECONDS = 0.02
GRACE_SECONDS = 0.5
PATIENCE_SECONDS = 0.3
ROUNDING = 1e-6
EASY_NODES = 10
"""Where so many nodes do, presolve costs more than it saves."""
STALLED_PRIMAL, STALLED_DUAL, STALLED_ANEW, STALLED_LEAST = 0.5, 1.0, 5.0, 500
"""Steps a row after which simplex is given up where it goes on from a basis, by the primal method (where it is not known how many
it took from nothing) and by the dual one, and from nothing; and of a small LP at least. What takes longer is sooner done from nothing, with
presolve, which few take four a row for.
"""
NODES_A_WORK = 100.0
"""Nodes are the work that HiGHS counts the same on every machine; about a second's worth."""


@dataclass(frozen=True)
class LpAnswer:
    """An LP's optimum: ``value``, the columns' ``x``, the rows' duals ``y`` (sign: reduced cost = c − Aᵀy)."""

    value: float
    x: Floats
    y: Floats


BASIC = int(highspy.HighsBasisStatus.kBasic)
LOWER = int(highspy.HighsBasisStatus.kLower)
UPPER = int(highspy.HighsBasisStatus.kUpper)
_STATUS = {int(status): status for status in highspy.HighsBasisStatus.__members__.values()}


@dataclass(frozen=True)
class Basis:
    """Where every column and row of an LP stands: BASIC, LOWER or another of HiGHS' statuses."""

    columns: Ints
    rows: Ints


class Linear:
    """min c·x, row_lower ≤ A x ≤ row_upper, lower ≤ x ≤ upper, over columns that may be added; always continuous."""

    def __init__(
        self,
        row_lower: Floats,
        row_upper: Floats,
        should_stop: Callable[[], bool],
        engine: _Engine | None = None,
        interior: bool = False,
    ) -> None:
        """``interior``: by the interior point method and a crossover to a basis, with presolve, instead of simplex."""
        self._should_stop, self._interior, self._primal = should_stop, interior, False
        self._is_new, self._is_bare = False, False
        self._steps_anew: float | None = None
        self._highs = engine or _quiet()
        # The first LP is solved from nothing, best by the dual method; ``Master`` goes on by the primal, which stays
        # feasible while columns arrive.
        self._highs.setOptionValue("simplex_strategy", 1)
        self._highs.setOptionValue("presolve", "on" if interior else "off")
        self._highs.setOptionValue("solver", "ipm" if interior else "choose")
        count = len(row_lower)
        self._highs.addRows(
            count, row_lower, row_upper, 0, np.zeros(count, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0)
        )

    def heed(self, should_stop: Callable[[], bool]) -> None:
        """Who says from now on when ``solve`` is to stop."""
        self._should_stop = should_stop

    def add_columns(self, columns: sparse.csc_array, cost: Floats, lower: Floats, upper: Floats) -> None:
        count = columns.shape[1]
        if count:
            self._highs.addCols(
                count, cost, lower, upper, columns.nnz,
                columns.indptr[:-1].astype(np.int32), columns.indices.astype(np.int32), columns.data,
            )  # fmt: skip

    def add_row(self, lower: float, upper: float, columns: Ints, values: Floats) -> None:
        self._highs.addRow(lower, upper, len(columns), columns.astype(np.int32), values)

    def replace_rows(self, first: int, rows: sparse.csr_array, lower: Floats) -> None:
        """``rows``, at least ``lower``, instead of those from ``first`` on."""
        count = self._highs.getNumRow()
        if count > first:
            self._highs.deleteRows(count - first, np.arange(first, count, dtype=np.int32))
        self._highs.addRows(
            len(lower), lower, np.full(len(lower), np.inf), rows.nnz,
            rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32), rows.data,
        )  # fmt: skip

    def set_cost(self, cost: Floats) -> None:
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def set_bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        if len(columns):
            self._highs.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        self._highs.changeRowBounds(row, lower, upper)

    def strategy(self, name: str) -> None:
        """``primal`` (columns or costs changed) or ``dual`` (rows or bounds changed)."""
        self._primal = name == "primal"
        self._highs.setOptionValue("simplex_strategy", 4 if self._primal else 1)

    def anew(self) -> None:
        """The next LP begins from nothing, with presolve: for parts of which there are many it takes longer than it saves."""
        self._is_new = True

    def basis(self) -> Basis:
        basis = self._highs.getBasis()
        columns, rows = basis.col_status, basis.row_status
        return Basis(np.fromiter(columns, np.int64, len(columns)), np.fromiter(rows, np.int64, len(rows)))

    def set_basis(self, basis: Basis) -> None:
        given = highspy.HighsBasis()
        given.valid = True
        given.alien = False
        given.col_status = [_STATUS[status] for status in basis.columns.tolist()]
        given.row_status = [_STATUS[status] for status in basis.rows.tolist()]
        self._highs.setBasis(given)

    def forget(self) -> None:
        """The next LP begins from nothing, by the dual method."""
        self._highs.clearSolver()
        self.strategy("dual")

    def close(self) -> None:
        """Nothing is left of it, whoever still knows it."""
        self._highs.clear()

    def basic(self) -> Ints:
        """(m,) what each row of the basis solves for: a column, or −1 − a row. Asked before ``multipliers``."""
        if self._is_bare:
            # After presolve there is a basis, and nothing else for those who make cuts.
            self._highs.setBasis(self._highs.getBasis())
            _run(self._highs, self._should_stop)
            self._is_bare = False
        return np.array(self._highs.getBasicVariables()[1], dtype=np.int64)  # type: ignore[attr-defined]

    def multipliers(self, place: int) -> Floats:
        """(m,) how often each row is taken to get the tableau's row ``place``."""
        return np.array(self._highs.getBasisInverseRow(place)[1])  # type: ignore[attr-defined]

    def ray(self) -> Floats | None:
        """(m,) after ``solve`` said that there is no solution: duals that prove it by any of their multiples. None: not known."""
        _, known, values = self._highs.getDualRay()  # type: ignore[attr-defined]
        return np.array(values) if known else None

    def solve(self) -> LpAnswer | None:
        """The optimum, or None where there is no solution. Raises Stopped."""
        status = highspy.HighsModelStatus.kIterationLimit
        if not self._is_new:
            count = self._highs.getNumRow()
            most = (STALLED_PRIMAL if self._primal else STALLED_DUAL) * count
            if self._primal and self._steps_anew is not None:
                # So no more are lost than it takes from nothing.
                most = self._steps_anew
            status = self._simplex(most)
        if status == highspy.HighsModelStatus.kIterationLimit:
            status = self._anew()
        if status == highspy.HighsModelStatus.kIterationLimit:
            status = self._through_the_inside()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        if status == highspy.HighsModelStatus.kModelEmpty:
            # No column, and so no word of HiGHS about the rows.
            rows = self._highs.getLp()
            fits = np.all(np.array(rows.row_lower_) <= ROUNDING) and np.all(np.array(rows.row_upper_) >= -ROUNDING)
            return LpAnswer(0.0, np.zeros(0), np.zeros(len(rows.row_lower_))) if fits else None
        if status != highspy.HighsModelStatus.kOptimal:
            # A numerically hard basis: once more from nothing, by the dual method.
            self.forget()
            for name, value in (("solver", "choose"), ("simplex_iteration_limit", highspy.kHighsIInf)):
                self._highs.setOptionValue(name, value)
            _run(self._highs, self._should_stop)
            if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise EngineError(f"the LP ended with {self._highs.getModelStatus()}")
        solution = self._highs.getSolution()
        return LpAnswer(
            self._highs.getInfo().objective_function_value, np.array(solution.col_value), np.array(solution.row_dual)
        )

    def _simplex(self, most: float) -> highspy.HighsModelStatus:
        """For so many steps."""
        self._is_bare = False
        worth = highspy.kHighsIInf if self._interior else max(STALLED_LEAST, int(most))
        self._highs.setOptionValue("simplex_iteration_limit", worth)
        _run(self._highs, self._should_stop)
        return self._highs.getModelStatus()

    def _anew(self) -> highspy.HighsModelStatus:
        """From nothing by the dual method, with presolve: where the LP stood before says little of what is asked now."""
        self._is_new = False
        with self._presolved():
            self._highs.clearSolver()
            self._highs.setOptionValue("simplex_strategy", 1)
            status = self._simplex(STALLED_ANEW * self._highs.getNumRow())
        self._steps_anew = float(self._highs.getInfo().simplex_iteration_count)
        return status

    def _through_the_inside(self) -> highspy.HighsModelStatus:
        """Where simplex goes from vertex to vertex of the same value: by interior points, to a basis that it begins with."""
        with self._presolved():
            self._highs.clearSolver()
            for name, value in (("solver", "ipm"), ("simplex_iteration_limit", highspy.kHighsIInf)):
                self._highs.setOptionValue(name, value)
            try:
                _run(self._highs, self._should_stop)
            finally:
                self._highs.setOptionValue("solver", "choose")
        return self._highs.getModelStatus()

    @contextmanager
    def _presolved(self) -> Iterator[None]:
        presolve = self._highs.getOptionValue("presolve")[1]
        self._highs.setOptionValue("presolve", "on")
        try:
            yield
        finally:
            self._is_bare = True
            self._highs.setOptionValue("presolve", presolve)
            # Also where it was told to stop.
            self.strategy("primal" if self._primal else "dual")


class Listener(Protocol):
    """Hears from an engine at work, in the engine's thread."""

    def found(self, x: Floats) -> None:
        """A better solution."""

    def proved(self, bound: float) -> None:
        """No solution costs less; said often."""


def solve_problem(problem: Problem, should_stop: Callable[[], bool], listener: Listener | None = None) -> MipAnswer:
    """HiGHS' branch and cut on one thread. Raises Stopped when told to stop.

    First as it stands, which is twice as fast where cuts at the root are all it takes; presolve is for what has to branch.
    """
    if not problem.matrix.shape[1]:
        # HiGHS has no word for a program that is nothing but its rows.
        fits = np.all(problem.row_lower <= ROUNDING) and np.all(problem.row_upper >= -ROUNDING)
        return MipAnswer(np.zeros(0), 0.0, True) if fits else MipAnswer(None, np.inf, True)
    highs = _quiet()
    if listener is not None:
        highs.cbMipImprovingSolution += lambda event: listener.found(np.array(event.data_out.mip_solution))
        highs.cbMipInterrupt += lambda event: listener.proved(float(event.data_out.mip_dual_bound))
    highs.passModel(_model(problem))
    highs.setOptionValue("random_seed", problem.seed)
    highs.setOptionValue("mip_rel_gap", problem.gap)
    highs.setOptionValue("mip_abs_gap", 0.0)
    if problem.at_most is not None:
        highs.setOptionValue("objective_bound", problem.at_most)
    deadline = np.inf if problem.seconds is None else time.monotonic() + problem.seconds
    if problem.start is not None:
        _suggest(highs, problem.start)
    nodes = highspy.kHighsIInf if problem.work is None else max(1, round(NODES_A_WORK * problem.work))
    if problem.hard:
        highs.setOptionValue("mip_max_nodes", nodes)
        return _branch_and_cut(highs, deadline, should_stop)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("mip_heuristic_run_feasibility_jump", False)
    highs.setOptionValue("mip_max_nodes", min(EASY_NODES, nodes))
    easy = _branch_and_cut(highs, deadline, should_stop)
    if easy.exhausted or nodes <= EASY_NODES or time.monotonic() > deadline:
        return easy
    highs.clearSolver()
    known = easy.x if easy.x is not None else problem.start
    if known is not None:
        _suggest(highs, known)
    highs.setOptionValue("presolve", "on")
    highs.setOptionValue("mip_heuristic_run_feasibility_jump", True)
    highs.setOptionValue("mip_max_nodes", nodes)
    hard = _branch_and_cut(highs, deadline, should_stop)
    x = hard.x if hard.x is not None else easy.x
    return MipAnswer(x, max(hard.bound, easy.bound), hard.exhausted)


def _model(problem: Problem) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = problem.matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = problem.cost, problem.lower, problem.upper
    model.row_lower_, model.row_upper_ = problem.row_lower, problem.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = problem.matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = problem.matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = problem.matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(flag)] for flag in problem.integer]
    return model


def _suggest(highs: _Engine, x: Floats) -> None:
    known = highspy.HighsSolution()
    known.col_value = list(x)
    highs.setSolution(known)


def _branch_and_cut(highs: _Engine, deadline: float, should_stop: Callable[[], bool]) -> MipAnswer:
    """Until it is exhausted, the nodes are used up or ``deadline``; HiGHS overruns its own time limit: a little grace, then
    it is told. Raises Stopped.
    """
    seconds = max(0.1, deadline - time.monotonic())
    highs.setOptionValue("time_limit", min(highspy.kHighsInf, seconds))
    grace = min(GRACE_SECONDS, seconds)
    try:
        _run(highs, lambda: should_stop() or time.monotonic() > deadline + grace)
    except Stopped as stopped:
        if should_stop():
            raise
        if isinstance(stopped, _Left):
            return MipAnswer(None, -np.inf, False)
    status = highs.getModelStatus()
    info = highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return MipAnswer(None, np.inf, True)
    found = info.primal_solution_status == 2
    x = np.array(highs.getSolution().col_value) if found else None
    ended = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kObjectiveBound)
    # Below a limit on the cost no bound is infinite before the end.
    bound = info.mip_dual_bound if ended or np.isfinite(info.mip_dual_bound) else -np.inf
    return MipAnswer(x, bound, ended)


class _Engine(highspy.Highs):
    """HiGHS that can be told to stop. highspy's own way to run in a thread holds one lock for all engines of a process."""

    stopped = False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.setOptionValue("output_flag", False)
        self.setOptionValue("threads", 1)

    def listen(self) -> None:
        for event in (self.cbSimplexInterrupt, self.cbIpmInterrupt, self.cbMipInterrupt):
            event += self._look

    def _look(self, event: Any) -> None:
        if self.stopped:
            event.interrupt()

    def run_to_end(self) -> None:
        try:
            self.run()
        finally:
            self.resetGlobalScheduler(False)


def _quiet() -> _Engine:
    engine = _Engine()
    engine.listen()
    return engine


class _Left(Stopped):
    """The engine has not heard yet (presolve and probing do not listen for seconds): it ends by itself, and must not be asked."""


def _run(engine: _Engine, should_stop: Callable[[], bool]) -> None:
    """Run in a thread that can be told to stop; HiGHS releases the interpreter while it works."""
    if should_stop():
        raise Stopped
    engine.stopped = False
    thread = threading.Thread(target=engine.run_to_end, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(STOP_POLL_SECONDS)
        if thread.is_alive() and should_stop():
            engine.stopped = True
            thread.join(PATIENCE_SECONDS)
            if thread.is_alive():
                leave_running(thread)
                raise _Left
            raise Stopped
