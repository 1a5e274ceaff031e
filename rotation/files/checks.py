"""What rows say of each other: ids, references, and figures that cannot all be true.

Every check is one function over the values that were understood; a value that is missing or wrong is None there and was
reported before, so the checks step over it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rotation.files.faultlist import FaultList
from rotation.files.sheets import Sheet
from rotation.files.tables import TABLE


@dataclass(slots=True)
class Rows:
    """A table's understood values: column name → values, in step with ``sheet.rows``."""

    sheet: Sheet
    columns: dict[str, list[Any]]

    def __len__(self) -> int:
        return len(self.sheet.rows)

    def each(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """(index, values…) of every row."""
        return zip(range(len(self)), *(self.columns[name] for name in names), strict=True)

    @property
    def ids(self) -> set[Any]:
        return set(self.columns["id"]) - {None}


@dataclass(slots=True)
class Draft:
    """A data set while it is checked."""

    tables: Mapping[str, Rows]
    year: int | None
    faults: FaultList
    lost: frozenset[str] = frozenset()
    """Tables that could not be read at all: nobody knows which ids they have."""
    ids: dict[str, set[Any]] = field(init=False)
    homes: dict[Any, Any] = field(init=False)
    """Teacher id → home school id."""

    def __post_init__(self) -> None:
        self.ids = {name: self.tables[name].ids for name in ("schools", "groups", "teachers")}
        teachers = self.tables["teachers"].columns
        self.homes = dict(zip(teachers["id"], teachers["school"], strict=True))


def check(draft: Draft) -> None:
    """Run every check."""
    for each in CHECKS:
        each(draft)


def keys_are_unique(draft: Draft) -> None:
    for name, rows in draft.tables.items():
        key = TABLE[name].key
        if len(set(zip(*(rows.columns[column] for column in key), strict=True))) == len(rows):
            continue
        optional = {column.name for column in TABLE[name].columns if not column.required}
        seen: dict[tuple[Any, ...], int] = {}
        for index, *values in rows.each(*key):
            if any(value is None and column not in optional for column, value in zip(key, values, strict=True)):
                continue
            first = seen.setdefault(tuple(values), index)
            if first == index:
                continue
            other = rows.sheet.rows[first]
            if key == ("id",):
                rows.sheet.fault(draft.faults, "duplicate_id", index, "id", values[0], other=other)
            else:
                text = ", ".join(key)
                rows.sheet.fault(draft.faults, "duplicate_row", index, key[0], values[0], other=other, key=text)


def references_exist(draft: Draft) -> None:
    for name, rows in draft.tables.items():
        for column in TABLE[name].columns:
            if not column.refers or draft.lost.intersection(column.refers):
                continue
            values = rows.columns[column.name]
            unknown = set(values).difference({None}, *(draft.ids[table] for table in column.refers))
            for index, value in enumerate(values if unknown else ()):
                if value in unknown:
                    rows.sheet.fault(
                        draft.faults, "unknown_reference", index, column.name, value,
                        tables=" / ".join(column.refers),
                        tables_zh="、".join(TABLE[table].zh for table in column.refers),
                    )  # fmt: skip
    rows = draft.tables["travel"]
    for index, origin in rows.each("origin"):
        if origin in draft.ids["schools"] and origin in draft.ids["teachers"]:
            rows.sheet.fault(draft.faults, "ambiguous_origin", index, "origin", origin)


def coordinates(draft: Draft) -> None:
    """Both or neither, on the map, and not exchanged."""
    for rows in (draft.tables["schools"], draft.tables["teachers"]):
        if _all_on_the_map(rows.columns["lon"], rows.columns["lat"]):
            continue
        for index, lon, lat in rows.each("lon", "lat"):
            if lon is None and lat is None:
                continue
            if lat is not None and abs(lat) > 90:
                code = "lat_lon_swapped" if lon is not None and abs(lon) <= 90 else "out_of_range"
                rows.sheet.fault(draft.faults, code, index, "lat", lat, least=-90, most=90)
            elif lon is None or lat is None:
                column = "lon" if lon is None else "lat"
                if not _given(rows.sheet, column, index):
                    rows.sheet.fault(draft.faults, "half_coordinates", index, column)
            elif lat >= 73 and 3 <= lon <= 54:
                # No school lies so far north; the place exchanged lies in the west of China.
                rows.sheet.fault(draft.faults, "lat_lon_swapped", index, "lat", lat)
            elif lon == 0 and lat == 0:
                rows.sheet.fault(draft.faults, "zero_coordinates", index, "lon", 0, "warning")


def _all_on_the_map(lons: list[float | None], lats: list[float | None]) -> bool:
    """Is every row without coordinates, or with two that nothing below could object to?"""
    if [lon is None for lon in lons] != [lat is None for lat in lats]:
        return False
    given = [lat for lat in lats if lat is not None]
    return not given or (min(given) >= -90 and max(given) < 73 and 0 not in given)


def capacities(draft: Draft) -> None:
    rows = draft.tables["posts"]
    for index, required, capacity in rows.each("required", "capacity"):
        if required is not None and capacity is not None and required > capacity:
            rows.sheet.fault(draft.faults, "required_over_capacity", index, "required", required)


def groups(draft: Draft) -> None:
    rows = draft.tables["schools"]
    cores: dict[str, int] = {}
    for index, group, role in rows.each("group", "group_role"):
        if role is not None and group is None and not _given(rows.sheet, "group", index):
            rows.sheet.fault(draft.faults, "role_without_group", index, "group_role", role, "warning")
        if role == "core" and group is not None:
            first = cores.setdefault(group, index)
            if first != index:
                other = rows.sheet.rows[first]
                rows.sheet.fault(draft.faults, "several_cores", index, "group_role", role, "warning", other=other)


def parents(draft: Draft) -> None:
    """No school is its own centre school, not even by a detour."""
    rows = draft.tables["schools"]
    parent_of = {key: parent for _, key, parent in rows.each("id", "parent") if key is not None}
    in_ring: set[Any] = set()
    done: set[Any] = set()
    for start in parent_of:
        path: dict[Any, None] = {}
        here = start
        while here is not None and here not in done:
            if here in path:
                way = list(path)
                in_ring.update(way[way.index(here) :])
                break
            path[here] = None
            here = parent_of.get(here)
        done.update(path)
    for index, key, parent in rows.each("id", "parent"):
        if parent is not None and parent == key:
            rows.sheet.fault(draft.faults, "self_reference", index, "parent", parent)
        elif parent is not None and key in in_ring:
            rows.sheet.fault(draft.faults, "parent_cycle", index, "parent", parent)


def years_of_life(draft: Draft) -> None:
    """Nobody teaches before birth, nor after the year that the data speak of."""
    rows = draft.tables["teachers"]
    dated = ("teaching_since", "joined_year", "last_rotation_end")
    doubtful = _doubtful(draft, rows, dated)
    for index, birth, *years in rows.each("birth_date", *dated) if doubtful else ():
        if index not in doubtful:
            continue
        for column, value in zip(dated, years, strict=True):
            if value is None:
                continue
            if birth is not None and value <= birth.year:
                rows.sheet.fault(draft.faults, "before_birth", index, column, value)
            elif draft.year is not None and value > draft.year:
                rows.sheet.fault(draft.faults, "after_year", index, column, value, year=draft.year)
        if birth is not None and draft.year is not None and birth.year >= draft.year:
            rows.sheet.fault(draft.faults, "after_year", index, "birth_date", birth, year=draft.year)


def _doubtful(draft: Draft, rows: Rows, dated: tuple[str, ...]) -> set[int]:
    """Rows with a year that is not between birth and the data set's: a column at a time, as there are many rows."""
    latest = math.inf if draft.year is None else draft.year
    births = [-math.inf if birth is None else birth.year for birth in rows.columns["birth_date"]]
    found = {index for index, born in enumerate(births) if born >= latest}
    for name in dated:
        years = zip(births, rows.columns[name], strict=True)
        found.update(i for i, (born, year) in enumerate(years) if year is not None and not born < year <= latest)
    return found


def spouses(draft: Draft) -> None:
    rows = draft.tables["teachers"]
    spouse_of = dict(zip(rows.columns["id"], rows.columns["spouse"], strict=True))
    spouse_of.pop(None, None)
    for index, key, spouse in rows.each("id", "spouse"):
        if spouse is None or key is None:
            continue
        if spouse == key:
            rows.sheet.fault(draft.faults, "self_reference", index, "spouse", spouse)
        elif spouse in spouse_of and spouse_of[spouse] is None:
            # One of the two said so, and that is enough: they count as a couple.
            rows.sheet.fault(draft.faults, "spouse_one_sided", index, "spouse", spouse, "warning")
        elif spouse in spouse_of and spouse_of[spouse] != key:
            rows.sheet.fault(draft.faults, "spouse_not_mutual", index, "spouse", spouse)


def terms(draft: Draft) -> None:
    """Terms have begun, lead away from home, and no teacher is in two at once (the rows of a circuit are one)."""
    rows = draft.tables["terms"]
    spans: dict[str, list[tuple[int, int, int, tuple[Any, ...]]]] = defaultdict(list)
    for index, teacher, host, subject, start, years, mode in rows.each(
        "teacher", "host", "subject", "start_year", "years", "mode"
    ):
        if start is not None and draft.year is not None and start >= draft.year:
            rows.sheet.fault(draft.faults, "term_not_started", index, "start_year", start, year=draft.year)
        if host is not None and draft.homes.get(teacher) == host and mode != "itinerant":
            rows.sheet.fault(draft.faults, "home_is_host", index, "host", host)
        if None not in (teacher, host, start, years):
            circuit = (start, years, subject) if mode == "itinerant" else (index,)
            spans[teacher].append((start, start + years, index, circuit))
    for listed in spans.values():
        if len(listed) > 1:
            _overlaps(draft, rows, sorted(listed, key=lambda span: span[:3]))


def _overlaps(draft: Draft, rows: Rows, spans: list[tuple[int, int, int, tuple[Any, ...]]]) -> None:
    latest = spans[0]
    keys = rows.columns["start_year"], rows.columns["host"]
    for span in spans[1:]:
        start, end, index, circuit = span
        same_row = all(column[index] == column[latest[2]] for column in keys)  # reported as a duplicate
        if start < latest[1] and circuit != latest[3] and not same_row:
            other = rows.sheet.rows[latest[2]]
            rows.sheet.fault(draft.faults, "terms_overlap", index, "start_year", start, other=other)
        if end > latest[1]:
            latest = span


def wishes(draft: Draft) -> None:
    rows = draft.tables["preferences"]
    for index, teacher, host in rows.each("teacher", "host"):
        if host is not None and draft.homes.get(teacher) == host:
            rows.sheet.fault(draft.faults, "home_is_host", index, "host", host, "warning")


def decisions(draft: Draft) -> None:
    """The office's words about one teacher agree: at most one host required, and none of what is required forbidden."""
    rows = draft.tables["decisions"]
    required: dict[str, dict[str | None, int]] = defaultdict(dict)
    listed = [row for row in rows.each("teacher", "kind", "host") if row[1] is not None and row[2] is not None]
    listed = [row for row in listed if row[3] is not None or not _given(rows.sheet, "host", row[0])]
    for index, teacher, kind, host in listed:
        if kind == "require":
            if host is not None and draft.homes.get(teacher) == host:
                rows.sheet.fault(draft.faults, "home_is_host", index, "host", host)
            clash = next((i for h, i in required[teacher].items() if None not in (h, host) and h != host), None)
            if clash is not None:
                _contradiction(draft, rows, index, clash)
            required[teacher].setdefault(host, index)
    for index, teacher, kind, host in listed:
        if kind == "forbid":
            wanted = required[teacher]
            clash = next(iter(wanted.values()), None) if host is None else wanted.get(host)
            if clash is not None:
                _contradiction(draft, rows, index, clash)


def _contradiction(draft: Draft, rows: Rows, index: int, other: int) -> None:
    kind = rows.columns["kind"][index]
    rows.sheet.fault(draft.faults, "decisions_contradict", index, "kind", kind, other=rows.sheet.rows[other])


def _given(sheet: Sheet, column: str, index: int) -> bool:
    """Was anything written there, be it wrong?"""
    raw = sheet.columns.get(column)
    return (column, index) in sheet.bad or (raw is not None and bool(str(raw[index] or "").strip()))


CHECKS: tuple[Callable[[Draft], None], ...] = (
    keys_are_unique,
    references_exist,
    coordinates,
    capacities,
    groups,
    parents,
    years_of_life,
    spouses,
    terms,
    wishes,
    decisions,
)
