from __future__ import annotations

import csv
import os
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.county import County
from rotation.faults import InputError
from rotation.files import digest
from scenarios.generate import county_for_schools, sample_county, synthetic_county
from scenarios.generator.curriculum import GRADES, PERIODS, classes_by_level, required_posts
from tests.scenarios.validity import faults_of

REAL_LIST = Path(
    os.environ.get("ROTATION_SCHOOL_LIST", Path(__file__).parents[2] / "../shared/data/taiwan-primary/schools.csv")
)
real_list = pytest.mark.skipif(
    not REAL_LIST.exists(), reason=f"no real school list at {REAL_LIST}; name one in ROTATION_SCHOOL_LIST"
)


@pytest.fixture(scope="module")
def county() -> County:
    return synthetic_county(150, 6000, seed=1)


# -- the curriculum ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subjects", "low", "high"),
    [
        (("chinese",), 20, 22),
        (("maths",), 13, 15),
        (("english",), 6, 8),
        (("politics",), 6, 8),
        (("history", "geography"), 3, 4),
        (("science", "physics", "chemistry", "biology"), 8, 10),
        (("it",), 1, 3),
        (("pe",), 10, 11),
        (("music", "art"), 9, 11),
    ],
)
def test_periods_lie_within_the_shares_of_the_national_plan(subjects: tuple[str, ...], low: int, high: int) -> None:
    nine_years = 2 * 26 + 4 * 30 + 3 * 34
    taught = sum(PERIODS[level].get(subject, 0) for level in PERIODS for subject in subjects)
    assert low <= 100 * Fraction(taught, nine_years) <= high


def test_a_six_class_school_needs_whole_posts_of_specialists() -> None:
    need = required_posts(("primary",), 6)
    assert {s: need[s] for s in ("english", "music", "art", "pe", "science")} == {
        "english": 1, "music": 1, "art": 1, "pe": 1, "science": 1,
    }  # fmt: skip
    assert need["it"] == 0
    assert 10 <= sum(need.values()) <= 13


@given(st.integers(1, 200), st.sampled_from([("primary",), ("junior",), ("primary", "junior")]))
def test_need_grows_with_classes(classes: int, levels: tuple[str, ...]) -> None:
    fewer, more = required_posts(levels, classes), required_posts(levels, classes + 1)
    assert (list(fewer) == list(more) and all(fewer[s] <= more[s] for s in fewer)) or len(levels) == 2
    assert sum(classes_by_level(levels, classes).values()) == classes
    assert set(fewer) == {s for level in levels for s in PERIODS[level]}
    assert set(GRADES) == set(PERIODS)


# -- made up from numbers ---------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(0, 400), st.integers(0, 2**32), st.integers(2020, 2040))
def test_any_size_and_seed_gives_valid_data(schools: int, more: int, seed: int, year: int) -> None:
    made = synthetic_county(schools, schools + more, seed, year=year)
    assert faults_of(made) == []
    assert (len(made.schools), len(made.teachers), made.year) == (schools, schools + more, year)


def test_the_validity_check_sees_faults(county: County) -> None:
    first, *rest = county.teachers
    broken = replace(county, teachers=(replace(first, joined_year=1960, spouse=rest[0].id), *rest))
    found = faults_of(broken)
    assert "teachers 1 joined_year before_birth" in found and f"{first.id} spouse not mutual" in found


def test_same_seed_same_county_and_another_seed_another() -> None:
    assert digest(synthetic_county(20, 300, 5)) == digest(synthetic_county(20, 300, 5))
    assert digest(synthetic_county(20, 300, 5)) != digest(synthetic_county(20, 300, 6))


def test_the_sample_county_is_the_same_on_every_machine() -> None:
    """When the generator changes on purpose, write the new digest here and say so in the changelog."""
    assert digest(sample_county()) == SAMPLE_DIGEST


SAMPLE_DIGEST = "sha256:f23a28afe669a84981b9390d22009dce75ee2335cc4bb1fc31ad7295692dffd6"


