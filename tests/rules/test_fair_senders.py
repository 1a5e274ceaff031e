"""Rule fair_senders."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hand import along_a_road, at_least, best, cells, county, moves, numbers, place, post, school, teacher
from pydantic import ValidationError

from rotation.rules.distance import Distance
from rotation.rules.eligibility import Eligibility
from rotation.rules.fair_senders import FairSenders
from rotation.rules.frame import Selector

# Titles 1 + 2 + 3 + 4 (third … senior), mean 2.5; backbone 0, 0, 2, 4, mean 1.5; tenure 4, 6, 10, 20, mean 10.
DATA = county(
    [school("A"), school("B"), school("X")],
    [
        teacher("a1", "A", title="third", joined_year=2022),
        teacher("a2", "A", title="second", joined_year=2020),
        teacher("a3", "A", title="first", backbone="county", joined_year=2016),
        teacher("a4", "A", title="senior", backbone="province", joined_year=2006),
        teacher("b1", "B", title="professor"),
    ],
)


def test_floors_are_exact_and_scale_with_the_number_sent() -> None:
    found = numbers(cells(FairSenders(), DATA, place(DATA, "a1", "X"), place(DATA, "a4", "X")))
    assert found["A/title"] == (5, Fraction(9, 2), None, 0)
    assert found["A/backbone"] == (4, Fraction(27, 10), None, 0)
    assert found["A/tenure"] == (24, 18, None, 0)


def test_sending_the_weakest_falls_short() -> None:
    found = numbers(cells(FairSenders(), DATA, place(DATA, "a1", "X")))
    assert found["A/title"] == (1, Fraction(9, 4), None, Fraction(5, 4))
    assert found["A/backbone"] == (0, Fraction(27, 20), None, Fraction(27, 20))
    assert found["A/tenure"] == (4, 9, None, 5)


def test_a_school_that_sends_nobody_is_fair() -> None:
    found = numbers(cells(FairSenders(attributes=("title",)), DATA, place(DATA, "b1", "X")))
    assert found == {"A/title": (0, 0, None, 0), "B/title": (5, Fraction(9, 2), None, 0)}


def test_only_the_eligible_set_the_mean_and_a_school_without_any_has_no_cell() -> None:
    old_hands = Eligibility(min_years_at_school=10)
    rule = FairSenders(tolerance=0, attributes=("tenure",))
    found = numbers(cells(rule, DATA, place(DATA, "a3", "X"), beside=(old_hands,)))
    assert found == {"A/tenure": (10, 15, None, 5), "B/tenure": (0, 0, None, 0)}
    nobody = Eligibility(min_years_at_school=50)
    assert cells(rule, DATA, beside=(nobody,)) == {}


def test_where_selects_homes() -> None:
    assert cells(FairSenders(where=Selector(school=("B",))), DATA).keys() == {"B/title", "B/backbone", "B/tenure"}


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError):
        FairSenders.model_validate({"attributes": ["age"]})
    with pytest.raises(ValidationError):
        FairSenders(tolerance=1.5)
    words = FairSenders(attributes=("tenure",)).sentence()
    assert "校龄" in words.zh and "90%" in words.zh and "tenure" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_the_weakest_alone_may_not_go_although_nearer() -> None:
    data = county(
        along_a_road(school("H"), school("host")),
        [teacher("new", "H", title="none", lon=110.0, lat=30.01), teacher("old", "H", title="senior")],
        posts=(post("host"),),
    )
    fair = FairSenders(attributes=("title",))
    assert moves(best(data, at_least(1))) == {("new", "host")}
    assert moves(best(data, at_least(1), fair)) == {("old", "host")}
    stays = at_least(1), FairSenders(attributes=("title",), priority=1), Eligibility(roles=("teacher",))
    off = county(data.schools, [data.teachers[0], replace(data.teachers[1], max_km=0.1)], posts=data.posts)
    plan = best(off, *stays, Distance())
    # The floor is 0.9 × 2 points for one who brings none.
    assert plan is not None and plan.tiers[0].value == pytest.approx(1.8)
    assert plan.tiers[0].bound == pytest.approx(1.8)
