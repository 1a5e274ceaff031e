"""骨干支援 / backbone support: the core school sends backbone teachers to every member school.

Source: 邯郸 紧密合作型: 每年总校派到成员校的骨干教师不低于成员校专任教师的10%; 半紧密合作型: 每年总校派到成员校的骨干教师要保证每个学科1名;
荔波县: 总校每年向薄弱分校派出至少3名以上中层教干或骨干教师; 开化县: 核心校选派骨干教师到成员校任教,并覆盖到每一所成员校.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from rotation.county import BACKBONE_RANKS, Exact, Post_, School, Teacher, part
from rotation.faults import Fault
from rotation.rules.backbone_quota import LEVELS_ZH, BackboneLevel
from rotation.rules.frame import Cell, Count, Rule, Selected, Selector, Share, least_of, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class BackboneSupport(Rule):
    """Σ qualifying arrivals at s ≥ max(count_min, ceil(share_min × staff_before(s))) at each selected host s; and
    Σ qualifying arrivals at (s, j) ≥ per_subject_min at each of its posts with required > 0.

    An arrival qualifies when its teacher is backbone at ``backbone_level`` or above (``leaders_count``: or a middle
    leader or above) and comes from the core of the host's own group (``from = "any"``: from anywhere). A circuit of n
    hosts counts 1/n at each. Of a count and a share the stricter binds; the subjects are cells of their own.
    """

    model_config = ConfigDict(populate_by_name=True)

    rule: Literal["backbone_support"] = "backbone_support"
    count_min: Annotated[Count | None, means("每校最少人数", "least arrivals at each school")] = None
    share_min: Annotated[
        Share | None, means("每校最少占在岗教师的比例", "least share of the host's staff at work before")
    ] = None
    per_subject_min: Annotated[
        Count | None, means("每校每学科最少人数", "least arrivals in every subject of each school")
    ] = None
    from_: Annotated[
        Literal["core", "any"],
        Field(alias="from"),
        means("来自本集团总校, 或任何学校", "from the group's core, or from any school"),
    ] = "core"
    backbone_level: Annotated[
        BackboneLevel, means("什么级别起算骨干", "the rank from which a teacher counts as backbone")
    ] = "county"
    leaders_count: Annotated[bool, means("中层教干及以上也算", "middle leaders and above count too")] = False

    title: ClassVar[Words] = Words("骨干支援", "Backbone support")
    selects: ClassVar[Selected] = "members"
    zh: ClassVar[str] = (
        "所选学校每校新到的合格教师数不少于 count_min 和 ⌈share_min × 交流前在岗人数⌉，"
        "严者为准；per_subject_min 对其每个需要数大于0的岗位分别要求。合格：骨干达到 "
        "backbone_level(leaders_count 时中层及以上也算)，并来自本集团总校(from "
        '= "any" 时不限)。走教到 n 校，每校计 1/n。'
    )
    default_where: ClassVar[Selector] = Selector(group_role=("member",))
    ties: ClassVar[str] = "host"

    @model_validator(mode="after")
    def _some_minimum(self) -> BackboneSupport:
        if self.count_min is None and self.share_min is None and self.per_subject_min is None:
            raise ValueError("`backbone_support` needs count_min, share_min or per_subject_min")
        return self

    def qualifies(self, teacher: Teacher) -> bool:
        backbone = teacher.backbone_rank >= BACKBONE_RANKS.index(self.backbone_level)
        return backbone or (self.leaders_count and teacher.is_leader)

    def comes_from(self, home: School, host: School) -> bool:
        return self.from_ == "any" or home.is_core_of(host)

    def least(self, staff_before: Fraction) -> int | None:
        """What a host with that staff must receive over all subjects; None: no such minimum."""
        least = [self.count_min] if self.count_min is not None else []
        least += [least_of(self.share_min, staff_before)] if self.share_min is not None else []
        return max(least, default=None)

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        arrived: dict[Post_, Exact] = defaultdict(int)
        for placement in tally.placements:
            teacher = county.teacher[placement.teacher]
            home = county.school[teacher.school]
            for host in placement.hosts:
                if self.qualifies(teacher) and self.comes_from(home, county.school[host]):
                    arrived[host, placement.subject] += part(1, len(placement.hosts))
        total: dict[str, Exact] = defaultdict(int)
        for (host, _), count in arrived.items():
            total[host] += count
        for school in county.schools:
            if not self.selector.selects(school):
                continue
            least = self.least(county.staff_before_school.get(school.id, Fraction(0)))
            if least is not None:
                yield Cell.between({"school": school.id}, total.get(school.id, 0), least)
            if self.per_subject_min is not None:
                for post in county.posts_of.get(school.id, ()):
                    if post.required > 0:
                        cell = {"school": school.id, "subject": post.subject}
                        yield Cell.between(cell, arrived.get((post.school, post.subject), 0), self.per_subject_min)

    def faults(self, facts: Facts) -> Iterator[Fault]:
        if self.from_ != "core":
            return
        county = facts.county
        for school in county.schools:
            group = county.schools_of_group.get(school.group or "", ())
            if self.selector.selects(school) and not any(other.is_core_of(school) for other in group):
                yield Fault(
                    "schools", school.id, "group", school.group, "no_core",
                    Words(
                        f"规则 {self.id} 要求本集团总校派出骨干, 而该校没有总校可派; 请填 group、group_role 或改 where",
                        f"rule {self.id} wants support from the group's core, and no core can send to this school; "
                        "fill in group and group_role, or change `where`",
                    ),
                    severity="warning",
                )  # fmt: skip

    def sentence(self) -> Words:
        zh, en = [], []
        if self.count_min is not None:
            zh.append(f"不少于{self.count_min}人")
            en.append(f"at least {self.count_min}")
        if self.share_min is not None:
            zh.append(f"不低于该校在岗教师的{self.share_min:.0%}")
            en.append(f"at least {self.share_min:.0%} of its staff")
        if self.per_subject_min is not None:
            zh.append(f"每个学科不少于{self.per_subject_min}人")
            en.append(f"at least {self.per_subject_min} in every subject")
        who = Words(
            f"{LEVELS_ZH[self.backbone_level]}及以上骨干教师", f"backbone teachers ({self.backbone_level} or above)"
        )
        if self.leaders_count:
            who = Words(f"中层教干或{who.zh}", f"middle leaders (or above) or {who.en}")
        whence = (
            Words("总校派来", "from the group's core") if self.from_ == "core" else Words("派来", "from any school")
        )
        return Words(
            f"所选学校每校由{whence.zh}的{who.zh}{'、'.join(zh)}",
            f"Each selected school receives {who.en} {whence.en}: {', '.join(en)}",
        )
