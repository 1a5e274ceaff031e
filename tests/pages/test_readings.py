"""Rules, tiers and the headline in plain words."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hand import county, facts_of, place, post, school, teacher

from api.pages.readings import cell_words, headline, read_rule, read_rules, read_tiers, standing
from api.pages.texts import LANGUAGES
from rotation.check import report
from rotation.county import Group
from rotation.plan import Plan, RuleReport, Status, TierReport
from rotation.policy import Policy
from rotation.rules.rotation_quota import RotationQuota
from rotation.rules.rural_coverage import RuralCoverage
from rotation.tally import Tally

TOWN = county(
    [school("T", "town"), school("V", "rural", group="G")],
    [teacher("a", "T"), teacher("b", "T"), teacher("c", "V")],
    posts=(post("T"), post("V", "maths", 3), post("V", "music", 2)),
    groups=(Group("G", "青泉集团"),),
)


def plan(status: Status, *tiers: TierReport) -> Plan:
    return Plan(2026, "sha256:0", "by hand", "sha256:1", status, tiers=tiers)


def test_an_optimal_plan_is_said_to_be_proved() -> None:
    tier = TierReport(1, "moves", 3, 3, True)
    assert "没有更好" in headline(plan(Status.OPTIMAL, tier), "zh")
    assert "proved" in headline(plan(Status.OPTIMAL, tier), "en").lower()


def test_a_feasible_plan_names_the_first_open_tier_and_how_far_it_may_be() -> None:
    tiers = TierReport(1, "moves", 3, 3, True), TierReport(2, "distance_total", 200.0, 190.0, False)
    said = headline(plan(Status.FEASIBLE, *tiers), "en")
    assert "tier 2" in said and "5.0\u202f%" in said and "tier 1" not in said


def test_without_a_bound_nothing_is_claimed() -> None:
    said = headline(plan(Status.FEASIBLE, TierReport(1, "moves", 3, None, False)), "en")
    assert "not known" in said and "%" not in said


@pytest.mark.parametrize(
    ("shortfall", "priority", "expected"),
    [(0, 1, "kept"), (0, "must", "kept"), (1, "must", "broken"), (1, 1, "near"), (2, 1, "short")],
)
def test_standing(shortfall: int, priority: int | str, expected: str) -> None:
    cells = ({"cell": {}, "measured": 10 - shortfall, "least": 10, "most": None, "shortfall": shortfall},)
    assert standing(RuleReport("r", "r", priority, shortfall == 0, shortfall, cells)) == expected


def test_worst_cells_come_first_with_names_not_ids() -> None:
    rule = RuralCoverage(priority=1)
    data = replace(TOWN, schools=(TOWN.schools[0], replace(TOWN.schools[1], name="石桥小学")))
    reading = read_rule(data, rule, report(rule, facts_of(data, rule), Tally(data, ())), "zh")
    assert [cell.where for cell in reading.worst] == ["石桥小学 · 数学", "石桥小学 · 音乐"]
    assert [cell.gap for cell in reading.worst] == ["缺 2", "缺 2"]
    assert (reading.cells, reading.failing, reading.gap) == (2, 2, "4 人")
    assert "0/2" in reading.figures and "1 / 至少 5" in reading.figures


def test_too_much_in_one_cell_does_not_hide_what_another_lacks() -> None:
    cells: tuple[dict[str, Any], ...] = (
        {"cell": {"school": "T"}, "measured": 9, "least": 1, "most": None, "shortfall": 0},
        {"cell": {"school": "V"}, "measured": 1, "least": 3, "most": None, "shortfall": 2},
    )
    reading = read_rule(TOWN, None, RuleReport("x", "x", 1, False, 2, cells), "en")
    assert "2 met of at least 4" in reading.figures


def test_rules_come_from_red_to_green_and_none_is_lost() -> None:
    policy = Policy("p", (RotationQuota(share_min=0.5), RuralCoverage(priority=1)))
    placed = [place(TOWN, "a", "V")]
    facts = facts_of(TOWN, *policy.rules)
    reports = tuple(report(rule, facts, Tally(TOWN, placed)) for rule in policy.rules)
    readings = read_rules(TOWN, policy, reports, "en")
    assert [reading.standing for reading in readings] == ["broken", "short"]
    assert {reading.id for reading in readings} == {"rotation_quota", "rural_coverage"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_in_both_languages(language: Any) -> None:
    policy = Policy("p", (RotationQuota(), RuralCoverage(priority=1)))
    facts = facts_of(TOWN, *policy.rules)
    for rule in policy.rules:
        reading = read_rule(TOWN, rule, report(rule, facts, Tally(TOWN, ())), language)
        assert reading.title and reading.sentence and reading.priority


def test_cells_without_keys_speak_of_everything_and_groups_have_names() -> None:
    assert cell_words(TOWN, {}, "zh") == "全部范围"
    assert (
        cell_words(TOWN, {"group": "G", "area": "rural", "level": "primary;junior"}, "zh")
        == "青泉集团 · 乡村 · 小学、初中"
    )
    assert cell_words(TOWN, {"school": "nowhere"}, "en") == "nowhere"


def test_tiers_are_named_after_what_they_count() -> None:
    policy = Policy("p", (RuralCoverage(id="villages", priority=1),))
    (tier,) = read_tiers(policy, (TierReport(1, "villages + moves", 3.0, None, False),), "en")
    assert tier.name == "Shortfall: Rural coverage + Placements"
    assert (tier.value, tier.bound, tier.gap, tier.proved) == ("3", "–", "–", False)


@pytest.mark.parametrize(
    ("tier", "zh", "en"),
    [
        (TierReport(1, "moves", 3, 3, True, "lp", True, 3), "精确复算", "recomputed exactly"),
        (TierReport(1, "moves", 3, 3, True, "exhausted", False, 2), "穷尽搜索", "by exhaustive search"),
        (TierReport(1, "moves", 3, 3, True), "", ""),
    ],
)
def test_how_a_bound_is_known_is_said_in_words(tier: TierReport, zh: str, en: str) -> None:
    policy = Policy("p", ())
    assert read_tiers(policy, (tier,), "zh")[0].proof == zh and read_tiers(policy, (tier,), "en")[0].proof == en


def test_fractions_are_read_exactly() -> None:
    cells = ({"cell": {}, "measured": Fraction(1, 2), "least": 1, "most": None, "shortfall": Fraction(1, 2)},)
    reading = read_rule(TOWN, None, RuleReport("x", "x", 1, False, Fraction(1, 2), cells), "en")
    assert "0.5" in reading.figures and reading.worst[0].gap == "0.5 missing"
