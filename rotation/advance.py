"""The next school year's data set: who was placed is on a running term, who has served comes home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from rotation.county import County, Teacher, Term
from rotation.faults import Fault, InputError
from rotation.plan import Placement, Plan
from rotation.words import Words


def advance(county: County, plan: Plan) -> County:
    """``county`` one school year on, with ``plan`` carried out. Raises InputError when the plan is not of these data.

    - ``year`` + 1. Schools, posts, groups and the travel table stay; so do exemption codes, pupils, classes and open
      leader posts: they are facts of a year that the plan does not know, and the office revises them.
    - Every placement becomes rows of ``terms``, one a host; nothing is deleted there, an ended term is a past row.
    - A term that ends with this year sends its teacher home: ``last_rotation_end`` becomes the new year (never an
      earlier one than is given), and ``rural_years`` grows by the term's years if the host is rural; a circuit counts
      when any of its hosts is, once.
    - Wishes and decisions were for this year's plan: ``preferences`` and ``decisions`` are emptied and ``volunteer``
      is reset. The home school, and with it ``joined_year``, never changes by a rotation.
    """
    faults = list(_faults(county, plan))
    if faults:
        raise InputError(faults)
    year = county.year + 1
    terms = (*county.terms, *(term for placement in plan.placements for term in terms_of(placement)))
    ended: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        if term.end_year == year:
            ended[term.teacher].append(term)
    return replace(
        county,
        year=year,
        teachers=tuple(_next_year(county, teacher, ended.get(teacher.id, []), year) for teacher in county.teachers),
        terms=terms,
        preferences=(),
        decisions=(),
    )


def terms_of(placement: Placement) -> Iterator[Term]:
    """The rows of ``terms`` that a placement leaves behind, one a host."""
    for host in placement.hosts:
        yield Term(placement.teacher, host, placement.subject, placement.start_year, placement.years, placement.mode)


def _next_year(county: County, teacher: Teacher, ended: list[Term], year: int) -> Teacher:
    if not ended:
        return replace(teacher, volunteer=False) if teacher.volunteer else teacher
    rural = [term.years for term in ended if county.school[term.host].is_rural]
    return replace(
        teacher,
        volunteer=False,
        last_rotation_end=max(year, teacher.last_rotation_end or year),
        rural_years=teacher.rural_years + max(rural, default=0),
    )


def _faults(county: County, plan: Plan) -> Iterator[Fault]:
    if plan.year != county.year:
        yield _fault(
            None, "year", plan.year, "wrong_year", "方案与数据不是同一学年", "plan and data are of different years"
        )
    placed: set[str] = set()
    for row, placement in enumerate(plan.placements, 1):
        teacher = county.teacher.get(placement.teacher)
        if teacher is None:
            yield _fault(
                row, "teacher", placement.teacher, "unknown_reference", "数据中没有这位教师", "no such teacher"
            )
        elif placement.teacher in placed or placement.teacher in county.running:
            yield _fault(
                row, "teacher", placement.teacher, "overlapping_terms",
                "该教师已有未期满的交流或在方案中出现两次", "the teacher is on a running term or placed twice",
            )  # fmt: skip
        placed.add(placement.teacher)
        for host in placement.hosts:
            if host not in county.school:
                yield _fault(row, "host", host, "unknown_reference", "数据中没有这所学校", "no such school")
        if placement.start_year != county.year:
            yield _fault(
                row, "start_year", placement.start_year, "wrong_year", "应从本学年开始", "must start this year"
            )
        if placement.years < 1:
            yield _fault(row, "years", placement.years, "wrong_years", "年限至少1学年", "a term is at least one year")


def _fault(row: int | None, column: str, value: object, code: str, zh: str, en: str) -> Fault:
    return Fault("placements", row, column, value, code, Words(zh, en))
