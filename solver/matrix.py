"""A program's matrix: put together column by column, kept narrow, and multiplied a block of columns at a time.

A city has millions of columns with half a dozen coefficients each, nearly all of them 1 or -1: in a byte each they take an
eighth of the memory. Nothing is calculated in bytes: what is multiplied becomes double precision first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from solver.index import Bools, Floats, Ints, Numbers
from solver.stopping import ShouldStop, look, never

COLUMNS = 1 << 16
"""So many columns' coefficients fit a core's cache."""
FEW_LAYERS = 16


class Entries(NamedTuple):
    """Row, column and value of some coefficients; ``by_teacher``: a teacher for a column, and all the teacher's options."""

    row: Ints
    column: Ints
    value: Numbers
    by_teacher: bool = False


def blocks(matrix: sparse.csc_array, should_stop: ShouldStop = never) -> Iterator[tuple[int, sparse.csr_array]]:
    """(first column, those columns as rows, in double precision) a block, valid until the next. Raises Stopped."""
    rows, columns = matrix.shape
    part = sparse.csr_array((COLUMNS, rows))
    for start in range(0, columns, COLUMNS):
        look(should_stop)
        end = min(start + COLUMNS, columns)
        first, last = matrix.indptr[start], matrix.indptr[end]
        if part.shape[0] != end - start:
            part = sparse.csr_array((end - start, rows))
        # Put in by hand: given to the constructor, the indices would be copied.
        part.data = matrix.data[first:last].astype(np.float64)
        part.indices, part.indptr = matrix.indices[first:last], matrix.indptr[start : end + 1] - first
        yield start, part


def reduced_costs(matrix: sparse.csc_array, cost: Numbers, y: Floats, out: Floats | None = None) -> Floats:
    """(columns,) cost − Aᵀy, for y of the rows; written into ``out`` if given, which may be ``cost``."""
    reduced = np.empty(len(cost)) if out is None else out
    for start, part in blocks(matrix):
        own = slice(start, start + part.shape[0])
        np.subtract(cost[own], part @ y, out=reduced[own])
    return reduced


def assembled(
    parts: list[Entries], needed: Bools, columns: int, first: Ints, should_stop: ShouldStop
) -> sparse.csc_array:
    """The needed rows of all entries, column by column; teacher t has options first[t] … first[t + 1]. ``parts`` is used up.

    Entries come by row, and mostly once a column with columns ascending: so each goes right behind those before it.
    """
    layers: list[Entries] = []
    helpers: list[Entries] = []
    options = int(first[-1])
    while parts:
        look(should_stop)
        row, column, value, by_teacher = parts.pop(0)
        if not needed[row.min(initial=len(needed)) : row.max(initial=-1) + 1].all():
            keep = needed[row]
            row, column, value = row[keep], column[keep], value[keep]
        if not by_teacher and int(column.max(initial=-1)) >= options:
            # One helper may be in thousands of rows: no layers, but few entries.
            last = column >= options
            helpers.append(Entries(row[last], column[last] - np.int32(options), value[last]))
            row, column, value = row[~last], column[~last], value[~last]
        layers.extend(_layers(Entries(row, column, value, by_teacher)))
    place = np.cumsum(needed, dtype=np.int32) - np.int32(1)
    count = np.diff(first)
    total = sum(int(count[part.column].sum()) if part.by_teacher else len(part.row) for part in layers)
    tail = _together(helpers, place, columns - options, int(np.count_nonzero(needed)))
    total += tail.nnz
    indptr = np.zeros(columns + 1, dtype=np.int32 if total < np.iinfo(np.int32).max else np.int64)
    kind = narrowest([tail.data, *(part.value for part in layers)])
    indices, data = np.empty(total, dtype=np.int32), np.empty(total, dtype=kind)
    done = 0
    for start in range(0, options, COLUMNS):
        look(should_stop)
        end = min(start + COLUMNS, options)
        own = [
            _placed(_spread(part, first, start, end) if part.by_teacher else _cut(part, start, end), start, place)
            for part in layers
        ]
        filled = done + sum(len(part.row) for part in own)
        indptr[start + 1 : end + 1] = done + _fill(own, end - start, indices[done:filled], data[done:filled])
        done = filled
    indices[done:], data[done:] = tail.indices, tail.data
    indptr[options:] = done + tail.indptr
    return _summed(sparse.csc_array((data, indices, indptr), shape=(int(np.count_nonzero(needed)), columns)))


