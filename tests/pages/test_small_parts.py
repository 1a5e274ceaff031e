"""Numbers, tables, faults, progress, cards and texts."""

from __future__ import annotations

import ast
import csv
import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hand import county, facts_of, place, post, school, teacher

import api.pages
import rotation.rules
from api.pages import html
from api.pages.cards import cards
from api.pages.faults import fault_row, faults_csv
from api.pages.numbers import number, percent, share, show
from api.pages.progress import POINTS, gap_of, gap_points, latest_by_tier, phase_of
from api.pages.school import placement_rows, post_rows
from api.pages.start import policy_lines
from api.pages.texts import REFUSAL, TEXT, language_of, say, subject
from api.records import News
from rotation.faults import Fault
from rotation.indicators import indicators
from rotation.policy import load_policy
from rotation.tally import Tally
from rotation.words import Words
from solver.outcome import Progress


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (3.0, "3"), (Fraction(1, 2), "0.5"), ("1/2", "0.5"), (None, "–"), (12345.67, "12\u202f345.7"), (100, "100"),
     (-2, "-2"), (True, "–"), ("x", "–")],
)  # fmt: skip
def test_show(value: Any, text: str) -> None:
    assert show(value) == text


def test_shares() -> None:
    assert number("0.1") == Fraction(1, 10)
    assert share(1, 4) == 0.25 and share(1, 0) is None
    assert percent(0.125, 1) == "12.5\u202f%" and percent(None) == "–" and percent(0.0, 1) == "0.0\u202f%"
    assert percent(0.0004, 1) != percent(0.0, 1)  # small is not nothing


def test_tables_escape_what_users_wrote() -> None:
    evil = '<script>alert("x")</script>'
    made = html.table([(evil, "left")], [[evil], [html.Mark(evil, "bad")], [html.Link(evil, '"><b>')]], evil)
    assert "<script" not in made and '"><b>' not in made and made.count("&lt;script") == 5


def test_a_mark_has_an_icon_and_a_word_besides_its_colour() -> None:
    assert "check_circle" in html.content(html.Mark("满足", "good")) and "满足" in html.content(
        html.Mark("满足", "good")
    )


FAULT = Fault("teachers", 3, "school", "=1+1", "unknown_reference", Words("找不到", "No such id"), "教师!C4")


def test_faults_are_told_in_the_pages_language() -> None:
    assert fault_row(FAULT, "zh") == ["错误", "教师", "C4", "学校编号", "=1+1", "找不到"]
    assert fault_row(FAULT, "en") == ["Error", "teachers", "C4", "school", "=1+1", "No such id"]
    bare = Fault("policy", "urban", None, None, "missing", Words("缺", "missing"), severity="warning")
    assert fault_row(bare, "en") == ["Warning", "policy", "row urban", "", "", "missing"]


def test_the_list_of_faults_opens_in_excel_and_runs_nothing() -> None:
    made = faults_csv([FAULT], "zh")
    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))
    assert len(rows) == 2 and "'=1+1" in rows[1]


def news(*lines: Progress) -> list[News]:
    return [News(index, line) for index, line in enumerate(lines, 1)]


def test_gap_points_are_by_tier_and_thinned_but_keep_the_last() -> None:
    lines = news(
        Progress("options", 0.1), Progress("tier", 1.0, 1, "a", 10, None), Progress("tier", 2.0, 1, "a", 10, 8),
        Progress("tier", 3.0, 2, "b", 5, 5),
    )  # fmt: skip
    assert gap_points(lines) == {1: [(2.0, 20.0)], 2: [(3.0, 0.01)]}
    many = news(*(Progress("tier", float(i), 1, "a", 100, 100 - i / 100) for i in range(5000)))
    points = gap_points(many)[1]
    assert len(points) <= POINTS + 1 and points[-1][0] == 4999.0
    latest = latest_by_tier(lines)
    assert list(latest) == [1, 2] and latest[1].bound == 8
    assert gap_of(Progress("tier", 0, 1, "a", 0.5, 0.25)) == 0.25  # over max(1, |value|)


