"""What a plan changes, before → after (rulebook §5), and the evidence for the evaluation of balanced education.

Differences between schools are measured with the coefficient of variation 差异系数 in the form that the evaluations of
balanced compulsory education use (教督〔2012〕3号, 教督〔2017〕6号): the standard deviation between schools, weighted by
pupils, over the county mean,

    CV = S / X̄,  S = sqrt( Σ_i (P_i / P_N) × (X_i − X̄)² ),  X_i = x_i / P_i,  X̄ = Σ_i x_i / P_N,

x_i the teachers counted at school i, P_i its pupils, P_N all pupils; primary and junior schools apart. 教督〔2017〕6号 is the
source of the standards: CV ≤ 0.50 in primary and ≤ 0.45 in junior schools, ≥ 10 % of the eligible rotated in a year and
≥ 20 % backbone teachers among them. The numbers are quoted as the rulebook gives them, not word for word: an office that
hands in a table compares it with its own copy of the document. That the document speaks of backbone teachers and of arts and
PE teachers per 100 pupils, and not of teaching points of fewer than 50 pupils, is our reading; ``teachers`` per 100 pupils is
reported beside them.

Two choices of ours, for want of data: a school with both levels enters both whole (its pupils are not split by level),
and schools without ``pupils`` are left out and counted in ``schools_left_out``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from statistics import median
from typing import Any

from rotation.county import BACKBONE_RANKS, County, Exact, School, Teacher, part
from rotation.facts import Facts
from rotation.plan import Placement
from rotation.rules.budget import Budget
from rotation.rules.frame import least_of
from rotation.tally import Tally

STANDARDS: Mapping[str, float] = {"primary": 0.50, "junior": 0.45}
"""Level → the largest coefficient of variation that passes."""
ARTS_AND_PE = frozenset({"music", "art", "arts", "pe", "音乐", "美术", "艺术", "体育", "体育与健康"})
BACKBONE = frozenset(BACKBONE_RANKS[BACKBONE_RANKS.index("county") :])
MEASURES = ("teachers", "backbone", "arts_pe")
SMALL_POINT_PUPILS = 50
MOVED_SHARE, BACKBONE_SHARE = 0.10, 0.20


def indicators(facts: Facts, tally: Tally) -> dict[str, Any]:
    """Every indicator as plain JSON values; None where there is nothing to divide by (or no budget rule).

    Shares lie in [0, 1]; km in kilometres; ``subsidy_yearly`` in yuan, running terms included; backbone = county rank or
    above. ``variation``: level → measure (teachers, backbone, arts_pe) → before, after, holds. ``evidence``: rows of
    the evaluation table, ``least`` being the persons that the standard asks for.
    """
    county = facts.county
    moved = len(tally.placements)
    eligible = sum(facts.eligible_count.values())
    backbone = sum(_is_backbone(county.teacher[placement.teacher]) for placement in tally.placements)
    metres = sorted(placement.metres for placement in tally.placements)
    listed, first = _first_choices(county, tally)
    return {
        "moved": moved,
        "eligible": eligible,
        "moved_share": _share(moved, eligible),
        "backbone_moved": backbone,
        "backbone_share": _share(backbone, moved),
        **_rural_posts(county, tally),
        "km_total": sum(metres) / 1000,
        "km_median": median(metres) / 1000 if metres else None,
        "km_max": metres[-1] / 1000 if metres else None,
        "subsidy_yearly_before": _subsidy(facts, Tally(county, ())),
        "subsidy_yearly": _subsidy(facts, tally),
        "first_choice_of": listed,
        "first_choice_share": _share(first, listed),
        "variation": variation(county, tally),
        "evidence": [
            _evidence("moved_share", moved, eligible, MOVED_SHARE),
            _evidence("backbone_share", backbone, moved, BACKBONE_SHARE),
        ],
    }


def _before(county: County, teacher: Teacher) -> Iterator[tuple[str, str, Exact]]:
    """(school, subject, share) of where the teacher works without a new placement."""
    terms = county.running.get(teacher.id)
    if terms is None:
        yield teacher.school, teacher.main_subject, 1
    else:
        for term in terms:
            yield term.host, term.subject, part(1, len(terms))


def _after(placement: Placement) -> Iterator[tuple[str, str, Exact]]:
    for host in placement.hosts:
        yield host, placement.subject, part(1, len(placement.hosts))


def coefficient_of_variation(counts: Mapping[str, Exact], pupils: Mapping[str, int]) -> float | None:
    """CV of x_i / P_i between schools, weighted by pupils; school id → x_i and P_i > 0. None where every x_i is 0."""
    everybody = sum(pupils.values())
    mean = Fraction(sum(counts.get(school, 0) for school in pupils), max(1, everybody))
    if mean == 0:
        return None
    # Σ P_i × (x_i / P_i − X̄)² = Σ x_i² / P_i − P_N × X̄², a fraction for each number of pupils only.
    squares: dict[int, Exact] = defaultdict(int)
    for school, count in pupils.items():
        squares[count] += counts.get(school, 0) ** 2
    mean_square = sum((Fraction(total, count) for count, total in squares.items()), Fraction(0)) / everybody
    variance = mean_square - mean**2
    return math.sqrt(variance) / float(mean)


def variation(county: County, tally: Tally) -> dict[str, Any]:
    """Level → measure → coefficient of variation before and after, and whether the standard holds after."""
    before = _per_school(county)
    after = _after_moves(county, tally, before)
    found: dict[str, Any] = {}
    for level, most in STANDARDS.items():
        schools = [school for school in county.schools if level in school.levels and not _is_tiny_point(school)]
        pupils = {school.id: school.pupils for school in schools if school.pupils}
        row: dict[str, Any] = {"most": most, "schools": len(pupils), "schools_left_out": len(schools) - len(pupils)}
        for measure in MEASURES:
            now = coefficient_of_variation(after[measure], pupils)
            row[measure] = {
                "before": coefficient_of_variation(before[measure], pupils),
                "after": now,
                "holds": None if now is None else now <= most,
            }
        found[level] = row
    return found


PerSchool = dict[str, dict[str, Exact]]
"""Measure → school id → teachers at work."""


def _per_school(county: County) -> PerSchool:
    """Everybody where they work before the plan."""
    found: PerSchool = {measure: defaultdict(int) for measure in MEASURES}
    for (school, subject), count in county.at_work.items():
        found["teachers"][school] += count
        if subject in ARTS_AND_PE:
            found["arts_pe"][school] += count
    for teacher in county.teachers:
        if teacher.backbone in BACKBONE:
            for school, _, share in _before(county, teacher):
                found["backbone"][school] += share
    return found


def _after_moves(county: County, tally: Tally, before: PerSchool) -> PerSchool:
    """Those who are placed taken from where they were and added where they go; the others stay."""
    found: PerSchool = {measure: defaultdict(int, counts) for measure, counts in before.items()}
    for placement in {placement.teacher: placement for placement in tally.placements}.values():
        teacher = county.teacher[placement.teacher]
        moves = [(school, subject, -share) for school, subject, share in _before(county, teacher)]
        for school, subject, share in (*moves, *_after(placement)):
            found["teachers"][school] += share
            if _is_backbone(teacher):
                found["backbone"][school] += share
            if subject in ARTS_AND_PE:
                found["arts_pe"][school] += share
    return found


def _is_backbone(teacher: Teacher) -> bool:
    return teacher.backbone in BACKBONE


def _is_tiny_point(school: School) -> bool:
    return school.area == "teaching_point" and (school.pupils or 0) < SMALL_POINT_PUPILS


def _rural_posts(county: County, tally: Tally) -> dict[str, Any]:
    """Required posts at rural schools, and how many of them are filled: Σ min(required, staff)."""
    posts = [post for post in county.posts if county.school[post.school].is_rural]
    before: Exact = sum(min(p.required, county.at_work.get((p.school, p.subject), 0)) for p in posts)
    after: Exact = sum(min(p.required, tally.staff_after(p.school, p.subject)) for p in posts)
    return {
        "rural_posts_required": sum(post.required for post in posts),
        "rural_posts_filled_before": _plain(before),
        "rural_posts_filled_after": _plain(after),
    }


def _first_choices(county: County, tally: Tally) -> tuple[int, int]:
    """(those placed who have a list of wishes, those of them placed at a first choice); a circuit: at any host."""
    listed = first = 0
    for placement in tally.placements:
        ranks = county.ranks_of.get(placement.teacher, {})
        if any(rank >= 1 for rank in ranks.values()):
            listed += 1
            first += any(ranks.get(host) == 1 for host in placement.hosts)
    return listed, first


def _subsidy(facts: Facts, tally: Tally) -> int | float | None:
    """Yuan per school year by the policy's first budget rule; None without one."""
    budget = next((rule for rule in facts.policy.rules if isinstance(rule, Budget)), None)
    if budget is None:
        return None
    return _plain(sum((yuan for _, yuan in budget.costs(facts, tally)), Fraction(0)))


def _evidence(name: str, count: int, of: int, share: float) -> dict[str, Any]:
    least = least_of(share, of)
    return {
        "indicator": name,
        "count": count,
        "of": of,
        "share": _share(count, of),
        "standard": share,
        "least": least,
        "holds": count >= least,
        "source": "教督〔2017〕6号",
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _plain(number: Exact) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)
