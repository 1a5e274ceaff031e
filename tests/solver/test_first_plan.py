"""The first plan where a tier hangs on sums: what else such a tier costs, it minds in large programs."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver.engines.problem import MipAnswer
from solver.exact import Exact
from solver.formulate import formulate
from solver.index import Index
from solver.options import build_options
from solver.outcome import Progress, SolveOptions
from solver.search import Search, first_plan
from solver.solve import solve
from tests.solver.test_search import assignment

QUOTA = {
    "rule": "rotation_quota",
    "id": "townships",
    "share_min": 0.3,
    "of": "staff",
    "per": ["township"],
    "priority": 2,
}
POLICY = parse_policy(
    {
        "name": "first",
        "extends": "national-2014",
        "rules": [QUOTA],
        "objectives": [{"objective": "balance", "priority": 2}],
    }
)
COUNTY = synthetic_county(20, 600, 3)


def test_only_what_hangs_on_sums_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    program = formulate(build_options(Index(Facts(COUNTY, POLICY))))
    assert program.pivoted(program.tiers[1])
    assert [tier.priority for tier in first_plan.plain_tiers(program)] == [1]
    monkeypatch.setattr(first_plan, "MANY_COLUMNS", 0)
    _, plain = first_plan.plain_tiers(program)
    others = np.setdiff1d(np.arange(program.shape[1]), program.spreads)
    assert not plain.cost[program.spreads].any() and program.tiers[1].cost[program.spreads].any()
    assert np.array_equal(plain.cost[others], program.tiers[1].cost[others]) and plain.cost.any()


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_the_first_plan_meets_quotas_that_give(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    county, first = synthetic_county(20, 600, seed), list[float | None]()
    for many in (10**9, 0):
        told: list[Progress] = []
        monkeypatch.setattr(first_plan, "MANY_COLUMNS", many)
        outcome = solve(county, POLICY, SolveOptions(60.0), told.append)
        assert outcome.plan is not None
        # The last that is told before the first tier's turn.
        first.append([news.value for news in told if news.phase == "first plan" and news.tier == 2][-1])
    without, with_ = first
    assert without is not None and with_ is not None and with_ < 0.7 * without


def test_a_sum_that_is_the_tier_itself_is_not_solved_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few fractions, one tier, and a plan that is not within the gap: the rest is the tier's own turn."""
    asked, minimise = 0, Exact.minimise

    def counted(self: Exact, *told: Any, **how: Any) -> MipAnswer:
        nonlocal asked
        asked += 1
        return replace(minimise(self, *told, **how), exhausted=False)

    monkeypatch.setattr(Exact, "minimise", counted)
    search = Search(assignment(120, 3), SolveOptions(gap=0.0), lambda news: None, lambda: False, time.monotonic())
    try:
        assert search.first.find()
    finally:
        search.engine.close()
        search.improvement.close()
    assert search.incumbent.columns is not None
    assert asked == 1
