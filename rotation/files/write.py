"""Writes a county in any of its three dresses. What was there before stays until the new one is complete."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from rotation.county import County
from rotation.files.digest import document_of, plain_value
from rotation.files.tables import TABLE_NAMES, TABLES, Table, plain


def write(county: County, path: Path) -> None:
    """Write to ``path``: ``.xlsx`` a workbook, ``.json`` a document, anything else a folder of CSV files.

    Raises ``OSError`` where the place cannot be written; a file or folder that was there is intact then.
    """
    path = Path(path)
    if path.suffix.lower() == ".xlsx":
        from rotation.files.workbookout import write_county

        with replacing(path) as fresh:
            write_county(county, fresh)
    elif path.suffix.lower() == ".json":
        with replacing(path) as fresh:
            fresh.write_text(json_text(county), encoding="utf-8")
    else:
        write_folder(county, path)


def json_text(county: County) -> str:
    """The JSON document: one row a line, so that a difference between two years can be read."""
    return lines_of(document_of(county))


def lines_of(document: dict[str, Any]) -> str:
    """JSON with each row of the arrays at the top on a line of its own."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list):
            if not value:
                parts.append(f"  {json.dumps(key)}: []")
                continue
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False, allow_nan=False)}" for row in value)
            parts.append(f"  {json.dumps(key)}: [\n{rows}\n  ]")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def rows_of(county: County, table: Table) -> tuple[Any, ...]:
    """The table's rows; the county itself is the one row of its table."""
    return (county,) if table.name == "county" else getattr(county, table.name)


_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before it. The reader takes it off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def cell_text(value: Any) -> str:
    """A value as a CSV cell."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return neutral(";".join(value))
    if isinstance(value, date):
        return value.isoformat()
    return neutral(value) if isinstance(value, str) else str(plain_value(value))


def write_folder(county: County, folder: Path) -> None:
    """Each table that has rows, a file each; the folder changes in one step. Other files in it are kept."""
    with replacing(folder, is_folder=True) as fresh:
        for old in list(fresh.glob("*.[cC][sS][vV]")):
            if plain(old.stem) in TABLE_NAMES:
                old.unlink()
        for table in TABLES:
            rows = rows_of(county, table)
            if not rows:
                continue
            path = fresh / f"{table.name}.csv"
            names = [column.name for column in table.columns]
            with path.open("w", encoding="utf-8", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(names)
                out.writerows([cell_text(getattr(row, name)) for name in names] for row in rows)


@contextmanager
def replacing(path: Path, *, is_folder: bool = False) -> Iterator[Path]:
    """A fresh place beside ``path`` to write to, that takes ``path``'s place when the block ends without an error.

    A folder starts as a copy of the one it replaces, which is moved aside first: two renames, nothing half-written.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", dir=path.parent))
    fresh = work / path.name
    try:
        if is_folder:
            if path.exists() and not path.is_dir():
                raise NotADirectoryError(20, "a file is in the way", str(path))
            if path.is_dir():
                shutil.copytree(path, fresh, symlinks=True)
            else:
                fresh.mkdir()
        yield fresh
        if is_folder and path.exists():
            _swap(path, fresh, work / f"{path.name}.old", os.replace)
        else:
            fresh.replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(path: Path, fresh: Path, aside: Path, replace: Callable[[Path, Path], None]) -> None:
    replace(path, aside)
    try:
        replace(fresh, path)
    except OSError:
        replace(aside, path)
        raise
