"""Opens a workbook that somebody else made: with care, because a zip file can be a trap.

Values come from calamine. It neither tells formulas nor error cells, and it lays a sheet out as one full rectangle; so
the sheets' XML is searched first, for those cells and for sheets that would fill the memory.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import python_calamine

from rotation.files.faultlist import FaultList
from rotation.files.sheets import Sheet, find_table, sheet_of_grid
from rotation.files.tables import TABLE_NAMES, plain

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"

MOST_UNPACKED = 1024**3
MOST_RATIO = 150
"""Honest sheets pack to a tenth or a thirtieth; a bomb to a thousandth."""
SMALL = 16 * 1024**2
"""Members up to this size may have any ratio."""
LONGEST_TEXT = 4000
IGNORED = frozenset({"说明", "guide", "_lists"})
"""Sheets of the template that hold no data."""

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    python_calamine.CalamineError,
    ElementTree.ParseError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What damaged workbooks raise on the way."""

_FAR_AWAY = re.compile(
    rb"r\s*=\s*[\"'](?:(?P<right>[A-Za-z]{3,}|[D-Zd-z][A-Za-z])\d|[A-Za-z]*(?P<down>\d{7,}|[3-9]\d{5})[\"'])"
)
"""Cells beyond column CZ, or below row 300 000."""
_TWO_LETTERS = re.compile(rb"r\s*=\s*[\"'][A-Za-z]{2}\d")
_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")
_ADDRESS = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_LONG_TEXT = re.compile(rb">[^<]{%d,}" % (4 * LONGEST_TEXT))


def refuse_ole(name: str, data: bytes, faults: FaultList) -> None:
    """The old container: a workbook with a password, or one of the format before 2007."""
    is_encrypted = "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data
    faults.add("encrypted" if is_encrypted else "old_workbook", value=name)


def read_workbook(name: str, data: bytes, faults: FaultList) -> list[Sheet]:
    """Every table of the workbook; sheets that are no tables are warnings."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if not is_safe(name, packed, faults):
                return []
            parts = _sheet_parts(packed)
            with python_calamine.load_workbook(io.BytesIO(data)) as book:
                return _sheets(book, packed, parts, faults)
    except UNREADABLE:
        faults.add("unreadable", value=name, why="the workbook is damaged", why_zh="工作簿已损坏")
        return []


def is_safe(name: str, packed: zipfile.ZipFile, faults: FaultList) -> bool:
    """No password, no macros, no bomb, and an Excel workbook at all; else a fault."""
    members = packed.infolist()
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        faults.add("encrypted", value=name)
    elif any(n.lower().endswith("vbaproject.bin") for n in names) or any("/macrosheets/" in n.lower() for n in names):
        faults.add("macros", value=name)
    elif (
        len(members) > 10_000
        or sum(member.file_size for member in members) > MOST_UNPACKED
        or any(m.file_size > SMALL and m.file_size > MOST_RATIO * max(1, m.compress_size) for m in members)
    ):
        faults.add("zip_bomb", value=name)
    elif "xl/workbook.xml" not in names:
        faults.add("old_workbook" if "xl/workbook.bin" in names else "unknown_kind", value=name)
    else:
        # Read to the end once: a member that is larger than it says fails here, on its checksum, not in calamine.
        damaged = packed.testzip()
        if damaged is not None:
            raise zipfile.BadZipFile(damaged)
        return True
    return False


def _sheet_parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """Sheet title → the member with its cells."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    }
    parts = {}
    for element in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in element.items() if key.rpartition("}")[2] == "id"), "")
            target = targets.get(relation, "")
            parts[element.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return parts


def _sheets(
    book: python_calamine.CalamineWorkbook, packed: zipfile.ZipFile, parts: dict[str, str], faults: FaultList
) -> list[Sheet]:
    long_texts = "xl/sharedStrings.xml" in packed.namelist() and _LONG_TEXT.search(packed.read("xl/sharedStrings.xml"))
    sheets = []
    seen: dict[str, str] = {}
    for title in book.sheet_names:
        xml = packed.read(parts[title])
        is_blank = plain(title) not in TABLE_NAMES and b"<row" not in xml and b":row" not in xml
        table = None if is_blank or plain(title) in IGNORED else find_table(title, faults, seen)
        if table is None:
            continue
        if _is_vast(xml):
            what: dict[str, Any] = {"what": "cells far to the right or far down", "what_zh": "有极远处的单元格"}
            faults.add("too_large", table.name, value=title, **what)
            continue
        if long_texts and xml.count(b"<c ") > 100_000:
            faults.add("too_large", table.name, value=title, what="very long texts", what_zh="文字过长")
            continue
        grid = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
        if not any(value != "" for row in grid for value in row):
            sheets.append(Sheet(table, [], {}, title=title))
            continue
        marks = list(_marks(xml))
        for _, row, place in marks:
            # Keep the row of a formula that has no value yet.
            if 0 < row < len(grid) and place < len(grid[row]) and grid[row][place] == "":
                grid[row][place] = "#"
        sheet = sheet_of_grid(table, grid, faults, title)
        _report_marks(sheet, marks, faults)
        sheets.append(sheet)
    return sheets


def _is_vast(xml: bytes) -> bool:
    """Would the sheet, laid out as a full rectangle, fill the memory? (26 columns may use all rows of Excel.)"""
    is_long = False
    for match in _FAR_AWAY.finditer(xml):
        if match["right"] or int(match["down"]) > 1_048_576 or (not is_long and _TWO_LETTERS.search(xml)):
            return True
        is_long = True
    return False


def _marks(xml: bytes) -> Iterator[tuple[str, int, int]]:
    """(code, row, place) of every formula and error cell; row 0 is the first row, place 0 column A."""
    found = _PREFIX.search(xml, 0, 4096)
    prefix = (found and found[1]) or b""
    start = b"<" + prefix + b"c "
    seen = set()
    for code, pattern in (("formula", b"<" + prefix + rb"f[\s>/]"), ("error_cell", rb"\st=[\"']e[\"']")):
        for match in re.finditer(pattern, xml):
            address = _ADDRESS.search(xml, max(0, xml.rfind(start, 0, match.end())), match.end() + 200)
            if address is None:
                continue
            place = 0
            for letter in address[1].upper():
                place = place * 26 + letter - 64
            at = (int(address[2]) - 1, place - 1)
            if at not in seen:
                seen.add(at)
                yield code, *at


def _report_marks(sheet: Sheet, marks: list[tuple[str, int, int]], faults: FaultList) -> None:
    names = {place: name for name, place in sheet.places.items()}
    index_of = {row: index for index, row in enumerate(sheet.rows)}
    for code, row, place in marks:
        index, name = index_of.get(row), names.get(place)
        if index is not None and name is not None:
            sheet.bad.add((name, index))
            raw = sheet.columns[name][index]
            sheet.fault(faults, code, index, name, None if raw == "#" else raw)
