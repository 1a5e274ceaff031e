"""A county as arrays: positions instead of ids, one row a school or a teacher, in the tables' order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rotation.county import County, Post_
from rotation.facts import Facts
from rotation.rules.frame import CellKey, Rule, Selector, cell_key
from rotation.rules.term import TermRule
from rotation.travel import EARTH_RADIUS_KM, between_km
from solver.eligible import eligible

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Numbers = NDArray[np.number[Any]]
Bools = NDArray[np.bool_]

NONE = -1
Made = TypeVar("Made")


@dataclass(frozen=True)
class CellMap:
    """``of[school, subject]`` is the position in ``keys`` of the cell that the pair falls into, or ``NONE``."""

    keys: tuple[CellKey, ...]
    of: NDArray[np.int32]

    def documents(self) -> list[dict[str, str]]:
        return [dict(key) for key in self.keys]


@dataclass(frozen=True)
class PairSet:
    """Some (teacher, host): the sorted keys teacher · S + host, and who has any."""

    keys: Ints
    anyone: Bools
    size: int

    @classmethod
    def of(cls, index: Index, teacher: Ints, host: Ints) -> PairSet:
        size = len(index.county.schools)
        anyone = np.zeros(len(index.county.teachers), dtype=bool)
        anyone[teacher] = True
        return cls(np.sort(teacher * size + host), anyone, size)

    def has(self, teacher: Ints, host: Ints) -> Bools:
        """(n,) which of the pairs are among them."""
        found = self.anyone[teacher]
        at = np.flatnonzero(found)
        if len(at):
            wanted = teacher[at].astype(np.int64) * self.size + host[at]
            found[at] = self.keys[np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)] == wanted
        return found


@dataclass(frozen=True)
class Points:
    """Places as parallel arrays in radians, for kilometres between many of them; NaN without coordinates."""

    lon: Floats
    lat: Floats
    cos_lat: Floats

    @classmethod
    def at(cls, lonlat: Floats) -> Points:
        lon, lat = np.ascontiguousarray(lonlat.T)
        return cls(lon, lat, np.cos(lat))


class Index:
    """Arrays over schools (S), teachers (T) and subjects (J) of one county under one policy."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.county: County = facts.county
        county = self.county
        self.school_at: Mapping[str, int] = {school.id: i for i, school in enumerate(county.schools)}
        self.teacher_at: Mapping[str, int] = {teacher.id: i for i, teacher in enumerate(county.teachers)}
        subjects = dict.fromkeys(post.subject for post in county.posts)
        subjects |= dict.fromkeys(subject for teacher in county.teachers for subject in teacher.subjects)
        self.subjects: tuple[str, ...] = tuple(subjects)
        self.subject_at: Mapping[str, int] = {subject: i for i, subject in enumerate(self.subjects)}

    # -- schools ----------------------------------------------------------------------------------------------------

    def selected(self, selector: Selector) -> Bools:
        """(S,) schools that ``selector`` selects; not to be written to."""
        if selector not in self._selected:
            found = np.array([selector.selects(school) for school in self.county.schools], dtype=bool)
            found.flags.writeable = False
            self._selected[selector] = found
        return self._selected[selector]

    @cached_property
    def _selected(self) -> dict[Selector, Bools]:
        return {}

    def covers(self, from_: Selector, to: Selector, teacher: Ints, host: Ints) -> Bools:
        """(n,) pairs whose home and host the selectors select."""
        homes, hosts = self.selected(from_), self.selected(to)
        if homes.all() and hosts.all():
            return np.broadcast_to(np.True_, len(teacher))
        return homes[self.home[teacher]] & hosts[host]

    def once(self, rule: Rule, made: Callable[[], Made]) -> Made:
        """What ``made`` gives for a rule, made once: pairs come in blocks."""
        if rule not in self._once:
            self._once[rule] = made()
        found: Made = self._once[rule]
        return found

    @cached_property
    def _once(self) -> dict[Rule, Any]:
        return {}

    @cached_property
    def is_rural(self) -> Bools:
        return np.array([school.is_rural for school in self.county.schools], dtype=bool)

    @cached_property
    def school_levels(self) -> Ints:
        """(S,) a bit for each level."""
        return np.array([_bits(school.levels, self._level_bit) for school in self.county.schools], dtype=np.int64)

    @cached_property
    def school_xyz(self) -> Floats:
        """(S, 3) points on the unit sphere; NaN without coordinates."""
        return _unit(self.school_lonlat)

    @cached_property
    def school_lonlat(self) -> Floats:
        """(S, 2) radians; NaN without coordinates."""
        return _radians([(school.lon, school.lat) for school in self.county.schools])

    @cached_property
    def school_point(self) -> Points:
        return Points.at(self.school_lonlat)

    def units(self, attribute: str) -> Ints:
        """(S,) position of each school's ``group`` or ``township``; ``NONE`` without one."""
        names = [getattr(school, attribute) for school in self.county.schools]
        at = {name: i for i, name in enumerate(dict.fromkeys(name for name in names if name is not None))}
        return np.array([at.get(name, NONE) for name in names], dtype=np.int64)

    def within_km(self, limit: float) -> Bools:
        """(S, S) schools at most ``limit`` km apart, great circle × detour; the same school is, no coordinates is not."""
        schools, detour = self.county.schools, self.facts.detour
        lon, lat = self.school_lonlat.T
        h = np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
        h += np.cos(lat)[:, None] * np.cos(lat)[None, :] * np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
        km = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(h))) * detour
        near: Bools = km <= limit
        # numpy and math may differ in the last digit: where that could matter, the checker's own number decides.
        for one, other in np.argwhere(np.abs(km - limit) < 1e-6):
            exact = between_km(schools[one], schools[other], detour)
            near[one, other] = exact is not None and exact <= limit
        np.fill_diagonal(near, True)
        return near

    # -- teachers ---------------------------------------------------------------------------------------------------

    @cached_property
    def home(self) -> Ints:
        return np.array([self.school_at[teacher.school] for teacher in self.county.teachers], dtype=np.int64)

    @cached_property
    def main(self) -> Ints:
        """(T,) main subject."""
        return np.array([self.subject_at[teacher.main_subject] for teacher in self.county.teachers], dtype=np.int64)

    @cached_property
    def running(self) -> Bools:
        """(T,) who is on a running term."""
        found = np.zeros(len(self.county.teachers), dtype=bool)
        found[[self.teacher_at[teacher] for teacher in self.county.running if teacher in self.teacher_at]] = True
        return found

    @cached_property
    def eligible(self) -> Bools:
        """(T,) who may move at all."""
        return eligible(self)

    @cached_property
    def teacher_levels(self) -> Ints:
        taught = [teacher.levels for teacher in self.county.teachers]
        bits = {levels: _bits(levels, self._level_bit) for levels in set(taught)}
        return np.array([bits[levels] for levels in taught], dtype=np.int64)

    @cached_property
    def backbone(self) -> Ints:
        """(T,) rank of the backbone title, 0 … 4."""
        return np.array([teacher.backbone_rank for teacher in self.county.teachers], dtype=np.int64)

    @cached_property
    def tenure(self) -> Ints:
        """(T,) years at the home school."""
        year = self.county.year
        return np.array([year - teacher.joined_year for teacher in self.county.teachers], dtype=np.int64)

    @cached_property
    def has_residence(self) -> Bools:
        return np.array([t.lon is not None and t.lat is not None for t in self.county.teachers], dtype=bool)

    @cached_property
    def teacher_lonlat(self) -> Floats:
        """(T, 2) radians of the residence, the home school's where none is given."""
        own = _radians([(teacher.lon, teacher.lat) for teacher in self.county.teachers])
        return np.where(self.has_residence[:, None], own, self.school_lonlat[self.home])

    @cached_property
    def teacher_point(self) -> Points:
        return Points.at(self.teacher_lonlat)

    @cached_property
    def teacher_xyz(self) -> Floats:
        """(T, 3) points on the unit sphere, as ``teacher_lonlat``."""
        return _unit(self.teacher_lonlat)

    @cached_property
    def teacher_max_km(self) -> Floats:
        """(T,) the teacher's own limit; inf without one."""
        limits = [np.inf if t.max_km is None else t.max_km for t in self.county.teachers]
        return np.array(limits, dtype=np.float64)

    @cached_property
    def has_max_km(self) -> bool:
        """Has any teacher a limit of their own?"""
        return bool(np.isfinite(self.teacher_max_km).any())

    def retiring(self, rule: TermRule, years: int) -> Bools:
        """(T,) who reaches the rule's retirement age before a term of ``years`` is over."""
        ages = (rule.retirement_age_female, rule.retirement_age_male)
        if (*ages, years) not in self._retiring:
            end, teachers = self.county.year + years, self.county.teachers
            found = np.zeros(len(teachers), dtype=bool)
            if ages != (None, None):
                found[:] = [rule.retires_before_end(teacher, end) for teacher in teachers]
            self._retiring[(*ages, years)] = found
        return self._retiring[(*ages, years)]

    @cached_property
    def _retiring(self) -> dict[tuple[int | None, int | None, int], Bools]:
        return {}

    @cached_property
    def teaches(self) -> Bools:
        """(T, J) who may teach what."""
        found = np.zeros((len(self.county.teachers), len(self.subjects)), dtype=bool)
        for t, teacher in enumerate(self.county.teachers):
            for subject in teacher.subjects:
                found[t, self.subject_at[subject]] = True
        return found

    # -- cells ------------------------------------------------------------------------------------------------------

    def cells(self, per: Iterable[str], where: Selector) -> CellMap:
        """The cells that ``per`` makes of the schools ``where`` selects, for every (school, subject)."""
        per = tuple(per)
        by_subject = "subject" in per
        keys: dict[CellKey, int] = {}
        of = np.full((len(self.county.schools), len(self.subjects)), NONE, dtype=np.int32)
        for s, school in enumerate(self.county.schools):
            if not where.selects(school):
                continue
            if by_subject:
                for j, subject in enumerate(self.subjects):
                    key = cell_key(per, school, subject)
                    of[s, j] = NONE if key is None else keys.setdefault(key, len(keys))
            else:
                key = cell_key(per, school)
                of[s, :] = NONE if key is None else keys.setdefault(key, len(keys))
        return CellMap(tuple(keys), of)

    @cached_property
    def post_at(self) -> Mapping[Post_, int]:
        return {(post.school, post.subject): i for i, post in enumerate(self.county.posts)}

    @cached_property
    def post_of(self) -> NDArray[np.int32]:
        """(S, J) position of the post, or ``NONE``."""
        of = np.full((len(self.county.schools), len(self.subjects)), NONE, dtype=np.int32)
        for i, post in enumerate(self.county.posts):
            of[self.school_at[post.school], self.subject_at[post.subject]] = i
        return of

    @cached_property
    def _level_bit(self) -> dict[str, int]:
        names: dict[str, None] = {}
        for school in self.county.schools:
            names |= dict.fromkeys(school.levels)
        for levels in dict.fromkeys(teacher.levels for teacher in self.county.teachers):
            names |= dict.fromkeys(levels)
        return {name: 1 << i for i, name in enumerate(names)}


def _bits(names: Iterable[str], bit: Mapping[str, int]) -> int:
    return sum(bit[name] for name in set(names))


def _radians(points: list[tuple[float | None, float | None]]) -> Floats:
    # None becomes NaN; a flat list is read several times as fast as a list of pairs.
    return np.radians(np.array([degrees for point in points for degrees in point], dtype=np.float64).reshape(-1, 2))


def _unit(points: Floats) -> Floats:
    lon, lat = points.T
    return np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=1)
