"""Rule mentoring."""

from itertools import product

import pytest
from hand import (
    along_a_road,
    at_least,
    best,
    cells,
    county,
    facts_of,
    moves,
    numbers,
    place,
    post,
    school,
    teacher,
    term,
)
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rotation.rules.frame import Selector
from rotation.rules.mentoring import Mentoring
from rotation.tally import Tally

DATA = county(
    [school("S"), school("M"), school("N")],
    [
        teacher("star", "S", backbone="province"),
        teacher("good", "S", "english", "maths", backbone="county"),
        teacher("near", "S", backbone="school"),
        teacher("n1", "M", teaching_since=2022),  # four years: a novice
        teacher("n2", "M", teaching_since=2025),
        teacher("n3", "M", teaching_since=2026),
        teacher("old", "M", teaching_since=2021),  # five years: no longer
        teacher("unknown", "M"),
        teacher("e1", "M", "english", "maths", teaching_since=2024),
    ],
)
AT_M = Selector(school=("M",))


def test_one_mentor_leads_at_most_two_of_the_placed_subject() -> None:
    rule = Mentoring(where=AT_M)
    assert numbers(cells(rule, DATA, place(DATA, "star", "M"))) == {"M": (2, 2, None, 0)}
    assert numbers(cells(rule, DATA, place(DATA, "good", "M"))) == {"M": (1, 2, None, 1)}  # english: e1 alone
    assert numbers(cells(rule, DATA, place(DATA, "good", "M", subject="maths"))) == {"M": (2, 2, None, 0)}
    assert numbers(cells(rule, DATA)) == {"M": (0, 2, None, 2)}


def test_subjects_add_up_and_novices_run_out() -> None:
    both = [place(DATA, "star", "M"), place(DATA, "good", "M")]
    assert cells(Mentoring(where=AT_M), DATA, *both)["M"].measured == 3
    assert cells(Mentoring(where=AT_M, max_per_mentor=9), DATA, *both)["M"].measured == 4
    assert cells(Mentoring(where=AT_M, max_per_mentor=9, novice_years=6), DATA, *both)["M"].measured == 5


def test_rank_decides_who_mentors() -> None:
    assert cells(Mentoring(where=AT_M), DATA, place(DATA, "near", "M"))["M"].measured == 0
    assert cells(Mentoring(where=AT_M, backbone_level="school"), DATA, place(DATA, "near", "M"))["M"].measured == 2


def test_novices_who_leave_or_are_away_and_visiting_circuits_make_no_pairs() -> None:
    away = county(DATA.schools, DATA.teachers, terms=(term("n1", "N", 2025, 2),))
    plan = [place(away, "star", "M"), place(away, "n2", "N")]
    assert cells(Mentoring(where=AT_M), away, *plan)["M"].measured == 1
    assert cells(Mentoring(), DATA, place(DATA, "star", "M", "N"))["M"].measured == 0


def test_pairs_are_named_newest_novice_with_highest_mentor_first() -> None:
    rule = Mentoring()
    plan = Tally(DATA, [place(DATA, "star", "M"), place(DATA, "good", "M", subject="maths")])
    pairs = rule.pairs(facts_of(DATA, rule), plan, "M")
    assert pairs == (("star", "n3"), ("good", "n2"), ("star", "n1"))


@given(
    mentors=st.lists(st.sampled_from(["maths", "art"]), max_size=3),
    novices=st.lists(st.sampled_from(["maths", "art"]), max_size=4),
    most=st.integers(1, 2),
)
def test_no_pairing_is_larger(mentors: list[str], novices: list[str], most: int) -> None:
    """Against every assignment of novices to mentors (or to none)."""
    data = county(
        [school("S"), school("M")],
        [teacher(f"m{i}", "S", subject, backbone="city") for i, subject in enumerate(mentors)]
        + [teacher(f"n{i}", "M", subject, teaching_since=2026) for i, subject in enumerate(novices)],
    )
    rule = Mentoring(max_per_mentor=most)
    plan = Tally(data, [place(data, f"m{i}", "M") for i in range(len(mentors))])
    pairs = rule.pairs(facts_of(data, rule), plan, "M")
    best = 0
    for choice in product((None, *range(len(mentors))), repeat=len(novices)):
        taken = [(mentor, novice) for novice, mentor in enumerate(choice) if mentor is not None]
        fits = all(mentors[mentor] == novices[novice] for mentor, novice in taken)
        if fits and all(choice.count(mentor) <= most for mentor in range(len(mentors))):
            best = max(best, len(taken))
    assert len(pairs) == best == len({novice for _, novice in pairs})
    assert all(sum(mentor == one for one, _ in pairs) <= most for mentor, _ in pairs)


def test_no_teaching_since_at_all_is_a_warning() -> None:
    blank = county([school("M")], [teacher("t", "M")])
    assert [f.severity for f in Mentoring().faults(facts_of(blank))] == ["warning"]
    assert list(Mentoring().faults(facts_of(DATA))) == []


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError):
        Mentoring(max_per_mentor=0)
    words = Mentoring().sentence()
    assert "不少于2对" in words.zh and "at least 2 pairs" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_mentors_come_for_the_novices_who_stay() -> None:
    data = county(
        along_a_road(school("S"), school("M"), school("N")),
        [
            teacher("sporty", "S", "pe", backbone="city", lon=110.0, lat=30.01),
            teacher("maths", "S", backbone="county"),
            teacher("english", "S", "english", backbone="county", lon=110.0, lat=29.9),
            teacher("m1", "M", teaching_since=2025),
            teacher("m2", "M", teaching_since=2024, lon=110.0, lat=30.02),
            teacher("m3", "M", teaching_since=2024),
            teacher("e1", "M", "english", teaching_since=2024),
        ],
        posts=(post("M"), post("M", "pe"), post("M", "english"), post("N")),
    )
    assert moves(best(data, Mentoring(where=AT_M))) == {("maths", "M")}
    assert moves(best(data, Mentoring(where=AT_M, pairs_min=3))) == {("maths", "M"), ("english", "M")}
    # Two of the three novices are made to leave: one pair of maths is left, and one of English.
    gone = at_least(2, school=["M"])
    assert moves(best(data, Mentoring(where=AT_M), gone)) >= {("maths", "M"), ("english", "M")}
    plan = best(data, Mentoring(where=AT_M, pairs_min=5, priority=1))
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 2
