"""What one row allows, worked out again: the least that a choice which keeps it is worth, by a table (Bellman 1957)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.index import Floats, Ints

MOST_PLACES = 1_000_000
LARGEST = 2**40


@dataclass(frozen=True)
class Choice:
    """Columns that stand in a row weight · x + slack ≥ limit: of each ``group`` at most one is taken; what each is worth."""

    group: Ints
    weight: Floats
    worth: Ints
    limit: float


def least_worth(choice: Choice, of_slack: int | None) -> int | None:
    """The least that an allowed choice is worth, a unit of slack ``of_slack`` (None: the row has no slack); None: not known, or
    nothing is allowed.
    """
    whole = np.array_equal(choice.weight, np.rint(choice.weight)) and choice.limit == np.rint(choice.limit)
    if not whole or not np.abs(choice.worth).sum() < LARGEST or not abs(of_slack or 0) < LARGEST:
        return None
    weight = choice.weight.astype(np.int64)
    # Of a group's options of one weight, the one that is worth least.
    order = np.lexsort((choice.worth, weight, choice.group))
    group, weight, worth = choice.group[order], weight[order], choice.worth[order]
    first = (np.diff(group, prepend=-1) != 0) | (np.diff(weight, prepend=0) != 0)
    options, starts = np.column_stack((weight, worth))[first], np.flatnonzero(np.diff(group[first]) != 0) + 1
    groups = np.split(options, starts) if len(options) else []
    below = sum(int(np.minimum(own[:, 0], 0).min()) for own in groups)
    above = sum(int(np.maximum(own[:, 0], 0).max()) for own in groups)
    size = above - below + 1
    if size > MOST_PLACES:
        return None
    never = 2 * LARGEST
    table = np.full(size, never, dtype=np.int64)
    table[-below] = 0
    for own in groups:
        before = table.copy()
        for heavy, worth in own.tolist():
            to, come = (table[heavy:], before[: size - heavy]) if heavy >= 0 else (table[:heavy], before[-heavy:])
            np.minimum(to, np.where(come < never, come + worth, never), out=to)
    activity = np.arange(below, above + 1)
    missing = np.maximum(0, int(choice.limit) - activity)
    if of_slack is None:
        allowed = table[(missing == 0) & (table < never)]
    else:
        if missing.max(initial=0) * abs(of_slack) >= LARGEST:
            return None
        allowed = (table + of_slack * missing)[table < never]
    return int(allowed.min()) if len(allowed) else None
