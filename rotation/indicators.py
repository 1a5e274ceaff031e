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
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from statistics import median
from typing import Any

from rotation.county import BACKBONE_RANKS, County, School, Teacher
from rotation.facts import Facts
from rotation.plan import Placement
from rotation.rules.budget import Budget
from rotation.rules.frame import least_of
from rotation.tally import Tally

STANDARDS: Mapping[str, float] = {"primary": 0.50, "junior": 0.45}
"""Level → the largest coefficient of variation that passes."""
ARTS_AND_PE = frozenset({"music", "art", "arts", "pe", "音乐", "美术", "艺术", "体育", "体育与健康"})
BACKBONE_FROM = BACKBONE_RANKS.index("county")
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


def at_work(county: County, placements: Iterable[Placement]) -> Iterator[tuple[Teacher, str, str, Fraction]]:
    """(teacher, school, subject, share) of where everybody teaches with these new placements; shares add up to 1 each."""
    placed = {placement.teacher: placement for placement in placements}
    for teacher in county.teachers:
        placement, terms = placed.get(teacher.id), county.running.get(teacher.id)
        if placement is not None:
            for host in placement.hosts:
                yield teacher, host, placement.subject, Fraction(1, len(placement.hosts))
        elif terms is not None:
            for term in terms:
                yield teacher, term.host, term.subject, Fraction(1, len(terms))
        else:
            yield teacher, teacher.school, teacher.main_subject, Fraction(1)


def coefficient_of_variation(counts: Mapping[str, Fraction], pupils: Mapping[str, int]) -> float | None:
    """CV of x_i / P_i between schools, weighted by pupils; school id → x_i and P_i > 0. None where every x_i is 0."""
    everybody = sum(pupils.values())
    mean = sum((counts.get(school, Fraction(0)) for school in pupils), Fraction(0)) / max(1, everybody)
    if mean == 0:
        return None
    variance = sum(
        (
            Fraction(count, everybody) * (counts.get(school, Fraction(0)) / count - mean) ** 2
            for school, count in pupils.items()
        ),
        Fraction(0),
    )
    return math.sqrt(variance) / float(mean)


def variation(county: County, tally: Tally) -> dict[str, Any]:
    """Level → measure → coefficient of variation before and after, and whether the standard holds after."""
    before, after = _per_school(county, ()), _per_school(county, tally.placements)
    found: dict[str, Any] = {}
    for level, most in STANDARDS.items():
        schools = [school for school in county.schools if level in school.levels and not _is_tiny_point(school)]
        pupils = {school.id: school.pupils for school in schools if school.pupils}
        row: dict[str, Any] = {"most": most, "schools": len(pupils), "schools_left_out": len(schools) - len(pupils)}
        for measure in ("teachers", "backbone", "arts_pe"):
            now = coefficient_of_variation(after[measure], pupils)
            row[measure] = {
                "before": coefficient_of_variation(before[measure], pupils),
                "after": now,
                "holds": None if now is None else now <= most,
            }
        found[level] = row
    return found


def _per_school(county: County, placements: Iterable[Placement]) -> dict[str, dict[str, Fraction]]:
    """Measure → school id → teachers at work."""
    found: dict[str, dict[str, Fraction]] = {m: defaultdict(Fraction) for m in ("teachers", "backbone", "arts_pe")}
    for teacher, school, subject, share in at_work(county, placements):
        found["teachers"][school] += share
        if _is_backbone(teacher):
            found["backbone"][school] += share
        if subject in ARTS_AND_PE:
            found["arts_pe"][school] += share
    return found


def _is_backbone(teacher: Teacher) -> bool:
    return teacher.backbone_rank >= BACKBONE_FROM


def _is_tiny_point(school: School) -> bool:
    return school.area == "teaching_point" and (school.pupils or 0) < SMALL_POINT_PUPILS


def _rural_posts(county: County, tally: Tally) -> dict[str, Any]:
    """Required posts at rural schools, and how many of them are filled: Σ min(required, staff)."""
    posts = [post for post in county.posts if county.school[post.school].is_rural]
    before = sum(
        (min(Fraction(p.required), county.staff_before.get((p.school, p.subject), Fraction(0))) for p in posts),
        Fraction(0),
    )
    after = sum((min(Fraction(p.required), tally.staff_after(p.school, p.subject)) for p in posts), Fraction(0))
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


def _plain(number: Fraction) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)
