"""A diagnosis in plain sentences, Chinese and English, with the names of schools and teachers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from rotation.county import County
from rotation.facts import Facts
from rotation.policy import Policy
from rotation.rules.frame import Number, Rule
from rotation.rules.release import Release
from rotation.tally import Tally
from rotation.words import Words
from solver.diagnosis.answer import Change, Member

MOST_NAMES = 8

PARAMETERS: Mapping[str, Words] = {
    "share_min": Words("最低比例", "least share"),
    "share_max": Words("最高比例", "greatest share"),
    "count_min": Words("最少人数", "least number"),
    "count_max": Words("最多人数", "greatest number"),
    "per_subject_min": Words("每学科最少人数", "least number in a subject"),
    "required_share": Words("满足需要数的比例", "share of the required"),
    "arrivals_min": Words("每校最少接收人数", "least arrivals at a school"),
    "max_km": Words("公里上限", "km limit"),
    "max_minutes": Words("分钟上限", "minutes limit"),
    "respect_personal": Words("按教师本人上限", "respect the teachers' own limits"),
    "min_years_at_school": Words("在校年限", "years at the school"),
    "max_age_female": Words("女教师年龄上限", "women's age limit"),
    "max_age_male": Words("男教师年龄上限", "men's age limit"),
    "roles": Words("职务", "roles"),
    "min_title": Words("最低职称", "least title"),
    "exempt": Words("免除情形", "exemptions"),
    "cooldown_years": Words("间隔年数", "years since the last rotation"),
    "min_years_to_retirement": Words("距退休年数", "years to retirement"),
    "volunteers_only": Words("仅限自愿", "volunteers only"),
    "within": Words("交流范围", "moves within"),
    "flows": Words("流向", "flows"),
    "years": Words("轮岗年限", "term years"),
    "rural_min_years": Words("乡村最短年限", "least years at rural schools"),
    "retirement_age_female": Words("女教师退休年龄", "women's retirement age"),
    "retirement_age_male": Words("男教师退休年龄", "men's retirement age"),
    "end_share_max": Words("同年期满比例", "share ending together"),
    "keep_required": Words("保留岗位需要数", "keep the required"),
    "tolerance": Words("容许差额", "tolerance"),
    "amount": Words("经费", "amount"),
    "per_site": Words("每址增补", "places a site"),
    "core_per_member": Words("总校每成员校增补", "core's places a member"),
    "member": Words("成员校增补", "member's places"),
    "pairs_min": Words("最少师徒对数", "least pairs"),
    "max_moved": Words("夫妻最多交流人数", "spouses who may move"),
    "priority": Words("优先级", "priority"),
}
SHARES = {"share_min", "share_max", "required_share", "end_share_max"}


# -- names ------------------------------------------------------------------------------------------------------------


def school_names(county: County, ids: Iterable[str]) -> str:
    named = [county.school[i].name if i in county.school else i for i in ids]
    return "、".join(named[:MOST_NAMES]) + (f"…({len(named)})" if len(named) > MOST_NAMES else "")


def cell_words(county: County, cell: Mapping[str, str]) -> Words:
    """A cell as people say it: the school's and the teacher's name, the subject, or all that the rule selects."""
    parts = []
    for key, value in cell.items():
        if key in ("school", "host") and value in county.school:
            parts.append(county.school[value].name)
        elif key in ("teacher", "spouse") and value in county.teacher:
            parts.append(county.teacher[value].name or value)
        elif key == "group" and value in county.group:
            parts.append(county.group[value].name)
        else:
            parts.append(value)
    text = " ".join(parts)
    return Words(text or "所选各校合计", text or "all it selects together")


# -- conflicts --------------------------------------------------------------------------------------------------------


def counting_words(county: County, member: Member, helpers: int, refusals: Sequence[Rule]) -> Words:
    """Why one cell cannot hold by itself: what it needs, and what all who could help would bring."""
    where = cell_words(county, member.cell)
    under = _under(refusals)
    if member.least is not None and member.reach is not None:
        now = _number(member.now or 0)
        least, reach = _number(member.least), _number(member.reach)
        return Words(
            f"{where.zh}: 按「{member.rule}」至少需要{least}人, 现有{now}人, "
            f"能来补足的教师只有{helpers}人, 最多达到{reach}人{under.zh}",
            f"{where.en}: `{member.rule}` needs at least {least}, has {now} now, and only {helpers} teacher(s) could help: "
            f"{reach} at the most{under.en}",
        )
    if member.most is not None:
        return Words(
            f"{where.zh}: 「{member.rule}」至多{_number(member.most)}, 不做任何新安排已是{_number(member.now or 0)}{under.zh}",
            f"{where.en}: `{member.rule}` allows {_number(member.most)} at most and has {_number(member.now or 0)} before "
            f"any new placement{under.en}",
        )
    return Words(
        f"{where.zh}: 「{member.rule}」单独也不能满足{under.zh}",
        f"{where.en}: `{member.rule}` cannot hold even by itself{under.en}",
    )


def conflict_words(county: County, members: Sequence[Member], refusals: Sequence[Rule], likewise: int) -> Words:
    """All cells of a conflict, rule by rule."""
    by_rule: dict[str, list[Member]] = {}
    for member in members:
        if member.role == "cell":
            by_rule.setdefault(member.rule, []).append(member)
    zh, en = [], []
    for rule, mine in by_rule.items():
        names = [cell_words(county, member.cell) for member in mine]
        more = len(names) - MOST_NAMES
        zh.append(
            f"「{rule}」在 {'、'.join(n.zh for n in names[:MOST_NAMES])}" + (f" 等{len(names)}处" if more > 0 else "")
        )
        en.append(
            f"`{rule}` at {', '.join(n.en for n in names[:MOST_NAMES])}" + (f" and {more} more" if more > 0 else "")
        )
    under = _under(refusals)
    text = Words(f"不能同时满足: {'; '.join(zh)}{under.zh}", f"Cannot hold together: {'; '.join(en)}{under.en}")
    if likewise:
        text = Words(
            f"{text.zh}。另有{likewise}处与其余各处同样冲突",
            f"{text.en}. {likewise} more cell(s) conflict with the rest of them in the same way",
        )
    return text


def _under(refusals: Sequence[Rule]) -> Words:
    if not refusals:
        return Words(" (无论谁可以交流)", " (whoever may move)")
    return Words(
        f" (在以下规则之下: {'、'.join(rule.title.zh for rule in refusals)})",
        f" (under {', '.join(f'`{rule.id}`' for rule in refusals)})",
    )


# -- ways out ---------------------------------------------------------------------------------------------------------


def changes_of(policy: Policy, replaced: Mapping[str, tuple[Rule, ...]], county: County) -> tuple[Change, ...]:
    """What differs between the rules of ``policy`` and those that replace them, parameter by parameter."""
    found: list[Change] = []
    for rule_id, rules in replaced.items():
        before = policy.rule(rule_id)
        loose = rules[-1] if rules else None
        if loose is None or (len(rules) == 1 and loose.where != before.where):
            # Lifted: everywhere, or wherever the rule that stays does not reach.
            kept = loose.selector if loose is not None else None
            schools = [s.id for s in county.schools if before.selector.selects(s) and not (kept and kept.selects(s))]
            found.append(_lifted(before, tuple(schools) if loose is not None else None, county))
            continue
        for eased in rules[1:] or rules:
            at: tuple[str, ...] | None = None
            if len(rules) > 1:
                at = tuple(s.id for s in county.schools if eased.selector.selects(s))
            for parameter in type(before).model_fields:
                if parameter in ("id", "where", "rule", "weight"):
                    continue
                old, new = getattr(before, parameter), getattr(eased, parameter)
                if old != new:
                    found.append(_change(before, parameter, old, new, at, county))
    return tuple(found)


def _lifted(rule: Rule, schools: tuple[str, ...] | None, county: County) -> Change:
    where = Words("", "")
    if schools is not None:
        where = Words(f"(仅{school_names(county, schools)})", f" at {school_names(county, schools)}")
    words = Words(f"不再要求{rule.title.zh}「{rule.id}」{where.zh}", f"lift `{rule.id}`{where.en}")
    return Change(rule.id, "", None, None, schools, words)


def _change(rule: Rule, parameter: str, old: Any, new: Any, at: tuple[str, ...] | None, county: County) -> Change:
    if parameter == "priority":
        words = Words(
            f"{rule.title.zh}「{rule.id}」由必须改为尽量满足(第{new}级)",
            f"`{rule.id}`: no longer `must`, but tier {new}",
        )
        return Change(rule.id, parameter, old, new, at, words)
    label = PARAMETERS.get(parameter, Words(parameter, parameter))
    plain_old, plain_new = _plain(old), _plain(new)
    share = parameter in SHARES or (parameter == "tolerance" and isinstance(new, float))
    shown = (_shown(plain_old, share), _shown(plain_new, share))
    where = Words("", "")
    if at is not None:
        names = school_names(county, at)
        where = Words(f", 仅限{len(at)}所学校({names})", f" for {len(at)} school(s) only ({names})")
    words = Words(
        f"{rule.title.zh}「{rule.id}」{label.zh}: {shown[0].zh} → {shown[1].zh}{where.zh}",
        f"`{rule.id}`, {label.en}: {shown[0].en} → {shown[1].en}{where.en}",
    )
    return Change(rule.id, parameter, plain_old, plain_new, at, words)


def way_words(changes: Sequence[Change], facts: Facts, tally: Tally, policy: Policy) -> Words:
    """All changes in one sentence, with the teachers that posts give up beyond what they could spare."""
    extra = [_released(policy.rule(rule_id), facts, tally) for rule_id in dict.fromkeys(c.rule for c in changes)]
    details = [words for words in extra if words is not None]
    zh = "; ".join([change.words.zh for change in changes] + [words.zh for words in details])
    en = "; ".join([change.words.en for change in changes] + [words.en for words in details])
    return Words(zh, en)


def _released(rule: Rule, facts: Facts, tally: Tally) -> Words | None:
    if not isinstance(rule, Release):
        return None
    given = [cell for cell in rule.check(facts, tally) if cell.shortfall and cell.least is not None]
    if not given:
        return None
    zh, en = [], []
    for cell in given[:MOST_NAMES]:
        school = facts.county.school[cell.cell["school"]].name
        zh.append(f"{school}多派出{_number(cell.shortfall)}名{cell.cell['subject']}教师")
        en.append(f"release {_number(cell.shortfall)} {cell.cell['subject']} teacher(s) from {school}")
    more = f" … ({len(given)})" if len(given) > MOST_NAMES else ""
    return Words("、".join(zh) + more, ", ".join(en) + more)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _shown(value: Any, share: bool) -> Words:
    if isinstance(value, bool):
        return Words("是", "yes") if value else Words("否", "no")
    if value is None:
        return Words("不限", "no limit")
    if isinstance(value, list):
        if any(isinstance(part, dict) for part in value):
            return Words(f"{len(value)}条", f"{len(value)} flow(s)")
        text = "、".join(str(part) for part in value)
        return Words(text or "无", text or "none")
    if share:
        text = f"{float(value):.4%}".rstrip("%").rstrip("0").rstrip(".") + "%"
    else:
        text = f"{value:,.10g}" if isinstance(value, int | float) else str(value)
    return Words(text, text)


def _number(value: Number) -> str:
    return f"{float(value):.10g}" if isinstance(value, Fraction | float) else str(value)
