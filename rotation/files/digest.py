"""The digest of a data set: the same from all three dresses, whatever the order of rows and columns.

The canonical JSON is one object, UTF-8, no spaces, characters unescaped except what JSON must escape
(``json.dumps(…, ensure_ascii=False, separators=(",", ":"), sort_keys=True)``):

- top level: ``year``, ``name`` if given, and each table that has rows, as an array of objects;
- keys of every object in code point order; a value that is not given, or equals its column's default, is left out
  (so are empty lists; a default is written in ``tables.py`` and in the field of the row's class);
- rows in order of their table's ``key`` columns (schools, groups, teachers: id; posts: school, subject; terms: teacher,
  start_year, host; preferences: teacher, host; decisions: teacher, kind, host, an absent host as ""; travel: origin,
  host), texts compared by code points, numbers by value;
- choices as their English names, flags ``true``/``false``, dates ``YYYY-MM-DD``, lists as arrays in their own order;
- whole numbers without a point (``14``, also where ``14.0`` was written), other numbers as the shortest decimal that
  reads back to the same double (``14.2``), as Python's ``repr`` writes it.

The digest is ``sha256:`` and the hexadecimal SHA-256 of those bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import Any

from rotation.county import County
from rotation.files.tables import COUNTY, LISTED, Column, Table

REMEMBERED = "_digest"
AT_ONCE = 1000
"""Rows that are written together."""


def digest(county: County) -> str:
    """``sha256:…`` of the county's canonical JSON. Remembered with the county: a city's takes most of a second."""
    known = vars(county)
    if REMEMBERED not in known:
        found = hashlib.sha256()
        for text in _written(county):
            found.update(text.encode())
        known[REMEMBERED] = "sha256:" + found.hexdigest()
    remembered: str = known[REMEMBERED]
    return remembered


def canonical(county: County) -> bytes:
    """The bytes that the digest is taken of."""
    return "".join(_written(county)).encode()


def _written(county: County) -> Iterator[str]:
    """The canonical JSON in pieces: a city's is too long to be moved about whole."""
    own = _row(COUNTY, county)
    tables = {table.name: table for table in LISTED if getattr(county, table.name)}
    before = "{"
    for key in sorted({**own, **tables}):
        yield f"{before}{_json(key)}:"
        before = ","
        if key in own:
            yield _json(own[key])
        else:
            yield from _rows_written(tables[key], _by_key(tables[key], getattr(county, key)))
    yield "}"


def document_of(county: County) -> dict[str, Any]:
    """The county as a JSON document without its defaults, rows in their own order."""
    document: dict[str, Any] = _row(COUNTY, county)
    for table in LISTED:
        rows = getattr(county, table.name)
        if rows:
            document[table.name] = [_row(table, row) for row in rows]
    return document


def _by_key(table: Table, rows: Sequence[Any]) -> list[Any]:
    columns = [["" if part is None else part for part in map(attrgetter(name), rows)] for name in table.key]
    keys = list(zip(*columns, strict=True))
    return [rows[place] for place in sorted(range(len(rows)), key=keys.__getitem__)]


def _rows_written(table: Table, rows: Sequence[Any]) -> Iterator[str]:
    """The rows as a JSON array of objects, written column by column: most columns have few different values.

    A member is one ``"key":value`` of an object with the comma before it, or nothing.
    """
    columns = sorted(table.columns, key=attrgetter("name"))
    members = zip(*(_members(column, list(map(attrgetter(column.name), rows))) for column in columns), strict=True)
    before = "["
    while some := ["{" + "".join(row)[1:] + "}" for row in islice(members, AT_ONCE)]:
        yield before + ",".join(some)
        before = ","
    yield "]"


def _members(column: Column, values: list[Any]) -> list[str]:
    """Each value's member; equal values are written once."""
    types = set(map(type, values)) - {type(None)}
    if len(types) > 1:  # 1 and True are equal, and are not written alike
        return [_member(column, value) for value in values]
    distinct = dict.fromkeys(values)
    left_out = {None, column.default, ()}.intersection(distinct)
    given = [value for value in distinct if value not in left_out] if left_out else list(distinct)
    if types <= {str, float, date}:
        members = list(map(f",{_json(column.name)}:".__add__, _json_of_each(given)))
    else:
        members = [_member(column, value) for value in given]
    if len(given) == len(values):
        return members
    known = dict.fromkeys(left_out, "") | dict(zip(given, members, strict=True))
    return list(map(known.__getitem__, values))


def _member(column: Column, value: Any) -> str:
    return f",{_json(column.name)}:{_json(plain_value(value))}" if _is_given(column, value) else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _json_of_each(values: list[Any]) -> list[str]:
    """The JSON of each text, number or date: of all together, a line each, as no value has a bare line end within."""
    text = json.dumps(list(map(plain_value, values)), ensure_ascii=False, separators=("\n", ":"), allow_nan=False)
    return text[1:-1].split("\n") if values else []


def _is_given(column: Column, value: Any) -> bool:
    return value is not None and value != column.default and value != ()


def _row(table: Table, row: Any) -> dict[str, Any]:
    found = {}
    for column in table.columns:
        value = getattr(row, column.name)
        if _is_given(column, value):
            found[column.name] = plain_value(value)
    return found


def plain_value(value: Any) -> Any:
    """A value as JSON has it."""
    if value.__class__ is float and value.is_integer():
        return int(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
