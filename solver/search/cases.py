"""Plans from programs where the pivots are known, one after another, each better than the one before.

Such a program's LP says at once whether a better plan can be in it at all, and nearly always is as good as its best plan. What
is found this way is best among all that are one step away: a good plan, and no proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from math import ceil, floor

import numpy as np

from solver.engines.race import Race
from solver.exact import WHOLE, Exact
from solver.index import Floats
from solver.master import Bound, Master, Standing
from solver.outcome import SolveOptions
from solver.program import Program, TierCost
from solver.rounding import Rounding
from solver.search.certificate import Certificate
from solver.search.narrowing import narrow
from solver.search.pivots import Known, Pivots, after, between
from solver.stopping import ShouldStop

MOST_SOLVED = 24
"""So many where no clock decides."""
SOLVED_SECONDS = 3.0
SIDE_BY_SIDE_COLUMNS = 2_000_000
"""Of more, two programs at once are too much memory."""


@dataclass(frozen=True)
class Case:
    """A program with its pivots ``known``, within what is settled; ``bound``: its LP's optimum, ``least`` in the tier's unit."""

    known: Known
    exact: Exact
    bound: Bound
    least: Fraction


@dataclass
class Cases:
    """``master`` is that of the program whose tier ``k`` is asked about; ``value`` tells what the tier's best plan costs by now (in
    the tier's own steps), ``take`` is offered the options of better ones.
    """

    k: int
    certificates: Sequence[Certificate]
    master: Master
    pivots: Pivots
    formulate: Callable[[Known], Program]
    engine: Race
    options: SolveOptions
    should_stop: ShouldStop
    value: Callable[[], int]
    take: Callable[[Floats], None]
    standing: Standing | None = None
    _seen: set[tuple[int, ...]] = field(default_factory=set)

    def run(self, first: Iterable[Known], until: float) -> None:
        """From the best of ``first`` step by step, until then (``time.monotonic``) or until no step is better. Raises Stopped."""
        with ThreadPoolExecutor(self.options.workers) as pool:
            left, case, here = list(first), None, None
            while left and (other := self._next(left, pool, until)) is not None:
                case = other if case is None or other.least < case.least else case
            solved = 0
            while case is not None and solved < MOST_SOLVED:
                if self._solve(case, until) or here is None:
                    # What got better by one step often gets better by the next of the same kind.
                    last = None if here is None else between(here, case.known)
                    here = case.known
                    left = [after(here, step) for step in self.pivots.steps(last)]
                solved += 1
                case = self._next(left, pool, until)

    def _next(self, left: list[Known], pool: Executor, until: float) -> Case | None:
        """The first of ``left`` whose program may have a better plan; so many workers look at once. Those looked at leave ``left``."""
        at_once = self.options.workers if len(self.master.lower) <= SIDE_BY_SIDE_COLUMNS else 1
        while left:
            some, left[:] = left[:at_once], left[at_once:]
            looked = list(pool.map(partial(self._posed, until=until), some))
            # The next program has other numbers in the same places. Which one it follows is not left to the clock.
            self.standing = next((standing for _, standing in looked if standing is not None), self.standing)
            found = [case for case, _ in looked if case is not None]
            if found:
                best = min(found, key=lambda case: case.least)
                for other in found:
                    if other is not best:
                        self._seen.discard(_key(other.known))
                return best
        return None

    @property
    def _tier(self) -> TierCost:
        return self.certificates[self.k].tier

    @property
    def _now(self) -> Fraction:
        """What the best plan costs by now, in the tier's unit."""
        return self.value() * self._tier.step + self._tier.constant

    def _posed(self, known: Known, until: float) -> tuple[Case | None, Standing | None]:
        """The case, where it may have a better plan that is as good in the tiers before and was not asked yet; and where its first
        LP stood.
        """
        key = _key(known)
        if key in self._seen or time.monotonic() > until:
            return None, None
        self._seen.add(key)
        program = self.formulate(known)
        count, settled = len(program.options), self.master
        lower, upper = program.lower.copy(), program.upper.copy()
        # Options that no better plan has are out.
        lower[:count], upper[:count] = settled.lower[:count], settled.upper[:count]
        program = replace(program, lower=lower, upper=upper)
        master = Master(program, self.should_stop, self.options.workers)
        bound = master.start(program.tiers[0].cost.astype(np.float64), like=self.standing)
        standing = None if bound is None else master.standing()
        for j in range(self.k):
            most = self._at_most(j, program.tiers[j])
            if bound is None or bound.value > most + WHOLE:
                return None, standing
            narrow(master, program.tiers[j], bound, most)
            bound = master.minimise(program.tiers[j + 1].cost)
        if bound is None:
            return None, standing
        tier = program.tiers[self.k]
        least = ceil(bound.value - WHOLE) * tier.step + tier.constant
        if least >= self._now - self._tier.tolerance * self._tier.step:
            return None, standing
        exact = Exact(program, master, self.engine, self.options, self.should_stop)
        return Case(known, exact, bound, least), standing

    def _at_most(self, j: int, tier: TierCost) -> int:
        """What tier ``j``, proved before, may cost, in the steps of a case's ``tier``."""
        own, value = self.certificates[j].tier, self.certificates[j].value
        assert value is not None
        return floor(((value + own.tolerance) * own.step + own.constant - tier.constant) / tier.step)

    def _solve(self, case: Case, until: float) -> bool:
        """Take the best plan of this case, if it is better than the one at hand."""
        before, exact, bound = self.value(), case.exact, case.bound
        program, tier = exact.program, exact.program.tiers[self.k]

        def taken(x: Floats) -> bool:
            now = self.value()
            self.take(x[: len(program.options)])
            return self.value() < now

        def most() -> int:
            return floor((self._now - tier.constant) / tier.step) - tier.tolerance - 1

        if not taken(bound.x):
            good = bound.value + tier.tolerance + WHOLE
            Rounding(exact, tier.cost, bound).plans(taken, lambda value: value <= good, value=float(most()))
        if most() >= bound.value:
            columns = exact.columns_below(bound, most() - bound.value + WHOLE)
            seconds = None
            if self.options.work_limit is None:
                seconds = max(0.0, min(SOLVED_SECONDS, until - time.monotonic()))
            answer = exact.minimise(tier.cost, columns, 0.0, seconds, at_most=most(), hard=True)
            if answer.x is not None:
                taken(answer.x)
        return self.value() < before


def _key(known: Known) -> tuple[int, ...]:
    return tuple(known.values())
