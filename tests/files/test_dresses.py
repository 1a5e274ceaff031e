"""Three dresses, one data set: what is written reads back equal, with the same digest, in any language and order."""

from __future__ import annotations

import csv
import dataclasses
import gc
import hashlib
import json
import random
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.dresses import as_folder, as_json, as_workbook, good
from rotation import county as c
from rotation.county import County
from rotation.faults import InputError
from rotation.files import digest, read, read_bytes, write
from rotation.files.cells import read_column
from rotation.files.digest import canonical, document_of
from rotation.files.faultlist import FaultList
from rotation.files.sheets import Sheet
from rotation.files.tables import COUNTY, LISTED, TABLES, TEACHERS

# -- the definition -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", LISTED, ids=lambda table: table.name)
def test_columns_are_the_fields(table: Any) -> None:
    fields = {field.name: field for field in dataclasses.fields(table.row)}
    assert {column.name for column in table.columns} == set(fields)
    for column in table.columns:
        default = fields[column.name].default
        assert column.default == (None if default is dataclasses.MISSING else default)
        assert column.required == (default is dataclasses.MISSING)


def test_tables_are_the_county() -> None:
    assert {t.name for t in LISTED} | {x.name for x in COUNTY.columns} == {f.name for f in dataclasses.fields(County)}


def test_choices_are_the_county_s() -> None:
    known = {
        "area": c.AREAS, "levels": c.LEVELS, "group_role": c.GROUP_ROLES, "title": c.TITLES, "backbone": c.BACKBONE_RANKS,
        "role": c.ROLES, "mode": c.MODES, "sex": c.SEXES, "groups.kind": c.GROUP_KINDS, "decisions.kind": c.DECISION_KINDS,
    }  # fmt: skip
    for table in TABLES:
        for column in table.columns:
            if column.choices is not None:
                assert tuple(column.choices) == known.get(f"{table.name}.{column.name}", known.get(column.name))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_word_means_two_things(table: Any) -> None:
    names = [name.lower() for column in table.columns for name in (column.name, column.zh, *column.aliases)]
    assert len(names) == len(set(names)) and set(names) == set(table.headings)
    for column in table.columns:
        words = [word.lower() for value, names in (column.choices or {}).items() for word in (value, *names)]
        assert len(words) == len(set(words))


# -- the same from all dresses ------------------------------------------------------------------------------------------

RARE = "𠮷㛃䶮中é'=+-@|_x0041_ \"a0,;、\n\t%"


def texts(longest: int = 12, without: str = "") -> st.SearchStrategy[str]:
    letters = [letter for letter in RARE if letter not in without]
    return st.text(st.sampled_from(letters), min_size=1, max_size=longest).filter(lambda text: text == text.strip())


ids = texts(without="\n\t")
items = texts(without="\n\t;,、")
names = texts()
degrees = st.floats(-70, 70, allow_nan=False).map(lambda x: x + 0.0).filter(lambda x: x != 0)
amounts = st.floats(0, 9000, allow_nan=False) | st.integers(0, 9000).map(float)


