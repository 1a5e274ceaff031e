"""Cutting planes on the master's LP: what a few fractional options hide is closed without an exact program.

Gomory mixed-integer cuts from the optimal tableau (Gomory 1960; Cornuéjols 2008, "Valid inequalities for mixed integer linear
programs"). The LP is warm, where an exact program begins it from nothing: two rounds of cuts take a tenth of a second on a
city, whose exact program spends twenty on its first LP. Cuts are about ``columns`` alone, those that a better plan may use,
and gone when the tier is done.

Any multipliers give a valid cut, so rounding in the LP only makes weaker ones. Rounding here is paid for: what is within NEAR
of a whole number counts as whole, and what that may change is taken from the cut.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from solver.certificates import Cutting, Sum
from solver.engines.failure import EngineError
from solver.engines.highs import BASIC, LOWER, Basis
from solver.index import Bools, Floats, Ints, Numbers
from solver.master import LARGEST_COST, Bound, Master
from solver.program import activity
from solver.stopping import ShouldStop, look, never

ROUNDS = 50
ROWS_A_ROUND = 200
WORK_A_ROUND = 12_000_000
"""Rows times columns: about half a second."""
WORK = 100_000_000
"""Of all rounds together."""
FRACTIONAL = 0.01
"""A row whose right side is nearer to a whole number gives a cut that rounding may turn into a lie."""
NEAR = 1e-9
ROUNDING = 1e-15
"""A part of a sum's size, which float64 may lose of it."""
SPARE = 1e-12
"""Times the largest sums that a cut's arithmetic may have seen."""
FAINT = 1e-9
"""A part of a cut's size; smaller coefficients are left out at their worst."""
DEEP = 0.1
"""A part of what the LP's optimum misses the cut by if nothing is lost to rounding."""
GAINED = 1e-6
"""A bound that rose by no more did not rise."""
SIZE = 100.0
"""Of a row's coefficients in the LP, whose tolerance is absolute."""
FAR = 1e6
"""Instead of infinity, where rounding is paid for by the range of a column or row."""
ALIKE = 0.9
"""Cosine from which on one of two cuts is enough."""
PROGRESS = 0.005
"""A part of what all rounds gained; where a round gains less, exact programs say more."""
HOPE = 0.002
"""A part of the gap; where a round closes less, it would take hundreds …"""
CHEAP = 4_000_000
"""… which only rounds cost that took so much work together: few fractional columns may have a poor plan beside them."""
AMPLE = 2.0
"""How many times what is missing a ray adds."""
LARGE = 50.0
"""Rows with larger coefficients keep their slack as a column."""
LARGEST = 1e7
"""Rows with larger coefficients are left out of sums: they are not for floating point."""


@dataclass(frozen=True)
class Cut:
    """coefficients · x ≥ least; the coefficients' squares add up to 1, so that ``depth`` is the distance that it cuts off.

    ``made_of``: what it follows from; rounded, that has the coefficients times ``size``.
    """

    coefficients: Floats
    least: float
    depth: float
    size: float
    made_of: Sum

    def is_like(self, other: Cut) -> bool:
        return abs(float(self.coefficients @ other.coefficients)) > ALIKE


@dataclass(frozen=True)
class Corner:
    """An LP's optimum ``x``: each column's nearer ``bound`` (``flipped``: the upper) and each row's nearer ``side`` (``high``)."""

    x: Floats
    activity: Floats
    flipped: Bools
    bound: Floats
    high: Bools
    side: Floats
    sides: tuple[Ints, Ints]
    """Columns and rows that count from their upper limit, without columns of slack."""


