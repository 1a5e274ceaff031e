"""What a benchmark case is: where its data come from, under which policy, how long, how exact."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import cos, isqrt, radians
from pathlib import Path
from typing import Any

from rotation.county import County, School
from rotation.faults import Fault, InputError
from rotation.policy import read_document
from rotation.words import Words
from scenarios.generate import county_for_schools, populated, synthetic_county
from scenarios.generator.grouping import with_groups
from scenarios.generator.places import made_up_places

POLICIES = Path(__file__).parent / "policies"


@dataclass(frozen=True)
class MadeUp:
    """A made-up county of so many schools and teachers; with more than one district, a city of such counties side by side.

    A county of 2 000 schools around one centre would have hundreds of schools within 30 km of each teacher; real cities of
    that size have many centres.
    """

    schools: int
    teachers: int
    seed: int
    districts: int = 1

    def county(self) -> County:
        name = f"{self.schools}/{self.teachers}"
        if self.districts == 1:
            return synthetic_county(self.schools, self.teachers, self.seed, name=name)
        return city(self.schools, self.teachers, self.districts, self.seed, name)


@dataclass(frozen=True)
class Listed:
    """Made-up teachers for the real schools of one county of a list; ``only`` None: all of them, each county apart."""

    path: Path
    only: str | None
    seed: int

    def county(self) -> County:
        made = county_for_schools(self.path, self.seed, county=self.only)
        if self.only is not None:
            return made
        counties = counties_of(self.path)
        return replace(made, schools=tuple(replace(school, township=counties[school.id]) for school in made.schools))


@dataclass(frozen=True)
class Published:
    """A generalized assignment instance in OR-Library's format, zipped, and its published bounds."""

    path: Path
    lower: int
    upper: int


Source = MadeUp | Listed | Published


@dataclass(frozen=True)
class Case:
    """``policy``: a file in ``policies/``, a preset, or the policy itself. ``spend_share``: the budget's amount as a share of
    what a plan without a budget spends. ``seconds``: the limit of each run, of a peer's so many ``times``; ``gap``: when a
    tier counts as proved. ``baseline``: there is a plan to stay close to, of this share of all teachers, drawn by ``seed``.
    """

    suite: str
    name: str
    source: Source
    policy: str | Mapping[str, Any] = ""
    spend_share: float | None = None
    seconds: float = 120.0
    gap: float = 1e-4
    seed: int = 1
    times: float = 1.0
    baseline: float = 0.0

    @property
    def key(self) -> str:
        """Names the case among all results."""
        return f"{self.suite}/{self.name}"

    def policy_document(self) -> dict[str, Any]:
        if not isinstance(self.policy, str):
            return dict(self.policy)
        own = POLICIES / f"{self.policy}.toml"
        return read_document(own if own.is_file() else self.policy)


APART_KM = 60.0
KM_PER_DEGREE = 111.195
CORNER = (30.0, 108.0)
"""Latitude and longitude of a made-up city's corner."""


def city(schools: int, teachers: int, districts: int, seed: int, name: str) -> County:
    """``districts`` centres on a grid, ``APART_KM`` from each other, each with its share of schools and teachers."""
    across = isqrt(districts - 1) + 1
    everywhere: list[School] = []
    heads: list[int] = []
    for number in range(districts):
        own = [total * (number + 1) // districts - total * number // districts for total in (schools, teachers)]
        places = made_up_places(own[0], own[1], seed * 1000 + number)
        everywhere += _placed(places.schools, f"D{number}-", *(APART_KM * step for step in divmod(number, across)))
        heads += places.heads
    grouped, groups = with_groups(everywhere)
    return populated(grouped, heads, groups, seed, name=name)


def _placed(schools: tuple[School, ...], prefix: str, north: float, east: float) -> list[School]:
    """A district's schools with its own ids and townships, their middle ``north`` and ``east`` km of the city's corner."""
    points = [(school.lat or 0.0, school.lon or 0.0) for school in schools]
    middle = [sum(values) / len(points) for values in zip(*points, strict=True)]
    narrow = cos(radians(middle[0])) / cos(radians(CORNER[0] + north / KM_PER_DEGREE))
    return [
        replace(
            school,
            id=prefix + school.id,
            township=None if school.township is None else prefix + school.township,
            parent=None if school.parent is None else prefix + school.parent,
            lat=round(CORNER[0] + north / KM_PER_DEGREE + lat - middle[0], 6),
            lon=round(CORNER[1] + (east / KM_PER_DEGREE / cos(radians(CORNER[0])) + (lon - middle[1]) * narrow), 6),
        )
        for school, (lat, lon) in zip(schools, points, strict=True)
    ]


def counties_of(path: Path) -> dict[str, str]:
    """School id → county of a school list, islands left out as ``scenarios`` leaves them out. Raises InputError where the list
    cannot be read or has no counties.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([_fault(path, "unreadable", f"无法读取: {error}", f"cannot be read: {error}")]) from error
    rows = [row for row in rows if row.get("offshore_island", "").strip() in ("", "0")]
    found = {row.get("school_id") or row.get("id") or "": row.get("county") or "" for row in rows}
    if not found or not all(found.values()):
        raise InputError([_fault(path, "missing_column", "缺少 county 列", "has no column `county`")])
    return found


def _fault(path: Path, code: str, zh: str, en: str) -> Fault:
    return Fault("schools", None, None, str(path), code, Words(f"学校名单 {path} {zh}", f"the school list {path} {en}"))
