"""Who decides neighbourhoods: as many engines as may work at a time, each with processes of its own."""

from __future__ import annotations

import threading
from contextlib import suppress

import numpy as np

from solver.diver import MOST_DEATHS, POLL_SECONDS, Diver
from solver.engines.cpsat import CpSat
from solver.engines.highs import solve_problem
from solver.engines.problem import MipAnswer, Problem
from solver.patterns import Asked, Dive, Patterns
from solver.stopping import Stopped


class Engine:
    """CP-SAT in a process of its own where all is whole, else HiGHS. ``diver``: dives have a process of their own as well."""

    def __init__(self, diver: Diver | None = None) -> None:
        self._cpsat = CpSat()
        self._diver = diver
        self._deaths = 0

    def solve(self, problem: Problem, over: threading.Event) -> MipAnswer:
        """Raises Stopped when ``over``."""
        whole = problem.integer.all() and np.array_equal(problem.matrix.data, np.rint(problem.matrix.data))
        if not whole or self._deaths > MOST_DEATHS:
            return solve_problem(problem, over.is_set)
        try:
            self._cpsat.start(problem)
            while (answer := self._cpsat.poll(POLL_SECONDS)) is None:
                if over.is_set():
                    answer = self._cpsat.stop()
                    if answer is None:
                        raise Stopped
                    break
            return answer
        except (RuntimeError, OSError):
            self._deaths += 1
            self._cpsat.close()
            return MipAnswer(None, -np.inf, False)

    def dive(self, patterns: Patterns, asked: Asked, over: threading.Event) -> Dive | None:
        """Raises Stopped when ``over``."""
        if self._diver is None:
            return patterns.dive(asked, over.is_set)
        return self._diver.dive(patterns, asked, over.is_set)

    def prepare(self) -> None:
        with suppress(OSError):
            self._cpsat.prepare()

    def close(self) -> None:
        self._cpsat.close()
        if self._diver is not None:
            self._diver.close()


class Crew:
    """As many engines as may work at a time; their processes start when needed and last until ``close``."""

    def __init__(self, workers: int) -> None:
        self.engines = [Engine(Diver() if workers > 1 else None) for _ in range(max(1, workers))]

    def prepare(self) -> None:
        """Starting takes them a second or two."""
        for engine in self.engines:
            engine.prepare()

    def close(self) -> None:
        for engine in self.engines:
            engine.close()
