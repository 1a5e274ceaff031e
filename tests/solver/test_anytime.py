"""A plan from the first second on, which only becomes better, and is there within a second of a stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest

from rotation.policy import Policy, load_policy, parse_policy
from scenarios.generate import synthetic_county
from solver.outcome import Progress, SolveOptions
from solver.solve import solve

NATIONAL = load_policy("national-2014")
FIRST = [{"objective": kind, "priority": k} for k, kind in enumerate(("balance", "distance_total", "moves"), 1)]
SPREAD = parse_policy({"name": "spread", "extends": "national-2014", "objectives": FIRST})
"""What hangs on sums that nobody knows comes first, and takes its time."""


def told_of(news: Sequence[Progress]) -> dict[int, list[tuple[float, ...]]]:
    """Tier → each value that was told of it, after those that were known of the tiers before it."""
    known, told = dict[int, float](), dict[int, list[tuple[float, ...]]]()
    for one in news:
        if one.tier is not None and one.value is not None:
            # Of some, values within a few millionths count as the same.
            known[one.tier] = round(one.value, 4)
            told.setdefault(one.tier, []).append(tuple(known[tier] for tier in sorted(known) if tier <= one.tier))
    return told


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(("policy", "size"), [(NATIONAL, (40, 1_600, 3)), (SPREAD, (24, 800, 6))])
def test_plans_only_become_better(policy: Policy, size: tuple[int, int, int]) -> None:
    """A tier becomes worse only where one before it became better."""
    news: list[Progress] = []
    plan = solve(synthetic_county(*size), policy, SolveOptions(20.0), news.append).plan
    assert plan is not None
    told = told_of(news)
    assert any(values[0] > values[-1] for values in told.values())
    assert all(later <= earlier for values in told.values() for earlier, later in pairwise(values))
    assert told[len(plan.tiers)][-1] == pytest.approx([tier.value for tier in plan.tiers], abs=1e-3)


def test_a_baseline_is_the_first_plan() -> None:
    county = synthetic_county(24, 800, 2)
    best = solve(county, NATIONAL).plan
    assert best is not None and best.placements
    news: list[Progress] = []
    near = {placement.teacher: placement for placement in best.placements}
    solve(county, NATIONAL, SolveOptions(baseline=near), news.append)
    first = next(one for one in news if one.placements is not None)
    assert first.phase == "first plan" and first.placements == len(best.placements)
    assert told_of(news)[len(best.tiers)][0] == pytest.approx([tier.value for tier in best.tiers], abs=1e-3)


@pytest.mark.parametrize("after", [0.3, 1.0, 3.0])
def test_a_stop_is_heard_within_a_second(after: float) -> None:
    """Wherever the search is by then, with no limit of its own."""
    stopped, at = threading.Event(), list[float]()

    def stop() -> None:
        at.append(time.monotonic())
        stopped.set()

    timer = threading.Timer(after, stop)
    timer.start()
    outcome = solve(synthetic_county(110, 6_000, 5), SPREAD, should_stop=stopped.is_set)
    assert time.monotonic() - at[0] < 1.0
    assert outcome.stopped_by == "user"
