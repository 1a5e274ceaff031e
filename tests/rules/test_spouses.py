"""Rule spouses. One degree of latitude is 111.195 km, 144.55 km with the detour of 1.3."""

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
from pydantic import ValidationError

from rotation.rules.distance import Distance
from rotation.rules.frame import Selector
from rotation.rules.spouses import Spouses

SCHOOLS = (
    school("A", lon=110, lat=30.0),
    school("B", lon=110, lat=30.0),
    school("X", lon=110, lat=30.05),  # 7.2 km from Y
    school("Y", lon=110, lat=30.10),
    school("N"),  # nobody knows where
)
COUPLE = county(SCHOOLS, [teacher("a", "A", spouse="b"), teacher("b", "B"), teacher("c", "A")])


def test_of_two_spouses_one_may_move() -> None:
    assert numbers(cells(Spouses(), COUPLE, place(COUPLE, "a", "X"), place(COUPLE, "c", "X"))) == {
        "a/b": (1, None, 1, 0)
    }


def test_both_moved_is_one_too_many_and_none_allowed_is_two() -> None:
    both = (place(COUPLE, "a", "X"), place(COUPLE, "b", "Y"))
    assert numbers(cells(Spouses(), COUPLE, *both)) == {"a/b": (2, None, 1, 1)}
    assert numbers(cells(Spouses(max_moved=0), COUPLE, *both)) == {"a/b": (2, None, 0, 2)}
    assert numbers(cells(Spouses(max_moved=0), COUPLE, both[0])) == {"a/b": (1, None, 0, 1)}


def test_hosts_near_each_other_excuse_both() -> None:
    both = (place(COUPLE, "a", "X"), place(COUPLE, "b", "Y"))
    assert cells(Spouses(max_km_apart=7.3), COUPLE, *both)["a/b"].shortfall == 0
    assert cells(Spouses(max_km_apart=7.2), COUPLE, *both)["a/b"].shortfall == 1
    # The detour is the policy's: 5.56 km as the crow flies.
    assert cells(Spouses(max_km_apart=5.6), COUPLE, *both, beside=(Distance(detour=1.0),))["a/b"].shortfall == 0


def test_the_same_host_is_near_and_an_unknown_distance_is_not() -> None:
    rule = Spouses(max_km_apart=0)
    assert cells(rule, COUPLE, place(COUPLE, "a", "N"), place(COUPLE, "b", "N"))["a/b"].shortfall == 0
    assert cells(rule, COUPLE, place(COUPLE, "a", "N"), place(COUPLE, "b", "X"))["a/b"].shortfall == 1


def test_every_host_of_a_circuit_must_be_near() -> None:
    both = (place(COUPLE, "a", "X", "A"), place(COUPLE, "b", "X"))
    assert cells(Spouses(max_km_apart=1), COUPLE, *both)["a/b"].shortfall == 1
    assert cells(Spouses(max_km_apart=8), COUPLE, *both)["a/b"].shortfall == 0


def test_a_couple_is_one_cell_whoever_names_whom_and_a_running_term_is_not_a_move() -> None:
    data = county(
        SCHOOLS, [teacher("a", "A", spouse="b"), teacher("b", "B", spouse="a")], terms=(term("a", "X", 2025, 2),)
    )
    assert numbers(cells(Spouses(), data, place(data, "b", "Y"))) == {"a/b": (1, None, 1, 0)}


def test_where_covers_a_couple_by_either_home() -> None:
    assert cells(Spouses(where=Selector(school=("B",))), COUPLE).keys() == {"a/b"}
    assert cells(Spouses(where=Selector(school=("X",))), COUPLE) == {}


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError):
        Spouses(max_moved=3)
    assert Spouses(priority=2).is_must is False
    words = Spouses(max_km_apart=5).sentence()
    assert "5公里" in words.zh and "5 km" in words.en
    assert list(Spouses().faults(facts_of(COUPLE))) == []


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


ROAD = county(
    along_a_road(school("home"), school("near"), school("far")),
    [teacher("he", "home", spouse="she"), teacher("she", "home"), teacher("other", "home", "art")],
    posts=(post("near"), post("far"), post("far", "art")),
)


def test_the_second_who_moves_is_not_the_spouse() -> None:
    assert moves(best(ROAD, at_least(2))) == {("he", "near"), ("she", "near")}
    for rule in (Spouses(), Spouses(priority=1)):
        assert ("other", "far") in moves(best(ROAD, at_least(2), rule))
    assert best(ROAD, at_least(3), Spouses()) is None


def test_together_or_near_each_other_both_may_go() -> None:
    for most in (0, 1):
        assert moves(best(ROAD, at_least(2), Spouses(max_moved=most, max_km_apart=0))) == {
            ("he", "near"),
            ("she", "near"),
        }
    assert moves(best(ROAD, at_least(1), Spouses(max_moved=0, max_km_apart=9))) == {("other", "far")}


def test_a_soft_rule_counts_who_is_over() -> None:
    plan = best(ROAD, at_least(3), Spouses(priority=1))
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 1
    plan = best(ROAD, at_least(3), Spouses(priority=1, max_moved=0))
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 2
