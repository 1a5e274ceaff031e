"""Random mixes of rules and objectives on made-up counties: what no suite was written for.

A seed names its mix for ever: the same county, rules and objectives; a seed and a size that is not drawn name another.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from benchmarks.cases import MadeUp
from rotation.policy import read_document

Size = tuple[int, int]
"""Schools, teachers."""
SIZES: tuple[Size, ...] = ((12, 300), (20, 600), (30, 1000))
Document = dict[str, Any]
RULES: tuple[Document, ...] = (
    {"rule": "fair_senders", "attributes": ["tenure"], "tolerance": 0.1},
    {"rule": "mentoring", "pairs_min": 1, "where": {"area": ["rural"]}},
    {"rule": "equal_exchange", "per": "group", "tolerance": 1},
    {"rule": "term", "years": [1, 2], "end_share_max": 0.5},
    {"rule": "backbone_support", "count_min": 1},
    {"rule": "subject_quota", "share_min": 0.05},
    {"rule": "release", "share_max": 0.15},
    {"rule": "budget", "bands": [[10, 3000], [30, 8000]]},
)
MORE_RULES: tuple[Document, ...] = (
    *RULES,
    {"rule": "itinerant", "max_schools": 3, "max_km_between": 10, "subjects": ["music", "art"]},
    {"rule": "spouses", "max_moved": 1},
    {"rule": "leader_exchange"},
    {"rule": "rotation_quota", "id": "townships", "share_min": 0.08, "of": "staff", "per": ["township"]},
    {"rule": "backbone_support", "id": "support", "share_min": 0.05, "where": {"area": ["rural"]}},
    {"rule": "equal_exchange", "id": "pairs", "per": "pair", "by_subject": True},
    {"rule": "rural_coverage", "id": "arrivals", "arrivals_min": 1},
    {"rule": "fair_senders", "id": "ranks", "attributes": ["title", "backbone"], "tolerance": 0.05},
)
FARTHER_RULES: tuple[Document, ...] = (
    {"rule": "preference_floor", "id": "floor"},
    {"rule": "budget", "id": "short", "bands": [[5, 1000], [15, 3000], [40, 9000]]},
    {"rule": "rotation_quota", "id": "groups", "share_min": 0.1, "of": "staff", "per": ["group"]},
    {
        "rule": "rotation_quota",
        "id": "areas",
        "share_min": 0.05,
        "share_max": 0.2,
        "of": "eligible",
        "per": ["area", "level"],
    },
    {"rule": "rotation_quota", "id": "each", "count_min": 1, "of": "staff", "per": ["school"]},
    {"rule": "rotation_quota", "id": "few", "count_max": 2, "of": "staff", "per": ["school"]},
    {
        "rule": "subject_quota",
        "id": "main",
        "share_min": 0.1,
        "per": ["area", "subject"],
        "subjects": ["chinese", "maths", "english"],
    },
    {"rule": "subject_quota", "id": "posts", "share_max": 0.1, "per": ["school", "subject"]},
    {"rule": "backbone_quota", "id": "backbone", "share_min": 0.3, "per": ["group"]},
    {"rule": "backbone_quota", "id": "ranked", "share_min": 0.25, "per": ["school"], "backbone_level": "school"},
    {"rule": "mentoring", "id": "alone", "pairs_min": 2, "max_per_mentor": 1},
    {"rule": "distance", "id": "near", "max_km": 12},
    {"rule": "release", "id": "tenth", "share_max": 0.1, "per": ["school", "subject"]},
    {"rule": "release", "id": "three", "count_max": 3},
    {"rule": "fair_senders", "id": "titles", "attributes": ["title"], "tolerance": 0},
    {"rule": "fair_senders", "id": "all", "attributes": ["title", "backbone", "tenure"], "tolerance": 0.1},
    {"rule": "equal_exchange", "id": "schools", "per": "school", "tolerance": 0},
    {"rule": "equal_exchange", "id": "members", "per": "pair", "tolerance": 1},
    {"rule": "backbone_support", "id": "subjects", "per_subject_min": 1, "from": "any"},
    {"rule": "backbone_support", "id": "leaders", "count_min": 2, "from": "core", "leaders_count": True},
    {"rule": "spouses", "id": "couples", "max_moved": 1, "max_km_apart": 10},
    {"rule": "itinerant", "id": "round", "max_schools": 2, "max_km_between": 8},
    {"rule": "rural_coverage", "id": "two", "arrivals_min": 2, "required_share": 0.9},
    {"rule": "establishment", "id": "sites"},
)
PRESETS = (
    "national-2014",
    "beijing-xicheng",
    "chengzhong",
    "county-1plus3",
    "handan-close",
    "handan-loose",
    "handan-semi",
    "kaihua",
    "libo",
    "linzi",
    "national-2014",
    "town-ring",
    "yuzhong",
    "zhangdian",
)
"""One twice, for most presets are about groups and small."""
YUAN_A_TEACHER = (100, 200, 300, 400)
"""Of the county: from too little for any plan to more than plans spend."""
SOFT_SHARE = 0.6
SOFTER_SHARE = 0.9
"""With more rules few mixes leave a plan otherwise."""
STABLE_SHARE = 0.6
ALWAYS_MUST = ("term", "itinerant", "preference_floor", "distance")
OBJECTIVES = (
    "distance_total",
    "distance_max",
    "moves",
    "subsidy",
    "preferences",
    "tenure",
    "balance",
    "rural_service",
)
FARTHER_SIZES: tuple[Size, ...] = (*SIZES, (45, 1600))


def mixed(seed: int, size: Size | None = None) -> tuple[MadeUp, Document]:
    """A county, and a policy on top of national-2014: up to two more rules, some of them soft, and up to four objectives."""
    draw = Random(seed)
    county = _county(draw, seed, SIZES, size)
    rules = _rules(draw, RULES, draw.choice([0, 1, 1, 2]), SOFT_SHARE, county.teachers)
    tiers = _objectives(draw, rules)
    objectives = [{"objective": kind, "priority": tier} for tier, kind in enumerate(tiers, 1)]
    return county, _policy(f"mix {seed}", "national-2014", rules, objectives)


def wider(seed: int, size: Size | None = None) -> tuple[MadeUp, Document]:
    """As ``mixed``, on top of any preset, of more rules, up to three of them, and with objectives that share a tier."""
    draw = Random(-seed)
    county = _county(draw, seed, SIZES, size)
    rules = _rules(draw, MORE_RULES, draw.choice([1, 2, 3]), SOFTER_SHARE, county.teachers)
    objectives = _in_shared_tiers(draw, _objectives(draw, rules))
    preset = draw.choice(PRESETS)
    return county, _on_any(preset, _policy(f"wide mix {seed}", preset, rules, objectives))


def farther(seed: int, size: Size | None = None) -> tuple[MadeUp, Document]:
    """As ``wider``, of other rules, larger, soft in three tiers by weight, and often near to a plan that there was."""
    draw = Random(f"farther {seed}")
    county = _county(draw, seed, FARTHER_SIZES, size)
    rules = _rules(draw, FARTHER_RULES, draw.choice([1, 2, 3]), SOFTER_SHARE, county.teachers)
    rules = [rule | {"weight": draw.choice([1, 1, 2, 3])} if "priority" in rule else rule for rule in rules]
    preset = draw.choice(PRESETS)
    kinds = _objectives(draw, rules)
    if draw.random() < STABLE_SHARE:
        kinds[draw.randrange(len(kinds))] = "stability"
    if any(rule["rule"] == "budget" for rule in read_document(preset)["rules"]):
        # Two budgets are none to count a subsidy by.
        kinds = [kind for kind in kinds if kind != "subsidy"]
    return county, _on_any(preset, _policy(f"far mix {seed}", preset, rules, _in_shared_tiers(draw, kinds)))


def _county(draw: Random, seed: int, sizes: Sequence[Size], size: Size | None) -> MadeUp:
    return MadeUp(*draw.choice(sizes if size is None else [size]), seed)


def _in_shared_tiers(draw: Random, kinds: Sequence[str]) -> list[Document]:
    objectives: list[Document] = []
    for kind in kinds:
        last = objectives[-1]["priority"] if objectives else 0
        shared = bool(objectives) and draw.random() < 0.3
        objectives.append({"objective": kind, "priority": last + (not shared), "weight": draw.choice([1, 1, 2, 5])})
    return objectives


def _on_any(preset: str, policy: Document) -> Document:
    """``policy`` without what a preset says of how groups are made up: that is about the data, and nothing to solve."""
    shape = any(rule["rule"] == "group_shape" for rule in read_document(preset)["rules"])
    return policy | {"drop": ["group_shape"] if shape else []}


def _rules(draw: Random, known: Sequence[Document], count: int, soft: float, teachers: int) -> list[Document]:
    rules = []
    for rule in draw.sample(known, count):
        own = dict(rule)
        if rule["rule"] == "budget":
            own["amount"] = draw.choice(YUAN_A_TEACHER) * teachers
        if draw.random() < soft and rule["rule"] not in ALWAYS_MUST:
            own["priority"] = draw.choice([1, 2])
        rules.append(own)
    return rules


def _objectives(draw: Random, rules: Sequence[Document]) -> list[str]:
    kinds = draw.sample(OBJECTIVES, draw.choice([2, 3, 4]))
    # Without a budget there are no bands to pay by.
    return kinds if any(rule["rule"] == "budget" for rule in rules) else [kind for kind in kinds if kind != "subsidy"]


def _policy(name: str, preset: str, rules: list[Document], objectives: list[Document]) -> Document:
    return {"name": name, "extends": preset, "rules": rules, "objectives": objectives}
