"""Cutting planes made again from the rows that they are sums of: every rounding error of float64 is counted against them.

A sum of rows, Σ s x = Σ times · activity, holds for any multipliers. Written with each variable's distance from a limit, it is
Σ a y = b, y ≥ 0, and Gomory's rounding gives Σ g y ≥ f (1 − f) (Gomory 1960; f: b's fraction). Here s is known up to an error
that is bounded from its number of terms (Higham 2002, "Accuracy and Stability of Numerical Algorithms", §3.1): what that may
move b by is taken off the right side, and coefficients are rounded up, which every y ≥ 0 allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from solver.certificates.claims import Packing, Sum
from solver.certificates.packings import Choice, least_worth
from solver.index import Bools, Floats, Ints

UNIT = 2.0**-52
"""Twice what one operation may be off by, as a part of its result."""
UP = 1.0 + 8 * UNIT
"""More than a few operations may be off by."""
NEAR = 1e-9
"""What is as near to a whole number counts as whole, and is paid for."""
FAINT = 1e-9
"""A part of a plane's size; smaller coefficients are left out at their worst."""
SHALLOW = 1e-4
"""A right side whose fraction is nearer to a whole number gives next to nothing."""


@dataclass(frozen=True)
class Plane:
    """values · x[at] ≥ least for every plan; ``at``: places in the pool. ``whole``: the sum is whole in every plan."""

    at: Ints
    values: Floats
    least: float
    whole: bool = False


@dataclass(frozen=True)
class Limits:
    """Columns or rows: what they are between, and which are whole in every plan."""

    lower: Floats
    upper: Floats
    whole: Bools


@dataclass(frozen=True)
class People:
    """(pool,) whose option each column is, and a number for each group of which a plan takes at most one; helpers: -1."""

    teacher: Ints
    group: Ints


