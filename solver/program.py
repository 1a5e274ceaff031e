"""The one model that every engine gets: columns (options first, then helpers and slacks) and named sparse rows.

Every coefficient, limit and cost is a whole number, so that bounds are exact: shares are multiplied out, kilometres are
metres. A soft rule's row has one slack column a side, whose cost sits in the rule's tier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor, lcm
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from rotation.policy import Tier
from rotation.rules.frame import Number, Rule, exact
from solver.index import NONE, Bools, Floats, Index, Ints

if TYPE_CHECKING:
    from solver.options import Options

FREE = np.inf
FINEST_STEP = 10**9
"""Where a tier's weights have no small common denominator, costs are rounded to a billionth of the tier's unit …"""
SAME = 10**6
"""… and values within a millionth of the unit are the same value."""


@dataclass(frozen=True)
class RowName:
    """Which rule and cell a row speaks for, and on which side: ``least``, ``most`` or ``both``."""

    rule: str
    cell: Mapping[str, str]
    side: str = "both"


@dataclass(frozen=True)
class TierCost:
    """A tier's objective: value(x) = step × (cost · x) + constant, minimised. ``cost`` is (n,) whole numbers.

    ``tolerance``: values (in steps) that differ by no more count as equal; 0 unless weights had to be rounded.
    """

    priority: int
    name: str
    cost: Ints
    step: Fraction
    constant: Fraction
    tolerance: int = 0

    def value(self, x: NDArray[np.number]) -> Fraction:
        return self.step * int(self.cost @ np.rint(x).astype(np.int64)) + self.constant


@dataclass(frozen=True)
class Program:
    """min cost of tier after tier, s.t. row_lower ≤ matrix · x ≤ row_upper, lower ≤ x ≤ upper, x whole where ``integer``.

    The first ``len(options)`` columns are the options (binary).
    """

    options: Options
    matrix: sparse.csc_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    names: tuple[tuple[RowName, ...], ...]
    tiers: tuple[TierCost, ...]
    policy_tiers: tuple[Tier, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.matrix.shape
        return rows, columns

    @cached_property
    def by_row(self) -> sparse.csr_array:
        return self.matrix.tocsr()


class ProgramBuilder:
    """Collects what the encodings say. Row and column numbers are the program's own."""

    def __init__(self, options: Options, *, merge: bool = True, staggered: Collection[int] | None = None) -> None:
        """``merge``: `must` limits on the same post share a row (a diagnosis wants them apart); ``staggered``: the hosts
        whose staggered ends get rows (None: all).
        """
        self.staggered = staggered
        self.options = options
        self.index: Index = options.index
        self.merge = merge
        self._rows = 0
        self._columns = len(options)
        self._coo: list[tuple[Ints, Ints, Floats]] = []
        self._row_lower: list[Floats] = []
        self._row_upper: list[Floats] = []
        self._names: list[tuple[RowName, ...]] = []
        self._lower: list[Floats] = [np.zeros(len(options))]
        self._upper: list[Floats] = [np.ones(len(options))]
        self._integer: list[Bools] = [np.ones(len(options), dtype=bool)]
        self._costs: dict[int, list[tuple[Ints, Ints, Fraction]]] = {}
        self._constants: dict[int, Fraction] = {}
        self._blur: dict[int, Fraction] = {}
        self._slacks: list[tuple[Ints, Ints, int, int]] = []
        self._post_limits: dict[int, list[tuple[Fraction | None, Fraction | None, RowName]]] = {}

    # -- columns and costs ------------------------------------------------------------------------------------------

    def add_columns(self, count: int, lower: float = 0, upper: float = FREE, *, integer: bool = True) -> int:
        """``count`` new columns; returns the first one's number."""
        first = self._columns
        self._columns += count
        self._lower.append(np.full(count, float(lower)))
        self._upper.append(np.full(count, float(upper)))
        self._integer.append(np.full(count, integer))
        return first

    def add_cost(self, priority: int, columns: Ints, values: Ints, factor: Number = 1) -> None:
        """``factor`` × ``values`` (whole numbers) on ``columns`` in tier ``priority``."""
        self._costs.setdefault(priority, []).append((columns, values, Fraction(factor)))

    def add_constant(self, priority: int, value: Number) -> None:
        self._constants[priority] = self._constants.get(priority, Fraction(0)) + Fraction(value)

    def add_blur(self, priority: int, most: Fraction) -> None:
        """Costs given for tier ``priority`` are rounded: in all they may be off by ``most`` of the tier's unit."""
        self._blur[priority] = self._blur.get(priority, Fraction(0)) + most

    # -- rows -------------------------------------------------------------------------------------------------------

    def add_rows(
        self,
        rule: Rule,
        cells: Sequence[Mapping[str, str]],
        row: Ints,
        column: Ints,
        coefficient: NDArray[np.number],
        least: Sequence[Number | None] | None = None,
        most: Sequence[Number | None] | None = None,
        *,
        slack: int = 1,
        worth: Number = 1,
    ) -> None:
        """Rows least ≤ Σ coefficient · x ≤ most, one a cell; ``row`` counts from 0 within this call.

        A soft rule's rows get slacks: one unit of slack counts ``slack`` in the row and ``worth`` (in the rule's unit)
        in the shortfall. Whole coefficients; limits are tightened to whole numbers.
        """
        if not rule.is_must and least is not None and most is not None:
            # A row a side: of one person a third is at least 1 and a half at most 0, and both may fall short.
            self.add_rows(rule, cells, row, column, coefficient, least, slack=slack, worth=worth)
            self.add_rows(rule, cells, row, column, coefficient, None, most, slack=slack, worth=worth)
            return
        count = len(cells)
        low = np.array([-FREE if v is None else ceil(v) for v in least or [None] * count], dtype=np.float64)
        high = np.array([FREE if v is None else floor(v) for v in most or [None] * count], dtype=np.float64)
        names = tuple((RowName(rule.id, cell),) for cell in cells)
        self._add(row, column, coefficient, low, high, names)
        if not rule.is_must:
            self._add_slacks(rule, low, high, slack, Fraction(worth))

    def add_ties(
        self, row: Ints, column: Ints, coefficient: NDArray[np.number], low: Floats, high: Floats, name: RowName
    ) -> None:
        """Rows that define helper columns; never soft."""
        self._add(row, column, coefficient, low, high, ((name,),) * len(low))

    def _add(
        self,
        row: Ints,
        column: Ints,
        coefficient: NDArray[np.number],
        low: Floats,
        high: Floats,
        names: tuple[tuple[RowName, ...], ...],
    ) -> None:
        self._coo.append(
            (
                np.asarray(row, dtype=np.int32) + np.int32(self._rows),
                np.asarray(column, dtype=np.int32),
                np.asarray(coefficient, dtype=np.float64),
            )
        )
        self._row_lower.append(low)
        self._row_upper.append(high)
        self._names.extend(names)
        self._rows += len(low)

    def _add_slacks(self, rule: Rule, low: Floats, high: Floats, slack: int, worth: Fraction) -> None:
        assert isinstance(rule.priority, int)
        first_row = self._rows - len(low)
        for limited, sign in ((np.isfinite(low), 1), (np.isfinite(high), -1)):
            at = np.flatnonzero(limited)
            first = self.add_columns(len(at))
            columns = np.arange(first, first + len(at))
            value = np.full(len(at), float(sign * slack))
            self._coo.append(((at + first_row).astype(np.int32), columns.astype(np.int32), value))
            self._slacks.append((at + first_row, columns, sign, slack))
            self.add_cost(rule.priority, columns, np.ones(len(at), dtype=np.int64), exact(rule.weight) * worth)

    # -- rows about who is at work at a post ------------------------------------------------------------------------

    @cached_property
    def unit(self) -> int:
        """Staff rows count in 1/unit of a teacher: 1 without circuits."""
        return lcm(self.options.unit, *(count.denominator for count in self.index.county.staff_before.values()))

    @cached_property
    def change(self) -> sparse.csr_array:
        """(posts, options): by how many units an option changes the staff of a post."""
        index, options = self.index, self.options
        option, school, weight = options.stops()
        arrives = index.post_of[school, options.subject[option]]
        leaves = index.post_of[options.home, options.main]
        gone = np.flatnonzero(leaves != NONE)
        rows = np.concatenate((arrives, leaves[gone]))
        columns = np.concatenate((option, gone))
        scale = self.unit // options.unit
        values = np.concatenate((weight * scale, np.full(len(gone), -self.unit))).astype(np.float64)
        shape = (len(index.county.posts), len(options))
        return sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=shape))

    def staff_before(self, post: int) -> Fraction:
        row = self.index.county.posts[post]
        return self.index.county.staff_before.get((row.school, row.subject), Fraction(0))

    def add_staff_rows(
        self, rule: Rule, posts: Sequence[int], least: Sequence[Number | None] | None = None,
        most: Sequence[Number | None] | None = None,
    ) -> None:  # fmt: skip
        """least ≤ staff_after ≤ most at posts (positions), in persons."""
        nothing = [None] * len(posts)
        limits = list(zip(posts, least or nothing, most or nothing, strict=True))
        if rule.is_must and self.merge:
            for post, low, high in limits:
                named = RowName(
                    rule.id, self.cell_of(post), "least" if high is None else "most" if low is None else "both"
                )
                self._post_limits.setdefault(post, []).append(
                    (None if low is None else Fraction(low), None if high is None else Fraction(high), named)
                )
            return
        rows = self.change[np.asarray(posts, dtype=np.int64)].tocoo() if posts else None
        if rows is None:
            return
        self.add_rows(
            rule,
            [self.cell_of(post) for post in posts],
            rows.coords[0],
            rows.coords[1],
            rows.data,
            [None if low is None else self.unit * (Fraction(low) - self.staff_before(post)) for post, low, _ in limits],
            [
                None if high is None else self.unit * (Fraction(high) - self.staff_before(post))
                for post, _, high in limits
            ],
            worth=Fraction(1, self.unit),
        )

    def cell_of(self, post: int) -> dict[str, str]:
        row = self.index.county.posts[post]
        return {"school": row.school, "subject": row.subject}

    def _add_merged_posts(self) -> None:
        posts = sorted(self._post_limits)
        if not posts:
            return
        low, high, names = np.full(len(posts), -FREE), np.full(len(posts), FREE), []
        for i, post in enumerate(posts):
            before = self.staff_before(post)
            for least, most, _ in self._post_limits[post]:
                if least is not None:
                    low[i] = max(low[i], ceil(self.unit * (least - before)))
                if most is not None:
                    high[i] = min(high[i], floor(self.unit * (most - before)))
            names.append(tuple(name for _, _, name in self._post_limits[post]))
        rows = self.change[np.array(posts, dtype=np.int64)].tocoo()
        self._add(rows.coords[0], rows.coords[1], rows.data, low, high, tuple(names))

    # -- done -------------------------------------------------------------------------------------------------------

    def build(self, tiers: Iterable[Tier]) -> Program:
        self._add_merged_posts()
        self._post_limits = {}
        row, column, value = _joined(self._coo)
        self._coo = []
        low, high = _concatenated(self._row_lower), _concatenated(self._row_upper)
        lower, upper = _concatenated(self._lower), _concatenated(self._upper)
        least, most = self._bound_slacks(row, column, value, low, high, lower, upper)
        # Rows that no x within its bounds could break say nothing.
        needed = (least < low) | (most > high)
        place = np.cumsum(needed, dtype=np.int32) - 1
        kept = needed[row]
        shape = (int(needed.sum()), self._columns)
        matrix = sparse.csc_array(sparse.coo_array((value[kept], (place[row[kept]], column[kept])), shape=shape))
        tiers = tuple(tiers)
        return Program(
            self.options,
            matrix,
            low[needed],
            high[needed],
            lower,
            upper,
            np.concatenate(self._integer),
            tuple(self._names[i] for i in np.flatnonzero(needed)),
            tuple(self._tier_cost(tier) for tier in tiers),
            tiers,
        )

    def _bound_slacks(
        self, row: Ints, column: Ints, value: Floats, low: Floats, high: Floats, lower: Floats, upper: Floats
    ) -> tuple[Floats, Floats]:
        """No slack is larger than the worst x could need: finite bounds keep exact engines within 64 bits.

        Returns the rows' (least, most) activity with these bounds.
        """
        unslacked = upper.copy()
        for _, columns, _, _ in self._slacks:
            unslacked[columns] = 0.0
        least, most = activity(row, column, value, lower, unslacked, len(low))
        missing = [
            low[rows] - least[rows] if sign > 0 else most[rows] - high[rows] for rows, _, sign, _ in self._slacks
        ]
        for (rows, columns, sign, slack), short in zip(self._slacks, missing, strict=True):
            upper[columns] = np.maximum(0.0, np.ceil(short / slack))
            # Each slack stands in one row, once.
            if sign > 0:
                most[rows] += slack * upper[columns]
            else:
                least[rows] -= slack * upper[columns]
        return least, most

    def _tier_cost(self, tier: Tier) -> TierCost:
        parts = self._costs.get(tier.priority, [])
        denominator = lcm(1, *(factor.denominator for _, _, factor in parts))
        rounded = denominator > FINEST_STEP
        denominator = min(denominator, FINEST_STEP)
        cost = np.zeros(self._columns, dtype=np.int64)
        for columns, values, factor in parts:
            np.add.at(cost, columns, values * round(factor * denominator))
        common = max(1, abs(int(np.gcd.reduce(cost)))) if len(cost) else 1
        return TierCost(
            tier.priority,
            tier.name,
            cost // common,
            Fraction(common, denominator),
            self._constants.get(tier.priority, Fraction(0)),
            ceil((Fraction(1, SAME) * rounded + self._blur.get(tier.priority, 0)) * denominator / common),
        )


def _joined(parts: list[tuple[Ints, Ints, Floats]]) -> tuple[Ints, Ints, Floats]:
    """(row, column, value) of all entries."""
    if not parts:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0)
    rows, columns, values = zip(*parts, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def _concatenated(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


def activity(row: Ints, column: Ints, value: Floats, lower: Floats, upper: Floats, rows: int) -> tuple[Floats, Floats]:
    """(least, most) of every row over lower ≤ x ≤ upper."""
    with np.errstate(invalid="ignore"):
        at_upper = value * upper[column]
        at_lower = value * lower[column] if lower.any() else np.zeros(1)
    row = row.astype(np.intp, copy=False)
    least: Floats = np.bincount(row, np.minimum(at_lower, at_upper), rows).astype(np.float64)
    most: Floats = np.bincount(row, np.maximum(at_lower, at_upper), rows).astype(np.float64)
    return least, most
