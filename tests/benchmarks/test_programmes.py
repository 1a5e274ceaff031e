"""The suite `programmes`: every preset is asked, every one more rule is really one more, and each can be asked of its county."""

from __future__ import annotations

import pytest

from benchmarks.programmes import NATIONAL, ONE_MORE, OTHER_OBJECTIVES, programmes
from benchmarks.suites import Given
from benchmarks.suites import programmes as suite
from rotation.policy import load_policy, parse_policy, preset_names


def test_every_preset_is_asked() -> None:
    assert {parse_policy(document).name for document in programmes().values()} >= set(preset_names())


@pytest.mark.parametrize("name", ONE_MORE)
def test_one_more_rule_replaces_none(name: str) -> None:
    own, national = parse_policy(programmes()[name]), load_policy(NATIONAL)
    assert list(own.rules[: len(national.rules)]) == list(national.rules)
    assert len(own.rules) == len(national.rules) + len(ONE_MORE[name])
    assert own.objectives == national.objectives


@pytest.mark.parametrize("name", OTHER_OBJECTIVES)
def test_other_objectives_leave_the_rules(name: str) -> None:
    own, national = parse_policy(programmes()[name]), load_policy(NATIONAL)
    assert own.rules == national.rules
    assert tuple(objective.objective for objective in own.objectives) == OTHER_OBJECTIVES[name]


@pytest.mark.parametrize("name", [name for name in programmes() if name.endswith(" soft") and name not in ONE_MORE])
def test_a_softened_preset_has_the_same_rules(name: str) -> None:
    own, preset = parse_policy(programmes()[name]), load_policy(name.removesuffix(" soft"))
    asked = {rule.id: rule for rule in own.rules}
    kept = {rule.id: rule for rule in preset.rules if rule.rule != "group_shape"}
    assert asked.keys() == kept.keys()
    softened = {id for id, rule in asked.items() if not rule.is_must and kept[id].is_must}
    assert softened
    assert all(asked[id].model_copy(update={"priority": "must"}) == kept[id] for id in softened)
    assert all(asked[id] == kept[id] for id in asked.keys() - softened)


def test_cases_have_names_of_their_own() -> None:
    cases = suite(Given(), None)
    assert len({case.key for case in cases}) == len(cases) == 4 * len(programmes())
    policies = [parse_policy(case.policy_document()) for case in cases]
    assert all(policy.rules and policy.objectives for policy in policies)
