"""Chains by brute force: drop them, ask the checker, and nothing but the shown minimum counts may fall short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import pytest
from tiny import Shape
from tiny import county as tiny_county

from rotation.check import check
from rotation.county import County, Decision
from rotation.faults import InputError
from rotation.plan import Placement
from rotation.policy import Policy, load_policy, parse_policy, preset_names
from scenarios.samples import sample_for
from solver.chains import MINIMA, Chain, chains
from solver.outcome import SolveOptions
from solver.solve import solve

ONE = SolveOptions(workers=1)


def planned(county: County, policy: Policy) -> tuple[Placement, ...] | None:
    outcome = solve(county, policy, ONE)
    return None if outcome.plan is None else outcome.plan.placements


def left(placements: Iterable[Placement], refused: Iterable[Chain]) -> list[Placement]:
    gone = {placement.teacher for chain in refused for placement in chain.placements}
    return [placement for placement in placements if placement.teacher not in gone]


@pytest.mark.parametrize("preset", preset_names())
def test_every_chain_of_every_preset_may_be_refused(preset: str) -> None:
    county, policy = sample_for(preset), load_policy(preset)
    placements = planned(county, policy)
    assert placements
    found = chains(county, policy, placements)
    assert sorted(p.teacher for chain in found for p in chain.placements) == sorted(p.teacher for p in placements)
    for chain in found:
        report = check(county, policy, left(placements, [chain]))
        shown: dict[str, Any] = {}
        for short in chain.shortfalls:
            shown[short.rule] = shown.get(short.rule, 0) + short.shortfall
        assert {rule.id: rule.shortfall for rule in report.broken} == shown
    dice = Random(1)
    for _ in range(5):
        refused = dice.sample(found, dice.randint(2, len(found)))
        kinds = {rule.rule for rule in check(county, policy, left(placements, refused)).broken}
        assert kinds <= MINIMA


# What can tie placements to each other, one or two at a time, on counties small enough to refuse every set of chains.
TIES: dict[str, list[dict[str, Any]]] = {
    "posts": [{"rule": "release"}, {"rule": "host_capacity"}],
    "pairs": [{"rule": "equal_exchange"}],
    "groups": [{"rule": "equal_exchange", "per": "group", "tolerance": 1}, {"rule": "host_capacity"}],
    "subjects": [{"rule": "equal_exchange", "per": "school", "by_subject": True}],
    "fair": [{"rule": "fair_senders", "tolerance": 0.05}],
    "stagger": [{"rule": "term", "years": [1, 2], "end_share_max": 0.5, "end_share_from": 2}],
    "couples": [{"rule": "spouses", "max_moved": 0, "max_km_apart": 12}],
    "places": [{"rule": "establishment", "per_site": 1, "core_per_member": 0, "member": 1}],
    "circuits": [{"rule": "itinerant", "max_km_between": 40}, {"rule": "release"}, {"rule": "host_capacity"}],
    "all": [
        {"rule": "release"}, {"rule": "host_capacity"}, {"rule": "equal_exchange", "per": "group", "tolerance": 1},
        {"rule": "term", "years": [1, 2], "end_share_max": 0.5, "end_share_from": 2},
    ],
}  # fmt: skip


def cases(ties: str) -> Iterator[tuple[County, Policy, tuple[Placement, ...]]]:
    eligibility = {"rule": "eligibility", "min_years_at_school": 0}
    flows = [{"mode": "secondment"}, {"mode": "itinerant"}] if ties == "circuits" else []
    rules = [eligibility, {"rule": "destination", "flows": flows}, *TIES[ties]]
    objectives = [{"objective": "tenure", "priority": 1}]
    policy = parse_policy({"name": ties, "rules": rules, "objectives": objectives})
    for seed in range(4 if ties == "circuits" else 14):
        shape = Shape(teachers=9, away=0, couples=ties == "couples", small=ties == "circuits")
        try:
            county = tiny_county(seed, shape)
            placements = planned(county, policy)
        except InputError:
            continue
        if placements:
            yield county, policy, placements


@pytest.mark.parametrize("ties", TIES)
def test_any_set_of_chains_may_be_refused(ties: str) -> None:
    tied = free = 0
    for county, policy, placements in cases(ties):
        found = chains(county, policy, placements)
        tied += any(len(chain.placements) > 1 for chain in found)
        free += len(found) > 1
        for size in range(1, min(len(found), 6) + 1):
            for refused in combinations(found[:6], size):
                broken = check(county, policy, left(placements, refused)).broken
                assert not broken, (ties, [rule.id for rule in broken])
    assert tied and free


@pytest.mark.parametrize("ties", ["posts", "pairs", "fair", "stagger", "couples"])
def test_chains_are_needed(ties: str) -> None:
    """Without them a single placement could not always be refused: the ties are real."""
    broken = 0
    for county, policy, placements in cases(ties):
        for placement in placements:
            rest = [other for other in placements if other is not placement]
            broken += not check(county, policy, rest).holds
    assert broken


def test_a_required_placement_is_shown() -> None:
    county, policy = sample_for("national-2014"), load_policy("national-2014")
    first = planned(county, policy)
    assert first
    decided = replace(county, decisions=(Decision(first[0].teacher, "require", first[0].host),))
    placements = planned(decided, policy)
    assert placements
    found = [chain for chain in chains(decided, policy, placements) if chain.decided]
    assert len(found) == 1 and "decisions" in [short.rule for short in found[0].shortfalls]


def test_a_chain_reads_along_the_way() -> None:
    county, policy = sample_for("town-ring"), load_policy("town-ring")
    placements = planned(county, policy)
    assert placements
    for chain in chains(county, policy, placements):
        if chain.is_cycle and len(chain.placements) == 2:
            one, other = chain.placements
            assert other.home in one.hosts and one.home in other.hosts
