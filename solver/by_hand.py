"""A large county's first plan, before its program is there: made from the nearest options alone, as an office would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.greedy import greedy, nearest_options
from solver.index import Ints
from solver.options import Options
from solver.outcome import OnProgress, Progress, SolveOptions
from solver.program import Program
from solver.search import Certificate, Found
from solver.search.clock import Clock
from solver.search.first_plan import surrogate
from solver.search.incumbent import Incumbent
from solver.search.news import News
from solver.starts import completed

LARGE = 300_000
"""Options from which on program and first LP take their time."""
PER_TEACHER = 3
PER_POST = 12


@dataclass(frozen=True)
class ByHand:
    """``chosen``: positions among all options. ``found`` is over a program of the ``near`` ones alone, so nothing is proved of it."""

    chosen: Ints
    near: Options
    found: Found


def plan_by_hand(
    options: Options,
    formulate: Callable[[Options], Program],
    asked: SolveOptions,
    on_progress: OnProgress,
    clock: Clock,
) -> ByHand | None:
    """None: there are few options, or a baseline to begin with, or it got stuck. What it costs is told. Raises Stopped, by the user."""
    if len(options) < LARGE or asked.baseline:
        return None
    on_progress(Progress("first plan", clock.seconds()))
    nearest = nearest_options(options, PER_TEACHER, PER_POST, clock.user_stop)
    near = options.only(nearest)
    program = formulate(near)
    chosen = greedy(program, clock.user_stop)
    if chosen is None:
        return None
    x = completed(program, chosen, surrogate(program, program.tiers), asked, clock.user_stop)
    incumbent = Incumbent(program)
    if x is None or not incumbent.take(x):
        return None
    certificates = [Certificate(tier, value) for tier, value in zip(program.tiers, incumbent.values, strict=True)]
    News(on_progress, clock, certificates, incumbent).every_tier("first plan")
    return ByHand(nearest[np.flatnonzero(chosen)], near, Found(x, certificates))
