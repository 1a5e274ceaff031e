"""Twin of ``rotation.travel``: kilometres and minutes of many pairs at once, as the travel table or the great circle says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from rotation.travel import EARTH_RADIUS_KM
from solver.index import Bools, Floats, Index, Ints


class KnownWays:
    """The travel table, by residence (teacher) and by home school: sorted keys origin · S + host, with km and minutes."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.size = len(index.county.schools)
        self.from_school = self._table(index.school_at)
        self.from_teacher = self._table(index.teacher_at)

    def _table(self, origin_at: Mapping[str, int]) -> tuple[Ints, Floats, Floats]:
        at = self.index.school_at
        ways = {
            origin_at[way.origin] * self.size + at[way.host]: way
            for way in self.index.county.travel
            if way.origin in origin_at
        }
        keys = sorted(ways)
        km = [ways[key].km for key in keys]
        minutes = [np.nan if (value := ways[key].minutes) is None else value for key in keys]
        return np.array(keys, dtype=np.int64), np.array(km, dtype=np.float64), np.array(minutes, dtype=np.float64)

    @property
    def ways_given(self) -> bool:
        return bool(len(self.from_school[0]) or len(self.from_teacher[0]))

    @cached_property
    def _by_school(self) -> Bools:
        """(S, S) where a home school's entry speaks of a host."""
        found = np.zeros(self.size * self.size, dtype=bool)
        found[self.from_school[0]] = True
        return found.reshape(self.size, self.size)

    def let_pass(self, near: Bools, teachers: Ints) -> None:
        """Mark in ``near`` (len(teachers), S) the pairs that an entry speaks of; ``teachers`` ascend."""
        if len(self.from_school[0]):
            near |= self._by_school[self.index.home[teachers]] & ~self.index.has_residence[teachers, None]
        if len(self.from_teacher[0]):
            origin, host = np.divmod(self.from_teacher[0], self.size)
            first, last = np.searchsorted(teachers, origin), np.searchsorted(teachers, origin, side="right")
            for shift in range(int((last - first).max())):
                there = first + shift < last
                near[first[there] + shift, host[there]] = True

    def tell(self, teacher: Ints, host: Ints, km: Floats, minutes: Floats) -> None:
        """Write what the table knows of the pairs over ``km`` and ``minutes``."""
        if len(self.from_school[0]):
            at = np.flatnonzero(~self.index.has_residence[teacher])
            self._look_up(self.from_school, self.index.home[teacher[at]], host[at], at, km, minutes)
        if len(self.from_teacher[0]):
            self._look_up(self.from_teacher, teacher, host, np.arange(len(teacher)), km, minutes)

    def _look_up(
        self, table: tuple[Ints, Floats, Floats], origin: Ints, host: Ints, at: Ints, km: Floats, minutes: Floats
    ) -> None:
        """Write the table's entries for (origin, host) to the places ``at``."""
        keys, known_km, known_minutes = table
        wanted = origin.astype(np.int64) * self.size + host
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = keys[place] == wanted
        km[at[found]], minutes[at[found]] = known_km[place[found]], known_minutes[place[found]]


def ways_between(index: Index, teacher: Ints, host: Ints) -> tuple[Floats, Floats]:
    """(km, minutes) of pairs of positions; NaN where unknown."""
    return ways(index, KnownWays(index), teacher, host)


def ways(index: Index, known: KnownWays, teacher: Ints, host: Ints) -> tuple[Floats, Floats]:
    """(km, minutes) of pairs, as ``rotation.travel.way`` says; NaN where unknown."""
    here, there = index.teacher_point, index.school_point
    h = _half_sine(there.lat[host], here.lat[teacher])
    other = _half_sine(there.lon[host], here.lon[teacher])
    other *= here.cos_lat[teacher] * there.cos_lat[host]
    h += other
    km = np.arcsin(np.minimum(1.0, np.sqrt(h, out=h), out=h), out=h)
    km *= 2 * EARTH_RADIUS_KM
    km *= index.facts.detour
    minutes = np.full(len(km), np.nan)
    known.tell(teacher, host, km, minutes)
    return km, minutes


def _half_sine(one: Floats, other: Floats) -> Floats:
    """sin² of half the difference; ``one`` is written over."""
    one -= other
    one /= 2
    np.sin(one, out=one)
    return np.square(one, out=one)
