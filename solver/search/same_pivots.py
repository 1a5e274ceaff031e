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
from solver.engines.failure import EngineError
from solver.engines.race import Race
from solver.exact import WHOLE, Exact
from solver.improvement import Improvement
from solver.index import Floats, Numbers
from solver.master import Bound, Master
from solver.outcome import SolveOptions
from solver.program import Program
from solver.rounding import Rounding
from solver.search.certificate import trivial
from solver.search.first_plan import surrogate
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
        master, cost = Master(self.program, should_stop, interior=True), self._with_later()
        for tier in self.program.tiers[: self.k]:
            master.cut(tier.cost, float(tier.cost @ self.plan))
        bound, done = self._rounds(master, cost, should_stop)
        # Of the tier alone: what the LP has of later ones, for a trifle, a plan need not have.
        left = self._value - float(self._cost @ bound.x)
        if should_stop() or (done and left <= self._gap):
            return
        improvement = Improvement(self.program, master, self.options, should_stop, self.crew)
        search = improvement.begin(self._cost, bound)
        improvement.improve(search, self.plan, -np.inf, np.inf, self._better, should_stop, beside)

    def _rounds(self, master: Master, cost: Numbers, should_stop: ShouldStop) -> tuple[Bound, bool]:
        """The last LP that there was time for, and whether columns that are out have less than the gap to give."""
        exact = Exact(self.program, master, self.engine, self.options, should_stop)
        seconds = None if self.options.work_limit is not None else ROUNDED_SECONDS
        # Without an LP a column that is not at its better limit loses its cost.
        reduced = self._cost.astype(np.float64)
        bound = Bound(trivial(self.program, self.program.tiers[self.k]), reduced, np.zeros(0), np.zeros(len(reduced)))
        with suppress(Stopped, EngineError):
            for bound in master.rounds_of(cost, self.plan):
                Rounding(exact, cost, bound).wide(self._better, lambda: seconds, gap=ROUNDED_GAP)
                if float(cost @ bound.x) - bound.value <= self._gap:
                    break
            return bound, True
        return bound, False

    def _with_later(self) -> Numbers:
        """The tier's cost, and of those after it, which there may be no time left for, no more than the gap is worth."""
        later = surrogate(self.program, self.program.tiers[self.k + 1 :])
        worth = float(later @ self.plan)
        return self._cost + later * (self.options.gap * abs(self._value) / worth) if worth > 0 else self._cost

    @property
    def _gap(self) -> float:
        return self.options.gap * max(1.0, abs(self._value))

    @property
    def _cost(self) -> Numbers:
        return self.program.tiers[self.k].cost

    @property
    def _value(self) -> float:
        return float(self._cost @ self.plan)

    def _better(self, x: Floats) -> bool:
        if float(self._cost @ x) > self._value - WHOLE:
            return False
        self.plan = np.where(self.program.integer, np.rint(x), x)
        self.take(x[: len(self.program.options)])
        return True
