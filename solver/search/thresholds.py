"""A tier that prices a ceiling (the longest way): an LP only sees each teacher's average, so it is asked threshold by threshold.

With no option above a threshold left, the ceiling's rows say nothing and the program is an ordinary one, whose LP is tight: a
bottleneck problem as a sequence of such questions (Edmonds & Fulkerson 1970; Minieka 1970). Where the tier has other costs
too, it is branch and bound over intervals of heights: a plan whose ceiling is in an interval costs at least the other costs'
LP without the options above it, and the price of its lowest height. Where the tier hangs on pivots as well, windows ask of both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

import numpy as np

from solver.certificates import Case
from solver.exact import WHOLE, Exact
from solver.index import Floats
from solver.master import Bound
from solver.rounding import NEAR_COLUMNS, Rounding
from solver.search.certificate import Certificate, duals_of, rounded_up
from solver.search.clock import Clock
from solver.search.first_plan import TOP_COST, surrogate
from solver.search.heights import Heights
from solver.search.incumbent import Incumbent
from solver.search.news import News
from solver.stopping import Stopped, look

EXACT_SECONDS, SHORT_SECONDS, MANY_COLUMNS = 10.0, 1.0, 20_000
"""For an interval's exact program; where its LP says little of pivots, cases and windows are left to say more, and where there are many
columns, cuts are (far mix 669 of 6 000 teachers: 10 s for nothing).
"""
ALONE_SECONDS = 1.0
"""What LPs say in a moment needs no exact program; of one that they do not, that may say more (mix 346: both tiers in 5.8 s without)."""
TIES = 1.0 / TOP_COST
"""So little do later tiers count when a plan is looked for: no option's cost changes by more than a step."""


@dataclass(frozen=True, order=True)
class Interval:
    """Plans whose ceiling is at one of the levels from ``low`` to ``high`` (places) cost at least ``bound``; ``duals``: what
    the LP proves it by, None where an exact program did.
    """

    bound: float
    low: int
    high: int
    duals: tuple[Floats, Floats] | None = field(compare=False)


