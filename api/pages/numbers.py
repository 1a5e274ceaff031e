"""Numbers as people read them: exact fractions become short decimals, shares become per cents."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any


def number(value: Any) -> Fraction | None:
    """A measured value of a rule report, from memory (int, Fraction) or from a plan file (float, ``"1/2"``)."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | Fraction):
        return Fraction(value)
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def show(value: Any, digits: int = 1) -> str:
    """12, 12.5, 1 234; an en dash for what is not known."""
    exact = number(value)
    if exact is None:
        return "–"
    text = f"{float(exact):,.{digits}f}".replace(",", "\u202f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(part: float | Fraction | None, digits: int = 0) -> str:
    """0.125 → 12.5 %; what is tiny but not nothing never shows as 0 %."""
    if part is None:
        return "–"
    size = abs(float(part))
    if 0 < size < 0.005 / 10**digits:
        digits = 3 if size >= 0.000005 else 5
    return f"{float(part) * 100:.{digits}f}\u202f%"


def share(part: int | Fraction, whole: int | Fraction) -> float | None:
    """part ÷ whole; None where there is no whole."""
    return float(Fraction(part) / Fraction(whole)) if whole else None


def median(values: Sequence[float]) -> float | None:
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
