"""Branch and bound over windows of the pivots: what costs at least so much where they are from here to there.

The narrower a window, the more its LP says, and at a window's edge it says all (spatial branch and bound: McCormick 1976; Horst &
Tuy 1996). So the window is divided where the LP is least to be believed. Where it is to be believed in every pivot, these are known
ones: a program of its own says what its best plan is, and what is left of the window is asked on. Where the tier prices a ceiling,
too, its levels are one more side of the window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop
from itertools import count
from math import floor, inf

import numpy as np

from solver.exact import WHOLE, margin
from solver.index import Floats, Numbers
from solver.master import Bound, Master
from solver.program import Program, TierCost
from solver.search.heights import STEEP, Heights
from solver.search.pivots import Pivots, Spot
from solver.search.window_lp import WindowLp
from solver.stopping import ShouldStop

TIGHT = 1e-7
"""In the tier's unit: rows that are no more off say all."""
OFFERED_FROM = 8
"""Steps before a plan is looked for where there is no ceiling: many searches are over by then."""
OFFERED_SHARE = 0.1
"""Of the time, for such plans, where a clock decides."""
MOST_STEPS = 500
"""Where no clock decides."""
Box = tuple[tuple[int, int], ...]


@dataclass(frozen=True, order=True)
class Window:
    """Plans whose pivots are within ``box``, and whose ceiling is at a level of ``places`` (from, to; none: 0), cost at least ``least``
    (in the tier's steps); its LP has the pivots ``at``, and nothing above level ``highest``.
    """

    least: float
    number: int
    box: Box = field(compare=False)
    places: tuple[int, int] = field(compare=False)
    at: tuple[float, ...] = field(default=(), compare=False)
    highest: int = field(default=0, compare=False)


@dataclass
class _Offers:
    """Where plans were looked for: ``windows`` by number, and ``places`` of the ceiling; whether that ``helped``, and from which step on it
    is done ``again``. Where a clock decides (``timed``) it has its share of the time since it ``began``, and else it is done ever more
    rarely, the longer that is in vain.
    """

    again: int
    timed: bool
    windows: set[int] = field(default_factory=set)
    places: set[tuple[int, int]] = field(default_factory=set)
    helped: bool = False
    _began: float = field(default_factory=time.monotonic)
    _spent: float = 0.0
    _pause: int = 1

    def is_due(self, step: int) -> bool:
        if step < self.again:
            return False
        return not self.timed or self._spent <= OFFERED_SHARE * (time.monotonic() - self._began)

    def made(self, step: int, window: Window, better: bool, seconds: float) -> None:
        self.windows.add(window.number)
        self.places.add(window.places)
        self.helped |= better
        self._spent += seconds
        if not self.timed:
            self._pause = 1 if better else 2 * self._pause
            self.again = step + self._pause


