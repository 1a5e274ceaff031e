"""What one cell says: raw value in, checked value out, for each kind of column."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from rotation.files.faultlist import FaultList
from rotation.files.sheets import Sheet
from rotation.files.tables import ID_LENGTH, NO, YES, Column

SEPARATORS = re.compile("[;；、,，]")
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,4})?")
_NOT_FINITE = frozenset({"nan", "inf", "+inf", "-inf", "infinity", "-infinity", "+infinity"})
_DATE = re.compile(r"(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,3}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_LINES = re.compile("[\t\n]")

WHAT = {
    "text": {"what": "text", "what_zh": "文本"},
    "list": {"what": "text, several separated by ;", "what_zh": "文本，多个用分号隔开"},
    "flag": {"what": "yes or no", "what_zh": "是或否"},
    "whole": {"what": "a whole number", "what_zh": "整数"},
    "number": {"what": "a number", "what_zh": "数"},
    "date": {"what": "a date such as 1980-03-05", "what_zh": "日期，如 1980-03-05"},
}


class Wrong(Exception):
    """A value that its column does not allow."""

    def __init__(self, code: str, **details: Any) -> None:
        self.code = code
        self.details = details


def _wrong_type(kind: str) -> Wrong:
    return Wrong("wrong_type", **WHAT[kind])


def _text(raw: Any, longest: int, *, lines: bool = False) -> str:
    """Trimmed text without control characters. A whole number typed into a text cell counts as its digits."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = str(int(raw))
    if not isinstance(raw, str):
        raise _wrong_type("text")
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip() if "\r" in raw else raw.strip()
    if len(text) > longest:
        raise Wrong("too_long", most=longest)
    if not text.isprintable() and (_CONTROL.search(text) or (not lines and _LINES.search(text))):
        raise Wrong("bad_characters")
    return text


def _id(column: Column, raw: Any, strict: bool) -> str:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raise Wrong("digits_lost" if abs(raw) >= 1e15 else "numeric_id")
    text = _text(raw, ID_LENGTH)
    if _SCIENTIFIC.fullmatch(text):
        raise Wrong("digits_lost")
    return text


def _plain_text(column: Column, raw: Any, strict: bool) -> str:
    if strict and not isinstance(raw, str):
        raise _wrong_type("text")
    text = _text(raw, column.longest, lines=column.name != "subject")
    if column.name == "subject" and SEPARATORS.search(text):
        raise Wrong("several_values")
    return text


def _items(column: Column, raw: Any, strict: bool) -> tuple[str, ...]:
    """Several texts, in their own order; a JSON array or one text with separators."""
    pieces = raw if isinstance(raw, list | tuple) else SEPARATORS.split(_text(raw, 2000))
    if isinstance(raw, list | tuple) and any(not isinstance(piece, str) for piece in pieces):
        raise _wrong_type("list")
    items = tuple(text for piece in pieces if (text := _text(piece, column.longest)))
    if sum(map(len, items)) + len(items) > 2000:
        raise Wrong("too_long", most=2000)
    if any(SEPARATORS.search(item) for item in items):
        raise Wrong("several_values")
    return items


def _choice_of(column: Column, text: str) -> str:
    value = column.words.get(text.lower())
    if value is None:
        labels = column.choices or {}
        raise Wrong(
            "unknown_choice",
            choices=", ".join(labels),
            choices_zh="、".join(f"{names[0]}（{value}）" for value, names in labels.items()),
        )
    return value


def _choice(column: Column, raw: Any, strict: bool) -> str:
    if strict and not isinstance(raw, str):
        raise _wrong_type("text")
    return _choice_of(column, _text(raw, 2000))


def _choices(column: Column, raw: Any, strict: bool) -> tuple[str, ...]:
    return tuple(_choice_of(column, item) for item in _items(column, raw, strict))


def _flag(column: Column, raw: Any, strict: bool) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, float) and not strict and raw in (0.0, 1.0):
        return raw == 1.0
    if isinstance(raw, str):
        text = raw.strip().lower()
        if text in YES or text in NO:
            return text in YES
    raise _wrong_type("flag")


def _within(column: Column, number: float) -> None:
    if not column.least <= number <= column.most:
        raise Wrong("out_of_range", least=column.least, most=column.most)


def _whole(column: Column, raw: Any, strict: bool) -> int:
    if isinstance(raw, str) and not strict:
        text = raw.strip().removesuffix("年")
        if text.lower() in _NOT_FINITE:
            raise Wrong("not_finite")
        if _WHOLE.fullmatch(text) is None:
            raise _wrong_type("whole")
        number = int(text.partition(".")[0])
    elif isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _wrong_type("whole")
    elif not math.isfinite(raw):
        raise Wrong("not_finite")
    elif raw != int(raw):
        raise _wrong_type("whole")
    else:
        number = int(raw)
    _within(column, number)
    return number


def _number(column: Column, raw: Any, strict: bool) -> float:
    if isinstance(raw, str) and not strict:
        text = raw.strip()
        if text.lower() in _NOT_FINITE:
            raise Wrong("not_finite")
        if _NUMBER.fullmatch(text) is None:
            raise _wrong_type("number")
        number = float(text)
    elif isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _wrong_type("number")
    else:
        # A JSON integer may be too long for a float; it is out of every range then.
        number = float(raw) if isinstance(raw, float) or abs(raw) < 10**300 else 1e300
    if not math.isfinite(number):
        raise Wrong("not_finite")
    _within(column, number)
    return number


