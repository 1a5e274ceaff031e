"""走教 / itinerant: one teacher shared by two or three neighbouring small schools.

Source: 邯郸 深度联盟型: 学科带头人巡回授课、骨干教师轮流代教; 临近或相对临近学校要共享教师资源.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from rotation.county import School
from rotation.faults import Fault
from rotation.rules.frame import Cell, Count, Names, Rule, Selected, means
from rotation.travel import between_km
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class Itinerant(Rule):
    """A circuit serves 2..max_schools small schools, each pair ≤ max_km_between apart, all short in the subject.

    staff_before(s,j) < required(s,j) at every host; small = at most ``small_classes`` classes (unknown: not small);
    apart = great circle × detour. The home loses 1, each of n hosts gains exactly 1/n (``split`` equal is the only
    one); the home may be a host. That every host keeps the distance limits is the ``distance`` rule's own check. A circuit
    that breaks any clause is a shortfall of 1. ``where`` selects hosts: a circuit is covered when any of its hosts is, and
    one that no itinerant rule of the policy covers is none at all: the first of them refuses it.
    """

    rule: Literal["itinerant"] = "itinerant"
    max_schools: Annotated[int, Field(ge=2, le=6), means("一条线路最多几校", "most schools of a circuit")] = 3
    max_km_between: Annotated[
        float, Field(ge=0), means("线路中两校的最大相距, 公里", "the most km between two schools of a circuit")
    ] = 10
    small_classes: Annotated[Count, means("不超过几个班算小规模学校", "a school is small up to so many classes")] = 6
    subjects: Annotated[
        Names, means("哪些学科可走教; 不写为全部", "the subjects that may be shared; none given: all")
    ] = ()
    split: Annotated[Literal["equal"], means("工作量怎样分: 各校均分", "how the load is split: equally")] = "equal"

    title: ClassVar[Words] = Words("走教", "Itinerant teachers")
    selects: ClassVar[Selected] = "hosts"
    codes: ClassVar[tuple[str, ...]] = (
        "no_rule_covers",
        "circuit_size",
        "subject_not_listed",
        "not_a_small_school",
        "not_short",
        "no_distance",
        "too_far_between",
    )
    zh: ClassVar[str] = (
        "一条走教线路服务2至 max_schools 所小规模学校，两两相距(球面距离乘以绕行系数)"
        "不超过 max_km_between，各校该学科都缺编。派出校减1人，n 所接收校各加 "
        "1/n，派出校可以是其中之一。线路中任何一校被选中即受覆盖；没有规则覆盖的线路不成立。"
    )
    unit: ClassVar[Words] = Words("个", "circuits")
    ties: ClassVar[str] = "host"

    def covers(self, facts: Facts, hosts: Sequence[str]) -> bool:
        return any(self.selector.selects(facts.county.school[host]) for host in hosts)

    def host_refusal(self, facts: Facts, host: School, subject: str) -> str | None:
        """Why ``host`` may be on no circuit of ``subject``; None: may."""
        if self.subjects and subject not in self.subjects:
            return "subject_not_listed"
        if host.classes is None or host.classes > self.small_classes:
            return "not_a_small_school"
        post = facts.county.post.get((host.id, subject))
        if post is None or facts.county.staff_before.get((host.id, subject), 0) >= post.required:
            return "not_short"
        return None

    def refusal(self, facts: Facts, hosts: Sequence[str], subject: str) -> str | None:
        """The code of the first clause that a circuit of ``hosts`` (school ids) breaks; None: allowed."""
        if not 2 <= len(set(hosts)) == len(hosts) <= self.max_schools:
            return "circuit_size"
        schools = [facts.county.school[host] for host in hosts]
        for school in schools:
            code = self.host_refusal(facts, school, subject)
            if code is not None:
                return code
        for one, other in combinations(schools, 2):
            km = between_km(one, other, facts.detour)
            if km is None:
                return "no_distance"
            if km > self.max_km_between:
                return "too_far_between"
        return None

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        rules = [rule for rule in facts.policy.rules if isinstance(rule, Itinerant)]
        for placement in tally.placements:
            if placement.mode != "itinerant":
                continue
            covered = any(rule.covers(facts, placement.hosts) for rule in rules)
            if self.covers(facts, placement.hosts) or (not covered and self == rules[0]):
                code = self.refusal(facts, placement.hosts, placement.subject) if covered else "no_rule_covers"
                broken = int(code is not None)
                cell = {"teacher": placement.teacher, "host": ";".join(placement.hosts)}
                yield Cell(cell, broken, None, 0, broken, code)

    def faults(self, facts: Facts) -> Iterator[Fault]:
        selected = [school for school in facts.county.schools if self.selector.selects(school)]
        if selected and all(school.classes is None for school in selected):
            yield Fault(
                "schools", None, "classes", None, "needed_by_rule",
                Words(f"规则 {self.id} 需要班级数才能认定小规模学校, 请补填 classes",
                      f"rule {self.id} needs classes to tell small schools; fill it in"),
                severity="warning",
            )  # fmt: skip

    def sentence(self) -> Words:
        subjects = Words("、".join(self.subjects) or "各学科", ", ".join(self.subjects) or "any subject")
        return Words(
            f"走教({subjects.zh}): 一名教师服务2至{self.max_schools}所该学科缺编的小规模学校({self.small_classes}个班及以下), "
            f"两两相距不超过{self.max_km_between:g}公里, 各校均分",
            f"Itinerant teachers ({subjects.en}): one serves 2 to {self.max_schools} small schools (up to "
            f"{self.small_classes} classes) short in the subject, at most {self.max_km_between:g} km apart, in equal shares",
        )
