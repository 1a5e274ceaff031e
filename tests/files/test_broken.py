"""Broken data sets: every one gives all its faults, with code and address, and never anything but ``InputError``."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.dresses import Formula, as_folder, as_json, as_workbook, good, headings
from rotation.faults import Fault, InputError
from rotation.files import read, read_bytes, read_json

Data = dict[str, Any]
Expected = tuple[str, str, int | None, str | None]
"""Code, table, row, column."""


def put(table: str, row: int, **values: Any) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        data[table][row - 1].update(values)

    return change


def add(table: str, **values: Any) -> Callable[[Data], None]:
    return lambda data: data[table].append(values)


def drop(table: str, column: str, row: int | None = None) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        for each in data[table] if row is None else [data[table][row - 1]]:
            each.pop(column, None)

    return change


def empty(table: str) -> Callable[[Data], None]:
    return lambda data: data[table].clear()


TERM = {"subject": "maths", "mode": "secondment"}
STAY = {"teacher": "T3", "reason": "x"}

EVERYWHERE: dict[str, tuple[list[Callable[[Data], None]], list[Expected]]] = {
    # values
    "missing name": ([put("schools", 2, name="")], [("missing_value", "schools", 2, "name")]),
    "missing id": ([put("teachers", 3, id="  ")], [("missing_value", "teachers", 3, "id")]),
    "missing subjects": ([drop("teachers", "subjects", 2)], [("missing_value", "teachers", 2, "subjects")]),
    "only separators": ([put("teachers", 2, subjects=";；、")], [("missing_value", "teachers", 2, "subjects")]),
    "missing column": ([drop("posts", "capacity")], [("missing_column", "posts", None, "capacity")]),
    "missing year": ([drop("county", "year")], [("missing_column", "county", None, "year")]),
    "year out of range": ([put("county", 1, year=26)], [("out_of_range", "county", 1, "year")]),
    "text for a number": ([put("posts", 1, required="three")], [("wrong_type", "posts", 1, "required")]),
    "half a teacher": ([put("posts", 1, required=1.5)], [("wrong_type", "posts", 1, "required")]),
    "negative": ([put("posts", 2, required=-1)], [("out_of_range", "posts", 2, "required")]),
    "no such day": ([put("teachers", 1, birth_date="1980-02-30")], [("wrong_type", "teachers", 1, "birth_date")]),
    "a word as date": ([put("teachers", 1, birth_date="spring")], [("wrong_type", "teachers", 1, "birth_date")]),
    "unknown area": ([put("schools", 1, area="suburb")], [("unknown_choice", "schools", 1, "area")]),
    "unknown sex": ([put("teachers", 1, sex="X")], [("unknown_choice", "teachers", 1, "sex")]),
    "one unknown level": ([put("teachers", 4, levels="primary;college")], [("unknown_choice", "teachers", 4, "levels")]),
    "perhaps": ([put("schools", 2, weak="perhaps")], [("wrong_type", "schools", 2, "weak")]),
    "two subjects in one": ([put("posts", 1, subject="maths、art")], [("several_values", "posts", 1, "subject")]),
    "id too long": ([put("groups", 1, id="G" * 65)],
                    [("too_long", "groups", 1, "id"), ("unknown_reference", "schools", 1, "group"),
                     ("unknown_reference", "schools", 2, "group")]),
    "huge cell": ([put("schools", 3, name="长" * 30_000)], [("too_long", "schools", 3, "name")]),
    "line break in an id": ([put("posts", 3, school="S\n3")], [("bad_characters", "posts", 3, "school")]),
    "digits lost": ([put("terms", 1, teacher="1.10101E+17")], [("digits_lost", "terms", 1, "teacher")]),
    "listed twice": ([put("teachers", 2, subjects="art;art"), put("posts", 2, required=9)],
                     [("repeated_item", "teachers", 2, "subjects"), ("required_over_capacity", "posts", 2, "required")]),
    # places
    "latitude 200": ([put("schools", 1, lat=200)], [("out_of_range", "schools", 1, "lat")]),
    "swapped": ([put("schools", 1, lon=36.5, lat=114.1)], [("lat_lon_swapped", "schools", 1, "lat")]),
    "swapped in the west": ([put("schools", 1, lon=39.5, lat=76.0)], [("lat_lon_swapped", "schools", 1, "lat")]),
    "swapped home": ([put("teachers", 3, lon=36.5, lat=114.1)], [("lat_lon_swapped", "teachers", 3, "lat")]),
    "half a place": ([drop("teachers", "lat", 3)], [("half_coordinates", "teachers", 3, "lat")]),
    # structure
    "no schools": ([empty("schools"), empty("posts"), empty("teachers"), empty("terms"), empty("preferences"),
                    empty("decisions"), empty("travel")],
                   [("empty_table", "schools", None, None), ("empty_table", "posts", None, None),
                    ("empty_table", "teachers", None, None)]),
    "no posts": ([empty("posts")], [("empty_table", "posts", None, None)]),
    "unknown column": ([put("teachers", 1, joined_yaer=2000), put("posts", 1, required=9)],
                       [("unknown_column", "teachers", None, "joined_yaer"),
                        ("required_over_capacity", "posts", 1, "required")]),
    "unknown table": ([lambda data: data.update(preferances=[{"teacher": "T1"}]), put("posts", 1, required=9)],
                      [("unknown_table", "preferances", None, None), ("required_over_capacity", "posts", 1, "required")]),
    "heading twice": ([put("groups", 1, 名称="又")], [("duplicate_column", "groups", None, "name")]),
    # references and keys
    "unknown home": ([put("teachers", 4, school="S9")], [("unknown_reference", "teachers", 4, "school")]),
    "unknown host": ([put("terms", 1, host="S9")], [("unknown_reference", "terms", 1, "host")]),
    "unknown group": ([put("schools", 2, group="G9")], [("unknown_reference", "schools", 2, "group")]),
    "unknown parent": ([put("schools", 3, parent="S9")], [("unknown_reference", "schools", 3, "parent")]),
    "unknown origin": ([put("travel", 1, origin="X")], [("unknown_reference", "travel", 1, "origin")]),
    "unknown wish": ([put("preferences", 2, host="S9")], [("unknown_reference", "preferences", 2, "host")]),
    "unknown decided": ([put("decisions", 1, teacher="T9")], [("unknown_reference", "decisions", 1, "teacher")]),
    "unknown post": ([add("posts", school="S8", subject="pe", required=0, capacity=1)],
                     [("unknown_reference", "posts", 4, "school")]),
    "same school id": ([add("schools", id="S1", name="另一所", levels="primary", area="town")],
                       [("duplicate_id", "schools", 4, "id")]),
    "same teacher id": ([add("teachers", id="T3", school="S1", subjects="art", levels="primary", joined_year=2000)],
                        [("duplicate_id", "teachers", 5, "id")]),
    "post twice": ([add("posts", school="S1", subject=" maths ", required=1, capacity=1)],
                   [("duplicate_row", "posts", 4, "school")]),
    "wish twice": ([add("preferences", teacher="T1", host="S2", rank=2)],
                   [("duplicate_row", "preferences", 3, "teacher")]),
    "way twice": ([add("travel", origin="T1", host="S2", km=1)], [("duplicate_row", "travel", 2, "origin")]),
    "term twice": ([add("terms", teacher="T1", host="S2", start_year=2018, years=1, **TERM)],
                   [("duplicate_row", "terms", 4, "teacher")]),
    "decision twice": ([add("decisions", teacher="T2", kind="forbid", host="S3")],
                       [("duplicate_row", "decisions", 2, "teacher")]),
    "origin of both kinds": ([add("schools", id="T1", name="同号", levels="primary", area="town")],
                             [("ambiguous_origin", "travel", 1, "origin")]),
    # figures that cannot all be true
    "more than fits": ([put("posts", 1, required=6)], [("required_over_capacity", "posts", 1, "required")]),
    "joined before birth": ([put("teachers", 1, joined_year=1979)], [("before_birth", "teachers", 1, "joined_year")]),
    "taught before birth": ([put("teachers", 1, teaching_since=1970)],
                            [("before_birth", "teachers", 1, "teaching_since")]),
    "joins in future": ([put("teachers", 4, joined_year=2027)], [("after_year", "teachers", 4, "joined_year")]),
    "born in future": ([put("teachers", 2, birth_date="2026-01-01")],
                       [("before_birth", "teachers", 2, "joined_year"), ("after_year", "teachers", 2, "birth_date")]),
    "returns in future": ([put("teachers", 2, last_rotation_end=2027)],
                          [("after_year", "teachers", 2, "last_rotation_end")]),
    "term of no year": ([put("terms", 1, years=0)], [("out_of_range", "terms", 1, "years")]),
    "term of seven years": ([put("terms", 1, years=7)], [("out_of_range", "terms", 1, "years")]),
    "term from this year": ([put("terms", 1, start_year=2026)], [("term_not_started", "terms", 1, "start_year")]),
    "terms overlap": ([add("terms", teacher="T1", host="S3", start_year=2019, years=1, **TERM)],
                      [("terms_overlap", "terms", 4, "start_year")]),
    "circuits of two subjects": ([put("terms", 3, subject="english")], [("terms_overlap", "terms", 3, "start_year")]),
    "term at home": ([put("terms", 1, host="S1")], [("home_is_host", "terms", 1, "host")]),
    "own spouse": ([put("teachers", 3, spouse="T3")], [("self_reference", "teachers", 3, "spouse")]),
    "spouse says no": ([put("teachers", 3, spouse="T1")], [("spouse_not_mutual", "teachers", 3, "spouse")]),
    "unknown spouse": ([put("teachers", 3, spouse="T9")], [("unknown_reference", "teachers", 3, "spouse")]),
    "own centre school": ([put("schools", 3, parent="S3")], [("self_reference", "schools", 3, "parent")]),
    "centre schools in a ring": ([put("schools", 2, parent="S3")],
                                 [("parent_cycle", "schools", 2, "parent"), ("parent_cycle", "schools", 3, "parent")]),
    "two hosts required": ([add("decisions", kind="require", host="S1", **STAY),
                            add("decisions", kind="require", host="S3", **STAY)],
                           [("decisions_contradict", "decisions", 3, "kind")]),
    "required and forbidden": ([add("decisions", kind="forbid", host="S1", **STAY),
                                add("decisions", kind="require", host="S1", **STAY)],
                               [("decisions_contradict", "decisions", 2, "kind")]),
    "required and must stay": ([add("decisions", kind="require", host="S1", **STAY), add("decisions", kind="forbid", **STAY)],
                               [("decisions_contradict", "decisions", 3, "kind")]),
    "must go, must stay": ([add("decisions", kind="require", **STAY), add("decisions", kind="forbid", **STAY)],
                           [("decisions_contradict", "decisions", 3, "kind")]),
    "required at home": ([add("decisions", kind="require", host="S2", **STAY)], [("home_is_host", "decisions", 2, "host")]),
}  # fmt: skip


def faults_of(call: Callable[[], Any]) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        call()
    for fault in caught.value.faults:
        assert fault.advice.zh and fault.advice.en and "{" not in fault.advice.en + fault.advice.zh
        assert len(str(fault.value)) <= 90
    return caught.value.faults


def codes(faults: tuple[Fault, ...]) -> list[Expected]:
    return sorted(((f.code, f.table, f.row, f.column) for f in faults), key=repr)


def broken(changes: list[Callable[[Data], None]]) -> Data:
    data = good()
    for change in changes:
        change(data)
    return data


@pytest.mark.parametrize("name", EVERYWHERE)
def test_json(name: str) -> None:
    changes, expected = EVERYWHERE[name]
    data = broken(changes)
    assert codes(faults_of(lambda: read_bytes("d.json", as_json(data)))) == sorted(expected, key=repr)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_folder(name: str, tmp_path: Path) -> None:
    changes, expected = EVERYWHERE[name]
    folder = as_folder(broken(changes), tmp_path / "d")
    assert codes(faults_of(lambda: read(folder))) == sorted(expected, key=repr)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_workbook(name: str) -> None:
    changes, expected = EVERYWHERE[name]
    data = broken(changes)
    faults = faults_of(lambda: read_bytes("d.xlsx", as_workbook(data)))
    assert codes(faults) == sorted(expected, key=repr)
    for fault in faults:
        if fault.row is not None and fault.column is not None:
            names = headings(data[fault.table])
            if fault.column not in names:
                assert fault.cell is None
                continue
            place = names.index(fault.column)
            assert fault.cell == f"{fault.table}!{chr(65 + place)}{int(fault.row) + 1}"


def test_sound() -> None:
    county, warnings = read_bytes("d.json", as_json(good()))
    assert warnings == () and len(county.teachers) == 4 and county.teacher["T1"].subjects == ("maths", "english")


def test_all_at_once() -> None:
    """Faults of every kind in one file come back together."""
    data = broken([
        put("schools", 1, area="suburb"), put("schools", 2, lat=200), put("posts", 1, required=6), put("posts", 2, subject=""),
        put("teachers", 4, school="S9"), put("teachers", 3, spouse="T3"), put("terms", 1, years=0),
        put("preferences", 1, rank="first"), put("decisions", 1, host="S9"), put("travel", 1, km=-1),
        put("county", 1, year="soon"),
    ])  # fmt: skip
    found = {(code, table) for code, table, _, _ in codes(faults_of(lambda: read_bytes("d.xlsx", as_workbook(data))))}
    assert found == {
        ("unknown_choice", "schools"), ("out_of_range", "schools"), ("required_over_capacity", "posts"),
        ("missing_value", "posts"), ("unknown_reference", "teachers"), ("self_reference", "teachers"),
        ("out_of_range", "terms"), ("wrong_type", "preferences"), ("unknown_reference", "decisions"),
        ("out_of_range", "travel"), ("wrong_type", "county"),
    }  # fmt: skip


def test_names_stay_out_of_messages() -> None:
    data = broken(
        [put("teachers", 1, name="欧阳小红", joined_year=1979, sex="?"), put("teachers", 2, name="欧阳小红\x01")]
    )
    for fault in faults_of(lambda: read_bytes("d.json", as_json(data))):
        assert "欧阳" not in fault.advice.zh + fault.advice.en
        assert fault.column == "name" or "欧阳" not in str(fault.value)


# -- what only a workbook can do wrong ----------------------------------------------------------------------------------

WORKBOOK: dict[str, tuple[list[Callable[[Data], None]], list[tuple[str, str]]]] = {
    "formula for a name": ([put("schools", 2, name=Formula('="柳"&"树"'))], [("formula", "schools!B3")]),
    "formula for an id": ([put("teachers", 3, id=Formula("=A2"))], [("formula", "teachers!A4")]),
    "formula for a number": ([put("posts", 1, required=Formula("=1+1"))], [("formula", "posts!C2")]),
    "error cell": ([put("schools", 1, name=Formula("=#REF!"))], [("formula", "schools!B2")]),
    "numeric id": ([put("groups", 1, id=1001), put("schools", 1, group="1001"), put("schools", 2, group="1001")],
                   [("numeric_id", "groups!A2"), ("unknown_reference", "schools!E2"), ("unknown_reference", "schools!E3")]),
    "identity number": ([put("decisions", 1, teacher=110101198003051234)], [("digits_lost", "decisions!A2")]),
    "a date as name": ([put("schools", 1, name=__import__("datetime").date(2026, 3, 4))], [("wrong_type", "schools!B2")]),
    "true as number": ([put("posts", 1, required=True)], [("wrong_type", "posts!C2")]),
    "serial as date": ([put("teachers", 1, birth_date=29285)], [("wrong_type", "teachers!F2")]),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKBOOK)
def test_only_workbook(name: str) -> None:
    changes, expected = WORKBOOK[name]
    data = as_workbook(broken(changes))
    assert sorted((f.code, f.cell) for f in faults_of(lambda: read_bytes("d.xlsx", data))) == sorted(expected)


def test_formula_by_openpyxl_and_gap_rows(tmp_path: Path) -> None:
    """A formula without any kept value, in a sheet with an empty row before it."""
    import openpyxl

    path = tmp_path / "d.xlsx"
    path.write_bytes(as_workbook(good()))
    book = openpyxl.load_workbook(path)
    book["schools"].insert_rows(2)
    book["schools"]["B4"] = "=A1"
    book.save(path)
    assert [(f.code, f.row, f.cell) for f in faults_of(lambda: read(path))] == [("formula", 3, "schools!B4")]


def test_error_cell_without_formula() -> None:
    data = as_workbook(good())
    changed = repack(data, "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b'<c r="B2" t="s">', b'<c r="B2" t="e">', 1)
                     .replace(b't="e"><v>', b't="e"><v>#REF!</v></c><c r="ZZ9"><v>', 1))  # fmt: skip
    found = faults_of(lambda: read_bytes("d.xlsx", changed))
    assert ("too_large", "schools") in [(f.code, f.table) for f in found]
    plain = repack(data, "xl/worksheets/sheet2.xml", _error_at_b2)
    assert [(f.code, f.cell) for f in faults_of(lambda: read_bytes("d.xlsx", plain))] == [("error_cell", "schools!B2")]


def _error_at_b2(xml: bytes) -> bytes:
    start = xml.index(b'<c r="B2"')
    end = xml.index(b"</c>", start)
    return xml[:start] + b'<c r="B2" t="e"><v>#REF!</v>' + xml[end:]


def repack(data: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == member else content)
    return out.getvalue()


def with_member(data: bytes, member: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(member, content)
    return out.getvalue()


def far_cell(where: bytes) -> bytes:
    row = b"".join(filter(bytes.isdigit, (where[i : i + 1] for i in range(len(where)))))
    extra = b'<row r="' + row + b'"><c r="' + where + b'"><v>1</v></c></row></sheetData>'
    return repack(as_workbook(good()), "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b"</sheetData>", extra))


OLE_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def lying_bomb() -> bytes:
    """A member that says it is small and is not."""
    data = bytearray(with_member(as_workbook(good()), "xl/worksheets/sheet99.xml", bytes(1_000_000)))
    size = (1_000_000).to_bytes(4, "little")
    start = data.find(size)
    while start >= 0:
        data[start : start + 4] = (1000).to_bytes(4, "little")
        start = data.find(size)
    return bytes(data)


FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty json": ("d.json", lambda: b"", "empty_file"),
    "blank json": ("d.json", lambda: b" \n", "empty_file"),
    "empty workbook": ("d.xlsx", lambda: b"", "empty_file"),
    "text as workbook": ("d.xlsx", lambda: b"hello", "unreadable"),
    "half a workbook": ("d.xlsx", lambda: as_workbook(good())[:3000], "unreadable"),
    "encrypted": ("d.xlsx", lambda: OLE_HEADER + "EncryptedPackage".encode("utf-16-le") + bytes(96), "encrypted"),
    "old workbook": ("d.xls", lambda: OLE_HEADER + "Workbook".encode("utf-16-le"), "old_workbook"),
    "binary workbook": ("d.xlsb", lambda: zipped({"xl/workbook.bin": b"x"}), "old_workbook"),
    "macros": ("d.xlsm", lambda: with_member(as_workbook(good()), "xl/vbaProject.bin", b"x"), "macros"),
    "some zip": ("d.xlsx", lambda: zipped({"a.txt": b"x"}), "unknown_kind"),
    "no relations": ("d.xlsx", lambda: zipped({"xl/workbook.xml": b"<workbook/>"}), "unreadable"),
    "bomb": ("d.xlsx", lambda: with_member(as_workbook(good()), "xl/worksheets/sheet99.xml", bytes(60_000_000)), "zip_bomb"),
    "lying bomb": ("d.xlsx", lying_bomb, "unreadable"),
    "far right": ("d.xlsx", lambda: far_cell(b"XFD9"), "too_large"),
    "far down": ("d.xlsx", lambda: far_cell(b"AA1048576"), "too_large"),
    "beyond excel": ("d.xlsx", lambda: far_cell(b"A4000000000"), "too_large"),
    "utf-16 json": ("d.json", lambda: "{}".encode("utf-16"), "wrong_encoding"),
    "binary json": ("d.json", lambda: b"{\x00}", "wrong_encoding"),
    "no encoding": ("d.json", lambda: b'{"year": "\xff\xff"}', "wrong_encoding"),
    "not json": ("d.json", lambda: b'{"year": 2026,', "not_json"),
    "many digits": ("d.json", lambda: b'{"year": ' + b"9" * 10_000 + b"}", "not_json"),
    "deep json": ("d.json", lambda: b"[" * 200_000, "too_deep"),
    "deep but closed": ("d.json", lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
    "an array": ("d.json", lambda: b"[1, 2]", "wrong_shape"),
    "picture": ("d.png", lambda: b"\x89PNG\r\n", "unknown_kind"),
}  # fmt: skip


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, tmp_path: Path) -> None:
    file, make, code = FILES[name]
    data = make()
    found = faults_of(lambda: read_bytes(file, data))
    assert code in [fault.code for fault in found]
    (tmp_path / file).write_bytes(data)
    assert [f.code for f in faults_of(lambda: read(tmp_path / file))] == [f.code for f in found]


def test_bomb_is_small_on_disk() -> None:
    assert len(FILES["bomb"][1]()) < 100_000


DOCUMENTS: dict[str, tuple[Callable[[Data], None], list[Expected]]] = {
    "number as text": (put("posts", 1, required="3"), [("wrong_type", "posts", 1, "required")]),
    "flag as number": (put("schools", 2, weak=1), [("wrong_type", "schools", 2, "weak")]),
    "number as flag": (put("posts", 1, required=True), [("wrong_type", "posts", 1, "required")]),
    "numeric id": (put("teachers", 3, id=7), [("numeric_id", "teachers", 3, "id")]),
    "numeric name": (put("schools", 1, name=7), [("wrong_type", "schools", 1, "name")]),
    "nan": (put("travel", 1, km=float("nan")), [("not_finite", "travel", 1, "km")]),
    "infinite": (put("travel", 1, km=float("inf")), [("not_finite", "travel", 1, "km")]),
    "object for text": (put("schools", 1, name={"zh": "x"}), [("wrong_type", "schools", 1, "name")]),
    "array of numbers": (put("teachers", 1, subjects=[1, 2]), [("wrong_type", "teachers", 1, "subjects")]),
    "separator in an item": (put("teachers", 1, subjects=["a;b"]), [("several_values", "teachers", 1, "subjects")]),
    "half a character": (put("schools", 1, name="\ud842"), [("bad_characters", "schools", 1, "name")]),
    "row is a number": (lambda data: data["travel"].append(5), [("wrong_shape", "travel", 2, None)]),
    "table is a text": (lambda data: data.update(travel="none"), [("wrong_shape", "travel", None, None)]),
    "huge number": (put("travel", 1, km=10**400), [("out_of_range", "travel", 1, "km")]),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document(name: str) -> None:
    change, expected = DOCUMENTS[name]
    data = broken([change])
    document = {**data.pop("county")[0], **data}
    assert codes(faults_of(lambda: read_json(document))) == expected


def test_a_table_that_is_lost_is_one_fault(tmp_path: Path) -> None:
    """Who cannot read the schools does not call every reference to a school unknown."""
    folder = as_folder(good(), tmp_path / "d")
    (folder / "schools.csv").write_bytes("id,name\n".encode("utf-16"))
    assert codes(faults_of(lambda: read(folder))) == [("wrong_encoding", "schools", None, None)]
    data = broken([drop("schools", "id")])
    found = codes(faults_of(lambda: read_bytes("d.xlsx", as_workbook(data))))
    assert found == [("missing_column", "schools", None, "id")]


def test_malice_takes_no_time() -> None:
    """Inputs that would cost a careless reader hours or its memory."""
    data = good()
    chain = [
        {"id": f"C{i}", "name": "x", "levels": "primary", "area": "rural", "parent": f"C{i + 1}"} for i in range(20_000)
    ]
    data["schools"] += chain
    data["decisions"] = [{"teacher": "T3", "kind": "require"}] * 20_000
    data["travel"] = [{f"k{i}": 1} for i in range(20_000)]
    data["groups"][0]["name"] = deep = []
    for _ in range(900):
        deep.append([])
        deep = deep[0]
    text = as_json(data).replace(b'"year"', b"".join(b'"x%d": 0, ' % i for i in range(20_000)) + b'"x1": 1, "year"', 1)
    found = {fault.code for fault in faults_of(lambda: read_bytes("d.json", text))}
    assert found == {
        "unknown_reference", "duplicate_row", "unknown_column", "missing_column", "unknown_table", "duplicate_key",
        "wrong_type",
    }  # fmt: skip


def test_key_twice() -> None:
    text = as_json(good()).replace(b'"year"', b'"year": 2025, "year"', 1).replace(b'"km"', b'"km": 1, "km"')
    found = codes(faults_of(lambda: read_bytes("d.json", text)))
    assert found == [("duplicate_key", "", None, "year"), ("duplicate_key", "travel", 1, "km")]


def test_csv_faults(tmp_path: Path) -> None:
    folder = as_folder(good(), tmp_path / "d")
    (folder / "travel.csv").write_text("origin,host,km\nT1,S2,1,2\nT1,S3,NaN\n", encoding="utf-8")
    (folder / "groups.csv").write_bytes("id,name\nG1,一\n".encode("utf-16"))
    (folder / "preferences.csv").write_bytes(b"")
    (folder / "decisions.csv").write_text('teacher,kind\nT1,"forb', encoding="utf-8")
    (folder / "岗位.csv").write_text("school\n", encoding="utf-8")
    (folder / "terms.csv").write_text(f"teacher,host\n{'x' * 200_000},S2\n", encoding="utf-8")
    found = {(f.code, f.table) for f in faults_of(lambda: read(folder))}
    assert found >= {
        ("extra_cells", "travel"), ("not_finite", "travel"), ("wrong_encoding", "groups"), ("empty_file", "preferences"),
        ("not_csv", "decisions"), ("duplicate_table", "posts"), ("too_long", "terms"),
    }  # fmt: skip


def test_paths(tmp_path: Path) -> None:
    assert codes(faults_of(lambda: read(tmp_path / "no"))) == [("not_found", "", None, None)]
    (tmp_path / "empty").mkdir()
    assert {f.code for f in faults_of(lambda: read(tmp_path / "empty"))} == {"empty_table"}
    assert faults_of(lambda: read(Path("x" * 5000)))[0].code == "not_found"
    assert faults_of(lambda: read(Path("/dev/null")))[0].code == "unreadable"


def test_hint_names_the_nearest() -> None:
    data = broken([put("teachers", 1, joined_yaer=2000), put("posts", 1, required=9)])
    fault = next(f for f in faults_of(lambda: read_bytes("d.json", as_json(data))) if f.code == "unknown_column")
    assert "joined_year" in fault.advice.en and "到校年份" in fault.advice.zh and fault.severity == "warning"


SOUND = [as_workbook(good()), as_json(good())]  # made once: a workbook carries the time


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_is_a_fault(draw: st.DataObject) -> None:
    """Whatever bytes arrive: a county or ``InputError``."""
    data = bytearray(draw.draw(st.sampled_from(SOUND)))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        read_bytes("d", bytes(data))
    except InputError as error:
        assert error.faults


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["schools", "posts", "groups", "teachers", "terms", "preferences", "decisions", "travel"]),
    st.data(),
)
def test_any_value_is_a_fault(table: str, draw: st.DataObject) -> None:
    data = good()
    row = data[table][draw.draw(st.integers(0, len(data[table]) - 1))]
    row[draw.draw(st.sampled_from(sorted(row)))] = draw.draw(json_values)
    try:
        read_json({**data.pop("county")[0], **data})
    except InputError as error:
        json.dumps([str(f.value) for f in error.faults]).encode()


def test_a_spouse_named_by_one_side_is_a_warning() -> None:
    document = good()
    del document["teachers"][1]["spouse"]
    _, warnings = read_bytes("d.json", as_json(document))
    assert [(fault.code, fault.row) for fault in warnings] == [("spouse_one_sided", 1)]


@pytest.mark.parametrize("table", ["schools", "decisions"])
def test_an_empty_row_above_the_headings_loses_no_table_in_silence(table: str, tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "d.xlsx"
    path.write_bytes(as_workbook(good()))
    book = openpyxl.load_workbook(path)
    book[table].insert_rows(1)
    book.save(path)
    assert ("missing_column", table) in {(f.code, f.table) for f in faults_of(lambda: read(path))}
