"""The whole solver against trying everything: random policies of several rules on tiny counties.

The best plan, tier after tier, among all those that the checker accepts is what ``solve`` must find and prove. Where it
accepts none, ``solve`` must say *infeasible* (or name a decision that cannot be met); anything else, an exception,
*failed* or *unknown*, fails the test.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from agreement import truth
from tiny import Shape, baseline, county
from tried import SETTINGS, Case

from rotation.faults import InputError
from rotation.plan import Status
from rotation.policy import OBJECTIVE_KINDS, RULE_KINDS, parse_policy
from solver.outcome import SolveOptions
from solver.solve import solve

SEEDS = range(44)
OBJECTIVES = tuple(kind for kind in OBJECTIVE_KINDS if kind != "subsidy")
# A circuit that breaks its own rule is no option, so a soft `itinerant` has nothing to weigh.
CAN_BE_SOFT = {kind for kind, rule in RULE_KINDS.items() if not rule.always_must} - {"itinerant", "group_shape"}


@cache
def random_case(seed: int) -> Case:
    """Two to five kinds of rules, some of them soft, and one to three objectives, in tiers of their own or shared."""
    dice = Random(seed)
    documents: list[dict[str, Any]] = []
    shapes: list[Shape] = []
    for kind in dice.sample(sorted(SETTINGS), dice.randrange(2, 6)):
        shape, listed = dice.choice(SETTINGS[kind])
        shapes.append(shape)
        documents += [{"rule": kind, **document} for document in listed]
    for number, document in enumerate(documents):
        document["id"] = f"r{number}"
        if document["rule"] in CAN_BE_SOFT and dice.random() < 0.5:
            document |= {"priority": dice.choice((1, 2)), "weight": dice.choice((1.0, 0.7, 3.0))}
    objectives = [
        {"objective": kind, "priority": dice.choice((1, 2, 3)), "weight": dice.choice((1.0, 0.3, 0.004))}
        for kind in dice.sample(OBJECTIVES, dice.choice((1, 2, 3)))
    ]
    staggers = any(document.get("end_share_max") is not None for document in documents)
    vary_years = staggers or any(part["objective"] == "stability" for part in objectives)
    many = vary_years or any(document["rule"] == "itinerant" or "flows" in document for document in documents)
    shape = replace(
        dice.choice(shapes), teachers=3 if many else 4, couples=not many, decisions=dice.choice((0, 0, 1))
    )  # fmt: skip
    data = county(5000 + seed, shape)
    policy = parse_policy({"name": "random", "rules": documents, "objectives": objectives})
    return Case(f"random-{seed}", "", data, policy, vary_years, baseline(data, seed), complete=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_solve_finds_and_proves_the_best_of_all_plans(seed: int) -> None:
    case = random_case(seed)
    values = [value for value in truth(case).values if value is not None]
    try:
        outcome = solve(case.county, case.policy, SolveOptions(gap=1e-5, workers=2, baseline=case.baseline))
    except InputError as error:
        assert {fault.code for fault in error.faults} == {"decision_breaks_rule"}
        assert not values
        return
    if not values:
        assert outcome.status is Status.INFEASIBLE
        return
    assert outcome.status is Status.OPTIMAL, outcome.message
    assert outcome.plan is not None
    assert [tier.value for tier in outcome.plan.tiers] == pytest.approx([float(v) for v in min(values)], abs=1e-4)


def test_both_verdicts_are_tried() -> None:
    plans = [any(value is not None for value in truth(random_case(seed)).values) for seed in SEEDS]
    assert set(plans) == {True, False}
