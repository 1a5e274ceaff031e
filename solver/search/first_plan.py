"""The first plan, by one weighted sum of all tiers (a surrogate, steep weights): its LP over columns by need, then, if that is
fractional, small exact programs around what is fractional, or over the columns whose reduced cost is small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from solver.exact import Exact
from solver.improvement import Improvement
from solver.index import Floats, Ints
from solver.master import Bound
from solver.program import Program, TierCost
from solver.rounding import WIDE_FROM, Rounding, nearly_whole
from solver.search.clock import Clock
from solver.search.incumbent import Incumbent
from solver.search.on_the_way import OnTheWay
from solver.starts import completed, starts
from solver.stopping import Stopped

STEEPNESS = 20
TOP_COST = 1e4
FIRST_PLAN_SECONDS = 20.0
BETTER_PLAN_SECONDS = 4.0
"""Where there is a plan already, the time is better spent on the first tiers."""
MENDED_AFTER_SECONDS = 1.0
ANY = 1.0
"""The gap of a hard weighted sum of all tiers: tier by tier a plan is bettered sooner than here (far mix 403 of 6 000
teachers: all proved in 11 s instead of 22).
"""
SURROGATE_GAP = 1e-4
"""Of an LP that takes long, where there is a plan: every tier has its own turn."""
MANY_COLUMNS = 16_000
"""Of fewer, programs where pivots are known come by a good plan as soon; of more, by none for seconds."""


def surrogate(program: Program, tiers: Sequence[TierCost]) -> Floats:
    """One cost for ``tiers``, at most TOP_COST a column: a unit of a tier outweighs long chains of all that follow."""
    weights, weight = [], 1.0
    for tier in reversed(tiers):
        weights.append(weight)
        weight *= STEEPNESS * max(1.0, float(np.abs(tier.cost).max(initial=0)))
    total = np.zeros(program.shape[1])
    for weight, tier in zip(reversed(weights), tiers, strict=True):
        total += weight * tier.cost
    for ceiling in program.ceilings:
        # An LP sees no ceiling, only averages, and is the harder for them; the tier's own turn is soon enough.
        total[ceiling.column] = 0.0
    largest = float(np.abs(total).max(initial=0.0))
    return total * (TOP_COST / largest) if largest else total


def plain_tiers(program: Program) -> list[TierCost]:
    """The tiers that an LP says enough of: no blurred ones, but those of pivots without what hangs on these, where that is worth it."""
    tiers = []
    for tier in program.tiers:
        if program.pivoted(tier) and program.shape[1] > MANY_COLUMNS:
            cost = tier.cost.copy()
            cost[program.spreads] = 0
            tiers.append(replace(tier, cost=cost))
        elif not tier.tolerance:
            tiers.append(tier)
    return [tier for tier in tiers if tier.cost.any()]


@dataclass(frozen=True)
class FirstPlan:
    """First ``start``, then ``find``: ``incumbent`` takes what they come by, and ``tell`` hears of a plan before the last."""

    exact: Exact
    improvement: Improvement
    incumbent: Incumbent
    clock: Clock
    tell: Callable[[], None]
    sharpened: Callable[[Floats, Bound], Bound]
    """The LP of a cost, its optimum known, with what that breaks of single rows."""
    already: Ints | None = None

    def start(self) -> None:
        """Something to keep before the first LP."""
        for chosen in starts(self.exact.program, self.exact.options, self.clock.should_stop, self.already):
            if self.complete(chosen):
                self.tell()
                return

    def find(self) -> bool:
        """A plan by the surrogate; False: the program has none (proved over every column). Raises Stopped."""
        program, incumbent = self.exact.program, self.incumbent
        cost = surrogate(program, plain_tiers(program))
        bound = self.exact.master.start(cost)
        if bound is None:
            return False
        if len(program.tiers) > 1:
            bound = self.sharpened(cost, bound)
        blurred = any(tier.tolerance for tier in program.tiers)
        if blurred:
            # Blurred tiers have helpers that make whole plans hard to come by: a plan without a thought of them comes first.
            self._ignoring_helpers(cost, bound)
            if program.pivots and incumbent.columns is None:
                self._find_without_helpers()
            if program.pivots and incumbent.columns is not None:
                # Better ones come from programs where the pivots are known.
                return True
            cost = surrogate(program, program.tiers)
            bound = self.exact.master.minimise(
                cost, OnTheWay(self.exact, incumbent, cost, self.keep, self.tell, SURROGATE_GAP)
            )
        if incumbent.take(bound.x) or Rounding(self.exact, cost, bound).within_gap(incumbent.take):
            return True
        # A nearly whole LP leaves little to decide, and few columns to do it with.
        nearly = nearly_whole(bound.x[: len(program.options)])
        mendable = len(program.tiers) == 1
        if nearly and mendable and incumbent.columns is not None:
            # The sum is the tier itself, whose own turn it is, and little is left to mend.
            return True
        if not nearly and mendable and self.mend():
            return True
        if not nearly and program.shape[1] > WIDE_FROM:
            wide = Rounding(self.exact, cost, bound)
            if wide.wide(self.keep, lambda: self.clock.mip_seconds(True, self._patience)):
                return True
        mendable &= nearly and self.exact.options.work_limit is None
        keep = incumbent.used(bound) if nearly else self.exact.master.inside
        for share in (1e-7 if nearly else 0.0, 1e-6, 1e-5, 1e-4, None):
            # Ever more columns: in the end all of them, and then no plan is a proof.
            columns = self.exact.columns_below(bound, np.inf if share is None else share * TOP_COST, keep=keep)
            last = share is None and incumbent.columns is None
            seconds = MENDED_AFTER_SECONDS if mendable else self.clock.mip_seconds(not last, self._patience)
            gap = 1e-7 if nearly else ANY
            answer = self.exact.minimise(cost, columns, gap, seconds, start=incumbent.x, hard=not nearly)
            if answer.x is not None and self.keep(answer.x):
                return True
            if mendable and not answer.exhausted and self.mend():
                return True
            mendable = False
            if incumbent.columns is None and not answer.exhausted and blurred:
                # Too hard as a whole: the tiers whose helpers make it so are left to their own turn.
                self._find_without_helpers()
            if last and answer.exhausted and answer.x is None:
                return False
            if incumbent.columns is not None and not answer.exhausted:
                return True
        if incumbent.columns is not None:
            return True
        raise Stopped

    @property
    def _patience(self) -> float:
        return FIRST_PLAN_SECONDS if self.incumbent.columns is None else BETTER_PLAN_SECONDS

    def mend(self) -> bool:
        """A plan of a program whose LP is far from whole: rounded, then mended. Said of one tier, as its cost is whole."""
        # How far it comes depends on the machine's speed, unless work is counted.
        self.exact.engine.raced |= self.exact.options.work_limit is None
        cost = self.exact.program.tiers[0].cost.astype(np.float64)
        x = self.improvement.mend(cost, self.exact.master.minimise(cost))
        return x is not None and self.incumbent.take(x)

    def _ignoring_helpers(self, cost: Floats, bound: Bound) -> None:
        """A plan from the optimum ``bound`` of ``cost``, where rounding gives one."""
        count = len(self.exact.program.options)
        if not self.complete(bound.x[:count]):
            near = Rounding(self.exact, cost, bound)
            near.plans(lambda x: self.complete(x[:count]), lambda value: True)
        self.tell()

    def _find_without_helpers(self) -> None:
        """The surrogate of the tiers that are about options and slacks alone, its helpers completed afterwards."""
        program = self.exact.program
        cost = surrogate(program, plain_tiers(program))
        bound = self.exact.master.minimise(cost)
        if not self.complete(bound.x[: len(program.options)]):
            columns = self.exact.columns_below(bound, 1e-5 * TOP_COST, keep=self.incumbent.used(bound))
            seconds = self.clock.mip_seconds(True)
            answer = self.exact.minimise(cost, columns, 1e-4, seconds, start=self.incumbent.x)
            if answer.x is not None:
                self.complete(answer.x[: len(program.options)])

    def keep(self, x: Floats) -> bool:
        """Take an engine's plan. Where its helpers are a trifle off for us, its options may be a plan all the same (far mix 379:
        balance, 2 of 40 runs).
        """
        return self.incumbent.take(x) or self.complete(x[: len(self.exact.program.options)])

    def complete(self, chosen: Floats) -> bool:
        """Take the plan of these options, if they are whole and some helpers and slacks go with them."""
        program = self.exact.program
        cost = surrogate(program, program.tiers)
        # A plan that came at the last moment counts as well.
        x = completed(program, chosen, cost, self.exact.options, self.clock.moment_later)
        return x is not None and self.incumbent.take(x)
