"""师徒结对 / mentoring: backbone teachers who arrive take the host's novices under their wing.

Source: 开化县 教共体: 师徒结对2对以上.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from rotation.county import BACKBONE_RANKS, Teacher
from rotation.faults import Fault
from rotation.rules.backbone_quota import LEVELS_ZH, BackboneLevel
from rotation.rules.frame import Cell, Count, Rule, Selected, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally

Pair = tuple[str, str]
"""(mentor's teacher id, novice's teacher id)."""


class Mentoring(Rule):
    """Σ over subjects j of min(novices(s,j), max_per_mentor × mentors(s,j)) ≥ pairs_min at each selected host s.

    Mentors: new placements at s teaching j, backbone at ``backbone_level`` or above; not circuits, who are there only
    part of the time. Novices: teachers of main subject j whose home is s, at work there after the plan (neither on a
    running term nor newly placed), who have taught less than ``novice_years`` (year − teaching_since); without
    ``teaching_since`` nobody is a novice. Each novice has at most one mentor, so the sum is the most pairs there can be.
    """

    rule: Literal["mentoring"] = "mentoring"
    pairs_min: Annotated[Count, means("每校最少结对数", "least pairs at each host")] = 2
    novice_years: Annotated[
        int, Field(ge=1), means("任教不满几年算新教师", "a novice has taught for less than so many years")
    ] = 5
    max_per_mentor: Annotated[int, Field(ge=1), means("一名导师至多带几人", "most novices of one mentor")] = 2
    backbone_level: Annotated[
        BackboneLevel, means("什么级别起可作导师", "the rank from which a teacher may be a mentor")
    ] = "county"

    title: ClassVar[Words] = Words("师徒结对", "Mentoring")
    selects: ClassVar[Selected] = "hosts"
    zh: ClassVar[str] = (
        "所选学校每校的结对数不少于 pairs_min。结对数 = 各学科 min(新教师数, "
        "max_per_mentor × 导师数) 之和。导师：新派来任教该学科、级别达到 backbone_lev"
        "el 的教师(走教不算)；新教师：本校任教该学科(主学科)不满 novice_years "
        "年、方案后仍在校的教师。"
    )
    unit: ClassVar[Words] = Words("对", "pairs")
    ties: ClassVar[str] = "host"

    def is_novice(self, teacher: Teacher, year: int) -> bool:
        return teacher.teaching_since is not None and year - teacher.teaching_since < self.novice_years

    def is_mentor(self, teacher: Teacher) -> bool:
        return teacher.backbone_rank >= BACKBONE_RANKS.index(self.backbone_level)

    def pairs(self, facts: Facts, tally: Tally, school: str) -> tuple[Pair, ...]:
        """A largest pairing at ``school``: the newest novices with the highest mentors first, spread evenly."""
        county = facts.county
        mentors: dict[str, list[Teacher]] = defaultdict(list)
        novices: dict[str, list[Teacher]] = defaultdict(list)
        for placement in tally.arrived.get(school, ()):
            teacher = county.teacher[placement.teacher]
            if self.is_mentor(teacher) and not placement.is_circuit:
                mentors[placement.subject].append(teacher)
        for teacher in county.teachers_of.get(school, ()):
            if not self.is_novice(teacher, county.year):
                continue
            if teacher.id not in tally.placed and teacher.id not in county.running:
                novices[teacher.main_subject].append(teacher)
        found: list[Pair] = []
        for subject in sorted(mentors):
            leading = sorted(mentors[subject], key=lambda teacher: (-teacher.backbone_rank, teacher.id))
            learning = sorted(novices[subject], key=lambda teacher: (-(teacher.teaching_since or 0), teacher.id))
            places = leading * self.max_per_mentor
            found += [(one.id, other.id) for one, other in zip(places, learning, strict=False)]
        return tuple(found)

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        for school in facts.county.schools:
            if self.selector.selects(school):
                pairs = self.pairs(facts, tally, school.id)
                yield Cell.between({"school": school.id}, len(pairs), self.pairs_min)

    def faults(self, facts: Facts) -> Iterator[Fault]:
        teachers = facts.county.teachers
        if teachers and all(teacher.teaching_since is None for teacher in teachers):
            yield Fault(
                "teachers", None, "teaching_since", None, "needed_by_rule",
                Words(f"规则 {self.id} 需要任教起始年才能认定新教师, 请补填 teaching_since",
                      f"rule {self.id} needs teaching_since to tell novices; fill it in"),
                severity="warning",
            )  # fmt: skip

    def sentence(self) -> Words:
        return Words(
            f"所选学校每校由交流来的{LEVELS_ZH[self.backbone_level]}及以上骨干教师与任教不满{self.novice_years}年的同学科教师结对, "
            f"不少于{self.pairs_min}对, 每人至多带{self.max_per_mentor}人",
            f"At each selected school arriving backbone teachers ({self.backbone_level} or above) mentor novices of their "
            f"subject (under {self.novice_years} years of teaching): at least {self.pairs_min} pairs, at most "
            f"{self.max_per_mentor} novices a mentor",
        )
