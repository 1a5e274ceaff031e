"""A mixed-integer program as every engine takes it, and the answer as every engine gives it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solver.index import Bools, Floats


@dataclass(frozen=True)
class Problem:
    """Minimise cost · x, row_lower ≤ matrix · x ≤ row_upper, lower ≤ x ≤ upper, x whole where ``integer``.

    ``start``: a known solution; ``at_most``: one that costs more is no answer, and need not be looked for (an engine may come by it all
    the same). The engine may stop at the relative ``gap``, after ``seconds`` of wall time, or after
    ``work`` of its own deterministic units. ``hard``: its LP is far from whole, so that branching has to be prepared for.
    """

    matrix: sparse.csc_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    cost: Floats
    start: Floats | None = None
    at_most: float | None = None
    gap: float = 0.0
    seed: int = 1
    seconds: float | None = None
    work: float | None = None
    hard: bool = False

    @property
    def is_logic(self) -> bool:
        return is_logic(self.integer, self.matrix)


@dataclass(frozen=True)
class MipAnswer:
    """``x`` None: none was found; ``bound`` is proved; ``exhausted``: the search ended by itself (no x: there is none)."""

    x: Floats | None
    bound: float
    exhausted: bool


def is_logic(integer: Bools, matrix: sparse.csc_array) -> bool:
    """Whether everything is a whole number, so that both engines may race."""
    return bool(integer.all()) and np.array_equal(matrix.data, np.rint(matrix.data))
