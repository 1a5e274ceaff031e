"""Cutting planes on the master's LP: what a few fractional options hide is closed without an exact program.

Gomory mixed-integer cuts from the optimal tableau (Gomory 1960; Cornuéjols 2008, "Valid inequalities for mixed integer linear
programs"). The LP is warm, where an exact program begins it from nothing: two rounds of cuts take a tenth of a second on a
city, whose exact program spends twenty on its first LP. Cuts are about ``columns`` alone, those that a better plan may use,
and gone when the tier is done.

Any multipliers give a valid cut, so rounding in the LP only makes weaker ones. Rounding here is paid for: what is within NEAR
of a whole number counts as whole, and what that may hide is taken from the cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solver.engines.highs import Linear
from solver.index import Bools, Floats, Ints, Numbers
from solver.master import LARGEST_COST, Bound, Master

ROUNDS = 12
ROWS_A_ROUND = 60
CUTS_A_ROUND = 20
FRACTIONAL = 0.01
"""A row whose right side is nearer to a whole number gives a cut that rounding may turn into a lie."""
NEAR = 1e-7
SPARE = 1e-7
DEEP = 1e-4
"""From the LP's optimum to a cut, at least."""
ALIKE = 0.9
"""Cosine from which on one of two cuts is enough."""
PROGRESS = 0.05
"""A part of what all rounds gained; where a round gains less, exact programs say more."""
LARGEST = 1e7
"""Rows with larger coefficients are not for floating point."""


@dataclass(frozen=True)
class Cut:
    """coefficients · x ≥ least, the largest coefficient 1."""

    coefficients: Floats
    least: float
    depth: float

    def is_like(self, other: Cut) -> bool:
        size = float(np.linalg.norm(self.coefficients) * np.linalg.norm(other.coefficients))
        return abs(float(self.coefficients @ other.coefficients)) > ALIKE * size


