"""乡村覆盖 / rural coverage: every selected school gets the teachers it lacks.

Source: 教师〔2014〕4号: 重点推动城镇学校向乡村学校交流轮岗.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from rotation.rules.frame import Cell, Count, PerKeys, Rule, Selected, Selector, Share, least_of, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class RuralCoverage(Rule):
    """staff_after(s,j) ≥ ceil(required_share × required(s,j)) at each selected post; in(s) ≥ arrivals_min.

    ``per`` is accepted and changes nothing: every post (school) is its own cell and shortfalls add up.
    """

    rule: Literal["rural_coverage"] = "rural_coverage"
    required_share: Annotated[
        Share, means("交流后达到需要数的比例", "share of the required teachers to be at work after the plan")
    ] = 1.0
    arrivals_min: Annotated[Count, means("每校至少接收人数", "least arrivals at each selected school")] = 0
    per: Annotated[
        PerKeys,
        means(
            "可写, 不改变结果: 每个岗位(学校)自成单元",
            "accepted and changes nothing: every post (school) is its own cell",
        ),
    ] = ()

    title: ClassVar[Words] = Words("乡村覆盖", "Rural coverage")
    selects: ClassVar[Selected] = "hosts"
    zh: ClassVar[str] = (
        "所选学校的每个岗位，交流后人数不少于 ⌈required_share × 需要数⌉；每所所选学校接收不少于 "
        "arrivals_min 人。不写 where 时为乡村学校和教学点。"
    )
    default_where: ClassVar[Selector] = Selector(area=("rural", "teaching_point"))
    ties: ClassVar[str] = "host"

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        selected = self.selected(county)
        for post in county.posts:
            if post.school in selected:
                least = least_of(self.required_share, post.required)
                cell = {"school": post.school, "subject": post.subject}
                yield Cell.between(cell, tally.staff_after(post.school, post.subject), least)
        if self.arrivals_min:
            for school in county.schools:
                if self.selector.selects(school):
                    yield Cell.between({"school": school.id}, tally.into_school.get(school.id, 0), self.arrivals_min)

    def sentence(self) -> Words:
        zh = f"所选学校各学科交流后教师数不低于需要数的{self.required_share:.0%}"
        en = f"Every selected post has at least {self.required_share:.0%} of the teachers it needs"
        if self.arrivals_min:
            zh += f", 每校至少接收{self.arrivals_min}人"
            en += f", and each school receives at least {self.arrivals_min}"
        return Words(zh, en)