def _date(column: Column, raw: Any, strict: bool) -> date:
    if isinstance(raw, datetime):
        found = raw.date()
    elif isinstance(raw, date):
        found = raw
    else:
        text = str(raw).strip() if isinstance(raw, str | float) and not (strict and isinstance(raw, float)) else ""
        match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
        if match is None:
            raise _wrong_type("date")
        groups = match.groups()
        try:
            found = date(int(groups[0]), int(groups[-2]), int(groups[-1]))
        except ValueError:
            raise _wrong_type("date") from None
    if not 1900 <= found.year <= 2200:
        raise Wrong("out_of_range", least="1900-01-01", most="2200-12-31")
    return found


_READERS: dict[str, Callable[[Column, Any, bool], Any]] = {
    "id": _id,
    "text": _plain_text,
    "list": _items,
    "choice": _choice,
    "choices": _choices,
    "flag": _flag,
    "whole": _whole,
    "number": _number,
    "date": _date,
}


def value_of(column: Column, raw: Any, strict: bool) -> Any:
    """The value that ``raw`` stands for; None where nothing is given; raises ``Wrong``."""
    if raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, list) and not raw):
        return None
    value = _READERS[column.kind](column, raw, strict)
    return None if value == "" or value == () else value


def read_column(sheet: Sheet, column: Column, faults: FaultList) -> list[Any]:
    """All values of a column, faults recorded.

    None stands for a required value that is missing or for one that is wrong; the others have their defaults. Equal
    texts are understood once: a county has few subjects and many teachers.
    """
    raws: Sequence[Any] | None = sheet.columns.get(column.name)
    if raws is None:
        return [column.default] * len(sheet.rows)
    known: dict[Any, Any]
    if set(map(type, raws)) <= {str}:
        keys = raws
        known = _plain_values(column, raws, sheet.strict) or _Understood(column, sheet.strict)
    else:
        keys = [_hashable(raw) for raw in raws]
        distinct = dict(zip(keys, raws, strict=True))
        known = {key: _understood(column, raw, sheet.strict) for key, raw in distinct.items()}
    values = list(map(known.__getitem__, keys))
    if Wrong in set(map(type, known.values())) or (
        column.is_list and any(_repeats(column, value) for value in known.values())
    ):
        values = [_reported(sheet, column, faults, *each) for each in zip(range(len(raws)), raws, values, strict=True)]
    for name, index in sheet.bad:
        if name == column.name:
            values[index] = None
    return values


class _Understood(dict[str, Any]):
    """Text → value or ``Wrong``; a text is understood when it is first looked up."""

    def __init__(self, column: Column, strict: bool) -> None:
        self.column = column
        self.strict = strict

    def __missing__(self, text: str) -> Any:
        self[text] = value = _understood(self.column, text, self.strict)
        return value


def _plain_values(column: Column, raws: Sequence[str], strict: bool) -> dict[Any, Any] | None:
    """Text → value of a column of plain ids, texts or numbers, all understood at once; None: look at each.

    These columns have a hundred thousand different values, nearly always without anything to trim or to refuse.
    """
    read = _PLAIN.get(column.kind)
    if read is None or (column.kind == "number" and strict):
        return None
    distinct = set(raws)
    texts = [text for text in distinct if text]
    if not texts or (column.required and len(texts) < len(distinct)):
        return None
    values = read(column, texts)
    return None if values is None else {"": column.default, **dict(zip(texts, values, strict=True))}


def _plain_ids(column: Column, texts: list[str]) -> list[str] | None:
    # A plus sign may be that of 3.7E+17, a long id that has lost its digits.
    return None if "+" in "".join(texts) else _trimmed(texts, ID_LENGTH)


def _plain_texts(column: Column, texts: list[str]) -> list[str] | None:
    return None if column.name == "subject" else _trimmed(texts, column.longest)


def _trimmed(texts: list[str], longest: int) -> list[str] | None:
    """The texts themselves, where all are printable, trimmed and short enough."""
    is_plain = max(map(len, texts)) <= longest and "".join(texts).isprintable()
    return texts if is_plain and list(map(str.strip, texts)) == texts else None


def _plain_numbers(column: Column, texts: list[str]) -> list[float] | None:
    if not _PLAIN_NUMBERS.fullmatch("".join(texts)) or max(map(len, texts)) > 40:
        return None
    try:
        numbers = list(map(float, texts))
    except ValueError:
        return None
    return numbers if column.least <= min(numbers) and max(numbers) <= column.most else None


_PLAIN_NUMBERS = re.compile("[0-9.-]*")
_PLAIN: dict[str, Callable[[Column, list[str]], Sequence[Any] | None]] = {
    "id": _plain_ids,
    "text": _plain_texts,
    "number": _plain_numbers,
}


def _repeats(column: Column, value: Any) -> bool:
    """Does a list name one thing twice?"""
    return bool(column.is_list and value and len(set(value)) < len(value))


def _hashable(raw: Any) -> Any:
    """A key that tells 1, 1.0 and True apart, and knows an array by its items."""
    if raw.__class__ is str:
        return raw
    if isinstance(raw, list | tuple) and all(item.__class__ is str for item in raw):
        return (list, tuple(raw))
    return (raw.__class__, id(raw) if isinstance(raw, list | tuple | dict) else raw)


def _reported(sheet: Sheet, column: Column, faults: FaultList, index: int, raw: Any, value: Any) -> Any:
    """The value, after its fault was recorded if it has one."""
    if value.__class__ is Wrong:
        if (column.name, index) not in sheet.bad:
            sheet.fault(faults, value.code, index, column.name, raw, **value.details)
        return None
    if _repeats(column, value):
        sheet.fault(faults, "repeated_item", index, column.name, raw, "warning")
        return tuple(dict.fromkeys(value))
    return value


def _understood(column: Column, raw: Any, strict: bool) -> Any:
    try:
        value = value_of(column, raw, strict)
    except Wrong as wrong:
        return wrong
    if value is None and column.required:
        return Wrong("missing_value")
    return column.default if value is None else value
