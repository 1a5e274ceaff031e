"""A first plan as an office makes one by hand: nearest first, whoever fills a gap and harms nothing.

It is there within a second or two (``by_hand``), so that a stop or a short limit has something to keep. It minds only the rows without
slack or helper ("hard") and proves nothing; where two people must go together (equal exchange) it may find no plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solver.index import Bools, Floats, Ints
from solver.options import Options
from solver.program import Program
from solver.stopping import ShouldStop, look, never

PASSES = 3
LOOKS = 60_000
"""A quarter of a second's worth: counted, so that a busy machine comes to the same plan."""
LOOK_EVERY = 256
RING_BITS = 5
"""So many rings (a power of two) around each teacher and post."""


def nearest_options(options: Options, per_teacher: int, per_post: int, should_stop: ShouldStop = never) -> Ints:
    """The nearest options of each teacher and of each (host, subject), ascending. Raises Stopped."""
    chosen = np.zeros(len(options), dtype=bool)
    post = options.host * np.int32(int(options.subject.max(initial=0)) + 1) + options.subject
    for group, count in ((options.teacher, per_teacher), (post, per_post)):
        look(should_stop)
        near = np.flatnonzero(_not_far(group, options.metres, count))
        order = near[np.lexsort((options.metres[near], group[near]))]
        chosen[order[rank_in_group(group[order]) < count]] = True
    return np.flatnonzero(chosen)


def _not_far(group: NDArray[np.int32], metres: NDArray[np.int32], count: int) -> Bools:
    """Whatever may be among the ``count`` nearest of its group: what lies in a ring by which there are so many.

    Few are left, and sorting is what takes the time.
    """
    rings = metres >> np.int32(max(0, int(metres.max(initial=0)).bit_length() - RING_BITS))
    size = (int(group.max(initial=0)) + 1, 1 << RING_BITS)
    inside = np.bincount(group.astype(np.int64) << RING_BITS | rings, minlength=size[0] * size[1]).reshape(size)
    enough = np.cumsum(inside, axis=1) >= count
    last = np.where(enough[:, -1], np.argmax(enough, axis=1), size[1])
    return rings <= last[group]


def rank_in_group(sorted_keys: Ints) -> Ints:
    """Position of each entry within its run of equal keys."""
    count = len(sorted_keys)
    if not count:
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1])))
    return np.arange(count) - np.repeat(starts, np.diff(np.append(starts, count)))


def greedy(program: Program, should_stop: Callable[[], bool], looks: int = LOOKS) -> Floats | None:
    """(options,) zeros and ones that keep every hard row; None where it got stuck or was not done after so many looks.

    Raises Stopped where it had not yet begun to choose.
    """
    options, count = program.options, len(program.options)
    hard = np.ones(program.shape[0], dtype=bool)
    hard[program.columns(slice(count, None)).indices] = False
    low = np.where(hard | (program.row_lower > 0), program.row_lower, -np.inf)
    high = np.where(hard, program.row_upper, np.inf)
    part = program.columns(slice(0, count))
    wanted = low > 0
    fills = sparse.csc_array((part.data > 0, part.indices, part.indptr), shape=part.shape).T @ wanted
    candidates = np.flatnonzero(fills & (program.upper[:count] > 0))
    look(should_stop)
    order = candidates[np.argsort(options.metres[candidates], kind="stable")][:looks]
    desk = _Desk(low.tolist(), high.tolist(), hard.tolist(), [0.0] * len(low), set(np.flatnonzero(wanted).tolist()))
    part = program.columns(order)
    indptr, rows, by = part.indptr.tolist(), part.indices.tolist(), part.data.tolist()
    people, placed, chosen, left = options.teacher[order].tolist(), set[int](), np.zeros(count), looks
    for _ in range(PASSES):
        for at, column in enumerate(order.tolist()):
            left -= 1
            if left < 0 or (at % LOOK_EVERY == 0 and should_stop()):
                return chosen if desk.done() else None
            if people[at] in placed:
                continue
            own = slice(indptr[at], indptr[at + 1])
            if desk.wants(at_rows := rows[own]) and desk.places(at_rows, by[own]):
                placed.add(people[at])
                chosen[column] = 1.0
        if desk.done():
            break
    return chosen if desk.done() else None


@dataclass(frozen=True)
class _Desk:
    """What the rows want and have so far: plain lists, which are quicker than arrays for a handful of rows at a time."""

    low: list[float]
    high: list[float]
    hard: list[bool]
    reached: list[float]
    short: set[int]
    """Rows that have less than they want."""

    def wants(self, rows: list[int]) -> bool:
        """Whether any of ``rows`` is short: most are not, and this says so at once."""
        return not self.short.isdisjoint(rows)

    def places(self, rows: list[int], by: list[float]) -> bool:
        """Whether this fills a gap and harms nothing; then it is placed."""
        reached, fills = self.reached, False
        for row, more in zip(rows, by, strict=True):
            now = reached[row]
            then = now + more
            fills |= more > 0 and now < self.low[row]
            if then > self.high[row] or (more < 0 and then < self.low[row] and self.hard[row]):
                return False
        if fills:
            for row, more in zip(rows, by, strict=True):
                reached[row] += more
                (self.short.add if reached[row] < self.low[row] else self.short.discard)(row)
        return fills

    def done(self) -> bool:
        """Whether every hard row has what it wants."""
        return all(
            low <= now <= high
            for low, high, hard, now in zip(self.low, self.high, self.hard, self.reached, strict=True)
            if hard
        )
