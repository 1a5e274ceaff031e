"""Reads a real school list (CSV; UTF-8, a BOM allowed, or GB18030) as schools and head counts.

| column (any one of) | becomes |
|---|---|
| ``id``, ``school_id`` ★ | ``id`` |
| ``name`` ★ | ``name`` |
| ``levels``, ``level`` ★ | ``levels``, several separated by ``;`` |
| ``lon``, ``lat`` ★ | degrees, WGS 84 |
| ``classes`` ★ | ``classes`` |
| ``pupils``, ``township``, ``parent``, ``sites``, ``group``, ``group_role``, ``weak``, ``strong`` | the same |
| ``teachers`` | how many teachers the school is home to; without it, by classes (``places.STAFF_PER_CLASS``) |
| ``county`` | selects the schools of one county |
| ``area``; else ``rural`` (0/1) and the last character of ``township`` | ``area``: rural = 1 → rural; else 区 區 市 街道 → urban, 镇 鎮 乡 鄉 → town |
| ``offshore_island`` | 1: the school is left out, a straight line over the sea is no distance |

Without a ``strong`` column a school is strong that is not rural and has at least 24 classes. ``weak`` is what the list says,
or comes from vacancies once there are teachers. Other columns (``remote_class``, ``classes_g1`` …) are not needed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rotation.county import AREAS, GROUP_ROLES, LEVELS, Group, School
from rotation.faults import Fault, InputError
from rotation.words import Words
from scenarios.generator.dice import Dice
from scenarios.generator.places import JUNIOR_STAFF_PER_CLASS, STAFF_PER_CLASS, pupils_for

STRONG_CLASSES = 24
ALIASES = {"school_id": "id", "level": "levels"}
REQUIRED = ("id", "name", "levels", "lon", "lat", "classes")
URBAN_ENDS, TOWN_ENDS = ("区", "區", "市", "街道"), ("镇", "鎮", "乡", "鄉")
YES = frozenset({"1", "yes", "y", "true", "是"})
MAX_BYTES = 64 * 1024 * 1024


@dataclass
class SchoolList:
    """``heads``: row for row with ``schools``, how many teachers each is home to."""

    name: str
    schools: list[School] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    groups: tuple[Group, ...] = ()

    @property
    def has_groups(self) -> bool:
        return bool(self.groups)


def read_school_list(path: Path, county: str | None, seed: int) -> SchoolList:
    """Schools of ``county`` (None: of the whole list). ``seed`` makes up pupils where none are given."""
    rows = _rows(path)
    counties = sorted({row["county"] for row in rows if row.get("county")})
    if county is not None and county not in counties:
        known = "、".join(counties)
        raise InputError(
            [
                Fault(
                    "schools",
                    None,
                    "county",
                    county,
                    "unknown_county",
                    Words(
                        f"名单中没有“{county}”。可选:{known or '(无 county 列)'}。",
                        f"The list has no county {county!r}. There are: {known or 'none (no column county)'}.",
                    ),
                )
            ]
        )
    many = county is None and len(counties) > 1
    found = SchoolList(county or (counties[0] if len(counties) == 1 else path.stem))
    reader = _Reader(many, Dice(seed, room=7))
    for number, row in enumerate(rows, 1):
        if (county is None or row.get("county") == county) and row.get("offshore_island", "").lower() not in YES:
            school = reader.school(number, row)
            heads = reader.heads(number, row, school)
            if school is not None:
                found.schools.append(school)
                found.heads.append(heads)
    if not found.schools and not reader.faults:
        reader.fault(
            None, None, None, "empty_table", "名单中没有可用的学校。", "The list has no school that can be used."
        )
    if reader.faults:
        raise InputError(reader.faults)
    found.groups = tuple(Group(key, key) for key in dict.fromkeys(s.group for s in found.schools) if key is not None)
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    """The table's rows under canonical headings, values stripped."""
    text = None
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            [_file_fault(path, "unreadable_file", "文件无法读取。", f"Cannot read: {error.strerror}.")]
        ) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\0" in text or len(raw) > MAX_BYTES:
        raise InputError(
            [
                _file_fault(
                    path,
                    "unreadable_file",
                    "请用 UTF-8 或 GB18030 编码的 CSV 文件(不超过 64 MB)。",
                    "Give a CSV file in UTF-8 or GB18030, at most 64 MB.",
                )
            ]
        )
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(
            [_file_fault(path, "unreadable_file", "CSV 格式有误。", f"Not a well-formed CSV: {error}.")]
        ) from None
    heads = [ALIASES.get(head.strip().lower(), head.strip().lower()) for head in table[0]] if table else []
    missing = [name for name in REQUIRED if name not in heads]
    if missing:
        raise InputError(
            Fault("schools", None, name, None, "missing_column", Words(f"缺少列 {name}。", f"Add the column {name}."))
            for name in missing
        )
    return [dict(zip(heads, (value.strip() for value in row), strict=False)) for row in table[1:] if any(row)]


