"""What closes a tier whose bound the plan at hand does not reach: a better plan, or a proof that there is none.

First the LP with cutting planes, rounded. Then an exact program over the columns with reduced cost at most (plan − bound): no
other column can be in a better plan (reduced-cost fixing; Dantzig, Fulkerson & Johnson 1954). Where that does not finish,
improvement and exact program take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np

from solver.branching import Branching
from solver.engines.beside import Beside
from solver.engines.highs import Listener
from solver.engines.problem import MipAnswer
from solver.exact import WHOLE, Exact, margin
from solver.gomory import Gomory
from solver.improvement import Improvement
from solver.index import Floats, Ints
from solver.lagrangian import Lagrangian
from solver.master import WORTH_GIVING_BACK, Bound
from solver.memory import give_back
from solver.neighbourhoods import Neighbourhoods
from solver.rounding import WIDE_FROM, Rounding, nearly_whole
from solver.search.certificate import Certificate, by_tier, rounded_up
from solver.search.clock import Clock
from solver.search.incumbent import Incumbent
from solver.search.narrowing import hold
from solver.search.news import News
from solver.stopping import ShouldStop, Stopped, look

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
HOPELESS_COLUMNS = 1_000_000
"""Of more, a hard exact program is not begun: a minute for its first LP, and twice the memory of all else."""
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
BRANCHED_VALUES, BRANCHED_COLUMNS = 4, 500
"""Where so many options may be in plans that cost so much more than the bound, branch and bound over packed rows has an end (d05200: 5 s)."""
BESIDE_COLUMNS = 50_000
"""Of more, an exact program takes longer than what it would share a machine with."""
SILENT_SECONDS, SPEAKING_SECONDS = 6.0, 1.0
"""What an exact program beside others has at least until it has a bound, and from then on: cuts come before it branches. Then it is given up
where others have proved more (mix 665, 2 500 teachers).
"""
BESIDE_SECONDS = 600.0
"""Where there is no limit. An LP that goes round in circles hears of no stop, only of its own time (seen: HiGHS 1.15, primal method)."""
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
    """Tier ``k`` of ``certificates``; ``bound`` is its LP's optimum.

    ``stronger``: the LP's optimum with cutting planes, once there is one, over the columns that a better plan may use.
    """

    k: int
    bound: Bound
    certificates: Sequence[Certificate]
    exact: Exact
    improvement: Improvement
    incumbent: Incumbent
    clock: Clock
    news: News
    keep: Callable[[Floats], bool]
    """Takes an engine's plan, as ``FirstPlan.keep``."""
    stronger: Bound | None = None
    _lagrangian: Lagrangian | None = None
    """Where the tier is all about packing long rows."""
    _beside: Beside | None = None
    was_behind: bool = False
    """Whether an exact program beside was given up for what others proved."""
    _begun: int | None = None
    """What a better plan was to cost less than when the exact program beside began; None: the plan at hand was in it."""

    @property
    def best(self) -> Bound:
        """The bound that says most."""
        return self.stronger or self.bound

    @property
    def certificate(self) -> Certificate:
        return self.certificates[self.k]

    @property
    def cost(self) -> Ints:
        return self.certificate.tier.cost

    def begin(self) -> None:
        """The exact program of so few columns is worth a worker while others ask what is special about the tier."""
        if self.is_shared or not self._shares or self.certificate.reached:
            return
        if self.left <= BESIDE_COLUMNS:
            self._start_beside()

    @property
    def left(self) -> int:
        """How many columns may be in a better plan."""
        return len(self._in_better())

    @property
    def is_shared(self) -> bool:
        """Whether a worker is on the exact program."""
        return self._beside is not None

    def leaves_to_others(self, least: float) -> bool:
        """The exact program beside ends where it has had its time and others proved more: ``least``. Whether it does now."""
        beside = self._beside
        if beside is None or not beside.bound < least < np.inf:
            return False
        if beside.seconds < SILENT_SECONDS and beside.speaking < SPEAKING_SECONDS:
            return False
        self.end()
        self.was_behind = True
        return True

    def over(self) -> bool:
        """Whether nobody need ask any more: the exact program beside says all, or the time is up."""
        answer = None if self._beside is None else self._beside.end
        return self.clock.should_stop() or (answer is not None and answer.exhausted and self._says(answer))

    @contextmanager
    def unless_over(self) -> Iterator[None]:
        """What is asked here ends early where the exact program beside says all. Raises Stopped when the time is up."""
        try:
            yield
        except Stopped:
            look(self.clock.should_stop)
        self.hear()

    def end(self) -> None:
        """No exact program beside from now on."""
        if self._beside is not None:
            self._beside.close()
            self._beside = None

    def run(self) -> None:
        """The tier's certificate hears of what is found and proved. Raises Stopped."""
        self.hear()
        if self.certificate.reached:
            return
        if not self._take(self.bound):
            self._pack()
            if self._is_hard and self.left > POLISHED_COLUMNS:
                # Too much for two engines to race on: one begins before anything else is tried.
                self.begin()
            with self.unless_over():
                self._cut_and_round()
        if not self.certificate.reached:
            self._close()

    def better_plan(self) -> None:
        """From a poor plan to what neighbourhoods find at once: in a large program whatever is special of a tier takes long, and the
        longer the less the plan at hand says. (Of a small one it is done as soon.)
        """
        certificate = self.certificate
        assert certificate.value is not None
        poor = certificate.value - self.best.value > POOR * max(1.0, abs(certificate.value))
        if poor and self.exact.options.work_limit is None and WIDE_FROM < len(self.cost) <= HOPELESS_COLUMNS:
            search = self.improvement.begin(self.cost, self.bound)
            self._improve(search, self.clock.part(POOR_SHARE, POOR_SECONDS) or 0.0, LULL_SECONDS)

    @property
    def _is_hard(self) -> bool:
        return not nearly_whole(self.best.x[: len(self.exact.program.options)])

    @property
    def _is_far_below(self) -> bool:
        """Whether more is proved than cuts may add to what the LP says."""
        value, bound = self.certificate.value, self.certificate.bound
        assert value is not None and bound is not None
        return bound - self.best.value > OVERTAKEN * (value - self.best.value)

    def _pack(self) -> None:
        """What long rows say that are packed exactly, where they are all there is."""
        lagrangian = self.improvement.lagrangian(self.cost, self.bound)
        if lagrangian is None:
            return
        until = self.clock.until(PACKED_SHARE)
        packed = lagrangian.sharpened(self.bound, float(self._at_most()), until)
        self.exact.engine.raced |= time.monotonic() > until
        if packed is not self.bound:
            self.stronger, self._lagrangian = packed, lagrangian
            self._proved(packed.value)
            self.news.tier(self.k)

    @property
    def _branches(self) -> bool:
        """Whether the program of the least values is small enough for branch and bound of our own."""
        if self._lagrangian is None:
            return False
        return len(self.exact.columns_below(self.best, BRANCHED_VALUES + margin(self.cost))) <= BRANCHED_COLUMNS

    def _cut_and_round(self) -> None:
        # A poor plan leaves too much to be cut.
        rounded, before = self.left > FEW_COLUMNS, np.inf
        if rounded:
            self._round()
        # Of fewer columns cuts say more.
        while not self.certificate.reached and (left := self.left) < before / 2:
            before = left
            if self._cut() or not rounded:
                self._round()
                rounded = True

    def _take(self, bound: Bound) -> bool:
        """Take what an LP holds, if it is a plan."""
        taken, before = self.incumbent.take(bound.x), self.certificate.value
        self.certificate.value = self.incumbent.values[self.k]
        if self.certificate.value != before:
            self.news.tier(self.k)
        return taken

    def _cut(self) -> bool:
        """Cutting planes on the tier's LP, where an exact program would not be as quick; False: nothing was gained."""
        master, columns = self.exact.master, self._in_better()
        if not FEWEST_COLUMNS <= len(columns) <= MOST_COLUMNS or self._is_far_below:
            return False
        if hold(master, self.certificates[: self.k], self.incumbent.values[: self.k]):
            master.minimise(self.cost)
        gomory = Gomory(master, self.cost, columns, self.over, self.clock.until(CUT_SHARE))
        cut = gomory.run(self._at_most() + 1)
        self.exact.engine.raced |= gomory.hurried
        if cut is None or cut.value <= self.best.value:
            return False
        others = np.ones(len(self.cost), dtype=bool)
        others[columns] = False
        cut.reduced[others] = np.inf
        self.stronger = cut
        if gomory.cutting is not None:
            self.certificate.cutting += (by_tier(master, gomory.cutting, self.k),)
        if len(self.cost) >= WORTH_GIVING_BACK:
            give_back()
        # Its columns are those of better plans.
        self._proved(min(cut.value, self._at_most() + 1.0), "cuts")
        self.news.tier(self.k)
        return True

    def _round(self) -> None:
        """The best LP there is, rounded near its fractional columns."""
        certificate = self.certificate
        before = certificate.value
        assert before is not None and certificate.bound is not None
        pivoted = self.exact.program.pivoted(certificate.tier)
        # Near an LP that says little of its pivots there is little to find.
        if not self._take(self.best) and not certificate.reached and not pivoted:
            least = certificate.bound + certificate.tier.tolerance
            # Where the exact program is hardly larger than a neighbourhood, it says more.
            largest = self.left / 2
            near = Rounding(self.exact.heeding(self.over), self.cost, self.best)
            near.plans(self.incumbent.take, lambda value: round(value) <= least, value=before, largest=largest)
            certificate.value = self.incumbent.values[self.k]
            if self._is_hard and self.left > WIDE_FROM and not certificate.reached and not near.hurried:
                near.wide(
                    self.keep, partial(self.clock.part, CUT_SHARE, WIDE_SECONDS), gap=0.0, at_most=self._at_most()
                )
        certificate.value = self.incumbent.values[self.k]
        if certificate.value < before:
            self.news.tier(self.k)

    def _close(self) -> None:
        """A better plan, or a proof that there is none: an exact program over the only columns that could be in one."""
        certificate, options = self.certificate, self.exact.options
        within = certificate.proved(options.gap)
        if within and self.left > POLISHED_COLUMNS:
            return
        hold(self.exact.master, self.certificates[: self.k], self.incumbent.values[: self.k])
        # Whole rows to be packed are hard, however whole their LP is.
        hard = self._is_hard or self._lagrangian is not None
        seconds = self.clock.mip_seconds(within)
        if options.work_limit is None:
            # What is exhausted in seconds needs no improving; what is not is better improved before more time goes to it.
            size = max(1.0, self.left / POLISHED_COLUMNS)
            first = HARD_SECONDS if hard else IMPROVED_SECONDS * size
            seconds = first if seconds is None else min(first, HURRIED * seconds)
        if hard and (not self.exact.is_logic or self._branches):
            # One engine would be alone with it; the other worker does something else.
            self.begin()
        if self._beside is not None and not self._branches:
            with self.unless_over():
                self._ask_from_below()
            if certificate.reached:
                self.news.tier(self.k)
                return
        if not within and self.left > POLISHED_COLUMNS:
            self.improvement.prepare()
        if self._beside is not None or (hard and self._shares and self.left > POLISHED_COLUMNS):
            # Too much for seconds: one worker stays on it from the beginning.
            answer = self.hear() or NOTHING
        elif self._is_hopeless:
            answer = NOTHING
        else:
            answer = self._better(seconds, hard)
        if not answer.exhausted and not certificate.proved(options.gap):
            self._alternate(answer)
        self.news.tier(self.k)
        if not certificate.proved(options.gap) and self.clock.should_stop():
            raise Stopped

    def _at_most(self) -> int:
        """What a better plan costs at most."""
        certificate = self.certificate
        assert certificate.value is not None
        return certificate.value - certificate.tier.tolerance - 1

    def _in_better(self) -> Ints:
        """The only columns that a better plan can use."""
        return self.exact.columns_below(self.best, self._at_most() - self.best.value + margin(self.cost))

    def _better(self, seconds: float | None, hard: bool = True) -> MipAnswer:
        """The exact program of plans that are better; what is found is taken."""
        columns, at_most = self._in_better(), self._at_most()
        if len(self.cost) >= WORTH_GIVING_BACK:
            give_back()
        return self._heard(self.exact.minimise(self.cost, columns, 0.0, seconds, at_most=at_most, hard=hard))

    def _heard(self, answer: MipAnswer) -> MipAnswer:
        """Take what an exact program of better plans found and proved."""
        certificate = self.certificate
        if answer.x is not None:
            self.keep(answer.x)
            certificate.value = self.incumbent.values[self.k]
        # Exhausted: the answer is the optimum, or there is nothing below what was known.
        self._proved(answer.bound if answer.x is not None or not answer.exhausted else np.inf)
        if answer.exhausted:
            certificate.proof = "exhausted"
        return answer

    def _proved(self, bound: float, how: str = "mip bound") -> None:
        """No plan is better than ``bound``, unless as good as the one at hand."""
        certificate = self.certificate
        assert certificate.value is not None and certificate.bound is not None
        least, known = rounded_up(bound), float(certificate.value - certificate.tier.tolerance)
        if np.isfinite(least) and least > certificate.value + certificate.tier.tolerance:
            # The plan at hand says otherwise: who is wrong here proves nothing.
            return
        if min(least, known) > certificate.bound:
            certificate.bound, certificate.proof = min(least, known), how

    def _alternate(self, answer: MipAnswer) -> None:
        """Improve the plan, and try the exact program again where it may finish by now, ever longer, in the tier's share of time.

        ``answer``: what the exact program said last. The last tier has all the time that is left. Without a limit: improved
        for as long as all that came before, then solved to the end; with a work limit: improved by that much work. Where
        there are several workers, one is on the exact program all the while.
        """
        certificate, options, tried = self.certificate, self.exact.options, self.left
        closed = self._closed(answer, self.best.value)
        search = self.improvement.begin(self.cost, self.bound)
        limit, now = options.time_limit_seconds, self.clock.seconds()
        share = 1.0 if self.k + 1 == len(self.certificates) else IMPROVED_SHARE
        until = np.inf if limit is None else now + share * (limit - now)
        seconds = max(IMPROVED_SECONDS, now if limit is None else 0.0)
        # Where seconds are short, both workers improve.
        shared = self._shares and not search.dives and until - now >= SHARED_SECONDS
        if shared and self._beside is None and not answer.exhausted:
            self._start_beside()
        while not answer.exhausted and not certificate.proved(options.gap) and self.clock.seconds() < until:
            more = self._improve(search, min(seconds, until - self.clock.seconds()))
            if (news := self.hear()) is not None:
                answer = news
                continue
            if options.work_limit is not None or certificate.proved(options.gap):
                return
            columns, left = self.left, until - self.clock.seconds()
            hopeful = 2 * columns <= tried or (closed >= HOPEFUL and not search.dives)
            hopeful &= not self._is_hopeless and not self._branches
            if left > 0 and (hopeful or not more or limit is None):
                tried = columns
                shared = self._beside is not None
                self.end()
                known = certificate.bound
                assert known is not None
                answer = self._better(None if limit is None else left if not more else min(2 * seconds, left))
                if not more:
                    return
                # What every run closes anew, by cuts at its root, is no reason for one more.
                closed = self._closed(answer, known)
                if shared and not answer.exhausted:
                    self._start_beside()
            seconds *= 2

    def _ask_from_below(self) -> None:
        """Where a better plan may have few values: whether there is one of the least, then of the next two, then of four: programs of fewer
        columns, which know better what they look for. Each takes no more than half of the time.
        """
        certificate, width = self.certificate, 1
        assert certificate.value is not None and certificate.bound is not None
        while not certificate.reached and self._at_most() - certificate.bound < FEW_VALUES:
            most = min(round(certificate.bound) + width - 1, self._at_most())
            columns = self.exact.columns_below(self.best, most - self.best.value + margin(self.cost))
            exact, seconds = self.exact.heeding(self.over), self.clock.part(HURRIED, IMPROVED_SECONDS)
            answer = exact.minimise(self.cost, columns, 0.0, seconds, at_most=most, hard=True)
            if answer.x is None and answer.exhausted:
                self._proved(most + 1.0)
            else:
                self._heard(answer)
            self.news.tier(self.k)
            if not answer.exhausted:
                return
            width *= 2

    @property
    def _shares(self) -> bool:
        """Whether an exact program and improvement may go on side by side."""
        options = self.exact.options
        return options.workers > 1 and options.work_limit is None and not self._is_hopeless

    @property
    def _is_hopeless(self) -> bool:
        """Whether an exact program would only take time and memory."""
        return self._is_hard and self.left > HOPELESS_COLUMNS

    def _start_beside(self) -> None:
        # Which of two plans of equal value comes first is the machine's affair from now on.
        self.exact.engine.raced = True
        columns, most, limit = self._in_better(), self._at_most(), self.exact.options.time_limit_seconds
        seconds = BESIDE_SECONDS if limit is None else max(0.0, limit - self.clock.seconds())
        if self._branches:
            self._begun = self.certificate.value
            self._beside = Beside(partial(self._branched, columns, most))
            return
        helpers = columns[columns >= len(self.exact.program.options)]
        if self.exact.program.pivoted(self.certificate.tier) or (self.cost[helpers] > most - self.best.value).any():
            # A limit for the cost leaves such helpers no choice; measured: 3 s instead of more than 40. Helpers of sums have one, and
            # all the same more is found: 13.900 in 5 s instead of 60 (far mix 667, 2 500 teachers), as soon proved in others.
            self._begun = self.certificate.value
            self._beside = self.exact.beside(self.cost, columns, seconds, at_most=most)
            return
        # Where it leaves a choice to all, HiGHS is not told of the plan at hand: it would begin anew with every few columns that this
        # fixes, and lose its cuts: 5 to 8 s without, 24 to more than 40 with it (far mix 669, 6 000 teachers).
        assert self.incumbent.x is not None
        self._begun = None
        self._beside = self.exact.beside(self.cost, np.union1d(columns, np.flatnonzero(self.incumbent.x)), seconds)

    def _branched(self, columns: Ints, most: int, should_stop: ShouldStop, listener: Listener) -> MipAnswer:
        assert self._lagrangian is not None and self.stronger is not None
        open_ = np.zeros(len(self.cost), dtype=bool)
        open_[columns] = True
        return Branching(self._lagrangian, open_, should_stop).run(self.stronger.value, float(most), listener)

    def hear(self) -> MipAnswer | None:
        """What came from the exact program beside, which is over once it ended; None: nothing."""
        ended = self._beside is not None and self._beside.end is not None
        news = self.listen()
        if ended:
            self.end()
        return news

    def listen(self) -> MipAnswer | None:
        """What came from the exact program beside, whether or not it ended; None: nothing."""
        if self._beside is None:
            return None
        self._proved(self._beside.bound)
        news = self._beside.news()
        return self._heard(news) if news is not None and self._says(news) else None

    def _says(self, news: MipAnswer) -> bool:
        """An exact program that finds no plan as good as one that there is by now says nothing."""
        return not news.exhausted or news.x is not None or self.certificate.value == self._begun

    def _closed(self, answer: MipAnswer, known: float) -> float:
        """Which part of the gap between a bound ``known`` before and the plan at hand the exact program closed."""
        value = self.certificate.value
        assert value is not None
        return max(0.0, answer.bound - known) / max(WHOLE, value - known)

    def _improve(self, search: Neighbourhoods, seconds: float, lull: float = np.inf) -> bool:
        """Large neighbourhoods around the plan at hand, until there is news from beside, or no better plan for so long (``lull``,
        seconds); False: they have nothing more to say.
        """
        certificate, options, plan, beside = self.certificate, self.exact.options, self.incumbent.x, self._beside
        assert plan is not None
        until = time.monotonic() + lull

        def better(x: Floats) -> None:
            nonlocal until
            until = time.monotonic() + lull
            self.keep(x)
            certificate.value = self.incumbent.values[self.k]
            self.news.tier(self.k)

        # How far it comes depends on the machine's speed, unless work is counted.
        self.exact.engine.raced |= options.work_limit is None

        def enough() -> bool:
            news = beside is not None and beside.has_news
            return certificate.proved(options.gap) or news or time.monotonic() > until

        busy = int(beside is not None)
        return self.improvement.improve(search, plan, self.bound.value, seconds, better, enough, busy)
