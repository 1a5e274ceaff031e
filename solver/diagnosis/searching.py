"""The solver's own search, with HiGHS alone: the programs here are solved sooner than another engine's process starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from solver.engines.highs import solve_problem
from solver.engines.problem import MipAnswer, Problem
from solver.engines.race import Race
from solver.outcome import Progress, SolveOptions
from solver.program import Program, TierCost
from solver.search import Found, Search


class HighsAlone(Race):
    def __init__(self) -> None:
        super().__init__(1)

    def solve(self, problem: Problem, should_stop: Callable[[], bool]) -> MipAnswer:
        return solve_problem(problem, should_stop)


def searched(program: Program, should_stop: Callable[[], bool], gap: float = 0.0) -> Found:
    """Tier after tier of ``program``; without tiers, any solution: the nearest, which few columns can be part of."""
    search = Search(
        program if program.tiers else replace(program, tiers=(_near(program),)),
        SolveOptions(gap=gap, workers=1),
        _silent,
        should_stop,
        time.monotonic(),
        HighsAlone(),
    )
    if not program.tiers:
        search.certificates.clear()  # nothing to prove of it
    return search.run()


def _near(program: Program) -> TierCost:
    cost = np.zeros(program.shape[1], dtype=np.int64)
    cost[: len(program.options)] = program.options.metres + 1
    return TierCost(1, "near", cost, Fraction(1), Fraction(0))


def _silent(progress: Progress) -> None:
    pass
