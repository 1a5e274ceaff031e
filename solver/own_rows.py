"""Rows that a master has besides its program's: tiers that are kept, and what follows from a row for whole plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from solver.certificates import Packing
from solver.index import Floats, Ints


@dataclass(frozen=True)
class OwnRow:
    """values · x ≤ most: over every column for a tier that is kept, else over the columns ``at``, because of ``made_of``."""

    values: Ints
    most: float
    at: Ints | None = None
    made_of: Packing | None = None

    def among(self, columns: Ints) -> Ints:
        """The values of these columns."""
        if self.at is None:
            return self.values[columns]
        place = np.minimum(np.searchsorted(self.at, columns), len(self.at) - 1)
        return np.where(self.at[place] == columns, self.values[place], 0)


class OwnRows:
    """In the order in which they came; over so many ``columns``."""

    def __init__(self, columns: int) -> None:
        self.rows: list[OwnRow] = []
        self._columns = columns
        self._sparse: sparse.csc_array | None = None
        """Those about some columns, together."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[OwnRow]:
        return iter(self.rows)

    def copied(self) -> OwnRows:
        other = OwnRows(self._columns)
        other.rows, other._sparse = list(self.rows), self._sparse
        return other

    def place_of(self, values: Ints) -> int | None:
        """The number of the tier that costs so."""
        same = (n for n, row in enumerate(self.rows) if row.at is None and np.array_equal(row.values, values))
        return next(same, None)

    def tighten(self, number: int, most: float) -> None:
        self.rows[number] = replace(self.rows[number], most=most)

    def add(self, row: OwnRow) -> None:
        self.rows.append(row)
        self._sparse = None

    def upper(self) -> Floats:
        return np.array([row.most for row in self.rows])

    def over(self, columns: Ints | slice) -> sparse.csc_array:
        """(rows, columns)"""
        tiers = [number for number, row in enumerate(self.rows) if row.at is None]
        if len(tiers) == len(self.rows):
            return sparse.csc_array(np.array([row.values[columns] for row in self.rows], dtype=np.float64))
        parts = [self._together()[:, columns].tocsr()]
        if tiers:
            parts.append(sparse.csr_array(np.array([self.rows[n].values[columns] for n in tiers], dtype=np.float64)))
        others = np.setdiff1d(np.arange(len(self.rows)), tiers)
        order = np.argsort(np.concatenate((others, np.array(tiers, dtype=np.int64))))
        return sparse.csc_array(sparse.vstack(parts).tocsr()[order])

    def _together(self) -> sparse.csc_array:
        if self._sparse is None:
            own = [(row.at, row.values) for row in self.rows if row.at is not None]
            row = np.repeat(np.arange(len(own)), [len(at) for at, _ in own])
            at, values = np.concatenate([at for at, _ in own]), np.concatenate([values for _, values in own])
            shape = (len(own), self._columns)
            self._sparse = sparse.csc_array(sparse.coo_array((values.astype(np.float64), (row, at)), shape=shape))
        return self._sparse

    def tiers(self) -> OwnRows:
        """Those alone that keep a tier."""
        other = OwnRows(self._columns)
        other.rows = [row for row in self.rows if row.at is None]
        return other

    def price(self, reduced: Floats, y: Floats) -> None:
        """Take from every column's ``reduced`` cost what the rows' duals ``y`` say."""
        for row, dual in zip(self.rows, y, strict=True):
            if dual and row.at is None:
                reduced -= dual * row.values
            elif dual:
                reduced[row.at] -= dual * row.values
