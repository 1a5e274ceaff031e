"""What is known of a tier, and what bounds say of it. ``solver/certificates`` works it out again and believes nothing here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from solver.certificates import Case, Cutting
from solver.exact import WHOLE
from solver.index import Floats, Ints
from solver.master import Bound, Master
from solver.program import Program, TierCost


@dataclass
class Certificate:
    """What is known of a tier, in the tier's own steps: ``bound`` ≤ any value given the tiers before it.

    ``duals``: of its LP's rows, then of "value of tier j" for the tiers before it; None: no LP was solved.
    ``cases``: duals for each height of a ceiling that the tier prices. ``cutting``: its LP with cutting planes.
    """

    tier: TierCost
    value: int | None = None
    bound: float | None = None
    proof: str = ""
    duals: tuple[Floats, Floats] | None = None
    cases: tuple[Case, ...] = ()
    cutting: tuple[Cutting, ...] = ()

    def bound_in(self, tier: TierCost) -> float | None:
        """The bound in the steps of a like ``tier`` of another program."""
        if self.bound is None or not np.isfinite(self.bound):
            return None
        return float((Fraction(self.bound) * self.tier.step + self.tier.constant - tier.constant) / tier.step)

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
    rows = master.program.shape[0]
    kept = np.zeros(k)
    np.add.at(kept, kept_tiers(master, k), bound.y[rows:])
    return bound.y[:rows], kept


def kept_tiers(master: Master, k: int) -> Ints:
    """The tier before ``k`` that each of the master's own rows keeps."""
    tiers = master.program.tiers[:k]
    own = [next(j for j, tier in enumerate(tiers) if np.array_equal(tier.cost, values)) for values, _ in master.cuts]
    return np.array(own, dtype=np.int64)


def by_tier(master: Master, cutting: Cutting, k: int) -> Cutting:
    """``cutting`` of the master's rows, said of every tier before ``k``."""
    rows, kept = master.program.shape[0], kept_tiers(master, k)
    own = rows + k + np.arange(len(cutting.sums))
    number = np.concatenate((np.arange(rows), rows + kept, own))
    duals = np.zeros(rows + k + len(own))
    np.add.at(duals, number, cutting.duals)
    sums = tuple(
        replace(one, rows=number[one.rows], high=number[one.high], equal=number[one.equal]) for one in cutting.sums
    )
    return Cutting(sums, duals)
