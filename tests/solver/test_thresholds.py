"""A tier that prices the longest way: asked threshold by threshold, and proved by what an LP says of each."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings

from rotation.plan import Plan
from rotation.policy import parse_policy, read_document
from scenarios.generate import synthetic_county
from solver.outcome import SolveOptions
from solver.program import Program
from solver.rounding import NEAR_COLUMNS, Rounding
from solver.search import search, thresholds
from solver.solve import solve
from solver.stopping import Stopped
from tests.solver import small, test_search


def planned(*objectives: dict[str, Any], weight: float = 1.0, seed: int = 7, seconds: float = 60) -> Plan:
    """The plan of a made-up county whose longest way counts as much as wishes do."""
    document = json.loads(json.dumps(read_document("national-2014"), default=str))
    document["objectives"] += [{"objective": "distance_max", "priority": 2, "weight": weight}, *objectives]
    plan = solve(synthetic_county(60, 2000, seed), parse_policy(document), SolveOptions(seconds)).plan
    assert plan is not None
    return plan


@settings(max_examples=200, deadline=None)
@given(small.ceilinged())
def test_every_tier_is_the_best_of_all_plans(asked: Program) -> None:
    _, values = small.best_of(asked)
    teachers = asked.options.teacher.tolist()
    found = test_search.searched(replace(asked, options=test_search.program(teachers, [], []).options))
    assert [certificate.value for certificate in found.certificates] == values
    assert all(certificate.reached for certificate in found.certificates)


@pytest.mark.parametrize("weight", [0.01, 1, 50])
def test_wishes_and_the_longest_way_are_proved_by_duals_alone(weight: float) -> None:
    """Weights from "as good as no matter" to "whatever it costs": no exact program is needed, and what follows is proved."""
    for seed in (7, 8):
        plan = planned(weight=weight, seed=seed)
        assert plan.status == "optimal"
        assert plan.tiers[1].recomputed and all(tier.recomputed or tier.proof == "exhausted" for tier in plan.tiers)


def test_no_other_weight_gives_a_better_plan() -> None:
    """The longest way and all ways together in one tier: each plan is the best by its own weight."""
    weights = (0.01, 1, 3, 1000)
    for seed in (7, 9):
        plans = [
            planned({"objective": "distance_total", "priority": 2}, weight=weight, seed=seed) for weight in weights
        ]
        km = [[placement.km for placement in plan.placements] for plan in plans]
        wishes = [
            plan.tiers[1].value - weight * max(ways) - sum(ways)
            for plan, weight, ways in zip(plans, weights, km, strict=True)
        ]
        for weight, plan in zip(weights, plans, strict=True):
            assert plan.status == "optimal"
            others = (wish + weight * max(ways) + sum(ways) for wish, ways in zip(wishes, km, strict=True))
            assert plan.tiers[1].value == pytest.approx(min(others), rel=1e-6)


def test_without_an_answer_the_bound_is_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """An LP that leaves every interval open, and exact programs that have no time."""
    asked = planned()
    monkeypatch.setattr(thresholds, "rounded_up", lambda value: min(value, 0.0))
    monkeypatch.setattr(thresholds, "EXACT_SECONDS", 0.0)
    plan = planned(seconds=5)
    assert plan.tiers[1].bound is not None and not plan.tiers[1].recomputed
    assert plan.tiers[1].bound <= asked.tiers[1].value <= plan.tiers[1].value


def test_intervals_are_left_open_once_the_exact_program_has_said_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside points of fairness, where thresholds take their time; what follows is the best there is all the same."""
    document = {
        "name": "beside",
        "extends": "national-2014",
        "rules": [{"rule": "fair_senders", "attributes": ["tenure"], "tolerance": 0.1, "priority": 2}],
        "objectives": [{"objective": "distance_max", "priority": 2}, {"objective": "moves", "priority": 3}],
    }
    county, policy, asked = synthetic_county(12, 300, 3), parse_policy(document), SolveOptions(60.0, gap=1e-4)
    found, left = solve(county, policy, asked), list[int]()

    def ask(self: thresholds.Thresholds, interval: thresholds.Interval) -> None:
        while not self.exact.should_stop():
            pass
        left.append(self.k)
        raise Stopped

    monkeypatch.setattr(thresholds.Thresholds, "_ask", ask)
    again = solve(county, policy, asked)
    assert left and found.plan is not None and again.plan is not None
    assert again.status == "optimal" and again.stopped_by is None
    assert [tier.value for tier in again.plan.tiers] == pytest.approx(
        [tier.value for tier in found.plan.tiers], abs=2e-3
    )


