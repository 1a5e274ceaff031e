"""Better plans whose pivots are those of the plan at hand, for a tier whose LP takes a minute.

Where they are held, what hangs on them falls apart, and the LP is nearly as good as the best plan: rounded after every round of
columns, it leads from plan to plan. Neighbourhoods go on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from solver.crew import Crew
from solver.engines.problem import EngineError
from solver.engines.race import Race
from solver.exact import WHOLE, Exact
from solver.improvement import Improvement
from solver.index import Floats, Numbers
from solver.master import Bound, Master
from solver.outcome import SolveOptions
from solver.program import Program
from solver.rounding import Rounding
from solver.search.certificate import rounded_up, trivial
from solver.stopping import ShouldStop, Stopped

ROUNDED_SECONDS = 10.0
ROUNDED_GAP = 1e-3


@dataclass
class SamePivots:
    """``program``: that of the pivots of ``plan``, an x of it, in which tiers before ``k`` keep what they cost there. ``take`` hears of
    the options of every better plan.
    """

    program: Program
    plan: Floats
    k: int
    engine: Race
    crew: Crew
    options: SolveOptions
    take: Callable[[Floats], None]

    def run(self, should_stop: ShouldStop, beside: int = 0) -> None:
        """Until told to stop, or until nothing is left to better. ``beside``: so many workers have something else to do."""
        master = Master(self.program, should_stop, interior=True)
        for tier in self.program.tiers[: self.k]:
            master.cut(tier.cost, float(tier.cost @ self.plan))
        bound, done = self._rounds(master, should_stop)
        least = rounded_up(bound.value) if done else -np.inf
        if should_stop() or self._value <= least + self.options.gap * max(1.0, abs(least)):
            return
        improvement = Improvement(self.program, master, self.options, should_stop, self.crew)
        search = improvement.begin(self._cost, bound)
        improvement.improve(search, self.plan, least, np.inf, self._better, should_stop, beside)

    def _rounds(self, master: Master, should_stop: ShouldStop) -> tuple[Bound, bool]:
        """The last LP that there was time for, and whether it has all columns."""
        exact = Exact(self.program, master, self.engine, self.options, should_stop)
        seconds = None if self.options.work_limit is not None else ROUNDED_SECONDS
        # Without an LP a column that is not at its better limit loses its cost.
        reduced = self._cost.astype(np.float64)
        bound = Bound(trivial(self.program, self.program.tiers[self.k]), reduced, np.zeros(0), np.zeros(len(reduced)))
        with suppress(Stopped, EngineError):
            for bound in master.rounds_of(self._cost, self.plan):
                Rounding(exact, self._cost, bound).wide(self._better, lambda: seconds, gap=ROUNDED_GAP)
            return bound, True
        return bound, False

    @property
    def _cost(self) -> Numbers:
        return self.program.tiers[self.k].cost

    @property
    def _value(self) -> float:
        return float(self._cost @ self.plan)

    def _better(self, x: Floats) -> bool:
        x = np.where(self.program.integer, np.rint(x), x)
        if float(self._cost @ x) > self._value - WHOLE:
            return False
        self.plan = x
        self.take(x[: len(self.program.options)])
        return True
