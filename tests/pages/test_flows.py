"""The map's plane, flows and options."""

from __future__ import annotations

import json

import pytest
from hand import county, place, post, school, teacher
from hypothesis import given
from hypothesis import strategies as st

from api.pages.flows import RATIO, Plane, bundled, map_options, shortages, without_coordinates
from rotation.county import School
from rotation.tally import Tally
from rotation.travel import great_circle_km

DATA = county(
    [
        school("T", "town", lon=107.90, lat=25.40),
        school("V", "rural", lon=107.95, lat=25.50),
        school("W", "rural", lon=107.80, lat=25.45),
        school("X", "teaching_point"),
    ],
    [teacher(name, "T") for name in "abcd"],
    posts=(post("T", required=1), post("V", required=3), post("W", "music", 2)),
)
PLACED = [place(DATA, "a", "V"), place(DATA, "b", "V"), place(DATA, "c", "V", "W")]
TALLY = Tally(DATA, PLACED)


def options(selected: str | None = None, when: str = "after") -> dict:  # type: ignore[type-arg]
    return map_options(DATA, TALLY, shortages(DATA, TALLY), "zh", selected, when)  # type: ignore[arg-type]


def dots(found: dict) -> dict:  # type: ignore[type-arg]
    return {dot["id"]: dot for series in found["series"] if series["type"] == "scatter" for dot in series["data"]}


def test_flows_between_the_same_two_schools_are_one_and_a_circuit_counts_at_each_host() -> None:
    assert [(flow.home, flow.host, flow.count) for flow in bundled(PLACED)] == [("T", "V", 3), ("T", "W", 1)]


def test_shortage_is_counted_post_by_post() -> None:
    lacking = shortages(DATA, TALLY)
    assert lacking["V"] == (3.0, 0.5)
    assert lacking["W"] == (2.0, 2.0)  # maths arrives there, music is what it lacks
    assert lacking["T"] == (0.0, 0.0)
    assert lacking["X"] == (0.0, 0.0)


def test_thicker_lines_carry_more_and_larger_dots_lack_more() -> None:
    lines = {line["tip"]: line["lineStyle"]["width"] for line in options()["series"][0]["data"]}
    (thick,) = [width for tip, width in lines.items() if "V" in tip]
    (thin,) = [width for tip, width in lines.items() if "W" in tip]
    assert thick > thin
    before, after = dots(options(when="before")), dots(options())
    assert before["V"]["symbolSize"] > after["V"]["symbolSize"] > after["T"]["symbolSize"]


def test_a_selected_school_dims_what_it_has_nothing_to_do_with() -> None:
    found = options("W")
    shown = dots(found)
    assert shown["V"]["itemStyle"]["opacity"] < 0.3 < shown["T"]["itemStyle"]["opacity"]
    opacity = {line["tip"]: line["lineStyle"]["opacity"] for line in found["series"][0]["data"]}
    assert [value < 0.1 for tip, value in opacity.items() if "V" in tip] == [True]
    assert [value > 0.5 for tip, value in opacity.items() if "W" in tip] == [True]


def test_schools_without_coordinates_are_counted_not_drawn() -> None:
    assert without_coordinates(DATA) == 1
    assert "X" not in dots(options())
    json.dumps(options())  # plain values only


def test_names_are_escaped_in_tooltips() -> None:
    evil = "<img src=x onerror=alert(1)>"
    data = county([School("T", evil, ("primary",), "town", lon=1.0, lat=1.0)])
    tally = Tally(data, ())
    (dot,) = dots(map_options(data, tally, shortages(data, tally), "en")).values()
    assert "<img" not in dot["tip"] and "&lt;img" in dot["tip"]


def test_a_county_without_any_coordinates_has_a_map_without_dots() -> None:
    data = county([school("T")])
    tally = Tally(data, ())
    assert dots(map_options(data, tally, shortages(data, tally), "en")) == {}


@given(
    st.lists(st.tuples(st.floats(100, 101.5), st.floats(20, 45.5)), min_size=2, max_size=6),
)
def test_every_school_lies_inside_the_window_whose_sides_have_the_boxs_ratio(places: list[tuple[float, float]]) -> None:
    schools = [school(str(i), lon=lon, lat=lat) for i, (lon, lat) in enumerate(places)]
    plane = Plane.around(schools)
    assert plane.half_width == pytest.approx(RATIO * plane.half_height)
    for lon, lat in places:
        east, north = plane.at(lon, lat)
        assert abs(east) < plane.half_width and abs(north) < plane.half_height


@given(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
def test_kilometres_on_the_map_are_kilometres_on_the_earth(east: float, north: float) -> None:
    plane = Plane(105.0, 27.0, 1.0, 1.0)
    x, y = plane.at(105.0 + east, 27.0 + north)
    true = great_circle_km(105.0, 27.0, 105.0 + east, 27.0 + north)
    assert (x**2 + y**2) ** 0.5 == pytest.approx(true, rel=0.01, abs=0.01)


@pytest.mark.parametrize(("half_height", "step"), [(0.5, 0.2), (3, 1), (12, 5), (50, 20), (300, 100)])
def test_the_grid_has_a_round_mesh(half_height: float, step: float) -> None:
    assert Plane(0, 0, half_height * RATIO, half_height).step == pytest.approx(step)
