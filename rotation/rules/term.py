"""轮岗年限 / term: how many years, not into retirement, and not everybody back in the same year.

Source: 荔波县: 周期1-2年; 临淄区: 每期不少于1学年,不超过2学年.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from rotation.county import School, Teacher
from rotation.faults import Fault
from rotation.rules.eligibility import missing_person_facts
from rotation.rules.frame import Cell, Rule, Selected, Selector, Share, means, most_of, several
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement
    from rotation.tally import Tally

Years = Annotated[int, Field(ge=1, le=6)]
RetirementAge = Annotated[int, Field(ge=40, le=80)]


class TermRule(Rule):
    """Years in the list; the rural minimum; retirement; and, at hosts with many arrivals, staggered ends.

    Stagger: at a host with in ≥ ``end_share_from`` at most max(floor(end_share_max × in), ceil(in ÷ u)) of them end
    in the same year, u = how many of the listed years the host may use; ``in`` counts the arrivals this rule covers.
    """

    model_config = ConfigDict(populate_by_name=True)

    rule: Literal["term"] = "term"
    years: Annotated[
        several(Years), Field(min_length=1), means("可选的年限, 学年", "the lengths a term may have, school years")  # type: ignore[valid-type]
    ] = (1, 2)
    rural_min_years: Annotated[Years, means("到乡村学校(含教学点)的最短年限", "the shortest term at a rural host")] = 1
    retirement_age_female: Annotated[RetirementAge | None, means("女教师退休年龄", "retirement age of women")] = None
    retirement_age_male: Annotated[RetirementAge | None, means("男教师退休年龄", "retirement age of men")] = None
    end_share_max: Annotated[
        Share | None,
        means("一所学校同年期满的最大比例", "the largest share of a host's arrivals that end in the same year"),
    ] = None
    end_share_from: Annotated[
        int, Field(ge=1), means("接收人数达到几人才错峰", "how many arrivals it takes for ends to be staggered")
    ] = 3
    from_: Annotated[
        Selector, Field(alias="from"), means("只对来自这些派出校的教师", "only for teachers of these home schools")
    ] = Selector()

    title: ClassVar[Words] = Words("轮岗年限", "Term")
    selects: ClassVar[Selected] = "hosts"
    codes: ClassVar[tuple[str, ...]] = (
        "years_not_listed",
        "too_short_for_rural",
        "retires_before_end",
    )
    zh: ClassVar[str] = (
        "年限在所列之中；到乡村学校不少于所定年数；期满那年9月1日前不到退休年龄(恰在当日可以)"
        "。错峰期满：接收人数达到 end_share_from 的学校，同一年期满的不超过 max(⌊end_sha"
        "re_max × 接收人数⌋, ⌈接收人数 ÷ 该校可用的年限种数⌉)。"
    )
    always_must: ClassVar[bool] = True
    ties: ClassVar[str] = "host"

    def covers(self, home: School, host: School) -> bool:
        return self.from_.selects(home) and self.selector.selects(host)

    def years_at(self, host: School) -> tuple[int, ...]:
        """The listed years that ``host`` may use."""
        least = self.rural_min_years if host.is_rural else 1
        return tuple(sorted({years for years in self.years if years >= least}))

    def most_ending_together(self, arrivals: int, usable_years: int) -> int:
        """How many of ``arrivals`` may end in the same year at a host that may use ``usable_years`` terms."""
        if self.end_share_max is None or arrivals < self.end_share_from or usable_years == 0:
            return arrivals
        return max(most_of(self.end_share_max, arrivals), -(-arrivals // usable_years))

    def retires_before_end(self, teacher: Teacher, end_year: int) -> bool:
        """Does ``teacher`` reach retirement age before 1 September of ``end_year``? On that very day is allowed."""
        age = {"F": self.retirement_age_female, "M": self.retirement_age_male}.get(teacher.sex or "")
        if age is None or teacher.birth_date is None:
            return False
        born = teacher.birth_date
        return (born.year + age, born.month, born.day) < (end_year, 9, 1)

    def refusal(self, facts: Facts, placement: Placement) -> str | None:
        county = facts.county
        teacher, home = county.teacher[placement.teacher], county.school[placement.home]
        for host_id in placement.hosts:
            host = county.school[host_id]
            if not self.covers(home, host):
                continue
            if placement.years not in self.years:
                return "years_not_listed"
            if placement.years not in self.years_at(host):
                return "too_short_for_rural"
            if self.retires_before_end(teacher, placement.start_year + placement.years):
                return "retires_before_end"
        return None

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        for placement in tally.placements:
            code = self.refusal(facts, placement)
            if code is not None:
                yield Cell({"teacher": placement.teacher, "host": placement.host}, 1, None, 0, 1, code)
        if self.end_share_max is None:
            return
        county = facts.county
        for host_id, placements in tally.arrived.items():
            host = county.school[host_id]
            covered = [p for p in placements if self.covers(county.school[p.home], host)]
            if len(covered) < self.end_share_from:
                continue
            most = self.most_ending_together(len(covered), len(self.years_at(host)))
            for years, count in sorted(Counter(p.years for p in covered).items()):
                cell = {"school": host_id, "ends": str(county.year + years)}
                yield Cell.between(cell, count, None, most)

    def faults(self, facts: Facts) -> Iterator[Fault]:
        if self.retirement_age_female is None and self.retirement_age_male is None:
            return
        for teacher in facts.county.teachers:
            is_known = teacher.sex is not None and teacher.birth_date is not None
            if not is_known and self.from_.selects(facts.county.school[teacher.school]):
                yield from missing_person_facts(teacher, self.id)

    def sentence(self) -> Words:
        years = sorted(self.years)
        zh = f"轮岗期为{'或'.join(str(y) for y in years)}学年"
        en = f"A term is {' or '.join(str(y) for y in years)} school year(s)"
        if self.rural_min_years > 1:
            zh += f", 到乡村学校不少于{self.rural_min_years}学年"
            en += f", at least {self.rural_min_years} at rural schools"
        if self.retirement_age_female is not None or self.retirement_age_male is not None:
            zh += f", 期满前不到退休年龄(女{self.retirement_age_female or '不限'}、男{self.retirement_age_male or '不限'})"
            en += (
                f", ending before retirement (women {self.retirement_age_female or 'any'}, "
                f"men {self.retirement_age_male or 'any'})"
            )
        if self.end_share_max is not None:
            zh += f", 接收{self.end_share_from}人以上的学校同年期满的不超过{self.end_share_max:.0%}"
            en += (
                f"; at hosts with {self.end_share_from} or more, at most {self.end_share_max:.0%} end in the same year"
            )
        return Words(zh, en)
