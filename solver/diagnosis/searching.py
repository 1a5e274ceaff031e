"""The solver's own search, with HiGHS alone: the programs here are solved sooner than another engine's process starts."""

from __future__ import annotations

import time
from collections.abc import Callable

from solver.engines.highs import solve_problem
from solver.engines.problem import MipAnswer, Problem
from solver.engines.race import Race
from solver.outcome import Progress, SolveOptions
from solver.program import Program
from solver.search import Found, Search


class HighsAlone(Race):
    def __init__(self) -> None:
        super().__init__(1)

    def solve(self, problem: Problem, should_stop: Callable[[], bool]) -> MipAnswer:
        return solve_problem(problem, should_stop)


def searched(program: Program, should_stop: Callable[[], bool], gap: float = 0.0) -> Found:
    """Tier after tier of ``program``; without tiers, any solution."""
    search = Search(program, SolveOptions(gap=gap, workers=1), _silent, should_stop, time.monotonic())
    search.engine = HighsAlone()
    return search.run()


def _silent(progress: Progress) -> None:
    pass
