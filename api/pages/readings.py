"""A plan read out in plain words: its headline, its rules from red to green, and the proof of every tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from api.pages.numbers import number, percent, show
from api.pages.texts import AREA, LEVEL, OBJECTIVE, REFUSAL, STATUS, Language, label, say, subject
from rotation.county import County
from rotation.labels import proof_words
from rotation.plan import Plan, RuleReport, TierReport
from rotation.policy import Policy
from rotation.policy_words import selector_words
from rotation.rules.frame import Rule
from rotation.words import Words

Standing = Literal["broken", "short", "near", "kept"]
STANDINGS: tuple[Standing, ...] = ("broken", "short", "near", "kept")
NEARLY = Fraction(1, 10)
"""A soft rule that misses at most this part of what it asks for is shown as nearly kept."""
WORST = 12


@dataclass(frozen=True)
class CellReading:
    """One cell in words; numbers as text, ``gap`` says what is missing or over (empty where the cell holds)."""

    where: str
    measured: str
    least: str
    most: str
    gap: str


@dataclass(frozen=True)
class RuleReading:
    """One rule in words. ``worst``: the cells that miss most, at most ``WORST`` of ``failing``."""

    id: str
    kind: str
    title: str
    sentence: str
    priority: str
    standing: Standing
    figures: str
    gap: str
    cells: int
    failing: int
    worst: tuple[CellReading, ...]


@dataclass(frozen=True)
class TierReading:
    priority: int
    name: str
    value: str
    bound: str
    gap: str
    proved: bool
    proof: str


def headline(plan: Plan, language: Language) -> str:
    """Status and proof in one plain sentence."""
    if plan.status == "optimal":
        return say(
            Words(
                "每一级目标都已证明不能更好: 在这套规则下没有更好的方案。",
                "Every tier is proved: under these rules no plan is better.",
            ),
            language,
        )
    if plan.status != "feasible":
        return say(STATUS[plan.status], language)
    open_tier = next((tier for tier in plan.tiers if not tier.proved), None)
    if open_tier is None or open_tier.gap is None:
        return say(
            Words(
                "所有必须遵守的规则都满足; 距最优还有多远尚未证明。",
                "Every rule that must hold holds; how far it is from the best is not known yet.",
            ),
            language,
        )
    gap = percent(open_tier.gap, 1)
    return say(
        Words(
            f"所有必须遵守的规则都满足; 第 {open_tier.priority} 级目标距最优至多 {gap}。",
            f"Every rule that must hold holds; in tier {open_tier.priority} it is at most {gap} from the best.",
        ),
        language,
    )


# -- rules ------------------------------------------------------------------------------------------------------------


def read_rules(
    county: County, policy: Policy, reports: tuple[RuleReport, ...], language: Language
) -> list[RuleReading]:
    """Every rule of the plan, the worst first; rules that stand alike keep the policy's order."""
    rules = {rule.id: rule for rule in policy.rules}
    readings = [read_rule(county, rules.get(report.id), report, language) for report in reports]
    return sorted(readings, key=lambda reading: STANDINGS.index(reading.standing))


def read_rule(county: County, rule: Rule | None, report: RuleReport, language: Language) -> RuleReading:
    failing = [cell for cell in report.cells if number(cell.get("shortfall"))]
    failing.sort(key=lambda cell: -(number(cell.get("shortfall")) or 0))
    must = report.priority == "must"
    unit = say(rule.unit, language) if rule is not None else ""
    return RuleReading(
        id=report.id,
        kind=report.rule,
        title=say(type(rule).title, language) if rule is not None else report.id,
        sentence=_sentence(rule, language) if rule is not None else "",
        priority=say("must", language) if must else say("tier", language).format(n=report.priority),
        standing=standing(report),
        figures=_figures(report, language),
        gap="" if report.holds else f"{show(report.shortfall)} {unit}".strip(),
        cells=len(report.cells),
        failing=len(failing),
        worst=tuple(_read_cell(county, cell, language) for cell in failing[:WORST]),
    )


