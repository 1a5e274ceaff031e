"""Rule distance. 0.1 degrees of latitude are 11.1195 km, 14.4554 km with the detour of 1.3."""

import pytest
from hand import cells, county, facts_of, place, school, teacher

from rotation.county import Travel
from rotation.rules.destination import Destination
from rotation.rules.distance import Distance

SCHOOLS = (
    school("A", lon=110, lat=30.0),
    school("B", "rural", lon=110, lat=30.1),
    school("C", "rural", lon=110, lat=30.3),
    school("N"),  # nobody knows where
)
PEOPLE = [
    teacher("home", "A"),
    teacher("near", "A", lon=110.0, lat=30.1),  # lives beside B
    teacher("own", "A", max_km=14.0),
]
WAYS = (
    Travel("A", "B", 20.0, 35), Travel("A", "C", 43.0), Travel("A", "N", 9.0, 50), Travel("near", "C", 21.0, 61),
)  # fmt: skip
BARE = county(SCHOOLS, PEOPLE)
KNOWN = county(SCHOOLS, PEOPLE, travel=WAYS)


def code(data: object, who: str, *hosts: str, beside: tuple[Destination, ...] = (), **parameters: object) -> str | None:
    rule = Distance.model_validate(parameters)
    found = cells(rule, data, place(data, who, *hosts), beside=beside)  # type: ignore[arg-type]
    return next((cell.code for cell in found.values()), None)


def test_great_circle_times_the_detour_and_the_limit_is_included() -> None:
    facts = facts_of(BARE, Distance())
    way = facts.way(BARE.teacher["home"], BARE.school["B"])
    assert way is not None and way.km == pytest.approx(14.4554, abs=1e-4)
    assert code(BARE, "home", "B", max_km=14.46) is None
    assert code(BARE, "home", "B", max_km=14.45) == "too_far"
    assert code(BARE, "home", "B", max_km=11.2, detour=1.0) is None


def test_without_residence_the_way_is_from_the_home_school() -> None:
    assert code(BARE, "near", "B", max_km=0) is None
    assert code(BARE, "home", "B", max_km=0) == "too_far"


def test_an_entry_stands_as_it_is_and_the_schools_is_for_those_without_residence() -> None:
    assert code(KNOWN, "home", "B", max_km=20) is None  # 20.0, no detour
    assert code(KNOWN, "home", "B", max_km=19.9) == "too_far"
    assert code(KNOWN, "near", "B", max_km=0) is None  # lives there: the school's entry is not theirs
    assert code(KNOWN, "near", "C", max_km=21) is None  # their own entry: 21.0, not 28.9
    assert code(KNOWN, "near", "C", max_km=20.9) == "too_far"


def test_minutes_need_an_entry() -> None:
    assert code(KNOWN, "home", "B", max_minutes=35) is None
    assert code(KNOWN, "home", "B", max_minutes=34) == "too_long"
    assert code(KNOWN, "home", "C", max_minutes=90) == "minutes_unknown"  # an entry without minutes
    assert code(BARE, "home", "B", max_minutes=90) == "minutes_unknown"


def test_the_teachers_own_limit_holds_besides() -> None:
    assert code(BARE, "own", "B", max_km=50) == "too_far_for_teacher"
    assert code(BARE, "own", "B", max_km=50, respect_personal=False) is None
    assert code(BARE, "own", "B") == "too_far_for_teacher"  # without any limit of the rule too


def test_no_way_no_placement() -> None:
    assert code(BARE, "home", "N") == "no_distance"
    assert code(KNOWN, "home", "N", max_km=9) is None  # the entry is enough
    assert code(KNOWN, "near", "N") == "no_distance"


def test_a_flows_limit_replaces_the_rules_but_not_the_teachers() -> None:
    boarding = Destination.model_validate(
        {"flows": [{"to": {"school": ["C"]}, "max_km": 60}, {"to": {"school": ["B"]}}]}
    )
    assert code(BARE, "home", "C", max_km=15) == "too_far"  # 43.4 km
    assert code(BARE, "home", "C", max_km=15, beside=(boarding,)) is None
    assert code(BARE, "home", "B", max_km=14, beside=(boarding,)) == "too_far"  # a flow without its own
    assert code(BARE, "own", "C", max_km=15, beside=(boarding,)) == "too_far_for_teacher"
    narrower = Destination.model_validate({"flows": [{"max_km": 5}]})
    assert code(BARE, "home", "B", max_km=15, beside=(narrower,)) == "too_far"


def test_where_selects_hosts_and_from_homes() -> None:
    assert code(BARE, "home", "C", max_km=15, where={"school": ["B"]}) is None
    assert code(BARE, "home", "C", max_km=15, **{"from": {"area": ["rural"]}}) is None
    assert code(BARE, "home", "C", max_km=15, **{"from": {"area": ["urban"]}}) == "too_far"


def test_every_host_of_a_circuit_counts() -> None:
    assert code(BARE, "near", "B", "C", max_km=15) == "too_far"
    assert code(BARE, "near", "B", "C", max_km=29) is None
