"""An explanation in plain sentences, Chinese and English: for screens, the command line and letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rotation.county import County
from rotation.files.plan import plain
from rotation.labels import refusal_words, subject_words
from rotation.objectives import WORDS as OBJECTIVES
from rotation.policy import Policy
from rotation.words import Words
from solver.explanation.answers import Alternative, Bounded, Reason, Served
from solver.prices import Change, Price

FIGURES: Mapping[str, Words] = {
    "years_at_school": Words("在校{}年", "{} years at the school"),
    "age": Words("{}周岁", "aged {}"),
    "years_since_last_rotation": Words("距上次交流{}年", "{} years since the last rotation"),
    "km": Words("{}公里", "{} km"),
    "years": Words("{}学年", "{} school year(s)"),
    "rank": Words("第{}志愿", "choice no. {}"),
    "until": Words("至{}年", "until {}"),
    "reason": Words("原因: {}", "reason: {}"),
}
NOTHING = Words("不增加任何代价", "costs nothing")
IMPOSSIBLE = Words("不可能: 必须规则不容许", "impossible under the `must` rules")


class Teller:
    """Puts what is explained under one policy and county into words; people are named by id and name."""

    def __init__(self, county: County, policy: Policy) -> None:
        self.county, self.policy = county, policy
        self._tier = {tier.priority: tier for tier in policy.tiers}

    def schools(self, ids: Iterable[str]) -> str:
        return "、".join(self.county.school[school].name for school in ids)

    def person(self, teacher: str) -> str:
        name = self.county.teacher[teacher].name
        return f"{name}({teacher})" if name else teacher

    def tier(self, priority: int) -> Words:
        """What a tier counts: its rules' titles and its objectives' names."""
        tier = self._tier[priority]
        parts = [Words(rule.title.zh, rule.title.en) for rule in tier.rules]
        parts += [OBJECTIVES[part.objective] for part in tier.objectives]
        return Words("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))

    def price(self, price: Price | None) -> Words:
        """Every tier that changes, the most important first."""
        if price is None:
            return IMPOSSIBLE
        told = [(self.tier(tier.priority), _signed(tier.price)) for tier in price.tiers if tier.price]
        if not told:
            return NOTHING
        return Words(
            "; ".join(f"{words.zh} {amount}" for words, amount in told),
            "; ".join(f"{words.en} {amount}" for words, amount in told),
        )

    def bound(self, bounded: Bounded) -> Words:
        if not bounded.at_least:
            return Words("未另算", "not solved for")
        told = [(self.tier(priority), _signed(amount)) for priority, amount in bounded.at_least]
        return Words(
            "至少 " + "; ".join(f"{words.zh} {amount}" for words, amount in told),
            "at least " + "; ".join(f"{words.en} {amount}" for words, amount in told),
        )

    def choice(self, alternative: Alternative) -> Words:
        """The choice itself."""
        if alternative.kind == "stay":
            return Words("留在本校", "stay at the home school")
        subject = subject_words(alternative.subject or "")
        if alternative.kind == "more":
            return Words(f"{subject.zh}再多接收一人", f"one more teacher of {subject.en}")
        where = self.schools(alternative.hosts)
        km = "" if alternative.km is None else f", {_number(alternative.km)} km"
        if alternative.kind == "move" and not where:
            return Words("参加交流", "be placed")
        return Words(f"到{where}({subject.zh}{km})", f"go to {where} ({subject.en}{km})")

    def change(self, change: Change) -> Words:
        """Who is placed differently, and how."""
        who = self.person(change.teacher)
        if change.after is None:
            return Words(f"{who} 留在本校", f"{who} stays at home")
        to = self.schools(change.after)
        if change.before is None:
            return Words(f"{who} 改去 {to}", f"{who} goes to {to} instead")
        if change.before == change.after:
            return Words(f"{who} 仍去 {to}, 任教学科不同", f"{who} still goes to {to}, for another subject")
        before = self.schools(change.before)
        return Words(f"{who} 由 {before} 改去 {to}", f"{who} goes to {to} instead of {before}")

    def reason(self, reason: Reason) -> Words:
        """A rule in its own words, with what was measured; a refusal says what stands against it."""
        told = figures(reason.figures or {})
        against = refusal_words(reason.code) if reason.code else None
        zh = f"{against.zh}: {reason.sentence.zh}" if against else reason.sentence.zh
        en = f"{against.en}: {reason.sentence.en}" if against else reason.sentence.en
        return Words(f"{zh} [{told.zh}]", f"{en} [{told.en}]") if told.zh else Words(zh, en)

    def served(self, served: Served) -> Words:
        """A rule's cell that would fall short."""
        rule = self.policy.rule(served.rule)
        where = self._cell(served.cell)
        figures_ = [f"{_number(served.measured)}"] if served.measured is not None else []
        figures_ += [f"≥ {_number(served.least)}"] if served.least is not None else []
        figures_ += [f"≤ {_number(served.most)}"] if served.most is not None else []
        told = ", ".join(figures_)
        missing = _number(served.missing)
        return Words(
            f"{rule.title.zh}{f'({where.zh})' if where.zh else ''}: {told}; 少了这一人即差{missing}{rule.unit.zh}",
            f"{rule.title.en}{f' ({where.en})' if where.en else ''}: {told}; short by {missing} {rule.unit.en} without",
        )

    def _cell(self, cell: Mapping[str, str]) -> Words:
        zh, en = [], []
        for key, value in cell.items():
            if key == "school" and value in self.county.school:
                words = Words(*(self.county.school[value].name,) * 2)
            elif key == "subject":
                words = subject_words(value)
            elif key == "group" and value in self.county.group:
                words = Words(*(self.county.group[value].name,) * 2)
            else:
                words = Words(value, value)
            zh.append(words.zh)
            en.append(words.en)
        return Words(" ".join(zh), ", ".join(en))


def figures(measured: Mapping[str, Any]) -> Words:
    """The figures of a reason that people ask for."""
    told = [(FIGURES[key], value) for key, value in measured.items() if key in FIGURES]
    zh = [words.zh.format(_number(value)) for words, value in told]
    en = [words.en.format(_number(value)) for words, value in told]
    if measured.get("volunteer"):
        zh.append("本人申请")
        en.append("applied")
    return Words(", ".join(zh), ", ".join(en))


def _number(value: Any) -> str:
    found = plain(value)
    return f"{found:.10g}" if isinstance(found, float) else str(found)


def _signed(value: Any) -> str:
    found = plain(value)
    return f"{found:+.10g}"
