"""What closes a tier whose bound the plan at hand does not reach: a better plan, or a proof that there is none.

First the LP with cutting planes, rounded. Then an exact program over the columns with reduced cost at most (plan − bound): no
other column can be in a better plan (reduced-cost fixing; Dantzig, Fulkerson & Johnson 1954). Where that does not finish,
improvement and exact program take turns.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

import numpy as np

from solver.engines.problem import MipAnswer
from solver.exact import WHOLE, margin
from solver.gomory import Gomory
from solver.improvement import Improvement
from solver.index import Floats
from solver.master import WORTH_GIVING_BACK
from solver.memory import give_back
from solver.neighbourhoods import Neighbourhoods
from solver.rounding import WIDE_FROM, Rounding
from solver.search.certificate import by_tier
from solver.search.clock import Clock
from solver.search.companion import Companion
from solver.search.open_tier import HOPELESS_COLUMNS, OpenTier
from solver.stopping import Stopped

HARD_SECONDS = 3.0
IMPROVED_SECONDS = 10.0
HURRIED = 0.5
"""Of an exact program's share of the time, where improvement waits for it."""
HOPEFUL = 0.05
"""A part of the gap; an exact program that closed less of it than what was known has no chance until it is much smaller."""
SHARED_SECONDS = 10.0
"""From so many on, one of several workers stays on the exact program."""
IMPROVED_SHARE = 0.7
"""Of the time that is left: a better value here outweighs whatever the later tiers can do with it."""
FEWEST_COLUMNS = 1_000
"""An exact program of fewer is as quick as cuts."""
FEW_COLUMNS = 100_000
MOST_COLUMNS = 200_000
"""Of more, cuts take longer than they help."""
CUT_SHARE = 0.1
"""Of the time that is left: on a slow machine cuts took half of twelve seconds, and nothing was improved."""
OVERTAKEN = 0.5
"""Where so much of the gap that the LP leaves is closed by others, cuts are not worth their time (far 667, 6 000 teachers: 7 s for nothing)."""
PACKED_SHARE = 0.05
"""Of the time that is left, for what long rows say that are packed exactly."""
NOTHING = MipAnswer(None, -np.inf, False)
"""Said by an exact program that was not asked."""
FEW_VALUES = 8
"""So many that a better plan may have are asked for from the least on."""
WIDE_SECONDS = 10.0
"""For each wide neighbourhood of a hard tier, at most, and no more of what is left than cuts."""
POOR = 0.25
"""Of a plan's cost: where more is open, and the program is a large one, neighbourhoods may lead to a far better plan in a moment …"""
LULL_SECONDS, POOR_SHARE, POOR_SECONDS = 0.5, 0.25, 10.0
"""… and are left where they found nothing for so long, or after a share of the time that is left, or so many seconds."""
POLISHED_COLUMNS = 6_000
"""Up to so many columns, a tier within the asked gap is solved to the end all the same."""