@pytest.mark.parametrize(("schools", "teachers", "seed"), [(0, 5, 1), (5, 4, 1), (5, 5, -1)])
def test_impossible_numbers_are_faults(schools: int, teachers: int, seed: int) -> None:
    with pytest.raises(InputError) as error:
        synthetic_county(schools, teachers, seed)
    assert error.value.faults


def test_people_are_spread_as_documented(county: County) -> None:
    def share(of: object) -> float:
        picked = [of(t) for t in county.teachers]  # type: ignore[operator]
        return sum(picked) / len(picked)

    age = [
        county.year - t.birth_date.year - (t.birth_date > date(t.birth_date.year, 9, 1))
        for t in county.teachers
        if t.birth_date
    ]
    assert min(age) >= 22 and max(age) <= 59
    assert 0.6 < share(lambda t: t.sex == "F") < 0.78
    assert 0.12 < share(lambda t: t.backbone_rank >= 2) < 0.3
    assert 0.03 < share(lambda t: bool(t.exempt)) < 0.09
    assert 0.6 < share(lambda t: t.lon is not None) < 0.8
    assert 0.04 < share(lambda t: t.spouse is not None) < 0.08
    assert 0.3 < share(lambda t: county.year - t.joined_year >= 6) < 0.7
    assert 0.1 < share(lambda t: t.title in ("senior", "professor")) < 0.35
    assert all(t.sex == "F" for t in county.teachers if {"pregnant", "nursing"} & set(t.exempt))
    rare = [t for t in county.teachers if t.name and any(ord(c) > 0xFFFF for c in t.name)]
    assert rare


def test_couples_are_of_either_sex_and_one_township(county: County) -> None:
    couples = [(t, county.teacher[t.spouse]) for t in county.teachers if t.spouse]
    assert couples
    for one, other in couples:
        assert one.sex != other.sex and other.spouse == one.id
        assert county.school[one.school].township == county.school[other.school].township


def test_villages_lack_specialists_and_towns_have_slack(county: County) -> None:
    balance: Counter[str] = Counter()
    for post in county.posts:
        after = int(county.staff_before.get((post.school, post.subject), 0)) - post.required
        where = "rural" if county.school[post.school].is_rural else "town"
        balance[where, "lack" if after < 0 else "slack"] += abs(after)  # type: ignore[index]
        balance[post.subject] += min(0, after)
    rural = sum(p.required for p in county.posts if county.school[p.school].is_rural)
    assert 0.05 < balance["rural", "lack"] / rural < 0.25  # type: ignore[index]
    assert balance["town", "slack"] > balance["rural", "lack"]  # type: ignore[index]
    specialists = sum(balance[s] for s in ("english", "music", "art", "pe", "science"))
    assert specialists < 10 * (balance["chinese"] + balance["maths"])


def test_groups_are_one_core_and_up_to_six_members(county: County) -> None:
    assert len(county.groups) >= 15
    for schools in county.schools_of_group.values():
        cores = [s for s in schools if s.group_role == "core"]
        assert len(cores) == 1 and 1 <= len(schools) - 1 <= 6
        assert all(set(s.levels) & set(cores[0].levels) for s in schools)


def test_the_county_has_a_dense_centre_and_teaching_points_with_a_centre_school(county: County) -> None:
    urban = [s for s in county.schools if s.area == "urban"]
    rural = [s for s in county.schools if s.is_rural]

    def spread(schools: list) -> float:  # type: ignore[type-arg]
        return max(s.lat for s in schools) - min(s.lat for s in schools)

    assert spread(urban) < spread(rural) / 2
    points = [s for s in county.schools if s.area == "teaching_point"]
    assert points and all(s.parent and county.school[s.parent].area in ("town", "rural") for s in points)


# -- for a school list ------------------------------------------------------------------------------------------------