def test_what_lps_do_not_decide_begins_an_exact_program_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mix 112 of the benchmarks: a few hundred thresholds under a budget took 4 s, the one exact program takes 1."""
    document = {
        "name": "beside",
        "extends": "national-2014",
        "rules": [{"rule": "budget", "bands": [[10, 3000], [30, 8000]], "amount": 120_000}],
        "objectives": [{"objective": "tenure", "priority": 1}, {"objective": "distance_max", "priority": 2}],
    }
    county, policy, asked = synthetic_county(12, 300, 5), parse_policy(document), SolveOptions(30.0, gap=1e-4)
    found, left = solve(county, policy, asked), list[int]()
    exhaust = thresholds.Thresholds._exhaust

    def waiting(self: thresholds.Thresholds, *interval: Any) -> None:
        def never_done(*told: Any, **how: Any) -> Any:
            while not self.exact.should_stop():
                pass
            left.append(self.k)
            raise Stopped

        monkeypatch.setattr(self.exact, "minimise", never_done)
        exhaust(self, *interval)

    monkeypatch.setattr(search, "AT_ONCE_COLUMNS", 0)
    monkeypatch.setattr(thresholds.Thresholds, "_exhaust", waiting)
    again = solve(county, policy, asked)
    assert left and found.plan is not None and again.plan is not None
    assert again.status == "optimal" and again.stopped_by is None
    assert [tier.value for tier in again.plan.tiers] == [tier.value for tier in found.plan.tiers]


def test_lps_that_take_their_time_have_an_exact_program_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mix 346 of the benchmarks: its LPs took half a second each, and nobody else was asked for a plan meanwhile."""
    county, asked = synthetic_county(12, 300, 5), SolveOptions(30.0, gap=1e-4)
    policy = parse_policy(
        read_document("national-2014") | {"objectives": [{"objective": "distance_max", "priority": 2}]}
    )
    found, waited = solve(county, policy, asked), list[int]()
    ask = thresholds.Thresholds._ask

    def slow(self: thresholds.Thresholds, interval: thresholds.Interval) -> None:
        until = time.monotonic() + thresholds.ALONE_SECONDS
        while (waited or time.monotonic() < until) and not self.exact.should_stop():
            pass
        waited.append(self.k)
        ask(self, interval)

    monkeypatch.setattr(search, "AT_ONCE_COLUMNS", 0)
    monkeypatch.setattr(thresholds.Thresholds, "_ask", slow)
    monkeypatch.setattr(thresholds.Thresholds, "_exhaust", lambda self, interval, lp: self._left.append(interval))
    again = solve(county, policy, asked)
    assert waited and found.plan is not None and again.plan is not None
    assert again.status == "optimal" and again.stopped_by is None
    assert [tier.value for tier in again.plan.tiers] == [tier.value for tier in found.plan.tiers]


def test_a_neighbourhood_that_takes_long_rules_out_only_others_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mix 684 of 6 000 teachers: after one that took its second, each threshold had an exact program of 140 000 columns, 9 s each."""
    asked = list[float]()

    class Hurried(Rounding):
        def plans(self, *told: Any, **how: Any) -> bool:
            asked.append(how["largest"])
            found = super().plans(*told, **how)
            self.hurried = True
            return found

    document = read_document("national-2014")
    document["rules"] += [{"rule": "budget", "bands": [[10, 3000], [30, 8000]], "amount": 120_000}]
    document["objectives"] = [{"objective": "distance_max", "priority": 2}]
    county, policy = synthetic_county(12, 300, 5), parse_policy(document)
    found = solve(county, policy, SolveOptions(30.0, gap=1e-4))
    monkeypatch.setattr(search, "AT_ONCE_COLUMNS", 0)
    monkeypatch.setattr(thresholds, "Rounding", Hurried)
    again = solve(county, policy, SolveOptions(30.0, gap=1e-4))
    assert len(asked) > 1 and asked[0] == inf and set(asked[1:]) == {NEAR_COLUMNS[0]}
    assert found.plan is not None and again.plan is not None and again.status == "optimal"
    assert [tier.value for tier in again.plan.tiers] == [tier.value for tier in found.plan.tiers]
