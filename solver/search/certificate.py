"""What is known of a tier, and what bounds say of it. ``solver/certificates`` works it out again and believes nothing here."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from solver.certificates import Case, Cutting, Sum
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

    def recall(self, known: Certificate) -> None:
        """Take over what another search proved, where that is more, and no plan says otherwise."""
        assert self.value is not None
        if known.bound is None or known.bound > self.value + self.tier.tolerance:
            return
        if self.bound is None or known.bound > self.bound:
            self.bound, self.proof = min(known.bound, float(self.value)), known.proof
            self.duals, self.cases, self.cutting = known.duals, known.cases, known.cutting

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


def unproved(program: Program, tier: TierCost) -> Certificate:
    """Of a tier that no search was about."""
    return Certificate(tier, bound=trivial(program, tier), proof="trivial")


def rounded_up(value: float) -> float:
    """A bound on whole numbers, rounded up; what lies within the LP's tolerance of a whole number is that number."""
    return float(np.ceil(value - WHOLE * max(1.0, abs(value) * 1e-3))) if np.isfinite(value) else value


def duals_of(master: Master, bound: Bound, k: int) -> tuple[Floats, Floats]:
    """The LP's duals of the program's rows, and of the rows that keep a tier, added up by the tier before ``k``."""
    rows, tier = master.program.shape[0], _tiers_kept(master, k)
    kept, own = np.zeros(k), bound.y[rows : rows + len(tier)]
    np.add.at(kept, tier[tier >= 0], own[tier >= 0])
    return bound.y[:rows], kept


def cutting_of(master: Master, bound: Bound, k: int) -> Cutting | None:
    """The LP with those rows of the master's own that say what follows from a row; None: it makes no use of any."""
    rows, tier = master.program.shape[0], _tiers_kept(master, k)
    if not np.any(bound.y[rows : rows + len(tier)][tier < 0]):
        return None
    return by_tier(master, Cutting((), bound.y[: rows + len(tier)]), k)


def _tiers_kept(master: Master, k: int) -> Ints:
    """The tier before ``k`` that each of the master's own rows keeps; -1: none."""
    tiers = master.program.tiers[:k]
    own = (
        -1 if row.at is not None else next(j for j, tier in enumerate(tiers) if np.array_equal(tier.cost, row.values))
        for row in master.own
    )
    return np.fromiter(own, dtype=np.int64)


def by_tier(master: Master, cutting: Cutting, k: int) -> Cutting:
    """``cutting`` of the master's rows, said of every tier before ``k``; what follows from a row comes first of its sums."""
    rows, tier = master.program.shape[0], _tiers_kept(master, k)
    sums = [one for one in cutting.sums if isinstance(one, Sum)]
    own = slice(rows, rows + len(tier))
    used = cutting.duals != 0
    for one in sums:
        used[one.rows] = True
    packed = np.flatnonzero((tier < 0) & used[own])
    number = np.arange(len(used)) + k + len(packed) - len(tier)
    number[:rows] = np.arange(rows)
    number[own] = np.where(tier >= 0, rows + tier, 0)
    number[rows + packed] = rows + k + np.arange(len(packed))
    # The master's rows are at most; what follows from a row is at least.
    sign = np.ones(len(used))
    sign[own] = np.where(tier >= 0, 1.0, -1.0)
    duals = np.zeros(rows + k + len(packed) + len(sums))
    np.add.at(duals, number, sign * cutting.duals)
    packings = [row.made_of for row in master.own]
    from_rows = [made_of for at in packed.tolist() if (made_of := packings[at]) is not None]
    return Cutting((*from_rows, *(_renumbered(one, number, sign) for one in sums)), duals)


def _renumbered(one: Sum, number: Ints, sign: Floats) -> Sum:
    return Sum(
        number[one.rows],
        sign[one.rows] * one.times,
        one.flipped,
        number[one.high[sign[one.high] > 0]],
        number[one.equal],
    )
