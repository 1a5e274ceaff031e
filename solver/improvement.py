"""Better plans while time is left: where the exact program of a tier is too large to finish, neighbourhoods of it are not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from solver.assignments import Assignments, tying_rows
from solver.crew import Crew
from solver.engines.problem import Problem
from solver.index import Floats, Numbers
from solver.lagrangian import Lagrangian
from solver.master import Bound, Master
from solver.neighbourhoods import Neighbourhoods, elastic, rounded
from solver.outcome import SolveOptions
from solver.program import Program

MENDING_SECONDS = 8.0


class Improvement:
    """Large neighbourhoods within the master's present bounds, rows and cuts, on as many engines as there are workers."""

    def __init__(
        self,
        program: Program,
        master: Master,
        options: SolveOptions,
        should_stop: Callable[[], bool],
        crew: Crew | None = None,
    ) -> None:
        self.program, self.master, self.options, self.should_stop = program, master, options, should_stop
        self.crew = crew or Crew(options.workers)

    def close(self) -> None:
        self.crew.close()

    def prepare(self) -> None:
        """The engines' processes start: what comes next need not wait for them."""
        self.crew.prepare()

    def lagrangian(self, cost: Numbers, bound: Bound) -> Lagrangian | None:
        """Of a program that is nothing but long rows to be packed; None: it is of another kind."""
        columns = self.program.shape[1]
        # Said at once of programs that are not: of millions of columns a closer look takes seconds.
        if columns != len(self.program.options) or self.program.matrix.nnz != 2 * columns:
            return None
        whole, group = self._whole(cost), self.program.options.teacher.astype(np.int64)
        assignments = Assignments.of(whole, group, tying_rows(whole, group), self._fitting(bound, whole).y)
        return None if assignments is None else Lagrangian(assignments)

    def begin(self, cost: Numbers, bound: Bound) -> Neighbourhoods:
        """A search that may go on several times. ``bound``: the LP optimum of the same cost."""
        problem = self._whole(cost)
        return self._searched(problem, self._fitting(bound, problem))

    def improve(
        self,
        search: Neighbourhoods,
        x: Floats,
        least: float,
        seconds: float,
        better: Callable[[Floats], object],
        enough: Callable[[], bool],
        beside: int = 0,
    ) -> bool:
        """From the plan ``x`` on, down to ``least`` or until it is ``enough``; ``better`` hears of each better plan.

        ``beside``: so many workers have something else to do. False: the search ended by itself.
        """
        until = self._until(seconds)

        def stop() -> bool:
            return enough() or self.should_stop() or time.monotonic() > until

        at_once = max(1, len(self.crew.engines) - beside)
        search.improve(x, least=least, should_stop=stop, better=better, at_once=at_once)
        return stop()

    def mend(self, cost: Numbers, bound: Bound) -> Floats | None:
        """A plan from the LP's optimum, rounded, whose broken rows are mended neighbourhood by neighbourhood; None: not found."""
        whole = self._whole(cost)
        bound = self._fitting(bound, whole)
        problem, x, wider = elastic(whole, rounded(whole, self.program.options.teacher, bound), bound)
        count = self.program.shape[1]
        kept: list[Floats] = []

        def better(x: Floats) -> None:
            if not x[count:].any():
                kept.append(x[:count])

        until = self._until(MENDING_SECONDS)
        x = self._searched(problem, wider).improve(
            x, should_stop=lambda: self.should_stop() or bool(kept) or time.monotonic() > until, better=better
        )
        return None if x[count:].any() else x[:count]

    def _searched(self, problem: Problem, bound: Bound) -> Neighbourhoods:
        teacher, asked = self.program.options.teacher, self.options
        return Neighbourhoods(problem, teacher, bound, self.crew, seed=asked.seed, work=asked.work_limit)

    def _whole(self, cost: Numbers) -> Problem:
        """The program as it stands, with ``cost`` and a row for each tier kept. What follows from rows of its own helps an LP alone."""
        master, tiers = self.master, self.master.own.tiers()
        matrix = self.program.columns(slice(None))
        if len(tiers):
            matrix = sparse.csc_array(sparse.vstack((matrix, tiers.over(slice(None)))))
        low = np.append(master.row_lower, np.full(len(tiers), -np.inf))
        high = np.append(master.row_upper, tiers.upper())
        return Problem(matrix, low, high, master.lower, master.upper, self.program.integer, cost.astype(np.float64))

    def _fitting(self, bound: Bound, problem: Problem) -> Bound:
        """``bound`` with a dual for every row of ``problem``: those that came after it have none, and what is left out needs none."""
        rows, y = self.program.shape[0], np.zeros(problem.matrix.shape[0])
        of_tier = np.array([row.at is None for row in self.master.own], dtype=bool)[: len(bound.y) - rows]
        kept = np.append(bound.y[:rows], bound.y[rows : rows + len(of_tier)][of_tier])
        y[: len(kept)] = kept
        return replace(bound, y=y)

    def _until(self, seconds: float) -> float:
        """A work limit counts neighbourhoods instead."""
        return np.inf if self.options.work_limit is not None else time.monotonic() + seconds
