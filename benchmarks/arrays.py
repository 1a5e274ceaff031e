"""A program as bare arrays in one file: the very same for the engine's peers, which know nothing of options or rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
WHOLE = 1e-6


@dataclass(frozen=True)
class TierArrays:
    """Minimise step × (cost · x) + constant; ``cost`` are whole numbers."""

    name: str
    cost: Floats
    step: float
    constant: float

    @property
    def offset(self) -> float:
        """The constant in the cost's own unit: engines that are told of it measure their gap as we do."""
        return self.constant / self.step

    def value(self, steps: float) -> float:
        return steps * self.step + self.constant


@dataclass(frozen=True)
class Arrays:
    """row_lower ≤ matrix · x ≤ row_upper, lower ≤ x ≤ upper, x whole where ``integer``; tiers in order.

    The first ``options`` columns are the options; for each its teacher, host (positions) and whole metres.
    """

    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    tiers: tuple[TierArrays, ...]
    teacher: NDArray[np.integer[Any]]
    host: NDArray[np.integer[Any]]
    metres: NDArray[np.integer[Any]]

    @property
    def options(self) -> int:
        return len(self.teacher)

    def holds(self, x: Floats) -> bool:
        """Is ``x`` a solution: whole, within bounds, every row kept?"""
        activity = self.matrix @ x
        near = WHOLE * 10
        return not (
            np.any(np.abs(x - np.rint(x))[self.integer] > near)
            or np.any(x < self.lower - near)
            or np.any(x > self.upper + near)
            or np.any(activity < self.row_lower - near)
            or np.any(activity > self.row_upper + near)
        )

    def rounded(self, x: Floats) -> Floats:
        return np.where(self.integer, np.rint(x), x)

    def whole(self, tier: TierArrays) -> bool:
        """Does the tier take whole values only?"""
        return bool(np.all(self.integer[tier.cost != 0]))


def save(path: Path, program: Any) -> None:
    """Write a ``solver.program.Program``."""
    options = program.options
    matrix = sparse.csr_array(program.matrix, dtype=np.float64)
    np.savez(
        path,
        data=matrix.data,
        indices=matrix.indices,
        indptr=matrix.indptr,
        row_lower=program.row_lower,
        row_upper=program.row_upper,
        lower=program.lower,
        upper=program.upper,
        integer=program.integer,
        costs=np.array([tier.cost for tier in program.tiers], dtype=np.float64).reshape(-1, program.shape[1]),
        steps=np.array([float(tier.step) for tier in program.tiers]),
        constants=np.array([float(tier.constant) for tier in program.tiers]),
        names=np.array([tier.name for tier in program.tiers], dtype=str),
        teacher=options.teacher,
        host=options.host,
        metres=options.metres,
    )


def load(path: Path) -> Arrays:
    with np.load(path) as file:
        tiers = tuple(
            TierArrays(str(name), cost, float(step), float(constant))
            for name, cost, step, constant in zip(
                file["names"], file["costs"], file["steps"], file["constants"], strict=True
            )
        )
        shape = (len(file["row_lower"]), len(file["lower"]))
        matrix = sparse.csr_array((file["data"], file["indices"], file["indptr"]), shape=shape)
        return Arrays(
            matrix,
            file["row_lower"],
            file["row_upper"],
            file["lower"],
            file["upper"],
            file["integer"],
            tiers,
            file["teacher"],
            file["host"],
            file["metres"],
        )


def with_rows(arrays: Arrays, rows: Sequence[tuple[Floats, float]]) -> tuple[sparse.csr_array, Floats, Floats]:
    """(matrix, row_lower, row_upper) with a row cost · x ≤ most for each of ``rows``."""
    if not rows:
        return arrays.matrix, arrays.row_lower, arrays.row_upper
    more = sparse.csr_array(np.array([cost for cost, _ in rows]))
    most = np.array([value for _, value in rows])
    return (
        sparse.csr_array(sparse.vstack((arrays.matrix, more))),
        np.concatenate((arrays.row_lower, np.full(len(rows), -np.inf))),
        np.concatenate((arrays.row_upper, most)),
    )
