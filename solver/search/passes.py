"""Search after search: what a tier had no more time for is gone on with, where the tiers after it left some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from solver.engines.failure import EngineError
from solver.memory import give_back
from solver.outcome import OnProgress, SolveOptions
from solver.program import Program
from solver.search.clock import Clock
from solver.search.found import Already, Found
from solver.search.pivots import Known
from solver.search.search import Search
from solver.stopping import ShouldStop

LEAST_SHARE, LEAST_SECONDS = 0.05, 0.3
"""Of the time limit, and seconds: with less left, to begin again is most of what there is time for."""
CHOSEN = 0.5
"""Of an option in a plan: more is one, whatever rounding left of it."""


def searched(
    program: Program,
    options: SolveOptions,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    started: float,
    formulate: Callable[[Known], Program] | None = None,
    already: Already | None = None,
) -> Found:
    """As ``Search``; again from its plan, with other draws, as long as a tier is open, there is time, and it gets anywhere.

    Whether it does is the clock's affair: what comes of it is not called reproducible.
    """
    found = Search(program, options, on_progress, should_stop, started, None, formulate, already).run()
    again = options
    while found.x is not None and _is_worth_more(found, options, Clock(options, started, should_stop)):
        give_back()
        known = Already(np.flatnonzero(found.x[: len(program.options)] > CHOSEN), proved=found.certificates)
        again, found = replace(again, seed=again.seed + 1), replace(found, raced=True)
        try:
            more = Search(program, again, on_progress, should_stop, started, None, formulate, known).run()
        except EngineError:
            break
        if not _is_better(more, found):
            return replace(found, stopped_by=more.stopped_by)
        found = replace(more, raced=True)
    return found


def _is_worth_more(found: Found, options: SolveOptions, clock: Clock) -> bool:
    limit = options.time_limit_seconds
    if found.stopped_by is not None or limit is None or options.work_limit is not None:
        return False
    is_open = any(not certificate.proved(options.gap) for certificate in found.certificates)
    return is_open and limit - clock.seconds() > max(LEAST_SECONDS, LEAST_SHARE * limit)


def _is_better(more: Found, found: Found) -> bool:
    """Whether the plan is a better one, tier by tier, or as good a one of which more is proved."""
    pairs = list(zip(more.certificates, found.certificates, strict=True))
    for one, other in pairs:
        if one.value is None or other.value is None:
            return False
        if abs(one.value - other.value) > one.tier.tolerance:
            return one.value < other.value
    bounds = [(one.bound, other.bound) for one, other in pairs if one.bound is not None and other.bound is not None]
    return any(one > other for one, other in bounds) and all(one >= other for one, other in bounds)