def _file_fault(path: Path, code: str, zh: str, en: str) -> Fault:
    return Fault("schools", None, None, str(path), code, Words(zh, en))


class _Reader:
    """Row by row, collecting every fault."""

    def __init__(self, many: bool, dice: Dice) -> None:
        self.many = many
        self.dice = dice
        self.faults: list[Fault] = []
        self.seen: set[str] = set()

    def fault(self, row: int | None, column: str | None, value: object, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault("schools", row, column, value, code, Words(zh, en)))

    def school(self, number: int, row: Mapping[str, str]) -> School | None:
        before = len(self.faults)
        for column in ("id", "name"):
            if not row.get(column):
                self.fault(number, column, None, "missing_value", "请填写。", "Fill this in.")
        if row.get("id", "") in self.seen:
            self.fault(number, "id", row["id"], "duplicate_id", "编号重复。", "This id occurs twice.")
        self.seen.add(row.get("id", ""))
        levels = tuple(
            part.strip()
            for part in row.get("levels", "").replace("；", ";").replace("、", ";").split(";")
            if part.strip()
        )
        if not levels or any(level not in LEVELS for level in levels):
            self.fault(
                number,
                "levels",
                row.get("levels"),
                "unknown_value",
                f"应为 {'、'.join(LEVELS)}。",
                f"One of {', '.join(LEVELS)}.",
            )
        lon, lat = self._number(number, row, "lon", 180), self._number(number, row, "lat", 90)
        classes = self.whole(number, row, "classes", 1)
        pupils = self.whole(number, row, "pupils", 0) if row.get("pupils") else None
        sites = self.whole(number, row, "sites", 0) or 0 if row.get("sites") else 0
        area = self._area(number, row)
        role = row.get("group_role") or None
        if role is not None and role not in GROUP_ROLES:
            self.fault(number, "group_role", role, "unknown_value", "应为 core 或 member。", "Either core or member.")
        if len(self.faults) > before or lon is None or lat is None or classes is None:
            return None
        township = row.get("township") or None
        if township and self.many and row.get("county"):
            township = row["county"] + township
        strong = (
            row["strong"].lower() in YES
            if row.get("strong")
            else area not in ("rural", "teaching_point") and classes >= STRONG_CLASSES
        )
        return School(
            row["id"], row["name"], levels, area, township, row.get("group") or None, role,
            weak=row.get("weak", "").lower() in YES, strong=strong, parent=row.get("parent") or None,
            sites=sites,
            lon=lon, lat=lat, classes=classes,
            pupils=pupils if pupils is not None else pupils_for(self.dice, area, classes),
        )  # fmt: skip

    def heads(self, number: int, row: Mapping[str, str], school: School | None) -> int:
        if row.get("teachers"):
            return self.whole(number, row, "teachers", 1) or 1
        if school is None:
            return 1
        per_class = JUNIOR_STAFF_PER_CLASS if school.levels == ("junior",) else STAFF_PER_CLASS[school.area]
        return max(1, (school.classes or 1) * per_class // 10)

    def whole(self, number: int, row: Mapping[str, str], column: str, least: int) -> int | None:
        text = row.get(column, "")
        if text.isascii() and text.isdecimal() and least <= int(text[:9]) <= 100_000:
            return int(text)
        self.fault(
            number, column, text, "out_of_range", f"应为不小于 {least} 的整数。", f"A whole number of at least {least}."
        )
        return None

    def _number(self, number: int, row: Mapping[str, str], column: str, most: float) -> float | None:
        try:
            value = float(row.get(column, ""))
        except ValueError:
            value = float("nan")
        if -most <= value <= most:
            return round(value, 6)
        self.fault(
            number, column, row.get(column), "out_of_range", f"应为 ±{most} 之间的度数。", f"Degrees within ±{most}."
        )
        return None

    def _area(self, number: int, row: Mapping[str, str]) -> str:
        area = row.get("area", "")
        if area:
            if area not in AREAS:
                self.fault(
                    number, "area", area, "unknown_value", f"应为 {'、'.join(AREAS)}。", f"One of {', '.join(AREAS)}."
                )
            return area
        if row.get("rural", "").lower() in YES:
            return "rural"
        return "urban" if row.get("township", "").endswith(URBAN_ENDS) else "town"
