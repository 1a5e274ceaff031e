"""A fault: one thing wrong with the input, where it is and what to do about it. All come back at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from rotation.words import Words


@dataclass(frozen=True, slots=True)
class Fault:
    """``row`` is the row's number (1 = first data row) or its key; ``cell`` the sheet and address in a workbook."""

    table: str
    row: int | str | None
    column: str | None
    value: Any
    code: str
    advice: Words
    cell: str | None = None
    severity: Literal["error", "warning"] = "error"


class InputError(Exception):
    """Bad input, with every fault that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} fault(s): {', '.join(sorted({f.code for f in self.faults}))}")
