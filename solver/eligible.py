"""Twin of ``rotation.rules.eligibility``, of all teachers at once: a city has a hundred thousand to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rotation.county import ROLES, TITLES
from rotation.rules.eligibility import Eligibility

if TYPE_CHECKING:
    from solver.index import Bools, Floats, Index

FROM_ORDINAL = 719_163
"""The ordinal of 1 January 1970, where numpy begins to count."""
SECOND_OF_SEPTEMBER = 121
"""Days from then to the new year: who is born on that day or later is a year younger on 1 September than the year says."""


def eligible(index: Index) -> Bools:
    """(T,) who passes every eligibility rule that covers the home school, and is not on a running term."""
    found = ~index.running
    people = _People(index)
    for rule in index.facts.policy.rules:
        if isinstance(rule, Eligibility):
            found &= people.passing(rule) | ~index.selected(rule.selector)[index.home]
    return found


class _People:
    """What the rules ask of teachers, as (T,) arrays; NaN where it is not known."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.teachers = index.county.teachers

    def passing(self, rule: Eligibility) -> Bools:
        """Who may move under ``rule``, wherever their home. What is not known refuses nobody."""
        found: Bools = self.index.tenure >= rule.min_years_at_school
        if rule.volunteers_skip_tenure:
            found |= self.volunteer
        if rule.volunteers_only:
            found &= self.volunteer
        oldest = {"F": rule.max_age_female, "M": rule.max_age_male}
        if any(age is not None for age in oldest.values()):
            found &= ~(self.age > self._by_sex(oldest))
        if set(rule.roles) != set(ROLES):
            found &= self._are(teacher.role in rule.roles for teacher in self.teachers)
        if rule.min_title is not None:
            titles = TITLES[TITLES.index(rule.min_title) :]
            found &= self._are(teacher.title in titles for teacher in self.teachers)
        if rule.exempt:
            codes = frozenset(rule.exempt)
            found &= self._are(codes.isdisjoint(teacher.exempt) for teacher in self.teachers)
        found &= ~(self.years_back < rule.cooldown_years)
        if rule.min_years_to_retirement is not None:
            found &= ~(self._by_sex(self.index.facts.retirement_ages) - self.age < rule.min_years_to_retirement)
        return found

    def _are(self, answers: Iterable[bool]) -> Bools:
        return np.fromiter(answers, dtype=bool, count=len(self.teachers))

    @cached_property
    def volunteer(self) -> Bools:
        return self._are(teacher.volunteer for teacher in self.teachers)

    @cached_property
    def age(self) -> Floats:
        """Whole years on 1 September."""
        born = np.array([0 if (day := teacher.birth_date) is None else day.toordinal() for teacher in self.teachers])
        shifted = (born - FROM_ORDINAL + SECOND_OF_SEPTEMBER).astype("datetime64[D]")
        years = shifted.astype("datetime64[Y]").astype(np.int64) + 1970
        return np.where(born == 0, np.nan, self.index.county.year - years)

    @cached_property
    def years_back(self) -> Floats:
        """Years since the last rotation ended."""
        found = np.full(len(self.teachers), np.nan)
        for teacher, year in self.index.county.returned.items():
            if teacher in self.index.teacher_at:
                found[self.index.teacher_at[teacher]] = self.index.county.year - year
        return found

    def _by_sex(self, ages: Mapping[str, int | None]) -> Floats:
        """Each teacher's of ``ages``."""
        known = {sex: np.nan if age is None else float(age) for sex, age in ages.items()}
        return np.fromiter((known.get(sex, np.nan) for sex in self._sex), dtype=np.float64, count=len(self._sex))

    @cached_property
    def _sex(self) -> list[str]:
        return [teacher.sex or "" for teacher in self.teachers]
