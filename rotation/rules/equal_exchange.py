"""等额互派 / equal exchange: as many come back as go.

Source: 荔波县: 分校等额输出…到总校跟岗学习.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from rotation.county import County, School
from rotation.rules.frame import Cell, Count, Rule, Selected, Selector, Single, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class EqualExchange(Rule):
    """max(0, |out − in| − tolerance) = 0 in each cell; ``where`` selects the members (default: every member).

    ``pair``: core → member against member → core, one cell a member. ``school``: a selected school's placements into
    its own group against those from its own group. ``group``: core → selected members against selected members → core.
    ``by_subject`` splits each cell as out(s,j) and in(s,j) are counted (rulebook §1), seen from the members: who leaves them
    by the main subject, who comes to them by the placed one.
    A circuit of n hosts counts 1/n at each. A school without group forms no cell.
    """

    rule: Literal["equal_exchange"] = "equal_exchange"
    per: Annotated[Literal["pair", "school", "group"], Single, means("怎样分单元", "what makes a cell")] = "pair"
    tolerance: Annotated[Count, means("允许相差的人数", "by how many the two may differ")] = 0
    by_subject: Annotated[bool, means("分学科相等", "subject by subject")] = False

    title: ClassVar[Words] = Words("等额互派", "Equal exchange")
    selects: ClassVar[Selected] = "members"
    zh: ClassVar[str] = (
        "每个单元 max(0, |派出 − 接收| − tolerance) = 0。pair："
        "总校与每所成员校之间，一所成员校一个单元；school：所选学校与本集团各校之间；group："
        "总校与全体所选成员校之间。没有集团的学校不成单元。"
    )
    default_where: ClassVar[Selector] = Selector(group_role=("member",))
    ties: ClassVar[str] = "group"

    def cell_of(self, school: School) -> str | None:
        """The cell of a selected school; None: it forms none."""
        if school.group is None or not self.selector.selects(school):
            return None
        return school.group if self.per == "group" else school.id

    def entered(self, home: School, host: School) -> Iterator[tuple[str, int]]:
        """The cells that a placement from ``home`` to ``host`` enters: +1 out of the members, −1 into them."""
        if home.group is None or home.group != host.group or home.id == host.id:
            return
        for school, other, sign in ((home, host, 1), (host, home, -1)):
            cell = self.cell_of(school)
            if cell is not None and (self.per == "school" or other.is_core_of(school)):
                yield cell, sign

    def subjects(self, county: County) -> dict[str, list[str]]:
        """Cell → the subjects it is split by: those that the teachers who could move in it may teach."""
        taught = {
            group: {subject for s in schools for t in county.teachers_of.get(s.id, ()) for subject in t.subjects}
            for group, schools in county.schools_of_group.items()
        }
        found: dict[str, set[str]] = defaultdict(set)
        for school in county.schools:
            cell = self.cell_of(school)
            if cell is not None and school.group is not None:
                found[cell].update(taught[school.group])
        return {cell: sorted(subjects) for cell, subjects in found.items()}

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        balance: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for placement in tally.placements:
            teacher = county.teacher[placement.teacher]
            home = county.school[teacher.school]
            for host in placement.hosts:
                for cell, sign in self.entered(home, county.school[host]):
                    counted = teacher.main_subject if sign > 0 else placement.subject
                    subject = counted if self.by_subject else ""
                    balance[cell, subject] += Fraction(sign, len(placement.hosts))
        name = "group" if self.per == "group" else "school"
        for cell, subjects in self.subjects(county).items():
            for subject in subjects if self.by_subject else ("",):
                key = {name: cell} | ({"subject": subject} if subject else {})
                yield Cell.between(key, abs(balance.get((cell, subject), Fraction(0))), None, self.tolerance)

    def sentence(self) -> Words:
        what = {
            "pair": Words("总校与每所成员校之间", "between the core and each member school"),
            "school": Words("每所学校与本集团各校之间", "between each school and the rest of its group"),
            "group": Words("总校与全体成员校之间", "between the core and its member schools together"),
        }[self.per]
        zh, en = f"{what.zh}派出与接收人数相等", f"As many are sent as received {what.en}"
        if self.by_subject:
            zh += "(分学科)"
            en += ", subject by subject"
        if self.tolerance:
            zh += f", 相差不超过{self.tolerance}人"
            en += f", within {self.tolerance}"
        return Words(zh, en)
