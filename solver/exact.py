"""A program's exact solution over few of its columns, the others fixed: what is sent to a MIP engine, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from scipy import sparse

from solver.engines.beside import Beside
from solver.engines.highs import solve_problem
from solver.engines.problem import MipAnswer, Problem, is_logic
from solver.engines.race import Race
from solver.index import Bools, Floats, Ints, Numbers
from solver.master import LARGEST_COST, Bound, Master
from solver.outcome import SolveOptions
from solver.parts import ties_of
from solver.program import Ceiling, Program, activity

WHOLE = 1e-6
ROUNDED = 0.5
"""Costs are whole: what is below is at most as much."""


def margin(cost: Numbers) -> float:
    """By how much an LP's word on values and reduced costs may be off: its own tolerance grows with the costs that it is given."""
    return WHOLE * max(1.0, float(np.abs(cost).max(initial=0)) / LARGEST_COST)


class Exact:
    """Exact programs within the master's present bounds, rows and cuts."""

    def __init__(
        self, program: Program, master: Master, engine: Race, options: SolveOptions, should_stop: Callable[[], bool]
    ) -> None:
        self.program, self.master, self.engine, self.options = program, master, engine, options
        self.should_stop = should_stop

    def heeding(self, should_stop: Callable[[], bool]) -> Exact:
        """The same, but ``should_stop`` says when to stop."""
        other = copy(self)
        other.should_stop = should_stop
        return other

    @cached_property
    def ties(self) -> Bools:
        """(m,) the long rows that tie whole parts."""
        return ties_of(self.program.matrix)

    @cached_property
    def is_logic(self) -> bool:
        return is_logic(self.program.integer, self.program.matrix)

    def columns_below(self, bound: Bound, most: float, keep: Bools | None = None) -> Ints:
        """Open columns with a reduced cost of at most ``most``, every open helper, and those of ``keep``."""
        open_ = self.master.upper > self.master.lower
        chosen = bound.reduced <= most
        chosen[len(self.program.options) :] = True
        if keep is not None:
            chosen |= keep
        return np.flatnonzero(open_ & chosen)

    def minimise(
        self,
        cost: Numbers,
        columns: Ints,
        gap: float,
        seconds: float | None,
        *,
        start: Floats | None = None,
        at_most: int | None = None,
        base: Floats | None = None,
        hard: bool = False,
        under: Ceiling | None = None,
    ) -> MipAnswer:
        """The program over ``columns`` only; x comes back over all columns.

        Every other column is as in ``base``, else at its lower bound. ``start``: a known plan; ``at_most``: only plans of at
        most this cost; ``hard``: as in ``Problem``; ``under``: a ceiling that ``columns`` keep by themselves, left out. With
        ``base`` the answer only helps: one engine alone gives it. Raises Stopped.
        """
        posed = self._pose(cost, columns, gap, seconds, start=start, at_most=at_most, base=base, hard=hard, under=under)
        solve = self.engine.solve if base is None else self.engine.quick
        return posed.over_all(solve(posed.problem, self.should_stop))

    def beside(
        self,
        cost: Numbers,
        columns: Ints,
        seconds: float,
        *,
        at_most: int | None = None,
    ) -> Beside:
        """The program over ``columns``, as for ``minimise``, solved while others do something else."""
        posed = self._pose(cost, columns, 0.0, seconds, at_most=at_most, hard=True)
        return Beside(partial(solve_problem, posed.problem), posed.over_all)

    def _pose(
        self, cost: Numbers, columns: Ints, gap: float, seconds: float | None, *, start: Floats | None = None,
        at_most: int | None = None, base: Floats | None = None, hard: bool = False, under: Ceiling | None = None,
    ) -> _Posed:  # fmt: skip
        master = self.master
        if under is not None:
            columns = columns[columns != under.column]
        used, rest = self._elsewhere(columns, base)
        fixed, (low, high) = master.over(used) @ rest, master.limits()
        part, low, high = master.over(columns), low - fixed, high - fixed
        lower, upper, spent = master.lower[columns], master.upper[columns], float(cost[used] @ rest)
        needed = _breakable(part, low, high, lower, upper)
        if under is not None:
            needed = np.setdiff1d(needed, self.program.matrix[:, [under.column]].indices, assume_unique=True)
        part, low, high = sparse.csc_array(part.tocsr()[needed]), low[needed], high[needed]
        problem = Problem(
            part, low, high, lower, upper, self.program.integer[columns], cost[columns].astype(np.float64),
            start=None if start is None else start[columns],
            at_most=None if at_most is None else at_most - spent + ROUNDED,
            gap=gap, seed=self.options.seed, seconds=seconds, work=self.options.work_limit, hard=hard,
        )  # fmt: skip
        return _Posed(problem, columns, len(cost), used, rest, spent)

    def _elsewhere(self, columns: Ints, base: Floats | None) -> tuple[Ints, Floats]:
        """The columns besides ``columns`` that are not zero, and what they are."""
        values = self.master.lower if base is None else base
        beside = values != 0
        beside[columns] = False
        used = np.flatnonzero(beside)
        rest = values[used]
        return used, rest if base is None else np.where(self.program.integer[used], np.rint(rest), rest)


@dataclass(frozen=True)
class _Posed:
    """``problem`` over ``columns`` of a program's ``size``, of whose other columns ``used`` are ``rest`` and cost ``spent``."""

    problem: Problem
    columns: Ints
    size: int
    used: Ints
    rest: Floats
    spent: float

    def over_all(self, answer: MipAnswer) -> MipAnswer:
        """The problem's answer, said of all columns."""
        x, most = None, self.problem.at_most
        if answer.x is not None and most is not None and self.problem.cost @ answer.x > most:
            # A solution by the way, and no answer.
            answer = MipAnswer(None, np.inf if answer.exhausted else min(answer.bound, most), answer.exhausted)
        if answer.x is not None:
            x = np.zeros(self.size)
            x[self.used], x[self.columns] = self.rest, answer.x
        return MipAnswer(x, answer.bound + self.spent, answer.exhausted)


def _breakable(matrix: sparse.csc_array, low: Floats, high: Floats, lower: Floats, upper: Floats) -> Ints:
    """The rows that some x within its bounds breaks."""
    entries = matrix.tocoo()
    row, column = entries.coords
    least, most = activity(row, column, entries.data, lower, upper, matrix.shape[0])
    return np.flatnonzero((least < low - WHOLE) | (most > high + WHOLE))
