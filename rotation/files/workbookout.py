"""Writes workbooks with XlsxWriter: one sheet a table, in the order of ``TABLES``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from rotation.county import County
from rotation.files.tables import TABLES, Column, Table

TEXT = {"num_format": "@"}
DATE = {"num_format": "yyyy-mm-dd"}
HEAD = {"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "valign": "top", "num_format": "@"}


class Exact(float):
    """A number that XlsxWriter writes with all its digits; its own 16 lose the last one of some."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def open_workbook(path: Path) -> xlsxwriter.Workbook:
    """A workbook that keeps only one row in memory and takes every text for what it is: no formulas, no links."""
    return xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "tmpdir": str(path.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )


def write_county(county: County, path: Path) -> None:
    """The county's workbook; tables without rows have a sheet with headings, ready to fill in."""
    with open_workbook(path) as book:
        text, day, head = book.add_format(TEXT), book.add_format(DATE), book.add_format(HEAD)
        for table in TABLES:
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                sheet.set_column(place, place, width_of(column), format_of(column, text, day))
            sheet.write_row(0, 0, [column.name for column in table.columns], head)
            rows = (county,) if table.name == "county" else getattr(county, table.name)
            for number, row in enumerate(rows, start=1):
                for place, value in _cells(table, row):
                    put(sheet, number, place, value, text, day)


def put(sheet: Worksheet, row: int, place: int, value: Any, text: Format, day: Format) -> None:
    """One cell. Texts are written as texts, whatever they begin with."""
    if value is None or value == () or value == "":
        return
    if isinstance(value, bool):
        failed = sheet.write_string(row, place, "yes" if value else "no", text)
    elif isinstance(value, int | float):
        failed = sheet.write_number(row, place, Exact(value) if isinstance(value, float) else value)
    elif isinstance(value, date):
        failed = sheet.write_datetime(row, place, value, day)
    else:
        failed = sheet.write_string(row, place, ";".join(value) if isinstance(value, tuple) else str(value), text)
    if failed:  # XlsxWriter leaves out what Excel cannot hold, and says so by a number
        raise ValueError(f"row {row + 1}, column {place + 1} does not fit into a workbook")


def _cells(table: Table, row: Any) -> Iterator[tuple[int, Any]]:
    for place, column in enumerate(table.columns):
        yield place, getattr(row, column.name)


def width_of(column: Column) -> int:
    """A column's width in characters."""
    return 22 if column.kind in ("text", "list", "choices") and column.name != "subject" else 13


def format_of(column: Column, text: Format, day: Format) -> Format | None:
    """Ids and texts are typed as text, so that no digit and no leading zero is lost."""
    return day if column.kind == "date" else None if column.kind in ("whole", "number") else text
