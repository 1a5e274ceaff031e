"""Whole patterns instead of single options: where each option needs room in one row, a row's plan is a knapsack.

Dantzig & Wolfe 1960: a program of groups with one option each, every option in one long row of limited room, is one of
patterns, a set of groups a row (for generalized assignment Savelsbergh 1997). Its LP, patterns by need, knows what fits
together, and diving in it (fix the most certain pattern, price again; Sadykov et al. 2019, "Primal heuristics for
branch-and-price") makes most of a plan; what is left is small. A subgradient's way comes first, for the LP's duals are far off
until it has patterns enough; then they are smoothed as in Wentges 1997.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solver.assignments import Assignments, Row
from solver.engines.highs import Linear, LpAnswer
from solver.engines.problem import Problem
from solver.index import Bools, Floats, Ints
from solver.knapsacks import Items, Knapsacks
from solver.master import Bound

WHOLE = 1e-6
LONGEST = 30
"""Groups a row from which on fractional options say as much as patterns."""
LEFT = 30
"""So many groups are left when a dive ends."""
SMOOTHING = 0.85
FIRST_ROUNDS, LATER_ROUNDS = 200, 3
FIRST_NEAR, LATER_NEAR = 1e-3, 5e-3
"""How near LP and bound come, measured by what the plan at hand loses."""
ASCENT_ROUNDS, LATER_ASCENT_ROUNDS = 100, 15
STEP, SHORTER, ASCENT_PATIENCE = 0.3, 0.6, 5
"""A part of the way to the plan at hand (Held, Wolfe & Crowder 1974), and what becomes of it after rounds in vain."""
WAY = 0.7
"""How much of the way before is kept (Barahona & Anbil 2000)."""
UNSTEADY = 0.7


@dataclass(frozen=True)
class Asked:
    """A plan of ``groups`` at ``rows`` (numbers within ``Patterns.rows``) that may cost at most ``below``; ``loss``: what the plan at
    hand loses.
    """

    rows: Ints
    groups: Ints
    below: float
    loss: float
    random: np.random.Generator


@dataclass(frozen=True)
class Dive:
    """``columns`` that are taken; ``left``: options of the groups that are not placed yet, at the rows that have none yet."""

    columns: Ints
    left: Ints


@dataclass(frozen=True)
class _Row:
    """A row, and which of its options come into patterns."""

    row: Row
    cheap: Bools

    def among(self, place: Ints) -> _Row:
        """Those of groups with a ``place``, which is their number then."""
        kept = place[self.row.group] >= 0
        return _Row(self.row.only(kept, place), self.cheap[kept])

    def items(self) -> tuple[Items, Ints]:
        """Those that come into patterns, and their places here."""
        cheap, row = np.flatnonzero(self.cheap), self.row
        return Items(row.group[cheap], row.cost[cheap], row.weight[cheap], row.room), cheap


class Patterns:
    """A program of that kind, seen so; its patterns are of options with a ``reduced`` cost of at most ``dearest``."""

    def __init__(self, assignments: Assignments, reduced: Floats, dearest: float) -> None:
        self.rows, self.least, self.worth = assignments.numbers, assignments.least, assignments.worth
        self.place = np.zeros(len(reduced), dtype=np.int64)
        """(n,) which of ``rows`` an option is in."""
        for number, row in enumerate(assignments.rows):
            self.place[row.columns] = number
        self._rows = [_Row(row, reduced[row.columns] <= dearest) for row in assignments.rows]
        self.left = max(3, round(LEFT * len(self.rows) / len(self.least)))

    @classmethod
    def of(cls, problem: Problem, group: Ints, ties: Bools, bound: Bound, dearest: float) -> Patterns | None:
        """``ties``: the rows that tie options of several groups. None: the program is of another kind, or its rows are long."""
        if len(np.unique(group)) > LONGEST * int(ties.sum()):
            return None
        assignments = Assignments.of(problem, group, ties, bound.y)
        return None if assignments is None else cls(assignments, bound.reduced, dearest)

    def dive(self, asked: Asked, should_stop: Callable[[], bool]) -> Dive | None:
        """Most of a plan; None: there is none so cheap, or it was not found. Raises Stopped."""
        restricted = _Restricted(self, asked.rows, asked.groups, should_stop)
        below = asked.below - float(self.least[asked.groups].sum())
        if not restricted.dive(self.worth[asked.groups], below + WHOLE, asked.loss, self.left, asked.random):
            return None
        return restricted.taken()


class _Restricted:
    """The LP of some rows and groups: every group in a pattern at least (one too many is taken out of one), a pattern a row."""

    def __init__(self, patterns: Patterns, rows: Ints, groups: Ints, should_stop: Callable[[], bool]) -> None:
        place = np.full(len(patterns.least), -1)
        place[groups] = np.arange(len(groups))
        among = [patterns._rows[row].among(place) for row in rows.tolist()]
        self._rows = [one.row for one in among]
        items = [one.items() for one in among]
        self._knapsacks, self._cheap = Knapsacks([own for own, _ in items]), [places for _, places in items]
        self._count = count = len(groups)
        self._linear = Linear(
            np.append(np.ones(count), np.full(len(rows), -1.0)), np.full(count + len(rows), np.inf), should_stop
        )
        dear = 1.0 + 2.0 * max(float(row.cost.max(initial=0.0)) for row in self._rows)
        alone = sparse.csc_array(sparse.eye_array(count + len(rows), count))
        self._linear.add_columns(alone, np.full(count, dear), np.zeros(count), np.full(count, np.inf))
        self._patterns: list[Ints] = []
        self._at: list[int] = []
        self._costs: list[float] = []
        self._known: set[tuple[int, bytes]] = set()
        self._fixed: list[int] = []
        self._free = np.ones(len(rows), dtype=bool)
        self._placed = np.zeros(count, dtype=bool)
        self._spent = 0.0
        self._worth = np.zeros(count)
        """The duals of the best bound."""

    def dive(self, worth: Floats, below: float, loss: float, left: int, random: np.random.Generator) -> bool:
        """Fix patterns until ``left`` rows have none; False: what is fixed costs more than ``below`` in the end."""
        self._worth = worth
        answer, bound = self._settled(FIRST_NEAR * loss, FIRST_ROUNDS, below, ASCENT_ROUNDS)
        while bound <= below and self._free.sum() > left:
            share = answer.x[self._count :]
            # Patterns that came in last are in no answer yet.
            open_ = np.flatnonzero((share > WHOLE) & self._free[self._at[: len(share)]])
            if not len(open_):
                break
            # One at a time, even of several that the LP takes whole: where a dive is over everything, all begin alike.
            self._fix(open_[[int(np.argmax(share[open_] * random.uniform(UNSTEADY, 1.0, len(open_))))]])
            answer, bound = self._settled(LATER_NEAR * loss, LATER_ROUNDS, below, LATER_ASCENT_ROUNDS)
        return bound <= below

    def taken(self) -> Dive:
        """Each group's first place among what is fixed."""
        placed = np.zeros(self._count, dtype=bool)
        columns = [np.zeros(0, dtype=np.int64)]
        for number in self._fixed:
            row, pattern = self._rows[self._at[number]], self._patterns[number]
            pattern = pattern[~placed[row.group[pattern]]]
            placed[row.group[pattern]] = True
            columns.append(row.columns[pattern])
        left = [row.columns[~placed[row.group]] for row, free in zip(self._rows, self._free, strict=True) if free]
        return Dive(np.concatenate(columns), np.concatenate((columns[0], *left)))

    def _settled(self, near: float, rounds: int, below: float, ascent: int) -> tuple[LpAnswer, float]:
        """The LP, patterns added until it is ``near`` its Lagrangian bound, after so many rounds of ``ascent``."""
        bound = self._ascended(below, ascent)
        answer = self._solved("dual")
        for _ in range(rounds if bound <= below else 0):
            duals = np.maximum(answer.y[: self._count], 0.0)
            for asked in (SMOOTHING * self._worth + (1 - SMOOTHING) * duals, duals):
                value, added, _ = self._priced(asked)
                if value > bound:
                    bound, self._worth = value, asked
                if added:
                    break
            if not added or bound > below or answer.value - bound < near:
                break
            answer = self._solved("primal")
        return answer, bound

    def _ascended(self, below: float, rounds: int) -> float:
        """The best Lagrangian bound on a subgradient's way: near the LP's, long before there are patterns enough for one."""
        best, worth, step, vain = -np.inf, self._worth, STEP, 0
        way: Floats | None = None
        farthest = 1.0 + abs(self._spent) + float(worth.sum())
        for _ in range(rounds):
            bound, _, taken = self._priced(worth)
            if bound > best:
                best, self._worth, vain = bound, worth, 0
            else:
                vain += 1
                if vain == ASCENT_PATIENCE:
                    step, vain, worth = SHORTER * step, 0, self._worth
            if best > below:
                break
            missing = np.where(self._placed, 0.0, 1.0 - taken)
            way = missing if way is None else WAY * way + (1 - WAY) * missing
            size = float(way @ way)
            if size < WHOLE:
                break
            worth = np.maximum(0.0, worth + step * min(below + 1.0 - bound, farthest) / size * way)
        return best

    def _solved(self, strategy: str) -> LpAnswer:
        self._linear.strategy(strategy)
        answer = self._linear.solve()
        assert answer is not None
        return answer

    def _priced(self, worth: Floats) -> tuple[float, bool, Floats]:
        """The Lagrangian bound of these duals; its patterns come in; whether one of them is new, and how many have each group."""
        worth, taken = np.where(self._placed, 0.0, worth), np.zeros(self._count)
        bound, new = self._spent + float(worth.sum()), []
        free = np.flatnonzero(self._free)
        gain, chosen = self._knapsacks.best(free, worth)
        bound -= gain
        for number, items in zip(free.tolist(), chosen, strict=True):
            row, pattern = self._rows[number], self._cheap[number][items]
            taken[row.group[pattern]] += 1.0
            key = (number, pattern.tobytes())
            if key not in self._known:
                self._known.add(key)
                self._patterns.append(pattern)
                self._at.append(number)
                self._costs.append(float(row.cost[pattern].sum()))
                new.append(np.append(row.group[pattern], self._count + number))
        if new:
            self._add(new)
        return bound, bool(new), taken

    def _add(self, new: list[Ints]) -> None:
        indices, sizes = np.concatenate(new), np.array([len(rows) for rows in new])
        values = np.where(indices < self._count, 1.0, -1.0)
        shape = (self._count + len(self._rows), len(new))
        matrix = sparse.csc_array((values, indices, np.append(0, np.cumsum(sizes))), shape=shape)
        costs = np.array(self._costs[-len(new) :])
        self._linear.add_columns(matrix, costs, np.zeros(len(new)), np.full(len(new), np.inf))

    def _fix(self, numbers: Ints) -> None:
        self._linear.set_bounds(self._count + numbers, np.ones(len(numbers)), np.ones(len(numbers)))
        for number in numbers.tolist():
            row = self._rows[self._at[number]]
            self._placed[row.group[self._patterns[number]]] = True
            self._free[self._at[number]] = False
            self._spent += self._costs[number]
            self._fixed.append(number)
