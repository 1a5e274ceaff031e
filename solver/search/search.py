"""Tier after tier: a bound by linear programming, a plan by small exact programs, and no column that cannot matter.

1. One weighted sum of all tiers gives the first plan (``first_plan``).
2. Each tier in order: the LP optimum of the tier alone, given the tiers before it, rounded up to the tier's step, is its
   bound. If the plan at hand reaches it, the tier is proved. If not, small exact programs find a better plan, or prove that
   there is none (``closing``).
3. What is proved narrows the rest: columns, rows (``narrowing``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from math import inf

import numpy as np

from solver.engines.failure import EngineError
from solver.engines.race import Race
from solver.exact import WHOLE, Exact
from solver.fenchel import Fenchel
from solver.improvement import Improvement
from solver.index import Floats, Numbers
from solver.master import WORTH_GIVING_BACK, Bound, Master, is_slow
from solver.memory import give_back
from solver.outcome import OnProgress, SolveOptions
from solver.program import Program
from solver.rounding import NEARLY_FREE, Rounding
from solver.search.cases import Cases
from solver.search.certificate import Certificate, cutting_of, duals_of, rounded_up, unproved
from solver.search.clock import Clock
from solver.search.closing import FEW_COLUMNS, POLISHED_COLUMNS, Closing
from solver.search.companion import Companion
from solver.search.first_plan import TOP_COST, FirstPlan, surrogate
from solver.search.found import Already, Found
from solver.search.heights import Heights, ceiling_of
from solver.search.incumbent import Incumbent
from solver.search.narrowing import hold, narrow
from solver.search.news import News
from solver.search.on_the_way import OnTheWay
from solver.search.open_tier import OpenTier
from solver.search.pivots import Known, Pivots, Spot
from solver.search.same_pivots import SamePivots
from solver.search.thresholds import Thresholds
from solver.search.windows import Windows
from solver.starts import completed
from solver.stopping import Stopped, look

PIVOT_SHARE = 0.85
"""Of the time that is left, for programs where the pivots are known …"""
LATER_SHARE = 0.7
"""… and for the last of them, which is about the tiers that follow."""
AT_ONCE_COLUMNS = 20_000
"""Of a ceiling's program; of more, presolve is in the way of what LPs say in a moment."""
WINDOWS_BESIDE_COLUMNS, BOTH_COLUMNS = 2_500, 1_000
"""Of what is left for an exact program beside windows, and beside those of a ceiling, too. Presolve may make short work of it; where it
does not, windows want all workers (mix 211: 4.2 s with one, 3.1 with both), and finish where exact programs do not.
"""
MEANWHILE_SHARE, BEFORE_SHARE = 0.9, 0.4
"""Of the time that is left, for what may be had beside a tier's LP that takes long, however soon it is done; and before it, where there
is one worker.
"""
SHARPENING_SHARE = 0.1
"""Of the time that is left, for what single rows say of whole choices."""
WINDOWS_ALONE_SECONDS = 2.0
"""Then the exact program begins beside them after all: most windows that lead to an end are there by then, and those that do not are far
from it (far 551: 6 % after 10 s, where the exact program takes 2).
"""
BEHIND = 0.5
"""Where the exact program beside leaves no more open than this part of what windows do, they are given up."""
WORTH_ROUNDING = 0.01
"""Of a plan's cost: where less is left, a tier's LP is rounded once it is done (100 000 teachers: 1.5 s in vain on its way)."""
PIVOT_SECONDS, WINDOW_SECONDS = 60.0, 600.0
"""Where there is no limit: windows prove something all the while."""


