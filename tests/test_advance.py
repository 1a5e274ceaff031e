"""The next school year's data set."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hand import county, place, post, school, teacher, term
from hypothesis import given
from hypothesis import strategies as st

from rotation.advance import advance
from rotation.county import County, Decision, Preference, Travel
from rotation.faults import InputError
from rotation.plan import Placement, Plan, Status

DATA = county(
    [school("A"), school("R", "rural"), school("T", "teaching_point"), school("U", "town")],
    [
        teacher("one", "A", volunteer=True, rural_years=2, exempt=("nursing",)),
        teacher("two", "A"),
        teacher("loop", "A"),
        teacher("runs", "A", rural_years=1),
        teacher("past", "A", last_rotation_end=2020),
        teacher("stays", "A", volunteer=True),
    ],
    posts=(post("R"), post("T")),
    terms=(term("runs", "R", 2025, 2), term("past", "R", 2023, 2)),
    preferences=(Preference("one", "R", 1),),
    decisions=(Decision("one", "require", "R"),),
    travel=(Travel("A", "R", 5.0),),
)


def plan(data: County, *placements: Placement, year: int | None = None) -> Plan:
    return Plan(data.year if year is None else year, "sha256:0", "by hand", "sha256:0", Status.FEASIBLE, placements)


NEXT = advance(
    DATA, plan(DATA, place(DATA, "one", "R"), place(DATA, "two", "R", years=2), place(DATA, "loop", "T", "U"))
)


def test_a_year_passes_and_placements_become_terms() -> None:
    assert NEXT.year == 2027
    assert NEXT.terms == (
        *DATA.terms,
        term("one", "R", 2026, 1),
        term("two", "R", 2026, 2),
        term("loop", "T", 2026, 1, mode="itinerant"),
        term("loop", "U", 2026, 1, mode="itinerant"),
    )
    assert NEXT.running.keys() == {"two"}
    assert NEXT.staff_before == {("A", "maths"): 5, ("R", "maths"): 1}


def test_who_comes_back_has_served() -> None:
    served = {t.id: (t.last_rotation_end, t.rural_years) for t in NEXT.teachers}
    assert served == {
        "one": (2027, 3),
        "two": (None, 0),  # a second year to go
        "loop": (2027, 1),  # one of its two hosts is rural
        "runs": (2027, 3),  # two years, begun the year before
        "past": (2020, 0),  # ended in 2025: not counted again
        "stays": (None, 0),
    }
    after = advance(NEXT, plan(NEXT))
    assert (after.teacher["two"].last_rotation_end, after.teacher["two"].rural_years) == (2028, 2)
    assert after.teacher["one"].rural_years == 3


def test_this_years_wishes_are_dropped_and_everything_else_stays() -> None:
    assert (NEXT.preferences, NEXT.decisions) == ((), ())
    assert not any(t.volunteer for t in NEXT.teachers)
    assert NEXT.teacher["one"].exempt == ("nursing",)
    assert (NEXT.schools, NEXT.posts, NEXT.travel) == (DATA.schools, DATA.posts, DATA.travel)
    assert [(t.id, t.school, t.joined_year) for t in NEXT.teachers] == [
        (t.id, t.school, t.joined_year) for t in DATA.teachers
    ]


def test_a_circuit_serves_its_years_once() -> None:
    data = advance(DATA, plan(DATA, place(DATA, "loop", "T", "R")))
    assert data.teacher["loop"].rural_years == 1


def test_a_town_host_adds_no_rural_years() -> None:
    data = advance(DATA, plan(DATA, place(DATA, "two", "U")))
    assert (data.teacher["two"].last_rotation_end, data.teacher["two"].rural_years) == (2027, 0)


@pytest.mark.parametrize(
    ("placements", "year", "codes"),
    [
        ((place(DATA, "one", "R"),), 2025, {"wrong_year"}),
        ((replace(place(DATA, "one", "R"), start_year=2025),), 2026, {"wrong_year"}),
        ((replace(place(DATA, "one", "R"), teacher="nobody"),), 2026, {"unknown_reference"}),
        ((place(DATA, "one", "nowhere"),), 2026, {"unknown_reference"}),
        ((place(DATA, "one", "R"), place(DATA, "one", "T")), 2026, {"overlapping_terms"}),
        ((place(DATA, "runs", "T"),), 2026, {"overlapping_terms"}),
        ((place(DATA, "one", "R", years=0),), 2026, {"wrong_years"}),
    ],
)
def test_a_plan_of_other_data_is_refused(placements: tuple[Placement, ...], year: int, codes: set[str]) -> None:
    with pytest.raises(InputError) as refused:
        advance(DATA, plan(DATA, *placements, year=year))
    assert {fault.code for fault in refused.value.faults} == codes


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3)), max_size=5))
def test_nobody_is_lost_and_everybody_comes_home(yearly: list[dict[str, int]]) -> None:
    """Whatever is planned year after year: the staff stays whole, and terms served add up in ``rural_years``."""
    data = county([school("A"), school("R", "rural")], [teacher(name, "A") for name in "abcd"])
    served = dict.fromkeys("abcd", 0)
    for wishes in yearly:
        free = {name: years for name, years in wishes.items() if name not in data.running}
        for name, years in free.items():
            served[name] += years
        data = advance(data, plan(data, *(place(data, name, "R", years=years) for name, years in free.items())))
        assert sum(data.staff_before.values()) == 4
    for _ in range(3):
        data = advance(data, plan(data))
    assert data.staff_before == {("A", "maths"): Fraction(4)}
    assert {t.id: t.rural_years for t in data.teachers} == served
    assert all(t.last_rotation_end == data.returned.get(t.id) for t in data.teachers)
