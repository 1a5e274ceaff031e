"""How long a search has taken, when it is over, and how long what comes next may take."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf

from solver.outcome import SolveOptions
from solver.stopping import ShouldStop

SHARE_OF_TIME = 0.5
"""Of what is left: no tier starves the ones after it."""

MOMENT = 0.5
"""Seconds after the limit."""


@dataclass
class Clock:
    """``started``: by ``time.monotonic``. The user may stop before the limit of ``options``."""

    options: SolveOptions
    started: float
    user_stop: ShouldStop

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def should_stop(self) -> bool:
        limit = self.options.time_limit_seconds
        return self.user_stop() or (limit is not None and self.seconds() > limit)

    def moment_later(self) -> bool:
        """As ``should_stop``, but what has come by then may still be completed."""
        limit = self.options.time_limit_seconds
        return self.user_stop() or (limit is not None and self.seconds() > limit + MOMENT)

    def until(self, share: float) -> float:
        """By ``time.monotonic``, when a share of the time that is left is over; infinity where no clock decides."""
        limit = self.options.time_limit_seconds
        if limit is None or self.options.work_limit is not None:
            return inf
        return time.monotonic() + share * max(0.0, limit - self.seconds())

    def part(self, share: float, most: float) -> float | None:
        """A share of the time that is left, ``most`` seconds; None where work is counted instead."""
        if self.options.work_limit is not None:
            return None
        limit = self.options.time_limit_seconds
        return most if limit is None else min(most, max(0.1, share * (limit - self.seconds())))

    def mip_seconds(self, within_gap: bool = False, least: float = 2.0) -> float | None:
        """A MIP that only polishes what is already within the asked gap gets as long as all that came before it; any
        other its share of what is left.
        """
        if self.options.work_limit is not None:
            # Seconds differ from run to run; the engine counts its own work instead.
            return None
        limit = self.options.time_limit_seconds
        left = None if limit is None else max(0.1, SHARE_OF_TIME * (limit - self.seconds()))
        if within_gap:
            polish = max(least, self.seconds())
            return polish if left is None else min(polish, left)
        return left
