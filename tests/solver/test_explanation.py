"""Prices of explanations against solves from scratch with the choice forced by a row of the decisions table."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import replace
from pathlib import Path

import pytest

from rotation.county import County, Decision
from rotation.faults import InputError
from rotation.plan import Plan
from rotation.policy import Policy, load_policy, parse_policy
from scenarios.generate import county_for_schools, sample_county
from solver.explanation import Explainer, explain
from solver.explanation.answers import Alternative, TeacherExplanation
from solver.outcome import SolveOptions
from solver.prices import document
from solver.solve import solve

SCHOOLS = Path(__file__).parents[3] / "shared/data/taiwan-primary/schools.csv"
EXACT = SolveOptions(gap=0.0, workers=1)
Case = tuple[County, Policy, Plan, Explainer]


def _case(county: County, policy: Policy) -> Case:
    plan = solve(county, policy, EXACT).plan
    assert plan is not None
    return county, policy, plan, Explainer(county, policy, plan)


@pytest.fixture(scope="module")
def sample() -> Case:
    return _case(sample_county(), load_policy("national-2014"))


@pytest.fixture(scope="module")
def nantou() -> Case:
    if not SCHOOLS.exists():
        pytest.skip("the real school list is not beside the repository")
    return _case(county_for_schools(SCHOOLS, 1, county="南投縣"), load_policy("national-2014"))


def from_scratch(case: Case, decision: Decision) -> tuple[float, ...] | None:
    county, policy, _, _ = case
    try:
        plan = solve(replace(county, decisions=(*county.decisions, decision)), policy, EXACT).plan
    except InputError:
        return None
    return None if plan is None else tuple(round(tier.value, 3) for tier in plan.tiers)


def values(alternative: Alternative) -> tuple[float, ...] | None:
    if alternative.price is None:
        return None
    assert alternative.price.proved
    return tuple(round(float(tier.value), 3) for tier in alternative.price.tiers)


def compare(case: Case, found: TeacherExplanation, hosts: int) -> int:
    asked = [(one, Decision(found.teacher, "forbid")) for one in (found.stay,) if one]
    asked += [(one, Decision(found.teacher, "require")) for one in (found.move,) if one]
    asked += [(one, Decision(found.teacher, "require", one.hosts[0])) for one in found.alternatives[:hosts]]
    for alternative, decision in asked:
        assert values(alternative) == from_scratch(case, decision), decision
    return len(asked)


def test_prices_are_those_of_a_solve_from_scratch(sample: Case) -> None:
    county, _, plan, explainer = sample
    people = [teacher.id for teacher in county.teachers if teacher.id not in explainer.facts.ineligible]
    moved = [placement.teacher for placement in plan.placements]
    chosen = [*random.Random(3).sample(moved, 8), *random.Random(3).sample(people, 12)]
    assert sum(compare(sample, explainer.teacher(teacher), 2) for teacher in chosen) > 30


@pytest.mark.real_data
def test_real_schools_agree_too(nantou: Case) -> None:
    county, _, _, explainer = nantou
    found = [explainer.teacher(teacher.id) for teacher in random.Random(5).sample(county.teachers, 20)]
    assert sum(compare(nantou, one, 1) for one in found) >= 6


@pytest.mark.real_data
def test_an_explanation_takes_less_than_a_tenth_of_a_solve(nantou: Case) -> None:
    county, policy, _, explainer = nantou
    explainer.teacher(county.teachers[0].id)
    started = time.process_time()
    solve(county, policy, EXACT)
    whole = time.process_time() - started
    seconds = []
    for teacher in random.Random(1).sample(county.teachers, 40):
        started = time.process_time()
        explainer.teacher(teacher.id)
        seconds.append(time.process_time() - started)
    assert statistics.median(seconds) < whole / 10


def test_bounds_hold(sample: Case) -> None:
    """What is only bounded costs at least the bound, and the cheapest few are the ones that were solved."""
    _, _, plan, explainer = sample
    checked = 0
    for placement in random.Random(2).sample(plan.placements, 6):
        found = explainer.teacher(placement.teacher, alternatives=1)
        for other in found.others[:3]:
            exact = explainer.at(placement.teacher, other.hosts[0])
            assert isinstance(exact, Alternative)
            if exact.price is None or not other.at_least:
                continue
            prices = {tier.priority: tier.price for tier in exact.price.tiers}
            first = other.at_least[0][0]
            least = [dict(other.at_least).get(p, 0) for p in sorted(prices) if p <= other.at_least[-1][0]]
            assert [prices[p] for p in sorted(prices) if p <= other.at_least[-1][0]] >= least, (first, other)
            checked += 1
    assert checked > 5


def test_who_goes_instead_is_a_plan(sample: Case) -> None:
    """The plan with the changes made is the one that was priced: as many places, and the person stays."""
    _, _, plan, explainer = sample
    for placement in plan.placements[:5]:
        stay = explainer.teacher(placement.teacher).stay
        assert stay is not None and stay.price is not None
        assert stay.instead[0].teacher == placement.teacher and stay.instead[0].after is None
        moves = next(tier for tier in stay.price.tiers if tier.name == "moves")
        assert moves.price == sum((c.after is not None) - (c.before is not None) for c in stay.instead)


def test_who_is_excluded_hears_the_rule(sample: Case) -> None:
    explainer = sample[3]
    for teacher, (rule, code) in list(explainer.facts.ineligible.items())[:50]:
        found = explainer.teacher(teacher)
        assert found.placement is None and found.move is None
        assert (rule, code) in [(reason.rule, reason.code) for reason in found.excluded]
    with pytest.raises(InputError) as unknown:
        explainer.teacher("nobody")
    assert unknown.value.faults[0].code == "unknown_reference"


def test_a_forbidden_and_a_required_teacher(sample: Case) -> None:
    county, policy, plan, _ = sample
    mover = plan.placements[0]
    stayer = next(t.id for t in county.teachers if t.id not in {p.teacher for p in plan.placements})
    decided = replace(county, decisions=(Decision(mover.teacher, "require", mover.host), Decision(stayer, "forbid")))
    made = solve(decided, policy, EXACT).plan
    assert made is not None
    explainer = Explainer(decided, policy, made)
    required, forbidden = explainer.teacher(mover.teacher), explainer.teacher(stayer)
    assert required.decided and required.stay is not None and required.stay.price is None
    assert "decisions" in [reason.rule for reason in forbidden.excluded]


def test_a_school(sample: Case) -> None:
    county, _, plan, explainer = sample
    host = next(p.host for p in plan.placements if county.school[p.host].is_rural)
    found = explainer.school(host)
    assert {p.teacher for p, _ in found.arrivals} == {p.teacher for p in plan.placements if p.host == host}
    assert any(one.rule == "rural_coverage" for _, served in found.arrivals for one in served)
    for post in found.posts:
        assert post.after == post.before - len(post.departures) + len(post.arrivals)
        if post.more is not None and post.more.price is not None:
            arrived = sum(change.after == (host,) and change.subject == post.subject for change in post.more.instead)
            left = sum(change.before == (host,) for change in post.more.instead)
            assert arrived - left >= 1 or arrived >= 1
            assert post.more.price.first is not None


def test_stagger_is_kept_in_what_is_priced() -> None:
    """Where one-year people crowd a host, a priced choice still has terms for everybody."""
    county = sample_county()
    document_ = load_policy("national-2014").to_document()
    for rule in document_["rules"]:
        if rule["rule"] == "term":
            rule |= {"end_share_max": 0.5, "end_share_from": 2, "retirement_age_female": 55, "retirement_age_male": 60}
    case = _case(county, parse_policy(document_))
    _, _, plan, explainer = case
    assert sum(compare(case, explainer.teacher(p.teacher), 1) for p in plan.placements[:4]) >= 4


def test_one_call_and_its_document(sample: Case) -> None:
    county, policy, plan, explainer = sample
    teacher = plan.placements[0].teacher
    found = explain(county, policy, plan, teacher, alternatives=1)
    assert document(found) == document(explainer.teacher(teacher, alternatives=1))
    assert document(found)["stay"]["price"]["tiers"][0].keys() == {"priority", "name", "plan", "value", "price"}


def test_a_plan_that_breaks_a_rule_is_not_explained(sample: Case) -> None:
    county, policy, plan, _ = sample
    with pytest.raises(InputError) as broken:
        Explainer(county, policy, replace(plan, placements=plan.placements[:3]))
    assert broken.value.faults[0].code == "plan_breaks_rules"
