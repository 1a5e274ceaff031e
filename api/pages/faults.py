"""Faults as an officer reads them: sheet, cell, value and what to do; all of them as a file for Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from nicegui import ui

from api.pages import html, shell
from api.pages.texts import Language, say
from rotation.faults import Fault
from rotation.files.tables import TABLES

SHOWN = 200
COLUMNS = ("fault_kind", "fault_table", "fault_cell", "fault_column", "fault_value", "fault_advice")


def fault_row(fault: Fault, language: Language) -> list[str]:
    """Kind, sheet, cell, column, value and advice as text."""
    table = next((table for table in TABLES if table.name == fault.table), None)
    column = next((column for column in table.columns if column.name == fault.column), None) if table else None
    chinese = language == "zh"
    where = fault.cell.rpartition("!")[2] if fault.cell else ""
    if not where and fault.row is not None:
        where = say("row", language).format(n=fault.row)
    value = "" if fault.value is None else str(fault.value)
    return [
        say(fault.severity, language),
        table.zh if table is not None and chinese else fault.table,
        where,
        column.zh if column is not None and chinese else fault.column or "",
        value if len(value) <= 60 else value[:59] + "…",
        say(fault.advice, language),
    ]


def faults_csv(faults: Sequence[Fault], language: Language) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads it; cells that would be formulas are made text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([say(name, language) for name in COLUMNS])
    for fault in faults:
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@" and cell else cell for cell in fault_row(fault, language)])
    return out.getvalue().encode("utf-8-sig")


def show_faults(faults: Sequence[Fault], language: Language) -> None:
    """The whole list as a card."""
    errors = [fault for fault in faults if fault.severity == "error"]
    title = say("faults_title" if errors else "warnings_title", language).format(n=len(errors or faults))
    tone: html.Tone = "bad" if errors else "warn"
    with shell.card("faults"):
        with ui.element("div").classes("line spread"):
            shell.mark(title, tone).classes("message-title").props('role="alert"')
            ui.button(
                say("download_faults", language),
                icon="download",
                on_click=lambda: ui.download.content(faults_csv(faults, language), "faults.csv", "text/csv"),
            ).props("outline no-caps")
        rows: list[list[html.Content]] = []
        for fault in sorted(faults, key=lambda fault: fault.severity)[:SHOWN]:
            kind, *rest = fault_row(fault, language)
            rows.append([html.Mark(kind, "bad" if fault.severity == "error" else "warn"), *rest])
        columns: list[tuple[str, html.Align]] = [(say(name, language), "left") for name in COLUMNS]
        shell.table(columns, rows)
        if len(faults) > SHOWN:
            ui.label(say("first_shown", language).format(n=SHOWN)).classes("quiet")