def narrowest(values: Sequence[Numbers]) -> type[np.number[Any]]:
    """The narrowest type that holds all of them exactly, and their negatives."""
    kinds = (np.int8, np.int16, np.int32)
    return next((kind for kind in kinds if all(_fits(part, np.iinfo(kind).max) for part in values)), np.float64)


def _fits(value: Numbers, limit: int) -> bool:
    """Whole numbers of at most ``limit``, whatever their sign?"""
    if value.dtype.kind == "f" and not np.array_equal(value, np.rint(value)):
        return False
    return bool(value.min(initial=0) >= -limit and value.max(initial=0) <= limit)


def _summed(matrix: sparse.csc_array) -> sparse.csc_array:
    """Rows ascending in each column, each once."""
    matrix.sort_indices()
    if not matrix.has_canonical_format:
        # A sum may not fit where its parts do.
        matrix.data = matrix.data.astype(np.float64)
        matrix.sum_duplicates()
        matrix.data = matrix.data.astype(narrowest([matrix.data]))
    return matrix


def _together(parts: list[Entries], place: Ints, columns: int, rows: int) -> sparse.csc_array:
    """The entries of helpers and slacks, whose columns count from 0."""
    row = np.concatenate([place[part.row] for part in parts] or [np.zeros(0, np.int32)])
    column = np.concatenate([part.column for part in parts] or [np.zeros(0, np.int32)])
    value = np.concatenate([part.value for part in parts] or [np.zeros(0)]).astype(np.float64)
    return sparse.csc_array(sparse.coo_array((value, (row, column)), shape=(rows, columns)))


def _cut(part: Entries, start: int, end: int) -> Entries:
    """The entries of the columns from ``start`` to ``end``."""
    low, high = np.searchsorted(part.column, np.array((start, end), dtype=part.column.dtype))
    return Entries(part.row[low:high], part.column[low:high], part.value[low:high])


def _spread(part: Entries, first: Ints, start: int, end: int) -> Entries:
    """The entries of the options from ``start`` to ``end``, from those of their teachers."""
    begin, after = np.searchsorted(first, (start, end)).tolist()
    low, high = np.searchsorted(part.column, (max(0, begin - 1), after)).tolist()
    teacher = part.column[low:high]
    own = np.maximum(first[teacher], start)
    count = np.maximum(np.minimum(first[teacher + 1], end) - own, 0)
    column = np.repeat(own - np.cumsum(count) + count, count)
    column += np.arange(len(column))
    return Entries(np.repeat(part.row[low:high], count), column, np.repeat(part.value[low:high], count))


def _placed(part: Entries, start: int, place: Ints) -> Entries:
    """Rows by their place among the needed, columns from ``start``."""
    return Entries(place[part.row], part.column - start, part.value)


def _fill(layers: list[Entries], columns: int, indices: Ints, data: Numbers) -> Ints:
    """Write the layers column by column into ``indices`` and ``data``; returns where each column ends."""
    count = np.zeros(columns, dtype=np.intp)
    for row, column, _, _ in layers:
        if len(row) == columns:
            count += 1
        else:
            count[column] += 1
    ends = np.cumsum(count)
    at = ends - count
    for row, column, value, _ in layers:
        here = at if len(row) == columns else at[column]
        indices[here] = row
        data[here] = value
        if len(row) == columns:
            at += 1
        else:
            at[column] += 1
    return ends


def _layers(part: Entries) -> Iterator[Entries]:
    """The entries in parts of ascending columns, in each part at most one a column."""
    row, column, value, _ = part
    cuts = np.flatnonzero(column[1:] <= column[:-1]) + 1
    if part.by_teacher or not len(cuts):
        yield part
        return
    if len(cuts) < FEW_LAYERS:
        for start, end in pairwise((0, *cuts.tolist(), len(column))):
            yield Entries(row[start:end], column[start:end], value[start:end])
        return
    order = np.argsort(column, kind="stable")
    column = column[order]
    new = np.append(True, column[1:] != column[:-1])
    first = np.flatnonzero(new)
    nth = np.arange(len(column)) - np.repeat(first, np.diff(np.append(first, len(column))))
    for n in range(int(nth.max()) + 1):
        mine = np.flatnonzero(nth == n)
        yield Entries(row[order[mine]], column[mine], value[order[mine]])
