"""Branch and bound over windows of the pivots: what costs at least so much where they are from here to there.

The narrower a window, the more its LP says, and at a window's edge it says all (spatial branch and bound: McCormick 1976; Horst &
Tuy 1996). So the window is divided where the LP is least to be believed. Where it is to be believed in every pivot, these are known
ones: a program of its own says what its best plan is, and what is left of the window is asked on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from heapq import heapify, heappop
from itertools import count
from math import floor, inf

import numpy as np

from solver.exact import WHOLE, margin
from solver.index import Floats
from solver.master import Master
from solver.program import Program, TierCost
from solver.search.pivots import Known, Pivots
from solver.search.window_lp import WindowLp
from solver.stopping import ShouldStop

TIGHT = 1e-7
"""In the tier's unit: rows that are no more off say all."""
DEAR = 10.0
"""How many times what is between the LP's optimum and the plan at hand a unit beside a window costs: no plan is there."""
MOST_STEPS = 500
"""Where no clock decides."""
Box = tuple[tuple[int, int], ...]


@dataclass(frozen=True, order=True)
class Window:
    """Plans whose pivots are within ``box`` cost at least ``least`` (in the tier's steps); its LP has them ``at``."""

    least: float
    number: int
    box: Box = field(compare=False)
    at: tuple[float, ...] = field(compare=False)


class Windows:
    """Of tier ``k``'s program, as ``master`` knows it. ``workers`` windows are asked at once, each by an LP of its own."""

    def __init__(self, master: Master, tier: TierCost, pivots: Pivots, workers: int, should_stop: ShouldStop) -> None:
        self._tier, self._pivots, self._workers = tier, pivots, workers
        self._within = [one for pivot in master.program.pivots.values() if (one := pivot.within) is not None]
        self._margin, self._numbers, self._open = margin(tier.cost), count(), list[Window]()
        elastic = np.array([_tie(master.program, column) for column in pivots.columns.tolist()])
        self._masters = [WindowLp(master, elastic, should_stop) for _ in range(workers)]
        self._off = 0.0

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
        bound: float,
        most: Callable[[], int],
        settle: Callable[[Sequence[Known]], bool],
        enough: Callable[[], bool],
        until: float,
    ) -> None:
        """All windows with plans that cost at most ``most``, until then (``time.monotonic``). ``settle`` takes the best plans of known
        pivots (False: not of all), and before each step ``enough`` is asked. ``bound``: the LP's optimum. Raises Stopped.
        """
        self._off = DEAR * max(1.0, most() - bound)
        program, columns = self._masters[0].program, self._pivots.columns
        whole = tuple(zip(_whole(program.lower[columns]), _whole(program.upper[columns]), strict=True))
        self._open = [Window(bound, next(self._numbers), whole, ())]
        with ThreadPoolExecutor(self._workers) as pool:
            self._open = self._asked_all([whole], bound, pool, most)
            steps = count()
            while self._open and not enough() and time.monotonic() < until:
                if (until == inf and next(steps) == MOST_STEPS) or not self._next(pool, most, settle):
                    return

    def close(self) -> None:
        for own in self._masters:
            own.close()

    def _next(
        self, pool: ThreadPoolExecutor, most: Callable[[], int], settle: Callable[[Sequence[Known]], bool]
    ) -> bool:
        """The windows that cost least; False: what they are known to hold was not settled."""
        taken = [heappop(self._open) for _ in range(min(self._workers, len(self._open)))]
        done = list[Window]()
        try:
            known = [tuple(map(round, window.at)) for window in taken if self._is_known(window)]
            if not settle([self._pivots.known(one) for one in known]):
                return False
            for window in taken:
                self._open += self._asked_all(list(self._parts(window)), window.least, pool, most)
                done.append(window)
        finally:
            self._open += taken[len(done) :]
            heapify(self._open)
        self._open = [window for window in self._open if self._wanted(window, most())]
        heapify(self._open)
        return True

    def _asked_all(
        self, boxes: Sequence[Box], least: float, pool: ThreadPoolExecutor, most: Callable[[], int]
    ) -> list[Window]:
        """Windows of ``boxes``, which cost at least ``least``, with plans that are wanted, as far as their LPs say."""

        def ask(number: int) -> list[Window]:
            return [self._asked(self._masters[number], box, least, most()) for box in boxes[number :: self._workers]]

        found = [window for part in pool.map(ask, range(self._workers)) for window in part]
        return [window for window in found if self._wanted(window, most())]

    def _wanted(self, window: Window, most: int) -> bool:
        return window.least <= most + self._margin

    def _asked(self, master: WindowLp, box: Box, least: float, most: int) -> Window:
        low, high = (np.array(edge, dtype=np.float64) for edge in zip(*box, strict=True))
        master.limit(self._pivots.columns, low, high)
        master.also([one.rows(*edges) for one, edges in zip(self._within, box, strict=True)])
        bound = master.least(self._tier.cost, most + self._margin, self._off)
        at = tuple(np.clip(bound.x[self._pivots.columns], low, high).tolist())
        return Window(max(least, bound.value), next(self._numbers), box, at)

    def _loose(self, window: Window) -> list[float]:
        return [within.loose(*edges, at) for within, edges, at in zip(self._within, window.box, window.at, strict=True)]

    def _is_known(self, window: Window) -> bool:
        """Whether the LP has the pivots where it is to be believed."""
        return max(self._loose(window)) <= TIGHT and all(abs(at - round(at)) <= WHOLE for at in window.at)

    def _parts(self, window: Window) -> Iterator[Box]:
        """Two, divided where the LP is least to be believed; or all but the known pivots, which are settled."""
        box = window.box
        if not self._is_known(window):
            loose = self._loose(window)
            k = max(range(len(box)), key=lambda k: (loose[k], abs(window.at[k] - round(window.at[k]))))
            low, high = box[k]
            middle = min(max(floor(window.at[k] + WHOLE), low), high - 1)
            for part in ((low, middle), (middle + 1, high)):
                yield (*box[:k], part, *box[k + 1 :])
            return
        for k, (low, high) in enumerate(box):
            here = round(window.at[k])
            for part in ((low, here - 1), (here + 1, high)):
                if part[0] <= part[1]:
                    yield (*box[:k], part, *box[k + 1 :])
            box = (*box[:k], (here, here), *box[k + 1 :])


def _tie(program: Program, column: int) -> int:
    """The row that says what a pivot is: an equation."""
    rows = program.columns(np.array([column])).indices
    (tie,) = rows[program.row_lower[rows] == program.row_upper[rows]]
    return int(tie)


def _whole(values: Floats) -> list[int]:
    return [int(value) for value in np.rint(values)]
