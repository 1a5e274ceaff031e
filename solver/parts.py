"""Independent parts of a program, and the few long rows (county quotas, a budget) that tie them.

Without the ties each part is a program of its own: its LP is solved apart, in a thread of its own, and the optimal bases
side by side are a basis of the whole (block-angular start; Dantzig & Wolfe 1960), from which few steps remain. A large
program that does not fall apart by itself is cut along distance: options between two neighbourhoods come in afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from solver.index import NONE, Bools, Ints
from solver.program import Program
from solver.stopping import ShouldStop, look, never

LONG_SHARE = 0.02
LONG_AT_LEAST = 1000
MOST_TIES = 64
JOB_COLUMNS = 4000
"""Parts smaller than this are solved together: an engine run costs a few milliseconds whatever its size."""
LARGEST_SHARE = 0.7
"""A part with more of the columns than this leaves nothing to divide."""


LARGE = 2_000_000
"""Columns from which on a connected program is cut into neighbourhoods …"""
NEIGHBOURHOOD_COLUMNS = 400_000
"""… of about so many."""


BLOCK = 1_000_000
"""Columns looked at together."""


@dataclass(frozen=True)
class Job:
    """Some parts together: their columns and rows (ascending positions in the program), ties and their own columns left out.

    ``whole``: no other column stands in these rows, so that a job without a solution proves that the program has none.
    """

    columns: Ints
    rows: Ints
    whole: bool = True


def ties_of(matrix: sparse.csc_array) -> Bools:
    """(m,) the rows so long that they might tie parts: at most ``MOST_TIES`` of them."""
    rows, columns = matrix.shape
    length = np.zeros(rows, dtype=np.int64)
    for start in range(0, matrix.nnz, BLOCK):
        # All at once they would be copied in eight bytes each.
        length += np.bincount(matrix.indices[start : start + BLOCK], minlength=rows)
    ties: Bools = length > max(LONG_AT_LEAST, LONG_SHARE * columns)
    if ties.sum() > MOST_TIES:
        ties[:] = False
    return ties


def components(matrix: sparse.csc_array, ties: Bools, should_stop: ShouldStop = never) -> tuple[Ints, Ints]:
    """((n,), (m,)) the component of each column and row when ``ties`` are left out; ties and columns in no other row: NONE."""
    rows, columns = matrix.shape
    of_first = np.full(columns, NONE, dtype=np.int64)
    links = sparse.csr_array((rows, rows), dtype=np.int8)
    for begin in range(0, columns, BLOCK):
        look(should_stop)
        start = matrix.indptr[begin : begin + BLOCK + 1]
        narrow = ~ties[matrix.indices[start[0] : start[-1]]]
        row = matrix.indices[start[0] : start[-1]][narrow]
        before = np.concatenate(([0], np.cumsum(narrow, dtype=np.int32)))[start - start[0]]
        filled = before[1:] > before[:-1]
        of_first[begin : begin + BLOCK][filled] = row[before[:-1][filled]]
        # Each row of a column is linked to the column's next one.
        linked = np.ones(len(row), dtype=bool)
        linked[before[1:][filled] - 1] = False
        one = np.flatnonzero(linked)
        found = sparse.coo_array((np.ones(len(one), dtype=bool), (row[one], row[one + 1])), shape=(rows, rows))
        links = links + found.tocsr().astype(np.int8)
        links.data[:] = 1
    _, label = connected_components(links, directed=False)
    return np.where(of_first == NONE, NONE, label[of_first]), np.where(ties, NONE, label)


def jobs_of(program: Program, should_stop: ShouldStop = never) -> tuple[list[Job], Bools]:
    """The program's parts in jobs of some size each, and (m,) the long rows that are all that ties them; no jobs: it does not
    fall apart, or is too small to matter.

    Raises Stopped.
    """
    n, none = program.shape[1], np.zeros(program.shape[0], dtype=bool)
    if n < 2 * JOB_COLUMNS or not program.shape[0]:
        return [], none
    long = ties_of(program.matrix)
    ties = long.copy()
    for ceiling in program.ceilings:
        # As high as it may be, it ties nobody.
        ties[program.matrix[:, [ceiling.column]].indices] = True
    column, row = components(program.matrix, ties, should_stop)
    size = np.bincount(column[column != NONE], minlength=int(row.max(initial=0)) + 1)
    if size.max() > LARGEST_SHARE * n:
        return _neighbourhoods(program, ties, should_stop) if n >= LARGE else [], none
    job_of = np.full(len(size), NONE, dtype=np.int64)
    filled = 0
    number = -1
    for part in np.argsort(-size, kind="stable").tolist():
        if number < 0 or filled >= JOB_COLUMNS:
            number, filled = number + 1, 0
        job_of[part] = number
        filled += int(size[part])
    return _jobs(_of(job_of, column), _of(job_of, row), whole=True), long


def _neighbourhoods(program: Program, ties: Bools, should_stop: ShouldStop) -> list[Job]:
    """Schools near each other (k-means; Lloyd 1982), the options among them, and the rows that are about no others."""
    options, matrix = program.options, program.matrix
    rows, columns = matrix.shape
    points = np.nan_to_num(options.index.school_xyz)
    count = max(1, min(len(np.unique(points, axis=0)), columns // NEIGHBOURHOOD_COLUMNS))
    # Here, as it costs every solve twenty megabytes and only cities need it.
    from scipy.cluster.vq import kmeans2

    _, of_school = kmeans2(points, count, minit="++", seed=1)
    look(should_stop)
    home, host = of_school[options.home], of_school[options.host]
    of_column = np.full(columns, NONE, dtype=np.int16)
    of_column[: len(options)] = np.where(home == host, home, NONE)
    # A row belongs to a neighbourhood if all that is left of it does.
    of_entry = np.repeat(of_column, np.diff(matrix.indptr))
    of_row = np.full(rows, NONE, dtype=np.int16)
    of_row[matrix.indices[of_entry != NONE]] = of_entry[of_entry != NONE]
    look(should_stop)
    mixed = (of_entry != NONE) & (of_row[matrix.indices] != of_entry)
    of_row[matrix.indices[mixed]] = NONE
    look(should_stop)
    of_row[ties] = NONE
    single = len(options) + np.flatnonzero(np.diff(matrix.indptr)[len(options) :] == 1)
    of_column[single] = of_row[matrix.indices[matrix.indptr[single]]]
    return _jobs(of_column, of_row, whole=False)


def _jobs(column: Ints, row: Ints, whole: bool) -> list[Job]:
    return [Job(*positions, whole) for positions in zip(_grouped(column), _grouped(row), strict=False)]


def _of(job_of: Ints, part: Ints) -> Ints:
    return np.where(part == NONE, NONE, job_of[part])


def _grouped(label: Ints) -> list[Ints]:
    """Positions of each label 0, 1, …, ascending; NONE in no list."""
    order = np.argsort(label, kind="stable").astype(np.int32)
    first = np.searchsorted(label[order], np.arange(int(label.max(initial=-1)) + 2))
    return [order[a:b] for a, b in pairwise(first)]


def part_of(program: Program, job: Job) -> Program:
    """The job's own program: its columns and rows, in order, without names and tiers."""
    count = int(np.searchsorted(job.columns, len(program.options)))
    place = np.full(program.shape[0], NONE, dtype=np.int32)
    place[job.rows] = np.arange(len(job.rows), dtype=np.int32)
    matrix = program.matrix[:, job.columns]
    row = place[matrix.indices]
    kept = row != NONE
    before = np.concatenate(([0], np.cumsum(kept)))
    part = sparse.csc_array(
        (matrix.data[kept], row[kept], before[matrix.indptr]), shape=(len(job.rows), len(job.columns))
    )
    return replace(
        program,
        options=program.options.only(job.columns[:count]),
        matrix=part,
        row_lower=program.row_lower[job.rows],
        row_upper=program.row_upper[job.rows],
        lower=program.lower[job.columns],
        upper=program.upper[job.columns],
        integer=program.integer[job.columns],
        names=(),
        tiers=(),
        ceilings=(),
        knapsacks=np.zeros(0, dtype=np.int64),
    )
