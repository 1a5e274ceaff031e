"""What a policy document holds before any rule reads it: text that every file can hold, numbers of this world."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rotation.faults import Fault
from rotation.words import Words

MOST = 10**12
"""No count, distance or sum of money is larger: beyond it solvers lose their footing."""
LONGEST = 10_000
"""Characters of one text: a workbook's cell holds little more."""

Oddity = tuple[tuple[str | int, ...], object, str, Words]
"""Path, value, code and advice of one value that no policy may have."""


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For ``json.loads``: an object whose keys differ. Raises ValueError, as TOML's reader does."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} is given twice")
        found[key] = value
    return found


def tidied(document: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """A copy whose whole numbers are whole (2.0 is 2), without the values that no policy may have: those are faults."""
    odd: list[Oddity] = []
    try:
        found = {str(key): _tidy(value, (str(key),), odd) for key, value in document.items()}
    except RecursionError:
        advice = Words("层次过深", "nested too deeply")
        faults.append(Fault("policy", None, None, None, "too_deep", advice))
        return {}
    faults += [_fault(document, *each) for each in odd]
    return found


def whole(value: Any) -> Any:
    """The same document, its whole numbers without a point: 1.0 is 1, so that every program writes, and hashes, the same."""
    if isinstance(value, Mapping):
        return {key: whole(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _tidy(value: Any, path: tuple[str | int, ...], odd: list[Oddity]) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _tidy(part, (*path, str(key)), odd) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(part, (*path, place), odd) for place, part in enumerate(value)]
    if isinstance(value, str):
        for code, advice in _of_text(value):
            odd.append((path, None, code, advice))
            return value.encode("utf-8", "replace").decode()[:LONGEST]
    elif _is_number(value) and MOST < abs(value) < math.inf:
        odd.append((path, None, "out_of_range", Words(f"不得超过 {MOST:g}", f"at most {MOST:g}")))
        return MOST if value > 0 else -MOST
    return whole(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_text(text: str) -> Iterator[tuple[str, Words]]:
    if len(text) > LONGEST:
        yield "too_long", Words(f"最多 {LONGEST} 个字符", f"at most {LONGEST} characters")
    if any((letter < " " and letter not in "\t\r\n") or "\ud800" <= letter <= "\udfff" for letter in text):
        yield "bad_characters", Words("含有不能写入文件的字符", "has characters that no file can hold")


def _fault(document: Mapping[str, Any], path: tuple[str | int, ...], value: object, code: str, advice: Words) -> Fault:
    listed, place, *rest = (*path, None)
    if not isinstance(place, int):
        return Fault("policy", None, _dotted(path), value, code, advice)
    kind = "rule" if listed == "rules" else "objective"
    entry = document[str(listed)][place]
    name = entry.get("id") or entry.get(kind) if isinstance(entry, Mapping) and kind == "rule" else None
    row = str(name or f"{listed} {place + 1}").encode("utf-8", "replace").decode()[:64]
    return Fault("policy", row, _dotted(rest) or None, value, code, advice)


def _dotted(path: Iterable[str | int | None]) -> str:
    text = ".".join(str(part) for part in path if part is not None)
    return text.encode("utf-8", "replace").decode()[:200]
