"""Reads a data set from any of its three dresses: a workbook, a folder of CSV files, one JSON document.

Nothing stops at the first fault: ``InputError`` carries all of them, warnings included.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import fields
from itertools import repeat
from pathlib import Path
from typing import Any

from rotation.collector import no_collection
from rotation.county import County
from rotation.faults import Fault
from rotation.files import jsonfile
from rotation.files.cells import read_column
from rotation.files.checks import Draft, Rows, check
from rotation.files.csvfiles import MOST_BYTES, bytes_of, read_folder
from rotation.files.faultlist import FaultList
from rotation.files.sheets import Sheet
from rotation.files.tables import COUNTY, LISTED, TABLES
from rotation.files.workbook import OLE, ZIP, read_workbook, refuse_ole

Found = tuple[County, tuple[Fault, ...]]
"""A county and the warnings."""


@no_collection()
def read(path: Path) -> Found:
    """The data set at ``path`` (folder, ``.xlsx`` or ``.json``); raises ``InputError`` with every fault."""
    faults = FaultList()
    path = Path(path)
    sheets: list[Sheet] = []
    try:
        is_folder, exists = path.is_dir(), path.exists()
        if is_folder:
            sheets = read_folder(path, faults)
    except (OSError, ValueError):  # a name too long, or with a zero byte; a folder that may not be listed
        is_folder, exists = False, False
    if not exists:
        faults.add("not_found", value=str(path))
    elif not is_folder:
        data = bytes_of(path, faults)
        faults.raise_errors()
        assert data is not None
        return read_bytes(path.name, data)
    if not sheets:
        faults.raise_errors()
    return county_of(sheets, faults)


@no_collection()
def read_bytes(name: str, data: bytes) -> Found:
    """The data set in an uploaded file, workbook or JSON; its content tells which, ``name`` only helps."""
    faults = FaultList()
    sheets: list[Sheet] = []
    if not data:
        faults.add("empty_file", value=name)
    elif len(data) > MOST_BYTES:
        what = f"{MOST_BYTES // 1024**2} MB"
        faults.add("too_large", value=name, what=f"more than {what}", what_zh=f"超过 {what}")
    elif data.startswith(OLE):
        refuse_ole(name, data, faults)
    elif data.startswith(ZIP):
        sheets = read_workbook(name, data, faults)
    elif name.lower().endswith((".xlsx", ".xlsm", ".xls")):
        faults.add("unreadable", value=name, why="it is not a workbook", why_zh="不是工作簿")
    elif name.lower().endswith(".json") or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        document = jsonfile.parse(data, faults)
        faults.raise_errors()
        sheets = jsonfile.sheets_of(document, faults)
    else:
        faults.add("unknown_kind", value=name)
    if not sheets:
        faults.raise_errors()
    return county_of(sheets, faults)


@no_collection()
def read_json(document: object) -> Found:
    """The data set in a JSON document that was parsed already."""
    faults = FaultList()
    return county_of(jsonfile.sheets_of(document, faults), faults)


def county_of(sheets: Sequence[Sheet], faults: FaultList) -> Found:
    """Understand every value, check every row against the others, and build the county."""
    found = {sheet.table.name: sheet for sheet in sheets}
    tables: dict[str, Rows] = {}
    lost = frozenset(f.table for f in faults.faults if (f.row is None and f.code in _LOST) or _lacks_ids(f))
    for table in TABLES:
        sheet = found.get(table.name) or Sheet(table, [], {})
        if not sheet.rows and not table.may_be_empty and table.name not in lost:
            sheet.fault(faults, "empty_table")
        tables[table.name] = Rows(sheet, {c.name: read_column(sheet, c, faults) for c in table.columns})
    top = tables.pop(COUNTY.name)
    for index in range(1, len(top)):
        top.sheet.fault(faults, "one_row_only", index, "year", top.columns["year"][index])
    year = top.columns["year"][0] if len(top) else None
    check(Draft(tables, year, faults, lost))
    faults.raise_errors()
    assert year is not None
    built = {table.name: _built(table.row, tables[table.name].columns) for table in LISTED}
    return County(year=year, name=top.columns["name"][0], **built), tuple(faults.faults)


_LOST = frozenset({"unreadable", "too_large", "wrong_encoding", "not_csv", "empty_file", "wrong_shape"})
"""Faults that say already why a table has no rows."""


def _lacks_ids(fault: Fault) -> bool:
    return fault.code == "missing_column" and fault.column == "id"


def _built(row: Any, columns: dict[str, list[Any]]) -> Any:
    """The rows as objects, filled a column at a time through their slots: the constructor of a frozen class with
    twenty fields takes ten times as long, and has nothing to check.
    """
    names = [field.name for field in fields(row)]
    built = tuple(map(row.__new__, repeat(row, len(columns[names[0]]))))
    for name in names:
        deque(map(getattr(row, name).__set__, built, columns[name]), maxlen=0)
    return built