class Planes:
    """Planes over a pool of columns, which are not negative, and rows: ``by_column`` (pool, rows). ``columns``: which they are,
    sorted.
    """

    def __init__(
        self, by_column: sparse.csr_array, pool: Limits, rows: Limits, columns: Ints, people: People | None = None
    ) -> None:
        self.by_column, self.pool, self.rows, self.columns, self.people = by_column, pool, rows, columns, people
        self.sizes = sparse.csr_array(abs(by_column))
        self.terms = np.diff(by_column.indptr).astype(np.float64)
        self.room = pool.upper - pool.lower
        # A whole column without a limit has no worst case that could be paid for: it is rounded like one that is not whole.
        self.whole = pool.whole & np.isfinite(pool.upper)
        self.made: list[Plane | None] = []

    def add(self, asked: Sum | Packing) -> None:
        """Make the plane of ``asked``, or none (None): its rows have no such limits, or it says nothing."""
        self.made.append(self._packed(asked) if isinstance(asked, Packing) else self._made(asked))

    @cached_property
    def _by_row(self) -> sparse.csr_array:
        return sparse.csr_array(self.by_column.T)

    def _packed(self, asked: Packing) -> Plane | None:
        """What the row says of whole choices: of each group of options at most one, and the row's only helper makes up for what is
        missing.
        """
        people = self.people
        if people is None or not 0 <= asked.row < self.by_column.shape[1]:
            return None
        if len(asked.teachers) != len(asked.values) or np.any(asked.teachers < 0):
            return None
        own = slice(self._by_row.indptr[asked.row], self._by_row.indptr[asked.row + 1])
        at, sign = self._by_row.indices[own], -1.0 if asked.high else 1.0
        weight = sign * self._by_row.data[own]
        # What is ruled out makes up for nothing.
        open_ = self.pool.upper[at] > 0
        at, weight = at[open_], weight[open_]
        limit = sign * float((self.rows.upper if asked.high else self.rows.lower)[asked.row])
        helper = people.group[at] < 0
        helpers, options = at[helper], at[~helper]
        slack = asked.slack if len(helpers) else None
        if not np.isfinite(limit) or len(helpers) > 1 or np.any(weight[helper] != 1) or (slack or 0) < 0:
            return None
        worth = np.zeros(int(max(people.teacher.max(initial=-1), asked.teachers.max(initial=-1))) + 1, dtype=np.int64)
        worth[asked.teachers] = asked.values
        values = worth[people.teacher[options]]
        least = least_worth(Choice(people.group[options], weight[~helper], values, limit), slack)
        if least is None:
            return None
        at, values = np.append(options, helpers), np.append(values, np.full(len(helpers), slack or 0))
        order = np.argsort(at)
        return Plane(at[order], values[order].astype(np.float64), float(least), bool(self.pool.whole[at].all()))

    def _made(self, asked: Sum) -> Plane | None:
        count = self.by_column.shape[1]
        times, high = np.zeros(count + len(self.made)), np.zeros(count + len(self.made), dtype=bool)
        if len(asked.rows) != len(asked.times) or not np.isfinite(asked.times).all():
            return None
        if any(np.any((at < 0) | (at >= len(times))) for at in (asked.rows, asked.high, asked.equal)):
            return None
        np.add.at(times, asked.rows, asked.times)
        high[asked.high] = True
        taken = np.flatnonzero(times[count:]).tolist()
        before = {place: plane for place in taken if (plane := self.made[place]) is not None}
        if len(before) < len(taken):
            return None
        rows = np.flatnonzero(times)
        least = [np.inf if plane is None else plane.least for plane in self.made]
        lower = np.append(self.rows.lower, least)
        upper = np.append(self.rows.upper, np.full(len(least), np.inf))
        side = np.where(high, upper, lower)[rows]
        if not np.isfinite(side).all():
            return None
        flipped = np.isin(self.columns, asked.flipped) & np.isfinite(self.pool.upper)
        bound = np.where(flipped, self.pool.upper, self.pool.lower)
        sums, error = self._sums(times, before)
        nearest = np.rint(sums)
        off = np.abs(sums - nearest)
        near = self.whole & (off < NEAR)
        sums, error = np.where(near, nearest, sums), np.where(near, error + off, error)
        # Σ sums · x is not quite Σ times · activity: off by so much at most, either way.
        paid = float(error @ np.where(self.whole, self.pool.upper, np.abs(bound)))
        right, off_by = _product(times[rows], side)
        there, off_too = _product(sums, bound)
        paid = (paid + off_by + off_too) * UP * (1 + len(sums) * UNIT) + UNIT * (abs(right) + abs(there))
        right = right - there - paid
        part = right - np.floor(right)
        if not SHALLOW < part < 1 - SHALLOW or not np.isfinite(paid):
            return None
        coefficients = self._rounded(np.where(flipped, -sums, sums), error, part)
        whole = np.append(self.rows.whole, [plane is not None and plane.whole for plane in self.made])[rows]
        signed = np.where(high[rows], times[rows], -times[rows])
        slack = np.where(whole, _whole(signed, part), _broken(signed, signed, part))
        # Where nothing is left of a row any coefficient is right; the duals go with the one that was asked for.
        slack[np.isin(rows, asked.equal) & (upper[rows] == lower[rows])] = 0.0
        # Back to x and to the rows' activities, which are sums of x.
        coefficients[flipped] *= -1.0
        slack[high[rows]] *= -1.0
        needed, off_by = _product(coefficients, bound)
        more, off_too = _product(slack, side)
        value = part * (1 - part) - 2 * paid
        value = value + needed + more - UP * (off_by + off_too) - 4 * UNIT * (1.0 + abs(needed) + abs(more))
        return self._over_columns(coefficients, rows, slack, value, before)

    def _sums(self, times: Floats, planes: dict[int, Plane]) -> tuple[Floats, Floats]:
        """Each column's sum over the rows, and how much it may be off by."""
        count = self.by_column.shape[1]
        sums, size, terms = self.by_column @ times[:count], self.sizes @ np.abs(times[:count]), self.terms.copy()
        for place, plane in planes.items():
            part = times[count + place] * plane.values
            sums[plane.at] += part
            size[plane.at] += np.abs(part)
            terms[plane.at] += 1
        return sums, (terms + 2) * UNIT * size

    def _rounded(self, coefficients: Floats, error: Floats, part: float) -> Floats:
        broken = _broken(coefficients - error, (coefficients + error) * (1 + UNIT), part)
        rounded: Floats = np.where(self.whole, _whole(coefficients, part), broken)
        rounded[self.room == 0] = 0.0
        return rounded

    def _over_columns(
        self, coefficients: Floats, rows: Ints, slack: Floats, least: float, planes: dict[int, Plane]
    ) -> Plane | None:
        """The plane over columns alone; what is next to nothing is left out."""
        times = np.zeros(self.by_column.shape[1] + len(self.made))
        times[rows] = slack
        sums, error = self._sums(times, planes)
        total = coefficients + sums
        total = np.where(error > 0, total + (error + 2 * UNIT * (np.abs(coefficients) + np.abs(sums))), total)
        faint = np.abs(total) < FAINT * float(np.linalg.norm(total))
        # Up to 0 costs nothing.
        total[faint & (total < 0)] = 0.0
        left_out = np.flatnonzero(faint & (total > 0) & np.isfinite(self.pool.upper))
        lost, off_by = _product(total[left_out], self.pool.upper[left_out])
        total[left_out] = 0.0
        least -= UP * (lost + off_by) + UNIT * abs(least)
        at = np.flatnonzero(total)
        return Plane(at, total[at], least) if np.isfinite(least) and np.isfinite(total).all() else None


def _product(factors: Floats, limits: Floats) -> tuple[float, float]:
    """Σ factor · limit, and how much it may be off by."""
    used = np.flatnonzero(factors)
    products = factors[used] * limits[used]
    return float(products.sum()), float((len(used) + 2) * UNIT * np.abs(products).sum())


def _whole(coefficients: Floats, part: float) -> Floats:
    """Gomory's coefficients of whole variables, rounded up."""
    fraction = coefficients - np.floor(coefficients)
    rounded: Floats = UP * np.minimum(fraction * (1 - part), (1 - fraction) * part)
    return rounded


def _broken(low: Floats, high: Floats, part: float) -> Floats:
    """Gomory's coefficients of variables that need not be whole, whose own are between ``low`` and ``high``, rounded up."""
    rounded: Floats = UP * np.maximum(high * (1 - part), -low * part)
    return rounded