class Gomory:
    """The LP of ``cost`` as ``master`` has just solved it, over ``columns`` and those that are in it already (``pool``)."""

    def __init__(self, master: Master, cost: Numbers, columns: Ints) -> None:
        self.master, program = master, master.program
        self.pool = np.union1d(np.flatnonzero(master.inside), columns)
        largest = float(np.abs(cost).max(initial=0.0))
        self.unit = max(1.0, largest / LARGEST_COST)
        self.cost = cost[self.pool] / self.unit
        self.linear, self.before = master.copied(self.pool, cost / self.unit)
        tiers = np.array([values[self.pool] for values, _ in master.cuts]).reshape(-1, len(self.pool))
        self.matrix = sparse.csr_array(sparse.vstack((program.columns(self.pool), tiers)))
        self.row_lower = np.concatenate((master.row_lower, np.full(len(tiers), -np.inf)))
        self.row_upper = np.concatenate((master.row_upper, [most for _, most in master.cuts]))
        self.lower, self.upper = master.lower[self.pool], master.upper[self.pool]
        self.integer = program.integer[self.pool]
        self.whole = self._whole_rows()

    def _whole_rows(self) -> Bools:
        """Rows whose activity is whole in every plan."""
        entries = self.matrix.tocoo()
        broken = (entries.data != np.rint(entries.data)) | ~self.integer[entries.coords[1]]
        whole = np.ones(len(self.row_lower), dtype=bool)
        whole[entries.coords[0][broken]] = False
        for side in (self.row_lower, self.row_upper):
            whole &= ~np.isfinite(side) | (side == np.rint(side))
        return whole

    def run(self, enough: float) -> Bound | None:
        """The LP's optimum with cuts, over the pool (other columns: infinite reduced costs); None: nothing was gained, or no
        cut can be trusted. ``enough``: a bound that is worth no more.
        """
        if np.abs(self.matrix.data).max(initial=0.0) > LARGEST:
            return None
        answer = self.linear.solve()
        if answer is None:
            return None
        begun = answer.value
        for _ in range(ROUNDS):
            before, x = answer.value, answer.x[self.before :]
            cuts = self._cuts(x)
            if not cuts:
                break
            self._add(cuts)
            answer = self.linear.solve()
            if answer is None:
                return self._said(np.inf, np.zeros(len(self.row_lower)), x)
            gained = answer.value - begun
            if answer.value - before <= PROGRESS * gained + SPARE or answer.value >= enough / self.unit:
                break
        if answer.value <= begun + SPARE:
            return None
        return self._said(answer.value, answer.y, answer.x[self.before :])

    def _said(self, value: float, y: Floats, x: Floats) -> Bound:
        """Of all columns, in the cost's own unit."""
        columns = self.master.program.shape[1]
        reduced, everywhere = np.full(columns, np.inf), np.zeros(columns)
        reduced[self.pool] = (self.cost - self.matrix.T @ y) * self.unit
        everywhere[self.pool] = x
        return Bound(value * self.unit, reduced, y, everywhere)

    def _add(self, cuts: list[Cut]) -> None:
        self.linear.strategy("dual")
        for cut in cuts:
            at = np.flatnonzero(cut.coefficients)
            self.linear.add_row(cut.least, np.inf, at + self.before, cut.coefficients[at])
        rows = np.array([cut.coefficients for cut in cuts])
        self.matrix = sparse.csr_array(sparse.vstack((self.matrix, sparse.csr_array(rows))))
        self.row_lower = np.append(self.row_lower, [cut.least for cut in cuts])
        self.row_upper = np.append(self.row_upper, np.full(len(cuts), np.inf))
        self.whole = np.append(self.whole, np.zeros(len(cuts), dtype=bool))

    def _cuts(self, x: Floats) -> list[Cut]:
        """The deepest cuts of the most fractional rows of the tableau, no two alike."""
        activity = self.matrix @ x
        basic = self.linear.basic()
        of_column = basic >= self.before
        value, whole = np.zeros(len(basic)), np.zeros(len(basic), dtype=bool)
        column, row = basic[of_column] - self.before, -1 - basic[basic < 0]
        value[of_column], whole[of_column] = x[column], self.integer[column]
        value[basic < 0], whole[basic < 0] = activity[row], self.whole[row]
        from_whole = np.abs(value - np.rint(value))
        places = np.flatnonzero(whole & (from_whole > FRACTIONAL))
        places = places[np.argsort(-from_whole[places], kind="stable")][:ROWS_A_ROUND]
        found = [self._cut(self.linear.multipliers(int(place)), x, activity) for place in places]
        deep = sorted((cut for cut in found if cut is not None), key=lambda cut: -cut.depth)
        kept: list[Cut] = []
        for cut in deep:
            if len(kept) < CUTS_A_ROUND and not any(cut.is_like(other) for other in kept):
                kept.append(cut)
        return kept

    def _cut(self, multipliers: Floats, x: Floats, activity: Floats) -> Cut | None:
        """The rounded sum of the rows: every column counts from the bound it is nearer to, every row from its side."""
        rows = np.flatnonzero(np.abs(multipliers) > NEAR)
        times = multipliers[rows]
        high = self.row_upper[rows] - activity[rows] < activity[rows] - self.row_lower[rows]
        side = np.where(high, self.row_upper[rows], self.row_lower[rows])
        taken = np.zeros(len(self.row_lower))
        taken[rows] = times
        sums = self.matrix.T @ taken
        flipped = self.upper - x < x - self.lower
        bound = np.where(flipped, self.upper, self.lower)
        right = float(times @ side - sums @ bound)
        part = right - np.floor(right)
        if not FRACTIONAL < part < 1 - FRACTIONAL:
            return None
        own, lost = _rounded(np.where(flipped, -sums, sums), part, self.integer, self.upper - self.lower)
        slack, lost_too = _rounded(
            np.where(high, times, -times), part, self.whole[rows], self.row_upper[rows] - self.row_lower[rows]
        )
        # Back to x: a column's distance from its bound, a row's from its side.
        own = np.where(flipped, -own, own)
        signed = np.where(high, -slack, slack)
        taken[rows] = signed
        coefficients = own + self.matrix.T @ taken
        least = part * (1 - part) - lost - lost_too + float(own @ bound) + float(signed @ side)
        size = float(np.abs(coefficients).max(initial=0.0))
        if not np.isfinite(least) or size < NEAR:
            return None
        coefficients, least = coefficients / size, least / size
        # What is next to nothing is left out, at its worst.
        faint = np.abs(coefficients) < NEAR
        worst = np.where(coefficients > 0, self.upper, self.lower)
        least -= float(np.where(faint & (coefficients != 0), coefficients * worst, 0.0).sum())
        coefficients[faint] = 0.0
        least -= SPARE * max(1.0, abs(least))
        depth = (least - float(coefficients @ x)) / float(np.linalg.norm(coefficients))
        return Cut(coefficients, least, depth) if np.isfinite(least) and depth > DEEP else None


def _rounded(coefficients: Floats, part: float, whole: Bools, room: Floats) -> tuple[Floats, float]:
    """Gomory's coefficients of variables from 0 to ``room``, and what may be lost as some count as whole that are not quite.

    Σ a y = b, y ≥ 0, gives Σ g y ≥ f (1 − f) where f is ``part``, b's fraction: g = min(fraction of a × (1 − f), (1 − it) × f) where
    y is whole, else a (1 − f) or −a f.
    """
    fraction = coefficients - np.floor(coefficients)
    near = whole & ((fraction < NEAR) | (fraction > 1 - NEAR))
    rounded = np.where(
        whole,
        np.minimum(fraction * (1 - part), (1 - fraction) * part),
        np.where(coefficients > 0, coefficients * (1 - part), -coefficients * part),
    )
    rounded[near | (room == 0)] = 0.0
    exactly = coefficients == np.rint(coefficients)
    return rounded, float(NEAR * room[near & ~exactly].sum())
