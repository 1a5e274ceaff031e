"""Programs of one kind: every group takes exactly one option, and every option needs room in exactly one long row.

The generalized assignment problem (Martello & Toth 1990). A long row by itself is a knapsack, and knapsacks can be packed exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solver.engines.problem import Problem
from solver.index import Bools, Floats, Ints

WHOLE = 1e-6
LARGEST_ROOM = 20_000


@dataclass(frozen=True)
class Row:
    """Options of a row: whose, what each costs beyond its group's cheapest, what it takes of ``room``."""

    columns: Ints
    group: Ints
    cost: Floats
    weight: Ints
    room: int

    def only(self, kept: Bools, place: Ints) -> Row:
        """Those of its options that are ``kept``; a group's number is its ``place`` then."""
        return Row(self.columns[kept], place[self.group[kept]], self.cost[kept], self.weight[kept], self.room)


@dataclass(frozen=True)
class Assignments:
    """``rows``: the long ones, as ``numbers`` of the problem's. ``least``: (groups,) what each group's cheapest option costs. ``worth``: (groups,)
    what it is worth beyond that to place a group, as the duals of an LP say.
    """

    numbers: Ints
    rows: tuple[Row, ...]
    least: Floats
    worth: Floats

    @classmethod
    def of(cls, problem: Problem, group: Ints, ties: Bools, y: Floats) -> Assignments | None:
        """``group``: (options,) whom each is about. ``ties``: the rows that tie options of several groups. ``y``: an LP's row duals. None:
        the program is of another kind.
        """
        numbers = np.flatnonzero(ties)
        if not _is_one(problem, group, numbers, ties):
            return None
        least = np.full(int(group.max()) + 1, np.inf)
        np.minimum.at(least, group, problem.cost)
        own = np.asarray(problem.matrix.T @ np.where(ties, 0.0, y))
        worth = np.zeros(len(least))
        worth[group] = np.maximum(0.0, own - least[group])
        by_row = problem.matrix.tocsr()
        rows = []
        for row in numbers.tolist():
            part = slice(by_row.indptr[row], by_row.indptr[row + 1])
            columns, weight = by_row.indices[part], np.rint(by_row.data[part]).astype(np.int64)
            room = int(problem.row_upper[row] + WHOLE)
            kept = (problem.upper[columns] > 0) & (weight <= room)
            columns, weight = columns[kept], weight[kept]
            rows.append(Row(columns, group[columns], problem.cost[columns] - least[group[columns]], weight, room))
        return cls(numbers, tuple(rows), least, worth)


def _is_one(problem: Problem, group: Ints, numbers: Ints, ties: Bools) -> bool:
    matrix = problem.matrix
    if matrix.shape[1] != len(group) or not len(numbers):
        return False
    long, own = matrix.tocsr()[numbers], matrix.tocsr()[~ties]
    once = np.all(np.bincount(long.indices, minlength=len(group)) == 1)
    ones = np.all(np.bincount(own.indices, minlength=len(group)) == 1) and np.all(own.data == 1)
    one_each = np.all(problem.row_lower[~ties] == 1) and np.all(problem.row_upper[~ties] == 1)
    binary = problem.integer.all() and np.all(problem.lower == 0) and np.all(problem.upper <= 1)
    rooms = np.all((problem.row_upper[numbers] >= 0) & (problem.row_upper[numbers] <= LARGEST_ROOM))
    rooms = rooms and np.all(problem.row_lower[numbers] <= 0)
    whole = np.all(long.data > 0) and np.array_equal(long.data, np.rint(long.data))
    single = len(np.unique(group)) == int(np.count_nonzero(~ties)) == int(group.max()) + 1
    return bool(once and ones and one_each and binary and rooms and whole and single)


def tying_rows(problem: Problem, group: Ints) -> Bools:
    """(m,) rows that tie the options of several groups; ``group``: (k,) of the first k columns."""
    entries: sparse.csr_array = problem.matrix[:, : len(group)].tocsr()
    ties = np.zeros(entries.shape[0], dtype=bool)
    used = np.flatnonzero(np.diff(entries.indptr))
    if len(used):
        whose, starts = group[entries.indices], entries.indptr[used]
        ties[used] = np.minimum.reduceat(whose, starts) < np.maximum.reduceat(whose, starts)
    return ties
