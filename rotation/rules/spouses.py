"""夫妻照顾 / spouses: of a couple not both are sent away, unless to hosts near each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from rotation.county import County
from rotation.rules.frame import Cell, Rule, Selected, means
from rotation.travel import between_km
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement
    from rotation.tally import Tally


class Spouses(Rule):
    """moved(a) + moved(b) ≤ max_moved for each couple, or both move to hosts ≤ ``max_km_apart`` of each other.

    ``where`` selects homes; a couple is covered when the home of either is. One row of the teachers table that names
    the other makes a couple. Apart = great circle × detour, every host of the one against every host of the other;
    the same host is 0 km apart, an unknown distance is never near. Running terms do not count as moved.
    """

    rule: Literal["spouses"] = "spouses"
    max_moved: Annotated[int, Field(ge=0, le=2), means("夫妻中至多几人交流", "how many of two spouses may move")] = 1
    max_km_apart: Annotated[
        Annotated[float, Field(ge=0)] | None,
        means(
            "两人都交流时, 接收校的最大相距(公里); 不写则不放宽",
            "both may move to hosts this close (km); none: no such exception",
        ),
    ] = None

    title: ClassVar[Words] = Words("夫妻照顾", "Spouses")
    selects: ClassVar[Selected] = "couples"
    zh: ClassVar[str] = (
        "每对夫妻的新安排数不超过 max_moved；两人都交流时，若双方的接收校两两相距不超过 "
        "max_km_apart 也可以。派出校之一被选中即覆盖这对夫妻。相距为球面距离乘以绕行系数，"
        "同一学校为0，距离未知不算近。未期满的交流不计。"
    )
    ties: ClassVar[str] = "teacher"

    def couples(self, county: County) -> tuple[tuple[str, str], ...]:
        """The covered couples as pairs of teacher ids, each once."""
        found: dict[tuple[str, str], None] = {}
        for teacher in county.teachers:
            spouse = county.teacher.get(teacher.spouse) if teacher.spouse else None
            if spouse is not None and spouse.id != teacher.id:
                homes = (county.school[teacher.school], county.school[spouse.school])
                if any(self.selector.selects(home) for home in homes):
                    one, other = sorted((teacher.id, spouse.id))
                    found[one, other] = None
        return tuple(found)

    def near(self, facts: Facts, one: str, other: str) -> bool:
        """Do the hosts ``one`` and ``other`` lie within ``max_km_apart``? Never without that parameter."""
        if self.max_km_apart is None:
            return False
        if one == other:
            return True
        school = facts.county.school
        km = between_km(school[one], school[other], facts.detour)
        return km is not None and km <= self.max_km_apart

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        placed: dict[str, Placement] = {placement.teacher: placement for placement in tally.placements}
        for couple in self.couples(facts.county):
            moved = [placed[teacher] for teacher in couple if teacher in placed]
            together = len(moved) == 2 and all(
                self.near(facts, one, other) for one in moved[0].hosts for other in moved[1].hosts
            )
            most = 2 if together else self.max_moved
            yield Cell.between({"teacher": couple[0], "spouse": couple[1]}, len(moved), None, most)

    def sentence(self) -> Words:
        zh = f"夫妻双方至多{self.max_moved}人交流"
        en = f"Of two spouses at most {self.max_moved} move(s)"
        if self.max_km_apart is not None:
            zh += f", 或者两人的接收校相距不超过{self.max_km_apart:g}公里"
            en += f", or both go to schools at most {self.max_km_apart:g} km apart"
        return Words(zh, en)
