"""交流资格 / eligibility: which teachers may move at all.

Source: 教师〔2014〕4号 (在同一所学校连续任教达到规定年限; 男教师、女教师年龄上限 and hardship exemptions are the county's to set).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from rotation.county import ROLES, TITLES, County, Teacher
from rotation.faults import Fault
from rotation.rules.frame import Count, Names, PlacementRule, Selected, means, several
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement

EXEMPT_WORDS = {
    "pregnant": Words("孕期", "pregnant"),
    "nursing": Words("哺乳期", "nursing"),
    "illness": Words("患病", "ill"),
    "sole_carer": Words("独自照护家人", "sole carer"),
}
"""The codes in common use; an office may write its own."""
Age = Annotated[int, Field(ge=18, le=100)]
Role = Literal["teacher", "middle_leader", "vice_principal", "principal"]


def age_on_first_september(birth_date: date, year: int) -> int:
    """Whole years of age on 1 September of ``year``."""
    return year - birth_date.year - ((birth_date.month, birth_date.day) > (9, 1))


class Eligibility(PlacementRule):
    """Years at the home school, age, role, title, hardship, cooldown, years to retirement, application.

    A teacher is eligible who passes every eligibility rule that covers the home school (none covers it: eligible) and
    is not on a running term; nobody gets two new placements. Years at the school = year − joined_year; ages are whole
    years on 1 September of the year; years to retirement = retirement age − age.
    """

    rule: Literal["eligibility"] = "eligibility"
    min_years_at_school: Annotated[
        Count,
        means("在派出校任教年数的下限(学年减入校年)", "least years at the home school (year − joined_year)"),
    ] = 6
    max_age_female: Annotated[
        Age | None,
        means("女教师的年龄上限, 周岁", "the oldest a woman may be, whole years"),
    ] = None
    max_age_male: Annotated[
        Age | None,
        means("男教师的年龄上限, 周岁", "the oldest a man may be, whole years"),
    ] = None
    roles: Annotated[several(Role), means("哪些职务可以交流", "the roles that may move")] = ROLES  # type: ignore[valid-type]
    min_title: Annotated[
        Literal["none", "third", "second", "first", "senior", "professor"] | None,
        means("职称的下限", "the lowest title that may move"),
    ] = None
    exempt: Annotated[
        Names, means("哪些免轮岗情形有效(教师表 exempt 列中的代码)", "the exemption codes (column exempt) that excuse")
    ] = ()
    cooldown_years: Annotated[
        Count,
        means("上次交流结束后至少间隔的年数", "years that must have passed since the last rotation ended"),
    ] = 0
    min_years_to_retirement: Annotated[
        Count | None,
        means(
            "距退休至少还有的年数; 退休年龄写在 term 规则中",
            "least years left to retirement, whose age a `term` rule gives",
        ),
    ] = None
    volunteers_skip_tenure: Annotated[
        bool, means("主动报名的不要求在校年限", "volunteers need no years at the school")
    ] = True
    volunteers_only: Annotated[bool, means("只有报名的才可交流", "only those who applied may move")] = False

    title: ClassVar[Words] = Words("交流资格", "Eligibility")
    selects: ClassVar[Selected] = "homes"
    codes: ClassVar[tuple[str, ...]] = (
        "on_running_term",
        "not_a_volunteer",
        "too_few_years_at_school",
        "too_old",
        "role_not_listed",
        "title_too_low",
        "exempt",
        "cooldown",
        "too_near_retirement",
    )
    zh: ClassVar[str] = (
        "教师通过覆盖其派出校的每一条资格规则才可交流；没有规则覆盖的派出校，教师都符合条件。正在轮岗期内的不得再派，"
        "每人至多一个新安排。年龄为本学年9月1日的周岁。"
    )

    def teacher_refusal(self, facts: Facts, teacher: Teacher) -> str | None:
        """The first reason why ``teacher`` may not move under this rule; None: may, or the home is not covered."""
        covered = self.selector.selects(facts.county.school[teacher.school])
        return self.refusal_if_covered(facts, teacher) if covered else None

    def refusal_if_covered(self, facts: Facts, teacher: Teacher) -> str | None:
        """As ``teacher_refusal``, of a teacher whose home is covered."""
        county = facts.county
        if self.volunteers_only and not teacher.volunteer:
            return "not_a_volunteer"
        skips_tenure = teacher.volunteer and self.volunteers_skip_tenure
        if not skips_tenure and county.year - teacher.joined_year < self.min_years_at_school:
            return "too_few_years_at_school"
        born, sex = teacher.birth_date, teacher.sex
        most_age = self.max_age_female if sex == "F" else self.max_age_male if sex == "M" else None
        if most_age is not None and born is not None and age_on_first_september(born, county.year) > most_age:
            return "too_old"
        if teacher.role not in self.roles:
            return "role_not_listed"
        if self.min_title is not None and TITLES.index(teacher.title) < TITLES.index(self.min_title):
            return "title_too_low"
        if teacher.exempt and any(code in self.exempt for code in teacher.exempt):
            return "exempt"
        back = county.returned.get(teacher.id)
        if back is not None and county.year - back < self.cooldown_years:
            return "cooldown"
        if self.min_years_to_retirement is not None and born is not None:
            retires, age = facts.retirement_age(teacher), age_on_first_september(born, county.year)
            if retires is not None and retires - age < self.min_years_to_retirement:
                return "too_near_retirement"
        return None

    def refusal(self, facts: Facts, placement: Placement) -> str | None:
        teacher = facts.county.teacher[placement.teacher]
        if teacher.id in facts.county.running:
            return "on_running_term"
        return self.teacher_refusal(facts, teacher)

    def needs_sex(self) -> bool:
        limits = (self.max_age_female, self.max_age_male, self.min_years_to_retirement)
        return any(limit is not None for limit in limits)

    def faults(self, facts: Facts) -> Iterator[Fault]:
        if not self.needs_sex():
            return
        county: County = facts.county
        if self.min_years_to_retirement is not None and not facts.knows_retirement:
            yield Fault(
                "policy",
                self.id,
                "min_years_to_retirement",
                self.min_years_to_retirement,
                "retirement_age_unknown",
                Words(
                    "要判断距退休年限, 请在一条 term 规则中写明 retirement_age_female 和 retirement_age_male",
                    "years to retirement need retirement_age_female and retirement_age_male in a `term` rule",
                ),
            )
        for teacher in county.teachers:
            if (teacher.sex is None or teacher.birth_date is None) and self.selector.selects(
                county.school[teacher.school]
            ):
                yield from missing_person_facts(teacher, self.id)

    def sentence(self) -> Words:
        zh, en = (
            [f"在本校任教满{self.min_years_at_school}年"],
            [f"at least {self.min_years_at_school} years at the school"],
        )
        if self.volunteers_only:
            zh.append("本人提出申请")
            en.append("applied for it")
        if self.max_age_female is not None:
            zh.append(f"女教师不超过{self.max_age_female}周岁")
            en.append(f"women at most {self.max_age_female}")
        if self.max_age_male is not None:
            zh.append(f"男教师不超过{self.max_age_male}周岁")
            en.append(f"men at most {self.max_age_male}")
        if self.min_title is not None:
            zh.append(f"职称不低于 {self.min_title}")
            en.append(f"title at least {self.min_title}")
        if self.roles != ROLES:
            zh.append(f"职务限于 {'、'.join(self.roles)}")
            en.append(f"role one of {', '.join(self.roles)}")
        if self.cooldown_years:
            zh.append(f"上次交流结束满{self.cooldown_years}年")
            en.append(f"{self.cooldown_years} years since the last rotation ended")
        if self.min_years_to_retirement is not None:
            zh.append(f"距退休不少于{self.min_years_to_retirement}年")
            en.append(f"at least {self.min_years_to_retirement} years to retirement")
        if self.exempt:
            words = [EXEMPT_WORDS.get(code, Words(code, code)) for code in self.exempt]
            zh.append(f"无下列情形: {'、'.join(word.zh for word in words)}")
            en.append(f"none of: {', '.join(word.en for word in words)}")
        return Words(f"可交流的教师: {'; '.join(zh)}", f"Teachers may move who have: {'; '.join(en)}")


def missing_person_facts(teacher: Teacher, rule_id: str) -> Iterator[Fault]:
    """A sex or birth date that a rule needs and the data do not give."""
    for column, value, zh in (("sex", teacher.sex, "性别"), ("birth_date", teacher.birth_date, "出生日期")):
        if value is None:
            yield Fault(
                "teachers",
                teacher.id,
                column,
                None,
                "needed_by_rule",
                Words(f"规则 {rule_id} 需要{zh}, 请补填", f"rule {rule_id} needs it; fill in {column}"),
            )
