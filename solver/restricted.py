"""An LP over few of a program's columns: which are in, in what order, their bounds, and the rows that they are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from solver.engines.highs import BASIC, LOWER, Basis, Linear
from solver.index import Bools, Floats, Ints, Numbers
from solver.matrix import blocks
from solver.memory import mostly_zeros
from solver.own_rows import OwnRow, OwnRows
from solver.program import Program

WORTH_SHRINKING = 10_000
"""Columns of an LP that are worth a new one of half the size."""
Onward = Literal["primal", "dual"]


@dataclass(frozen=True)
class _Part:
    """Part of an LP: ``columns``, ``rows`` (as ``Restricted.rows``), the rows of its ``artificials``, and its basis."""

    columns: Ints
    rows: Ints
    artificials: Ints
    basis: Basis


@dataclass(frozen=True)
class Standing:
    """Where an LP stands: the program's ``columns`` that are in, in order, and the basis (artificial columns first)."""

    shape: tuple[int, int]
    artificial_rows: Ints
    columns: Ints
    basis: Basis

    def fits(self, other: Restricted) -> bool:
        return self.shape == other.program.shape and np.array_equal(self.artificial_rows, other._artificial_rows)


class Restricted:
    """``program``'s LP over the columns that were added; columns and rows are said as places in the program."""

    def __init__(self, program: Program, should_stop: Callable[[], bool], onward: Onward, interior: bool) -> None:
        """``onward``: the simplex method after columns and costs. Primal loses nothing of what the last optimum knew; measured
        where pivots are known: dual 0.9 s, primal 2.9 (6 000 teachers), and the other way about elsewhere. ``interior``: by interior
        points instead, each LP from nothing.
        """
        self.program, self.onward, self.interior = program, onward, interior
        self._should_stop = should_stop
        self.lower, self.upper = mostly_zeros(program.lower), program.upper.copy()
        self.row_lower, self.row_upper = program.row_lower.copy(), program.row_upper.copy()
        self.own = OwnRows(program.shape[1])
        self._in = np.zeros(program.shape[1], dtype=bool)
        self._order = np.zeros(0, dtype=np.int64)
        self._rows: Ints = np.arange(len(self.row_lower))
        """The program's rows that are in."""
        self._artificial_rows: Ints = np.flatnonzero((self.row_lower > 0) | (self.row_upper < 0))

    @cached_property
    def _linear(self) -> Linear:
        """The engine's LP; it is there from the first use on."""
        linear = Linear(self.row_lower, self.row_upper, self._should_stop, interior=self.interior)
        rows = self._artificial_rows
        sign = np.where(self.row_lower[rows] > 0, 1.0, -1.0)
        shape = (len(self.row_lower), len(rows))
        columns = sparse.csc_array(sparse.coo_array((sign, (rows, np.arange(len(rows)))), shape=shape))
        # A column a row that x = 0 breaks, so that the restricted LP always has a solution.
        linear.add_columns(columns, np.zeros(len(rows)), np.zeros(len(rows)), np.full(len(rows), np.inf))
        return linear

    def _add(self, columns: Ints, cost: Numbers | None = None) -> None:
        columns = columns[~self._in[columns]]
        if not len(columns):
            return
        own = np.zeros(len(columns)) if cost is None else cost[columns].astype(np.float64)
        self._linear.add_columns(self._inside(columns), own, self.lower[columns], self.upper[columns])
        self._in[columns] = True
        self._order = np.concatenate((self._order, columns))

    @property
    def column_count(self) -> int:
        return len(self._order)

    @property
    def inside(self) -> Bools:
        return self._in

    @property
    def rows(self) -> Ints:
        """Which rows the LP has: places among the program's, and after them its own."""
        return np.concatenate((self._rows, len(self.row_lower) + np.arange(len(self.own))))

    def limits(self) -> tuple[Floats, Floats]:
        """Lower and upper limits of the rows, and of its own."""
        lower = np.concatenate((self.row_lower, np.full(len(self.own), -np.inf)))
        return lower, np.concatenate((self.row_upper, self.own.upper()))

    def over(self, columns: Ints | slice) -> sparse.csc_array:
        """The rows, and its own, over ``columns``."""
        part = self.program.columns(columns)
        return sparse.csc_array(sparse.vstack((part, self.own.over(columns)))) if len(self.own) else part

    def _inside(self, columns: Ints) -> sparse.csc_array:
        """The LP's rows over ``columns``."""
        part = self.over(columns)
        return part if len(self._rows) == len(self.row_lower) else sparse.csc_array(part.tocsr()[self.rows])

    def _of_all_rows(self, y: Floats) -> Floats:
        """A dual for every row: those that are out have none, and those said by the way are nobody's business."""
        y = y[: len(self._rows) + len(self.own)]
        if len(self._rows) == len(self.row_lower):
            return y
        duals = np.zeros(len(self.row_lower) + len(self.own))
        duals[self.rows] = y
        return duals

    # -- where it stands ----------------------------------------------------------------------------------------

    def heed(self, should_stop: Callable[[], bool]) -> None:
        """Who says from now on when to stop."""
        self._should_stop = should_stop
        if "_linear" in self.__dict__:
            self._linear.heed(should_stop)

    def go_on(self, onward: Onward) -> None:
        """By this method from now on."""
        self.onward = onward
        self._linear.strategy(onward)

    def standing(self) -> Standing:
        return Standing(self.program.shape, self._artificial_rows, self._order.copy(), self._linear.basis())

    def _forget(self) -> None:
        """No column is in, and the engine is new."""
        self.__dict__.pop("_linear", None)
        self._in[:], self._order = False, self._order[:0]

    def _close_artificials(self) -> None:
        count = len(self._artificial_rows)
        self._linear.set_bounds(np.arange(count), np.zeros(count), np.zeros(count))

    # -- narrowing --------------------------------------------------------------------------------------------------

    def cut(self, values: Ints, most: float) -> None:
        """values · x ≤ most from now on: a tier keeps what it reached. Said again with less, the same row is tightened."""
        self._linear.strategy(self.onward)
        number = self.own.place_of(values)
        if number is None:
            self._add_row(OwnRow(values, most))
        elif most < self.own.rows[number].most:
            self.own.tighten(number, most)
            self._linear.set_row_bounds(len(self._rows) + number, -np.inf, most)

    def strengthen(self, rows: Sequence[OwnRow]) -> None:
        """Rows that every plan keeps, and the last optimum breaks."""
        self._linear.strategy("dual")
        for row in rows:
            self._add_row(row)

    def _add_row(self, row: OwnRow) -> None:
        values = row.among(self._order)
        used = np.flatnonzero(values)
        self._linear.add_row(-np.inf, row.most, used + len(self._artificial_rows), values[used].astype(np.float64))
        self.own.add(row)

    def tighten_row(self, row: int, value: float) -> None:
        """Row becomes an equation at ``value``."""
        self.row_lower[row] = self.row_upper[row] = value
        place = int(np.searchsorted(self._rows, row))
        if place < len(self._rows) and self._rows[place] == row:
            self._linear.set_row_bounds(place, value, value)

    def fix(self, columns: Ints, value: Floats) -> None:
        """Fix columns of the program at ``value`` (their bound)."""
        self.limit(columns, value, value)

    def limit(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Narrower bounds of columns of the program, which the present x must keep."""
        moved = self.lower[columns] != lower
        self.lower[columns[moved]], self.upper[columns] = lower[moved], upper
        place = np.full(self.program.shape[1], -1)
        place[self._order] = np.arange(len(self._order))
        inside = self._in[columns]
        self._linear.set_bounds(place[columns[inside]] + len(self._artificial_rows), lower[inside], upper[inside])

    def shrink(self) -> None:
        """Leave out columns that are fixed at nothing, and rows that no other column is in: the LP stays what it is, and its
        steps are cheaper.
        """
        nothing = (self.upper[self._order] == 0) & (self.lower[self._order] == 0)
        # A pivot and the row that says what it is are asked for by those who divide what it may be.
        nothing &= ~np.isin(self._order, [pivot.column for pivot in self.program.pivots.values()])
        if len(nothing) < WORTH_SHRINKING or 2 * nothing.sum() < len(nothing):
            return
        basis = self._linear.basis()
        kept = self._order[(basis.columns[len(self._artificial_rows) :] == BASIC) | ~nothing]
        open_ = self.upper > 0
        open_[kept] = True
        part = self._part(kept, open_, basis)
        self._in[:] = False
        self._in[kept] = True
        self._order, self._artificial_rows = kept, part.artificials
        self._rows = part.rows[part.rows < len(self.row_lower)]
        self._linear.close()
        self._linear = self._made(part, np.zeros(len(kept)), self.interior)
        self._linear.strategy(self.onward)

    def _part(self, columns: Ints, open_: Bools, basis: Basis) -> _Part:
        """The LP over ``columns``, where it stands (``basis``); no rows are out but those that no column of ``open_`` is in.

        Such a row's slack is in the basis, or it stays: leaving out both keeps the basis one.
        """
        count, bare = len(self._artificial_rows), len(self._rows)
        met = np.zeros(len(self.row_lower), dtype=bool)
        for start, part in blocks(self.program.matrix, self._should_stop):
            met[part.indices[np.repeat(open_[start : start + part.shape[0]], np.diff(part.indptr))]] = True
        stays = basis.rows != BASIC
        stays[bare:] = True
        stays[:bare] |= met[self._rows]
        artificials = basis.columns[:count] == BASIC
        stays[:bare] |= np.isin(self._rows, self._artificial_rows[artificials])
        status = np.full(self.program.shape[1], LOWER, dtype=np.int8)
        status[self._order] = basis.columns[count:]
        statuses = np.concatenate((basis.columns[:count][artificials], status[columns]))
        return _Part(columns, self.rows[stays], self._artificial_rows[artificials], Basis(statuses, basis.rows[stays]))

    def _made(self, part: _Part, cost: Floats, interior: bool = False) -> Linear:
        """The LP of ``part``, its artificial columns before the others."""
        lower, upper = self.limits()
        linear = Linear(lower[part.rows], upper[part.rows], self._should_stop, interior=interior)
        count = len(part.artificials)
        places = (np.searchsorted(part.rows, part.artificials), np.arange(count))
        ones = sparse.csc_array(sparse.coo_array((np.ones(count), places), shape=(len(part.rows), count)))
        linear.add_columns(ones, np.zeros(count), np.zeros(count), np.zeros(count))
        columns = part.columns
        own = sparse.csc_array(self.over(columns).tocsr()[part.rows])
        linear.add_columns(own, cost, self.lower[columns], self.upper[columns])
        linear.set_basis(part.basis)
        return linear

    def copied(self, columns: Ints, cost: Numbers) -> tuple[Linear, int, Ints, Ints]:
        """The LP where it stands, over ``columns`` and those that it uses or might, and the rows that these are in; how many
        columns stand before them, which they are, and which rows (as in ``rows``).
        """
        basis, count = self._linear.basis(), len(self._artificial_rows)
        used = (basis.columns[count:] != LOWER) | (self.lower[self._order] > 0)
        pool = np.union1d(columns, self._order[used])
        open_ = np.zeros(self.program.shape[1], dtype=bool)
        open_[pool] = True
        part = self._part(pool, open_, basis)
        return self._made(part, cost[pool].astype(np.float64)), len(part.artificials), pool, part.rows
