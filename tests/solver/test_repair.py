"""Repairs against a solve from scratch that is asked to stay close to the plan, and alternatives against their definition."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from rotation.check import check
from rotation.county import County, Decision
from rotation.faults import InputError
from rotation.plan import Plan
from rotation.policy import Policy, load_policy, parse_policy
from scenarios.generate import sample_county
from solver.alternatives import alternatives
from solver.outcome import SolveOptions
from solver.planned import Planned
from solver.repair import repairs
from solver.solve import solve

EXACT = SolveOptions(gap=0.0, workers=1)


@pytest.fixture(scope="module")
def planned() -> Planned:
    county, policy = sample_county(), load_policy("national-2014")
    plan = solve(county, policy, EXACT).plan
    assert plan is not None
    return Planned(county, policy, plan)


def closest_first(policy: Policy) -> Policy:
    """The same policy with a first tier that counts whom it disturbs."""
    document = policy.to_document()
    for part in (*document["rules"], *document["objectives"]):
        if isinstance(part.get("priority"), int):
            part["priority"] += 1
    document["objectives"].append({"objective": "stability", "priority": 1})
    return parse_policy(document)


def from_scratch(county: County, policy: Policy, plan: Plan, decisions: list[Decision]) -> tuple[float, ...] | None:
    baseline = {placement.teacher: placement for placement in plan.placements}
    asked = SolveOptions(gap=0.0, workers=1, baseline=baseline)
    try:
        made = solve(replace(county, decisions=tuple(decisions)), closest_first(policy), asked).plan
    except InputError:
        return None
    return None if made is None else tuple(round(tier.value, 3) for tier in made.tiers)


def test_the_first_repair_is_the_best(planned: Planned) -> None:
    dice = Random(4)
    for size in (1, 1, 2, 3, 5):
        chosen = dice.sample(planned.plan.placements, size)
        exempt, forbid = chosen[: size // 2 + 1], chosen[size // 2 + 1 :]
        found = repairs(planned, [p.teacher for p in exempt], [(p.teacher, p.host) for p in forbid], most=1)
        decisions = [Decision(p.teacher, "forbid") for p in exempt]
        decisions += [Decision(p.teacher, "forbid", p.host) for p in forbid]
        wanted = from_scratch(planned.county, planned.policy, planned.plan, decisions)
        if wanted is None:
            assert not found
            continue
        assert found[0].price.proved
        values = tuple(round(float(tier.value), 3) for tier in found[0].price.tiers)
        assert (len(found[0].changes), *values) == wanted


def test_further_repairs_are_others_and_no_better(planned: Planned) -> None:
    placement = planned.plan.placements[3]
    found = repairs(planned, [placement.teacher], most=4)
    assert len(found) > 1
    keys = [(len(one.changes), *(tier.value for tier in one.price.tiers)) for one in found]
    assert keys == sorted(keys)
    news = [{(c.teacher, c.after) for c in one.changes if c.after is not None} for one in found]
    assert all(not one <= other for one, other in combinations(news, 2) if one)
    for repair in found:
        assert repair.disturbed == len(repair.changes) - 1
        assert all(change.after is None for change in repair.changes if change.teacher == placement.teacher)


def test_unknown_people_are_refused(planned: Planned) -> None:
    with pytest.raises(InputError) as unknown:
        repairs(planned, ["nobody"], [("T0001", "nowhere")])
    assert len(unknown.value.faults) >= 2


def test_alternatives_are_near_checked_and_apart(planned: Planned) -> None:
    loss = 0.05
    found = alternatives(planned, most=3, loss=loss, seconds=6)
    assert len(found) == 3
    best = {tier.priority: tier.value for tier in planned.plan.tiers}
    plans = [planned.plan, *(one.plan for one in found)]
    for one in found:
        assert check(planned.county, planned.policy, one.plan.placements).holds
        for tier in one.plan.tiers:
            assert tier.value <= best[tier.priority] + loss * max(1.0, abs(best[tier.priority])) + 1e-9

    def apart(one: Plan, other: Plan) -> int:
        placed = [{p.teacher: (p.hosts, p.subject) for p in plan.placements} for plan in (one, other)]
        return sum(placed[0].get(t) != placed[1].get(t) for t in {*placed[0], *placed[1]})

    for number, one in enumerate(found, 1):
        assert one.differs == min(apart(one.plan, other) for other in plans[:number]) > 0
        assert one.differs <= one.bound
    assert found[0].differs >= found[-1].differs


def test_no_loss_and_nothing_else(planned: Planned) -> None:
    """With no loss allowed there may be other optima, but never a worse plan."""
    for one in alternatives(planned, most=2, loss=0.0, seconds=10):
        assert [tier.value for tier in one.plan.tiers] == pytest.approx([tier.value for tier in planned.plan.tiers])
