"""不选弱 / fair senders: a school may not send only its weakest teachers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from rotation.county import TITLES, Teacher
from rotation.rules.frame import Cell, Rule, Selected, Share, exact, means, several
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally

Attribute = Literal["title", "backbone", "tenure"]
LABELS: Mapping[Attribute, Words] = {
    "title": Words("职称", "title"),
    "backbone": Words("骨干级别", "backbone rank"),
    "tenure": Words("校龄", "tenure"),
}


class FairSenders(Rule):
    """Σ attribute(sent from s) ≥ (1 − tolerance) × mean attribute(eligible of s) × out(s).

    One cell for each selected home school with somebody eligible, and attribute. Points: title and backbone rank count
    0, 1, 2… in their order, tenure in whole years at the home school.
    """

    rule: Literal["fair_senders"] = "fair_senders"
    tolerance: Annotated[Share, means("允许低于平均的比例", "how far below the mean is allowed, as a share")] = 0.1
    attributes: Annotated[
        several(Attribute),  # type: ignore[valid-type]
        Field(min_length=1),
        means("比较的项目: 职称、骨干级别、校龄", "what is compared: title, backbone rank, tenure"),
    ] = ("title", "backbone", "tenure")

    title: ClassVar[Words] = Words("不选弱", "Fair senders")
    selects: ClassVar[Selected] = "homes"
    zh: ClassVar[str] = (
        "每所派出校、每个项目：派出者的合计不少于 (1 − tolerance) × 本校符合条件教师的平均 "
        "× 派出人数。职称、骨干级别按顺序计0、1、2…分，校龄按年计。"
    )
    unit: ClassVar[Words] = Words("分", "points")
    ties: ClassVar[str] = "home"

    @staticmethod
    def points(attribute: Attribute, teacher: Teacher, year: int) -> int:
        if attribute == "title":
            return TITLES.index(teacher.title)
        return teacher.backbone_rank if attribute == "backbone" else year - teacher.joined_year

    def floors(self, facts: Facts) -> dict[tuple[str, Attribute], Fraction]:
        """(home school, attribute) → what each teacher sent must bring on average."""
        county = facts.county
        eligible: dict[str, list[Teacher]] = defaultdict(list)
        selected, ineligible = self.selected(county), facts.ineligible
        for teacher in county.teachers:
            if teacher.id not in ineligible and teacher.school in selected:
                eligible[teacher.school].append(teacher)
        share = 1 - exact(self.tolerance)
        return {
            (school, attribute): share
            * Fraction(sum(self.points(attribute, teacher, county.year) for teacher in teachers), len(teachers))
            for school, teachers in eligible.items()
            for attribute in self.attributes
        }

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        for (school, attribute), floor in self.floors(facts).items():
            sent = [county.teacher[placement.teacher] for placement in tally.sent.get(school, ())]
            total = sum(self.points(attribute, teacher, county.year) for teacher in sent)
            yield Cell.between({"school": school, "attribute": attribute}, total, floor * len(sent))

    def sentence(self) -> Words:
        labels = [LABELS[attribute] for attribute in self.attributes]
        return Words(
            f"各校派出教师的{'、'.join(label.zh for label in labels)}平均不低于本校可交流教师平均水平的{1 - self.tolerance:.0%}",
            f"Those whom a school sends average at least {1 - self.tolerance:.0%} of its eligible teachers' "
            f"{', '.join(label.en for label in labels)}",
        )
