"""集团构成 / group shape: how large a group may be, and how many small rural schools it must carry.

Source: 临淄区 教育集团 1+N: 成员校以不超过6个为宜; 张店区: 每个共同体不超过4所学校; 邯郸 紧密合作型: 按照不低于10%的比例纳入农村小微学校.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import model_validator

from rotation.county import County, School
from rotation.faults import Fault
from rotation.rules.frame import Cell, Count, Rule, Selected, Share, least_of, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class GroupShape(Rule):
    """members(g) ≤ max_members, and small rural members(g) ≥ ceil(min_small_rural_share × members(g)).

    A check on the data, not on the plan: as ``must`` a group that fails it refuses the data set. Members are the
    schools with ``group_role`` member (1+N: the core is the 1); small = at most ``small_classes`` classes, unknown
    classes are not small; rural = rural or teaching point. ``where``: groups with a selected school are checked whole.
    """

    rule: Literal["group_shape"] = "group_shape"
    max_members: Annotated[Count | None, means("成员校最多所数(N)", "most member schools (the N of 1+N)")] = None
    min_small_rural_share: Annotated[
        Share | None, means("农村小微学校占成员校的最低比例", "least share of small rural schools among the members")
    ] = None
    small_classes: Annotated[Count, means("不超过几个班算小微学校", "a school is small up to so many classes")] = 6

    title: ClassVar[Words] = Words("集团构成", "Group shape")
    selects: ClassVar[Selected] = "groups"
    zh: ClassVar[str] = (
        "检查数据而非方案：每个集团的成员校不超过 max_members 所；其中农村小微学校不少于 "
        "⌈min_small_rural_share × 成员校数⌉。成员校不含总校(1+N)；"
        "班级数未知的不算小微学校。作为 must 时，不符合的数据不予求解。"
    )
    unit: ClassVar[Words] = Words("所", "schools")
    ties: ClassVar[str] = "nothing"

    @model_validator(mode="after")
    def _some_limit(self) -> GroupShape:
        if self.max_members is None and self.min_small_rural_share is None:
            raise ValueError("`group_shape` needs max_members or min_small_rural_share")
        return self

    def is_small_rural(self, school: School) -> bool:
        return school.is_rural and school.classes is not None and school.classes <= self.small_classes

    def cells(self, county: County) -> Iterator[Cell]:
        """Every cell; the plan plays no part."""
        for group, schools in county.schools_of_group.items():
            if not any(self.selector.selects(school) for school in schools):
                continue
            members = [school for school in schools if school.group_role == "member"]
            if self.max_members is not None:
                yield Cell.between({"group": group, "limit": "members"}, len(members), None, self.max_members)
            if self.min_small_rural_share is not None:
                small = sum(self.is_small_rural(school) for school in members)
                least = least_of(self.min_small_rural_share, len(members))
                yield Cell.between({"group": group, "limit": "small_rural"}, small, least)

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        return self.cells(facts.county)

    def faults(self, facts: Facts) -> Iterator[Fault]:
        if not self.is_must:
            return
        for cell in self.cells(facts.county):
            if cell.shortfall and cell.most is not None:
                advice = Words(
                    f"成员校{cell.measured}所, 规则 {self.id} 最多{cell.most}所; 请调整集团或改规则",
                    f"{cell.measured} members, rule {self.id} allows {cell.most}; change the group or the rule",
                )
                yield Fault("groups", cell.cell["group"], None, cell.measured, "too_many_members", advice)
            elif cell.shortfall:
                advice = Words(
                    f"农村小微成员校{cell.measured}所, 规则 {self.id} 要求至少{cell.least}所; 请核对 area、classes 或调整集团",
                    f"{cell.measured} small rural members, rule {self.id} wants {cell.least}; check area and classes, "
                    "or change the group",
                )
                yield Fault("groups", cell.cell["group"], None, cell.measured, "too_few_small_rural", advice)

    def selects_nothing(self, county: County) -> bool:
        return not any(school.group is not None and self.selector.selects(school) for school in county.schools)

    def sentence(self) -> Words:
        zh, en = [], []
        if self.max_members is not None:
            zh.append(f"成员校不超过{self.max_members}所")
            en.append(f"at most {self.max_members} member schools")
        if self.min_small_rural_share is not None:
            zh.append(f"农村小微学校({self.small_classes}个班及以下)不低于成员校的{self.min_small_rural_share:.0%}")
            en.append(
                f"at least {self.min_small_rural_share:.0%} of the members small rural schools "
                f"(up to {self.small_classes} classes)"
            )
        return Words(f"每个集团: {', '.join(zh)}", f"Each group has {' and '.join(en)}")
