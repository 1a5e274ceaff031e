"""The least loosening of one rule that a given plan keeps: the plan says what the rule must let through.

One function a rule kind, in the catalogue at the end; rules without a number to loosen can only be lifted. Shares move by
whole per cent, kilometres by whole kilometres, so that a policy stays readable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import Any

from rotation.county import TITLES
from rotation.facts import Facts
from rotation.rules.backbone_quota import BackboneQuota
from rotation.rules.backbone_support import BackboneSupport
from rotation.rules.budget import Budget
from rotation.rules.destination import Destination, Flow
from rotation.rules.distance import Distance
from rotation.rules.eligibility import Eligibility, age_on_first_september
from rotation.rules.equal_exchange import EqualExchange
from rotation.rules.establishment import Establishment
from rotation.rules.fair_senders import FairSenders
from rotation.rules.frame import Cell, Number, Rule, Selector, cell_key, exact
from rotation.rules.host_capacity import HostCapacity
from rotation.rules.leader_exchange import LeaderExchange
from rotation.rules.mentoring import Mentoring
from rotation.rules.preference_floor import PreferenceFloor
from rotation.rules.release import Release
from rotation.rules.rotation_quota import QuotaLimits
from rotation.rules.rural_coverage import RuralCoverage
from rotation.rules.spouses import Spouses
from rotation.rules.term import TermRule
from rotation.tally import Tally

Changes = dict[str, Any]
MOST_STEPS = 30
MOST_ALIKE = 4
"""Rules that one rule is split into at most, beside itself."""


def broken_cells(rule: Rule, facts: Facts, tally: Tally) -> list[Cell]:
    return [cell for cell in rule.check(facts, tally) if cell.shortfall]


def eased(rule: Rule, facts: Facts, tally: Tally) -> Rule | None:
    """``rule`` loosened as little as the plan needs, for all it covers; None where it has no number that does it."""
    ease = next((function for kind, function in EASINGS.items() if isinstance(rule, kind)), None)
    for _ in range(MOST_STEPS):
        broken = broken_cells(rule, facts, tally)
        if not broken:
            return rule
        changes = ease(rule, facts, tally, broken) if ease is not None else {}
        if not changes:
            return None
        rule = rule.model_copy(update=changes)
    return None


def is_liftable(rule: Rule) -> bool:
    """Can the rule be taken away at some schools, for want of a number in it?"""
    return isinstance(rule, HostCapacity | PreferenceFloor)


def can_ease(rule: Rule) -> bool:
    return is_liftable(rule) or any(isinstance(rule, kind) for kind in EASINGS)


# -- for some schools only --------------------------------------------------------------------------------------------


def schools_in_breach(rule: Rule, facts: Facts, broken: Sequence[Cell]) -> frozenset[str] | None:
    """The schools at which the rule would have to give way; None where its cells are not single schools."""
    found = set()
    for cell in broken:
        if "school" in cell.cell and not isinstance(rule, Establishment):
            found.add(cell.cell["school"])
        elif isinstance(rule, Distance | PreferenceFloor | TermRule) and "host" in cell.cell:
            found.add(cell.cell["host"])
        elif isinstance(rule, Eligibility | Destination):
            found.add(facts.county.teacher[cell.cell["teacher"]].school)
        else:
            return None
    return frozenset(found)


def only_at(rule: Rule, schools: Collection[str], facts: Facts, new_id: str | None = None) -> Rule | None:
    """``rule`` for those of the schools it covers that are in ``schools``; None where that is none."""
    covered = tuple(s.id for s in facts.county.schools if rule.selector.selects(s) and s.id in schools)
    if not covered:
        return None
    return rule.model_copy(update={"where": Selector(school=covered), "id": new_id or rule.id})


def eased_at(
    rule: Rule, schools: Collection[str], facts: Facts, tally: Tally, taken: Collection[str]
) -> tuple[Rule, ...] | None:
    """Rules to put in place of ``rule``: as it is elsewhere, loosened (or lifted) at ``schools``. None: cannot be.

    Schools that need the same numbers share a rule, of an id that is not ``taken``; very different needs share the loosest.
    """
    others = {school.id for school in facts.county.schools} - set(schools)
    rest = only_at(rule, others, facts)
    if rest is None or only_at(rule, schools, facts) is None:
        return None
    if is_liftable(rule):
        return (rest,)
    alike: dict[str, list[str]] = {}
    for school in sorted(schools):
        own = only_at(rule, [school], facts)
        loose = None if own is None else eased(own, facts, tally)
        if own is not None and loose is None:
            return None
        if loose is not None:
            alike.setdefault(loose.model_copy(update={"where": None}).model_dump_json(), []).append(school)
    together = list(alike.values()) if len(alike) <= MOST_ALIKE else [sorted(schools)]
    found = [rest]
    for number, some in enumerate(together, 1):
        here = only_at(rule, some, facts, _free_id(rule.id, number, taken))
        loose = None if here is None else eased(here, facts, tally)
        if loose is None:
            return None
        found.append(loose)
    return tuple(found)


def _free_id(rule_id: str, number: int, taken: Collection[str]) -> str:
    name = f"{rule_id}-eased" + (f"-{number}" if number > 1 else "")
    while name in taken:
        name += "-more"
    return name


# -- rule by rule -----------------------------------------------------------------------------------------------------


def _down(value: Number) -> float:
    """The whole per cent at or below."""
    return math.floor(Fraction(value) * 100) / 100


def _up(value: Number) -> float:
    """The whole per cent at or above, 1 at most."""
    return min(1.0, math.ceil(Fraction(value) * 100) / 100)


def _distance(rule: Distance, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    codes = {cell.code for cell in broken}
    changes: Changes = {}
    ways = [
        facts.way(facts.county.teacher[p.teacher], facts.county.school[host])
        for p in tally.placements
        for host in p.hosts
        if rule.from_.selects(facts.county.school[p.home]) and rule.selector.selects(facts.county.school[host])
    ]
    known = [way for way in ways if way is not None]
    if "too_far" in codes and rule.max_km is not None:
        farthest = math.ceil(max(way.km for way in known))
        if farthest > rule.max_km:
            changes["max_km"] = farthest
    if "too_far_for_teacher" in codes:
        changes["respect_personal"] = False
    if "minutes_unknown" in codes:
        changes["max_minutes"] = None
    elif "too_long" in codes:
        changes["max_minutes"] = math.ceil(max(way.minutes for way in known if way.minutes is not None))
    return changes


def _eligibility(rule: Eligibility, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    county = facts.county
    changes: Changes = {}
    for cell in broken:
        teacher = county.teacher[cell.cell["teacher"]]
        match cell.code:
            case "not_a_volunteer":
                changes["volunteers_only"] = False
            case "too_few_years_at_school":
                years = max(0, county.year - teacher.joined_year)
                changes["min_years_at_school"] = min(years, changes.get("min_years_at_school", years))
            case "too_old":
                assert teacher.birth_date is not None
                key = "max_age_female" if teacher.sex == "F" else "max_age_male"
                changes[key] = max(age_on_first_september(teacher.birth_date, county.year), changes.get(key, 0))
            case "role_not_listed":
                changes["roles"] = tuple(dict.fromkeys((*changes.get("roles", rule.roles), teacher.role)))
            case "title_too_low":
                lowest = min(TITLES.index(teacher.title), TITLES.index(changes.get("min_title", teacher.title)))
                changes["min_title"] = TITLES[lowest]
            case "exempt":
                listed = changes.get("exempt", rule.exempt)
                changes["exempt"] = tuple(code for code in listed if code not in teacher.exempt)
            case "cooldown":
                since = max(0, county.year - county.returned[teacher.id])
                changes["cooldown_years"] = min(since, changes.get("cooldown_years", since))
            case "too_near_retirement":
                age, retires = teacher.birth_date, facts.retirement_age(teacher)
                assert age is not None and retires is not None
                left = max(0, retires - age_on_first_september(age, county.year))
                changes["min_years_to_retirement"] = min(left, changes.get("min_years_to_retirement", left))
    return changes


def _destination(rule: Destination, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    if any(cell.code != "no_flow" for cell in broken):
        return {"within": "county"}
    pairs = {(cell.cell["teacher"], cell.cell["host"]) for cell in broken}
    flows = list(rule.flows)
    for placement in tally.placements:
        if (placement.teacher, placement.host) in pairs:
            ends = (Selector(school=(placement.home,)), Selector(school=placement.hosts))
            flows.append(Flow(from_=ends[0], to=ends[1], mode=placement.mode))  # type: ignore[arg-type]
    return {"flows": tuple(dict.fromkeys(flows))}


def _term(rule: TermRule, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    codes = {cell.code for cell in broken}
    placed = {placement.teacher: placement.years for placement in tally.placements}
    years = {placed[cell.cell["teacher"]] for cell in broken if "teacher" in cell.cell}
    changes: Changes = {}
    if "years_not_listed" in codes:
        changes["years"] = tuple(sorted({*rule.years, *years}))
    if "too_short_for_rural" in codes:
        changes["rural_min_years"] = min(years)
    if "retires_before_end" in codes:
        sexes = {facts.county.teacher[cell.cell["teacher"]].sex for cell in broken if cell.code == "retires_before_end"}
        changes |= {f"retirement_age_{'female' if sex == 'F' else 'male'}": None for sex in sexes}
    if any("ends" in cell.cell for cell in broken):
        changes["end_share_max"] = None
    return changes


def _quota(rule: QuotaLimits, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    counted = rule.counted(facts)
    changes: Changes = {}
    for cell in broken:
        n = counted.get(tuple(cell.cell.items()), 0)
        moved = int(cell.measured)
        if cell.least is not None and moved < cell.least:
            if rule.share_min is not None and exact(rule.share_min) * n > moved:
                changes["share_min"] = min(_down(Fraction(moved, n)), changes.get("share_min", 1.0))
            if rule.count_min is not None and rule.count_min > moved:
                changes["count_min"] = min(moved, changes.get("count_min", moved))
        if cell.most is not None and moved > cell.most:
            if rule.share_max is not None and exact(rule.share_max) * n < moved:
                changes["share_max"] = max(_up(Fraction(moved, max(1, n))), changes.get("share_max", 0.0))
            if rule.count_max is not None and rule.count_max < moved:
                changes["count_max"] = max(moved, changes.get("count_max", moved))
    return changes


def _backbone_quota(rule: BackboneQuota, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    moved: dict[Any, int] = {}
    for placement in tally.placements:
        teacher = facts.county.teacher[placement.teacher]
        home = facts.county.school[teacher.school]
        if rule.selector.selects(home):
            key = cell_key(rule.per, home, teacher.main_subject)
            moved[key] = moved.get(key, 0) + 1
    shares = [Fraction(int(cell.measured), moved[tuple(cell.cell.items())]) for cell in broken]
    return {"share_min": _down(min(shares))}


def _release(rule: Release, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    changes: Changes = {}
    for cell in broken:
        if cell.least is not None:
            changes["keep_required"] = False
            continue
        key, out = tuple(cell.cell.items()), int(cell.measured)
        staff = Fraction(0)
        for (school_id, subject), count in facts.county.staff_before.items():
            school = facts.county.school[school_id]
            if rule.selector.selects(school) and cell_key(rule.per, school, subject) == key:
                staff += count
        if rule.share_max is not None and exact(rule.share_max) * staff < out and staff:
            changes["share_max"] = max(_up(out / staff), changes.get("share_max", 0.0))
        if rule.count_max is not None and rule.count_max < out:
            changes["count_max"] = max(out, changes.get("count_max", out))
    return changes


def _rural_coverage(rule: RuralCoverage, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    changes: Changes = {}
    for cell in broken:
        if "subject" in cell.cell:
            required = facts.county.post[cell.cell["school"], cell.cell["subject"]].required
            share = max(0.0, _down(Fraction(cell.measured) / required))
            changes["required_share"] = min(share, changes.get("required_share", 1.0))
        else:
            changes["arrivals_min"] = min(int(cell.measured), changes.get("arrivals_min", rule.arrivals_min))
    return changes


def _backbone_support(rule: BackboneSupport, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    changes: Changes = {}
    for cell in broken:
        came = int(cell.measured)
        if "subject" in cell.cell:
            changes["per_subject_min"] = min(came, changes.get("per_subject_min", came))
            continue
        staff = facts.county.staff_before_school.get(cell.cell["school"], Fraction(0))
        if rule.count_min is not None and rule.count_min > came:
            changes["count_min"] = min(came, changes.get("count_min", came))
        if rule.share_min is not None and exact(rule.share_min) * staff > came:
            changes["share_min"] = min(_down(came / staff), changes.get("share_min", 1.0))
    return changes


def _equal_exchange(rule: EqualExchange, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    return {"tolerance": math.ceil(max(cell.measured for cell in broken))}


def _fair_senders(rule: FairSenders, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    kept = 1 - exact(rule.tolerance)
    if not kept:
        return {}
    shares = [Fraction(cell.measured) * kept / Fraction(cell.least or 1) for cell in broken]
    return {"tolerance": _up(1 - min(shares))}


def _budget(rule: Budget, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    return {"amount": math.ceil(max(cell.measured for cell in broken))}


def _establishment(rule: Establishment, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    changes: Changes = {}
    for cell in broken:
        school = facts.county.school[cell.cell["school"]]
        over = math.ceil(cell.shortfall)
        if school.group is not None and school.group_role == "member":
            changes["member"] = max(rule.member + over, changes.get("member", 0))
        elif school.group is not None and school.group_role == "core":
            members = sum(other.group_role == "member" for other in facts.county.schools_of_group[school.group])
            if members:
                more = rule.core_per_member + math.ceil(over / members)
                changes["core_per_member"] = max(more, changes.get("core_per_member", 0))
        elif school.sites:
            changes["per_site"] = max(rule.per_site + math.ceil(over / school.sites), changes.get("per_site", 0))
    return changes


def _leader_exchange(rule: LeaderExchange, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    counts = [int(cell.measured) for cell in broken if "group" in cell.cell]
    return {"count_min": min(counts)} if len(counts) == len(broken) else {}


def _mentoring(rule: Mentoring, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    return {"pairs_min": min(int(cell.measured) for cell in broken)}


def _spouses(rule: Spouses, facts: Facts, tally: Tally, broken: list[Cell]) -> Changes:
    return {"max_moved": int(max(cell.measured for cell in broken))}


Easing = Callable[[Any, Facts, Tally, list[Cell]], Changes]
EASINGS: dict[Any, Easing] = {
    Distance: _distance,
    Eligibility: _eligibility,
    Destination: _destination,
    TermRule: _term,
    QuotaLimits: _quota,
    BackboneQuota: _backbone_quota,
    Release: _release,
    RuralCoverage: _rural_coverage,
    BackboneSupport: _backbone_support,
    EqualExchange: _equal_exchange,
    FairSenders: _fair_senders,
    Budget: _budget,
    Establishment: _establishment,
    LeaderExchange: _leader_exchange,
    Mentoring: _mentoring,
    Spouses: _spouses,
}
