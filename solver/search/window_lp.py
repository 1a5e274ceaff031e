"""The LP that windows ask: a master's once more, for its bounds and the rows said by the way are nobody else's business."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from solver.engines.highs import Linear
from solver.index import Ints, Numbers
from solver.master import Bound, Master, is_slow, unit_of
from solver.memory import mostly_zeros
from solver.program import AtLeast
from solver.stopping import ShouldStop


class WindowLp(Master):
    """``master``'s LP over the same columns, which goes on by the dual method; ``elastic`` rows of the program may be off."""

    def __init__(self, master: Master, elastic: Ints, should_stop: ShouldStop) -> None:
        interior = is_slow(master.lower, master.upper)
        super().__init__(master.program, should_stop, onward="dual", interior=interior)
        self.lower, self.upper = mostly_zeros(master.lower), master.upper.copy()
        self.row_lower, self.row_upper = master.row_lower.copy(), master.row_upper.copy()
        # Options that are settled at nothing stay so in every window, and half of the columns take half of the time.
        open_ = self.upper > 0
        open_[len(self.program.options) :] = True
        self._in, self._order = master._in & open_, master._order[open_[master._order]]
        self._rows, self.own = master._rows, master.own.copied()
        self._artificial_rows = np.tile(elastic, 2)
        self._linear = self._standing_elsewhere(elastic)

    def _standing_elsewhere(self, elastic: Ints) -> Linear:
        lower, upper = self.limits()
        linear = Linear(lower[self.rows], upper[self.rows], self._should_stop, interior=self.interior)
        places, signs = np.searchsorted(self.rows, self._artificial_rows), np.repeat([1.0, -1.0], len(elastic))
        ways = sparse.csc_array((signs, (places, np.arange(len(signs)))), shape=(len(self.rows), len(signs)))
        linear.add_columns(ways, np.zeros(len(signs)), np.zeros(len(signs)), np.full(len(signs), np.inf))
        order = self._order
        linear.add_columns(self._inside(order), np.zeros(len(order)), self.lower[order], self.upper[order])
        return linear

    def least(self, cost: Numbers, most: float, off: float) -> Bound:
        """As ``minimise``, where elastic rows are off at ``off`` a unit; no further than it takes to know that all cost more than
        ``most`` (``x`` is no optimum then).
        """
        return self._generate(cost, off / unit_of(cost), most)

    def also(self, parts: Sequence[AtLeast]) -> None:
        """Rows over helpers instead of those that were said so before."""
        place = np.full(self.program.shape[1], -1)
        place[self._order] = len(self._artificial_rows) + np.arange(len(self._order))
        first = np.cumsum([0, *(len(part.lower) for part in parts)])
        row = np.concatenate([part.row + start for part, start in zip(parts, first.tolist(), strict=False)])
        column, value = (np.concatenate([getattr(part, name) for part in parts]) for name in ("column", "value"))
        shape = (int(first[-1]), len(self._artificial_rows) + len(self._order))
        # What has left the LP is nothing.
        inside = self._in[column]
        rows = sparse.csr_array((value[inside], (row[inside], place[column[inside]])), shape=shape)
        self._linear.replace_rows(len(self.rows), rows, np.concatenate([part.lower for part in parts]))
        # Where it stood before says little of what comes: measured, from nothing is twice as fast. Presolve takes longer than it
        # saves, unless there are a ceiling's rows, which say nothing here.
        if self.program.ceilings:
            self._linear.anew()
        else:
            self._linear.forget()

    def close(self) -> None:
        """Nobody asks it any more."""
        self._linear.close()
