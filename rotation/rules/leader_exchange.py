"""干部交流 / leader exchange: leaders move only to a school with an open leader post."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from rotation.rules.frame import Cell, Count, Rule, Selected, means, several
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally

LeaderRole = Literal["middle_leader", "vice_principal", "principal"]
LEADER_ROLES: tuple[LeaderRole, ...] = ("middle_leader", "vice_principal", "principal")


class LeaderExchange(Rule):
    """leaders in(s) ≤ leader_posts_open(s) at each selected host; leaders out(g) ≥ count_min for each group.

    Leaders are teachers of the listed ``roles``; a circuit takes a post at each of its hosts, since a leader's post
    cannot be shared. A group's leaders are those whose home is in it, wherever they go; groups with a selected school
    are read.
    """

    rule: Literal["leader_exchange"] = "leader_exchange"
    roles: Annotated[
        several(LeaderRole), Field(min_length=1), means("哪些职务算干部", "the roles that count as leaders")  # type: ignore[valid-type]
    ] = LEADER_ROLES
    count_min: Annotated[Count | None, means("每个集团至少交流的干部数", "least leaders moved by each group")] = None

    title: ClassVar[Words] = Words("干部交流", "Leader exchange")
    selects: ClassVar[Selected] = "hosts"
    zh: ClassVar[str] = (
        "中层及以上只交流到有空缺干部岗位(leader_posts_open)的学校，不超过空缺数；"
        "count_min 要求每个集团至少派出几名干部，按派出校的集团计。走教在每所接收校各占一个岗位。"
    )
    ties: ClassVar[str] = "group"

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        arriving: Counter[str] = Counter()
        leaving: Counter[str | None] = Counter()
        for placement in tally.placements:
            teacher = county.teacher[placement.teacher]
            if teacher.role in self.roles:
                arriving.update(placement.hosts)
                leaving[county.school[teacher.school].group] += 1
        selected = [school for school in county.schools if self.selector.selects(school)]
        for school in selected:
            yield Cell.between({"school": school.id}, arriving[school.id], None, school.leader_posts_open)
        if self.count_min is not None:
            for group in dict.fromkeys(school.group for school in selected if school.group is not None):
                yield Cell.between({"group": group}, leaving[group], self.count_min)

    def sentence(self) -> Words:
        zh, en = "干部只交流到有空缺干部岗位的学校, 且不超过空缺数", "Leaders move only into open leader posts"
        if self.roles != LEADER_ROLES:
            zh += f"(限 {'、'.join(self.roles)})"
            en += f" (roles: {', '.join(self.roles)})"
        if self.count_min:
            zh += f", 每个集团至少交流{self.count_min}人"
            en += f"; each group moves at least {self.count_min}"
        return Words(zh, en)
