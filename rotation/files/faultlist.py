"""Collects faults while a data set is read, so that all of them come back at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from rotation.faults import Fault, InputError
from rotation.files.codes import CODES
from rotation.words import Words

SHOWN = 80
"""Characters of a value that a fault shows."""


def shown(value: Any) -> Any:
    """A value as a fault carries it: short, printable, plain."""
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, int) or abs(value) < 10**20 else f"{str(value)[:SHOWN]}…"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list | tuple):
        return "[…]"
    text = str(value)[: SHOWN + 1].encode("utf-8", "backslashreplace").decode("utf-8")
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def words_of(code: str, details: dict[str, Any]) -> Words:
    """The code's advice with its blanks filled in."""
    says = CODES[code]
    return Words(says.zh.format_map(details), says.en.format_map(details)) if "{" in says.en else says


@dataclass(slots=True)
class FaultList:
    """All faults so far; ``raise_errors`` ends the reading if one of them is more than a warning."""

    faults: list[Fault] = field(default_factory=list)

    def add(
        self,
        code: str,
        table: str = "",
        row: int | str | None = None,
        column: str | None = None,
        value: Any = None,
        cell: str | None = None,
        severity: Literal["error", "warning"] = "error",
        **details: Any,
    ) -> None:
        self.faults.append(Fault(table, row, column, shown(value), code, words_of(code, details), cell, severity))

    @property
    def errors(self) -> bool:
        return any(fault.severity == "error" for fault in self.faults)

    def raise_errors(self) -> None:
        if self.errors:
            raise InputError(self.faults)
