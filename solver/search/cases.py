"""Plans from programs where the pivots are known: the steps that lead to ever better LPs, and the plans of the best.

Such a program's LP says at once whether a better plan can be in it at all, and most often is as good as its best plan. What
steps lead to is best among all that are one step away: a good plan, and no proof. That comes from windows (``windows``), whose best
known pivots are cases too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from math import floor, inf

from solver.engines.problem import MipAnswer
from solver.engines.race import Race
from solver.exact import WHOLE, Exact, margin
from solver.index import Floats
from solver.master import Bound, Master
from solver.outcome import SolveOptions
from solver.program import Program, TierCost
from solver.restricted import Standing
from solver.rounding import Rounding
from solver.search.case import Case, Looked, Postponed, least_of
from solver.search.certificate import Certificate, rounded_up
from solver.search.heights import ceiling_of
from solver.search.pivots import Key, Known, Pivots, Spot, Step, after, between
from solver.search.spot_lps import SpotLps
from solver.search.windows import Windows
from solver.stopping import ShouldStop, Stopped

MOST_SOLVED = 24
"""So many where no clock decides."""
FIRST = 2
"""So many are looked at before the best of them is rounded, where windows follow."""
AT_ONCE = 6
"""So many are looked at before the best of them is followed."""
SOLVED_SECONDS = 3.0
"""Then others are looked at first; asked again it has twice as long."""
LEAST_SECONDS = 0.3
"""An engine needs some to hear of a limit, too."""
POOR, CLIMBED_AFTER, CLIMBED_SECONDS = 0.05, 2.0, 1.5
"""Of a plan's cost: where windows leave more open after so many seconds, steps from the plan at hand have so many. Where LPs are small they
are there by then (wide mix 1312: the best plan after 4.4 s instead of 9); where they are not, more would be lost.
"""
LOOK_SECONDS, LOOK_TIMES = 1.0, 3.0
"""How long an LP may take, at least and beside the longest so far: a few without a solution go on for ever."""
SIDE_BY_SIDE_COLUMNS = 2_000_000
"""Of more, two programs at once are too much memory."""
KEPT_COLUMNS = 10_000
"""Of fewer, to look again takes a moment, and LPs that begin where they once stood are better to round (wide mix 34: its best plan at once)."""


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
    climbs: bool = True
    """Whether steps are taken: where there are windows, they lead to the best sums sooner."""
    proved: bool = False
    """No plan is better in the tier than the one at hand."""
    only: Known | None = None
    """And every one that is as good has these pivots …"""
    heights: tuple[int, int] | None = None
    """… and its ceiling within these."""
    _lps: SpotLps = field(init=False)
    _windows: Windows | None = None
    _leasts: dict[Key, Fraction | None] = field(default_factory=dict)
    """What their LPs say (None: no plan)."""
    _solved: int = 0
    _open: dict[Key, tuple[Fraction, Spot]] = field(default_factory=dict)
    _postponed: dict[Key, Postponed] = field(default_factory=dict)
    _rounded: set[Key] = field(default_factory=set)
    _in_doubt: float = inf
    """What a plan may cost, in the tier's steps, where an LP said nothing, or an engine's plan is none for us."""
    _lowest: float = inf
    """Plans that cost more than this, in the tier's steps, were left: the one at hand costs more where it became better in a tier before."""
    _longest: float = 0.0
    _here: tuple[Spot, Fraction] | None = None
    """Where the last better plan was found by rounding, and what the LP says there."""
    _climbing: float = 0.0
    """Seconds that steps from there have taken, beside windows."""
    _at_hand: dict[Key, Case] = field(default_factory=dict)
    """Those looked at last, and the best before them."""

    def __post_init__(self) -> None:
        self._lps = SpotLps(self.k, self.certificates, self.master, self.formulate)

    def run(self, first: Iterable[Known], until: float) -> None:
        """From the best of ``first`` on to whatever has a better LP; its plan is taken where no step leads to one. Then the next best.
        Who does not climb takes the best plan of the first few.

        ``first`` comes in few at a time. Until then (``time.monotonic``), or until nothing of it may have a better plan. Raises
        Stopped.
        """
        left = map(Spot, first)
        with ThreadPoolExecutor(self.options.workers) as pool:
            begun = None
            if self._may_solve(until):
                # A plan, before others are looked at where that takes long; longest it takes for sums that allow none.
                some = list(islice(left, self.options.workers if self.climbs else FIRST))
                begun = self._round_best(some, pool, until)
            while self.climbs and self._may_solve(until) and ((some := list(islice(left, AT_ONCE))) or begun):
                self._settle(some, pool, until, begun)
                begun = None

    def every(self, bound: Bound, enough: Callable[[float], bool], until: float) -> None:
        """All windows of the pivots that may have a better plan, after ``run``; if they are done by then, there is none. Told ever
        better what plans cost at least (in the tier's steps), ``enough`` says whether that will do. ``bound``: the tier's LP optimum.
        """
        tier = self._tier
        if not Windows.can(self.master.program, tier):
            return
        if ceiling_of(self.master.program, tier) is not None:
            # Windows say where the ceiling is; what was looked at without saying so is in one of them.
            self._leasts.clear()
            self._open.clear()
        began = time.monotonic()
        workers = self.options.workers if len(self.master.lower) <= SIDE_BY_SIDE_COLUMNS else 1
        windows = self._windows = Windows(self.master, tier, self.pivots, workers, self.should_stop)
        with ThreadPoolExecutor(self.options.workers) as pool:

            def done() -> bool:
                if until < inf:
                    self._climb(windows.least, pool, began)
                return enough(min(windows.least, self._not_excluded()))

            windows.run(
                bound,
                lambda: self._value() + tier.tolerance,
                lambda some: self._are_settled(list(some), pool, until),
                self._offer,
                done,
                until,
            )
            # Not where it was stopped: an engine may not have heard of it yet.
            windows.close()
            if windows.least == inf:
                self._settle([], pool, until)
                self._ask_again(lambda: enough(self._not_excluded()), until)
        self.proved = windows.least == inf and self._not_excluded() >= self.value() - tier.tolerance
        # A plan as good may be anywhere where the LP allows it.
        as_good = [key for key, least in self._leasts.items() if least is not None and least <= self._as_good]
        if self.proved and as_good:
            self._tell_apart(as_good, until)

    @property
    def has_risen(self) -> bool:
        """Whether the plan at hand costs more than one that there was, for it is better in a tier before: ``only`` and ``heights`` are of
        that one.
        """
        return self._value() > self._lowest + self._tier.tolerance

    def share(self, workers: int) -> None:
        """From now on so many are at work here: others have something else to do."""
        self.options = replace(self.options, workers=workers)
        if self._windows is not None:
            self._windows.share(workers)

    def _tell_apart(self, as_good: Sequence[Key], until: float) -> None:
        """What all plans have in common that are as good as the one at hand; ``as_good``: where LPs say that there may be some."""
        count = len(self.pivots.columns)
        if 1 < len(as_good) <= AT_ONCE:
            # What is proved stays so, whoever is told to stop here.
            with suppress(Stopped):
                as_good = [key for key in as_good if self._may_be_as_good(key, until)] or as_good
        if len(known := {key[:count] for key in as_good}) == 1:
            self.only = self.pivots.known(known.pop())
        if all(key[count:] for key in as_good):
            self.heights = min(key[count] for key in as_good), max(key[count + 1] for key in as_good)

    def _may_be_as_good(self, key: Key, until: float) -> bool:
        """False: an exact program says that no plan there is as good as the one at hand."""
        count = len(self.pivots.columns)
        spot = Spot(self.pivots.known(key[:count]), (key[count], key[count + 1]) if key[count:] else None)
        master, bound, _ = self._kept(spot, self.k, self.should_stop)
        if bound is None:
            return False
        answer = self._minimised(
            self._exact(master), bound, self._steps(self._as_good, master.program.tiers[self.k]), until
        )
        return answer.x is not None or not answer.exhausted

    def _not_excluded(self) -> float:
        """What plans cost at least, in the tier's steps, that may be in cases which were looked at; infinity: there are none."""
        leasts = *(least for least, _ in self._open.values()), *(one.least for one in self._postponed.values())
        risen = self._lowest if self.has_risen else inf
        return min(self._in_doubt, risen, *map(self._own_steps, leasts))

    def _are_settled(self, some: list[Spot], pool: Executor, until: float) -> bool:
        """Whether all of ``some`` were looked at by then, and their plans taken. What else was looked at can wait."""
        if self.climbs:
            self._settle(some, pool, until)
        else:
            self._look_at(some, pool, until)
            for spot in some:
                if spot.key in self._open and (case := self._case_of(spot)) is not None:
                    self._finish(case, until)
        return all(spot.key in self._leasts or not self.pivots.possible(spot.known) for spot in some)

    def _round_best(self, some: list[Spot], pool: Executor, until: float) -> Case | None:
        """What the best LP of ``some`` holds, rounded; it may have better plans, and so may those near it."""
        self._look_at(some, pool, until)
        case = self._next_best(until)
        if case is not None:
            self._round(case)
        return case

    def _offer(self, spot: Spot) -> None:
        """Take a plan of ``spot``, if a better one comes by the way: as if the ceiling cost nothing there, for then an LP says all."""
        if not self.pivots.possible(spot.known):
            return
        try:
            master, bound, _ = self._kept(spot, self.k, self._patience(), free=True)
        except Stopped:
            if self.should_stop():
                raise
            return
        ceiling, tier = ceiling_of(self.master.program, self._tier), master.program.tiers[self.k]
        if bound is None:
            return
        cost = bound.value
        if ceiling is not None:
            price = int(self._tier.cost[ceiling.column]) * self._tier.step / tier.step
            cost += price * ceiling.height(bound.x)
        if cost <= self._at_most_better(tier):
            least = int(rounded_up(bound.value)) * tier.step + tier.constant
            self._round(Case(spot, self._exact(master), bound, least, self._held))

    def _climb(self, least: float, pool: Executor, began: float) -> None:
        """Beside windows (by which plans cost at least ``least``), where the plan at hand is a poor one: they prove, and come by good
        plans late.
        """
        now, here, value = time.monotonic(), self._here, self._value()
        left = CLIMBED_SECONDS - self._climbing
        is_poor = value - least > POOR * max(1.0, abs(value))
        if here is None or here[0].heights is not None or not is_poor or now < began + CLIMBED_AFTER or left <= 0:
            return
        # What is looked at here is in windows all the same: it is not to be settled, nor counts as settled.
        known = dict(self._leasts), dict(self._open), self._in_doubt
        best = self._climbed(*here, pool, now + left)
        self._leasts, self._open, self._in_doubt = known
        is_there = time.monotonic() < now + left
        if best is not None:
            self._round(best)
        if is_there or self._here == here:
            # No step is better; or what LPs promise no plan near them keeps.
            self._here = None
        self._climbing += time.monotonic() - now

    def _climbed(self, spot: Spot, least: Fraction, pool: Executor, until: float) -> Case | None:
        """Where steps lead from there, as long as they lead to a better LP; None: none does."""
        last: Step | None = None
        best: Case | None = None
        while (better := self._step(spot, least, last, pool, until)) is not None:
            last, best = between(spot.known, better.spot.known), better
            spot, least = best.spot, best.least
        return best

    def _look_at(self, some: list[Spot], pool: Executor, until: float) -> None:
        for _ in self._looks(some, pool, until):
            pass

    def _settle(self, some: list[Spot], pool: Executor, until: float, begun: Case | None = None) -> None:
        """``begun``: where to go on from, unless others are better."""
        self._look_at(some, pool, until)
        while (best := min(filter(None, (begun, self._next_best(until))), key=least_of, default=None)) is not None:
            begun = None
            higher = self._climbed(best.spot, best.least, pool, until) if self.climbs else None
            self._finish(higher or best, until)

    def _finish(self, case: Case, until: float) -> None:
        self._solve(case, until)
        self._open.pop(case.spot.key, None)
        self._at_hand.pop(case.spot.key, None)
        self._solved += 1

    def _ask_again(self, enough: Callable[[], bool], until: float) -> None:
        """Those that no engine was done with, ever longer; where work is counted, once was all."""
        while self._postponed and until < inf and not enough() and time.monotonic() < until:
            key = min(self._postponed, key=lambda key: (self._postponed[key].seconds, self._postponed[key].least))
            again = self._postponed.pop(key)
            if again.least < self._worth and (case := self._look(again.spot).case) is not None:
                self._ask_exactly(case, until, again.seconds)

    def _step(self, spot: Spot, least: Fraction, last: Step | None, pool: Executor, until: float) -> Case | None:
        """Where a step leads to a better LP than ``least``. What got better by one step, ``last``, often gets better by two of its kind."""
        left = [Spot(after(spot.known, step), spot.heights) for step in self.pivots.steps(last)]
        for looked in self._looks(left, pool, until):
            if looked and (best := min(looked, key=least_of)).least < least:
                return best
        return None

    def _looks(self, left: list[Spot], pool: Executor, until: float) -> Iterator[list[Case]]:
        """Which of ``left`` may have better plans; so many workers look at once."""
        at_once = self.options.workers if len(self.master.lower) <= SIDE_BY_SIDE_COLUMNS else 1
        fresh = [spot for spot in left if spot.key not in self._leasts and self.pivots.possible(spot.known)]
        for start in range(0, len(fresh), at_once):
            if time.monotonic() > until:
                return
            some = fresh[start : start + at_once]
            found = list(pool.map(self._look, some))
            self._leasts.update((spot.key, looked.least) for spot, looked in zip(some, found, strict=True))
            # Which one the next follows is not left to the clock.
            self._lps.standing = next((one.standing for one in found if one.standing is not None), self._lps.standing)
            cases = [one.case for one in found if one.case is not None]
            self._open.update((case.spot.key, (case.least, case.spot)) for case in cases)
            if KEPT_COLUMNS < len(self.master.lower) <= SIDE_BY_SIDE_COLUMNS:
                best = min((*self._at_hand.values(), *cases), key=least_of, default=None)
                self._at_hand = {case.spot.key: case for case in (*cases, best) if case is not None}
            yield cases

    def _next_best(self, until: float) -> Case | None:
        """Of what was looked at and not solved, the best that may still be better than the plan at hand.

        After ``until`` as well, if it is the first.
        """
        while self._open and (not self._solved or self._may_solve(until)):
            key = min(self._open, key=lambda key: self._open[key][0])
            least, spot = self._open[key]
            if least >= self._worth:
                self._open.clear()
                self._at_hand.clear()
                return None
            case = self._case_of(spot)
            if case is not None:
                return case
            del self._open[key]
        return None

    def _case_of(self, spot: Spot) -> Case | None:
        """What is open there, looked at again unless it is at hand."""
        case = self._at_hand.get(spot.key)
        return case if case is not None and case.held == self._held else self._look(spot).case

    def _may_solve(self, until: float) -> bool:
        return time.monotonic() < until and (until < inf or self._solved < MOST_SOLVED)

    @property
    def _tier(self) -> TierCost:
        return self.certificates[self.k].tier

    @property
    def _held(self) -> tuple[int | None, ...]:
        """What the tiers before cost."""
        return tuple(certificate.value for certificate in self.certificates[: self.k])

    def _value(self) -> int:
        """What the best plan costs by now, in the tier's steps."""
        value = self.value()
        self._lowest = min(self._lowest, value)
        return value

    @property
    def _now(self) -> Fraction:
        """What the best plan costs by now, in the tier's unit."""
        return self._value() * self._tier.step + self._tier.constant

    @property
    def _worth(self) -> Fraction:
        """A better plan costs less than this."""
        return self._now - self._tier.tolerance * self._tier.step

    @property
    def _as_good(self) -> Fraction:
        """Plans as good as the one at hand cost at most this."""
        return self._now + self._tier.tolerance * self._tier.step

    def _look(self, spot: Spot) -> Looked:
        began = time.monotonic()
        try:
            master, bound, standing = self._kept(spot, self.k, self._patience())
        except Stopped:
            if self.should_stop():
                raise
            self._in_doubt = -inf
            return Looked(None, None)
        self._longest = max(self._longest, time.monotonic() - began)
        if bound is None:
            return Looked(None, standing)
        tier = master.program.tiers[self.k]
        least = int(rounded_up(bound.value)) * tier.step + tier.constant
        if least >= self._worth:
            return Looked(least, standing)
        return Looked(least, standing, Case(spot, self._exact(master), bound, least, self._held))

    def _exact(self, master: Master) -> Exact:
        master.heed(self.should_stop)
        return Exact(master.program, master, self.engine, self.options, self.should_stop)

    def _patience(self) -> ShouldStop:
        """An LP that does not end says nothing."""
        if self.options.work_limit is not None or not self._longest:
            return self.should_stop
        until = time.monotonic() + max(LOOK_SECONDS, LOOK_TIMES * self._longest)
        return lambda: self.should_stop() or time.monotonic() > until

    def _kept(
        self, spot: Spot, tiers: int, should_stop: ShouldStop, free: bool = False
    ) -> tuple[Master, Bound | None, Standing | None]:
        return self._lps.kept(spot, tiers, should_stop, self.options.workers, free)

    def kept(self, spot: Spot) -> Master | None:
        """The LP of this spot's program in which tier ``k``, too, keeps its value; None: no plan of it does."""
        master, bound, _ = self._kept(spot, self.k + 1, self.should_stop)
        return None if bound is None else master

    def _solve(self, case: Case, until: float) -> None:
        """Take the best plan of this case, if it is better than the one at hand."""
        if case.spot.heights is None and case.spot.key not in self._rounded:
            self._round(case)
        self._ask_exactly(case, until, SOLVED_SECONDS)

    def _ask_exactly(self, case: Case, until: float, patience: float) -> None:
        """An exact program, for so many seconds of ``patience``: its plan is taken; where there may be a still better one, the case is
        postponed.
        """
        if case.held != self._held:
            # By now less is allowed: an optimum of what was allowed before may be no plan to be had.
            again = self._look(case.spot).case
            if again is None:
                return
            case = again
        tier = case.exact.program.tiers[self.k]
        most = self._at_most_better(tier)
        if most >= case.bound.value - WHOLE:
            answer = self._minimised(case.exact, case.bound, most, until, patience)
            if answer.x is not None:
                self.take(answer.x[: len(case.exact.program.options)])
                found = float(tier.cost @ answer.x)
                if answer.exhausted and self._steps(self._now, tier) > found + tier.tolerance + WHOLE:
                    least = int(rounded_up(answer.bound)) * tier.step + tier.constant
                    self._in_doubt = min(self._in_doubt, self._own_steps(least))
            if not answer.exhausted:
                self._postponed[case.spot.key] = Postponed(case.least, case.spot, 2 * patience)

    def _minimised(
        self, exact: Exact, bound: Bound, most: int, until: float, patience: float = SOLVED_SECONDS
    ) -> MipAnswer:
        """The best plan that costs at most ``most``, of a case whose LP's optimum is ``bound``."""
        tier, seconds = exact.program.tiers[self.k], None
        if self.options.work_limit is None:
            seconds = min(patience, max(until - time.monotonic(), LEAST_SECONDS))
        columns = exact.columns_below(bound, most - bound.value + margin(tier.cost))
        return exact.minimise(tier.cost, columns, 0.0, seconds, at_most=most, hard=True)

    def _round(self, case: Case) -> None:
        """Take a better plan near the case's LP, if there is one."""
        exact, bound, tier = case.exact, case.bound, case.exact.program.tiers[self.k]
        self._rounded.add(case.spot.key)

        def taken(x: Floats) -> bool:
            now = self._value()
            self.take(x[: len(exact.program.options)])
            if self._value() < now:
                self._here = case.spot, case.least
            return self._value() < now

        if not taken(bound.x):
            good, most = bound.value + tier.tolerance + WHOLE, self._at_most_better(tier)
            # Where the exact program is hardly larger than a neighbourhood, it says more.
            largest = len(exact.columns_below(bound, most - bound.value + margin(tier.cost))) / 2
            near = Rounding(exact, tier.cost, bound)
            near.plans(taken, lambda value: value <= good, value=float(most), largest=largest)

    def _at_most_better(self, tier: TierCost) -> int:
        """What a better plan costs at most, in the steps of a case's ``tier``."""
        return self._steps(self._now, tier) - tier.tolerance - 1

    def _own_steps(self, value: Fraction) -> float:
        """A value in the tier's own steps."""
        return float((value - self._tier.constant) / self._tier.step)

    def _steps(self, value: Fraction, tier: TierCost) -> int:
        """A value in the steps of a case's ``tier``, rounded down."""
        return floor((value - tier.constant) / tier.step)
