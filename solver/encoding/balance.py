"""The objective ``balance``: Σ over schools of |100·b/p − 100·B/P|, b backbone teachers at p pupils, B and P their level's sums.

For a known B a school's term is convex in b, and b is whole (a whole number of 1/unit of a teacher): three columns a
school carry it exactly, one for each slope: below the cell that the mean falls in, within it, above it. So the LP has no gap of
its own. Where teachers may cross levels B is not known: then so for each B it may take, with y = 1 for the one it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from rotation.county import BACKBONE_RANKS, School
from rotation.objectives import schools_by_level
from rotation.policy import Objective
from rotation.rules.frame import exact
from solver.index import NONE, Ints
from solver.program import FREE, ProgramBuilder, RowName

SCALE = 10**6
"""Costs, weights included, are millionths of a backbone teacher per 100 pupils."""
MOST_COLUMNS = 30_000
"""A level that would need more gets the plain rows, which are as true and leave the search more to do."""
NAME = RowName("balance", {})


def encode(part: Objective, program: ProgramBuilder) -> None:
    for schools in schools_by_level(program.index.county.schools).values():
        # A school alone in its level is its own mean.
        if len(schools) > 1:
            level = _level(program, schools)
            program.add_blur(part.priority, Fraction(len(schools), SCALE))
            if 3 * len(schools) * len(level.totals) <= MOST_COLUMNS:
                _by_slope(part, program, level)
            else:
                _plain(part, program, level)


@dataclass(frozen=True)
class _Level:
    """Backbone teachers of the schools of a level in 1/unit; ``change``: (school k, option, by how much)."""

    pupils: list[int]
    before: Ints
    change: tuple[Ints, Ints, Ints]
    crossing: Ints
    totals: list[int]


def _level(program: ProgramBuilder, schools: Sequence[School]) -> _Level:
    options, index, county, unit = program.options, program.index, program.index.county, program.unit
    least = BACKBONE_RANKS.index("county")
    place = np.full(len(county.schools), NONE)
    place[[index.school_at[school.id] for school in schools]] = np.arange(len(schools))
    before = np.zeros(len(schools), dtype=np.int64)
    for teacher in county.teachers:
        if teacher.backbone_rank >= least:
            hosts = [term.host for term in county.running.get(teacher.id, ())] or [teacher.school]
            for host in hosts:
                if place[index.school_at[host]] != NONE:
                    before[place[index.school_at[host]]] += unit // len(hosts)
    movers = np.flatnonzero(index.backbone[options.teacher] >= least)
    option, school, weight = options.stops()
    chosen = np.isin(option, movers) & (place[school] != NONE)
    leaving = movers[place[options.home[movers]] != NONE]
    k = np.concatenate((place[options.home[leaving]], place[school[chosen]]))
    column = np.concatenate((leaving, option[chosen]))
    by = np.concatenate((np.full(len(leaving), -unit), weight[chosen] * (unit // options.unit)))
    crossing = np.zeros(len(options), dtype=np.int64)
    np.add.at(crossing, column, by)
    pupils = [school.pupils or 0 for school in schools]
    return _Level(pupils, before, (k, column, by), crossing, _totals(program, int(before.sum()), crossing))


def _totals(program: ProgramBuilder, now: int, crossing: Ints) -> list[int]:
    """Every total that the level could come to have, ascending."""
    low, high = np.zeros(len(program.index.county.teachers), np.int64), np.zeros_like(program.index.home)
    np.minimum.at(low, program.options.teacher, crossing)
    np.maximum.at(high, program.options.teacher, crossing)
    step = int(np.gcd.reduce(crossing)) if crossing.any() else 1
    return list(range(now + int(low.sum()), now + int(high.sum()) + 1, step))


def _by_slope(part: Objective, program: ProgramBuilder, level: _Level) -> None:
    """b_k = least_k + Σ over totals of three parts, each part at most its length (times y where B may vary)."""
    k, column, by = level.change
    size, many = len(level.pupils), len(level.totals)
    people = program.options.teacher[column].astype(np.int64)
    near = np.unique(np.stack((k, people, np.sign(by)), axis=1), axis=0) if len(k) else np.zeros((0, 3), np.int64)
    # A circuit may both leave and serve a school: counted both ways, which only widens the range.
    least = level.before - program.unit * np.bincount(near[near[:, 2] < 0, 0], minlength=size)
    most = level.before + program.unit * np.bincount(near[near[:, 2] > 0, 0], minlength=size)
    length = np.zeros((many, size, 3), dtype=np.int64)
    slope = np.zeros((many, size, 3), dtype=np.int64)
    base = np.zeros(many, dtype=np.int64)
    per_unit = exact(part.weight) * SCALE / program.unit
    for n, total in enumerate(level.totals):
        for s in range(size):
            own = _Convex(total, level.pupils[s], sum(level.pupils), per_unit)
            length[n, s], slope[n, s], start = own.pieces(int(least[s]), int(most[s]))
            base[n] += start
    first = program.add_columns(length.size)
    parts = np.arange(first, first + length.size).reshape(length.shape)
    program.add_cost(part.priority, parts.ravel(), slope.ravel(), Fraction(1, SCALE))
    everyone = np.broadcast_to(np.arange(size)[None, :, None], parts.shape).ravel()
    left = (level.before - least).astype(np.float64)
    program.add_ties(
        np.concatenate((everyone, k)),
        np.concatenate((parts.ravel(), column)),
        np.concatenate((np.ones(parts.size), -by)),
        left,
        left,
        NAME,
    )
    taken = program.add_columns(many, 0, 1)
    totals = np.arange(taken, taken + many)
    program.add_cost(part.priority, totals, base, Fraction(1, SCALE))
    program.add_ties(np.zeros(many, np.int64), totals, np.ones(many), np.ones(1), np.ones(1), NAME)
    crossers = np.flatnonzero(level.crossing)
    now = np.array([float(level.before.sum())])
    program.add_ties(
        np.zeros(many + len(crossers), np.int64),
        np.concatenate((totals, crossers)),
        np.concatenate((level.totals, -level.crossing[crossers])),
        now,
        now,
        NAME,
    )
    program.add_ties(
        np.concatenate((np.arange(parts.size), np.arange(parts.size))),
        np.concatenate((parts.ravel(), np.repeat(totals, 3 * size))),
        np.concatenate((np.ones(parts.size), -length.ravel())),
        np.full(parts.size, -FREE),
        np.zeros(parts.size),
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


def _plain(part: Objective, program: ProgramBuilder, level: _Level) -> None:
    """A helper column for each school, at least ± its deviation."""
    k, column, by = level.change
    size, everyone = len(level.pupils), np.arange(len(level.pupils))
    pupils = np.array(level.pupils, dtype=np.float64)
    first = program.add_columns(size, integer=False)
    crossers = np.flatnonzero(level.crossing)
    share = 100 * part.weight / program.unit
    rows = np.concatenate((k, np.repeat(everyone, len(crossers))))
    columns = np.concatenate((column, np.tile(crossers, size)))
    mean = share * level.crossing[crossers] / pupils.sum()
    values = np.concatenate((share * by / pupils[k], np.tile(-mean, size)))
    now = share * (level.before / pupils - level.before.sum() / pupils.sum())
    for sign in (1, -1):
        program.add_ties(
            np.concatenate((rows, everyone)),
            np.concatenate((columns, everyone + first)),
            np.concatenate((-sign * values, np.full(size, 1 / SCALE))),
            sign * now,
            np.full(size, FREE),
            NAME,
        )
    program.add_cost(part.priority, everyone + first, np.ones(size, dtype=np.int64), Fraction(1, SCALE))