@st.composite
def counties(draw: st.DrawFn) -> County:
    school_ids = draw(st.lists(ids, min_size=2, max_size=4, unique=True))
    teacher_ids = draw(st.lists(ids.map(lambda x: f"T{x}"), min_size=1, max_size=4, unique=True))
    teacher_ids = [x for x in teacher_ids if x not in school_ids] or ["T-0"]
    group_ids = draw(st.lists(ids, max_size=2, unique=True))
    subjects = draw(st.lists(items, min_size=1, max_size=3, unique=True))
    maybe = st.none

    def place() -> dict[str, float | None]:
        return {"lon": draw(degrees), "lat": draw(degrees)} if draw(st.booleans()) else {}

    levels = st.lists(st.sampled_from(c.LEVELS), min_size=1, max_size=2, unique=True).map(tuple)
    schools = tuple(
        c.School(
            key, draw(names), draw(levels), draw(st.sampled_from(c.AREAS)), township=draw(maybe() | names),
            group=draw(st.sampled_from([None, *group_ids])), weak=draw(st.booleans()), sites=draw(st.integers(0, 3)),
            classes=draw(maybe() | st.integers(0, 99)), **place(),
        )
        for key in school_ids
    )  # fmt: skip
    posts = tuple(c.Post(school_ids[0], subject, draw(st.integers(0, 3)), 3) for subject in subjects)
    teachers = tuple(
        c.Teacher(
            key, draw(st.sampled_from(school_ids)), tuple(subjects), draw(levels), draw(st.integers(2000, 2026)),
            name=draw(maybe() | names), sex=draw(st.sampled_from([None, "F", "M"])),
            birth_date=draw(maybe() | st.dates(date(1950, 1, 1), date(1990, 1, 1))), title=draw(st.sampled_from(c.TITLES)),
            max_km=draw(maybe() | amounts), volunteer=draw(st.booleans()),
            exempt=tuple(draw(st.lists(items, max_size=2, unique=True))), **place(),
        )
        for key in teacher_ids
    )  # fmt: skip
    return County(
        2026, draw(maybe() | names), schools, posts,
        tuple(c.Group(key, draw(names), draw(st.sampled_from([None, *c.GROUP_KINDS]))) for key in group_ids), teachers,
        preferences=tuple(c.Preference(key, school_ids[1], draw(st.integers(0, 3))) for key in teacher_ids),
        decisions=(c.Decision(teacher_ids[0], "forbid", None, draw(maybe() | names)),),
        travel=(c.Travel(teacher_ids[0], school_ids[1], draw(amounts), draw(maybe() | amounts)),),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(counties())
def test_round_trip(county: County) -> None:
    with tempfile.TemporaryDirectory() as place:
        for name in ("d.json", "d.xlsx", "d"):
            path = Path(place) / name
            write(county, path)
            again, _ = read(path)
            assert again == county
            assert digest(again) == digest(county)


@given(counties(), st.randoms())
@settings(max_examples=20, deadline=None)
def test_order_of_rows_is_no_matter(county: County, chance: random.Random) -> None:
    def mixed(rows: Any) -> Any:
        return tuple(chance.sample(rows, len(rows)))

    other = dataclasses.replace(county, **{table.name: mixed(getattr(county, table.name)) for table in LISTED})
    assert digest(other) == digest(county)


def test_digest_by_hand(tmp_path: Path) -> None:
    """The canonical form, written out once."""
    county = County(
        2026, "县", (c.School("B", "乙", ("primary",), "rural", lat=30.0, lon=114.25), c.School("A", "甲", ("primary",), "town")),
        (c.Post("A", "maths", 0, 1),), (), (c.Teacher("T", "A", ("maths", "art"), ("primary",), 2000, title="none"),),
        travel=(c.Travel("T", "B", 14.0),),
    )  # fmt: skip
    expected = (
        '{"name":"县","posts":[{"capacity":1,"required":0,"school":"A","subject":"maths"}],'
        '"schools":[{"area":"town","id":"A","levels":["primary"],"name":"甲"},'
        '{"area":"rural","id":"B","lat":30,"levels":["primary"],"lon":114.25,"name":"乙"}],'
        '"teachers":[{"id":"T","joined_year":2000,"levels":["primary"],"school":"A","subjects":["maths","art"]}],'
        '"travel":[{"host":"B","km":14,"origin":"T"}],"year":2026}'
    )
    assert canonical(county).decode() == expected
    assert digest(county) == "sha256:" + hashlib.sha256(expected.encode()).hexdigest()


@settings(max_examples=50, deadline=None)
@given(counties())
def test_the_canonical_form_is_json_with_sorted_keys_and_rows(county: County) -> None:
    document = document_of(county)
    for table in LISTED:
        rows = document.get(table.name, [])
        rows.sort(key=lambda row, key=table.key: [row.get(name, "") for name in key])  # type: ignore[misc]
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert canonical(county).decode() == text
    assert digest(county) == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_equal_values_of_two_kinds_are_written_each_in_its_own_way() -> None:
    schools = tuple(c.School(key, key, (), "town", sites=sites) for key, sites in (("A", 1), ("B", True), ("C", 0)))
    written = json.loads(canonical(County(2026, None, schools)))["schools"]
    assert [row.get("sites") for row in written] == [1, True, None]
    assert [type(row.get("sites")) for row in written] == [int, bool, type(None)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("blank", [False, True])
def test_plain_and_quoted_csv_agree(end: str, quoting: Any, blank: bool, tmp_path: Path) -> None:
    folder = as_folder(good(), tmp_path / "d")
    expected = read(folder)
    for path in folder.glob("*.csv"):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator=end, quoting=quoting).writerows([*rows, *([[], [""] * 3] if blank else [])])
    assert read(folder) == expected


CELLS = st.sampled_from(
    ["", " ", "a", " a", "a ", "a\tb", "\u3000", "3.7E+17", "+", "1", "-1", "1.", ".5", "1_0", "１２", "1e2", "nan", "inf",
     "-", "1-2", "9" * 41, "200", "0" * 65, "x" * 201, "\x7f", "é"]
)  # fmt: skip


@given(st.lists(CELLS, max_size=4), st.sampled_from(["id", "name", "lon", "spouse", "max_km", "school"]))
def test_a_column_reads_as_its_cells_do(raws: list[str], name: str) -> None:
    """Plain columns are understood all at once: with the same values and the same faults."""

    def found(cells: list[str]) -> tuple[list[Any], list[str]]:
        faults = FaultList()
        values = read_column(Sheet(TEACHERS, range(1, len(cells) + 1), {name: cells}), TEACHERS.column[name], faults)
        return values, [fault.code for fault in faults.faults]

    # A zero byte, never allowed, makes the reader look at each cell.
    values, codes = found([*raws, "\0"])
    assert found(raws) == (values[:-1], codes[:-1])


def test_the_search_for_cycles_goes_on_after_reading(tmp_path: Path) -> None:
    read(as_folder(good(), tmp_path / "d"))
    assert gc.isenabled()
    with pytest.raises(InputError):
        read(tmp_path / "nothing")
    assert gc.isenabled()


def test_hand_made_dresses_agree(tmp_path: Path) -> None:
    folder = as_folder(good(), tmp_path / "d")
    found = [read(folder)[0], read_bytes("d.json", as_json(good()))[0], read_bytes("d.xlsx", as_workbook(good()))[0]]
    assert found[0] == found[1] == found[2]
    assert len({digest(county) for county in found}) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    data = good()
    data["schools"][0]["name"] = "𠮷㛃小学"
    assert read(as_folder(data, tmp_path / "d", encoding))[0].schools[0].name == "𠮷㛃小学"
    assert read_bytes("d.json", as_json(data).decode().encode(encoding))[0].schools[0].name == "𠮷㛃小学"


def test_chinese_everywhere(tmp_path: Path) -> None:
    """Chinese sheet names, headings, choices, separators and dates mean the same."""
    chinese: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        rows = []
        for row in good()[table.name]:
            said = {}
            for name, value in row.items():
                column = table.column[name]
                label = (column.choices or {}).get(value, (value,))[0]
                value = {"yes": "是", "maths;english": "maths、 english", "1980-03-05": "1980年3月5日"}.get(
                    label, label
                )
                said[f" ★{column.zh} "] = value
            rows.append(said)
        chinese[table.zh] = rows
    expected = digest(read_bytes("d.json", as_json(good()))[0])
    assert digest(read_bytes("d.xlsx", as_workbook(chinese))[0]) == expected


@pytest.mark.parametrize(
    "said",
    ["1980-3-5", "1980/03/05", "1980.3.5", "19800305", "1980年3月5日", "1980-03-05 00:00:00", "1980-03-05T00:00"],
)
def test_dates(said: str, tmp_path: Path) -> None:
    data = good()
    data["teachers"][0]["birth_date"] = said
    for county in (read(as_folder(data, tmp_path / "d"))[0], read_bytes("d.xlsx", as_workbook(data))[0]):
        assert county.teachers[0].birth_date == date(1980, 3, 5)


def test_excel_dates_and_numbers_as_text() -> None:
    data = good()
    data["teachers"][0]["birth_date"] = date(1980, 3, 5)
    data["posts"][0]["required"] = "3"
    data["schools"][1]["weak"] = True
    assert digest(read_bytes("d.xlsx", as_workbook(data))[0]) == digest(read_bytes("d.json", as_json(good()))[0])


# -- nothing half-written -----------------------------------------------------------------------------------------------


class Unwritable:
    """A value that breaks the writer in the middle of its work."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        raise RuntimeError("the disk is full")

    def __iter__(self) -> Any:
        raise RuntimeError("the disk is full")


@pytest.mark.parametrize("name", ["d.json", "d.xlsx", "d"])
def test_a_failure_leaves_the_old_one(name: str, tmp_path: Path) -> None:
    county, _ = read_bytes("d.json", as_json(good()))
    path = tmp_path / name
    write(county, path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    last = dataclasses.replace(county.travel[0], origin=Unwritable())  # type: ignore[arg-type]
    with pytest.raises((RuntimeError, TypeError)):
        write(dataclasses.replace(county, name="新", travel=(last,)), path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_folder_keeps_what_is_not_ours_and_drops_old_tables(tmp_path: Path) -> None:
    county, _ = read_bytes("d.json", as_json(good()))
    folder = as_folder({"志愿": good()["preferences"], "terms": good()["terms"]}, tmp_path / "d")
    (folder / "notes.txt").write_text("mine")
    write(dataclasses.replace(county, terms=()), folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert not (folder / "terms.csv").exists() and not (folder / "志愿.csv").exists()
    assert digest(read(folder)[0]) == digest(dataclasses.replace(county, terms=()))


def test_a_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    county, _ = read_bytes("d.json", as_json(good()))
    (tmp_path / "d").write_text("mine")
    with pytest.raises(OSError):
        write(county, tmp_path / "d")
    assert (tmp_path / "d").read_text() == "mine"


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    data = good()
    data["decisions"][0]["reason"] = "=HYPERLINK(1)"
    county, _ = read_bytes("d.json", as_json(data))
    write(county, tmp_path / "d")
    assert "'=HYPERLINK" in (tmp_path / "d" / "decisions.csv").read_text(encoding="utf-8")
    assert read(tmp_path / "d")[0] == county


def test_json_is_plain(tmp_path: Path) -> None:
    county, _ = read_bytes("d.json", as_json(good()))
    write(county, tmp_path / "d.json")
    document = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert document["year"] == 2026 and document["teachers"][0]["subjects"] == ["maths", "english"]
    assert document["schools"][1]["weak"] is True and "weak" not in document["schools"][0]
