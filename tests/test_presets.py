"""The thirteen presets: each loads, is solved to the end on its sample, passes the checker, and its numbers bind."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest

from rotation.check import check
from rotation.county import County
from rotation.faults import InputError
from rotation.plan import Plan, Status
from rotation.policy import PRESETS, Policy, load_policy, preset_names
from rotation.policy_review import review
from rotation.rules.group_shape import GroupShape
from scenarios.samples import sample_for
from solver.solve import solve

BINDING = {
    "national-2014": ["urban-ten-percent", "backbone_quota", "rural_coverage"],
    "handan-close": ["backbone_support", "eligibility"],
    "handan-semi": ["backbone_support"],
    "handan-loose": ["itinerant", "destination"],
    "libo": ["backbone_support", "equal_exchange", "destination"],
    "linzi": ["core-ten-percent", "members-ten-percent", "destination"],
    "kaihua": ["mentoring"],
    "county-1plus3": ["backbone_support", "eligibility"],
    "zhangdian": ["rotation_quota", "destination"],
    "yuzhong": ["term", "destination"],
    "chengzhong": ["release", "destination", "equal_exchange"],
    "beijing-xicheng": ["establishment", "destination"],
    "town-ring": ["equal_exchange", "destination"],
}
"""Preset → the rules (by id, or all of a kind) without which its sample has another plan; ``group_shape``, a check on the data, has its own test."""

SHAPED = ("handan-close", "linzi", "county-1plus3", "zhangdian")


@cache
def case(preset: str) -> tuple[County, Policy]:
    return sample_for(preset), load_policy(preset)


@cache
def solved(preset: str, *without: str) -> Plan:
    county, policy = case(preset)
    policy = replace(policy, rules=tuple(rule for rule in policy.rules if not {rule.id, rule.rule} & set(without)))
    outcome = solve(county, policy)
    assert outcome.status == Status.OPTIMAL, outcome.message.en
    assert outcome.plan is not None
    return outcome.plan


def values(preset: str, plan: Plan) -> list[Fraction]:
    """Every tier of the preset on ``plan``, by the checker."""
    county, policy = case(preset)
    return [Fraction(value) for value in check(county, policy, plan.placements).values.values()]


def test_these_are_all_thirteen() -> None:
    assert sorted(BINDING) == preset_names() and len(BINDING) == 13


@pytest.mark.parametrize("preset", BINDING)
def test_a_preset_loads_and_says_where_its_numbers_come_from(preset: str) -> None:
    county, policy = case(preset)
    assert policy.name == preset and policy.source
    assert review(policy, county) == ()
    lines = (PRESETS / f"{preset}.toml").read_text(encoding="utf-8").splitlines()
    said = False
    for line in lines:
        if line.startswith("[["):
            said = line == "[[objectives]]"
        said |= line.startswith("#")
        has_number = re.search(r"[=\[ ]\d", line) and not line.startswith(("#", "priority"))
        assert said or not has_number, f"no source beside: {line}"


@pytest.mark.parametrize("preset", BINDING)
def test_a_preset_is_solved_to_the_end_and_passes_the_checker(preset: str) -> None:
    county, policy = case(preset)
    plan = solved(preset)
    report = check(county, policy, plan.placements)
    assert report.broken == ()
    assert plan.placements
    assert [tier.value for tier in plan.tiers] == [float(value) for value in report.values.values()]
    assert all(tier.proved and tier.bound == pytest.approx(tier.value, rel=0.001) for tier in plan.tiers)


@pytest.mark.parametrize(("preset", "rule"), [(preset, rule) for preset, rules in BINDING.items() for rule in rules])
def test_without_its_rule_the_best_plan_is_another(preset: str, rule: str) -> None:
    """Either the plan breaks the rule then, or (a soft rule, or one that gives room) some tier ends elsewhere."""
    county, policy = case(preset)
    other = solved(preset, rule)
    reports = check(county, policy, other.placements).rules
    broken = {name for report in reports if not report.holds for name in (report.id, report.rule)}
    assert rule in broken or values(preset, other) != values(preset, solved(preset))


@pytest.mark.parametrize("preset", SHAPED)
def test_groups_of_another_shape_are_refused(preset: str) -> None:
    county, policy = case(preset)
    (rule,) = (rule for rule in policy.rules if isinstance(rule, GroupShape))
    largest = max(county.schools_of_group.values(), key=len)
    group = largest[0].group
    if rule.max_members is not None:
        stray = replace(largest[-1], id="STRAY", group_role="member")
        variant = replace(county, schools=(*county.schools, stray))
        code = "too_many_members"
    else:
        grown = tuple(replace(s, classes=rule.small_classes + 1) if s.group == group else s for s in county.schools)
        variant = replace(county, schools=grown)
        code = "too_few_small_rural"
    with pytest.raises(InputError) as refused:
        solve(variant, policy)
    assert [(fault.row, fault.code) for fault in refused.value.faults] == [(group, code)]


def test_libo_sends_three_to_each_weak_branch_and_gets_as_many_back() -> None:
    county, _ = case("libo")
    plan = solved("libo")
    for branch in (school for school in county.schools if school.weak):
        to = [p for p in plan.placements if p.host == branch.id]
        back = [p for p in plan.placements if p.home == branch.id]
        assert len(to) == len(back) == 3
        assert {p.mode for p in to} == {"secondment"} and {p.mode for p in back} == {"attachment"}


def test_kaihua_reaches_every_member_with_or_without_the_pairs() -> None:
    """Two pairs at every member bring somebody to every member; where there are no pairs, the support does."""
    county, _ = case("kaihua")
    members = {school.id for school in county.schools if school.group_role == "member"}
    for plan in (solved("kaihua"), solved("kaihua", "mentoring")):
        assert {placement.host for placement in plan.placements} == members
    assert solved("kaihua", "mentoring", "backbone_support").placements == ()


def test_chengzhong_crosses_the_border_both_ways() -> None:
    county, _ = case("chengzhong")
    assert {group.partner for group in county.groups} == {"邻县"}
    ways = {(county.school[p.home].weak, county.school[p.host].weak, p.mode) for p in solved("chengzhong").placements}
    assert ways == {(False, True, "secondment"), (True, False, "attachment")}


def test_handan_loose_shares_teachers_between_neighbours() -> None:
    circuits = [placement for placement in solved("handan-loose").placements if placement.is_circuit]
    assert circuits and all(2 <= len(placement.hosts) <= 3 for placement in circuits)


def test_yuzhong_terms_are_one_year() -> None:
    assert {placement.years for placement in solved("yuzhong").placements} == {1}


def test_xicheng_fills_one_more_place_at_every_member() -> None:
    county, _ = case("beijing-xicheng")
    taken = [placement.host for placement in solved("beijing-xicheng").placements]
    members = [school.id for school in county.schools if school.group_role == "member"]
    assert sorted(host for host in taken if host in members) == sorted(members)
