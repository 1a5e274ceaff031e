"""Plan files: lossless in JSON and workbook, strict on nonsense, no formulas for spreadsheets."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files.dresses import as_json, good
from rotation.faults import InputError
from rotation.files import plan_to_json, read_bytes, read_plan, write_plan
from rotation.files.plan import plan_of
from rotation.plan import Placement, Plan, RuleReport, Status, TierReport

COUNTY = read_bytes("d.json", as_json(good()))[0]
PLAN = Plan(
    2026, "sha256:d", "national-2014", "sha256:p", Status.OPTIMAL,
    (Placement("T1", "S1", "S2", "maths", 2026, 2, 14.25), Placement("T4", "S1", "S2", "maths", 2026, 1, 3.0, "itinerant", ("S2", "S3"), True)),
    (TierReport(1, "rural_coverage", 3.0, 3.0, True, "exhausted", False, 2.5), TierReport(3, "moves", 2.0, 2.0, True, "lp", True, 2.0), TierReport(2, "distance_total", 17.25, None, False)),
    (RuleReport("q", "rotation_quota", "must", True, 0.0, ({"cell": {"school": "S1"}, "measured": 2, "least": 1, "most": None, "shortfall": 0},)),
     RuleReport("=r", "rural_coverage", 1, False, 1.5)),
    {"moved": 2, "share": 0.5, "km": {"median": None}}, {"engine": "x", "seed": 1, "stopped_by": None},
)  # fmt: skip


@pytest.mark.parametrize("kind", ["json", "xlsx"])
def test_lossless(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"p.{kind}"
    write_plan(PLAN, COUNTY, path)
    assert read_plan(path) == PLAN
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("=+-@'𠮷a |;\"", min_size=1, max_size=8), min_size=1, max_size=3), st.floats(0, 999))
def test_lossless_for_any_text(texts: list[str], km: float) -> None:
    import tempfile

    placements = tuple(Placement(text, "S1", "S2", text, 2026, 1, round(km, 3)) for text in texts)
    plan = dataclasses.replace(PLAN, placements=placements, policy_name=texts[0])
    with tempfile.TemporaryDirectory() as place:
        for name in ("p.json", "p.xlsx"):
            write_plan(plan, None, Path(place) / name)
            assert read_plan(Path(place) / name) == plan


def test_document() -> None:
    document = plan_to_json(
        dataclasses.replace(PLAN, metrics={"a": Fraction(1, 3), "b": Fraction(4, 2), "c": float("inf")})
    )
    assert document["format"] == "rotation-plan/1" and document["status"] == "optimal"
    assert document["metrics"] == {"a": 0.333333, "b": 2, "c": None}
    assert document["placements"][0]["hosts"] == ["S2"] and document["tiers"][2]["gap"] is None
    json.dumps(document, allow_nan=False)


def test_older_plans_do_not_say_what_was_recomputed() -> None:
    document = plan_to_json(PLAN)
    for tier in document["tiers"]:
        del tier["recomputed"], tier["lp_bound"]
    assert {(tier.recomputed, tier.lp_bound) for tier in plan_of(document).tiers} == {(False, None)}


def test_workbook_for_people(tmp_path: Path) -> None:
    write_plan(PLAN, COUNTY, tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book["_plan"].sheet_state == "veryHidden"
    rows = list(book["placements 轮岗安排"].iter_rows(values_only=True))
    assert rows[1][:6] == ("T1", None, "S1", "中心小学", "S2", "柳树小学") and "柳树小学、石桥教学点" in rows[2]
    rules = list(book["rules 规则"].iter_rows())
    assert rules[2][0].value == "=r" and rules[2][0].data_type == "s"


def test_csv(tmp_path: Path) -> None:
    plan = dataclasses.replace(PLAN, placements=(Placement("=cmd()", "S1", "S2", "maths", 2026, 2, 14.25),))
    write_plan(plan, COUNTY, tmp_path / "p.csv")
    data = (tmp_path / "p.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and "\n'=cmd()," in data.decode("utf-8-sig")
    with pytest.raises(ValueError, match=r"\.docx"):
        write_plan(plan, COUNTY, tmp_path / "p.docx")


def test_sorting_is_fine_editing_is_not(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    write_plan(PLAN, COUNTY, path)
    book = openpyxl.load_workbook(path)
    sheet = book["placements 轮岗安排"]
    sheet.move_range("A2:N2", rows=5)
    book.save(path)
    assert read_plan(path) == PLAN
    sheet["E7"] = "S3"
    book.save(path)
    with pytest.raises(InputError) as caught:
        read_plan(path)
    assert [fault.code for fault in caught.value.faults] == ["edited_plan"]


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = plan_to_json(PLAN)
    change(document)
    return document


NONSENSE: dict[str, tuple[Callable[[dict[str, Any]], object], list[tuple[str, str, int | None, str | None]]]] = {
    "other version": (lambda d: d.update(format="rotation-plan/2"), [("unknown_format", "plan", None, "format")]),
    "no format": (lambda d: d.pop("format"), [("not_a_plan", "plan", None, "format")]),
    "no year": (lambda d: d.pop("year"), [("missing_value", "plan", None, "year")]),
    "status": (lambda d: d.update(status="fine"), [("bad_plan_value", "plan", None, "status")]),
    "teacher is a number": (lambda d: d["placements"][1].update(teacher=4), [("bad_plan_value", "placements", 2, "teacher")]),
    "two at once": (lambda d: (d["placements"][0].update(years=0), d["placements"][1].pop("subject")),
                    [("bad_plan_value", "placements", 1, "years"), ("missing_value", "placements", 2, "subject")]),
    "host not listed": (lambda d: d["placements"][0].update(hosts=["S3"]), [("bad_plan_value", "placements", 1, None)]),
    "nan": (lambda d: d["placements"][0].update(km=float("nan")), [("bad_plan_value", "placements", 1, "km")]),
    "yes": (lambda d: d["placements"][0].update(decided="yes"), [("bad_plan_value", "placements", 1, "decided")]),
    "policy": (lambda d: d.update(policy="x"), [("bad_plan_value", "plan", None, "policy")]),
}  # fmt: skip


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense(name: str) -> None:
    change, expected = NONSENSE[name]
    with pytest.raises(InputError) as caught:
        plan_of(changed(change))
    assert [(f.code, f.table, f.row, f.column) for f in caught.value.faults] == expected


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty_file"), (b"{", "not_json"), (b"[]", "not_a_plan"), (b"PK\x03\x04zzz", "unreadable")]
)
def test_files(data: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_plan(tmp_path / "p")
    assert caught.value.faults[0].code == code
    with pytest.raises(InputError):
        read_plan(tmp_path / "none")
