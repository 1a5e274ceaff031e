"""What a bureau would really ask of a county: every preset, and the national rules with one more rule or with other objectives.

Unlike a random mix each of these is a programme that somebody might run for the year, at the size of a county or a city.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rotation.policy import preset_names, read_document

Document = dict[str, Any]
NATIONAL = "national-2014"
SOFT_PRIORITY = 1
NOT_ALL_AT_ONCE = (
    "rotation_quota",
    "subject_quota",
    "backbone_quota",
    "backbone_support",
    "mentoring",
    "equal_exchange",
)
"""Rules that a county without the staff for them breaks: asked of a whole county they become as good as can be."""

ONE_MORE: Mapping[str, tuple[Document, ...]] = {
    "fair senders": ({"rule": "fair_senders", "attributes": ["tenure"], "tolerance": 0.1},),
    "fair senders soft": (
        {
            "rule": "fair_senders",
            "attributes": ["tenure", "title", "backbone"],
            "tolerance": 0.05,
            "priority": 2,
        },
    ),
    "mentoring": ({"rule": "mentoring", "pairs_min": 1, "where": {"area": ["rural"]}, "priority": 2},),
    "exchange": ({"rule": "equal_exchange", "per": "pair", "tolerance": 1},),
    "quota each": (
        {"rule": "rotation_quota", "id": "each", "count_min": 1, "of": "staff", "per": ["school"], "priority": 1},
        {"rule": "subject_quota", "id": "subjects", "share_min": 0.05, "priority": 1},
    ),
    "circuits": ({"rule": "itinerant", "max_schools": 3, "max_km_between": 10, "subjects": ["music", "art"]},),
    "spouses": ({"rule": "spouses", "max_moved": 1},),
    "spouses and tenths": (
        {"rule": "spouses", "max_moved": 1},
        {"rule": "release", "id": "tenth", "share_max": 0.1, "per": ["school", "subject"]},
    ),
}
"""Rules on top of the national ones, which stay as they are."""

OTHER_OBJECTIVES: Mapping[str, tuple[str, ...]] = {
    "balance first": ("balance", "distance_total", "moves"),
    "balance second": ("preferences", "balance", "distance_total"),
    "balance last": ("preferences", "distance_total", "moves", "balance"),
    "longest first": ("distance_max", "preferences", "distance_total"),
    "longest last": ("preferences", "distance_total", "distance_max"),
    "rural years": ("rural_service", "tenure", "distance_total"),
}
"""Instead of the national objectives, one tier each, after what the rules leave missing."""


def programmes() -> dict[str, Document]:
    """Name → policy: presets as they are, presets whose demands are made soft, and the national rules changed."""
    found = {preset: _asked(preset) for preset in preset_names()}
    for preset in ("kaihua", "chengzhong", "handan-semi"):
        found[f"{preset} soft"] = _softened(preset)
    for name, rules in ONE_MORE.items():
        found[name] = _named(name) | {"rules": [dict(rule) for rule in rules]}
    for name, kinds in OTHER_OBJECTIVES.items():
        found[name] = _named(name) | {
            "objectives": [{"objective": kind, "priority": tier} for tier, kind in enumerate(kinds, 2)]
        }
    return found


def _named(name: str) -> Document:
    return {"name": f"{NATIONAL}, {name}", "extends": NATIONAL}


def _asked(preset: str) -> Document:
    """``preset`` without what it says of how groups are made up: that is about the data, and nothing to solve."""
    shaped = any(rule["rule"] == "group_shape" for rule in read_document(preset)["rules"])
    return {"name": preset, "extends": preset, "drop": ["group_shape"] if shaped else []}


def _softened(preset: str) -> Document:
    soft = [
        rule | {"priority": SOFT_PRIORITY}
        for rule in read_document(preset)["rules"]
        if rule["rule"] in NOT_ALL_AT_ONCE and "priority" not in rule
    ]
    return _asked(preset) | {"name": f"{preset} soft", "rules": soft}