class Gomory:
    """The LP of ``cost`` as ``master`` has just solved it, over ``columns`` and those that it uses (together: the pool).

    ``cutting``: after ``run``, what proves its answer; rows as in the master (the tiers that it keeps come after the
    program's), None where there is nothing that others could work out again.
    """

    cutting: Cutting | None = None
    hurried: bool = False
    """Whether the clock ended it: another machine may come to another bound."""

    def __init__(
        self, master: Master, cost: Numbers, columns: Ints, should_stop: ShouldStop = never, until: float = np.inf
    ) -> None:
        """``until``: by ``time.monotonic``, when no more rows of the tableau are looked at."""
        self.master, self.should_stop, self.until, program = master, should_stop, until, master.program
        largest = float(np.abs(cost).max(initial=0.0))
        self.unit = max(1.0, largest / LARGEST_COST)
        self.linear, self.before, self.pool, self.rows = master.copied(columns, cost / self.unit)
        self.cost = cost[self.pool] / self.unit
        self.by_column = sparse.csr_array(master.over(self.pool).tocsr()[self.rows].T)
        self.row_lower, self.row_upper = (limits[self.rows] for limits in master.limits())
        self.lower, self.upper = master.lower[self.pool], master.upper[self.pool]
        self.integer = program.integer[self.pool]
        self.whole = self._whole_rows()
        self.steep = self._rows_above(LARGEST)
        self.equal = np.flatnonzero(self.row_lower == self.row_upper)
        self.spelled, self.sign = np.zeros(0, dtype=np.int64), np.zeros(0)
        self.added: list[Sum] = []
        self.scales = np.zeros(0)
        """How many times each cut that was added, as it is made, its row in the LP is."""
        self._spell_out(self._rows_above(LARGE))
        self.room = np.minimum(self.upper - self.lower, FAR)
        self.reach = np.maximum(np.abs(self.lower), np.minimum(np.abs(self.upper), FAR))
        self.row_room = self._row_room()

    def _rows_above(self, size: float) -> Bools:
        """Rows with a larger coefficient."""
        rows = np.zeros(len(self.row_lower), dtype=bool)
        rows[self.by_column.indices[np.abs(self.by_column.data) > size]] = True
        return rows

    def _row_room(self) -> Floats:
        """How far each row may be from the side that it counts from."""
        entries = self.by_column.tocoo()
        column, row = entries.coords
        least, most = activity(row, column, entries.data, self.lower, self.upper, len(self.row_lower))
        high, low = np.minimum(self.row_upper, most), np.maximum(self.row_lower, least)
        room = np.nan_to_num(high, posinf=FAR) - np.nan_to_num(low, neginf=-FAR)
        return np.where(self.row_lower < self.row_upper, np.maximum(room, 1.0), 0.0)

    def _spell_out(self, rows: Bools) -> None:
        """These rows become equations with a column for what is left of them. A cut is short in such a column; said in all
        the others, its coefficients would be from 1 to 100 000.
        """
        limited = np.isfinite(self.row_lower) | np.isfinite(self.row_upper)
        at = np.flatnonzero(rows & limited & (self.row_lower < self.row_upper))
        if not len(at):
            return
        high = np.isfinite(self.row_upper[at])
        side = np.where(high, self.row_upper[at], self.row_lower[at])
        most = self.row_upper[at] - self.row_lower[at]
        basis = self.linear.basis()
        shape = (len(self.row_lower), len(at))
        self.spelled, self.sign = at, np.where(high, 1.0, -1.0)
        columns = sparse.csc_array(sparse.coo_array((self.sign, (at, np.arange(len(at)))), shape=shape))
        self.linear.add_columns(columns, np.zeros(len(at)), np.zeros(len(at)), most)
        for row, value in zip(at.tolist(), side.tolist(), strict=True):
            self.linear.set_row_bounds(row, value, value)
        status = np.where(basis.rows[at] == BASIC, BASIC, LOWER)
        basis.rows[at] = LOWER
        self.linear.set_basis(Basis(np.concatenate((basis.columns, status)), basis.rows))
        self.by_column = sparse.csr_array(sparse.vstack((self.by_column, columns.T)))
        self.row_lower[at] = self.row_upper[at] = side
        self.cost = np.append(self.cost, np.zeros(len(at)))
        self.lower, self.upper = np.append(self.lower, np.zeros(len(at))), np.append(self.upper, most)
        self.integer = np.append(self.integer, self.whole[at])

    def _whole_rows(self) -> Bools:
        """Rows whose activity is whole in every plan."""
        column = np.repeat(np.arange(len(self.pool)), np.diff(self.by_column.indptr))
        broken = (self.by_column.data != np.rint(self.by_column.data)) | ~self.integer[column]
        whole = np.ones(len(self.row_lower), dtype=bool)
        whole[self.by_column.indices[broken]] = False
        for side in (self.row_lower, self.row_upper):
            whole &= ~np.isfinite(side) | (side == np.rint(side))
        return whole

    def run(self, enough: float) -> Bound | None:
        """The LP's optimum with cuts, over the pool (other columns: infinite reduced costs); None: nothing was gained.
        ``enough``: a bound that is worth no more. Raises Stopped.
        """
        try:
            return self._run(enough)
        except EngineError:
            # Numerically too hard: it was only a help.
            return None
        finally:
            self.linear.close()

    def _run(self, enough: float) -> Bound | None:
        answer = self.linear.solve()
        if answer is None:
            return None
        begun, work = answer.value, 0
        rows = int(min(ROWS_A_ROUND, WORK_A_ROUND / len(self.cost)))
        for _ in range(ROUNDS):
            before, y, x = answer.value, answer.y, answer.x[self.before :]
            cuts, looked = self._cuts(x, rows)
            work += looked * len(self.cost)
            if not cuts:
                break
            self._add(cuts)
            answer = self.linear.solve()
            if answer is None:
                self.cutting = self._from_ray(y, before, enough)
                return self._said(np.inf, np.zeros(len(self.row_lower)), x)
            least = max(GAINED, PROGRESS * (answer.value - begun))
            if work > CHEAP:
                least = max(least, HOPE * (enough / self.unit - answer.value))
            over = self.hurried or work > WORK
            if answer.value - before <= least or answer.value >= enough / self.unit or over:
                break
        if answer.value <= begun + GAINED:
            return None
        self.cutting = self._cutting(answer.y)
        return self._said(answer.value, answer.y, answer.x[self.before :])

    def _said(self, value: float, y: Floats, x: Floats) -> Bound:
        """Of all columns, in the cost's own unit."""
        columns = self.master.program.shape[1]
        reduced, everywhere = np.full(columns, np.inf), np.zeros(columns)
        count = len(self.pool)
        reduced[self.pool] = (self.cost - self.by_column @ y)[:count] * self.unit
        everywhere[self.pool] = x[:count]
        return Bound(value * self.unit, reduced, y, everywhere)

    def _from_ray(self, y: Floats, value: float, enough: float) -> Cutting | None:
        """Duals of an LP that has no solution: ``y`` of the last that had one (its ``value``), and as much of a ray as leads
        beyond ``enough``.
        """
        ray = self.linear.ray()
        if ray is None:
            return None
        side = np.where(ray > 0, self.row_lower, self.row_upper)
        steps = -(self.by_column @ ray)
        limits = np.where(steps > 0, self.lower, self.upper)
        used, moved = ray != 0, steps != 0
        gained = float(ray[used] @ side[used] + steps[moved] @ limits[moved])
        missing = min(enough / self.unit, value + FAR) - value
        if not GAINED < gained < np.inf:
            return None
        return self._cutting(np.append(y, np.zeros(len(ray) - len(y))) + ray * (AMPLE * max(1.0, missing) / gained))

    def _cutting(self, y: Floats) -> Cutting:
        """The cuts that the duals ``y`` use, with those that they are made of."""
        rows = len(self.row_lower) - len(self.added)
        duals = y * self.unit
        # A row with a column of slack: its dual is the slack's price.
        duals[self.spelled] = -self.sign * (self.cost - self.by_column @ y)[len(self.pool) :] * self.unit
        duals[rows:] *= self.scales
        needed = duals[rows:] > 0
        for place in range(len(needed) - 1, -1, -1):
            if needed[place]:
                of = self.added[place].rows - rows
                needed[of[of >= 0]] = True
        every = len(self.master.row_lower) + len(self.master.own)
        number = np.concatenate((self.rows, every + np.cumsum(needed) - 1))
        sums = tuple(
            replace(added, rows=number[added.rows], high=number[added.high], equal=number[added.equal])
            for added, wanted in zip(self.added, needed, strict=True)
            if wanted
        )
        of_rows = np.zeros(every)
        of_rows[self.rows] = duals[:rows]
        return Cutting(sums, np.concatenate((of_rows, np.maximum(duals[rows:][needed], 0.0))))

    def _add(self, cuts: list[Cut]) -> None:
        self.added += [cut.made_of for cut in cuts]
        self.scales = np.append(self.scales, [SIZE / cut.size for cut in cuts])
        self.linear.strategy("dual")
        for cut in cuts:
            at = np.flatnonzero(cut.coefficients)
            self.linear.add_row(cut.least * SIZE, np.inf, at + self.before, cut.coefficients[at] * SIZE)
        rows = np.array([cut.coefficients for cut in cuts]) * SIZE
        self.by_column = sparse.csr_array(sparse.hstack((self.by_column, sparse.csr_array(rows.T))))
        self.row_lower = np.append(self.row_lower, [cut.least * SIZE for cut in cuts])
        self.row_upper = np.append(self.row_upper, np.full(len(cuts), np.inf))
        self.row_room = np.append(self.row_room, np.full(len(cuts), FAR))
        none = np.zeros(len(cuts), dtype=bool)
        self.whole, self.steep = np.append(self.whole, none), np.append(self.steep, none)

    def _cuts(self, x: Floats, rows: int) -> tuple[list[Cut], int]:
        """The deepest cuts of the most fractional rows of the tableau, no two alike; how many rows were looked at."""
        corner = self._corner(x)
        basic = self.linear.basic()
        of_column, of_row = basic >= self.before, basic < 0
        value, whole = np.zeros(len(basic)), np.zeros(len(basic), dtype=bool)
        column, row = basic[of_column] - self.before, -1 - basic[of_row]
        value[of_column], whole[of_column] = x[column], self.integer[column]
        value[of_row], whole[of_row] = corner.activity[row], self.whole[row]
        from_whole = np.abs(value - np.rint(value))
        places = np.flatnonzero(whole & (from_whole > FRACTIONAL))
        places = places[np.argsort(-from_whole[places], kind="stable")][:rows]
        found: list[Cut] = []
        for place in places.tolist():
            look(self.should_stop)
            if time.monotonic() > self.until:
                self.hurried = True
                break
            cut = self._cut(self.linear.multipliers(place), corner)
            if cut is not None:
                found.append(cut)
        kept: list[Cut] = []
        for cut in sorted(found, key=lambda cut: -cut.depth):
            if not any(cut.is_like(other) for other in kept):
                kept.append(cut)
        return kept, len(places)

    def _corner(self, x: Floats) -> Corner:
        reached = self.by_column.T @ x
        flipped = self.upper - x < x - self.lower
        high = self.row_upper - reached < reached - self.row_lower
        bound, side = np.where(flipped, self.upper, self.lower), np.where(high, self.row_upper, self.row_lower)
        columns, spelled_high = flipped[: len(self.pool)], high.copy()
        spelled_high[self.spelled] = (self.sign > 0) != flipped[len(self.pool) :]
        sides = self.pool[columns], np.flatnonzero(spelled_high[: len(high) - len(self.added)])
        return Corner(x, reached, flipped, bound, high, side, sides)

    def _sum(self, taken: Floats, sums: Floats, corner: Corner) -> Sum:
        """What rows ``taken`` so often come to, said without columns of slack: there a row is taken as often as its slack is."""
        times, rows = taken.copy(), len(taken) - len(self.added)
        times[rows:] *= self.scales
        times[self.spelled] = self.sign * sums[len(self.pool) :]
        at = np.flatnonzero(times)
        return Sum(at, times[at], *corner.sides, self.equal)

    def _cut(self, multipliers: Floats, corner: Corner) -> Cut | None:
        """The rounded sum of the rows: every column counts from the bound that it is nearer to, every row from its side."""
        rows = np.flatnonzero((np.abs(multipliers) > NEAR) & np.isfinite(corner.side) & ~self.steep)
        times, high, side = _snapped(multipliers[rows]), corner.high[rows], corner.side[rows]
        taken = np.zeros(len(self.whole))
        taken[rows] = times
        sums = self.by_column @ taken
        right = float(times @ side - sums @ corner.bound)
        part = right - np.floor(right)
        if not FRACTIONAL < part < 1 - FRACTIONAL:
            return None
        made_of = self._sum(taken, sums, corner)
        sums[corner.flipped] *= -1.0
        room = self.row_room[rows]
        own, blur = _rounded(sums, part, self.integer, self.room)
        slack, blur_too = _rounded(np.where(high, times, -times), part, self.whole[rows], room)
        # By so much the sum's right side may be another, and every coefficient with it.
        blur += blur_too + ROUNDING * float(np.abs(times) @ np.abs(side) + np.abs(sums) @ np.abs(corner.bound))
        lost = blur * (2.0 + float(self.room[own != 0].sum() + room[slack != 0].sum()))
        # Back to x: a column's distance from its bound, a row's from its side.
        own[corner.flipped] *= -1.0
        taken[rows] = signed = np.where(high, -slack, slack)
        least = part * (1 - part) - lost + float(own @ corner.bound) + float(signed @ side)
        return self._made(own + self.by_column @ taken, least, part * (1 - part), corner.x, made_of)

    def _made(self, coefficients: Floats, least: float, violation: float, x: Floats, made_of: Sum) -> Cut | None:
        """The cut in its own size; None: it cuts off less of the ``violation`` than rounding lets one trust."""
        size = float(np.linalg.norm(coefficients))
        if not np.isfinite(least) or size < NEAR:
            return None
        least -= SPARE * (float(np.abs(coefficients) @ self.reach) + abs(least))
        # What is next to nothing is left out, at its worst.
        faint = np.flatnonzero((np.abs(coefficients) < FAINT * size) & (coefficients != 0))
        least -= float(coefficients[faint] @ np.where(coefficients[faint] > 0, self.upper[faint], self.lower[faint]))
        coefficients[faint] = 0.0
        depth = least - float(coefficients @ x)
        if not depth > DEEP * violation:
            return None
        return Cut(coefficients / size, least / size, depth / size, size, made_of)


def _snapped(multipliers: Floats) -> Floats:
    """Whole where they are nearly whole: as good, and a row without a second limit loses nothing."""
    whole = np.rint(multipliers)
    return np.where(np.abs(multipliers - whole) < NEAR, whole, multipliers)


def _rounded(coefficients: Floats, part: float, whole: Bools, room: Floats) -> tuple[Floats, float]:
    """Gomory's coefficients of variables from 0 to ``room``, and by how much the sum may change as some count as whole that are
    not quite.

    Σ a y = b, y ≥ 0, gives Σ g y ≥ f (1 − f) where f is ``part``, b's fraction: g = min(fraction of a × (1 − f), (1 − it) × f) where
    y is whole, else a (1 − f) or −a f.
    """
    fraction = coefficients - np.floor(coefficients)
    off = np.minimum(fraction, 1 - fraction)
    near = whole & (off < NEAR)
    rounded = np.where(
        whole,
        np.minimum(fraction * (1 - part), (1 - fraction) * part),
        np.where(coefficients > 0, coefficients * (1 - part), -coefficients * part),
    )
    rounded[near | (room == 0)] = 0.0
    return rounded, float(off[near] @ room[near])
