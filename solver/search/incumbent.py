"""The plan at hand: the best one so far, tier by tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from solver.exact import WHOLE
from solver.index import Bools, Floats, Ints
from solver.master import Bound
from solver.program import Program, TierCost


@dataclass
class Incumbent:
    """The plan's ``columns`` that are not zero (None: no plan yet), what they are, and what it costs in each tier, in the
    tier's own steps.
    """

    program: Program
    columns: Ints | None = None
    amounts: Floats = field(default_factory=lambda: np.zeros(0))
    values: list[int] = field(default_factory=list)

    @property
    def x(self) -> Floats | None:
        """The plan over all columns, of which it uses few: made anew each time."""
        if self.columns is None:
            return None
        x = np.zeros(self.program.shape[1])
        x[self.columns] = self.amounts
        return x

    def take(self, x: Floats) -> bool:
        """Make ``x`` the plan at hand if it is no worse tier by tier; False: it is not whole, or breaks a row."""
        program = self.program
        x = settled(program, x)
        used = np.flatnonzero(x)
        values = np.where(program.integer[used], np.rint(x[used]), x[used])
        if np.abs(values - x[used]).max(initial=0.0) > WHOLE * 10:
            return False
        activity = program.columns(used) @ values
        if np.any(activity < program.row_lower - WHOLE) or np.any(activity > program.row_upper + WHOLE):
            return False
        reached = [_cost_of(tier, used, values) for tier in program.tiers]
        if self.columns is None or self._no_worse(reached):
            self.columns, self.amounts, self.values = used, values, reached
        return True

    def _no_worse(self, values: Sequence[int]) -> bool:
        """Tier by tier; values within a tier's tolerance are the same."""
        for tier, value, known in zip(self.program.tiers, values, self.values, strict=True):
            if abs(value - known) > tier.tolerance:
                return value < known
        return True

    def used(self, bound: Bound) -> Bools:
        """Columns that the LP's optimum or the plan at hand uses."""
        used: Bools = bound.x > WHOLE
        if self.columns is not None:
            used[self.columns[self.amounts > WHOLE]] = True
        return used

    @property
    def options(self) -> Ints | None:
        """The options that the plan chooses (positions)."""
        if self.columns is None:
            return None
        return self.columns[(self.columns < len(self.program.options)) & (self.amounts > WHOLE)]

    @property
    def placements(self) -> int | None:
        return None if self.columns is None else round(self.amounts[self.columns < len(self.program.options)].sum())


def settled(program: Program, x: Floats) -> Floats:
    """``x`` with every ceiling as low as its options let it be."""
    if program.ceilings:
        x = x.copy()
    for ceiling in program.ceilings:
        x[ceiling.column] = ceiling.height(x)
    return x


def _cost_of(tier: TierCost, used: Ints, values: Floats) -> int:
    """What a plan costs whose columns ``used`` have ``values`` and whose others are 0."""
    return round(float(tier.cost[used] @ values))
