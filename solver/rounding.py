"""From an LP's nearly whole optimum to a whole plan: only what lies around its fractional columns is decided anew.

Relaxation induced neighbourhoods (Danna, Rothberg & Le Pape 2005), grown along shared rows. What is found proves nothing;
the LP's bound says how good it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from solver.exact import WHOLE, Exact
from solver.index import Bools, Floats, Ints, Numbers
from solver.master import Bound

NEAR_COLUMNS = (500, 2_000, 8_000)
"""So many, and the most only where fewer have no plan at all."""
NEAR_SECONDS = 1.0
NEARLY_FREE = 1e-7
"""Times the largest cost: columns with no larger reduced cost may be in a plan that is as good as the LP's optimum."""
GAP_SHARE = 0.5
"""Nothing dearer than the gap is in a better plan, and little that is nearly as dear."""
MOST_FRACTIONAL = 2_000
WIDE_FROM = 50_000
"""Columns; of fewer, the program itself is hardly larger than a wide neighbourhood."""
WIDE_COLUMNS = (5_000, 30_000)
WIDE_FREE, WIDE_GAP = 1e-5, 0.1
"""Where an LP is far from whole: what is dearer may be needed, and is enough within so much."""
MOST_WIDE = 20_000
NEARLY_WHOLE = 0.05
"""So many fractional options, at most, for each that the LP takes."""


def nearly_whole(chosen: Floats) -> bool:
    """Whether an LP leaves little to decide of its options, (options,) in an optimum of it."""
    fractional = int((np.abs(chosen - np.rint(chosen)) > WHOLE).sum())
    return bool(fractional <= NEARLY_WHOLE * chosen.sum())


class Rounding:
    """``cost`` is what the LP's optimum ``bound`` minimises."""

    def __init__(self, exact: Exact, cost: Numbers, bound: Bound) -> None:
        self.exact, self.cost, self.bound = exact, cost, bound
        self.largest = max(float(cost.max(initial=0.0)), -float(cost.min(initial=0.0)))
        self.most = NEARLY_FREE * self.largest
        self.fractional = np.abs(bound.x - np.rint(bound.x)) > WHOLE
        self.fractional &= exact.program.integer
        self.hard = not nearly_whole(bound.x[: len(exact.program.options)])
        self.hurried = False
        """Whether some neighbourhood was not done in its time."""

    def within_gap(self, take: Callable[[Floats], bool]) -> bool:
        """Offer plans to ``take`` until one is taken that is within the asked gap; False: none was found."""
        gap = self.exact.options.gap
        return self.plans(take, lambda value: value - self.bound.value <= gap * max(1.0, abs(value)))

    def plans(
        self,
        take: Callable[[Floats], bool],
        good: Callable[[float], bool],
        *,
        value: float = -np.inf,
        largest: float = np.inf,
    ) -> bool:
        """Offer plans from ever larger neighbourhoods to ``take`` until one is taken whose cost is ``good``.

        ``value``: what the plan at hand costs; options whose reduced cost is a share of its gap are looked at too.
        ``largest``: of more columns no neighbourhood is worth its while. False: none was good enough, which proves nothing.
        """
        if not 0 < self.fractional.sum() <= MOST_FRACTIONAL:
            return False
        seconds, found = None if self.exact.options.work_limit is not None else NEAR_SECONDS, False
        for size in (size for size in NEAR_COLUMNS if size <= largest):
            if found and size == NEAR_COLUMNS[-1]:
                return False
            columns = self._near(size, max(self.most, GAP_SHARE * (value - self.bound.value)))
            answer = self.exact.minimise(self.cost, columns, 1e-7, seconds, base=self.bound.x, hard=self.hard)
            self.hurried |= not answer.exhausted
            if answer.x is not None and take(answer.x):
                found, value = True, float(self.cost @ answer.x)
                if good(value):
                    return True
            if len(columns) < size or (not answer.exhausted and np.isfinite(value)):
                # With a plan at hand, what takes long is better left to improvement.
                return False
        return False

    def wide(
        self,
        take: Callable[[Floats], bool],
        seconds: Callable[[], float | None],
        *,
        gap: float = WIDE_GAP,
        at_most: int | None = None,
    ) -> bool:
        """Offer the plan of a neighbourhood as large as it takes to have one, of an LP far from whole; False: there was none.

        ``at_most``: what a plan may cost; dearer options come in the larger what it leaves is.
        """
        if self.fractional.sum() > MOST_WIDE:
            return False
        most = WIDE_FREE * self.largest if at_most is None else GAP_SHARE * (at_most - self.bound.value)
        for size in WIDE_COLUMNS:
            columns = self._near(size, max(self.most, most))
            answer = self.exact.minimise(
                self.cost, columns, gap, seconds(), base=self.bound.x, at_most=at_most, hard=True
            )
            if answer.x is not None and take(answer.x):
                return True
        return False

    def _near(self, size: int, most: float) -> Ints:
        """At most ``size`` columns around the fractional ones, of those that the LP uses or whose reduced cost is at most
        ``most``: who shares a row with them, the cheapest first, and so on.
        """
        master, matrix = self.exact.master, self.exact.program.matrix
        wanted: Bools = (np.abs(self.bound.reduced) <= most) | (self.bound.x > WHOLE)
        inside = np.flatnonzero(wanted & (master.upper > master.lower))
        part = matrix[:, inside]
        # Rows that tie whole parts link nobody.
        links = (~self.exact.ties[part.indices]).astype(np.int32)
        part = sparse.csc_array((links, part.indices, part.indptr), shape=part.shape)
        chosen = self.fractional[inside]
        while (missing := size - int(chosen.sum())) > 0:
            rows = part @ chosen
            new = np.flatnonzero(((part.T @ (rows > 0)) > 0) & ~chosen)
            if not len(new):
                # What the ties lose here may be found anywhere.
                new = np.flatnonzero(~chosen)
                if not len(new):
                    break
            chosen[new[np.argsort(self.bound.reduced[inside[new]], kind="stable")[:missing]]] = True
        return self._with_helpers(inside[chosen])

    def _with_helpers(self, columns: Ints) -> Ints:
        """``columns`` and every open helper and slack that rows link to them: left at the LP's values these forbid whole plans."""
        master, program, count = self.exact.master, self.exact.program, len(self.exact.program.options)
        # Whatever the sign: a row's slack may be taken from it.
        helpers = abs(program.columns(slice(count, None)))
        open_ = master.upper[count:] > master.lower[count:]
        linked = np.zeros(len(open_), dtype=bool)
        new = program.matrix[:, columns]
        while new.shape[1]:
            touched = np.zeros(program.shape[0], dtype=bool)
            touched[new.indices] = True
            found = (helpers.T @ touched > 0) & open_ & ~linked
            linked |= found
            new = helpers[:, np.flatnonzero(found)]
        return np.union1d(columns, count + np.flatnonzero(linked))