@dataclass
class Thresholds:
    """Tier ``k`` of ``certificates``; ``bound`` is the LP's optimum of the tier's other costs. ``keep`` takes an engine's plan, as
    ``FirstPlan.keep``. ``begin`` is called where LPs do not say all: one exact program may then say more than those of many thresholds.
    """

    k: int
    heights: Heights
    bound: Bound
    certificates: Sequence[Certificate]
    exact: Exact
    incumbent: Incumbent
    clock: Clock
    news: News
    keep: Callable[[Floats], bool]
    begin: Callable[[], None]
    _open: list[Interval] = field(default_factory=list)
    _largest: float = np.inf
    """So many columns a neighbourhood may have, where an LP is rounded: larger ones were no quicker than an exact program."""
    _left: list[Interval] = field(default_factory=list)
    """Intervals that hold nothing better, or that time was too short for."""

    @property
    def certificate(self) -> Certificate:
        return self.certificates[self.k]

    def run(self) -> None:
        """The tier's certificate hears of what is found and proved. Raises Stopped."""
        certificate = self.certificate
        first = Interval(rounded_up(self.bound.value), 0, len(self.heights.levels) - 1, certificate.duals)
        heappush(self._open, first)
        began = time.monotonic()
        while self._open and not certificate.reached:
            look(self.clock.should_stop)
            if time.monotonic() > began + ALONE_SECONDS:
                self.begin()
            interval = heappop(self._open)
            last = self._affordable(self._most)
            if last < interval.high:
                low = max(interval.low, last + 1)
                bound = first.bound + self.heights.costs(low)
                self._left.append(Interval(bound, low, interval.high, first.duals))
                interval = replace(interval, high=low - 1)
            if interval.low <= interval.high:
                try:
                    self._ask(interval)
                except Stopped:
                    heappush(self._open, interval)
                    raise
            self._tell()
        if all(one.duals is not None for one in (*self._open, *self._left)):
            certificate.cases = tuple(
                Case(int(self.heights.levels[one.high]), *one.duals) for one in (*self._open, *self._left) if one.duals
            )

    @property
    def _most(self) -> int:
        """What a better plan costs at most."""
        certificate = self.certificate
        assert certificate.value is not None
        return certificate.value - certificate.tier.tolerance - 1

    def _affordable(self, most: float) -> int:
        """The last level that a plan of cost ``most`` may have."""
        return self.heights.affordable(rounded_up(self.bound.value), most)

    def _tell(self) -> None:
        certificate = self.certificate
        assert certificate.value is not None and certificate.bound is not None
        least = min(one.bound for one in (*self._open, *self._left))
        bound = min(least, float(certificate.value - certificate.tier.tolerance))
        if bound > certificate.bound:
            certificate.bound = bound
            certificate.proof = "exhausted" if certificate.reached else "mip bound"
            self.news.tier(self.k)

    def _ask(self, interval: Interval) -> None:
        """What the LP says of an interval; where it leaves room for a better plan: a plan, two halves, or an exact program."""
        floor = self.heights.costs(interval.low)
        width = self.heights.costs(interval.high) - floor
        lp = self.exact.master.minimise(self.heights.below(interval.high, self._gap))
        asked = replace(interval, bound=rounded_up(lp.value) + floor, duals=duals_of(self.exact.master, lp, self.k))
        interval = max(interval, asked)
        if interval.bound <= self._most:
            self._plan(lp, interval.high)
        if interval.bound > self._most:
            self._left.append(interval)
        elif 2 * width > self._most + 1 - interval.bound:
            middle = (interval.low + interval.high) // 2
            heappush(self._open, replace(interval, high=middle))
            heappush(self._open, replace(interval, low=middle + 1))
        else:
            self._exhaust(interval, lp)

    @property
    def _gap(self) -> float:
        value = self.certificate.value
        assert value is not None
        return value - self.bound.value

    def _plan(self, lp: Bound, high: int) -> None:
        """A plan below a threshold: what ``lp`` holds, or the rounded optimum of a cost that tells more plans apart."""
        take, program = self.incumbent.take, self.exact.program
        if not take(lp.x):
            # A tier with a tolerance has helpers that make whole plans hard to come by; its own turn is soon enough.
            later = [tier for tier in program.tiers[self.k + 1 :] if not tier.tolerance]
            cost = self.heights.below(high, self._gap) + TIES * surrogate(program, later)
            wanted = self.exact.master.minimise(cost)
            # Near an LP that says little of its pivots there is little to find.
            if not take(wanted.x) and not program.pivoted(self.certificate.tier):
                rounding = Rounding(self.exact, cost, wanted)
                below = rounded_up(lp.value) + self.heights.costs(high) + self.certificate.tier.tolerance
                # However later tiers fare: whatever is below the threshold moves it.
                rounding.plans(take, lambda _: self.incumbent.values[self.k] <= below, largest=self._largest)
                if rounding.hurried:
                    self._largest = NEAR_COLUMNS[0]
        self.certificate.value = self.incumbent.values[self.k]

    def _exhaust(self, interval: Interval, lp: Bound) -> None:
        """The interval's exact program: its best plan leaves only what is below that plan's ceiling."""
        self.begin()
        # What costs more than the plan at hand need not be looked at.
        floor = self.heights.costs(interval.low)
        room = self.incumbent.values[self.k] - floor
        columns = self.exact.columns_below(lp, room - lp.value + WHOLE)
        columns = columns[~self.heights.above(interval.high)[columns]]
        limit = self.clock.mip_seconds()
        short = self.exact.program.pivoted(self.certificate.tier) or len(columns) > MANY_COLUMNS
        seconds = None if limit is None else min(limit, SHORT_SECONDS if short else EXACT_SECONDS)
        answer = self.exact.minimise(
            self.heights.plain, columns, 0.0, seconds, at_most=room, hard=True, under=self.heights.ceiling
        )
        least = room + 1.0 if answer.exhausted and answer.x is None else min(rounded_up(answer.bound), room + 1.0)
        proved = Interval(max(interval.bound, least + floor), interval.low, interval.high, None)
        if answer.x is not None:
            self.keep(answer.x)
            self.certificate.value = self.incumbent.values[self.k]
            at = self.heights.highest(answer.x)
            if answer.exhausted and at > interval.low:
                self._left.append(replace(proved, bound=least + self.heights.costs(at), low=at))
                heappush(self._open, replace(proved, high=at - 1))
                return
        self._left.append(proved)

    def narrow(self) -> bool:
        """No option above the ceiling of any plan as good as the one at hand from now on, and no ceiling below it.

        Whether that rests on exact programs.
        """
        certificate, master = self.certificate, self.exact.master
        assert certificate.value is not None
        most = certificate.value + certificate.tier.tolerance
        possible = [one for one in (*self._open, *self._left) if one.bound <= most]
        if not possible:
            return False
        low = min(one.low for one in possible)
        high = min(max(one.high for one in possible), self._affordable(most))
        self.heights.keep(master, low, high, self._gap)
        return not certificate.cases
