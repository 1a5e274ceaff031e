"""Random mixes: a seed names its mix for ever, and every mix is a policy that its county can be asked about."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.cases import MadeUp
from benchmarks.codes import case_document, case_from
from benchmarks.mixes import Document, farther, mixed, wider
from benchmarks.prepare import Prepared, drawn_plan, prepare, read_plan
from benchmarks.suites import Given, mixes
from rotation.facts import Facts
from rotation.policy import parse_policy
from solver.index import Index
from solver.options import build_options


@pytest.mark.parametrize("mix", [mixed, wider, farther])
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


def test_a_drawn_plan_is_the_same_to_everybody(tmp_path: Path) -> None:
    """Whoever prepares it, whenever; and it is of placements that there are."""
    case = next(one for one in mixes(Given(), None) if one.name == "far 2")
    case = replace(case, source=MadeUp(8, 120, 2))
    assert prepare(case, tmp_path)["tiers"]
    plan, written = read_plan(Prepared(tmp_path).baseline), Prepared(tmp_path).baseline.read_bytes()
    prepare(case, tmp_path)
    assert Prepared(tmp_path).baseline.read_bytes() == written
    options = build_options(Index(Facts(case.source.county(), parse_policy(case.policy_document()))))
    assert plan and plan == drawn_plan(options, case.baseline, case.seed)
    for teacher, placement in plan.items():
        own = options.of_teacher(options.index.teacher_at[teacher])
        assert any(
            options.is_placement(int(option), placement) and options.years[option] >> placement.years & 1
            for option in own
        )


def test_old_seeds_stay_what_they_are() -> None:
    county, document = mixed(13)
    assert (county.schools, county.teachers) == (20, 600)
    assert [one["objective"] for one in document["objectives"]] == ["moves", "balance", "distance_max", "tenure"]
    county, document = wider(34)
    assert document["extends"] == "beijing-xicheng"
    assert [rule.get("id", rule["rule"]) for rule in document["rules"]] == ["fair_senders", "pairs"]


def test_a_mix_travels_to_its_run_and_back() -> None:
    for case in mixes(Given(), None)[::13]:
        again = case_from(json.loads(json.dumps(case_document(case))))
        assert again == case and again.policy_document() == case.policy_document()
        assert again.times == 10.0
