"""骨干比例 / backbone quota: backbone teachers among those who move.

Source: 教师〔2014〕4号: 其中骨干教师交流轮岗应不低于交流总数的20%.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from rotation.county import BACKBONE_RANKS
from rotation.rules.frame import Cell, CellKey, PerKeys, Rule, Selected, Share, cell_key, least_of, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally

BackboneLevel = Literal["school", "county", "city", "province"]
LEVELS_ZH = {"school": "校级", "county": "县级", "city": "市级", "province": "省级"}


class BackboneQuota(Rule):
    """backbone among the moved ≥ ceil(share_min × moved), in each cell of home schools and main subjects."""

    rule: Literal["backbone_quota"] = "backbone_quota"
    share_min: Annotated[
        Share, means("骨干占交流教师的最低比例", "least share of backbone teachers among the moved")
    ] = 0.20
    backbone_level: Annotated[
        BackboneLevel, means("什么级别起算骨干", "the rank from which a teacher counts as backbone")
    ] = "county"
    per: Annotated[
        PerKeys, means("分别计算的单元; 不写为全县一个", "the cells counted separately; none: the county is one")
    ] = ()

    title: ClassVar[Words] = Words("骨干比例", "Backbone quota")
    selects: ClassVar[Selected] = "homes"
    zh: ClassVar[str] = "在派出校的每个单元内，新安排中的骨干教师数不少于 ⌈share_min × 新安排数⌉。"
    ties: ClassVar[str] = "county"

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        level = BACKBONE_RANKS.index(self.backbone_level)
        moved: dict[CellKey, int] = defaultdict(int)
        backbone: dict[CellKey, int] = defaultdict(int)
        if not self.per:
            moved[()] = 0
        for placement in tally.placements:
            teacher = facts.county.teacher[placement.teacher]
            home = facts.county.school[teacher.school]
            if not self.selector.selects(home):
                continue
            key = cell_key(self.per, home, teacher.main_subject)
            if key is not None:
                moved[key] += 1
                backbone[key] += teacher.backbone_rank >= level
        for key, count in moved.items():
            yield Cell.between(dict(key), backbone.get(key, 0), least_of(self.share_min, count))

    def sentence(self) -> Words:
        return Words(
            f"交流教师中骨干教师({LEVELS_ZH[self.backbone_level]}及以上)不低于{self.share_min:.0%}",
            f"At least {self.share_min:.0%} of those who move are backbone teachers ({self.backbone_level} or above)",
        )
