"""接收容量 / host capacity: no post takes more teachers than it has places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from rotation.county import Exact, Post
from rotation.rules.frame import Cell, Rule, Selected
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class HostCapacity(Rule):
    """staff_after(s,j) ≤ max(capacity(s,j), staff_before(s,j)).

    Where an ``establishment`` rule covers the school, what exceeds that is allowed up to the school's extra places
    in all: the excess is then measured by that rule, and this one is silent there.
    """

    rule: Literal["host_capacity"] = "host_capacity"

    title: ClassVar[Words] = Words("接收容量", "Host capacity")
    selects: ClassVar[Selected] = "hosts"
    zh: ClassVar[str] = (
        "每个岗位交流后人数不超过 max(容量, 交流前人数)。有 establishment "
        "规则覆盖的学校，超出部分由那条规则计算，本规则在那里不计。"
    )
    ties: ClassVar[str] = "host"

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        for post in covered_posts(self, facts):
            cell = {"school": post.school, "subject": post.subject}
            most = room(facts, post)
            yield Cell.between(cell, tally.staff_after(post.school, post.subject), None, most)

    def sentence(self) -> Words:
        return Words(
            "接收后各岗位人数不超过岗位容量(原已超出的不再增加)",
            "No post ends above its capacity; one that is above already takes nobody more",
        )


def room(facts: Facts, post: Post) -> Exact:
    """max(capacity, staff_before) of a post."""
    return max(post.capacity, facts.county.at_work.get((post.school, post.subject), 0))


def covered_posts(rule: HostCapacity, facts: Facts) -> Iterator[Post]:
    """The posts the rule speaks of: at selected hosts that no ``establishment`` rule relieves."""
    relieving = [other for other in facts.policy.rules if other.rule == "establishment"]
    covered = rule.selected(facts.county).difference(*(other.selected(facts.county) for other in relieving))
    for post in facts.county.posts:
        if post.school in covered:
            yield post
