"""派出上限 / release: no school gives away more than it can spare.

Source: 西宁城中区: 结构性缺编 hinders training there; our reading: no short post gets shorter, and none is made short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from rotation.rules.frame import Cell, CellKey, PerKeys, Rule, Share, cell_key, most_of
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class Release(Rule):
    """out ≤ floor(share_max × staff_before) and ≤ count_max in each cell; with ``keep_required``, at each post,
    staff_after(s,j) ≥ min(required(s,j), staff_before(s,j)).
    """

    rule: Literal["release"] = "release"
    share_max: Share | None = None
    count_max: Annotated[int, Field(ge=0)] | None = None
    keep_required: bool = True
    per: PerKeys = ("school",)

    title: ClassVar[Words] = Words("派出上限", "Release")
    ties: ClassVar[str] = "home"

    def most(self, staff: Fraction) -> int | None:
        limits = [most_of(self.share_max, staff)] if self.share_max is not None else []
        limits += [self.count_max] if self.count_max is not None else []
        return min(limits, default=None)

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        county = facts.county
        if self.share_max is not None or self.count_max is not None:
            staff: dict[CellKey, Fraction] = defaultdict(Fraction)
            out: dict[CellKey, int] = defaultdict(int)
            for (school_id, subject), count in county.staff_before.items():
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
                yield Cell.between(dict(key), out.get(key, 0), None, self.most(staff.get(key, Fraction(0))))
        if self.keep_required:
            for post in county.posts:
                if self.selector.selects(county.school[post.school]):
                    before = county.staff_before.get((post.school, post.subject), Fraction(0))
                    after = tally.staff_after(post.school, post.subject)
                    cell = {"school": post.school, "subject": post.subject}
                    yield Cell.between(cell, after, min(Fraction(post.required), before))

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
