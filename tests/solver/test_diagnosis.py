"""Diagnoses of counties whose conflicts are known because they were planted."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from rotation.check import check
from rotation.county import County
from rotation.facts import Facts
from rotation.plan import Status
from rotation.policy import Policy, parse_policy
from scenarios.generate import synthetic_county
from solver.diagnosis import Conflict, Diagnosis, apply, diagnose
from solver.formulate import formulate
from solver.index import Index
from solver.options import build_options
from solver.solve import solve
from tests.solver.planted import PLANTS, Element, planted

SINGLE = [((name, size),) for name in PLANTS for size in ((1, 3) if name not in ("couples", "odd_rings") else (1,))]
PAIRS = list(combinations(sorted(PLANTS), 2))
SEVERAL = [tuple((name, 2) for name in pair) for pair in PAIRS[::23]]
SEVERAL += [tuple((name, 1) for name in sorted(PLANTS)[k::7]) for k in range(7)]
CASES = SINGLE + SEVERAL


def named(case: tuple[tuple[str, int], ...]) -> str:
    return "+".join(f"{name}{size}" for name, size in case)


def elements(conflict: Conflict) -> set[Element]:
    return {(member.rule, tuple(member.cell.items())) for member in conflict.members}


def can_hold(county: County, policy: Policy, kept: set[Element]) -> bool:
    """Solved again, by another library and from the start: the policy with nothing but ``kept``."""
    refusing = {"eligibility", "distance", "destination", "preference_floor", "term"}
    rules = tuple(rule for rule in policy.rules if rule.rule not in refusing or (rule.id, ()) in kept)
    if ("decisions", ()) not in kept:
        county = replace(county, decisions=tuple(d for d in county.decisions if d.kind == "require"))
    options = build_options(Index(Facts(county, Policy("kept", rules))))
    program = formulate(options, merge=False)
    always = {("one-placement", ()), ("establishment", ()), ("mentoring", ())}  # rows that define helper columns
    rows = [
        row
        for row, names in enumerate(program.names)
        if any((name.rule, tuple(name.cell.items())) in kept | always for name in names)
    ]
    if not len(program.integer):
        return bool(np.all(program.row_lower[rows] <= 0) and np.all(program.row_upper[rows] >= 0))
    limits = LinearConstraint(program.matrix.tocsr()[rows], program.row_lower[rows], program.row_upper[rows])
    found = milp(
        np.zeros(program.shape[1]),
        integrality=program.integer.astype(int),
        bounds=Bounds(program.lower, program.upper),
        constraints=[limits] if rows else [],
    )
    assert found.status in (0, 2)
    return bool(found.status == 0)


@pytest.fixture(scope="module")
def answers() -> dict[Any, tuple[County, Policy, list[set[Element]], Diagnosis]]:
    return {}


@pytest.fixture
def answer(request: Any, answers: dict[Any, Any]) -> tuple[County, Policy, list[set[Element]], Diagnosis]:
    case = request.param
    if case not in answers:
        county, policy, expected = planted(*case)
        answers[case] = county, policy, expected, diagnose(county, policy, seconds=60)
    found: tuple[County, Policy, list[set[Element]], Diagnosis] = answers[case]
    return found


every_case = pytest.mark.parametrize("answer", CASES, indirect=True, ids=named)


def test_the_suite_has_forty_counties() -> None:
    assert len(CASES) >= 40


@every_case
def test_conflicts_are_those_planted(answer: Any) -> None:
    _, _, expected, diagnosis = answer
    assert diagnosis.status == Status.INFEASIBLE
    assert diagnosis.complete
    found = [elements(conflict) for conflict in diagnosis.conflicts]
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))


@every_case
def test_conflicts_are_irreducible(answer: Any) -> None:
    county, policy, _, diagnosis = answer
    for conflict in diagnosis.conflicts:
        kept = elements(conflict)
        assert not can_hold(county, policy, kept)
        for one in kept:
            assert can_hold(county, policy, kept - {one})


@every_case
def test_every_way_out_leads_to_a_plan(answer: Any) -> None:
    county, policy, _, diagnosis = answer
    assert diagnosis.ways or all(kind in ("decisions", "host_capacity") for kind in _kinds(diagnosis))
    for way in diagnosis.ways:
        changed = parse_policy(apply(way, policy))
        assert changed.digest == way.policy.digest
        assert changed.digest != policy.digest
        assert check(county, changed, way.placements).holds
        assert way.cost > 0 and way.words.zh and way.words.en


def _kinds(diagnosis: Diagnosis) -> set[str]:
    return {member.kind for conflict in diagnosis.conflicts for member in conflict.members}


@pytest.mark.parametrize("answer", CASES[::9], indirect=True, ids=named)
def test_a_changed_policy_solves(answer: Any) -> None:
    county, policy, _, diagnosis = answer
    for way in diagnosis.ways:
        outcome = solve(county, parse_policy(apply(way, policy)))
        assert outcome.plan is not None


# -- a made-up county ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made_up() -> tuple[County, Policy, Diagnosis]:
    """Thirty schools without enough teachers for the villages, and a policy that will have it so."""
    county = synthetic_county(30, 500, seed=3)
    extended = {
        "name": "all villages",
        "extends": "national-2014",
        "rules": [{"rule": "rural_coverage"}],
    }
    policy = parse_policy(extended)
    return county, policy, diagnose(county, policy, ways=False)


def test_large_conflicts_are_irreducible_too(made_up: tuple[County, Policy, Diagnosis]) -> None:
    county, policy, diagnosis = made_up
    assert diagnosis.status == Status.INFEASIBLE and diagnosis.complete
    assert any(len(conflict.members) > 4 for conflict in diagnosis.conflicts)
    for conflict in diagnosis.conflicts[-2:]:
        kept = elements(conflict)
        assert not can_hold(county, policy, kept)
        for one in kept:
            assert can_hold(county, policy, kept - {one})
        for rule, cell in conflict.likewise[:3]:
            first = conflict.members[0]
            swapped = kept - {(first.rule, tuple(first.cell.items()))} | {(rule, tuple(cell.items()))}
            assert not can_hold(county, policy, swapped)


def test_a_soft_rule_falls_short_for_the_same_reasons(made_up: tuple[County, Policy, Diagnosis]) -> None:
    county, policy, hard = made_up
    rules = tuple(
        rule.model_copy(update={"priority": 1}) if rule.rule == "rural_coverage" else rule for rule in policy.rules
    )
    soft = diagnose(county, replace(policy, rules=rules))
    assert soft.status == Status.FEASIBLE and not soft.conflicts and not soft.ways
    assert {shortfall.rule for shortfall in soft.shortfalls} == {"rural_coverage"}
    assert [elements(s.conflict) for s in soft.shortfalls] == [elements(conflict) for conflict in hard.conflicts]


def test_a_feasible_county_has_no_conflict() -> None:
    county, policy, _ = planted()
    diagnosis = diagnose(county, policy)
    assert diagnosis.status == Status.FEASIBLE
    assert not diagnosis.conflicts and not diagnosis.ways and not diagnosis.shortfalls


def test_time_that_runs_out_is_said(made_up: tuple[County, Policy, Diagnosis]) -> None:
    county, policy, _ = made_up
    diagnosis = diagnose(county, policy, seconds=1e-6)
    assert diagnosis.status == Status.UNKNOWN and not diagnosis.complete
    stopped = diagnose(county, policy, should_stop=lambda: True)
    assert stopped.status == Status.UNKNOWN


def test_the_least_change_is_the_least(answers: dict[Any, Any]) -> None:
    """The kilometre limit rises to what the nearest teacher needs and no further."""
    county, policy, _ = planted(("too_far", 3))
    ways = diagnose(county, policy).ways
    (change,) = next(way for way in ways if way.kind == "number" and way.changes[0].rule == "distance").changes
    assert (change.parameter, change.before, change.after) == ("max_km", 30, 35)
    stricter = [r.model_copy(update={"max_km": 34}) if r.rule == "distance" else r for r in policy.rules]
    assert solve(county, replace(policy, rules=tuple(stricter))).plan is None