@dataclass
class Closing:
    """Of ``tier``; ``companion``: its exact program, while something else is tried."""

    tier: OpenTier
    companion: Companion
    improvement: Improvement
    clock: Clock

    def run(self) -> None:
        """The tier's certificate hears of what is found and proved. Raises Stopped."""
        tier = self.tier
        self.companion.hear()
        if tier.certificate.reached:
            return
        if not tier.take(tier.bound):
            self._pack()
            if tier.is_hard and tier.left > POLISHED_COLUMNS:
                # Too much for two engines to race on: one begins before anything else is tried.
                self.companion.begin()
            with self.companion.unless_over():
                self._cut_and_round()
        if not tier.certificate.reached:
            self._close()

    def better_plan(self) -> None:
        """From a poor plan to what neighbourhoods find at once: in a large program whatever is special of a tier takes long, and the
        longer the less the plan at hand says. (Of a small one it is done as soon.)
        """
        tier = self.tier
        certificate = tier.certificate
        assert certificate.value is not None
        poor = certificate.value - tier.best.value > POOR * max(1.0, abs(certificate.value))
        if poor and tier.exact.options.work_limit is None and WIDE_FROM < len(tier.cost) <= HOPELESS_COLUMNS:
            search = self.improvement.begin(tier.cost, tier.bound)
            self._improve(search, self.clock.part(POOR_SHARE, POOR_SECONDS) or 0.0, LULL_SECONDS)

    @property
    def _is_far_below(self) -> bool:
        """Whether more is proved than cuts may add to what the LP says."""
        tier = self.tier
        value, bound = tier.certificate.value, tier.certificate.bound
        assert value is not None and bound is not None
        return bound - tier.best.value > OVERTAKEN * (value - tier.best.value)

    def _pack(self) -> None:
        """What long rows say that are packed exactly, where they are all there is."""
        tier = self.tier
        lagrangian = self.improvement.lagrangian(tier.cost, tier.bound)
        if lagrangian is None:
            return
        until = self.clock.until(PACKED_SHARE)
        packed = lagrangian.sharpened(tier.bound, float(tier.at_most), until, self.clock.should_stop)
        tier.exact.engine.raced |= time.monotonic() > until
        if packed is not tier.bound:
            tier.stronger, tier.lagrangian = packed, lagrangian
            tier.proved(packed.value)
            tier.tell()

    def _cut_and_round(self) -> None:
        tier = self.tier
        # A poor plan leaves too much to be cut.
        rounded, before = tier.left > FEW_COLUMNS, np.inf
        if rounded:
            self._round()
        # Of fewer columns cuts say more.
        while not tier.certificate.reached and (left := tier.left) < before / 2:
            before = left
            if self._cut() or not rounded:
                self._round()
                rounded = True

    def _cut(self) -> bool:
        """Cutting planes on the tier's LP, where an exact program would not be as quick; False: nothing was gained."""
        tier = self.tier
        master, columns = tier.exact.master, tier.in_better()
        if not FEWEST_COLUMNS <= len(columns) <= MOST_COLUMNS or self._is_far_below:
            return False
        if tier.hold():
            master.minimise(tier.cost)
        gomory = Gomory(master, tier.cost, columns, self.companion.over, self.clock.until(CUT_SHARE))
        cut = gomory.run(tier.at_most + 1)
        tier.exact.engine.raced |= gomory.hurried
        if cut is None or cut.value <= tier.best.value:
            return False
        others = np.ones(len(tier.cost), dtype=bool)
        others[columns] = False
        cut.reduced[others] = np.inf
        tier.stronger = cut
        if gomory.cutting is not None:
            tier.certificate.cutting += (by_tier(master, gomory.cutting, tier.k),)
        if len(tier.cost) >= WORTH_GIVING_BACK:
            give_back()
        # Its columns are those of better plans.
        tier.proved(min(cut.value, tier.at_most + 1.0), "cuts")
        tier.tell()
        return True

    def _round(self) -> None:
        """The best LP there is, rounded near its fractional columns."""
        tier = self.tier
        certificate = tier.certificate
        before = certificate.value
        assert before is not None and certificate.bound is not None
        pivoted = tier.exact.program.pivoted(certificate.tier)
        # Near an LP that says little of its pivots there is little to find.
        if not tier.take(tier.best) and not certificate.reached and not pivoted:
            least = certificate.bound + certificate.tier.tolerance
            # Where the exact program is hardly larger than a neighbourhood, it says more.
            largest = tier.left / 2
            near = Rounding(tier.exact.heeding(self.companion.over), tier.cost, tier.best)
            near.plans(tier.incumbent.take, lambda value: round(value) <= least, value=before, largest=largest)
            tier.revalue()
            if tier.is_hard and tier.left > WIDE_FROM and not certificate.reached and not near.hurried:
                near.wide(tier.keep, partial(self.clock.part, CUT_SHARE, WIDE_SECONDS), gap=0.0, at_most=tier.at_most)
        tier.revalue()
        if certificate.value != before:
            tier.tell()

    def _close(self) -> None:
        """A better plan, or a proof that there is none: an exact program over the only columns that could be in one."""
        tier = self.tier
        certificate, options = tier.certificate, tier.exact.options
        within = certificate.proved(options.gap)
        if within and tier.left > POLISHED_COLUMNS:
            return
        tier.hold()
        # Whole rows to be packed are hard, however whole their LP is.
        hard = tier.is_hard or tier.lagrangian is not None
        seconds = self.clock.mip_seconds(within)
        if options.work_limit is None:
            # What is exhausted in seconds needs no improving; what is not is better improved before more time goes to it.
            size = max(1.0, tier.left / POLISHED_COLUMNS)
            first = HARD_SECONDS if hard else IMPROVED_SECONDS * size
            seconds = first if seconds is None else min(first, HURRIED * seconds)
        if self.companion.is_outdated:
            # What it began with for want of a good plan takes minutes, what is left a moment (mix 519: 0.2 s).
            self.companion.end()
        if hard and (not tier.exact.is_logic or tier.branches):
            # One engine would be alone with it; the other worker does something else.
            self.companion.begin()
        if self.companion.is_at_work and not tier.branches:
            with self.companion.unless_over():
                self._ask_from_below()
            if certificate.reached:
                tier.tell()
                return
        if not within and tier.left > POLISHED_COLUMNS:
            self.improvement.prepare()
        if self.companion.is_at_work or (hard and self.companion.can and tier.left > POLISHED_COLUMNS):
            # Too much for seconds: one worker stays on it from the beginning.
            answer = self.companion.hear() or NOTHING
        elif tier.is_hopeless:
            answer = NOTHING
        else:
            answer = self._better(seconds, hard)
        if not answer.exhausted and not certificate.proved(options.gap):
            self._alternate(answer)
        tier.tell()
        if not certificate.proved(options.gap) and self.clock.should_stop():
            raise Stopped

    def _better(self, seconds: float | None, hard: bool = True) -> MipAnswer:
        """The exact program of plans that are better; what is found is taken."""
        tier = self.tier
        tier.hold()
        columns, at_most = tier.in_better(), tier.at_most
        if len(tier.cost) >= WORTH_GIVING_BACK:
            give_back()
        return tier.heard(tier.exact.minimise(tier.cost, columns, 0.0, seconds, at_most=at_most, hard=hard))

    def _alternate(self, answer: MipAnswer) -> None:
        """Improve the plan, and try the exact program again where it may finish by now, ever longer, in the tier's share of time.

        ``answer``: what the exact program said last. The last tier has all the time that is left. Without a limit: improved
        for as long as all that came before, then solved to the end; with a work limit: improved by that much work. Where
        there are several workers, one is on the exact program all the while.
        """
        tier = self.tier
        certificate, options, tried = tier.certificate, tier.exact.options, tier.left
        closed = self._closed(answer, tier.best.value)
        search = self.improvement.begin(tier.cost, tier.bound)
        limit, now = options.time_limit_seconds, self.clock.seconds()
        share = 1.0 if tier.k + 1 == len(tier.certificates) else IMPROVED_SHARE
        until = np.inf if limit is None else now + share * (limit - now)
        # What an exact program of few columns nearly did in so many seconds it does in twice as many (far mix 657, 2 500 teachers).
        first = HARD_SECONDS if tried <= POLISHED_COLUMNS else IMPROVED_SECONDS
        seconds = max(first, now if limit is None else 0.0)
        # Where seconds are short, both workers improve.
        shared = self.companion.can and not search.dives and until - now >= SHARED_SECONDS
        if shared and not self.companion.is_at_work and not answer.exhausted:
            self.companion.start()
        while not answer.exhausted and not certificate.proved(options.gap) and self.clock.seconds() < until:
            more = self._improve(search, min(seconds, until - self.clock.seconds()))
            if (news := self.companion.hear()) is not None:
                answer = news
                if shared and not self.companion.is_at_work and tier.hold():
                    # It was about plans that are none any more.
                    self.companion.start()
                continue
            if options.work_limit is not None or certificate.proved(options.gap):
                return
            columns, left = tier.left, until - self.clock.seconds()
            hopeful = 2 * columns <= tried or (closed >= HOPEFUL and not search.dives)
            hopeful &= not tier.is_hopeless and not tier.branches
            if left > 0 and (hopeful or not more or limit is None):
                tried = columns
                shared = self.companion.is_at_work
                self.companion.end()
                known = certificate.bound
                assert known is not None
                answer = self._better(None if limit is None else left if not more else min(2 * seconds, left))
                if not more:
                    return
                # What every run closes anew, by cuts at its root, is no reason for one more.
                closed = self._closed(answer, known)
                if shared and not answer.exhausted:
                    self.companion.start()
            seconds *= 2

    def _ask_from_below(self) -> None:
        """Where a better plan may have few values: whether there is one of the least, then of the next two, then of four: programs of fewer
        columns, which know better what they look for. Each takes no more than half of the time.
        """
        tier = self.tier
        certificate, width = tier.certificate, 1
        assert certificate.value is not None and certificate.bound is not None
        while not certificate.reached and tier.at_most - certificate.bound < FEW_VALUES:
            most = min(round(certificate.bound) + width - 1, tier.at_most)
            columns = tier.exact.columns_below(tier.best, most - tier.best.value + margin(tier.cost))
            exact, seconds = tier.exact.heeding(self.companion.over), self.clock.part(HURRIED, IMPROVED_SECONDS)
            answer = exact.minimise(tier.cost, columns, 0.0, seconds, at_most=most, hard=True)
            if answer.x is None and answer.exhausted:
                tier.proved(most + 1.0)
            else:
                tier.heard(answer)
            tier.tell()
            if not answer.exhausted:
                return
            width *= 2

    def _closed(self, answer: MipAnswer, known: float) -> float:
        """Which part of the gap between a bound ``known`` before and the plan at hand the exact program closed."""
        tier = self.tier
        value = tier.certificate.value
        assert value is not None
        return max(0.0, answer.bound - known) / max(WHOLE, value - known)

    def _improve(self, search: Neighbourhoods, seconds: float, lull: float = np.inf) -> bool:
        """Large neighbourhoods around the plan at hand, until there is news from beside, or no better plan for so long (``lull``,
        seconds); False: they have nothing more to say.
        """
        tier = self.tier
        certificate, options, plan = tier.certificate, tier.exact.options, tier.incumbent.x
        assert plan is not None
        until = time.monotonic() + lull

        def better(x: Floats) -> None:
            nonlocal until
            until = time.monotonic() + lull
            tier.keep(x)
            tier.revalue()
            tier.tell()

        # How far it comes depends on the machine's speed, unless work is counted.
        tier.exact.engine.raced |= options.work_limit is None

        def enough() -> bool:
            return certificate.proved(options.gap) or self.companion.has_news or time.monotonic() > until

        busy = int(self.companion.is_at_work)
        return self.improvement.improve(search, plan, tier.bound.value, seconds, better, enough, busy)
