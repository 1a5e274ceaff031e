"""A linear program for many small questions: it can be copied with its basis, and forgets rows that were for one only."""

from __future__ import annotations

import highspy
import numpy as np

from solver.engines.failure import EngineError
from solver.engines.highs import Linear, LpAnswer, _Engine
from solver.index import Floats

_NONE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


class Warm(Linear):
    """``Linear`` that runs in the caller's own thread (a question takes milliseconds; nothing could stop it sooner)."""

    _kept: highspy.HighsBasis | None = None

    def __init__(self, row_lower: Floats, row_upper: Floats) -> None:
        super().__init__(row_lower, row_upper, lambda: False, _Engine())

    def copy(self) -> Warm:
        """The same rows, columns, costs and basis in an engine of its own."""
        found = Warm.__new__(Warm)
        found._highs = _Engine()
        found._highs.setOptionValue("presolve", "off")
        found._highs.passModel(self._highs.getLp())
        found._highs.setBasis(self._highs.getBasis())
        return found

    def solve(self) -> LpAnswer | None:
        """The optimum, or None where there is no solution."""
        self._highs.run()
        status = self._highs.getModelStatus()
        if status not in (highspy.HighsModelStatus.kOptimal, *_NONE):
            # A numerically hard basis: once more from scratch, by the dual method.
            self._highs.clearSolver()
            self.strategy("dual")
            self._highs.run()
            status = self._highs.getModelStatus()
        if status in _NONE:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise EngineError(f"the LP ended with {status}")
        solution, value = self._highs.getSolution(), self._highs.getInfo().objective_function_value
        return LpAnswer(value, np.array(solution.col_value), np.array(solution.row_dual))

    def keep_basis(self) -> None:
        """Remember the basis; ``drop_rows`` brings it back."""
        self._kept = self._highs.getBasis()

    def drop_rows(self, first: int) -> None:
        """Delete the rows from ``first`` on; columns that came meanwhile rest at their lower bound."""
        count = self._highs.getNumRow() - first
        if count > 0:
            self._highs.deleteRows(count, np.arange(first, first + count, dtype=np.int32))
        if self._kept is not None:
            came = self._highs.getNumCol() - len(self._kept.col_status)
            self._kept.col_status = [*self._kept.col_status, *[highspy.HighsBasisStatus.kLower] * came]
            self._highs.setBasis(self._kept)
            self._kept = None
