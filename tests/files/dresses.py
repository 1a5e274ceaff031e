"""A small sound data set, and the three dresses made by hand, so that they can be made badly too."""

from __future__ import annotations

import copy
import csv
import datetime
import io
import json
from pathlib import Path
from typing import Any

import xlsxwriter

GOOD: dict[str, Any] = {
    "county": [{"year": 2026, "name": "某县"}],
    "schools": [
        {"id": "S1", "name": "中心小学", "levels": "primary", "area": "urban", "group": "G1", "group_role": "core",
         "lon": 114.1, "lat": 36.5},
        {"id": "S2", "name": "柳树小学", "levels": "primary", "area": "rural", "group": "G1", "group_role": "member",
         "weak": "yes", "lon": 114.2, "lat": 36.6},
        {"id": "S3", "name": "石桥教学点", "levels": "primary", "area": "teaching_point", "parent": "S2", "lon": 114.3,
         "lat": 36.7},
    ],
    "posts": [
        {"school": "S1", "subject": "maths", "required": 3, "capacity": 5},
        {"school": "S2", "subject": "maths", "required": 1, "capacity": 2},
        {"school": "S3", "subject": "english", "required": 1, "capacity": 1},
    ],
    "groups": [{"id": "G1", "name": "第一教育集团", "kind": "close"}],
    "teachers": [
        {"id": "T1", "school": "S1", "subjects": "maths;english", "levels": "primary", "joined_year": 2010,
         "birth_date": "1980-03-05", "sex": "F", "spouse": "T2", "teaching_since": 2003},
        {"id": "T2", "school": "S1", "subjects": "english", "levels": "primary", "joined_year": 2012, "spouse": "T1"},
        {"id": "T3", "school": "S2", "subjects": "maths", "levels": "primary", "joined_year": 2015, "lon": 114.2, "lat": 36.6},
        {"id": "T4", "school": "S1", "subjects": "maths", "levels": "primary", "joined_year": 2008},
    ],
    "terms": [
        {"teacher": "T1", "host": "S2", "subject": "maths", "start_year": 2018, "years": 2, "mode": "secondment"},
        {"teacher": "T4", "host": "S2", "subject": "maths", "start_year": 2025, "years": 2, "mode": "itinerant"},
        {"teacher": "T4", "host": "S3", "subject": "maths", "start_year": 2025, "years": 2, "mode": "itinerant"},
    ],
    "preferences": [{"teacher": "T1", "host": "S2", "rank": 1}, {"teacher": "T1", "host": "S3", "rank": 0}],
    "decisions": [{"teacher": "T2", "kind": "forbid", "host": "S3", "reason": "说明"}],
    "travel": [{"origin": "T1", "host": "S2", "km": 12.5, "minutes": 30}],
}  # fmt: skip

WHOLE = {"year", "required", "capacity", "start_year", "years", "joined_year", "teaching_since", "rank"}


class Formula(str):
    """A workbook cell that computes."""


def good() -> dict[str, Any]:
    return copy.deepcopy(GOOD)


def headings(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def as_json(data: dict[str, Any]) -> bytes:
    document = {**(data["county"][0] if data.get("county") else {}), **{k: v for k, v in data.items() if k != "county"}}
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def as_folder(data: dict[str, Any], folder: Path, encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in data.items():
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        names = headings(rows or GOOD[table])
        writer.writerow(names)
        writer.writerows([row.get(name, "") for name in names] for row in rows)
        (folder / f"{table}.csv").write_bytes(out.getvalue().encode(encoding))
    return folder


def as_workbook(data: dict[str, Any]) -> bytes:
    """Texts as texts, numbers as numbers, dates as dates."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for table, rows in data.items():
            sheet = book.add_worksheet(table)
            names = headings(rows)
            sheet.write_row(0, 0, names)
            for number, row in enumerate(rows, start=1):
                for place, name in enumerate(names):
                    value = row.get(name)
                    if isinstance(value, Formula):
                        sheet.write_formula(number, place, value, None, "#REF!" if "REF" in value else "x")
                    elif isinstance(value, datetime.date):
                        sheet.write_datetime(number, place, value, day)
                    elif value is not None:
                        sheet.write(number, place, value)
    return out.getvalue()
