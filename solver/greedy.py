"""A first plan as an office makes one by hand: nearest first, whoever fills a gap and harms nothing.

It is there within a second, so that a stop or a short limit always has something to keep. It minds only the rows without
slack or helper ("hard") and proves nothing; where two people must go together (equal exchange) it may find no plan.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from solver.index import Bools, Floats, Ints
from solver.options import Options
from solver.program import Program
from solver.stopping import ShouldStop, look, never

PER_TEACHER = 3
PER_POST = 12
PASSES = 3
LOOKS = 60_000
"""About a second's worth: counted, so that a busy machine comes to the same plan."""
LOOK_EVERY = 256


def nearest_options(options: Options, per_teacher: int, per_post: int, should_stop: ShouldStop = never) -> Ints:
    """The nearest options of each teacher and of each (host, subject), ascending. Raises Stopped."""
    chosen = np.zeros(len(options), dtype=bool)
    metres = options.metres.astype(np.int64)
    post = options.host.astype(np.int64) * (int(options.subject.max(initial=0)) + 1) + options.subject
    for group, count in ((options.teacher.astype(np.int64), per_teacher), (post, per_post)):
        look(should_stop)
        # One key is quicker to sort than two.
        order = np.argsort((group << 32) + metres, kind="stable")
        chosen[order[rank_in_group(group[order]) < count]] = True
    return np.flatnonzero(chosen)


def rank_in_group(sorted_keys: Ints) -> Ints:
    """Position of each entry within its run of equal keys."""
    count = len(sorted_keys)
    if not count:
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1])))
    return np.arange(count) - np.repeat(starts, np.diff(np.append(starts, count)))


def greedy(program: Program, hard: Bools, should_stop: Callable[[], bool], looks: int = LOOKS) -> Floats | None:
    """(options,) zeros and ones that keep every hard row; None where it got stuck or was not done after so many looks.

    Raises Stopped where it had not yet begun to choose.
    """
    options, matrix = program.options, program.matrix
    count = len(options)
    nearest = nearest_options(options, PER_TEACHER, PER_POST, should_stop)
    low = np.where(hard | (program.row_lower > 0), program.row_lower, -np.inf)
    high = np.where(hard, program.row_upper, np.inf)
    reached = np.zeros(len(low))
    chosen = np.zeros(count)
    part = matrix[:, nearest]
    fills = sparse.csc_array((part.data > 0, part.indices, part.indptr), shape=part.shape).T @ (low > 0)
    candidates = nearest[fills & (program.upper[nearest] > 0)]
    order = candidates[np.argsort(options.metres[candidates], kind="stable")]
    used = np.zeros(len(options.index.county.teachers), dtype=bool)
    indptr, indices, data = matrix.indptr, matrix.indices, matrix.data
    left = looks
    for _ in range(PASSES):
        for at, column in enumerate(order):
            left -= 1
            if left < 0 or (at % LOOK_EVERY == 0 and should_stop()):
                return _kept(chosen, reached, low, high, hard)
            if used[options.teacher[column]]:
                continue
            part = slice(indptr[column], indptr[column + 1])
            rows, values = indices[part], data[part]
            now, floor = reached[rows], low[rows]
            then = now + values
            if not np.any((now < floor) & (values > 0)):
                continue
            if np.any(then > high[rows]) or np.any(hard[rows] & (then < floor) & (then < now)):
                continue
            reached[rows] = then
            chosen[column] = 1.0
            used[options.teacher[column]] = True
        if not np.any(hard & (reached < low)):
            break
    return _kept(chosen, reached, low, high, hard)


def _kept(chosen: Floats, reached: Floats, low: Floats, high: Floats, hard: Bools) -> Floats | None:
    return None if np.any(hard & ((reached < low) | (reached > high))) else chosen
