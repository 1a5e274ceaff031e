"""One JSON document: ``{"year": 2026, "schools": [{…}, …], …}``. Numbers and flags are not guessed from text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rotation.files.csvfiles import text_of
from rotation.files.faultlist import FaultList
from rotation.files.sheets import Sheet, find_columns, find_table, union
from rotation.files.tables import COUNTY, Table, plain

_ROWS: dict[str, Any] = {"what": "an array of objects, one a row", "what_zh": "由对象组成的数组，每行一个"}
_OBJECT: dict[str, Any] = {"what": "an object", "what_zh": "一个对象"}


class Pairs(dict[str, Any]):
    """A JSON object that remembers the keys that it was given twice."""

    repeated: tuple[str, ...] = ()


def _pairs(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    marked = Pairs(found)
    marked.repeated = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
    return marked


def parse(data: bytes, faults: FaultList) -> Any:
    """The document as plain objects; None, and a fault, where it is none."""
    text = text_of(data)
    if text is None:
        faults.add("wrong_encoding")
        return None
    if not text.strip():
        faults.add("empty_file")
        return None
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except RecursionError:
        faults.add("too_deep")
    except json.JSONDecodeError as error:
        faults.add("not_json", row=None, value=text[max(0, error.pos - 10) : error.pos + 30], line=error.lineno)
    except ValueError:  # a number of thousands of digits
        faults.add("not_json", line="?")
    return None


def sheets_of(document: object, faults: FaultList) -> list[Sheet]:
    """Every table of a document."""
    if not isinstance(document, Mapping):
        faults.add("wrong_shape", value=document, **_OBJECT)
        return []
    _report_repeated(document, faults, "", None)
    top: dict[str, Any] = {}
    sheets: list[Sheet] = []
    seen: dict[str, str] = {}
    for key, value in document.items():
        name = str(key)
        if plain(name) in COUNTY.headings:
            top[name] = value
        elif plain(name) == COUNTY.name:
            faults.add("unknown_table", COUNTY.name, value=name, severity="warning", hint="", hint_zh="")
        elif (table := find_table(name, faults, seen)) is not None:
            sheets.append(_sheet(table, value, faults))
    sheets.append(_sheet(COUNTY, [top], faults))
    return sheets


def _sheet(table: Table, value: Any, faults: FaultList) -> Sheet:
    listed = value if isinstance(value, list | tuple) else []
    if value is not None and not isinstance(value, list | tuple):
        faults.add("wrong_shape", table.name, value=value, **_ROWS)
    rows, numbers = [], []
    for number, row in enumerate(listed, start=1):
        if not isinstance(row, dict):
            faults.add("wrong_shape", table.name, number, value=row, **_OBJECT)
            continue
        if isinstance(row, Pairs):
            _report_repeated(row, faults, table.name, number)
        rows.append(row)
        numbers.append(number)
    if not rows:
        return Sheet(table, [], {}, strict=True)
    keys = union(rows)
    places = find_columns(table, keys, faults)
    columns: dict[str, Sequence[Any]] = {name: [row.get(keys[place]) for row in rows] for name, place in places.items()}
    return Sheet(table, numbers, columns, places, strict=True)


def _report_repeated(found: Mapping[str, Any], faults: FaultList, table: str, row: int | None) -> None:
    for key in found.repeated if isinstance(found, Pairs) else ():
        faults.add("duplicate_key", table, row, key[:64], key)
