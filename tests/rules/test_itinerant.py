"""Rule itinerant. 0.05 degrees of latitude are 7.23 km with the detour of 1.3."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hand import along_a_road, best, cells, county, facts_of, moves, numbers, place, post, school, teacher
from pydantic import ValidationError

from rotation.county import Decision
from rotation.rules.destination import Destination
from rotation.rules.distance import Distance
from rotation.rules.frame import Selector
from rotation.rules.itinerant import Itinerant
from rotation.rules.rural_coverage import RuralCoverage
from rotation.tally import Tally


def small(name: str, lat: float | None, classes: int | None = 6):
    return school(name, "rural", lon=110.0 if lat is not None else None, lat=lat, classes=classes)


NAMES = ("A", "B", "C", "D", "big", "lost", "silent", "full")
DATA = county(
    [
        small("A", 30.00),
        small("B", 30.05),
        small("C", 30.10),
        small("D", 30.02, 1),
        small("big", 30.01, 7),
        small("lost", None),
        small("silent", 30.01, None),
        small("full", 30.01),
        school("home", lon=110, lat=30.01, classes=6),
    ],
    [teacher("t", "home", "art"), teacher("f", "full", "art")],
    posts=(*(post(name, "art") for name in NAMES), post("home", "art", required=2)),
)


def code(*hosts: str, **more: object) -> str | None:
    rule = Itinerant.model_validate(more)
    (cell,) = cells(rule, DATA, place(DATA, "t", *hosts)).values()
    assert cell.shortfall == (0 if cell.code is None else 1)
    return cell.code


def test_two_or_three_near_small_short_schools() -> None:
    assert code("A", "B") is None
    assert code("A", "B", "D") is None
    assert code("A", "home") is None  # the home may be one of them


def test_every_pair_must_be_near() -> None:
    assert code("A", "B", "C") == "too_far_between"  # A to C: 14.5 km
    assert code("A", "B", "C", max_km_between=14.5) is None
    assert code("A", "lost") == "no_distance"
    facts = facts_of(DATA, Itinerant(max_km_between=5.6), Distance(detour=1.0))
    assert Itinerant(max_km_between=5.6).refusal(facts, ("A", "B"), "art") is None


def test_sizes() -> None:
    assert code("A", "B", "D", "home") == "circuit_size"
    assert code("A", "B", "D", "home", max_schools=4) is None
    rule = Itinerant()
    assert rule.refusal(facts_of(DATA, rule), ("A",), "art") == "circuit_size"
    assert rule.refusal(facts_of(DATA, rule), ("A", "A"), "art") == "circuit_size"


def test_only_small_schools_short_in_a_listed_subject() -> None:
    assert code("A", "big") == "not_a_small_school"
    assert code("A", "big", small_classes=7) is None
    assert code("A", "silent") == "not_a_small_school"
    assert code("A", "full") == "not_short"
    assert code("A", "B", subjects=["music"]) == "subject_not_listed"
    assert code("A", "B", subjects=["music", "art"]) is None
    rule = Itinerant()
    assert rule.refusal(facts_of(DATA, rule), ("A", "B"), "music") == "not_short"  # no post at all


def test_each_host_gains_its_exact_share_and_the_home_loses_one() -> None:
    plan = Tally(DATA, [place(DATA, "t", "A", "D", "home")])
    after = {name: plan.staff_after(name, "art") for name in ("A", "D", "home")}
    assert after == {"A": Fraction(1, 3), "D": Fraction(1, 3), "home": Fraction(1, 3)}


def test_kept_circuits_are_cells_and_single_placements_are_none() -> None:
    assert numbers(cells(Itinerant(), DATA, place(DATA, "t", "A", "B"))) == {"t/A;B": (0, None, 0, 0)}
    assert cells(Itinerant(), DATA, place(DATA, "t", "big")) == {}


def test_a_circuit_is_covered_where_any_host_is_and_needs_a_rule_that_covers_it() -> None:
    elsewhere = Itinerant(where=Selector(school=("C",)))
    assert cells(elsewhere, DATA, place(DATA, "t", "C", "big"))["t/C;big"].code == "not_a_small_school"
    assert cells(elsewhere, DATA, place(DATA, "t", "A", "B"))["t/A;B"].code == "no_rule_covers"
    other = Itinerant(id="other")
    assert cells(elsewhere, DATA, place(DATA, "t", "A", "B"), beside=(other,)) == {}
    assert cells(other, DATA, place(DATA, "t", "A", "B"), beside=(elsewhere,))["t/A;B"].code is None


def test_no_classes_at_all_is_a_warning() -> None:
    blank = county([school("A"), school("B")])
    assert [f.severity for f in Itinerant().faults(facts_of(blank))] == ["warning"]
    assert list(Itinerant().faults(facts_of(DATA))) == []


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError):
        Itinerant(max_schools=1)
    with pytest.raises(ValidationError):
        Itinerant.model_validate({"split": "by_hours"})
    words = Itinerant(subjects=("art",)).sentence()
    assert "2至3所" in words.zh and "10公里" in words.zh and "2 to 3" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


SHORT = county(
    along_a_road(school("town"), *(small(name, None) for name in ("A", "B", "D"))),
    [teacher("t", "town", "art")],
    posts=tuple(post(name, "art", required=1, capacity=1) for name in ("A", "B", "D")),
)


def test_the_circuit_whose_farthest_school_is_nearest() -> None:
    only = Destination.model_validate({"flows": [{"mode": "itinerant"}]})
    every = RuralCoverage(priority=1)
    plan = best(SHORT, Itinerant(), only, every)
    assert moves(plan) == {("t", "A", "B")}
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 2  # three are short, one teacher comes
    assert plan.placements[0].km == pytest.approx(2.891, abs=0.001)
    more = RuralCoverage(arrivals_min=1, required_share=0.0)
    assert best(SHORT, Itinerant(), only, more) is None  # a third of a teacher at each is no arrival of one
    assert moves(best(SHORT, Itinerant(), every)) == {("t", "A")}  # where secondment is open too, it is nearer
    refused = Decision("t", "forbid", "B"), Decision("t", "require", "A")
    assert moves(best(replace(SHORT, decisions=refused), Itinerant(), only)) == {("t", "A", "D")}


def test_the_home_may_be_on_the_circuit() -> None:
    at_home = county(SHORT.schools, [teacher("t", "A", "art")], posts=(post("A", "art", required=2), *SHORT.posts[1:]))
    only = Destination.model_validate({"flows": [{"mode": "itinerant"}]})
    plan = best(at_home, Itinerant(max_km_between=2), only, RuralCoverage(priority=1, where=Selector(school=("B",))))
    assert moves(plan) == {("t", "A", "B")}
    assert plan is not None and plan.tiers[0].value == 0.5
