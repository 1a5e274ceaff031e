"""The restricted LP: few of the columns, warm from one objective to the next, and the price of all the others.

Column generation (Dantzig & Wolfe 1960; Gilmore & Gomory 1961): solve over the columns that are in, price every column
with the duals, add those of negative reduced cost, until there are none: then the LP's optimum is that of the whole
program, and by LP duality a valid bound for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from solver.engines.failure import EngineError
from solver.engines.highs import BASIC, LOWER, UPPER, Basis, LpAnswer
from solver.greedy import nearest_options, rank_in_group
from solver.index import Bools, Floats, Ints, Numbers
from solver.matrix import reduced_costs
from solver.memory import give_back
from solver.parts import Job, jobs_of, part_of
from solver.program import Program
from solver.restricted import Onward, Restricted, Standing
from solver.stopping import look
from solver.ties import prices_of_ties

TOLERANCE = 1e-7
LARGEST_COST = 1e5
NOTHING = 1e-6
"""What phase one may leave over through rounding alone: ten times the LP's own tolerance, so no noise is called a proof."""
FEW_COLUMNS = 12
"""Columns a row up to which the LP takes them all at once."""
ARTIFICIAL_COST = 100.0
"""Times the largest cost."""
WORTH_GIVING_BACK = 100_000
"""Columns of a job whose memory is worth the milliseconds."""
INTERIOR_FROM = 500_000
"""Open columns from which on an LP about pivots is a minute's work for simplex (20 000 teachers)."""
PER_TEACHER_AT_START = 2
PER_POST_AT_START = 6
PER_TEACHER_A_ROUND, INTERIOR_A_ROUND = 2, 3
"""Columns that come in: where each LP begins from nothing, more of them for fewer rounds (20 000 teachers' balance is within 0.03 % of its
optimum after 58 s with 3, 71 with 8).
"""


@dataclass(frozen=True)
class Bound:
    """An LP optimum over all columns: ``value``, every column's reduced cost, the row duals, and x over all columns."""

    value: float
    reduced: Floats
    y: Floats
    x: Floats


Heard = Callable[[Bound], bool]


@dataclass(frozen=True)
class _Round:
    """An LP over the columns that were in, every row's dual and column's reduced cost; ``last``: no other column prices out."""

    answer: LpAnswer
    y: Floats
    reduced: Floats
    last: bool


@dataclass(frozen=True)
class _Begun:
    """What a job's LP leaves to the whole: columns worth having, their and its rows' statuses, its artificials' places
    among the whole's and their statuses.
    """

    columns: Ints
    basis: Basis
    artificials: Ints
    of_artificials: Ints


