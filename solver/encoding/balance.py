"""The objective ``balance``: Σ over schools of |100·b/p − 100·B/P|, b backbone teachers at p pupils, B and P their level's sums.

For a known B a school's term is convex in b, and b is whole (a whole number of 1/unit of a teacher): three columns a
school carry it exactly, one for each slope: below the cell that the mean falls in, within it, above it. So the LP has no gap of
its own. Where teachers may cross levels B is a column as well, and a school's helper is at least ± its deviation: as true,
but the LP, whose b need not be whole, takes every school to lie on the mean. What whole b deviate at least is known for each
B, schools apart (a sum of convex functions of given total: the steepest first), and the lower convex hull of that over all B
is a few rows more. Such a B is a pivot: plans come from programs where it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rotation.county import BACKBONE_RANKS, School
from rotation.objectives import schools_by_level
from rotation.policy import Objective
from rotation.rules.frame import exact
from solver.builder import FREE, ProgramBuilder
from solver.index import NONE, Floats, Ints
from solver.program import AtLeast, Pivot, RowName

SCALE = 10**6
"""Costs, weights included, are millionths of a backbone teacher per 100 pupils."""
MOST_SPREADS = 2_000_000
"""Schools × values of B: so many take half a second."""
ROUNDING = 1e-6
FINE = 1e-9
"""Of a school; there are many."""
NAME = RowName("balance", {})


def encode(part: Objective, program: ProgramBuilder) -> None:
    for levels, schools in schools_by_level(program.index.county.schools).items():
        # A school alone in its level is its own mean.
        if len(schools) > 1:
            level = _level(program, schools)
            program.add_blur(part.priority, Fraction(len(schools), SCALE))
            pivot = f"balance {'+'.join(levels)}"
            if not level.crossing.any():
                _by_slope(part, program, level, int(level.before.sum()))
            elif pivot in program.known:
                _by_slope(part, program, level, program.known[pivot])
                _hold_total(program, level, program.known[pivot])
            else:
                # A whole teacher, then what a circuit brings.
                sizes = tuple(dict.fromkeys((program.unit, program.unit // program.options.unit)))
                total, within = _by_deviation(part, program, level)
                now, change = int(level.before.sum()), level.crossing.astype(np.int32)
                program.pivots.setdefault(pivot, Pivot(total, part.priority, sizes, now, change, within))


@dataclass(frozen=True)
class _Level:
    """Backbone teachers of the schools of a level in 1/unit: before the plan, and at least and most after it; ``change``:
    (school k, option, by how much); ``crossing``: by how much each option changes the level's total.
    """

    pupils: list[int]
    before: Ints
    least: Ints
    most: Ints
    change: tuple[Ints, Ints, Ints]
    crossing: Ints


def _level(program: ProgramBuilder, schools: Sequence[School]) -> _Level:
    options, index, county, unit = program.options, program.index, program.index.county, program.unit
    rank = BACKBONE_RANKS.index("county")
    place = np.full(len(county.schools), NONE)
    place[[index.school_at[school.id] for school in schools]] = np.arange(len(schools))
    before = np.zeros(len(schools), dtype=np.int64)
    for teacher in county.teachers:
        if teacher.backbone_rank >= rank:
            hosts = [term.host for term in county.running.get(teacher.id, ())] or [teacher.school]
            for host in hosts:
                if place[index.school_at[host]] != NONE:
                    before[place[index.school_at[host]]] += unit // len(hosts)
    movers = np.flatnonzero(index.backbone[options.teacher] >= rank)
    option, school, weight = options.stops()
    chosen = np.isin(option, movers) & (place[school] != NONE)
    leaving = movers[place[options.home[movers]] != NONE]
    k = np.concatenate((place[options.home[leaving]], place[school[chosen]]))
    column = np.concatenate((leaving, option[chosen]))
    by = np.concatenate((np.full(len(leaving), -unit), weight[chosen] * (unit // options.unit)))
    crossing = np.zeros(len(options), dtype=np.int64)
    np.add.at(crossing, column, by)
    people = options.teacher[column].astype(np.int64)
    near = np.unique(np.stack((k, people, np.sign(by)), axis=1), axis=0) if len(k) else np.zeros((0, 3), np.int64)
    # A circuit may both leave and serve a school: counted both ways, which only widens the range.
    least = before - unit * np.bincount(near[near[:, 2] < 0, 0], minlength=len(schools))
    most = before + unit * np.bincount(near[near[:, 2] > 0, 0], minlength=len(schools))
    pupils = [school.pupils or 0 for school in schools]
    return _Level(pupils, before, np.maximum(least, 0), most, (k, column, by), crossing)


def _by_slope(part: Objective, program: ProgramBuilder, level: _Level, total: int) -> None:
    """b_k = least_k + three parts, each at most its length; ``total`` is B (in 1/unit)."""
    k, column, by = level.change
    size = len(level.pupils)
    length, slope = np.zeros((size, 3)), np.zeros((size, 3), dtype=np.int64)
    per_unit, base = exact(part.weight) * SCALE / program.unit, 0
    for s in range(size):
        own = _Convex(total, level.pupils[s], sum(level.pupils), per_unit)
        length[s], slope[s], start = own.pieces(int(level.least[s]), int(level.most[s]))
        base += start
    first = program.add_columns(length.size, 0, length.ravel())
    parts = np.arange(first, first + length.size)
    program.add_cost(part.priority, parts, slope.ravel(), Fraction(1, SCALE))
    program.spreads.append(parts)
    program.add_constant(part.priority, Fraction(base, SCALE))
    left = (level.before - level.least).astype(np.float64)
    program.add_ties(
        np.concatenate((np.repeat(np.arange(size), 3), k)),
        np.concatenate((parts, column)),
        np.concatenate((np.ones(parts.size), -by)),
        left,
        left,
        NAME,
    )


@dataclass(frozen=True)
class _Convex:
    """cost × |100·b/p − 100·B/P| over whole b, rounded, for one school and one B (both in 1/unit)."""

    total: int
    pupils: int
    all_pupils: int
    cost: Fraction

    def at(self, b: int) -> int:
        deviation = Fraction(100 * b, self.pupils) - Fraction(100 * self.total, self.all_pupils)
        return round(abs(deviation) * self.cost)

    def pieces(self, least: int, most: int) -> tuple[list[int], list[int], int]:
        """Lengths and slopes of the three pieces from ``least`` to ``most``, and where the first starts."""
        cell = floor(Fraction(self.total * self.pupils, self.all_pupils))
        low, high = min(max(cell, least), most), min(max(cell + 1, least), most)
        steep = round(100 * self.cost / self.pupils)
        middle = min(max(self.at(cell + 1) - self.at(cell), -steep), steep)
        # Rounded slopes add up: exact about the mean, where schools end up, and off by no more than half a step a teacher away.
        start = self.at(low) + steep * (low - least)
        return [low - least, high - low, most - high], [-steep, middle, steep], start


def _hold_total(program: ProgramBuilder, level: _Level, total: int) -> None:
    crossers = np.flatnonzero(level.crossing)
    more = np.array([float(total - int(level.before.sum()))])
    program.add_ties(np.zeros(len(crossers), np.int64), crossers, level.crossing[crossers], more, more, NAME)


def _by_deviation(part: Objective, program: ProgramBuilder, level: _Level) -> tuple[int, _Spread | None]:
    """A column for each school's b, one for B, and a helper for each school, at least ± its deviation.

    Returned are B's, and what is known of the helpers where B is (None: too much to say).
    """
    k, column, by = level.change
    size = len(level.pupils)
    everyone = np.arange(size)
    share = 100 * part.weight / program.unit
    of_school, of_mean = share / np.array(level.pupils), np.full(size, share / sum(level.pupils))
    smallest, largest = _totals(program, level)
    most = np.append(level.most, largest).astype(np.float64)
    teachers = program.add_columns(size + 1, np.append(level.least, smallest).astype(np.float64), most)
    total = teachers + size
    # Limits that no plan meets, for bounds that are computed from duals alone.
    farthest = np.ceil(np.maximum(of_school * most[:-1], of_mean * most[-1]))
    deviation = program.add_columns(size, 0, farthest, integer=False)
    crossers = np.flatnonzero(level.crossing)
    before = level.before.astype(np.float64)
    program.add_ties(
        np.concatenate((everyone, k)),
        np.concatenate((everyone + teachers, column)),
        np.concatenate((np.ones(size), -by)),
        before,
        before,
        NAME,
    )
    now = np.array([before.sum()])
    program.add_ties(
        np.zeros(1 + len(crossers), np.int64),
        np.append(total, crossers),
        np.append(1, -level.crossing[crossers]),
        now,
        now,
        NAME,
    )
    for sign in (1, -1):
        program.add_ties(
            np.tile(everyone, 3),
            np.concatenate((everyone + deviation, everyone + teachers, np.full(size, total))),
            np.concatenate((np.ones(size), -sign * of_school, sign * of_mean)),
            np.zeros(size),
            np.full(size, FREE),
            NAME,
        )
    steps = np.full(size, SCALE, dtype=np.int64)
    program.add_cost(part.priority, everyone + deviation, steps, Fraction(1, SCALE))
    program.spreads.append(everyone + deviation)
    if not 0 < size * (largest - smallest) <= MOST_SPREADS:
        return total, None
    totals = np.arange(smallest, largest + 1)
    least = np.array([_least_spread(level, int(one), share) for one in totals])
    _add_hull(program, np.append(everyone + deviation, total), totals, least, farthest)
    return total, _Spread(
        total, everyone + teachers, everyone + deviation, np.array(level.pupils), share, totals, least
    )


@dataclass(frozen=True)
class _Spread:
    """What the schools' helpers ``deviation`` are at least, given ``teachers`` (their b) and ``total`` (B), all columns; ``share``: what
    a teacher (1/unit) is at one pupil; ``least``: what whole numbers deviate in all at least, for each of ``totals``.
    """

    total: int
    teachers: Ints
    deviation: Ints
    pupils: Ints
    share: float
    totals: Ints
    least: Floats

    @property
    def _of_mean(self) -> float:
        """What one more in B is to the mean."""
        return self.share / float(self.pupils.sum())

    def rows(self, low: int, high: int) -> AtLeast:
        """Between two whole b a school's deviation is at least what lies between theirs. That is known at either edge of the
        window, and from there no deviation changes faster than the mean (McCormick 1976); and the hull of what whole numbers
        deviate in all is that of the window.
        """
        size, everyone, of_school = len(self.teachers), np.arange(len(self.teachers)), self.share / self.pupils
        rows, columns, values, lower = (list[NDArray[Any]]() for _ in range(4))
        for edge, away in ((low, 1.0), (high, -1.0))[: 1 + (low < high)]:
            mean = self._of_mean * edge
            cell = edge * self.pupils // self.pupils.sum()
            here, there = mean - of_school * cell, of_school * (cell + 1) - mean
            rows.append(np.tile(everyone, 3) + len(lower) * size)
            columns.append(np.concatenate((self.deviation, self.teachers, np.full(size, self.total))))
            values.append(np.concatenate((np.ones(size), here - there, np.full(size, away * self._of_mean))))
            lower.append(here + (here - there) * cell + away * mean - FINE)
        corner, least = lower_hull(self.totals, self.least, low, high)
        slope = np.diff(least) / np.diff(corner) if low < high else np.zeros(1)
        count = len(slope)
        rows.append(np.repeat(len(lower) * size + np.arange(count), size + 1))
        columns.append(np.tile(np.append(self.deviation, self.total), count))
        values.append(np.column_stack((np.ones((count, size)), -slope)).ravel())
        lower.append(least[:count] - slope * corner[:count] - ROUNDING)
        return AtLeast(*(np.concatenate(parts) for parts in (rows, columns, values, lower)))

    def loose(self, low: int, high: int, at: float) -> float:
        # What lies between a school's whole b falls by as much as the mean rises, at most; so do the rows.
        return 2 * len(self.teachers) * self._of_mean * max(0.0, min(at - low, high - at))


def _add_hull(program: ProgramBuilder, columns: Ints, totals: Ints, least: Floats, most: Floats) -> None:
    """Rows over B and the sum of the schools' helpers (``most`` each): what whole numbers deviate in all at least."""
    corner, least = lower_hull(totals, least, int(totals[0]), int(totals[-1]))
    slope = np.diff(least) / np.diff(corner)
    count, schools = len(slope), len(columns) - 1
    sum_ = program.add_columns(1, 0, float(most.sum()), integer=False)
    program.add_ties(
        np.zeros(schools + 1, np.int64),
        np.append(columns[:-1], sum_),
        np.append(np.ones(schools), -1.0),
        np.zeros(1),
        np.zeros(1),
        NAME,
    )
    program.add_ties(
        np.repeat(np.arange(count), 2),
        np.tile([sum_, columns[-1]], count),
        np.column_stack((np.ones(count), -slope)).ravel(),
        least[:-1] - slope * corner[:-1] - ROUNDING,
        np.full(count, FREE),
        NAME,
    )