def test_a_first_plan_before_the_program_is_no_step_ahead() -> None:
    begun, by_hand = Progress("options", 0.0), Progress("first plan", 1.0, 1, "a", 9, None)
    program, first = Progress("program", 2.0), Progress("first plan", 3.0, 1, "a", 9, 0)
    told = [begun, by_hand, program, first, Progress("tier", 4.0, 1, "a", 8, 8), Progress("check", 5.0)]
    shown = [phase_of(news(*told[: n + 1])) for n in range(len(told))]
    assert shown == ["options", "program", "program", "tier", "tier", "check"]


DATA = county(
    [school("T", "town", pupils=100), school("V", "rural", pupils=50)],
    [teacher("a", "T", backbone="county"), teacher("b", "T"), teacher("c", "V")],
    posts=(post("T", required=1), post("V", required=3), post("V", "art", required=0)),
)
TALLY = Tally(DATA, [place(DATA, "a", "V", km=4.0)])


def test_cards_show_before_and_after() -> None:
    made = cards(indicators(facts_of(DATA), TALLY), "en")
    rural = next(card for card in made if card.name == "Rural posts filled")
    assert (rural.before, rural.figure, rural.holds) == ("33.3\u202f%", "66.7\u202f%", False)
    assert next(card for card in made if card.name == "Backbone share").figure == "100.0\u202f%"


def test_cards_of_an_empty_plan_claim_nothing() -> None:
    made = cards(indicators(facts_of(DATA), Tally(DATA, ())), "en")
    assert next(card for card in made if card.name == "Backbone share").figure == "–"


def test_posts_of_a_school() -> None:
    maths, art = post_rows(DATA, TALLY, "V", "en")
    assert maths[:7] == ["Maths", "3", "9", "1", "0", "1", "2"] and maths[-1] == html.Mark("1 missing", "bad")
    assert art[-1] == html.Mark("Not needed", "quiet")


def test_arrivals_name_the_home_and_departures_the_hosts() -> None:
    ((arrival),) = placement_rows(DATA, TALLY.arrived["V"], "V", "en")
    ((departure),) = placement_rows(DATA, TALLY.sent["T"], "T", "en")
    assert (arrival[1], departure[1]) == ("T", "V")


def test_a_policy_is_read_out_whole() -> None:
    policy = load_policy("national-2014")
    lines = [line for _, group in policy_lines(policy, "zh") for line in group]
    assert len(lines) == len(policy.rules) + len(policy.objectives)
    assert any("10%" in line and "城区" in line for line in lines)


def test_language_and_subjects() -> None:
    assert [language_of(value) for value in ("en", "zh", None, "fr")] == ["en", "zh", "zh", "zh"]
    assert subject("maths", "zh") == "数学" and subject("布依语", "en") == "布依语"


def test_every_text_a_page_asks_for_is_there() -> None:
    """Keys given as literals to ``say`` and ``heading``."""
    asked = set()
    for path in Path(api.pages.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("say", "heading") and isinstance(node.args[0].value, str):
                    asked.add(node.args[0].value)
    assert len(asked) > 60
    assert asked <= set(TEXT)


def test_every_reason_a_rule_gives_has_words() -> None:
    """Codes that a rule's ``…refusal`` returns as literals."""
    codes = set()
    for path in Path(rotation.rules.__file__).parent.glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and "refusal" in function.name:
                returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
                codes |= {str(value.value) for value in returned if isinstance(value, ast.Constant) and value.value}
    assert len(codes) > 20
    assert codes <= set(REFUSAL)


@pytest.mark.parametrize("key", sorted(TEXT))
def test_texts_have_two_languages_and_the_same_blanks(key: str) -> None:
    blanks = [{part.split("}")[0] for part in say(key, language).split("{")[1:]} for language in ("zh", "en")]  # type: ignore[arg-type]
    assert TEXT[key].zh and TEXT[key].en and blanks[0] == blanks[1]
