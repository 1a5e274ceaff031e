"""The checker: every rule on a plan, all violations, and every tier's value. It knows no solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rotation.collector import no_collection
from rotation.county import MODES, County
from rotation.facts import Facts
from rotation.faults import Fault, InputError
from rotation.objectives import OBJECTIVES
from rotation.plan import Placement, RuleReport
from rotation.policy import Policy
from rotation.rules.frame import Cell, Number, Rule, exact
from rotation.tally import Tally
from rotation.words import Words


@dataclass(frozen=True)
class Report:
    """What the checker found: a report a rule, a value a tier (priority → value), and whether every `must` holds."""

    rules: tuple[RuleReport, ...]
    values: Mapping[int, Number]

    @property
    def holds(self) -> bool:
        return all(report.holds for report in self.rules if report.priority == "must")

    @property
    def broken(self) -> tuple[RuleReport, ...]:
        """The `must` rules that do not hold."""
        return tuple(report for report in self.rules if report.priority == "must" and not report.holds)


@no_collection()
def check(
    county: County,
    policy: Policy,
    placements: Iterable[Placement],
    baseline: Mapping[str, Placement] | None = None,
    facts: Facts | None = None,
) -> Report:
    """Check ``placements`` as a plan for ``county`` under ``policy``.

    ``baseline`` is for the objective ``stability`` (absent: the empty plan); ``facts`` may be passed to save work.
    Raises InputError for placements that speak of other data: unknown teachers, schools or modes, another home or km.
    """
    facts = facts or Facts(county, policy)
    placements = tuple(placements)
    faults = list(placement_faults(facts, placements))
    if faults:
        raise InputError(faults)
    tally = Tally(county, placements)
    reports = {rule.id: report(rule, facts, tally) for rule in policy.rules}
    doubles = [teacher for teacher, count in Counter(p.teacher for p in placements).items() if count > 1]
    running = [placement for placement in placements if placement.teacher in county.running]
    if doubles or running:
        reports["one-placement"] = _one_placement(doubles, running)
    values: dict[int, Number] = {}
    for tier in policy.tiers:
        value: Number = Fraction(0)
        for rule in tier.rules:
            value += exact(rule.weight) * Fraction(reports[rule.id].shortfall)
        for part in tier.objectives:
            value += exact(part.weight) * Fraction(OBJECTIVES[part.objective](facts, tally, baseline or {}))
        values[tier.priority] = value
    return Report(tuple(reports.values()), values)


def report(rule: Rule, facts: Facts, tally: Tally) -> RuleReport:
    """One rule on one plan."""
    cells = tuple(rule.check(facts, tally))
    shortfall = sum((Fraction(cell.shortfall) for cell in cells if cell.shortfall), Fraction(0))
    return RuleReport(
        rule.id, rule.rule, rule.priority, shortfall == 0, shortfall, tuple(cell_document(cell) for cell in cells)
    )


def cell_document(cell: Cell) -> dict[str, Any]:
    document: dict[str, Any] = {
        "cell": dict(cell.cell),
        "measured": cell.measured,
        "least": cell.least,
        "most": cell.most,
        "shortfall": cell.shortfall,
    }
    if cell.code is not None:
        document["code"] = cell.code
    return document


def _one_placement(doubles: list[str], running: list[Placement]) -> RuleReport:
    """At most one new placement a teacher, none on a running term: true under every policy (rulebook §3)."""
    cells = [Cell({"teacher": teacher}, 2, None, 1, 1, "placed_twice") for teacher in doubles]
    cells += [Cell({"teacher": p.teacher, "host": p.host}, 1, None, 0, 1, "on_running_term") for p in running]
    return RuleReport(
        "one-placement", "eligibility", "must", False, len(cells), tuple(cell_document(cell) for cell in cells)
    )


def placement_faults(facts: Facts, placements: Iterable[Placement]) -> Iterable[Fault]:
    """What makes a plan one of other data: it cannot be judged then, only refused."""
    county = facts.county
    for row, placement in enumerate(placements, 1):
        teacher = county.teacher.get(placement.teacher)
        if teacher is None:
            yield _fault(
                row, "teacher", placement.teacher, "unknown_reference", "数据中没有这位教师", "no such teacher"
            )
            continue
        if placement.home != teacher.school:
            yield _fault(
                row, "home", placement.home, "wrong_home", "不是该教师的派出校", "is not the teacher's home school"
            )
        unknown = [host for host in placement.hosts if host not in county.school]
        for host in unknown:
            yield _fault(row, "host", host, "unknown_reference", "数据中没有这所学校", "no such school")
        if placement.hosts[:1] != (placement.host,) or len(set(placement.hosts)) != len(placement.hosts):
            yield _fault(row, "hosts", ";".join(placement.hosts), "wrong_hosts", "hosts 应以 host 开头且不重复",
                         "hosts start with host and name no school twice")  # fmt: skip
        if placement.mode not in MODES or (placement.mode == "itinerant") != placement.is_circuit:
            yield _fault(row, "mode", placement.mode, "wrong_mode", "未知的交流形式, 或走教与学校数不符",
                         "unknown mode, or an itinerant placement without a circuit")  # fmt: skip
        if placement.start_year != county.year:
            yield _fault(
                row, "start_year", placement.start_year, "wrong_year", "应从本学年开始", "must start this year"
            )
        if placement.years < 1:
            yield _fault(row, "years", placement.years, "wrong_years", "年限至少1学年", "a term is at least one year")
        if not unknown:
            ways = [facts.way(teacher, county.school[host]) for host in placement.hosts]
            known = [way.metres for way in ways if way is not None]
            if len(known) < len(ways):
                yield _fault(
                    row, "km", placement.km, "no_distance", "两地之间没有里程", "no way between the two is known"
                )
            elif abs(placement.metres - max(known)) > 1:
                yield _fault(
                    row, "km", placement.km, "wrong_km", "与数据算出的里程不符", "is not the distance of the data"
                )


def _fault(row: int, column: str, value: Any, code: str, zh: str, en: str) -> Fault:
    return Fault("placements", row, column, value, code, Words(zh, en))