class Windows:
    """Of tier ``k``'s program, as ``master`` knows it. ``workers`` windows are asked at once, each by an LP of its own."""

    def __init__(self, master: Master, tier: TierCost, pivots: Pivots, workers: int, should_stop: ShouldStop) -> None:
        self._tier, self._pivots, self.workers = tier, pivots, workers
        self._heights = Heights.of(master.program, tier, master.upper)
        self._within = [one for pivot in master.program.pivots.values() if (one := pivot.within) is not None]
        self._margin, self._numbers, self._open = margin(tier.cost), count(), list[Window]()
        elastic = np.array([_tie(master.program, column) for column in pivots.columns.tolist()])
        self._masters = [WindowLp(master, elastic, should_stop) for _ in range(workers)]
        self._bound, self._gap = 0.0, 1.0
        self._offers = _Offers(0, timed=False)

    @staticmethod
    def can(program: Program, tier: TierCost) -> bool:
        """Whether all pivots are of this tier, and say what is known of them."""
        return all(pivot.within is not None and pivot.priority == tier.priority for pivot in program.pivots.values())

    @property
    def least(self) -> float:
        """What plans cost at least that are in none of the known ones asked; infinity: more than those that are wanted."""
        return min((window.least for window in self._open), default=inf)

    def run(
        self,
        bound: Bound,
        most: Callable[[], int],
        settle: Callable[[Sequence[Spot]], bool],
        offer: Callable[[Spot], None],
        enough: Callable[[], bool],
        until: float,
    ) -> None:
        """All windows with plans that cost at most ``most``, until then (``time.monotonic``). ``settle`` takes the best plans of spots
        (False: not of all), and before each step ``enough`` is asked. ``bound``: the LP's optimum, without a ceiling. Raises Stopped.
        """
        self._bound, self._gap = bound.value, max(1.0, most() - bound.value)
        self._offers = _Offers(OFFERED_FROM if self._heights is None else 0, until < inf)
        program, columns = self._masters[0].program, self._pivots.columns
        whole = tuple(zip(_whole(program.lower[columns]), _whole(program.upper[columns]), strict=True))
        root = Window(
            bound.value, next(self._numbers), whole, (0, 0 if self._heights is None else len(self._heights.levels) - 1)
        )
        self._open = [root]
        with ThreadPoolExecutor(self.workers) as pool:
            if self._heights is None and self._masters[0].interior:
                # It is the tier's LP; of many columns, to ask it again takes a minute.
                self._open = [replace(root, at=self._at(bound, root.box))]
            else:
                self._open = self._asked_all([root], pool, most)
            steps = count()
            while self._open and not enough() and time.monotonic() < until:
                step = next(steps)
                self._offer(step, most, offer)
                if (until == inf and step == MOST_STEPS) or not self._next(pool, most, settle):
                    return

    def share(self, workers: int) -> None:
        """From now on so many are at work, of those that began."""
        self.workers = min(workers, len(self._masters))

    def close(self) -> None:
        for own in self._masters:
            own.close()

    def _offer(self, step: int, most: Callable[[], int], offer: Callable[[Spot], None]) -> None:
        """A spot where a plan may be better, if what LPs hold is a plan or near to one."""
        if not self._offers.is_due(step):
            return
        window = self._open[0]
        if window.places in self._offers.places:
            window = min(self._open, key=self._near)
        before, low = most(), window.places[0]
        if self._near(window) > before or window.number in self._offers.windows:
            return
        began = time.monotonic()
        offer(self._spot(replace(window, places=(low, max(low, window.highest)))))
        self._offers.made(step, window, most() < before, time.monotonic() - began)

    def _near(self, window: Window) -> float:
        """What the LP's solution costs, its ceiling where it is."""
        return window.least + self._above(window)

    def _next(
        self, pool: ThreadPoolExecutor, most: Callable[[], int], settle: Callable[[Sequence[Spot]], bool]
    ) -> bool:
        """The windows that cost least; False: what they are known to hold was not settled."""
        # The plan that there was may be poor, and say little of how good plans are here.
        goal = most() + 1 if self._offers.helped else min(most() + 1, *map(self._near, self._open))
        # The halves of one are enough for two workers; where plans are offered, they come from more.
        most_taken = 1 if self._heights is None else self.workers
        taken = [heappop(self._open) for _ in range(min(most_taken, len(self._open)))]
        done = list[Window]()
        try:
            known = [window for window in taken if self._is_known(window, goal)]
            if not settle([self._spot(window) for window in known]):
                return False
            for window in taken:
                parts = self._others(window) if window in known else self._halves(window, goal)
                self._open += self._asked_all(list(parts), pool, most)
                done.append(window)
        finally:
            self._open += taken[len(done) :]
            heapify(self._open)
        self._open = [window for window in self._open if self._wanted(window, most())]
        heapify(self._open)
        return True

    def _asked_all(self, windows: Sequence[Window], pool: ThreadPoolExecutor, most: Callable[[], int]) -> list[Window]:
        """Those with plans that are wanted, as far as their LPs say."""

        def ask(number: int) -> list[Window]:
            own = windows[number :: self.workers]
            return [self._asked(self._masters[number], window, most()) for window in own]

        found = [window for part in pool.map(ask, range(self.workers)) for window in part]
        return [window for window in found if self._wanted(window, most())]

    def _wanted(self, window: Window, most: int) -> bool:
        return window.least <= most + self._margin

    def _asked(self, master: WindowLp, window: Window, most: int) -> Window:
        low, high = (np.array(edge, dtype=np.float64) for edge in zip(*window.box, strict=True))
        cost: Numbers = self._tier.cost
        begins, places = 0, window.places
        if self._heights is not None:
            begins = self._heights.costs(places[0])
            places = (places[0], min(places[1], self._heights.affordable(self._bound, most + self._margin)))
            if places[0] > places[1]:
                return replace(window, least=inf)
            cost = self._heights.below(places[1], self._gap)
        master.limit(self._pivots.columns, low, high)
        master.also([one.rows(*edges) for one, edges in zip(self._within, window.box, strict=True)])
        bound = master.least(cost, most - begins + self._margin, STEEP * self._gap)
        at = self._at(bound, window.box)
        # A part of a dear option may be above the window: it is not, and its halves would be the same again.
        highest = 0 if self._heights is None else min(places[1], self._heights.highest(bound.x))
        return Window(max(window.least, bound.value + begins), window.number, window.box, places, at, highest)

    def _at(self, bound: Bound, box: Box) -> tuple[float, ...]:
        low, high = zip(*box, strict=True)
        return tuple(np.clip(bound.x[self._pivots.columns], low, high).tolist())

    def _spot(self, window: Window) -> Spot:
        known = self._pivots.known(map(round, window.at))
        if self._heights is None:
            return Spot(known)
        low, high = self._heights.levels[list(window.places)].tolist()
        return Spot(known, (low, high))

    def _loose(self, window: Window) -> list[float]:
        """By how much the LP may be off for each pivot, and for the ceiling, in the tier's unit."""
        loose = [
            within.loose(*edges, at) for within, edges, at in zip(self._within, window.box, window.at, strict=True)
        ]
        return [*loose, self._above(window) * float(self._tier.step)]

    def _above(self, window: Window) -> int:
        """How much more the ceiling costs where the LP has it than where the window begins."""
        low = window.places[0]
        return 0 if self._heights is None else max(0, self._heights.costs(window.highest) - self._heights.costs(low))

    def _is_low(self, window: Window, goal: float) -> bool:
        """Whether it hardly matters where in the window the ceiling is, for plans that cost ``goal``."""
        return 2 * self._above(window) <= max(0.0, goal - window.least)

    def _is_known(self, window: Window, goal: float) -> bool:
        """Whether the LP has the pivots where it is to be believed, and the ceiling nearly so."""
        loose = self._loose(window)[:-1]
        return (
            max(loose) <= TIGHT and all(abs(at - round(at)) <= WHOLE for at in window.at) and self._is_low(window, goal)
        )

    def _halves(self, window: Window, goal: float) -> Iterator[Window]:
        """Two, divided where the LP is least to be believed."""
        box = window.box
        if not self._is_low(window, goal):
            # All of what it may be off by is lost in one half, and nothing says that of pivots.
            low, high = window.places
            middle = (low + window.highest) // 2
            for places in ((low, middle), (middle + 1, high)):
                yield self._part(window, box, places)
            return
        loose = self._loose(window)
        k = max(range(len(box)), key=lambda k: (loose[k], abs(window.at[k] - round(window.at[k]))))
        low, high = box[k]
        middle = min(max(floor(window.at[k] + WHOLE), low), high - 1)
        for part in ((low, middle), (middle + 1, high)):
            yield self._part(window, (*box[:k], part, *box[k + 1 :]))

    def _part(self, window: Window, box: Box, places: tuple[int, int] | None = None) -> Window:
        """Of a window, not asked yet."""
        return Window(window.least, next(self._numbers), box, places or window.places)

    def _others(self, window: Window) -> Iterator[Window]:
        """All but the pivots where they are."""
        box = window.box
        for k, (low, high) in enumerate(box):
            here = round(window.at[k])
            for part in ((low, here - 1), (here + 1, high)):
                if part[0] <= part[1]:
                    yield self._part(window, (*box[:k], part, *box[k + 1 :]))
            box = (*box[:k], (here, here), *box[k + 1 :])


def _tie(program: Program, column: int) -> int:
    """The row that says what a pivot is: an equation."""
    rows = program.columns(np.array([column])).indices
    (tie,) = rows[program.row_lower[rows] == program.row_upper[rows]]
    return int(tie)


def _whole(values: Floats) -> list[int]:
    return [int(value) for value in np.rint(values)]