class Master(Restricted):
    """A program's LP relaxation with columns by need. Costs are given over all columns of the program."""

    def __init__(
        self,
        program: Program,
        should_stop: Callable[[], bool],
        workers: int = 1,
        onward: Onward = "primal",
        interior: bool = False,
    ) -> None:
        """``onward`` and ``interior``: as ``Restricted`` has them."""
        super().__init__(program, should_stop, onward, interior)
        self.workers, self.rounds = workers, 0
        self._left_over = 0.0

    # -- the columns that are in ------------------------------------------------------------------------------------

    def _first_columns(self) -> Ints:
        """Every helper and slack; the nearest options of each teacher and of each (host, subject); few options: all that may be used."""
        options = self.program.options
        n = len(options)
        if self.program.shape[1] <= FEW_COLUMNS * self.program.shape[0]:
            # A helper that is nothing here may be more where the next program, of other numbers, begins with these columns.
            return np.union1d(np.flatnonzero(self.upper > 0), np.arange(n, self.program.shape[1]))
        nearest = nearest_options(options, PER_TEACHER_AT_START, PER_POST_AT_START, self._should_stop)
        return np.concatenate((nearest, np.arange(n, self.program.shape[1])))

    # -- solving ----------------------------------------------------------------------------------------------------

    def start(self, cost: Floats, artificial: float | None = None, like: Standing | None = None) -> Bound | None:
        """The LP optimum of ``cost`` over all columns, from nothing; None where there is no solution (proved).

        The artificial columns cost more (``artificial`` each, said of a part) than nearly any chain of moves; only where that does
        not drive them out does phase one decide. ``like``: where a program of the same columns and rows stood, other numbers aside.
        """
        if np.any(self.row_lower > self.row_upper):
            return None
        if like is not None and like.fits(self):
            self._add(like.columns)
            self._linear.set_basis(like.basis)
            return self._started(cost, ARTIFICIAL_COST * max(1.0, _largest(cost)))
        is_part = artificial is not None
        if artificial is None:
            artificial = ARTIFICIAL_COST * max(1.0, _largest(cost))
        if self.interior:
            return self._started(cost, artificial)
        jobs, ties = jobs_of(self.program, self._should_stop)
        if not jobs and not is_part:
            self._linear.anew()
        if jobs and not self._start_from(jobs, ties, cost, artificial):
            return None
        found = self._started(cost, artificial)
        if found is None and jobs:
            # What began with parts is confirmed from nothing, before anybody is told that there is no plan.
            self._forget()
            found = self._started(cost, artificial)
        return found

    def _started(self, cost: Floats, artificial: float) -> Bound | None:
        found = self._generate(cost, artificial)
        if self._left_over <= NOTHING:
            self._close_artificials()
            return found
        return None if self.infeasibility() > 0 else self.minimise(cost)

    def _start_from(self, jobs: Sequence[Job], ties: Bools, cost: Floats, artificial: float) -> bool:
        """Begin with the optimal bases of independent parts, at prices that make them meet the ties; False: one of them has no
        solution, so there is none.
        """
        give_back()
        artificials = np.full(len(self._artificial_rows), LOWER)
        rows = np.full(len(self.row_lower), BASIC)
        # Options of no job come in when they price out; helpers and slacks must be there.
        alone = np.ones(len(cost), dtype=bool)
        alone[: len(self.program.options)] = False
        for job in jobs:
            alone[job.columns] = False
        inside: list[Ints] = [np.flatnonzero(alone)]
        high = np.isin(inside[0], [ceiling.column for ceiling in self.program.ceilings])
        statuses: list[Ints] = [np.where(high, UPPER, LOWER)]
        with ThreadPoolExecutor(self.workers) as pool:
            prices = prices_of_ties(self.program, jobs, ties, partial(self._duals, cost, artificial), pool)
            # Dearer than anybody is the price of a share that its sample cannot reach: no price says more.
            prices[np.abs(prices) > _largest(cost)] = 0.0
            priced = reduced_costs(self.program.matrix, cost, prices) if prices.any() else cost
            begun = pool.map(lambda job: self._begun(job, priced, artificial), jobs)
            for job, part in zip(jobs, begun, strict=True):
                if part is None:
                    pool.shutdown(cancel_futures=True)
                    return False
                inside.append(part.columns)
                statuses.append(part.basis.columns)
                rows[job.rows] = part.basis.rows
                artificials[part.artificials] = part.of_artificials
        give_back()
        self._add(np.concatenate(inside), cost)
        self._linear.set_basis(Basis(np.concatenate((artificials, *statuses)), rows))
        if prices.any():
            self._meet(prices, priced, artificial)
        return True

    def _duals(self, cost: Floats, artificial: float, part: Program, columns: Ints) -> Floats:
        """A part's row duals; ``columns`` are its own among the program's."""
        look(self._should_stop)
        return Master(part, self._should_stop)._generate(cost[columns], artificial).y

    def _meet(self, prices: Floats, priced: Floats, artificial: float) -> None:
        """The LP at these costs, where parts are optimal and rows with a price are equations: a start for the dual method.
        At the costs without prices the same basis is optimal, unless a price was much too high.
        """
        rows = np.flatnonzero(prices)
        sides = np.where(prices[rows] > 0, self.row_lower[rows], self.row_upper[rows])
        for row, side in zip(rows.tolist(), sides.tolist(), strict=True):
            self._linear.set_row_bounds(row, side, side)
        self._set_cost(priced / unit_of(priced), artificial)
        met = self._linear.solve() is not None
        for row in rows.tolist():
            self._linear.set_row_bounds(row, self.row_lower[row], self.row_upper[row])
        if met:
            self._linear.strategy("primal")

    def _begun(self, job: Job, cost: Floats, artificial: float) -> _Begun | None:
        """The job's LP, solved; None: it has no solution, and its rows have no other columns."""
        look(self._should_stop)
        part, own = Master(part_of(self.program, job), self._should_stop), cost[job.columns]
        bound = part.start(own, artificial) if job.whole else part._generate(own, artificial)
        if len(own) >= WORTH_GIVING_BACK:
            give_back()
        if bound is None:
            return None
        basis, count = part._linear.basis(), len(part._artificial_rows)
        status = basis.columns[count:]
        # Columns off their lower bound, and as many of the cheapest others as there are rows; helpers and slacks, which
        # nobody prices later.
        kept = (status != LOWER) | (part._order >= len(part.program.options))
        others = np.flatnonzero(~kept)
        cheapest = np.argsort(bound.reduced[part._order[others]], kind="stable")[: len(job.rows)]
        kept[others[cheapest]] = True
        return _Begun(
            job.columns[part._order[kept]],
            Basis(status[kept], basis.rows),
            np.searchsorted(self._artificial_rows, job.rows[part._artificial_rows]),
            basis.columns[:count],
        )

    def infeasibility(self) -> float:
        """Phase one: the least total of the artificial columns; above 0 the LP, and so the program, has no solution."""
        if np.any(self.row_lower > self.row_upper):
            return float("inf")
        count = len(self._artificial_rows)
        if not count:
            return 0.0
        value = self._generate(np.zeros(self.program.shape[1]), artificial=1.0).value
        if value <= NOTHING * max(1, count):
            self._close_artificials()
            return 0.0
        return value

    def minimise(self, cost: Numbers, heard: Heard | None = None) -> Bound:
        """The LP optimum of ``cost`` over all columns within the present bounds. ``heard`` is told of every round but the last, and may say
        that it is enough: what that costs is a bound, too, and its x no optimum.
        """
        return self._generate(cost, artificial=0.0, heard=heard)

    def rounds_of(self, cost: Numbers, plan: Floats) -> Iterator[Bound]:
        """As ``minimise``, beginning with the nearest columns and those of ``plan``, and telling of every round: the last is the optimum,
        what those before it cost is a bound, too.
        """
        self._add(np.union1d(self._first_columns(), np.flatnonzero(plan)))
        self._close_artificials()
        unit = unit_of(cost)
        return (self._bound(found, unit) for found in self._rounds(cost / unit, 0.0, scale_of(cost)))

    def _generate(self, cost: Numbers, artificial: float, most: float = np.inf, heard: Heard | None = None) -> Bound:
        if self.program.shape == (0, 0):
            # Nobody may go anywhere: the LP is empty, and so is its solution.
            return Bound(0.0, np.zeros(0), np.zeros(0), np.zeros(0))
        if not len(self._order):
            self._add(self._first_columns())
        # The LP's tolerances are absolute: large costs are scaled down for it, and the answer back.
        unit = unit_of(cost)
        for found in self._rounds(cost / unit if unit > 1.0 else cost, artificial, scale_of(cost)):
            enough = most < np.inf and (found.answer.value + self._missing(found.reduced)) * unit > most
            if enough or found.last or (heard is not None and heard(self._bound(found, unit))):
                break
        self._left_over = float(found.answer.x[: len(self._artificial_rows)].max(initial=0.0))
        return self._bound(found, unit)

    def _rounds(self, cost: Numbers, artificial: float, scale: float) -> Iterator[_Round]:
        """The LP over the columns that are in, and then with those that price out, until none does."""
        self._set_cost(cost, artificial)
        reduced = np.empty(len(cost))
        while True:
            self.rounds += 1
            if self.interior:
                self._linear.forget()
            answer = self._linear.solve()
            if answer is None:
                raise EngineError("the restricted LP lost its solution")
            if not self.interior:
                self._linear.strategy(self.onward)
            y = self._of_all_rows(answer.y)
            self._price(cost, y, reduced)
            entering = self._entering(reduced, TOLERANCE * scale)
            yield _Round(answer, y, reduced, not len(entering))
            if not len(entering):
                return
            self._add(entering, cost)

    def _bound(self, found: _Round, unit: float) -> Bound:
        x = np.zeros(self.program.shape[1])
        x[self._order] = found.answer.x[len(self._artificial_rows) :]
        value = found.answer.value + self._missing(found.reduced)
        if unit == 1.0:
            return Bound(value, found.reduced, found.y, x)
        return Bound(value * unit, found.reduced * unit, found.y * unit, x)

    def _set_cost(self, cost: Numbers, artificial: float) -> None:
        self._linear.set_cost(np.concatenate((np.full(len(self._artificial_rows), artificial), cost[self._order])))

    def _missing(self, reduced: Floats) -> float:
        """What columns left out within the tolerance could still gain: at most one of them a teacher (Lagrangian bound)."""
        options = self.program.options
        at = np.flatnonzero(reduced[: len(options)] < 0)
        at = at[~self._in[at] & (self.upper[at] > self.lower[at])]
        if not len(at):
            return 0.0
        first = np.flatnonzero(np.diff(options.teacher[at], prepend=-1))
        return float(np.minimum.reduceat(reduced[at], first).sum())

    def _price(self, cost: Numbers, y: Floats, reduced: Floats) -> None:
        """Write every column's reduced cost under the row duals ``y`` into ``reduced``."""
        rows = self.program.shape[0]
        reduced_costs(self.program.matrix, cost, y[:rows], out=reduced)
        self.own.price(reduced, y[rows:])

    def _entering(self, reduced: Floats, tolerance: float) -> Ints:
        """Each teacher's cheapest columns that are out and price out negative."""
        n = len(self.program.options)
        candidates = np.flatnonzero(reduced[:n] < -tolerance)
        candidates = candidates[~self._in[candidates] & (self.upper[candidates] > 0)]
        if not len(candidates):
            return candidates
        teacher = self.program.options.teacher[candidates]
        order = np.lexsort((reduced[candidates], teacher))
        best = order[rank_in_group(teacher[order]) < (INTERIOR_A_ROUND if self.interior else PER_TEACHER_A_ROUND)]
        return np.sort(candidates[best])


def is_slow(lower: Floats, upper: Floats) -> bool:
    """Whether so many columns are open that an LP about pivots is better solved from nothing, by interior points."""
    return bool(np.count_nonzero(upper > lower) > INTERIOR_FROM)


def unit_of(cost: Numbers) -> float:
    """By how much an LP's costs are divided: its tolerances are absolute."""
    return max(1.0, _largest(cost) / LARGEST_COST)


def scale_of(cost: Numbers) -> float:
    """What the LP is told that the largest cost is, at least 1: its tolerances grow with it."""
    return max(1.0, _largest(cost)) / unit_of(cost)


def _largest(cost: Numbers) -> float:
    return max(float(cost.max(initial=0.0)), -float(cost.min(initial=0.0)))
