"""A folder of CSV files, one a table: UTF-8 (with or without a mark at its start) or GB18030."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice
from pathlib import Path
from typing import Any

from rotation.files.faultlist import FaultList
from rotation.files.sheets import Sheet, find_table, is_filled, sheet_of_columns, sheet_of_grid

MOST_BYTES = 128 * 1024 * 1024
"""A larger file is refused before it is read."""
MOST_ROWS = 2_000_000


def bytes_of(path: Path, faults: FaultList, table: str = "") -> bytes | None:
    """The file's content; None, and a fault, where it cannot be had."""
    try:
        if not path.is_file():
            why: dict[str, Any] = {"why": "not an ordinary file", "why_zh": "不是普通文件"}
            faults.add("unreadable", table, value=path.name, **why)
            return None
        if path.stat().st_size > MOST_BYTES:
            what = f"{MOST_BYTES // 1024**2} MB"
            faults.add("too_large", table, value=path.name, what=f"more than {what}", what_zh=f"超过 {what}")
            return None
        return path.read_bytes()
    except OSError as error:
        why = {"why": error.strerror or type(error).__name__, "why_zh": "系统拒绝读取"}
        faults.add("unreadable", table, value=path.name, **why)
        return None


def text_of(data: bytes) -> str | None:
    """Decoded text; None for UTF-16, binary content and anything that is neither UTF-8 nor GB18030."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


_APOSTROPHE = re.compile(r"'+[=+\-@\t\r]")


def _bare(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from taking it for a formula (see ``write.neutral``)."""
    return cell[1:] if _APOSTROPHE.match(cell) else cell


def plain_columns(text: str) -> tuple[list[str], list[list[str]]] | None:
    """Headings and columns of a text that is split at its commas and line ends alone; None: it is not so simple.

    So simple is what a program writes: no quotes, no apostrophes to take off, every line as wide as the first, and a
    column that is filled in every row. It is read without an object a row, which takes a third of the time.
    """
    text = text.replace("\r\n", "\n").removesuffix("\n")
    if '"' in text or "\r" in text or ("'" in text and _APOSTROPHE.search(text)):
        return None
    width = text.partition("\n")[0].count(",") + 1
    if width == 1 or not _is_even(text, width):
        return None
    cells = text.replace("\n", ",").split(",")
    columns = [cells[place::width] for place in range(width, 2 * width)]
    return (cells[:width], columns) if any(map(is_filled, columns)) else None


def _is_even(text: str, width: int) -> bool:
    """Does every line have ``width`` cells, none of them, and not the file either, too long for the CSV reader?"""
    lines = text.split("\n")
    return (
        1 < len(lines) <= MOST_ROWS
        and max(map(len, lines)) <= csv.field_size_limit()
        and all(line.count(",") == width - 1 for line in lines)
    )


def read_folder(folder: Path, faults: FaultList) -> list[Sheet]:
    """Every table of the folder; files that are not ``.csv`` are left alone."""
    sheets = []
    seen: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != ".csv" or path.name.startswith((".", "~")):
            continue
        table = find_table(path.stem, faults, seen, path.name)
        if table is None:
            continue
        data = bytes_of(path, faults, table.name)
        if data is None:
            continue
        text = text_of(data)
        if text is None:
            faults.add("wrong_encoding", table.name, value=path.name)
            continue
        plain = plain_columns(text)
        if plain is not None:
            sheets.append(sheet_of_columns(table, *plain, faults))
            continue
        grid: list[list[str]] = []
        try:
            grid.extend(islice(csv.reader(io.StringIO(text, newline=""), strict=True), MOST_ROWS + 1))
        except csv.Error as error:
            if "field limit" in str(error):
                faults.add("too_long", table.name, len(grid) or None, value=path.name, most=csv.field_size_limit())
            else:
                why: dict[str, Any] = {"why": f"{error} in row {len(grid)}", "why_zh": f"第 {len(grid)} 行引号不配对"}
                faults.add("not_csv", table.name, len(grid) or None, value=path.name, **why)
        if "'" in text and _APOSTROPHE.search(text):
            grid = [[_bare(cell) for cell in row] for row in grid]
        if len(grid) > MOST_ROWS:
            what: dict[str, Any] = {"what": f"more than {MOST_ROWS} rows", "what_zh": f"超过 {MOST_ROWS} 行"}
            faults.add("too_large", table.name, value=path.name, **what)
            continue
        if not grid:
            faults.add("empty_file", table.name, value=path.name)
            continue
        sheets.append(sheet_of_grid(table, grid, faults))
    return sheets