LIST = """school_id,name,county,township,level,lat,lon,rural,offshore_island,teachers,pupils,classes
A1,一小,甲县,城关镇,primary,30.1,110.1,0,0,60,1200,30
A2,二小,甲县,石桥乡,primary,30.2,110.2,1,0,12,80,6
A3,岛小,甲县,石桥乡,primary,30.2,110.9,1,1,12,80,6
B1,三小,乙县,东区,primary,31.1,110.1,0,0,40,800,20
"""


@pytest.fixture
def school_list(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(LIST, "utf-8")
    return path


def test_a_list_becomes_a_county(school_list: Path) -> None:
    made = county_for_schools(school_list, 1, county="甲县")
    assert faults_of(made) == []
    assert [(s.id, s.area, s.strong, s.classes) for s in made.schools] == [
        ("A1", "town", True, 30),
        ("A2", "rural", False, 6),
    ]
    assert [len(made.teachers_of[s]) for s in ("A1", "A2")] == [60, 12]
    assert made.name == "甲县"


def test_the_whole_list_keeps_townships_of_two_counties_apart(school_list: Path) -> None:
    made = county_for_schools(school_list, 1)
    assert {s.township for s in made.schools} == {"甲县城关镇", "甲县石桥乡", "乙县东区"}
    assert made.school["B1"].area == "urban"


def test_an_unknown_county_lists_those_that_there_are(school_list: Path) -> None:
    with pytest.raises(InputError) as error:
        county_for_schools(school_list, 1, county="丙县")
    assert "甲县" in error.value.faults[0].advice.zh and "乙县" in error.value.faults[0].advice.en


def test_our_own_headings_groups_and_gb18030_are_read(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "id,name,levels,area,township,group,group_role,weak,lon,lat,classes\n"
        "S1,镇小,primary;junior,town,甲镇,G,core,no,110,30,27\nS2,村小,primary,rural,甲镇,G,member,yes,110.1,30.1,6\n",
        "gb18030",
    )
    made = county_for_schools(path, 3)
    assert faults_of(made) == []
    assert made.school["S2"].weak and made.school["S1"].levels == ("primary", "junior")
    assert [g.id for g in made.groups] == ["G"]
    assert len(made.teachers_of["S2"]) == 12


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", {"missing_column"}),
        ("id,name\nA,B\n", {"missing_column"}),
        (LIST.splitlines()[0] + "\n", {"empty_table"}),
        (LIST.replace("30.1,110.1", "110.1,30.1").replace("A2", "A1"), {"out_of_range", "duplicate_id"}),
        (LIST.replace(",60,", ",many,").replace("primary", "college"), {"out_of_range", "unknown_value"}),
        ('id,"na', {"unreadable_file"}),
    ],
)
def test_a_broken_list_gives_all_its_faults(tmp_path: Path, text: str, codes: set[str]) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as error:
        county_for_schools(path, 1)
    assert codes <= {fault.code for fault in error.value.faults}


def test_a_list_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        county_for_schools(tmp_path / "none.csv", 1)


@real_list
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["南投縣", "雲林縣", "花蓮縣"])
def test_a_real_county_keeps_its_schools_and_head_counts(name: str) -> None:
    with REAL_LIST.open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["county"] == name and r["offshore_island"] == "0"]
    made = county_for_schools(REAL_LIST, 1, county=name)
    assert faults_of(made) == []
    assert {s.id: len(made.teachers_of[s.id]) for s in made.schools} == {
        r["school_id"]: int(r["teachers"]) for r in rows
    }
    assert {s.id for s in made.schools if s.area == "rural"} == {r["school_id"] for r in rows if r["rural"] == "1"}
    assert made.groups and any(s.weak for s in made.schools)
    assert digest(made) == digest(county_for_schools(REAL_LIST, 1, county=name))


def test_a_city_is_made_in_seconds() -> None:
    """Guards against quadratic work: a quarter of a city of 100 000 takes about a second, and may take seven here."""
    started = time.monotonic()
    assert len(synthetic_county(500, 25_000, seed=1).teachers) == 25_000
    assert time.monotonic() - started < 15 / 2