def _totals(program: ProgramBuilder, level: _Level) -> tuple[int, int]:
    """The least and the most that B can be (in 1/unit): everybody crosses the one way, or the other."""
    least, most = (np.zeros(len(program.index.county.teachers), dtype=np.int64) for _ in range(2))
    np.minimum.at(least, program.options.teacher, level.crossing)
    np.maximum.at(most, program.options.teacher, level.crossing)
    before = int(level.before.sum())
    return (
        max(before + int(least.sum()), int(level.least.sum())),
        min(before + int(most.sum()), int(level.most.sum())),
    )


def _least_spread(level: _Level, total: int, share: float) -> float:
    """What whole numbers within the schools' ranges, ``total`` in all, deviate at least; ``share``: a teacher's at one pupil."""
    pupils = np.array(level.pupils, dtype=np.float64)
    mean = total / pupils.sum()
    cell = np.floor(mean * pupils)
    low, high = np.clip(cell, level.least, level.most), np.clip(cell + 1, level.least, level.most)
    steep = 1.0 / pupils
    middle = np.abs((cell + 1) / pupils - mean) - np.abs(cell / pupils - mean)
    slope = np.concatenate((-steep, middle, steep))
    length = np.concatenate((low - level.least, high - low, level.most - high))
    order = np.argsort(slope)
    before = np.cumsum(length[order]) - length[order]
    taken = np.clip(total - level.least.sum() - before, 0.0, length[order])
    return float(share * (np.abs(level.least / pupils - mean).sum() + slope[order] @ taken))


def lower_hull(x: Ints, y: Floats, low: int, high: int) -> tuple[Floats, Floats]:
    """The corners of the largest convex function that is nowhere above the points from ``low`` to ``high``; x ascending (Andrew 1979)."""
    corners: list[int] = []
    for i in range(*np.searchsorted(x, (low, high + 1)).tolist()):
        while len(corners) > 1:
            a, b = corners[-2:]
            if (y[b] - y[a]) * (x[i] - x[a]) < (y[i] - y[a]) * (x[b] - x[a]):
                break
            corners.pop()
        corners.append(i)
    return x[corners].astype(np.float64), y[corners]
