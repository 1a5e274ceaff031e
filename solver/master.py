"""The restricted LP: few of the columns, warm from one objective to the next, and the price of all the others.

Column generation (Dantzig & Wolfe 1960; Gilmore & Gomory 1961): solve over the columns that are in, price every column
with the duals, add those of negative reduced cost, until there are none: then the LP's optimum is that of the whole
program, and by LP duality a valid bound for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np
from scipy import sparse

from solver.engines.failure import EngineError
from solver.engines.highs import BASIC, LOWER, UPPER, Basis, Linear, LpAnswer
from solver.greedy import nearest_options, rank_in_group
from solver.index import Bools, Floats, Ints, Numbers
from solver.matrix import blocks, reduced_costs
from solver.memory import give_back, mostly_zeros
from solver.own_rows import OwnRow, OwnRows
from solver.parts import Job, jobs_of, part_of
from solver.program import Program
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
WORTH_SHRINKING = 10_000
"""Columns of an LP that are worth a new one of half the size."""
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


@dataclass(frozen=True)
class _Part:
    """Part of an LP: ``columns``, ``rows`` (as ``Master.rows``), the rows of its ``artificials``, and its basis."""

    columns: Ints
    rows: Ints
    artificials: Ints
    basis: Basis


@dataclass(frozen=True)
class Standing:
    """Where a master's LP stands: the program's ``columns`` that are in, in order, and the basis (artificial columns first)."""

    shape: tuple[int, int]
    artificial_rows: Ints
    columns: Ints
    basis: Basis

    def fits(self, master: Master) -> bool:
        return self.shape == master.program.shape and np.array_equal(self.artificial_rows, master._artificial_rows)


Onward = Literal["primal", "dual"]


class Master:
    """A program's LP relaxation with columns by need. Costs are given over all columns of the program."""

    def __init__(
        self,
        program: Program,
        should_stop: Callable[[], bool],
        workers: int = 1,
        onward: Onward = "primal",
        interior: bool = False,
    ) -> None:
        """``onward``: the simplex method after columns and costs. Primal loses nothing of what the last optimum knew; measured
        where pivots are known: dual 0.9 s, primal 2.9 (6 000 teachers), and the other way about elsewhere. ``interior``: by interior
        points instead, each LP from nothing.
        """
        self.program = program
        self.workers, self.onward, self.interior = workers, onward, interior
        self._should_stop = should_stop
        self.lower, self.upper = mostly_zeros(program.lower), program.upper.copy()
        self.row_lower, self.row_upper = program.row_lower.copy(), program.row_upper.copy()
        self.rounds = 0
        self._left_over = 0.0
        self.own = OwnRows(program.shape[1])
        self._in = np.zeros(program.shape[1], dtype=bool)
        self._order = np.zeros(0, dtype=np.int64)
        self._rows: Ints = np.arange(len(self.row_lower))
        """The program's rows that are in."""
        self._artificial_rows: Ints = np.flatnonzero((self.row_lower > 0) | (self.row_upper < 0))

    @cached_property
    def _linear(self) -> Linear:
        """The engine's LP; it is there from the first use on."""
        linear = Linear(self.row_lower, self.row_upper, self._should_stop, interior=self.interior)
        rows = self._artificial_rows
        sign = np.where(self.row_lower[rows] > 0, 1.0, -1.0)
        shape = (len(self.row_lower), len(rows))
        columns = sparse.csc_array(sparse.coo_array((sign, (rows, np.arange(len(rows)))), shape=shape))
        # A column a row that x = 0 breaks, so that the restricted LP always has a solution.
        linear.add_columns(columns, np.zeros(len(rows)), np.zeros(len(rows)), np.full(len(rows), np.inf))
        return linear

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

    def _add(self, columns: Ints, cost: Numbers | None = None) -> None:
        columns = columns[~self._in[columns]]
        if not len(columns):
            return
        own = np.zeros(len(columns)) if cost is None else cost[columns].astype(np.float64)
        self._linear.add_columns(self._inside(columns), own, self.lower[columns], self.upper[columns])
        self._in[columns] = True
        self._order = np.concatenate((self._order, columns))

    @property
    def column_count(self) -> int:
        return len(self._order)

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

    def heed(self, should_stop: Callable[[], bool]) -> None:
        """Who says from now on when to stop."""
        self._should_stop = should_stop
        if "_linear" in self.__dict__:
            self._linear.heed(should_stop)

    def go_on(self, onward: Onward) -> None:
        """By this method from now on."""
        self.onward = onward
        self._linear.strategy(onward)

    def standing(self) -> Standing:
        return Standing(self.program.shape, self._artificial_rows, self._order.copy(), self._linear.basis())

    def _forget(self) -> None:
        """No column is in, and the engine is new."""
        self.__dict__.pop("_linear", None)
        self._in[:], self._order = False, self._order[:0]

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

    def _close_artificials(self) -> None:
        count = len(self._artificial_rows)
        self._linear.set_bounds(np.arange(count), np.zeros(count), np.zeros(count))

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

    # -- narrowing --------------------------------------------------------------------------------------------------

    def cut(self, values: Ints, most: float) -> None:
        """values · x ≤ most from now on: a tier keeps what it reached. Said again with less, the same row is tightened."""
        self._linear.strategy(self.onward)
        number = self.own.place_of(values)
        if number is None:
            self._add_row(OwnRow(values, most))
        elif most < self.own.rows[number].most:
            self.own.tighten(number, most)
            self._linear.set_row_bounds(len(self._rows) + number, -np.inf, most)

    def strengthen(self, rows: Sequence[OwnRow]) -> None:
        """Rows that every plan keeps, and the last optimum breaks."""
        self._linear.strategy("dual")
        for row in rows:
            self._add_row(row)

    def _add_row(self, row: OwnRow) -> None:
        values = row.among(self._order)
        used = np.flatnonzero(values)
        self._linear.add_row(-np.inf, row.most, used + len(self._artificial_rows), values[used].astype(np.float64))
        self.own.add(row)

    def fix(self, columns: Ints, value: Floats) -> None:
        """Fix columns of the program at ``value`` (their bound)."""
        self.limit(columns, value, value)

    def limit(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Narrower bounds of columns of the program, which the present x must keep."""
        moved = self.lower[columns] != lower
        self.lower[columns[moved]], self.upper[columns] = lower[moved], upper
        place = np.full(self.program.shape[1], -1)
        place[self._order] = np.arange(len(self._order))
        inside = self._in[columns]
        self._linear.set_bounds(place[columns[inside]] + len(self._artificial_rows), lower[inside], upper[inside])

    def shrink(self) -> None:
        """Leave out columns that are fixed at nothing, and rows that no other column is in: the LP stays what it is, and its
        steps are cheaper.
        """
        nothing = (self.upper[self._order] == 0) & (self.lower[self._order] == 0)
        # A pivot and the row that says what it is are asked for by those who divide what it may be.
        nothing &= ~np.isin(self._order, [pivot.column for pivot in self.program.pivots.values()])
        if len(nothing) < WORTH_SHRINKING or 2 * nothing.sum() < len(nothing):
            return
        basis = self._linear.basis()
        kept = self._order[(basis.columns[len(self._artificial_rows) :] == BASIC) | ~nothing]
        open_ = self.upper > 0
        open_[kept] = True
        part = self._part(kept, open_, basis)
        self._in[:] = False
        self._in[kept] = True
        self._order, self._artificial_rows = kept, part.artificials
        self._rows = part.rows[part.rows < len(self.row_lower)]
        self._linear.close()
        self._linear = self._made(part, np.zeros(len(kept)), self.interior)
        self._linear.strategy(self.onward)

    def _part(self, columns: Ints, open_: Bools, basis: Basis) -> _Part:
        """The LP over ``columns``, where it stands (``basis``); no rows are out but those that no column of ``open_`` is in.

        Such a row's slack is in the basis, or it stays: leaving out both keeps the basis one.
        """
        count, bare = len(self._artificial_rows), len(self._rows)
        met = np.zeros(len(self.row_lower), dtype=bool)
        for start, part in blocks(self.program.matrix, self._should_stop):
            met[part.indices[np.repeat(open_[start : start + part.shape[0]], np.diff(part.indptr))]] = True
        stays = basis.rows != BASIC
        stays[bare:] = True
        stays[:bare] |= met[self._rows]
        artificials = basis.columns[:count] == BASIC
        stays[:bare] |= np.isin(self._rows, self._artificial_rows[artificials])
        status = np.full(self.program.shape[1], LOWER, dtype=np.int8)
        status[self._order] = basis.columns[count:]
        statuses = np.concatenate((basis.columns[:count][artificials], status[columns]))
        return _Part(columns, self.rows[stays], self._artificial_rows[artificials], Basis(statuses, basis.rows[stays]))

    def _made(self, part: _Part, cost: Floats, interior: bool = False) -> Linear:
        """The LP of ``part``, its artificial columns before the others."""
        lower, upper = self.limits()
        linear = Linear(lower[part.rows], upper[part.rows], self._should_stop, interior=interior)
        count = len(part.artificials)
        places = (np.searchsorted(part.rows, part.artificials), np.arange(count))
        ones = sparse.csc_array(sparse.coo_array((np.ones(count), places), shape=(len(part.rows), count)))
        linear.add_columns(ones, np.zeros(count), np.zeros(count), np.zeros(count))
        columns = part.columns
        own = sparse.csc_array(self.over(columns).tocsr()[part.rows])
        linear.add_columns(own, cost, self.lower[columns], self.upper[columns])
        linear.set_basis(part.basis)
        return linear

    @property
    def rows(self) -> Ints:
        """Which rows the LP has: places among the program's, and after them the master's own."""
        return np.concatenate((self._rows, len(self.row_lower) + np.arange(len(self.own))))

    def _inside(self, columns: Ints) -> sparse.csc_array:
        """The LP's rows over ``columns``."""
        part = self.over(columns)
        return part if len(self._rows) == len(self.row_lower) else sparse.csc_array(part.tocsr()[self.rows])

    def _of_all_rows(self, y: Floats) -> Floats:
        """A dual for every row: those that are out have none, and those said by the way are nobody's business."""
        y = y[: len(self._rows) + len(self.own)]
        if len(self._rows) == len(self.row_lower):
            return y
        duals = np.zeros(len(self.row_lower) + len(self.own))
        duals[self.rows] = y
        return duals

    def copied(self, columns: Ints, cost: Numbers) -> tuple[Linear, int, Ints, Ints]:
        """The LP where it stands, over ``columns`` and those that it uses or might, and the rows that these are in; how many
        columns stand before them, which they are, and which rows (as in ``rows``).
        """
        basis, count = self._linear.basis(), len(self._artificial_rows)
        used = (basis.columns[count:] != LOWER) | (self.lower[self._order] > 0)
        pool = np.union1d(columns, self._order[used])
        open_ = np.zeros(self.program.shape[1], dtype=bool)
        open_[pool] = True
        part = self._part(pool, open_, basis)
        return self._made(part, cost[pool].astype(np.float64)), len(part.artificials), pool, part.rows

    def limits(self) -> tuple[Floats, Floats]:
        """Lower and upper limits of the rows, and of the master's own."""
        lower = np.concatenate((self.row_lower, np.full(len(self.own), -np.inf)))
        return lower, np.concatenate((self.row_upper, self.own.upper()))

    def over(self, columns: Ints | slice) -> sparse.csc_array:
        """The rows, and the master's own, over ``columns``."""
        part = self.program.columns(columns)
        return sparse.csc_array(sparse.vstack((part, self.own.over(columns)))) if len(self.own) else part

    def tighten_row(self, row: int, value: float) -> None:
        """Row becomes an equation at ``value``."""
        self.row_lower[row] = self.row_upper[row] = value
        place = int(np.searchsorted(self._rows, row))
        if place < len(self._rows) and self._rows[place] == row:
            self._linear.set_row_bounds(place, value, value)

    @property
    def inside(self) -> Bools:
        return self._in


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
