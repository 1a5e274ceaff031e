"""``rotation explain``: why this teacher, why not that one, and who would go instead; or why these arrivals at a school."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from api.cli.options import AsJson, Data, PlanFile, PolicyName, read_county
from api.cli.output import both, print_json, table
from rotation import files
from rotation.labels import refusal_words, subject_words
from rotation.policy import load_policy
from rotation.words import Words
from solver.explanation import Explainer
from solver.explanation.answers import Alternative, Bounded, SchoolExplanation, TeacherExplanation
from solver.explanation.words import Teller
from solver.prices import Change, document

MOST_HOSTS = 12


def add_to(app: typer.Typer) -> None:
    app.command(
        "explain", epilog="例 Example: rotation explain nantou/ plan.json --policy national-2014 --teacher T0001"
    )(explain)


def explain(
    data: Data,
    plan: PlanFile,
    policy: PolicyName,
    teacher: Annotated[str | None, typer.Option(metavar="ID", help="教师编号 · A teacher's id.")] = None,
    school: Annotated[str | None, typer.Option(metavar="ID", help="学校编号 · A school's id.")] = None,
    alternatives: Annotated[
        int, typer.Option(min=0, max=1000, help="精确计价的学校数 · Hosts whose price is solved for.")
    ] = 3,
    as_json: AsJson = False,
) -> None:
    """为什么是这位教师(或不是), 其他选择的代价, 谁会代替 · Why this teacher moves (or not), what else would cost, who instead.

    每个代价都由强制该选择后重新求解得出并经证明 · Every price is the best plan with that choice forced, proved.
    """
    if (teacher is None) == (school is None):
        raise typer.BadParameter(
            "--teacher 和 --school 请给出一个 · give one of --teacher and --school", param_hint="--teacher"
        )
    rules = load_policy(policy)
    explainer = Explainer(read_county(data, quiet=as_json), rules, files.read_plan(plan))
    if teacher is not None:
        person = explainer.teacher(teacher, alternatives=alternatives)
        if as_json:
            print_json(document(person))
        else:
            show_teacher(person, Teller(explainer.county, rules))
    elif school is not None:
        found = explainer.school(school)
        if as_json:
            print_json(document(found))
        else:
            show_school(found, Teller(explainer.county, rules))


def show_teacher(found: TeacherExplanation, teller: Teller) -> None:
    """What was found of one teacher, in tables."""
    place = found.placement
    home = teller.schools([found.home])
    verdict = (
        f"留在 stays at {home}"
        if place is None
        else f"{home} → {teller.schools(place.hosts)}, {place.years}, {place.km:g} km"
    )
    print(f"{teller.person(found.teacher)}: {verdict}")
    if found.decided:
        print("主管部门指定 · decided by the office")
    _told("不能交流的原因 · why not", (teller.reason(one) for one in found.excluded))
    _told("符合交流条件 · eligible by", (teller.reason(one) for one in found.eligible))
    _told("这所学校可去 · allowed by", (teller.reason(one) for one in found.allowed))
    _told("这项安排满足 · what the placement is needed for", (teller.served(one) for one in found.serves))
    _refused(found.refused)
    choices = [one for one in (found.stay, found.move, *found.alternatives) if one is not None]
    _prices(choices, found.others, teller)
    for one in (found.stay, found.move):
        if one is not None:
            show_changes(one.instead, teller)


def show_school(found: SchoolExplanation, teller: Teller) -> None:
    """What was found of one school, in tables."""
    print(teller.schools([found.school]))
    rows = [
        (both(subject_words(post.subject)), post.required, post.capacity, post.before, post.after, post.options,
         "" if post.more is None else both(teller.price(post.more.price)))
        for post in found.posts
    ]  # fmt: skip
    columns = (
        "岗位 post",
        "需要 required",
        "容量 capacity",
        "前 before",
        "后 after",
        "可来 could come",
        "再多一人 one more",
    )
    table("岗位 · posts", columns, rows)
    for placement, serves in found.arrivals:
        lines = [teller.served(one) for one in serves]
        _told(f"{teller.person(placement.teacher)} ← {teller.schools([placement.home])}", lines)
    for post in found.posts:
        if post.refused:
            print(both(subject_words(post.subject)))
            _refused(post.refused)


def show_changes(changes: Iterable[Change], teller: Teller) -> None:
    rows = [(both(teller.change(change)),) for change in changes]
    if rows:
        table("谁会代替 · who would go instead", ("改动 change",), rows)


def _prices(choices: Iterable[Alternative], others: tuple[Bounded, ...], teller: Teller) -> None:
    rows = [(both(teller.choice(one)), both(teller.price(one.price)), _people(one)) for one in choices]
    rows += [
        (f"{teller.schools(one.hosts)}, {one.km:g} km", both(teller.bound(one)), "") for one in others[:MOST_HOSTS]
    ]
    if rows:
        columns = ("选择 choice", "代价 price", "改动人数 people")
        table("其他选择 · what else", columns, rows)
    if len(others) > MOST_HOSTS:
        print(f"另有 {len(others) - MOST_HOSTS} 所 · {len(others) - MOST_HOSTS} more: --json")


def _people(alternative: Alternative) -> str:
    return "" if alternative.price is None else str(len(alternative.instead))


def _told(title: str, lines: Iterable[Words]) -> None:
    rows = [(f"{line.zh}\n{line.en}",) for line in lines]
    if rows:
        table("", (title,), rows)


def _refused(refused: tuple[tuple[str, str, int], ...]) -> None:
    if refused:
        rows = [(rule, both(refusal_words(code)), count) for rule, code, count in refused]
        table("不能的原因 · refused by", ("规则 rule", "原因 why", "次数 times"), rows)
