"""The LP of a spot: of the program where its pivots are known, with the tiers before kept at what they cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor

import numpy as np

from solver.exact import WHOLE
from solver.master import Bound, Master, is_slow
from solver.program import Program, TierCost
from solver.restricted import Standing
from solver.search.certificate import Certificate
from solver.search.heights import ceiling_of
from solver.search.narrowing import narrow
from solver.search.pivots import Known, Spot
from solver.stopping import ShouldStop


@dataclass
class SpotLps:
    """Of tier ``k`` of ``certificates``; what ``settled``, the LP over all pivots, rules out is out here, too."""

    k: int
    certificates: Sequence[Certificate]
    settled: Master
    formulate: Callable[[Known], Program]
    standing: Standing | None = None
    """Where the last one first stood: the next has other numbers in the same places."""

    def kept(
        self, spot: Spot, tiers: int, should_stop: ShouldStop, workers: int, free: bool = False
    ) -> tuple[Master, Bound | None, Standing | None]:
        """The LP of this spot in which so many ``tiers`` keep their values, its optimum for the next one, and where it first stood.

        ``free``: as if tier ``k``'s ceiling cost nothing. Raises Stopped.
        """
        program = self._program(spot, free)
        interior, first = is_slow(program.lower, program.upper), program.tiers[0].cost
        master = Master(program, should_stop, workers, onward="dual", interior=interior)
        # The first of all begins with any plan: measured, 1.0 s with its LP instead of 1.7.
        bound = master.start(
            np.zeros(len(first)) if self.standing is None else first.astype(np.float64), like=self.standing
        )
        if bound is not None and self.standing is None:
            bound = master.minimise(first)
        standing = None if bound is None else master.standing()
        for j in range(tiers):
            most = self._at_most(j, program.tiers[j])
            if bound is None or bound.value > most + WHOLE:
                return master, None, standing
            # Until the pivots are priced, what stands hardly moves: measured, 0.3 s instead of 0.9 (mix 211, two tiers before).
            master.go_on("dual" if j + 1 == tiers else "primal")
            narrow(master, program.tiers[j], bound, most)
            bound = master.minimise(program.tiers[j + 1].cost)
        return master, bound, standing

    def _program(self, spot: Spot, free: bool) -> Program:
        program, settled = self.formulate(spot.known), self.settled
        count, lower, upper = len(program.options), program.lower.copy(), program.upper.copy()
        # Options that no better plan has are out. (Those that all have may be left: an LP begins with nobody moving.)
        upper[:count] = settled.upper[:count]
        for ours, theirs in zip(program.ceilings, settled.program.ceilings, strict=True):
            lower[ours.column], upper[ours.column] = settled.lower[theirs.column], settled.upper[theirs.column]
        if spot.heights is not None and (ceiling := ceiling_of(program, program.tiers[self.k])) is not None:
            column, (low, high) = ceiling.column, spot.heights
            lower[column], upper[column] = max(lower[column], low), min(upper[column], high)
            upper[:count][ceiling.length > high] = 0.0
            if free:
                plain = program.tiers[self.k].cost.copy()
                plain[column] = 0
                tier = replace(program.tiers[self.k], cost=plain)
                program = replace(program, tiers=(*program.tiers[: self.k], tier, *program.tiers[self.k + 1 :]))
        return replace(program, lower=lower, upper=upper)

    def _at_most(self, j: int, tier: TierCost) -> int:
        """What tier ``j`` may cost, in the steps of a spot's ``tier``."""
        own, value = self.certificates[j].tier, self.certificates[j].value
        assert value is not None
        return floor(((value + own.tolerance) * own.step + own.constant - tier.constant) / tier.step)
