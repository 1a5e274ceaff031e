"""How the command line speaks: tables for people, JSON for programs, faults on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.documents import fault_document
from rotation.faults import Fault
from rotation.files.plan import plain
from rotation.words import Words

MOST_ROWS = 200
"""Faults shown to a person; ``--json`` gives all."""
WIDTH_IN_FILES = 160


def console(stream: TextIO | None = None) -> Console:
    """A console on standard output (or ``stream``), wide where nobody sees it fold."""
    stream = stream or sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH_IN_FILES, highlight=False, markup=False)


def say(text: str) -> None:
    """One line to the person, on standard error."""
    print(text, file=sys.stderr, flush=True)


def both(words: Words) -> str:
    return f"{words.zh} · {words.en}" if words.zh != words.en else words.zh


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO | None = None) -> None:
    """Print a table; columns whose every cell is a number stand right."""
    listed = [[cell_text(cell) for cell in row] for row in rows]
    drawn = Table(header_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(listed) and all(_is_number(row[index]) for row in listed)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in listed:
        drawn.add_row(*(Text(cell) for cell in row))
    out = console(stream)
    if title:
        out.print(title, style="bold")
    out.print(drawn)


def cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, Fraction):
        value = plain(value)
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1000 else str(value)


def _is_number(text: str) -> bool:
    return not text or text.lstrip("-").replace(".", "", 1).replace("%", "").isdigit()


def _spelled(value: Any) -> Any:
    """Words as an object of two languages, the rest as it is."""
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Mapping):
        return {key: _spelled(item) for key, item in value.items()}
    return [_spelled(item) for item in value] if isinstance(value, list | tuple) else value


def print_json(document: object, stream: TextIO | None = None) -> None:
    print(json.dumps(plain(_spelled(document)), ensure_ascii=False, indent=2), file=stream or sys.stdout)


def show_faults(faults: Sequence[Fault], *, as_json: bool = False) -> None:
    """All faults on standard error: as JSON, or as a table with advice in both languages."""
    if as_json:
        print_json({"faults": [fault_document(fault) for fault in faults]}, sys.stderr)
        return
    errors = sum(fault.severity == "error" for fault in faults)
    warnings = len(faults) - errors
    counted = [f"{errors} 个错误 error(s)"] * bool(errors) + [f"{warnings} 个提醒 warning(s)"] * bool(warnings)
    rows = [
        (
            "错误 error" if fault.severity == "error" else "提醒 warning",
            fault.cell or _place(fault),
            fault.column,
            fault.value,
            fault.code,
            f"{fault.advice.zh}\n{fault.advice.en}",
        )
        for fault in sorted(faults, key=lambda fault: fault.severity != "error")[:MOST_ROWS]
    ]
    columns = ("", "位置 where", "列 column", "值 value", "代码 code", "怎么办 what to do")
    table(", ".join(counted), columns, rows, sys.stderr)
    if len(faults) > MOST_ROWS:
        say(f"另有 {len(faults) - MOST_ROWS} 个, 用 --json 查看全部 · {len(faults) - MOST_ROWS} more: --json lists all")


def _place(fault: Fault) -> str:
    return " ".join(str(part) for part in (fault.table, fault.row) if part not in (None, ""))
