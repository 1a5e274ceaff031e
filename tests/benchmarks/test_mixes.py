"""Random mixes: a seed names its mix for ever, and every mix is a policy that its county can be asked about."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from benchmarks.cases import MadeUp
from benchmarks.codes import case_document, case_from
from benchmarks.mixes import Document, mixed, wider
from benchmarks.suites import Places, mixes
from rotation.policy import parse_policy


@pytest.mark.parametrize("mix", [mixed, wider])
def test_every_mix_is_a_policy(mix: Callable[[int], tuple[MadeUp, Document]]) -> None:
    rules: set[str] = set()
    names: set[str] = set()
    for seed in range(1, 200):
        county, document = mix(seed)
        assert (county, document) == mix(seed)
        policy = parse_policy(document)
        assert policy.objectives or policy.rules
        rules |= {rule["rule"] for rule in document["rules"]}
        names |= {document["name"]}
    assert len(names) == 199 and {"budget", "mentoring", "fair_senders"} <= rules


def test_old_seeds_stay_what_they_are() -> None:
    county, document = mixed(13)
    assert (county.schools, county.teachers) == (20, 600)
    assert [one["objective"] for one in document["objectives"]] == ["moves", "balance", "distance_max", "tenure"]
    county, document = wider(34)
    assert document["extends"] == "beijing-xicheng"
    assert [rule.get("id", rule["rule"]) for rule in document["rules"]] == ["fair_senders", "pairs"]


def test_a_mix_travels_to_its_run_and_back() -> None:
    for case in mixes(Places(), None)[::13]:
        again = case_from(json.loads(json.dumps(case_document(case))))
        assert again == case and again.policy_document() == case.policy_document()
        assert again.times == 10.0