def _sentence(rule: Rule, language: Language) -> str:
    """What the rule says, and of which schools."""
    covers = selector_words(rule.selector)
    said = say(rule.sentence(), language)
    return said if covers is None else f"{said} ({say('covers', language)}: {say(covers, language)})"


def standing(report: RuleReport) -> Standing:
    """Broken only where a `must` rule does not hold; a soft rule is judged by how much of what it asks is missing."""
    if report.holds:
        return "kept"
    if report.priority == "must":
        return "broken"
    asked = sum((number(cell.get("least")) or number(cell.get("most")) or Fraction(0) for cell in report.cells),
                Fraction(0))  # fmt: skip
    return "near" if Fraction(report.shortfall) <= NEARLY * asked else "short"


def _figures(report: RuleReport, language: Language) -> str:
    """Measured, least and most of a rule with one cell; how many hold, and how much of what is asked, of others."""
    cells = report.cells
    if not cells or all("code" in cell for cell in cells):
        return ""
    if len(cells) == 1:
        given = [key for key in ("measured", "least", "most") if cells[0].get(key) is not None]
        return " · ".join(f"{say(key, language)} {show(cells[0][key])}" for key in given)
    kept = sum(not number(cell.get("shortfall")) for cell in cells)
    parts = [say("cells_kept", language).format(kept=kept, all=len(cells))]
    asked = [(number(cell.get("measured")) or Fraction(0), number(cell.get("least"))) for cell in cells]
    if any(least for _, least in asked):
        # What one cell has too much of does not help another: each counts up to what it asks.
        met = sum((min(measured, least) for measured, least in asked if least is not None), Fraction(0))
        least = sum((least for _, least in asked if least is not None), Fraction(0))
        parts.append(say("met_of", language).format(met=show(met), least=show(least)))
    return " · ".join(parts)


def _read_cell(county: County, cell: Mapping[str, Any], language: Language) -> CellReading:
    measured, least = number(cell.get("measured")) or Fraction(0), number(cell.get("least"))
    missing = least is not None and measured < least
    gap = say("lacks" if missing else "exceeds", language).format(n=show(cell.get("shortfall")))
    if "code" in cell:
        gap = label(REFUSAL, str(cell["code"]), language)
    limits = [show(cell[key]) if cell.get(key) is not None else "" for key in ("least", "most")]
    return CellReading(cell_words(county, cell.get("cell", {}), language), show(measured), limits[0], limits[1], gap)


def cell_words(county: County, cell: Mapping[str, Any], language: Language) -> str:
    """Ids become names: 石桥小学 · 英语."""
    if not cell:
        return say("whole_county", language)
    return " · ".join(_key_words(county, key, str(value), language) for key, value in cell.items())


def _key_words(county: County, key: str, value: str, language: Language) -> str:
    if key == "teacher" and value in county.teacher:
        return county.teacher[value].name or value
    if value in county.school and key not in ("subject", "township", "group"):
        return county.school[value].name
    if key == "group" and value in county.group:
        return county.group[value].name
    if key == "subject":
        return subject(value, language)
    if key == "area":
        return label(AREA, value, language)
    if key == "level":
        return "、".join(label(LEVEL, part, language) for part in value.split(";"))
    return value


# -- tiers ------------------------------------------------------------------------------------------------------------


def read_tiers(policy: Policy, tiers: tuple[TierReport, ...], language: Language) -> list[TierReading]:
    return [
        TierReading(
            priority=tier.priority,
            name=tier_name(policy, tier.name, language),
            value=show(tier.value, 3),
            bound=show(tier.bound, 3),
            gap=percent(tier.gap, 1),
            proved=tier.proved,
            proof="" if (words := proof_words(tier)) is None else say(words, language),
        )
        for tier in tiers
    ]


def tier_name(policy: Policy, name: str, language: Language) -> str:
    """``rural_coverage + moves`` in words: rules by their title, objectives by theirs."""
    rules = {rule.id: rule for rule in policy.rules}
    words = []
    for part in name.split(" + "):
        if part in rules:
            title = say(type(rules[part]).title, language)
            words.append(say("missing_rule", language).format(rule=title))
        else:
            words.append(label(OBJECTIVE, part, language))
    return " + ".join(words)
