"""交流比例 / rotation quota: how many of a cell's teachers move.

Source: 教师〔2014〕4号: 城镇学校、优质学校每学年教师交流轮岗的比例不低于符合交流条件教师总数的10%.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import model_validator

from rotation.county import Post_
from rotation.rules.frame import (
    Cell,
    CellKey,
    Count,
    PerKeys,
    Rule,
    Selected,
    Share,
    cell_key,
    least_of,
    means,
    most_of,
)
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class QuotaLimits(Rule):
    """What ``rotation_quota`` and ``subject_quota`` share: four limits, of which the stricter bind."""

    share_min: Annotated[
        Share | None,
        means("最低比例", "least share"),
    ] = None
    share_max: Annotated[Share | None, means("最高比例", "largest share")] = None
    count_min: Annotated[Count | None, means("最少人数", "least count")] = None
    count_max: Annotated[Count | None, means("最多人数", "largest count")] = None
    of: Annotated[
        Literal["eligible", "staff"],
        means(
            "比例的分母: 符合条件的教师, 或全部不在轮岗期内的教师",
            "of whom: the eligible, or all who are not on a running term",
        ),
    ] = "eligible"
    per: Annotated[
        PerKeys, means("分别计算的单元; 不写为全县一个", "the cells counted separately; none: the county is one")
    ] = ()

    ties: ClassVar[str] = "county"

    @property
    def has_limit(self) -> bool:
        return any(limit is not None for limit in (self.share_min, self.share_max, self.count_min, self.count_max))

    def limits(self, count: int) -> tuple[int | None, int | None]:
        """(least, most) of the moved in a cell of ``count`` teachers; where nobody counts, the least is 0."""
        least = [least_of(self.share_min, count)] if self.share_min is not None else []
        least += [self.count_min] if self.count_min is not None and count > 0 else []
        most = [most_of(self.share_max, count)] if self.share_max is not None else []
        most += [self.count_max] if self.count_max is not None else []
        has_least = self.share_min is not None or self.count_min is not None
        return (max(least, default=0) if has_least else None), (min(most) if most else None)

    def counts_subject(self, subject: str) -> bool:
        return True

    def counted(self, facts: Facts) -> Mapping[CellKey, int]:
        """Cell → n, over home school and main subject."""
        table = facts.eligible_count if self.of == "eligible" else facts.staff_count
        return self._by_cell(facts, table)

    def _by_cell(self, facts: Facts, table: Mapping[Post_, int]) -> dict[CellKey, int]:
        found: dict[CellKey, int] = defaultdict(int)
        selected = self.selected(facts.county)
        for (school_id, subject), count in table.items():
            if school_id in selected and self.counts_subject(subject):
                key = cell_key(self.per, facts.county.school[school_id], subject)
                if key is not None:
                    found[key] += count
        return found

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        counted = self.counted(facts)
        moved = self._by_cell(facts, tally.out)
        cells = list(dict.fromkeys((*counted, *moved, *([()] if not self.per else []))))
        for key in cells:
            least, most = self.limits(counted.get(key, 0))
            yield Cell.between(dict(key), moved.get(key, 0), least, most)

    def limit_words(self) -> Words:
        zh, en = [], []
        if self.share_min is not None:
            zh.append(f"不低于{self.share_min:.0%}")
            en.append(f"at least {self.share_min:.0%}")
        if self.count_min is not None:
            zh.append(f"不少于{self.count_min}人")
            en.append(f"at least {self.count_min}")
        if self.share_max is not None:
            zh.append(f"不超过{self.share_max:.0%}")
            en.append(f"at most {self.share_max:.0%}")
        if self.count_max is not None:
            zh.append(f"不超过{self.count_max}人")
            en.append(f"at most {self.count_max}")
        return Words("、".join(zh), " and ".join(en))


class RotationQuota(QuotaLimits):
    """moved ≥ ceil(share_min × n) and ≤ floor(share_max × n) in each cell of home schools; counts likewise.

    n counts by home school and main subject: the eligible, or all who are not on a running term; where n = 0 the
    least is 0. ``share_min`` is 0.10 when none of the four limits is given. Of a share and a count the stricter binds.
    """

    rule: Literal["rotation_quota"] = "rotation_quota"

    title: ClassVar[Words] = Words("交流比例", "Rotation quota")
    selects: ClassVar[Selected] = "homes"
    zh: ClassVar[str] = (
        "在派出校的每个单元内，新安排人数不少于 ⌈share_min × n⌉ 和 count_min，"
        "不多于 ⌊share_max × n⌋ 和 count_max，严者为准；四个限值都不写时 share_min 为0.10。n 为该单元符合条件(或在岗)"
        "的教师数，按派出校和主学科计；n = 0 时下限为0。未期满的交流不算在交流人数内。"
    )

    @model_validator(mode="before")
    @classmethod
    def _ten_percent_unless_given(cls, data: object) -> object:
        if isinstance(data, dict) and all(
            data.get(key) is None for key in ("share_min", "share_max", "count_min", "count_max")
        ):
            return {**data, "share_min": 0.10}
        return data

    def sentence(self) -> Words:
        limits = self.limit_words()
        of = Words("符合交流条件教师", "eligible teachers") if self.of == "eligible" else Words("在编在岗教师", "staff")
        return Words(f"交流轮岗人数{limits.zh}({of.zh})", f"Of the {of.en}, {limits.en} move")
