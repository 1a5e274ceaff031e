"""Plans on the way to the optimum of an LP that takes long: its first columns hold nearly all there is to be had, and the last rounds of
more take a minute (7 326 teachers, tenure and balance in one tier: within 2 % of the optimum after a second, proved after 40).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from solver.exact import Exact
from solver.index import Floats, Numbers
from solver.master import Bound
from solver.rounding import Rounding
from solver.search.incumbent import Incumbent

LONG_SECONDS = 0.5
"""Of a round; there are dozens of shorter ones, and what comes of them is there soon."""


@dataclass
class OnTheWay:
    """Hears of the rounds of the LP of ``cost``, and offers plans to ``take`` where the one at hand may lose more than the part ``poor`` of
    its cost; ``near``: the part of its optimum that a round may be off by to be enough. Where work is counted it says nothing: how long a
    round takes is the machine's affair.
    """

    exact: Exact
    incumbent: Incumbent
    cost: Numbers
    take: Callable[[Floats], bool]
    tell: Callable[[], None]
    near: float = 0.0
    poor: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _spent: float = 0.0

    def __call__(self, bound: Bound) -> bool:
        now = time.monotonic()
        took, self._began = now - self._began, now
        if took < LONG_SECONDS or self.exact.options.work_limit is not None:
            return False
        self.exact.engine.raced = True
        value, known = float(self.cost @ bound.x), self._value
        if known - value > self.poor * max(1.0, abs(value)) and self._spent <= took:
            self._offer(bound)
            self._began = time.monotonic()
            self._spent = self._began - now
        plan = self.incumbent.columns is not None
        return plan and value - bound.value <= self.near * abs(value)

    @property
    def _value(self) -> float:
        """What the plan at hand costs."""
        x = self.incumbent.x
        return float("inf") if x is None else float(self.cost @ x)

    def _offer(self, bound: Bound) -> None:
        if self.take(bound.x) or Rounding(self.exact, self.cost, bound).plans(self.take, lambda value: True):
            self.tell()
