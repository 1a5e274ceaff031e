"""What is known of a tier, and what bounds say of it. ``solver/certificates.py`` works it out again and believes nothing here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.certificates import Case
from solver.exact import WHOLE
from solver.index import Floats
from solver.master import Bound, Master
from solver.program import Program, TierCost


@dataclass
class Certificate:
    """What is known of a tier, in the tier's own steps: ``bound`` ≤ any value given the tiers before it.

    ``duals``: of its LP's rows, then of "value of tier j" for the tiers before it; None: no LP was solved.
    ``cases``: duals for each height of a ceiling that the tier prices.
    """

    tier: TierCost
    value: int | None = None
    bound: float | None = None
    proof: str = ""
    duals: tuple[Floats, Floats] | None = None
    cases: tuple[Case, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether no plan is better than the value, as far as the tier tells values apart."""
        return self.value is not None and self.bound is not None and self.bound >= self.value - self.tier.tolerance

    def proved(self, gap: float) -> bool:
        if self.value is None or self.bound is None:
            return False
        step = float(self.tier.step)
        value = self.value * step + float(self.tier.constant)
        return (self.value - self.bound) * step <= gap * max(1.0, abs(value)) + 1e-9


def trivial(program: Program, tier: TierCost) -> float:
    """A bound that needs no search: every teacher's cheapest option, or none, and every helper at its cheapest."""
    count = len(program.options)
    first = np.flatnonzero(np.diff(program.options.teacher, prepend=-1))
    options = np.minimum(0, np.minimum.reduceat(tier.cost[:count], first)).sum() if count else 0
    with np.errstate(invalid="ignore"):
        helpers = tier.cost[count:] * np.where(tier.cost[count:] < 0, program.upper[count:], program.lower[count:])
    return float(options) + float(np.where(tier.cost[count:] == 0, 0.0, helpers).sum())


def rounded_up(value: float) -> float:
    """A bound on whole numbers, rounded up; what lies within the LP's tolerance of a whole number is that number."""
    return float(np.ceil(value - WHOLE * max(1.0, abs(value) * 1e-3))) if np.isfinite(value) else value


def duals_of(master: Master, bound: Bound, k: int) -> tuple[Floats, Floats]:
    """The LP's duals of the program's rows, and of the cuts, added up by the tier before ``k`` whose value they keep."""
    program = master.program
    rows = program.shape[0]
    kept = np.zeros(k)
    for (values, _), dual in zip(master.cuts, bound.y[rows:], strict=True):
        kept[next(j for j in range(k) if np.array_equal(program.tiers[j].cost, values))] += dual
    return bound.y[:rows], kept
