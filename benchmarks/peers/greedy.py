"""As offices do it by hand: school by school, nearest first, until nothing is short that somebody could fill.

A move is made when it brings some unmet limit nearer and breaks none; nobody is ever moved twice or sent back. It proves
nothing, and where quotas are left unmet its plan is none.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.arrays import Arrays, Floats
from benchmarks.peers.tiers import tier_row
from benchmarks.telling import tell


def plan(arrays: Arrays) -> Floats:
    """The columns' values; helper columns (slacks) get the least that their rows leave them."""
    columns = sparse.csc_array(arrays.matrix)
    start, rows, values = columns.indptr, columns.indices, columns.data
    x = arrays.lower.copy()
    activity = arrays.matrix @ x
    taken: set[int] = set()
    # What a slack could still make up for: a row with one may be broken for now.
    helpers = np.arange(arrays.options, len(x))
    give = np.zeros(len(activity))
    for column in helpers:
        part = slice(start[column], start[column + 1])
        np.add.at(give, rows[part], np.abs(values[part]) * arrays.upper[column])
    for option in np.lexsort((arrays.metres, arrays.host)):
        teacher = int(arrays.teacher[option])
        if teacher in taken or arrays.upper[option] == 0:
            continue
        part = slice(start[option], start[option + 1])
        row, change = rows[part], values[part]
        now, then = activity[row], activity[row] + change
        missing = np.maximum(0.0, arrays.row_lower[row] - now)
        helps = np.any((missing > 0) & (change > 0))
        worse = (then > arrays.row_upper[row] + give[row]) | ((then < arrays.row_lower[row] - give[row]) & (change < 0))
        if helps and not worse.any():
            activity[row] = then
            x[option] = 1.0
            taken.add(teacher)
    for column in helpers:
        part = slice(start[column], start[column + 1])
        row, change = rows[part], values[part]
        short = np.where(change > 0, arrays.row_lower[row] - activity[row], activity[row] - arrays.row_upper[row])
        needed = np.max(np.ceil(short / np.abs(change) - 1e-9), initial=0.0)
        x[column] = np.clip(needed, arrays.lower[column], arrays.upper[column])
        activity[row] += change * x[column]
    return x


def solve(arrays: Arrays, variant: str, seconds: float, gap: float, seed: int) -> dict[str, Any]:
    started = time.monotonic()
    x = plan(arrays)
    took = time.monotonic() - started
    activity = arrays.matrix @ x
    broken = int(((activity < arrays.row_lower - 1e-6) | (activity > arrays.row_upper + 1e-6)).sum())
    rows = [tier_row(tier, x, None, gap) for tier in arrays.tiers]
    tell(phase="first plan", seconds=took, placements=round(float(x[: arrays.options].sum())))
    return {"status": "broken" if broken else "feasible", "seconds": took, "tiers": rows, "broken_rows": broken}
