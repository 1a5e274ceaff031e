"""What county and policy say together before any plan: who is eligible, and how far it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from rotation.county import County, Post_, School, Teacher
from rotation.policy import Policy
from rotation.rules.distance import Distance
from rotation.rules.eligibility import Eligibility
from rotation.rules.term import TermRule
from rotation.travel import DEFAULT_DETOUR, Way, way


class Facts:
    """Facts of one county under one policy, computed once and shared by every checker."""

    def __init__(self, county: County, policy: Policy) -> None:
        self.county = county
        self.policy = policy
        self._ways: dict[tuple[str, str], Way | None] = {}

    @cached_property
    def detour(self) -> float:
        """The detour factor of the policy's first distance rule; it applies wherever km are needed."""
        return next((rule.detour for rule in self.policy.rules if isinstance(rule, Distance)), DEFAULT_DETOUR)

    @cached_property
    def retirement_ages(self) -> Mapping[str, int]:
        """Sex → retirement age, from the first ``term`` rule that gives one."""
        found: dict[str, int] = {}
        for rule in self.policy.rules:
            if isinstance(rule, TermRule):
                for sex, age in (("F", rule.retirement_age_female), ("M", rule.retirement_age_male)):
                    if age is not None:
                        found.setdefault(sex, age)
        return found

    @property
    def knows_retirement(self) -> bool:
        return len(self.retirement_ages) == 2

    def retirement_age(self, teacher: Teacher) -> int | None:
        return self.retirement_ages.get(teacher.sex or "")

    def way(self, teacher: Teacher, host: School) -> Way | None:
        key = (teacher.id, host.id)
        if key not in self._ways:
            self._ways[key] = way(self.county, teacher, host, self.detour)
        return self._ways[key]

    @cached_property
    def ineligible(self) -> Mapping[str, tuple[str, str]]:
        """Teacher id → (rule id, code) of the first reason against; the eligible are absent."""
        rules = [rule for rule in self.policy.rules if isinstance(rule, Eligibility)]
        covering = {
            school.id: [rule for rule in rules if rule.selector.selects(school)] for school in self.county.schools
        }
        running = self.county.running
        found: dict[str, tuple[str, str]] = {}
        for teacher in self.county.teachers:
            if teacher.id in running:
                found[teacher.id] = ("eligibility", "on_running_term")
                continue
            for rule in covering[teacher.school]:
                code = rule.refusal_if_covered(self, teacher)
                if code is not None:
                    found[teacher.id] = (rule.id, code)
                    break
        return found

    @cached_property
    def eligible_count(self) -> Mapping[Post_, int]:
        """(home school, main subject) → eligible teachers; absent key: none."""
        found: dict[Post_, int] = defaultdict(int)
        for teacher in self.county.teachers:
            if teacher.id not in self.ineligible:
                found[teacher.school, teacher.main_subject] += 1
        return dict(found)

    @cached_property
    def staff_count(self) -> Mapping[Post_, int]:
        """(home school, main subject) → teachers who are not on a running term; absent key: none."""
        found: dict[Post_, int] = defaultdict(int)
        for teacher in self.county.teachers:
            if teacher.id not in self.county.running:
                found[teacher.school, teacher.main_subject] += 1
        return dict(found)
