"""A bound that duals prove, added up exactly, and what it rules out.

Safe dual bounds (Neumaier & Shcherbina 2004, "Safe bounds in linear and mixed-integer linear programming"): for *any* y,
cost · x = y · (A x) + (cost − Aᵀy) · x, and the least of each part over its limits is a bound. Here y is rounded to
multiples of 1/s for a whole s. Costs, matrix and limits are whole, so s(cost − Aᵀy) is whole too, and float64 adds it up without
error as long as the absolute sums stay below 2⁵³. Nothing the LP solver said is believed: bad duals give a bad bound,
never a wrong one.

Planes are rows of fractions: reduced costs are then not exact, and by as much too low as they may be off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import floor, frexp
from typing import NamedTuple

import numpy as np

from solver.certificates.planes import Plane
from solver.index import Bools, Floats, Ints
from solver.matrix import blocks, reduced_costs
from solver.program import Program
from solver.stopping import ShouldStop, never

EXACT = 2.0**52
"""Whole numbers of this size are exact in float64, with a bit to spare."""
REPAIRS = 20


class Fineness(NamedTuple):
    """Duals are rounded to multiples of 1 / s, s being ``factor`` times 2 to ``power``; ``loose``: those of rows alone."""

    factor: int
    power: int
    loose: bool = False


@dataclass(frozen=True)
class More:
    """Planes over ``columns`` and their duals, not negative."""

    columns: Ints
    planes: tuple[Plane, ...]
    duals: tuple[float, ...]

    @property
    def largest(self) -> float:
        """No column's planes come to more."""
        pairs = zip(self.planes, self.duals, strict=True)
        return sum(dual * float(np.abs(plane.values).max(initial=0.0)) for plane, dual in pairs)

    def lowered(self, low: Floats, scale: int) -> Floats:
        """``low`` (times ``scale``) less what the planes take: whole numbers that are not above the truth."""
        if not self.planes:
            return low
        taken, terms = np.zeros(len(self.columns)), np.zeros(len(self.columns))
        for plane, dual in zip(self.planes, self.duals, strict=True):
            taken[plane.at] += dual * scale * plane.values
            terms[plane.at] += 1
        # Sums below 2⁵²: each product and each sum is off by half at most.
        low[self.columns] = np.floor(low[self.columns] - taken - np.where(terms > 0, terms + 1, 0.0))
        return low

    def total(self, scale: int) -> int:
        """``scale`` times what the planes' right sides come to, rounded down."""
        pairs = zip(self.planes, self.duals, strict=True)
        return floor(sum((Fraction(dual * scale) * Fraction(plane.least) for plane, dual in pairs), Fraction(0)))


NO_MORE = More(np.zeros(0, dtype=np.int64), (), ())


@dataclass(frozen=True)
class Priced:
    """A tier's duals ``rows`` times ``scale``, and what follows, as often: ``total`` ≤ cost · x; ``low`` (n,): whole numbers that
    the reduced costs do not go below, and are equal to where the matrix and duals of tiers are whole; ``least``: what a group of options adds.
    """

    scale: int
    rows: Floats
    total: int
    low: Floats
    least: Floats

    @property
    def bound(self) -> Fraction:
        return Fraction(self.total, self.scale)


