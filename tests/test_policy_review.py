"""Policies read back and looked at again: what contradicts itself on its face, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from hand import county, school, teacher

from rotation.policy import load_policy, parse_policy, preset_names
from rotation.policy_review import review
from rotation.policy_words import read_back, rule_words

URBAN, TOWN, BOTH = {"area": ["urban"]}, {"area": ["town"]}, {"area": ["urban", "town"]}


def quota(name: str, **more: Any) -> dict[str, Any]:
    return {"rule": "rotation_quota", "id": name} | more


def found(*rules: dict[str, Any]) -> list[tuple[str, str | None]]:
    """(ids, column) of every contradiction between must rules."""
    policy = parse_policy({"name": "p", "rules": list(rules)})
    return [(str(fault.row), fault.column) for fault in review(policy) if fault.severity == "error"]


SUBJECTS = {"rule": "subject_quota", "per": ["school", "subject"]}
CONTRADICT: list[tuple[list[dict[str, Any]], str]] = [
    ([quota("a", share_min=0.3, share_max=0.2)], "a share_min"),
    ([quota("a", count_min=3, count_max=2)], "a count_min"),
    ([quota("a", share_min=0.3), quota("b", share_max=0.2)], "a, b share_min"),
    ([quota("b", share_max=0.2), quota("a", share_min=0.3)], "a, b share_min"),
    ([quota("a", count_min=3, where=URBAN), quota("b", count_max=2, where=URBAN)], "a, b count_min"),
    ([quota("a", count_min=3, of="staff"), quota("b", count_max=2)], "a, b count_min"),
    ([quota("a", count_min=3, where=URBAN, per="school"), quota("b", count_max=2, where=BOTH, per="school")],
     "a, b count_min"),
    ([SUBJECTS | {"id": "a", "count_min": 2, "subjects": ["art", "pe"]},
      SUBJECTS | {"id": "b", "count_max": 1, "subjects": ["pe"]}], "a, b count_min"),
    ([{"rule": "term", "id": "a", "years": [1]}, {"rule": "term", "id": "b", "years": [2, 3]}], "a, b years"),
    ([{"rule": "term", "id": "a", "years": [1]}, {"rule": "term", "id": "b", "years": [2], "where": URBAN}],
     "a, b years"),
    ([{"rule": "term", "years": [1, 2], "rural_min_years": 3}], "term rural_min_years"),
    ([{"rule": "eligibility", "id": "a", "roles": ["teacher"]},
      {"rule": "eligibility", "id": "b", "roles": ["principal"]}], "a, b roles"),
    ([{"rule": "destination", "id": "a", "flows": [{"mode": "attachment"}]},
      {"rule": "destination", "id": "b", "flows": [{}]}], "a, b flows"),
    ([quota("a", where=URBAN), {"rule": "release", "id": "b", "count_max": 0}], "a, b count_max"),
]  # fmt: skip
AGREE: list[list[dict[str, Any]]] = [
    [quota("a", share_min=0.2, share_max=0.2)],
    [quota("a", share_min=0.3, where=URBAN), quota("b", share_max=0.2, where=TOWN)],
    [quota("a", share_min=0.3, of="eligible"), quota("b", share_max=0.2, of="staff")],
    [quota("a", share_min=0.3, where=URBAN), quota("b", share_max=0.2, where=BOTH)],  # the towns may make up for it
    [quota("a", count_min=3), quota("b", count_max=2, per="school")],
    [SUBJECTS | {"id": "a", "count_min": 2, "subjects": ["art"]},
     SUBJECTS | {"id": "b", "count_max": 1, "subjects": ["pe"]}],
    [{"rule": "term", "id": "a", "years": [1], "where": URBAN}, {"rule": "term", "id": "b", "years": [2], "where": TOWN}],
    [{"rule": "term", "id": "a", "years": [1], "from": URBAN}, {"rule": "term", "id": "b", "years": [2], "from": TOWN}],
    [{"rule": "eligibility", "id": "a", "roles": ["teacher"], "where": URBAN},
     {"rule": "eligibility", "id": "b", "roles": ["principal"], "where": TOWN}],
    [quota("a", where=URBAN), {"rule": "release", "id": "b", "count_max": 0, "where": TOWN}],
]  # fmt: skip


@pytest.mark.parametrize(("rules", "said"), CONTRADICT)
def test_a_contradiction_names_both_rules(rules: list[dict[str, Any]], said: str) -> None:
    assert said in [f"{ids} {column}" for ids, column in found(*rules)]


@pytest.mark.parametrize("rules", AGREE)
def test_what_may_hold_together_is_left_alone(rules: list[dict[str, Any]]) -> None:
    assert found(*rules) == []


def test_a_soft_rule_only_earns_a_warning() -> None:
    rules = [quota("a", share_min=0.3, priority=1), quota("b", share_max=0.2)]
    (fault,) = review(parse_policy({"name": "p", "rules": rules}))
    assert (fault.code, fault.severity) == ("contradiction", "warning")


def test_rules_that_select_nothing_in_these_data() -> None:
    policy = parse_policy({"name": "p", "rules": [quota("towns", where=TOWN), quota("cities", where=URBAN)]})
    data = county([school("A")], [teacher("t", "A")])
    assert [(fault.row, fault.code) for fault in review(policy, data)] == [("towns", "selects_nothing")]


@pytest.mark.parametrize("name", preset_names())
def test_presets_hold_together_and_read_back(name: str) -> None:
    policy = load_policy(name)
    assert [fault for fault in review(policy) if fault.severity == "error"] == []
    sentences = read_back(policy)
    assert len(sentences) == len(policy.rules) + len(policy.objectives)
    tiers = [0 if said.priority == "must" else said.priority for said in sentences]
    assert tiers == sorted(tiers, key=lambda tier: int(tier))
    assert all(any("\u4e00" <= character <= "\u9fff" for character in said.words.zh) for said in sentences)


def test_a_sentence_says_whom_where_and_how_hard() -> None:
    rule = quota("a", share_min=0.15, where=BOTH | {"weak": [False]}, per=["school"], priority=2, weight=3.0)
    words = rule_words(parse_policy({"name": "p", "rules": [rule]}).rule("a"))
    for part in ("15%", "城区或镇区, 且非薄弱校", "每校", "第2级", "权重3"):
        assert part in words.zh
    for part in ("15%", "urban or town and not weak", "in each: school", "tier 2", "weight 3"):
        assert part in words.en


def test_an_exemption_that_no_rule_knows_is_said() -> None:
    """A code in other words than the policy's would send a teacher away who should stay."""
    rules = [{"rule": "eligibility", "exempt": ["pregnant", "illness"]}]
    people = [teacher("t", "A", exempt=("孕期",)), teacher("u", "A", exempt=("孕期", "illness")), teacher("v", "A")]
    data = county([school("A")], people)
    (fault,) = review(parse_policy({"name": "p", "rules": rules}), data)
    assert (fault.code, fault.column, fault.value, fault.severity) == ("excuses_nobody", "exempt", "孕期", "warning")
    assert "2" in fault.advice.en and "illness, pregnant" in fault.advice.zh
    assert review(parse_policy({"name": "p", "rules": [{"rule": "eligibility"}]}), data) == ()
