"""The exact program of a tier's better plans, at work while others try something else: both are heard, and either may end it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np

from solver.branching import Branching
from solver.engines.beside import Beside
from solver.engines.highs import Listener
from solver.engines.problem import MipAnswer
from solver.index import Ints
from solver.search.clock import Clock
from solver.search.open_tier import OpenTier
from solver.stopping import ShouldStop, Stopped, look

MOST_COLUMNS = 50_000
"""Of more, an exact program takes longer than what it would share a machine with."""
SILENT_SECONDS, SPEAKING_SECONDS = 6.0, 1.0
"""What it has at least until it has a bound, and from then on: cuts come before it branches. Then it is given up where others have proved
more (mix 665, 2 500 teachers).
"""
UNLIMITED_SECONDS = 600.0
"""Where there is no limit. An LP that goes round in circles hears of no stop, only of its own time (seen: HiGHS 1.15, primal method)."""


@dataclass
class Companion:
    """Of ``tier``; one at a time."""

    tier: OpenTier
    clock: Clock
    was_behind: bool = False
    """Whether it was given up for what others proved."""
    _beside: Beside | None = None
    _begun: int | None = None
    """What the plan at hand cost when it began, where it asks for better ones alone; None: that plan was in it."""
    _columns: int = 0
    """What it began with."""
    _before: tuple[int, ...] = ()
    """What the tiers before cost by then: a plan that costs more there by now is none."""
    _most: float = np.inf
    """What a better plan cost at most by then: its columns are those of such plans, and say nothing of others."""

    @property
    def can(self) -> bool:
        """Whether an exact program and something else may go on side by side."""
        options = self.tier.exact.options
        return options.workers > 1 and options.work_limit is None and not self.tier.is_hopeless

    @property
    def is_at_work(self) -> bool:
        return self._beside is not None

    @property
    def is_outdated(self) -> bool:
        """Whether better plans by now have half of its columns at most."""
        return self.is_at_work and 2 * self.tier.left <= self._columns

    @property
    def has_news(self) -> bool:
        return self._beside is not None and self._beside.has_news

    def begin(self) -> None:
        """The exact program of so few columns is worth a worker while others ask what is special about the tier."""
        if self.is_at_work or not self.can or self.tier.certificate.reached:
            return
        if self.tier.left <= MOST_COLUMNS:
            self.start()

    def start(self) -> None:
        tier = self.tier
        # Which of two plans of equal value comes first is the machine's affair from now on.
        tier.exact.engine.raced = True
        columns, most, limit = tier.in_better(), tier.at_most, tier.exact.options.time_limit_seconds
        self._most, self._columns, self._before = most, len(columns), self._now_before
        seconds = UNLIMITED_SECONDS if limit is None else max(0.0, limit - self.clock.seconds())
        if tier.branches:
            self._begun = tier.certificate.value
            self._beside = Beside(partial(self._branched, columns, most))
            return
        helpers = columns[columns >= len(tier.exact.program.options)]
        pivoted = tier.exact.program.pivoted(tier.certificate.tier)
        if pivoted or (tier.cost[helpers] > most - tier.best.value).any():
            # A limit for the cost leaves such helpers no choice; measured: 3 s instead of more than 40. Helpers of sums have one, and
            # all the same more is found: 13.900 in 5 s instead of 60 (far mix 667, 2 500 teachers), as soon proved in others.
            self._begun = tier.certificate.value
            self._beside = tier.exact.beside(tier.cost, columns, seconds, at_most=most)
            return
        # Where it leaves a choice to all, HiGHS is not told of the plan at hand: it would begin anew with every few columns that this
        # fixes, and lose its cuts: 5 to 8 s without, 24 to more than 40 with it (far mix 669, 6 000 teachers).
        assert tier.incumbent.x is not None
        self._begun = None
        self._beside = tier.exact.beside(tier.cost, np.union1d(columns, np.flatnonzero(tier.incumbent.x)), seconds)

    def _branched(self, columns: Ints, most: int, should_stop: ShouldStop, listener: Listener) -> MipAnswer:
        tier = self.tier
        assert tier.lagrangian is not None and tier.stronger is not None
        open_ = np.zeros(len(tier.cost), dtype=bool)
        open_[columns] = True
        return Branching(tier.lagrangian, open_, should_stop).run(tier.stronger.value, float(most), listener)

    def end(self) -> None:
        """No exact program from now on."""
        if self._beside is not None:
            self._beside.close()
            self._beside = None

    def over(self) -> bool:
        """Whether nobody need ask any more: the exact program says all, or the time is up."""
        answer = None if self._beside is None else self._beside.end
        return self.clock.should_stop() or (answer is not None and answer.exhausted and self._says(answer))

    @contextmanager
    def unless_over(self) -> Iterator[None]:
        """What is asked here ends early where the exact program says all. Raises Stopped when the time is up."""
        try:
            yield
        except Stopped:
            look(self.clock.should_stop)
        self.hear()

    def hear(self) -> MipAnswer | None:
        """What came from the exact program, which is over once it ended; None: nothing."""
        ended = self._beside is not None and self._beside.end is not None
        news = self.listen()
        if ended:
            self.end()
        return news

    def listen(self) -> MipAnswer | None:
        """What came from the exact program, whether or not it ended; None: nothing."""
        if self._beside is None:
            return None
        self.tier.proved(min(self._beside.bound, self._most + 1.0))
        news = self._beside.news()
        return self.tier.heard(news) if news is not None and self._says(news) else None

    def leaves_to_others(self, least: float) -> bool:
        """It ends where it has had its time and others proved more: ``least``. Whether it does now."""
        beside = self._beside
        if beside is None or not beside.bound < least < np.inf:
            return False
        if beside.seconds < SILENT_SECONDS and beside.speaking < SPEAKING_SECONDS:
            return False
        self.end()
        self.was_behind = True
        return True

    @property
    def _now_before(self) -> tuple[int, ...]:
        return tuple(self.tier.incumbent.values[: self.tier.k])

    def _says(self, news: MipAnswer) -> bool:
        """An exact program that finds no plan as good as one that there is by now says nothing."""
        if not news.exhausted:
            return True
        if news.x is None:
            return self.tier.certificate.value == self._begun
        return self._now_before == self._before
