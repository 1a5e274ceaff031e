"""Every rule and objective: on tiny counties, checker and twin give the same verdict on every plan."""

import pytest
from agreement import compare, options_of, truth
from tried import SETTINGS, tiny_counties, tiny_objectives

from rotation.policy import OBJECTIVE_KINDS, RULE_KINDS
from solver.encoding import TWINS

WITHOUT_TWIN = {"group_shape": "a check on the data: no plan keeps or breaks it"}
KINDS = tuple(RULE_KINDS)
WITHOUT_SHORTFALL = {
    "eligibility",
    "qualification",
    "destination",
    "distance",
    "preference_floor",
    "itinerant",
    *WITHOUT_TWIN,
}
"""Rules that only refuse: plans are made of what they allow, and what they refuse is compared placement by placement."""


@pytest.mark.parametrize("kind", KINDS)
def test_checker_and_twin_agree(kind: str) -> None:
    for case in tiny_counties(kind):
        compare(case)


@pytest.mark.parametrize("kind", ["release", "host_capacity", "rural_coverage", "establishment"])
def test_rows_about_posts_agree_unmerged_too(kind: str) -> None:
    for case in tiny_counties(kind):
        compare(case, merge=False)


@pytest.mark.parametrize(
    "kind", ["eligibility", "destination", "qualification", "distance", "term", "preference_floor"]
)
def test_what_is_refused_has_a_reason_and_what_is_allowed_has_none(kind: str) -> None:
    for case in tiny_counties(kind):
        options = options_of(case)
        assert options is not None
        for (teacher, hosts, subject, mode), years in truth(case).allowed.items():
            if len(hosts) == 1:
                (host,) = hosts
                reasons = options.why_not(teacher, host, subject, mode)
                assert bool(reasons) != bool(years), (case.name, teacher, host, subject, mode, reasons)


@pytest.mark.parametrize("kind", OBJECTIVE_KINDS)
def test_objective_and_cost_agree(kind: str) -> None:
    for case in tiny_objectives(kind):
        compare(case)


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_is_tried_where_it_matters(kind: str) -> None:
    """The plans tried keep the rule and break it; the placements tried are allowed and refused."""
    cases = tiny_counties(kind)
    assert cases, "no tiny county tries this rule"
    if kind in WITHOUT_SHORTFALL:
        allowed = {bool(years) for case in cases for years in truth(case).allowed.values()}
        assert allowed == {True, False}
    else:
        shortfalls = {shortfall for case in cases for shortfall in truth(case).measures}
        assert 0 in shortfalls and len(shortfalls) > 1


def test_every_rule_has_a_twin_or_says_why_not() -> None:
    assert set(KINDS) == set(TWINS) | (set(WITHOUT_TWIN) & set(KINDS))
    assert set(KINDS) <= set(SETTINGS)
