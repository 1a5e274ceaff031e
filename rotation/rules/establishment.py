"""编制增补 / establishment: extra places for schools that run several sites or carry a group.

Source: 西城区: 每增加一址,增补7个编制; 牵头校按成员校数量每校增补1个编制, 成员校每校增补1个.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from rotation.county import County, Exact, School
from rotation.rules.frame import Cell, Count, Rule, Selected, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class Establishment(Rule):
    """Σ over the posts of s of max(0, staff_after − max(capacity, staff_before)) ≤ extra(s), at each selected host.

    extra(s) = per_site × extra sites, + core_per_member × members of its group (a core), + member (a member). With
    this rule ``host_capacity`` may be exceeded by that much in all.
    """

    rule: Literal["establishment"] = "establishment"
    per_site: Annotated[
        Count, means("每增加一个校址增补的编制", "extra places for each further site (column sites)")
    ] = 7
    core_per_member: Annotated[Count, means("总校按每所成员校增补的编制", "extra places of a core for each member")] = 1
    member: Annotated[Count, means("成员校每校增补的编制", "extra places of a member")] = 1

    title: ClassVar[Words] = Words("编制增补", "Establishment")
    selects: ClassVar[Selected] = "hosts"
    zh: ClassVar[str] = (
        "所选学校各岗位超出 max(容量, 交流前人数) 的部分合计不超过增补数。增补数 = per_site "
        "× 增加的校址数 + core_per_member × 成员校数(总校) + member(成员校)"
        "。"
    )
    ties: ClassVar[str] = "host"

    def extra(self, county: County, school: School) -> int:
        """Places beyond the posts' capacity that ``school`` may fill."""
        extra = self.per_site * school.sites
        if school.group is not None and school.group_role == "core":
            members = sum(other.group_role == "member" for other in county.schools_of_group[school.group])
            extra += self.core_per_member * members
        if school.group is not None and school.group_role == "member":
            extra += self.member
        return extra

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        for school in county.schools:
            if self.selector.selects(school):
                beyond: Exact = 0
                for post in county.posts_of.get(school.id, ()):
                    room = max(post.capacity, county.at_work.get((post.school, post.subject), 0))
                    beyond += max(0, tally.staff_after(post.school, post.subject) - room)
                yield Cell.between({"school": school.id}, beyond, None, self.extra(county, school))

    def sentence(self) -> Words:
        return Words(
            f"岗位容量之外可增补: 每增加一址{self.per_site}人, 牵头校每所成员校{self.core_per_member}人, "
            f"成员校{self.member}人",
            f"Beyond capacity a school may take {self.per_site} for each extra site, a core {self.core_per_member} for "
            f"each member, a member {self.member}",
        )
