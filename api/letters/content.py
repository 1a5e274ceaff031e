"""What a decision letter says: what, where, how long, why, alternatives, how to appeal. Nobody else is named in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rotation.files.plandigest import plan_digest
from rotation.files.tables import MODES
from rotation.labels import subject_words
from rotation.plan import Placement
from rotation.words import Words
from solver.explanation import Explainer
from solver.explanation.answers import Alternative, TeacherExplanation
from solver.explanation.words import Teller

MOST_REASONS = 3


@dataclass(frozen=True)
class Office:
    """Who signs, and how to object: the office's to set. ``contact`` is printed as it stands."""

    name: Words | None = None
    days: int = 7
    contact: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    heading: Words
    lines: tuple[Words, ...]


@dataclass(frozen=True)
class Letter:
    """One letter; ``facts`` are (label, value) pairs."""

    teacher: str
    title: Words
    greeting: Words
    facts: tuple[tuple[Words, Words], ...]
    sections: tuple[Section, ...]
    sender: Words
    digest: str


def letter_of(explainer: Explainer, teacher: str, office: Office, alternatives: int = 2) -> Letter:
    """The letter of a teacher who is placed. KeyError for one who is not."""
    county, placement = explainer.county, explainer.placed[teacher]
    found = explainer.teacher(teacher, alternatives=alternatives)
    person = county.teacher[teacher]
    name = person.name or teacher
    sender = office.name or Words(f"{county.name or ''}教育局", f"Education bureau, {county.name or 'county'}")
    year = county.year
    return Letter(
        teacher,
        Words("教师交流轮岗通知书", "Notice of teacher rotation"),
        Words(
            f"{name} 老师: 经研究, {year}—{year + 1}学年安排您交流轮岗如下。",
            f"Dear {name}: for the school year {year}/{str(year + 1)[2:]} you are placed as follows.",
        ),
        tuple(_facts(explainer, placement)),
        (
            Section(
                Words("为什么是您, 为什么是这所学校", "Why you, and why this school"), tuple(_why(explainer, found))
            ),
            Section(Words("其他可能及其代价", "Alternatives and what they would cost"), tuple(_else(explainer, found))),
            Section(Words("如有异议", "How to object"), (_appeal(office, sender),)),
        ),
        sender,
        plan_digest(explainer.plan),
    )


def _facts(explainer: Explainer, placement: Placement) -> Iterator[tuple[Words, Words]]:
    teller = Teller(explainer.county, explainer.policy)
    home, hosts = teller.schools([placement.home]), teller.schools(placement.hosts)
    mode = MODES[placement.mode][0]
    end = placement.start_year + placement.years
    km = f"{placement.km:g}"
    yield Words("教师编号", "Teacher"), Words(placement.teacher, placement.teacher)
    yield Words("派出校", "Home school"), Words(home, home)
    yield Words("接收校", "Host school"), Words(hosts, hosts)
    yield Words("任教学科", "Subject"), subject_words(placement.subject)
    yield Words("形式", "Mode"), Words(mode, placement.mode)
    yield (
        Words("期限", "Term"),
        Words(
            f"{placement.years}学年({placement.start_year}年9月至{end}年8月)",
            f"{placement.years} school year(s), September {placement.start_year} to August {end}",
        ),
    )
    yield (
        Words("路程", "Distance"),
        Words(f"{km}公里(人事关系、工资关系不变)", f"{km} km (post and pay stay as they are)"),
    )


def _why(explainer: Explainer, found: TeacherExplanation) -> Iterator[Words]:
    teller = Teller(explainer.county, explainer.policy)
    if found.decided:
        yield Words("主管部门指定。", "The office itself decided on it.")
    for reason in found.eligible[:1]:
        yield teller.reason(reason)
    for served in found.serves[:MOST_REASONS]:
        yield teller.served(served)
    if found.stay is not None and found.stay.price is not None:
        price, others = teller.price(found.stay.price), len(found.stay.instead) - 1
        yield Words(
            f"如您留在本校, 全县方案最少的代价是: {price.zh}, 并须改动另外{others}人的安排。",
            f"If you stayed, the least that it would cost the county's plan is: {price.en}; {others} other people "
            "would be placed differently.",
        )
    elif not found.decided:
        yield Words(
            "如您留在本校, 就没有满足全部必须规则的方案。", "If you stayed, no plan would keep every `must` rule."
        )


def _else(explainer: Explainer, found: TeacherExplanation) -> Iterator[Words]:
    teller = Teller(explainer.county, explainer.policy)
    told: list[Alternative] = [one for one in found.alternatives if one.price is not None]
    for alternative in told:
        choice, price = teller.choice(alternative), teller.price(alternative.price)
        yield Words(f"{choice.zh}: {price.zh}", f"{choice.en}: {price.en}")
    if found.others:
        yield Words(
            f"另有{len(found.others)}所学校也符合规则, 其代价可向主管部门查询。",
            f"{len(found.others)} more schools were open under the rules; ask the office for their prices.",
        )
    if not told and not found.others:
        yield Words("按现行规则没有其他学校可选。", "No other school is open under the rules.")


def _appeal(office: Office, sender: Words) -> Words:
    contact = f" ({office.contact})" if office.contact else ""
    return Words(
        f"自收到本通知之日起{office.days}个工作日内, 可向{sender.zh}书面提出{contact}, 并请写明教师编号和下列方案校验码。"
        "以上数字均可凭数据、政策和方案重新计算。",
        f"Write to the {sender.en}{contact} within {office.days} working days of receiving this, naming your teacher "
        "number and the plan's digest below. Every figure here can be computed again from data, policy and plan.",
    )
