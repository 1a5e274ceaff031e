"""What the long rows are worth that tie a program's parts, asked of a few parts that get their share of each.

At the right prices the parts' own optima all but meet the ties (Lagrangian decomposition; Geoffrion 1974, "Lagrangean relaxation
for integer programming"): few steps are left of the LP that has them all, where each step is dear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
from scipy import sparse

from solver.index import NONE, Bools, Floats, Ints
from solver.matrix import COLUMNS
from solver.parts import Job, part_of
from solver.program import Program

SAMPLES = 2
ONE_IN = 8
"""So many jobs for each that is in a sample …"""
FEWEST = 16
"""… and so many that samples are like the whole; wrong prices cost more steps than they save."""

Duals = Callable[[Program, Ints], Floats]
"""Of a part's LP its row duals; the columns are the part's among the program's."""


def prices_of_ties(program: Program, jobs: Sequence[Job], ties: Bools, duals: Duals, pool: Executor) -> Floats:
    """(m,) what a unit of each tie costs, 0 for all other rows: the samples' mean. A guess: nothing is proved by it."""
    prices = np.zeros(program.shape[0])
    rows = np.flatnonzero(ties)
    if not len(rows) or len(jobs) < FEWEST:
        return prices
    weight = _weights(program, jobs)
    place = np.full(program.shape[0], NONE)
    place[rows] = np.arange(len(rows))
    total = _counted(program.matrix, place, weight)

    def price(sample: Job) -> Floats:
        part = part_of(program, sample)
        at = np.searchsorted(sample.rows, rows)
        own = np.full(len(sample.rows), NONE)
        own[at] = np.arange(len(rows))
        share = _counted(part.matrix, own, weight[sample.columns]) / np.maximum(total, 1.0)
        lower, upper = part.row_lower.copy(), part.row_upper.copy()
        for limits in (lower, upper):
            finite = np.isfinite(limits[at])
            limits[at[finite]] *= share[finite]
        return duals(replace(part, row_lower=lower, row_upper=upper), sample.columns)[at]

    prices[rows] = np.mean(list(pool.map(price, _samples(jobs, rows))), axis=0)
    # Rounding in a limit that is not there.
    prices[(prices > 0) & ~np.isfinite(program.row_lower)] = 0.0
    prices[(prices < 0) & ~np.isfinite(program.row_upper)] = 0.0
    return prices


def _samples(jobs: Sequence[Job], ties: Ints) -> list[Job]:
    """Every eighth job in one, and those halfway between in another, each with the ties."""
    chosen = (jobs[number * ONE_IN // SAMPLES :: ONE_IN] for number in range(SAMPLES))
    return [
        Job(
            np.sort(np.concatenate([job.columns for job in some])),
            np.sort(np.concatenate([ties, *(job.rows for job in some)])),
            whole=False,
        )
        for some in chosen
        if some
    ]


def _weights(program: Program, jobs: Sequence[Job]) -> Floats:
    """(n,) one for each teacher, in equal parts for each of the options; nothing for options of no job."""
    options = program.options
    weight = np.zeros(program.shape[1])
    for job in jobs:
        weight[job.columns[: np.searchsorted(job.columns, len(options))]] = 1.0
    weight[: len(options)] /= np.bincount(options.teacher)[options.teacher]
    return weight


def _counted(matrix: sparse.csc_array, place: Ints, weight: Floats) -> Floats:
    """(ties,) how much of each tie there is: |coefficients| · weight, of those rows that have a ``place``."""
    counted = np.zeros(int(place.max(initial=NONE)) + 1)
    for start in range(0, matrix.shape[1], COLUMNS):
        ends = matrix.indptr[start : start + COLUMNS + 1]
        number = place[matrix.indices[ends[0] : ends[-1]]]
        at = np.flatnonzero(number != NONE)
        column = start + np.searchsorted(ends - ends[0], at, side="right") - 1
        size = np.abs(matrix.data[ends[0] : ends[-1]][at].astype(np.float64)) * weight[column]
        counted += np.bincount(number[at], weights=size, minlength=len(counted))
    return counted
