"""What the agreement tests try: for every kind of rule and objective, its parameters on tiny counties.

Where a new rule joins the catalogue, it needs a line in ``SETTINGS`` here and one in ``test_mutation.MUTATIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tiny import Shape, baseline, county

from rotation.county import County
from rotation.plan import Placement
from rotation.policy import RULE_KINDS, Policy, parse_policy

Document = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Case:
    """One county under one policy. ``vary_years``: the plans are told apart by their years too; ``complete``: every plan
    is tried, however many there are.
    """

    name: str
    kind: str
    county: County
    policy: Policy
    vary_years: bool = False
    baseline: Mapping[str, Placement] = field(default_factory=dict)
    complete: bool = False


CIRCUITS = {"rule": "itinerant", "max_km_between": 12}
MEMBERS = {"group_role": ["member"]}
FLOWS = [
    {"from": {"area": ["urban"]}, "to": {"area": ["rural", "teaching_point"]}, "max_km": 20},
    {"from": {"group_role": ["member"]}, "to": {"group_role": ["core"]}, "mode": "attachment"},
    {"from": {"weak": [False]}},
]
BANDS = [[4, 1000], [8, 2500.5], [12, 4000]]

Setting = tuple[Shape, list[Document]]


def _each(*documents: Document, **shape: Any) -> list[Setting]:
    """Every document a policy of its own, on counties of one shape."""
    return [(Shape(**shape), [document]) for document in documents]


def _all(*documents: Document, **shape: Any) -> list[Setting]:
    """The documents together as one policy."""
    return [(Shape(**shape), list(documents))]


SETTINGS: dict[str, list[Setting]] = {
    "eligibility": [
        *_each(
            {"min_years_at_school": 6},
            {"min_years_at_school": 6, "volunteers_skip_tenure": False, "exempt": ["pregnant", "sole_carer"]},
            {"min_years_at_school": 0, "max_age_female": 54, "max_age_male": 55},
            {"min_years_at_school": 0, "roles": ["teacher"], "min_title": "second"},
            {"min_years_at_school": 0, "cooldown_years": 2},
            {"min_years_at_school": 3, "volunteers_only": True, "where": {"area": ["urban"]}},
        ),
        *_all(
            {"min_years_at_school": 0, "min_years_to_retirement": 3},
            {"rule": "term", "retirement_age_female": 58, "retirement_age_male": 60},
        ),
        *_all(
            {"min_years_at_school": 4, "where": {"school": ["S0"]}},
            {"rule": "eligibility", "id": "other", "min_years_at_school": 2, "where": {"area": ["urban", "town"]}},
        ),
    ],
    "destination": _each(
        {"within": "group"},
        {"within": "township"},
        {"flows": FLOWS},
        {"flows": FLOWS[:2], "where": {"school": ["S0", "S1"]}},
        {"flows": FLOWS, "within": "group"},
        lost=True,
    ),
    "qualification": [(Shape(), []), (Shape(teachers=3, away=2), [])],
    "distance": [
        *_each(
            {"max_km": 7.5},
            {"max_km": 9, "respect_personal": False, "detour": 1.0},
            {"max_minutes": 40},
            {"max_km": 6, "where": {"area": ["rural"]}, "from": {"area": ["urban"]}},
            {},
            lost=True,
        ),
        *_all({"max_km": 5}, {"rule": "destination", "flows": FLOWS}),
        *_all({"max_km": 8}, {"rule": "distance", "id": "near", "max_km": 5, "where": {"area": ["town"]}}),
    ],
    "term": [
        *_each(
            {"years": [1, 2], "rural_min_years": 2},
            {"years": [3]},
            {"years": [1, 3], "rural_min_years": 2, "where": {"area": ["rural", "teaching_point"]}},
            {"retirement_age_female": 57, "retirement_age_male": 60},
            {"retirement_age_female": 57, "retirement_age_male": 60, "from": {"area": ["urban"]}},
        ),
        *_all(
            {
                "years": [1, 2],
                "retirement_age_female": 57,
                "retirement_age_male": 60,
                "end_share_max": 0.5,
                "end_share_from": 2,
            },
        ),
        *_all({"end_share_max": 0.4, "end_share_from": 2, "retirement_age_female": 55, "retirement_age_male": 55}),
        *_all({"years": [1, 2], "end_share_max": 0.0, "end_share_from": 3, "rural_min_years": 2}),
        *_all(
            {"end_share_max": 0.5, "end_share_from": 2},
            {"rule": "term", "id": "short", "years": [1], "from": {"area": ["urban"]}},
            {"rule": "term", "id": "old", "retirement_age_female": 57, "retirement_age_male": 57},
        ),
    ],
    "decisions": [
        *((Shape(decisions=number), []) for number in (1, 2, 3)),
        *_all({}, {"rule": "preference_floor"}, decisions=2),
        *_all({}, {"rule": "distance", "max_km": 6}, decisions=2),
        *_all({}, CIRCUITS, decisions=2, teachers=3, small=True),
    ],
    "preference_floor": [
        *_each({}, {"where": {"area": ["rural", "teaching_point"]}}),
        *_all({}, CIRCUITS, teachers=3, small=True),
    ],
    "rotation_quota": _each(
        {},
        {"share_min": 0.5, "per": ["school"]},
        {"share_min": 0.34, "share_max": 0.67, "of": "staff", "per": ["level"]},
        {"count_min": 1, "count_max": 2, "share_max": 0.6, "per": ["group"]},
        {"count_min": 2, "per": ["township"], "where": {"area": ["rural", "town"]}},
        {"share_min": 0.5, "count_max": 1, "per": ["area", "subject"], "priority": 1, "weight": 2.5},
        {"share_max": 0.3, "priority": 2},
        shared=True,
    )
    + _all({"share_min": 0.5}, {"rule": "eligibility", "min_years_at_school": 5}),
    "backbone_quota": _each(
        {},
        {"share_min": 0.5, "per": ["school"]},
        {"share_min": 0.34, "backbone_level": "school", "per": ["subject"], "where": {"area": ["urban", "town"]}},
        {"share_min": 0.6, "priority": 1, "weight": 0.5},
        {"share_min": 0.4, "backbone_level": "city", "per": ["group"], "priority": 3},
    ),
    "subject_quota": _each(
        {"share_min": 0.5},
        {"count_max": 1, "subjects": ["maths"]},
        {"count_min": 1, "per": ["school"], "subjects": ["art"], "of": "staff"},
        {"share_min": 0.3, "share_max": 0.5, "per": ["level"], "priority": 1},
    ),
    "release": [
        *_each(
            {},
            {"share_max": 0.5, "keep_required": False},
            {"count_max": 1, "keep_required": False, "per": ["group"]},
            {"share_max": 0.34, "per": ["school", "subject"], "keep_required": False},
            {"share_max": 0.5, "count_max": 1, "where": {"area": ["urban"]}},
            {"priority": 1, "share_max": 0.4},
            shared=True,
        ),
        *_all({"share_max": 0.5}, CIRCUITS, teachers=3, small=True),
        *_all({"priority": 2}, CIRCUITS, teachers=3, small=True),
    ],
    "host_capacity": [
        *_each({}, {"where": {"area": ["rural"]}}, {"priority": 1}, shared=True),
        *_all({}, {"rule": "release"}, {"rule": "rural_coverage", "required_share": 0.5}, shared=True),
        *_all({}, {"rule": "establishment", "where": {"group_role": ["member"]}}),
        *_all({"priority": 1}, CIRCUITS, teachers=3, small=True),
    ],
    "rural_coverage": [
        *_each(
            {"required_share": 0.5},
            {"required_share": 0.34, "arrivals_min": 1},
            {"where": {"group_role": ["member"]}, "priority": 1, "arrivals_min": 2, "per": ["school"]},
            {"priority": 2, "weight": 3.0},
            shared=True,
        ),
        *_all({"priority": 1, "arrivals_min": 1}, CIRCUITS, teachers=3, small=True),
    ],
    "spouses": [
        *_each({}, {"max_moved": 0}, {"max_km_apart": 6}, couples=True),
        *_each(
            {"max_km_apart": 0, "priority": 1, "max_moved": 0},
            {"where": {"area": ["urban"]}, "priority": 1, "max_km_apart": 9.5},
            couples=True,
            lost=True,
        ),
        *_all({"max_km_apart": 8}, CIRCUITS, couples=True, small=True),
    ],
    "backbone_support": [
        *_each(
            {"count_min": 1},
            {"share_min": 0.34, "from": "any"},
            {"per_subject_min": 1, "from": "any", "backbone_level": "school", "where": {"area": ["rural"]}},
            {"count_min": 2, "share_min": 0.5, "leaders_count": True, "priority": 1},
            {"per_subject_min": 1, "count_min": 1, "backbone_level": "school", "leaders_count": True, "priority": 1},
            shared=True,
        ),
        *_all({"count_min": 1, "priority": 1, "from": "any"}, CIRCUITS, teachers=3, small=True),
    ],
    "equal_exchange": [
        *_each(
            {},
            {"per": "school"},
            {"per": "group", "tolerance": 1},
            {"per": "group", "by_subject": True},
            {"per": "pair", "by_subject": True, "priority": 1},
            {"per": "school", "priority": 1, "tolerance": 1, "where": {"area": ["urban", "town"]}},
        ),
        *_all({"per": "school", "priority": 1}, CIRCUITS, teachers=3, small=True),
    ],
    "fair_senders": _each(
        {},
        {"tolerance": 0.5, "attributes": ["title"]},
        {"tolerance": 0.25, "attributes": ["tenure", "backbone"], "where": {"area": ["urban"]}},
        {"tolerance": 0.0, "priority": 1, "weight": 2.0},
    )
    + _all({"tolerance": 0.3}, {"rule": "eligibility", "min_years_at_school": 4}),
    "establishment": [
        *_all({}, {"rule": "host_capacity"}),
        *_all({"per_site": 1, "core_per_member": 0, "member": 1, "where": MEMBERS}, {"rule": "host_capacity"}),
        *_each({"member": 0, "core_per_member": 0, "per_site": 0}, shared=True),
        *_each({"member": 0, "core_per_member": 0, "per_site": 1, "priority": 1}, shared=True),
        *_all({"member": 0, "priority": 1}, CIRCUITS, teachers=3, small=True),
    ],
    "group_shape": [(Shape(), [{"max_members": 6}])],
    "budget": [
        *_each(
            {"amount": 6000, "bands": BANDS},
            {"amount": 4000.5, "bands": BANDS, "per": "group"},
            {"amount": 3000, "bands": BANDS, "where": {"area": ["rural", "teaching_point"]}},
            {"amount": 3500, "bands": BANDS, "priority": 1, "per": "group"},
            {"amount": 5000, "bands": BANDS, "priority": 1, "weight": 0.1},
        ),
        *_all({"amount": 4000, "bands": BANDS, "per": "group"}, CIRCUITS, teachers=3, small=True),
    ],
    "itinerant": _each(
        {"max_km_between": 12},
        {"max_schools": 2, "max_km_between": 9, "subjects": ["art"]},
        {"max_km_between": 12, "small_classes": 4, "where": {"area": ["rural", "teaching_point"]}},
        teachers=3,
        small=True,
    )
    + _all(
        {"max_km_between": 12, "max_schools": 4},
        {"rule": "distance", "max_km": 9},
        {"rule": "term", "rural_min_years": 2},
        teachers=3,
        small=True,
    )
    + _all(
        {"max_km_between": 12},
        {"rule": "destination", "flows": [{"mode": "itinerant", "from": {"area": ["urban"]}}, {}]},
        teachers=3,
        small=True,
    )
    + _all({"max_km_between": 12}, {"rule": "destination", "within": "group"}, teachers=3, small=True),
    "leader_exchange": [
        *_each(
            {},
            {"count_min": 1},
            {"roles": ["principal", "vice_principal"], "where": {"area": ["rural", "town"]}},
            {"count_min": 2, "priority": 1},
            leaders=True,
        ),
        *_all({"priority": 1}, CIRCUITS, teachers=3, small=True, leaders=True),
    ],
    "mentoring": [
        *_each(
            {"pairs_min": 1, "where": MEMBERS, "priority": 1},
            {"pairs_min": 1, "max_per_mentor": 1, "backbone_level": "school", "where": {"school": ["S1"]}},
            {"pairs_min": 2, "novice_years": 6, "backbone_level": "school", "priority": 1},
            {"pairs_min": 1, "novice_years": 30, "backbone_level": "school", "where": {"school": ["S0"]}},
            {"pairs_min": 3, "max_per_mentor": 1, "novice_years": 30, "backbone_level": "school", "priority": 1},
            teachers=5,
        ),
        *_all({"pairs_min": 1, "priority": 1, "novice_years": 30}, CIRCUITS, teachers=4, small=True),
    ],
}

OBJECTIVE_SETTINGS: dict[str, list[tuple[Shape, list[Document]]]] = {
    "distance_total": _all() + _all(CIRCUITS, teachers=3, small=True),
    "distance_max": _all() + _all(CIRCUITS, teachers=3, small=True),
    "moves": _all(),
    "subsidy": _all({"rule": "budget", "amount": 100000, "bands": BANDS})
    + _all({"rule": "budget", "amount": 100000, "bands": BANDS}, CIRCUITS, teachers=3, small=True),
    "preferences": _all() + _all(CIRCUITS, teachers=3, small=True),
    "tenure": _all(),
    "balance": _all() + _all(shared=True) + _all(CIRCUITS, teachers=3, small=True),
    "stability": _all()
    + _all({"rule": "term", "years": [1, 2], "rural_min_years": 2})
    + _all(CIRCUITS, teachers=3, small=True),
    "rural_service": _all() + _all(CIRCUITS, teachers=3, small=True),
}
SEEDS = (1, 2, 3)


def _known(documents: list[Document]) -> bool:
    return all(document.get("rule") in RULE_KINDS for document in documents)


@cache
def tiny_counties(rule_kind: str) -> tuple[Case, ...]:
    """The cases of one kind of rule; those that lean on a rule outside the catalogue are left out."""
    cases = []
    for number, (shape, listed) in enumerate(SETTINGS[rule_kind]):
        documents = [{"rule": rule_kind, **document} for document in listed]
        if _known(documents):
            policy = parse_policy({"name": rule_kind, "rules": documents})
            vary = any(document.get("end_share_max") is not None for document in documents)
            for seed in SEEDS:
                where = 100 * number + seed
                cases.append(Case(f"{rule_kind}-{number}-{seed}", rule_kind, county(where, shape), policy, vary))
    return tuple(cases)


@cache
def tiny_objectives(kind: str) -> tuple[Case, ...]:
    """The cases of one objective, with weights that are no whole numbers too."""
    cases = []
    for number, (shape, documents) in enumerate(OBJECTIVE_SETTINGS[kind]):
        if _known(documents):
            for seed in SEEDS:
                data = county(1000 + 100 * number + seed, shape)
                part = {"objective": kind, "priority": 1, "weight": (0.0015, 0.3, 2.5)[seed % 3]}
                policy = parse_policy({"name": kind, "rules": documents, "objectives": [part]})
                name = f"{kind}-{number}-{seed}"
                cases.append(Case(name, kind, data, policy, kind == "stability", baseline(data, seed)))
    return tuple(cases)