class Pricing:
    """The program, and what the tiers so far rule out: columns ``out`` (at their lower bound), options ``chosen``,
    helpers' bounds, rows that became equations, and ``cuts``: cost and value of every tier done.
    """

    def __init__(self, program: Program, should_stop: ShouldStop = never) -> None:
        self.program, self.should_stop = program, should_stop
        self.matrix, self.count = program.matrix, len(program.options)
        if program.lower[: self.count].any() or np.any(program.upper[: self.count] != 1) or np.any(program.lower < 0):
            raise ValueError("options are columns between 0 and 1, and helpers are not negative")
        self.lower, self.upper = program.lower[self.count :].copy(), program.upper[self.count :].copy()
        self.row_lower, self.row_upper = program.row_lower.copy(), program.row_upper.copy()
        self.out = np.zeros(self.count, dtype=bool)
        self.chosen = np.zeros(self.count, dtype=bool)
        self.cuts: list[tuple[Ints, int]] = []
        self.whole_columns = program.integer & _whole(program.lower) & _whole(program.upper)
        self.heaviest = 0.0
        self.fractional, self.whole_rows = self._wholeness()
        self.first = self._groups()

    # -- what the program is like -----------------------------------------------------------------------------------

    def _wholeness(self) -> tuple[Bools | None, Bools]:
        """Columns with a fraction in them (None: there are none), and rows whose activity is whole for every plan. By the
        way, ``heaviest``: no column's entries come to more.
        """
        fractional, whole = np.zeros(self.matrix.shape[1], dtype=bool), _whole(self.row_lower) & _whole(self.row_upper)
        for start, part in blocks(self.matrix, self.should_stop):
            size = float(np.abs(part.data).max(initial=0.0))
            self.heaviest = max(self.heaviest, size * int(np.diff(part.indptr).max(initial=0)))
            broken = np.flatnonzero(~_whole(part.data))
            whole[part.indices[broken]] = False
            fractional[start + np.searchsorted(part.indptr, broken, side="right") - 1] = True
        for column in np.flatnonzero(~self.whole_columns):
            whole[self.matrix.indices[self.matrix.indptr[column] : self.matrix.indptr[column + 1]]] = False
        return (fractional if fractional.any() else None), whole

    def _groups(self) -> Ints:
        """Where each group of options begins of which a plan takes at most one: a teacher's, where a row says so, else each
        by itself. Such a row is 1 on all his options, has nothing else, and is at most 1.
        """
        teacher = np.asarray(self.program.options.teacher)
        if not self.count:
            return np.zeros(0, dtype=np.int64)
        starts = np.flatnonzero(np.concatenate(([True], teacher[1:] != teacher[:-1])))
        sizes = np.diff(np.append(starts, self.count))
        group = np.full(self.matrix.shape[1], -2, dtype=np.int32)
        group[: self.count] = np.repeat(np.arange(len(starts)), sizes)
        owner = np.full(self.matrix.shape[0], -1, dtype=np.int32)
        of_first = self.matrix[:, starts]
        limiting = self.row_upper[of_first.indices] <= 1
        owner[of_first.indices[limiting]] = np.repeat(np.arange(len(starts)), np.diff(of_first.indptr))[limiting]
        entries, ones = np.zeros(len(owner), dtype=np.int64), np.zeros(len(owner), dtype=np.int64)
        for start, part in blocks(self.matrix, self.should_stop):
            owned = np.flatnonzero(owner[part.indices] >= 0)
            rows, own = (
                part.indices[owned],
                np.repeat(group[start : start + part.shape[0]], np.diff(part.indptr))[owned],
            )
            entries += np.bincount(rows, minlength=len(owner))
            ones += np.bincount(rows[(own == owner[rows]) & (part.data[owned] == 1)], minlength=len(owner))
        rows = np.flatnonzero(owner >= 0)
        rows = rows[(entries[rows] == ones[rows]) & (ones[rows] == sizes[owner[rows]])]
        together = sizes == 1
        together[owner[rows]] = True
        begins = np.repeat(~together, sizes)
        begins[starts] = True
        return np.flatnonzero(begins)

    # -- what duals prove -------------------------------------------------------------------------------------------

    def _price(
        self,
        cost: Ints,
        rows: Floats | None,
        cuts: Floats | None,
        fineness: Fineness,
        more: More = NO_MORE,
    ) -> Priced | None:
        """The bound that ``rows`` and ``cuts``, rounded as ``fineness`` says, give ``cost``, with ``more``; None: minus infinity."""
        y = self._fitting(rows, self.row_lower, self.row_upper)
        no_least, values = np.full(len(self.cuts), -np.inf), np.array([float(most) for _, most in self.cuts])
        z = self._fitting(cuts, no_least, values)
        factor, power, loose = fineness
        largest = self._largest(cost, y, z, factor << power) + more.largest
        if largest > EXACT / 2:
            # Beyond what can be added up exactly, no duals are the best duals.
            y, z, more, largest = np.zeros_like(y), np.zeros_like(z), NO_MORE, float(np.abs(cost).max(initial=0))
            if largest > EXACT / 2:
                return None
        # Rounding at most doubles a dual that it does not make 0.
        power = min(power, frexp(EXACT / 2 / factor / max(largest, 1.0))[1] - 1)
        if power < 0:
            return None
        scale = factor << power
        y, z = np.rint(y * scale), z * scale if loose else np.rint(z * scale)
        for _ in range(REPAIRS):
            low = more.lowered(self._reduced(cost, y, z, scale), scale)
            unlimited = self.count + np.flatnonzero((low[self.count :] < 0) & np.isinf(self.upper))
            if not len(unlimited):
                break
            self._repair(y, low, unlimited)
        else:
            return None
        least = self._least(low)
        side = np.where(y > 0, self.row_lower, self.row_upper)
        total = _products(y, side)
        total += floor(sum((Fraction(dual) * most for dual, (_, most) in zip(z, self.cuts, strict=True)), Fraction(0)))
        total += _total(least) + _total(low[: self.count][self.chosen])
        helpers = low[self.count :]
        total += _products(helpers, np.where(helpers > 0, self.lower, self.upper)) + more.total(scale)
        return Priced(scale, y, total, low, least)

    @staticmethod
    def _fitting(duals: Floats | None, lower: Floats, upper: Floats) -> Floats:
        """Duals without those that no limit backs: a positive one needs a lower, a negative one an upper limit."""
        if duals is None or np.shape(duals) != lower.shape:
            return np.zeros(len(lower))
        backed = (np.abs(duals) < EXACT) & np.isfinite(np.where(duals > 0, lower, upper))
        return np.where(backed, duals, 0.0)

    def _largest(self, cost: Ints, y: Floats, z: Floats, scale: int) -> float:
        """|cost| + |A|ᵀ|y| is no larger in any column: a guess from above if that is good enough for ``scale``."""
        rough = float(np.abs(cost).max(initial=0)) + self.heaviest * float(np.abs(y).max(initial=0.0))
        for dual, (values, _) in zip(z, self.cuts, strict=True):
            rough += float(abs(dual) * np.abs(values).max(initial=0.0)) if dual else 0.0
        if rough * scale <= EXACT / 2:
            return rough
        sums = np.abs(cost).astype(np.float64)
        for dual, (values, _) in zip(z, self.cuts, strict=True):
            if dual:
                sums += abs(dual) * np.abs(values)
        size = np.abs(y)
        for start, part in blocks(self.matrix, self.should_stop):
            part.data = np.abs(part.data)
            sums[start : start + part.shape[0]] += part @ size
        most: float = sums.max(initial=0.0)
        return most

    def _reduced(self, cost: Ints, y: Floats, z: Floats, scale: int) -> Floats:
        """``scale`` cost − Aᵀy − Σ z cut of every column: exact, or no less than that where the column has fractions."""
        reduced = cost.astype(np.float64) * scale
        reduced_costs(self.matrix, reduced, y, out=reduced)
        broken = self.fractional
        for dual, (values, _) in zip(z, self.cuts, strict=True):
            if dual:
                reduced -= dual * values
            if dual != np.rint(dual):
                broken = values != 0 if broken is None else broken | (values != 0)
        if broken is None:
            return reduced
        # Sums below 2⁵², each of n roundings off by at most 2⁻⁵³ of it: n / 2, and n again to be safe.
        error = np.where(broken, np.diff(self.matrix.indptr) + 2 * len(self.cuts) + 2.0, 0.0)
        low: Floats = np.floor(reduced - error)
        return low

    def _repair(self, y: Floats, low: Floats, unlimited: Ints) -> None:
        """Shrink a dual of each column that has no upper limit and, by a rounding, a negative reduced cost."""
        for column in unlimited:
            entries = slice(self.matrix.indptr[column], self.matrix.indptr[column + 1])
            rows, values = self.matrix.indices[entries], self.matrix.data[entries]
            drags = values * y[rows]
            if drags.max(initial=0.0) > 0:
                row, value = rows[np.argmax(drags)], values[np.argmax(drags)]
                y[row] -= np.sign(y[row]) * min(abs(y[row]), np.ceil(-low[column] / abs(value)))

    def _least(self, low: Floats) -> Floats:
        """(groups,) the least that each group's open options add, at most one of them taken."""
        if not self.count:
            return np.zeros(0)
        return np.minimum(0.0, np.minimum.reduceat(self._open(low), self.first))

    def _open(self, values: Floats) -> Floats:
        return np.where(self.out | self.chosen, 0.0, values[: self.count])

    # -- what that rules out ----------------------------------------------------------------------------------------

    def _narrow(self, priced: Priced, slack: int) -> None:
        """Everything that would lift the tier's cost by more than ``slack`` (times the scale) above what was proved."""
        if slack >= EXACT:
            return
        room = float(slack)
        if self.count:
            self._narrow_options(priced, room)
        low = priced.low[self.count :]
        # A whole column moves by 1 at least; one that is not, by next to nothing.
        moves = self.whole_columns[self.count :] | (slack == 0)
        down = moves & (low > room)
        up = moves & (low < -room) & np.isfinite(self.upper)
        self.upper[down], self.lower[up] = self.lower[down], self.upper[up]
        self._narrow_ceilings(low, room)
        tight = (np.abs(priced.rows) > room) & (self.whole_rows | (slack == 0))
        for row in np.flatnonzero(tight):
            side = self.row_lower[row] if priced.rows[row] > 0 else self.row_upper[row]
            self.row_lower[row] = self.row_upper[row] = side

    def _narrow_ceilings(self, low: Floats, room: float) -> None:
        """No ceiling is higher than ``room`` pays for, and no option longer than its ceiling."""
        for ceiling in self.program.ceilings:
            helper = ceiling.column - self.count
            if low[helper] > 0:
                highest = self.lower[helper] + floor(Fraction(room) / Fraction(low[helper]))
                self.upper[helper] = min(self.upper[helper], highest)
                self.out |= (ceiling.length > self.upper[helper]) & ~self.chosen

    def _narrow_options(self, priced: Priced, room: float) -> None:
        sizes = np.diff(np.append(self.first, self.count))
        open_ = ~(self.out | self.chosen)
        lifted = priced.low[: self.count] - np.repeat(priced.least, sizes)
        self.out |= open_ & (lifted > room)
        # Without its best option, a group adds at least what the second best does.
        values = self._open(priced.low)
        best = (values == np.repeat(priced.least, sizes)) & (values < 0)
        alone = np.add.reduceat(best.astype(np.int64), self.first) == 1
        values[best] = 0.0
        second = np.minimum(0.0, np.minimum.reduceat(values, self.first))
        needed = alone & (second - priced.least > room)
        chosen = best & np.repeat(needed, sizes)
        self.chosen |= chosen
        self.out |= np.repeat(np.logical_or.reduceat(chosen, self.first), sizes) & ~self.chosen

    @contextmanager
    def _for_a_while(self) -> Iterator[None]:
        """What is ruled out inside is not ruled out afterwards."""
        names = ("out", "chosen", "lower", "upper", "row_lower", "row_upper")
        known = {name: getattr(self, name).copy() for name in names}
        try:
            yield
        finally:
            for name, value in known.items():
                setattr(self, name, value)


def _whole(values: Floats) -> Bools:
    """Which are whole numbers (or no limit at all)."""
    whole: Bools = np.rint(values) == values
    return whole


def _total(values: Floats) -> int:
    """The sum of whole numbers below 2⁵³, exactly: high and low halves fit 64 bits however many there are."""
    whole = values.astype(np.int64)
    return (int((whole >> 26).sum()) << 26) + int((whole & (2**26 - 1)).sum())


def _products(factors: Floats, limits: Floats) -> int:
    """Σ factor · limit, exactly, rounded down; a factor of 0 needs no limit."""
    used = np.flatnonzero((factors != 0) & (limits != 0))
    factor, limit = factors[used], limits[used]
    whole = _whole(limit)
    pairs = zip(factor[whole].tolist(), limit[whole].tolist(), strict=True)
    total = sum(int(one) * int(other) for one, other in pairs)
    pairs = zip(factor[~whole].tolist(), limit[~whole].tolist(), strict=True)
    return total + floor(sum((Fraction(one) * Fraction(other) for one, other in pairs), Fraction(0)))
