"""A table as it was found, before any value is understood: columns of raw values and where each one stood."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rotation.files.faultlist import FaultList
from rotation.files.tables import TABLE, TABLE_NAMES, TABLES, Table, plain

HINTS = 100
"""After that many faults no nearest names are looked for: it takes time, and nobody reads them."""


@dataclass(slots=True)
class Sheet:
    """``rows[i]``: number of the i-th row, 1 = first data row. ``columns``: name → raw values, in step with ``rows``."""

    table: Table
    rows: Sequence[int]
    columns: dict[str, Sequence[Any]]
    places: dict[str, int] = field(default_factory=dict)
    """Column name → its position, 0 = first."""
    title: str | None = None
    """The workbook's sheet; None elsewhere."""
    strict: bool = False
    """JSON: numbers and flags are not guessed from text."""
    bad: set[tuple[str, int]] = field(default_factory=set)
    """(column, index) of values that are known to be wrong already: formulas and error cells."""

    def cell(self, index: int | None, column: str | None) -> str | None:
        """The address in a workbook, such as ``teachers!C7``; None elsewhere."""
        if self.title is None or index is None or column is None or column not in self.places:
            return None
        return address(self.title, self.rows[index], self.places[column])

    def fault(
        self,
        faults: FaultList,
        code: str,
        index: int | None = None,
        column: str | None = None,
        value: Any = None,
        severity: Literal["error", "warning"] = "error",
        **details: Any,
    ) -> None:
        """Record a fault of the row at ``index``."""
        row = None if index is None else self.rows[index]
        faults.add(code, self.table.name, row, column, value, self.cell(index, column), severity, **details)


def address(title: str, row: int, place: int) -> str:
    """The cell of data row ``row`` (its heading is in the sheet's first row) and column ``place`` (0 = A)."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{title}!{letters}{row + 1}"


def find_table(name: str, faults: FaultList, seen: dict[str, str], value: str | None = None) -> Table | None:
    """The table that ``name`` means; an unknown one is a warning, one that was ``seen`` already an error."""
    found = TABLE_NAMES.get(plain(name))
    if found is None:
        faults.add(
            "unknown_table", name[:64], value=value or name, severity="warning", **_hint(name, _table_labels(), faults)
        )
        return None
    if found in seen:
        faults.add("duplicate_table", found, value=value or name)
        return None
    seen[found] = name
    return TABLE[found]


def find_columns(table: Table, headings: Sequence[Any], faults: FaultList, title: str | None = None) -> dict[str, int]:
    """Column name → position of its heading. Unknown headings are warnings, repeated and missing ones errors."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        text = "" if heading is None else str(heading).strip()
        cell = None if title is None else address(title, 0, place)
        name = table.headings.get(plain(text))
        if not text:
            continue
        if name is None:
            labels = {label: (c.zh, c.name) for c in table.columns for label in (c.name, c.zh, *c.aliases)}
            faults.add(
                "unknown_column",
                table.name,
                None,
                text[:64],
                text,
                cell,
                severity="warning",
                **_hint(text, labels, faults),
            )
        elif name in places:
            faults.add("duplicate_column", table.name, None, name, text, cell)
        else:
            places[name] = place
    for column in table.columns:
        if column.required and column.name not in places:
            details: dict[str, Any] = {"label": column.name, "label_zh": column.zh}
            faults.add("missing_column", table.name, None, column.name, None, None, **details)
    return places


def sheet_of_grid(
    table: Table, grid: Sequence[Sequence[Any]], faults: FaultList, title: str | None = None, empty: Any = ""
) -> Sheet:
    """A table from a grid whose first row holds the headings. Rows without any content are left out, yet counted."""
    headings = grid[0] if grid else ()
    whole = columns_of(grid[1:], len(headings))
    if whole is not None:
        return sheet_of_columns(table, headings, whole, faults, title)
    places = find_columns(table, headings, faults, title) if grid else {}
    kept, rows = [], []
    width = len(headings)
    for number, row in enumerate(grid[1:], start=1):
        if any(value not in (empty, None) and str(value).strip() for value in row):
            kept.append(row)
            rows.append(number)
            if len(row) > width and any(str(value).strip() for value in row[width:]):
                cell = None if title is None else address(title, number, width)
                extra = next(value for value in row[width:] if str(value).strip())
                faults.add("extra_cells", table.name, number, None, extra, cell)
    columns: dict[str, Sequence[Any]] = {
        name: [row[place] if place < len(row) else empty for row in kept] for name, place in places.items()
    }
    return Sheet(table, rows, columns, places, title)


def sheet_of_columns(
    table: Table, headings: Sequence[Any], columns: Sequence[Sequence[Any]], faults: FaultList, title: str | None = None
) -> Sheet:
    """A table from whole columns, none of whose rows is empty."""
    places = find_columns(table, headings, faults, title)
    rows = range(1, len(columns[0]) + 1)
    return Sheet(table, rows, {name: columns[place] for name, place in places.items()}, places, title)


def columns_of(body: Sequence[Sequence[Any]], width: int) -> list[Sequence[Any]] | None:
    """The columns of rows that all have ``width`` cells and some content; None where a row has to be looked at."""
    if set(map(len, body)) != {width} or not width:
        return None
    columns: list[Sequence[Any]] = list(zip(*body, strict=True))
    return columns if any(map(is_filled, columns)) else None


def is_filled(column: Sequence[Any]) -> bool:
    """Does every cell hold a text that is not blank?"""
    return set(map(type, column)) == {str} and all(map(str.strip, column))


def _table_labels() -> dict[str, tuple[str, str]]:
    return {label: (t.zh, t.name) for t in TABLES for label in (t.name, t.zh, *t.aliases)}


def _hint(name: str, labels: dict[str, tuple[str, str]], faults: FaultList) -> dict[str, Any]:
    """The nearest known name, in both languages; empty words where nothing is near."""
    is_flood = len(faults.faults) > HINTS
    near = [] if is_flood else difflib.get_close_matches(plain(name)[:64], [plain(label) for label in labels], n=1)
    if not near:
        return {"hint": "", "hint_zh": ""}
    zh, en = next(names for label, names in labels.items() if plain(label) == near[0])
    return {"hint": f" Did you mean '{en}'?", "hint_zh": f"是否指“{zh}”（{en}）？"}


def union(rows: Iterable[dict[str, Any]]) -> list[str]:
    """All keys of all rows, in the order in which they first occur."""
    return list(dict.fromkeys(key for row in rows for key in row))
