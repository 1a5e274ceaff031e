"""A program as the rules say it, row by row and column by column, in arrays: ``solver/encoding`` speaks, ``build`` is the program."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from solver.matrix import Entries, assembled, narrowest
from solver.memory import mostly_zeros
from solver.program import Ceiling, Pivot, Program, RowName, TierCost, activity
from solver.stopping import ShouldStop, look, never

if TYPE_CHECKING:
    from solver.options import Options

FREE = np.inf
CHUNK = 1 << 18
"""So many entries fit a core's cache."""
FINEST_STEP = 10**9
"""Where a tier's weights have no small common denominator, costs are rounded to a billionth of the tier's unit …"""
SAME = 10**6
"""… and values within a millionth of the unit are the same value."""


class ProgramBuilder:
    """Collects what the encodings say. Row and column numbers are the program's own."""

    def __init__(
        self,
        options: Options,
        *,
        merge: bool = True,
        staggered: Collection[int] | None = None,
        known: Mapping[str, int] | None = None,
        should_stop: ShouldStop = never,
    ) -> None:
        """``merge``: `must` limits on the same post share a row (a diagnosis wants them apart); ``staggered``: the hosts
        whose staggered ends get rows (None: all); ``known``: pivots and what they are to be. ``build`` raises Stopped.
        """
        self.known = known or {}
        self.pivots: dict[str, Pivot] = {}
        self.spreads: list[Ints] = []
        self.should_stop = should_stop
        self.staggered = staggered
        self.options = options
        self.index: Index = options.index
        self.merge = merge
        self._rows = 0
        self._columns = len(options)
        self._coo: list[Entries] = []
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
        self._post_limits: dict[int, list[tuple[Number | None, Number | None, RowName]]] = {}
        self._ceilings: list[Ceiling] = []
        self._knapsacks: list[Ints] = []

    @cached_property
    def everyone(self) -> NDArray[np.int32]:
        """(options,) every option's own number."""
        return np.arange(len(self.options), dtype=np.int32)

    # -- columns and costs ------------------------------------------------------------------------------------------

    def add_columns(
        self, count: int, lower: float | Floats = 0, upper: float | Floats = FREE, *, integer: bool = True
    ) -> int:
        """``count`` new columns, limits for all or for each; returns the first one's number."""
        first = self._columns
        self._columns += count
        self._lower.append(np.full(count, lower, dtype=np.float64))
        self._upper.append(np.full(count, upper, dtype=np.float64))
        self._integer.append(np.full(count, integer))
        return first

    def add_ceiling(self, length: Ints, name: RowName) -> int:
        """A column that is as large as the largest ``length`` (options,) of an option chosen: a row a teacher."""
        for known in self._ceilings:
            if known.length is length:
                return known.column
        options = self.options
        column = self.add_columns(1, 0, float(length.max(initial=0)))
        teachers = int(np.count_nonzero(options.counts))
        self.add_ties(
            np.concatenate((options.teacher_row, np.arange(teachers))),
            np.concatenate((self.everyone, np.full(teachers, column))),
            np.concatenate((length, np.full(teachers, -1, dtype=np.int32))),
            np.full(teachers, -FREE),
            np.zeros(teachers),
            name,
        )
        self._ceilings.append(Ceiling(column, length))
        return column

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
        coefficient: NDArray[np.number] | int,
        least: Sequence[Number | None] | None = None,
        most: Sequence[Number | None] | None = None,
        *,
        slack: int = 1,
        worth: Number = 1,
        by_teacher: bool = False,
        knapsack: bool = False,
    ) -> None:
        """Rows least ≤ Σ coefficient · x ≤ most, one a cell; ``row`` counts from 0 within this call.

        A soft rule's rows get slacks: one unit of slack counts ``slack`` in the row and ``worth`` (in the rule's unit)
        in the shortfall. ``by_teacher``: ``column`` names teachers, each for all of their options. ``knapsack``:
        as ``Program.knapsacks``. Whole coefficients; limits are tightened to whole numbers.
        """
        if not rule.is_must and least is not None and most is not None:
            # A row a side: of one person a third is at least 1 and a half at most 0, and both may fall short.
            for low, high in ((least, None), (None, most)):
                self.add_rows(
                    rule, cells, row, column, coefficient, low, high,
                    slack=slack, worth=worth, by_teacher=by_teacher, knapsack=knapsack,
                )  # fmt: skip
            return
        count = len(cells)
        if knapsack:
            self._knapsacks.append(np.arange(self._rows, self._rows + count))
        lower = np.array([-FREE if v is None else ceil(v) for v in least or [None] * count], dtype=np.float64)
        upper = np.array([FREE if v is None else floor(v) for v in most or [None] * count], dtype=np.float64)
        names = tuple((RowName(rule.id, cell),) for cell in cells)
        self._add(row, column, coefficient, lower, upper, names, by_teacher=by_teacher)
        if not rule.is_must:
            self._add_slacks(rule, lower, upper, slack, Fraction(worth))

    def add_teacher_rows(
        self,
        rule: Rule,
        cells: Sequence[Mapping[str, str]],
        row_of: Ints,
        coefficient: NDArray[np.number] | int,
        least: Sequence[Number | None] | None = None,
        most: Sequence[Number | None] | None = None,
        *,
        slack: int = 1,
    ) -> None:
        """As ``add_rows``, where row (``NONE``: in none) and coefficient only depend on the teacher: (T,) each."""
        teacher = np.flatnonzero((row_of != NONE) & (self.options.counts > 0))
        own = coefficient if isinstance(coefficient, int) else coefficient[teacher]
        self.add_rows(rule, cells, row_of[teacher], teacher, own, least, most, slack=slack, by_teacher=True)

    def add_one_each(self, name: RowName) -> None:
        """Σ of a teacher's options ≤ 1."""
        teacher = np.flatnonzero(self.options.counts)
        count = len(teacher)
        self._add(
            np.arange(count), teacher, 1, np.full(count, -FREE), np.ones(count), ((name,),) * count, by_teacher=True
        )

    def add_ties(
        self, row: Ints, column: Ints, coefficient: NDArray[np.number] | int, low: Floats, high: Floats, name: RowName
    ) -> None:
        """Rows that define helper columns; never soft."""
        self._add(row, column, coefficient, low, high, ((name,),) * len(low))

    def _add(
        self,
        row: Ints,
        column: Ints,
        coefficient: NDArray[np.number] | int,
        low: Floats,
        high: Floats,
        names: tuple[tuple[RowName, ...], ...],
        *,
        by_teacher: bool = False,
    ) -> None:
        """Entries stay as narrow as they come; one coefficient may speak for all."""
        row = np.asarray(row, dtype=np.int32)
        value = np.asarray(coefficient)
        if not value.ndim:
            value = np.full(len(row), value, dtype=np.min_scalar_type(int(value)))
        self._coo.append(Entries(row + np.int32(self._rows), np.asarray(column, dtype=np.int32), value, by_teacher))
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
            self._coo.append(Entries((at + first_row).astype(np.int32), columns.astype(np.int32), value))
            self._slacks.append((at + first_row, columns, sign, slack))
            self.add_cost(rule.priority, columns, np.ones(len(at), dtype=np.int64), exact(rule.weight) * worth)

    # -- rows about who is at work at a post ------------------------------------------------------------------------

    @cached_property
    def unit(self) -> int:
        """Staff rows count in 1/unit of a teacher: 1 without circuits."""
        return lcm(self.options.unit, *(count.denominator for count in self.index.county.staff_before.values()))

    def change(self, posts: NDArray[np.int64]) -> tuple[Ints, Ints, NDArray[np.number]]:
        """By how many units each option changes the staff of ``posts``, whose places there are the rows."""
        index, options = self.index, self.options
        at = np.full(len(index.county.posts) + 1, NONE, dtype=np.int32)
        at[posts] = np.arange(len(posts))
        row_of = at[index.post_of]
        leaves = options.per_teacher(row_of[index.home, index.main])
        if options.circuits:
            return self._shared_change(row_of, leaves, len(posts))
        post = options.host * np.int32(row_of.shape[1])
        post += options.subject
        arrives = row_of.ravel()[post]
        # Columns ascend twice, first with each option's upper row: then nothing has to be sorted.
        comes_first = arrives < leaves
        upper, lower = np.minimum(arrives, leaves, out=post), np.maximum(arrives, leaves, out=arrives)
        both, some = self._having(upper), self._having(lower)
        sign = np.concatenate((comes_first[both], ~comes_first[some])).astype(np.min_scalar_type(-4 * self.unit))
        sign *= 2 * self.unit
        sign -= self.unit
        return np.concatenate((upper[both], lower[some])), np.concatenate((both, some)), sign

    def _having(self, rows: Ints) -> NDArray[np.int32]:
        """The options that have a row."""
        some = rows != NONE
        return self.everyone if some.all() else np.flatnonzero(some).astype(np.int32)

    def _shared_change(self, row_of: Ints, leaves: Ints, posts: int) -> tuple[Ints, Ints, Ints]:
        """``change`` where circuits bring parts of a teacher, perhaps to the post that the teacher leaves."""
        options = self.options
        option, school, weight = options.stops()
        arrives = row_of[school, options.subject[option]]
        here, gone = np.flatnonzero(arrives != NONE), np.flatnonzero(leaves != NONE)
        rows = np.concatenate((arrives[here], leaves[gone]))
        columns = np.concatenate((option[here], gone))
        values = np.concatenate((weight[here] * (self.unit // options.unit), np.full(len(gone), -self.unit)))
        merged = sparse.coo_array((values, (rows, columns)), shape=(posts, len(options)))
        merged.sum_duplicates()
        return merged.coords[0], merged.coords[1], merged.data

    def staff_before(self, post: int) -> Fraction:
        row = self.index.county.posts[post]
        return self.index.county.staff_before.get((row.school, row.subject), Fraction(0))

    @cached_property
    def _units_before(self) -> list[int]:
        """``staff_before`` of every post, in units."""
        before = self.index.county.staff_before
        staff = (before.get((post.school, post.subject)) for post in self.index.county.posts)
        return [0 if n is None else self.unit // n.denominator * n.numerator for n in staff]

    def _units_missing(self, post: int, persons: Number) -> Number:
        """By how many units the staff of a post would have to grow to be so many persons."""
        exactly = Fraction(persons) if isinstance(persons, float) else persons
        whole = exactly.numerator if exactly.denominator == 1 else exactly
        return self.unit * whole - self._units_before[post]

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
                self._post_limits.setdefault(post, []).append((low, high, named))
            return
        if not posts:
            return
        self.add_rows(
            rule,
            [self.cell_of(post) for post in posts],
            *self.change(np.asarray(posts, dtype=np.int64)),
            [None if low is None else self._units_missing(post, low) for post, low, _ in limits],
            [None if high is None else self._units_missing(post, high) for post, _, high in limits],
            worth=Fraction(1, self.unit),
        )

    def cell_of(self, post: int) -> dict[str, str]:
        return self._cells[post]

    @cached_property
    def _cells(self) -> list[dict[str, str]]:
        return [{"school": post.school, "subject": post.subject} for post in self.index.county.posts]

    def _add_merged_posts(self) -> None:
        posts = sorted(self._post_limits)
        if not posts:
            return
        low, high, names = np.full(len(posts), -FREE), np.full(len(posts), FREE), []
        for i, post in enumerate(posts):
            for least, most, _ in self._post_limits[post]:
                if least is not None:
                    low[i] = max(low[i], ceil(self._units_missing(post, least)))
                if most is not None:
                    high[i] = min(high[i], floor(self._units_missing(post, most)))
            names.append(tuple(name for _, _, name in self._post_limits[post]))
        self._add(*self.change(np.array(posts, dtype=np.int64)), low, high, tuple(names))

    # -- done -------------------------------------------------------------------------------------------------------

    def build(self, tiers: Iterable[Tier]) -> Program:
        self._add_merged_posts()
        self._post_limits = {}
        low, high = _concatenated(self._row_lower), _concatenated(self._row_upper)
        lower, upper = mostly_zeros(_concatenated(self._lower)), _concatenated(self._upper)
        least, most = self._bound_slacks(low, high, lower, upper)
        # Rows that no x within its bounds could break say nothing.
        needed = (least < low) | (most > high)
        matrix = assembled(self._coo, needed, self._columns, self.options.first, self.should_stop)
        tiers, integer = tuple(tiers), np.concatenate(self._integer)
        knapsack = np.zeros(len(needed), dtype=bool)
        for rows in self._knapsacks:
            knapsack[rows] = True
        return Program(
            self.options,
            matrix,
            low[needed],
            high[needed],
            lower,
            upper,
            integer,
            tuple(self._names[i] for i in np.flatnonzero(needed)),
            tuple(self._tier_cost(tier, integer) for tier in tiers),
            tiers,
            tuple(self._ceilings),
            self.pivots,
            np.concatenate((np.zeros(0, dtype=np.int64), *self.spreads)),
            np.flatnonzero(knapsack[needed]),
        )

    def _bound_slacks(self, low: Floats, high: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """No slack is larger than the worst x could need: finite bounds keep exact engines within 64 bits.

        Returns the rows' (least, most) activity with these bounds.
        """
        unslacked = upper.copy()
        for _, columns, _, _ in self._slacks:
            unslacked[columns] = 0.0
        least, most = np.zeros(len(low)), np.zeros(len(low))
        for row, column, value, by_teacher in self._coo:
            if by_teacher:
                whole = value.astype(np.int64) * self.options.counts[column]
                least += np.bincount(row, np.minimum(whole, 0), len(low))
                most += np.bincount(row, np.maximum(whole, 0), len(low))
                continue
            for start in range(0, len(row), CHUNK):
                look(self.should_stop)
                part = slice(start, start + CHUNK)
                first, last = int(row[part].min()), int(row[part].max()) + 1
                if int(column[part].max()) < len(self.options):
                    own = _of_binaries(row[part] - first, value[part], last - first)
                else:
                    own = activity(row[part] - first, column[part], value[part], lower, unslacked, last - first)
                least[first:last] += own[0]
                most[first:last] += own[1]
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

    def _tier_cost(self, tier: Tier, integer: Bools) -> TierCost:
        look(self.should_stop)
        parts = self._costs.get(tier.priority, [])
        denominator = lcm(1, *(factor.denominator for _, _, factor in parts))
        rounded = denominator > FINEST_STEP
        denominator = min(denominator, FINEST_STEP)
        cost = np.zeros(self._columns, dtype=np.int64)
        for columns, values, factor in parts:
            scaled = values.astype(np.int64)
            scaled *= round(factor * denominator)
            if columns is self.everyone:
                cost[: len(columns)] += scaled
            else:
                np.add.at(cost, columns, scaled)
        # Where a column may take any value, the tier's values are no multiples of anything.
        common = 1 if cost[~integer].any() else max(1, _common(cost))
        if common > 1:
            cost //= common
        return TierCost(
            tier.priority,
            tier.name,
            cost.astype(narrowest([cost])),
            Fraction(common, denominator),
            self._constants.get(tier.priority, Fraction(0)),
            ceil((Fraction(1, SAME) * rounded + self._blur.get(tier.priority, 0)) * denominator / common),
        )


def _common(cost: Ints) -> int:
    """The greatest common divisor; most often a few numbers tell that it is 1."""
    common = 0
    for start in range(0, len(cost), CHUNK):
        common = int(np.gcd(common, np.gcd.reduce(cost[start : start + CHUNK])))
        if common == 1:
            break
    return common


def _concatenated(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


def _of_binaries(row: Ints, value: NDArray[np.number], rows: int) -> tuple[Floats, Floats]:
    """(least, most) of every row where each x is 0 or 1."""
    least = np.minimum(value, 0) if value.min() < 0 else None
    most = np.maximum(value, 0) if value.max() > 0 else None
    none = np.zeros(rows)
    return (
        none if least is None else np.bincount(row, least, rows).astype(np.float64, copy=False),
        none if most is None else np.bincount(row, most, rows).astype(np.float64, copy=False),
    )
