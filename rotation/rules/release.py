"""派出上限 / release: no school gives away more than it can spare.

Source: 西宁城中区: 结构性缺编 hinders training there; our reading: no short post gets shorter, and none is made short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from rotation.county import Exact
from rotation.rules.frame import Cell, CellKey, Count, PerKeys, Rule, Selected, Share, cell_key, means, most_of
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class Release(Rule):
    """out ≤ floor(share_max × staff_before) and ≤ count_max in each cell; with ``keep_required``, at each post,
    staff_after(s,j) ≥ min(required(s,j), staff_before(s,j)).
    """

    rule: Literal["release"] = "release"
    share_max: Annotated[
        Share | None, means("派出占在岗人数的最高比例", "largest share of the staff at work before that may leave")
    ] = None
    count_max: Annotated[Count | None, means("派出最多人数", "the most that may leave")] = None
    keep_required: Annotated[bool, means("不加深结构性缺编", "no short post gets shorter, none is made short")] = True
    per: Annotated[PerKeys, means("分别计算的单元", "the cells counted separately")] = ("school",)

    title: ClassVar[Words] = Words("派出上限", "Release")
    selects: ClassVar[Selected] = "homes"
    zh: ClassVar[str] = (
        "每个单元派出人数不超过 ⌊share_max × 交流前在岗人数⌋ 和 count_max；"
        "keep_required 时每个岗位交流后人数不少于 min(需要数, 交流前人数)："
        "缺编的不再减少，也不使任何岗位变为缺编。"
    )
    ties: ClassVar[str] = "home"

    def most(self, staff: Exact) -> int | None:
        limits = [most_of(self.share_max, staff)] if self.share_max is not None else []
        limits += [self.count_max] if self.count_max is not None else []
        return min(limits, default=None)

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        if self.share_max is not None or self.count_max is not None:
            staff: dict[CellKey, Exact] = defaultdict(int)
            out: dict[CellKey, int] = defaultdict(int)
            for (school_id, subject), count in county.at_work.items():
                school = county.school[school_id]
                key = cell_key(self.per, school, subject) if self.selector.selects(school) else None
                if key is not None:
                    staff[key] += count
            for (school_id, subject), moved in tally.out.items():
                school = county.school[school_id]
                key = cell_key(self.per, school, subject) if self.selector.selects(school) else None
                if key is not None:
                    out[key] += moved
            for key in dict.fromkeys((*staff, *out)):
                yield Cell.between(dict(key), out.get(key, 0), None, self.most(staff.get(key, 0)))
        if self.keep_required:
            selected = self.selected(county)
            for post in county.posts:
                if post.school in selected:
                    before = county.at_work.get((post.school, post.subject), 0)
                    after = tally.staff_after(post.school, post.subject)
                    cell = {"school": post.school, "subject": post.subject}
                    yield Cell.between(cell, after, min(post.required, before))

    def sentence(self) -> Words:
        zh, en = [], []
        if self.share_max is not None:
            zh.append(f"派出不超过在岗教师的{self.share_max:.0%}")
            en.append(f"at most {self.share_max:.0%} of the staff leave")
        if self.count_max is not None:
            zh.append(f"派出不超过{self.count_max}人")
            en.append(f"at most {self.count_max} leave")
        if self.keep_required:
            zh.append("不使任何岗位缺编, 已缺编的不再减少")
            en.append("no post is made short, and no short post gets shorter")
        return Words(f"每校: {'; '.join(zh) or '不限'}", f"In each cell: {'; '.join(en) or 'no limit'}")
