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
from datetime import date
from operator import attrgetter
from typing import Any

from rotation.county import County
from rotation.files.tables import COUNTY, LISTED, Table


def digest(county: County) -> str:
    """``sha256:…`` of the county's canonical JSON."""
    return "sha256:" + hashlib.sha256(canonical(county)).hexdigest()


def canonical(county: County) -> bytes:
    """The bytes that the digest is taken of."""
    document = document_of(county, by_key=True)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.encode()


def document_of(county: County, *, by_key: bool = False) -> dict[str, Any]:
    """The county as a JSON document without its defaults; ``by_key``: rows sorted, else in their own order."""
    document: dict[str, Any] = _row(COUNTY, county)
    for table in LISTED:
        rows = getattr(county, table.name)
        if by_key:
            key = attrgetter(*table.key)
            rows = sorted(rows, key=lambda row, key=key: _sortable(key(row)))  # type: ignore[misc]
        if rows:
            document[table.name] = [_row(table, row) for row in rows]
    return document


def _sortable(key: Any) -> tuple[Any, ...]:
    return tuple("" if part is None else part for part in (key if isinstance(key, tuple) else (key,)))


def _row(table: Table, row: Any) -> dict[str, Any]:
    found = {}
    for column in table.columns:
        value = getattr(row, column.name)
        if value is not None and value != column.default and value != ():
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