class Search:
    def __init__(
        self,
        program: Program,
        options: SolveOptions,
        on_progress: OnProgress,
        should_stop: Callable[[], bool],
        started: float,
        engine: Race | None = None,
        formulate: Callable[[Known], Program] | None = None,
        already: Already | None = None,
    ) -> None:
        """``formulate``: the program where its pivots are known, as ``solver.formulate`` gives it."""
        self.program, self.already = program, already or Already()
        self.certificates = [unproved(program, tier) for tier in program.tiers]
        self.incumbent = Incumbent(program)
        self.clock = Clock(options, started, should_stop)
        self.news = News(on_progress, self.clock, self.certificates, self.incumbent)
        self.engine = engine or Race(options.workers)
        self.master = self.already.master or Master(program, self.clock.should_stop, options.workers)
        self.master.heed(self.clock.should_stop)
        self.exact = Exact(program, self.master, self.engine, options, self.clock.should_stop)
        self.improvement = Improvement(program, self.master, options, self.clock.should_stop)
        # Whether what is kept of a tier was proved case by case, so that no duals tell it.
        self._by_cases = False
        # Whether all that is left was settled by a program of its own.
        self._decided = False
        self._at = -1
        self._polish_until = inf
        # Of a tier whose ceiling was settled: what plans cost at most that this is about.
        self._settled_for: dict[int, int] = {}
        self._formulate = formulate
        self.first = FirstPlan(
            self.exact, self.improvement, self.incumbent, self.clock, self._tell_first_plan, self._sharpened,
            self.already.chosen,
        )  # fmt: skip

    def run(self) -> Found:
        stopped_by, failed = None, False
        try:
            look(self.clock.user_stop)
            if not self._first_plan():
                return Found(None, self.certificates, infeasible=True)
            for k in range(self.already.tiers, len(self.certificates)):
                if not self._decided and k <= self._last_settled:
                    self._prove(k)
        except Stopped:
            stopped_by = "user" if self.clock.user_stop() else "time"
        except EngineError:
            if self.incumbent.columns is None:
                raise
            # What there is, and is proved by now, is not lost with an engine.
            self.engine.raced = failed = True
        finally:
            self.engine.close()
            self.improvement.close()
        self._value_all()
        notes: dict[str, float] = {"rounds": self.master.rounds, "columns": self.master.column_count}
        if failed:
            notes["engine_failures"] = 1
        return Found(self.incumbent.x, self.certificates, stopped_by=stopped_by, raced=self.engine.raced, notes=notes)

    @cached_property
    def fenchel(self) -> Fenchel:
        """Where there are many such rows, they take a while to be found, and a search may be stopped meanwhile."""
        return Fenchel(self.program, self.clock.should_stop)

    def _first_plan(self) -> bool:
        """False: the program has none (proved)."""
        self.news.begun("first plan")
        self.first.start()
        if not self.already.tiers:
            return self.first.find()
        given, taken = self.already.chosen, self.incumbent.options
        if given is None or taken is None or not np.array_equal(given, taken):
            # Its tiers are kept at what that plan costs, and another's may be more.
            raise Stopped
        self._value_all()
        return True

    def _tell_first_plan(self) -> None:
        if self.incumbent.columns is not None:
            self._value_all()
            self.news.every_tier("first plan")

    def _prove(self, k: int) -> None:
        tier, self._at = self.program.tiers[k], k
        if self.already.proved:
            # What was recalled of it may not hold by now, and is recalled again once its LP is solved.
            self.certificates[k] = unproved(self.program, tier)
        certificate = self.certificates[k]
        heights, pivoted = Heights.of(self.program, tier, self.master.upper), self._is_pivoted(k)
        self._hold(k)
        before = self.incumbent.values[k]
        bound = self._bounded(k, heights)
        assert certificate.value is not None
        closing = self._closing(k, bound)
        both = heights is not None and pivoted and Windows.can(self.program, tier)
        cases = None
        try:
            if heights is not None:
                # Said of the whole cost: the ceiling is at least 0.
                bound.reduced[heights.ceiling.column] += heights.price
            if self._begins_beside(closing, pivoted, heights is not None):
                closing.companion.begin()
            if pivoted:
                cases = self._cases(k, closing)
            if heights is not None and not both:
                self._ask_thresholds(k, heights, bound, closing)
            if cases is not None and not certificate.reached:
                # An LP that its engine gives up says nothing, and what closes a tier needs none of these.
                with closing.companion.unless_over(), suppress(EngineError):
                    self._ask_cases(cases, bound, closing)
            if heights is not None and cases is not None and both:
                self._keep_heights(heights, bound, cases)
            if certificate.reached:
                closing.companion.end()
            with closing.companion.unless_over(), suppress(EngineError):
                self._ask_later(cases, closing)
            known = certificate.value
            if not certificate.reached:
                closing.run()
        finally:
            closing.companion.end()
        if certificate.value < known:
            with suppress(EngineError):
                self._ask_later(cases, closing)
        if self._decided:
            return
        narrow(self.master, tier, bound, certificate.value + tier.tolerance)
        self.master.shrink()
        if certificate.value < before and k + 1 < len(self.certificates):
            self._refresh(k)
        if len(tier.cost) >= WORTH_GIVING_BACK:
            give_back()

    def _is_pivoted(self, k: int) -> bool:
        return self._formulate is not None and self.program.pivoted(self.program.tiers[k])

    def _bounded(self, k: int, heights: Heights | None) -> Bound:
        """Tier ``k``'s LP, the tiers before it held: with the plan at hand it is what the tier's certificate begins with."""
        certificate = self.certificates[k]
        certificate.value = self.incumbent.values[k]
        if heights is not None:
            bound = self._sharpened(heights.plain, self.master.minimise(heights.plain))
        elif self._is_pivoted(k) and is_slow(self.master.lower, self.master.upper):
            bound = self._slowly_bounded(k)
        else:
            bound = self.master.minimise(certificate.tier.cost, self._on_the_way(k))
            bound = self._sharpened(certificate.tier.cost, bound, float(certificate.value - certificate.tier.tolerance))
        certificate.duals = duals_of(self.master, bound, k)
        least = rounded_up(bound.value)
        certificate.bound = min(float(certificate.value), least)
        certificate.proof = "lp" if least - bound.value < WHOLE else "lp, rounded"
        if (cutting := cutting_of(self.master, bound, k)) is not None:
            certificate.cutting = (cutting,)
        if any(row.made_of is not None for row in self.master.own):
            # It, or what narrowed the program before it, may be more than the duals of the program's rows say.
            certificate.proof = "cuts"
        if self._by_cases:
            certificate.proof = "mip bound"
        self._recall(k)
        self.news.tier(k)
        return bound

    def _recall(self, k: int) -> None:
        """What was proved of tier ``k`` before, which holds where no tier before it costs more by now."""
        if not self.already.proved:
            return
        before = zip(self.incumbent.values[:k], self.already.proved[:k], strict=True)
        if all(known.value is not None and now <= known.value for now, known in before):
            self.certificates[k].recall(self.already.proved[k])

    def _on_the_way(self, k: int) -> OnTheWay:
        cost, tell = self.program.tiers[k].cost, partial(self._tell, k)
        return OnTheWay(self.exact, self.incumbent, cost, self.first.keep, tell, poor=WORTH_ROUNDING)

    def _sharpened(self, cost: Numbers, bound: Bound, enough: float = inf) -> Bound:
        until = self.clock.until(SHARPENING_SHARE)
        sharp = self.fenchel.sharpened(self.master, cost, bound, enough, until)
        # What came of it then depends on the machine's speed.
        self.engine.raced |= bool(self.fenchel.knapsacks) and time.monotonic() > until
        return sharp

    def _hold(self, k: int) -> None:
        """The tiers before keep what they reached, and the plan at hand is as good in tier ``k`` as its options are."""
        hold(self.master, self.certificates[:k], self.incumbent.values[:k])
        if self._is_pivoted(k) and self.incumbent.x is not None:
            # No tier before it minded how large its helpers are.
            self.first.complete(self.incumbent.x[: len(self.program.options)])

    def _slowly_bounded(self, k: int) -> Bound:
        """The tier's LP where it takes long, and meanwhile better plans with the pivots of the one at hand (before it, where work is
        counted or one worker does it all).
        """
        cost, options, stop = self.program.tiers[k].cost, self.exact.options, self.clock.should_stop
        self.engine.raced |= options.work_limit is None
        if options.work_limit is not None or options.workers == 1:
            until = self._until(BEFORE_SHARE)
            self._better_meanwhile(k, lambda: stop() or time.monotonic() > until)
            return self.master.minimise(cost)
        until = self._until(MEANWHILE_SHARE)
        with ThreadPoolExecutor(1) as pool:
            bound = pool.submit(self.master.minimise, cost)
            self._better_meanwhile(k, lambda: stop() or (bound.done() and time.monotonic() > until), beside=1)
            return bound.result()

    def _better_meanwhile(self, k: int, should_stop: Callable[[], bool], beside: int = 0) -> None:
        assert self._formulate is not None and self.incumbent.x is not None
        program, options = self._formulate(Pivots(self.program).of(self.incumbent.x)), self.exact.options
        chosen, cost = self.incumbent.x[: len(program.options)], program.tiers[k].cost.astype(np.float64)
        with suppress(Stopped):
            plan = completed(program, chosen, cost, options, should_stop)
            if plan is not None:
                same = SamePivots(
                    program, plan, k, self.engine, self.improvement.crew, options, partial(self._offer, k)
                )
                same.run(should_stop, beside)

    def _begins_beside(self, closing: Closing, pivoted: bool, ceiling: bool) -> bool:
        """Whether the exact program is worth a worker before anything else is asked about what is special of a tier."""
        if pivoted and self._asks_windows(closing.tier.k):
            return closing.tier.left <= (BOTH_COLUMNS if ceiling else WINDOWS_BESIDE_COLUMNS)
        return pivoted or (ceiling and self.program.shape[1] <= AT_ONCE_COLUMNS)

    def _ask_thresholds(self, k: int, heights: Heights, bound: Bound, closing: Closing) -> None:
        exact = self.exact.heeding(closing.companion.over)
        thresholds = Thresholds(
            k,
            heights,
            bound,
            self.certificates,
            exact,
            self.incumbent,
            self.clock,
            self.news,
            self.first.keep,
            closing.companion.begin,
        )
        with closing.companion.unless_over():
            thresholds.run()
        self._by_cases |= thresholds.narrow()
        self._settle(k)

    def _cases(self, k: int, closing: Closing) -> Cases:
        """Where the tier hangs on pivots."""
        assert self._formulate is not None
        self.engine.raced |= self.exact.options.work_limit is None
        # One worker is busy enough beside.
        options = replace(self.exact.options, workers=1) if closing.companion.is_at_work else self.exact.options
        return Cases(
            k, self.certificates, self.master, Pivots(self.program), self._formulate, self.engine, options,
            closing.companion.over, lambda: self.incumbent.values[k], partial(self._offer_and_hold, k), climbs=not self._asks_windows(k),
        )  # fmt: skip

    def _offer_and_hold(self, k: int, chosen: Floats) -> None:
        """As ``_offer``, where the LP waits: what became better by the way is kept at that."""
        self._offer(k, chosen)
        hold(self.master, self.certificates[:k], self.incumbent.values[:k])

    def _asks_windows(self, k: int) -> bool:
        """Windows lead to the best sums sooner than steps, and prove what they find."""
        return Windows.can(self.program, self.program.tiers[k])

    def _ask_cases(self, cases: Cases, bound: Bound, closing: Closing) -> None:
        """Near the LP's optimum ``bound`` first; then all that may be better."""
        plan, certificate = self.incumbent.x, self.certificates[cases.k]
        assert plan is not None and certificate.value is not None
        until, self._polish_until = self._until(PIVOT_SHARE), inf
        windows = Windows.can(self.program, certificate.tier)
        slow = is_slow(self.master.lower, self.master.upper)
        if not windows or (ceiling_of(self.program, certificate.tier) is None and not slow):
            cases.run(cases.pivots.near(bound.x, plan), until)
        closing.better_plan()
        enough = partial(self._is_enough, cases, closing, time.monotonic() + WINDOWS_ALONE_SECONDS)
        cases.every(bound, enough, max(until, self._until(0.0, WINDOW_SECONDS)))
        if cases.proved and not certificate.reached:
            certificate.bound, certificate.proof = float(certificate.value - certificate.tier.tolerance), "exhausted"
            self.news.tier(cases.k)

    def _keep_heights(self, heights: Heights, bound: Bound, cases: Cases) -> None:
        """As low and as high as plans may be that are as good as the one at hand."""
        certificate = self.certificates[cases.k]
        assert certificate.value is not None and self.incumbent.x is not None
        most = certificate.value + certificate.tier.tolerance
        low, high = 0, heights.affordable(rounded_up(bound.value), most)
        if cases.heights is not None and not cases.has_risen:
            here = heights.highest(self.incumbent.x)
            low, last = np.searchsorted(heights.levels, cases.heights).tolist()
            low, high, self._by_cases = min(low, here), min(high, max(last, here)), True
        heights.keep(self.master, low, high, most - bound.value)
        self._settle(cases.k)

    def _settle(self, k: int) -> None:
        """What is left of the program is about plans that cost no more in tier ``k`` than its certificate says, which may not have heard
        yet of a plan that is better in a tier before.
        """
        certificate = self.certificates[k]
        assert certificate.value is not None
        self._settled_for[k] = certificate.value + certificate.tier.tolerance

    @property
    def _last_settled(self) -> int:
        """The last tier that may be proved: of those after it too little is left, if the plan at hand costs more by now than what a tier
        was settled for.
        """
        risen = (k for k, most in self._settled_for.items() if self.incumbent.values[k] > most)
        return min(risen, default=len(self.certificates))

    def _is_enough(self, cases: Cases, closing: Closing, alone: float, least: float) -> bool:
        """No plan costs less than ``least`` in the cases' tier, unless as much as the one at hand: whether that will do.

        ``alone``: until then (``time.monotonic``) they have all workers.
        """
        certificate = self.certificates[cases.k]
        late = self.exact.options.work_limit is None and time.monotonic() > alone
        if late and not closing.companion.is_at_work and not closing.companion.was_behind:
            closing.companion.begin()
            if closing.companion.is_at_work:
                cases.share(1)
        before = certificate.value, certificate.bound
        closing.companion.listen()
        assert certificate.value is not None and certificate.bound is not None
        if closing.companion.leaves_to_others(least):
            cases.share(self.exact.options.workers)
        given_up = late and certificate.value - certificate.bound < BEHIND * (certificate.value - least) < inf
        bound = min(rounded_up(least), float(certificate.value - certificate.tier.tolerance))
        if bound > certificate.bound:
            certificate.bound = bound
            certificate.proof = "exhausted" if certificate.reached else "mip bound"
        if (certificate.value, certificate.bound) != before:
            self.news.tier(cases.k)
        if given_up:
            return True
        if len(certificate.tier.cost) <= FEW_COLUMNS or not certificate.proved(self.exact.options.gap):
            return False
        # Later tiers are proved where all is known of this one; what came before it may be doubled for that.
        self._polish_until = min(self._polish_until, time.monotonic() + (self.clock.mip_seconds(True) or 0.0))
        return time.monotonic() >= self._polish_until

    def _offer(self, k: int, chosen: Floats) -> None:
        self.first.complete(chosen)
        self._tell(k)

    def _tell(self, k: int) -> None:
        if self.incumbent.values[k] != self.certificates[k].value:
            self.certificates[k].value = self.incumbent.values[k]
            self.news.tier(k)

    def _until(self, share: float, patience: float = PIVOT_SECONDS) -> float:
        """By ``time.monotonic``; infinity where work is counted; so many seconds of ``patience`` where there is no limit."""
        until = self.clock.until(share)
        patient = until == inf and self.exact.options.work_limit is None
        return time.monotonic() + patience if patient else until

    def _ask_later(self, cases: Cases | None, closing: Closing) -> None:
        """Where pivots decided a tier, the later ones have what came along: they are asked with the pivots of the best plan."""
        plan = self.incumbent.x
        if cases is None or plan is None or cases.k + 1 == len(self.certificates):
            return
        known = cases.pivots.of(plan)
        # What is about this plan alone may do without longer ways, too.
        ceiling = ceiling_of(self.program, self.certificates[cases.k].tier)
        alone = cases.only == known and not cases.has_risen
        heights = cases.heights if alone or ceiling is None else (0, round(plan[ceiling.column]))
        master = cases.kept(Spot(known, heights))
        if master is None:
            return
        options, tell, stop = self.exact.options, self.news.on_progress, self.clock.user_stop
        if not alone:
            # It is about this plan alone: nothing to tell, and not for ever.
            tell, until, stop = lambda news: self.news.tier(cases.k), self._until(LATER_SHARE), closing.companion.over
            if until < inf:
                options = replace(options, time_limit_seconds=max(0.0, until - self.clock.started))
        already = Already(self.incumbent.options, master, cases.k + 1)
        found = Search(master.program, options, tell, stop, self.clock.started, already=already).run()
        self.engine.raced |= found.raced or found.stopped_by is not None
        if found.x is not None:
            self.first.complete(found.x[: len(self.program.options)])
        if alone:
            self._decide(found.certificates, cases.k + 1)
        self.news.tier(cases.k)
        look(self.clock.should_stop)

    def _decide(self, found: Sequence[Certificate], first: int) -> None:
        """Take over what a search proved of the tiers from ``first`` on: every plan worth having was in its program."""
        self._decided = True
        for k in range(first, len(found)):
            own, other = self.certificates[k], found[k]
            own.value = self.incumbent.values[k]
            bound = other.bound_in(own.tier)
            if bound is not None:
                own.bound = min(float(own.value), bound)
                own.proof = "exhausted" if own.reached else "mip bound"

    def _closing(self, k: int, bound: Bound) -> Closing:
        tier = OpenTier(k, bound, self.certificates, self.exact, self.incumbent, self.news, self.first.keep)
        return Closing(tier, Companion(tier, self.clock), self.improvement, self.clock)

    def _refresh(self, k: int) -> None:
        """After a better value in tier k: a plan that is also good in the later tiers, where there are several."""
        later = [tier for tier in self.program.tiers[k + 1 :] if not self.program.pivoted(tier)]
        if len(later) < 2:
            return
        cost = surrogate(self.program, later)
        bound = self.master.minimise(cost)
        if self.incumbent.take(bound.x) or Rounding(self.exact, cost, bound).within_gap(self.incumbent.take):
            return
        columns = self.exact.columns_below(bound, NEARLY_FREE * TOP_COST, keep=self.incumbent.used(bound))
        if len(columns) <= POLISHED_COLUMNS:
            seconds = self.clock.mip_seconds(True)
            answer = self.exact.minimise(cost, columns, 1e-7, seconds, start=self.incumbent.x)
            if answer.x is not None:
                self.first.keep(answer.x)

    def _value_all(self) -> None:
        if self.incumbent.columns is None:
            return
        for k in range(len(self.certificates)):
            if k > self._last_settled or (self.already.proved and k > self._at and not self._decided):
                # It, or what was recalled of it at the beginning, is about other tiers before it.
                self.certificates[k] = unproved(self.program, self.program.tiers[k])
            certificate = self.certificates[k]
            certificate.value = self.incumbent.values[k]
            self._recall(k)
            if certificate.bound is not None:
                certificate.bound = min(certificate.bound, float(certificate.value))
