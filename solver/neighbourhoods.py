"""Better plans by large neighbourhoods: most of the plan stays, a few people at a few hosts are decided anew, exactly.

Shaw 1998 ("Using constraint programming and local search methods to solve vehicle routing problems"); which columns may
come in is told by the LP as in Danna, Rothberg & Le Pape 2005 (RINS). With any LP optimum, row duals y and reduced costs r,

    value(x) − bound = Σ_columns r · (x − bound of the column) + Σ_rows |y| · slack,

so every column and every row has its own share of what a plan loses (``_losses``): neighbourhoods start where the loss is,
and columns that alone would lose more than the whole plan does never come in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from solver.assignments import tying_rows
from solver.crew import Crew, Engine
from solver.engines.problem import MipAnswer, Problem
from solver.index import Bools, Floats, Ints
from solver.master import Bound
from solver.patterns import Asked, Patterns
from solver.program import activity
from solver.stopping import Stopped

WHOLE = 1e-6
POLL_SECONDS = 0.02
FIRST_SIZE = 16
"""Groups (teachers) decided anew at a time, to begin with."""
WIDTHS = (2.5, 5.0, 10.0)
"""Columns a group, on average, that are cheap enough to come in: narrow programs reach far, wide ones look closely."""
DIVING = len(WIDTHS)
"""The width that stands for diving in patterns, where the program has them …"""
DIVES = 0.7
"""… at least so often: what they find late, nothing else finds …"""
DIVING_SIZE = 100
"""… of so many groups at first …"""
PARTIAL = 0.4
"""… of which a dive takes at least this part: a whole plan anew goes far, some rows of the plan at hand go near, both find …"""
DIVING_SECONDS = 3.0
"""… and how long that may take before fewer groups are tried at a time."""
WIDENING = 2.0
"""… and how much wider it looks where nothing was found among all."""
GROWTH, SHRINKING = 1.15, 0.85
NOTHING_GROWTH, DIVED_GROWTH = 1.05, 1.01
"""After a dive that promised nothing, and after one that did."""
HOPE, MEMORY, CURIOSITY = 0.1, 0.95, 0.05
"""What a width gains, as a part of the plan's loss: expected at first, remembered the next time, granted to the others."""
FIRST_SECONDS = 0.5
MOST_SECONDS = 20.0
WORK_A_SECOND = 1.0
NEIGHBOURHOODS_A_WORK = 8
PATIENCE = 60
"""So many neighbourhoods in vain, and each gets more time."""


@dataclass(frozen=True)
class Neighbourhood:
    """``columns`` that may change; ``problem``: the program over them, all others as in the plan."""

    columns: Ints
    problem: Problem
    everything: bool = False
    """No column that a better plan could use is left out."""
    everybody: bool = False
    """No group is left out, of those columns that are cheap enough."""
    growth: float = GROWTH
    """The next one's size by this one's, where this one is exhausted in vain."""


class Neighbourhoods:
    """Improves a plan of ``problem`` (min cost · x; its rows include what tiers before may cost). Costs are whole numbers.

    ``group``: (k,) for the first k columns, ascending, whom each is about (the program's options and their teachers); the
    columns after them are helpers, free wherever a free column meets them. ``bound``: an LP optimum of the same cost; rows of
    ``bound.y`` are the problem's.
    """

    def __init__(
        self, problem: Problem, group: Ints, bound: Bound, crew: Crew, *, seed: int = 1, work: float | None = None
    ) -> None:
        self.problem, self.bound = problem, bound
        self.group = group.astype(np.int64)
        self.crew = crew
        self.work = work
        self.tried = 0
        self.sizes = [float(FIRST_SIZE)] * len(WIDTHS)
        self._seconds = FIRST_SECONDS
        self._vain = 0
        self._first: Floats | None = None
        self._begun = 0
        self._random = np.random.default_rng(seed)
        self._by_row = sparse.csr_array(problem.matrix)
        self._movable = problem.upper > problem.lower
        count = int(self.group.max(initial=-1)) + 1
        self._start = np.searchsorted(self.group, np.arange(count + 1))
        self._groups = np.flatnonzero(np.diff(self._start))
        self._sorted = np.sort(bound.reduced[: len(group)][self._movable[: len(group)]])
        self._widths = list(WIDTHS)
        self._caps = np.array([self._price(width) for width in WIDTHS])
        self._dearest = float(self._sorted[-1]) if len(self._sorted) else -np.inf
        self._ties = tying_rows(problem, self.group)
        self._helpers_by_row = sparse.csr_array(problem.matrix[:, len(group) :])
        self._soft = np.diff(self._helpers_by_row.indptr) > 0
        """Rows where a helper may give way."""
        self._patterns = Patterns.of(problem, self.group, self._ties, bound, float(self._caps[-1]))
        if self._patterns is not None:
            self.sizes.append(float(min(DIVING_SIZE, count)))
        self.worth = np.full(len(self.sizes), HOPE)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._told = threading.Event()
        """Whether the caller knows the best plan, and whether that is enough."""
        self._told.set()

    @property
    def dives(self) -> bool:
        """Whether the program has whole patterns to dive in."""
        return self._patterns is not None

    # -- the search -------------------------------------------------------------------------------------------------

    def improve(
        self,
        x: Floats,
        *,
        least: float = -np.inf,
        should_stop: Callable[[], bool] = lambda: False,
        better: Callable[[Floats], object] = lambda x: None,
        at_once: int | None = None,
    ) -> Floats:
        """The best plan found from ``x`` (whole, keeps every row) on; ``better`` hears of each, in the caller's thread.

        ``at_once``: how many of the crew's engines work; None: all.

        Ends when ``should_stop`` says so, at cost ``least``, when the whole program was one neighbourhood and exhausted, or,
        with a work limit, after a number of neighbourhoods.
        """
        self._take(x)
        self._first = x if self._first is None else self._first
        self._best, self._least = x, least
        self._over.clear()
        failures: list[BaseException] = []
        engines = self.crew.engines[: at_once if self.work is None else 1]
        slots = [threading.Thread(target=self._slot, args=(engine, failures), daemon=True) for engine in engines]
        for slot in slots:
            slot.start()
        told = self._best
        try:
            while any(slot.is_alive() for slot in slots):
                if should_stop():
                    self._over.set()
                for slot in slots:
                    slot.join(POLL_SECONDS / len(slots))
                if self._best is not told:
                    told = self._best
                    better(told)
                    if should_stop():
                        self._over.set()
                    self._told.set()
        finally:
            self._over.set()
            self._told.set()
            for slot in slots:
                slot.join()
        if failures:
            raise failures[0]
        return self._best

    def _slot(self, engine: Engine, failures: list[BaseException]) -> None:
        """One neighbourhood after the other, until it is over."""
        try:
            while not self._done():
                with self._lock:
                    self.tried += 1
                    width = self._width()
                    hood = self._choose(width) if width < DIVING else None
                hood = hood or self._dived(engine)
                answer = engine.solve(hood.problem, self._over) if len(hood.columns) else MipAnswer(None, np.inf, True)
                with self._lock:
                    self._learn(width, hood, answer)
                if self.work is not None:
                    # How many more there are is not left to how soon the caller hears of a plan.
                    self._told.wait()
        except Stopped:
            pass
        except BaseException as failure:
            failures.append(failure)
            self._over.set()

    def _width(self) -> int:
        """One at random, by what each gained."""
        worth = self.worth + CURIOSITY * self.worth.sum()
        chances = worth / worth.sum()
        if self.dives and chances[DIVING] < DIVES:
            chances[:DIVING] *= (1.0 - DIVES) / chances[:DIVING].sum()
            chances[DIVING] = DIVES
        return int(self._random.choice(len(chances), p=chances))

    def _done(self) -> bool:
        tired = self.work is not None and self.tried >= NEIGHBOURHOODS_A_WORK * self.work
        return tired or self._over.is_set() or self.value <= self._least + WHOLE or not len(self._groups)

    # -- the plan at hand -------------------------------------------------------------------------------------------

    def _take(self, x: Floats) -> None:
        self.x = x
        self.value = float(self.problem.cost @ x)
        self._active = self._movable & (np.abs(x - self.problem.lower) > WHOLE)
        self._busy = np.zeros(len(self._start) - 1, dtype=bool)
        self._busy[self.group[self._active[: len(self.group)]]] = True
        self._all_active = bool(self._busy[self._groups].all())
        self._activity = self._reached(x)
        self._row_losses = self._losses()

    def _losses(self) -> Floats:
        """(rows,) of value − bound, each row's share: its slack at its dual, and what the columns in it lose."""
        y, reduced = self.bound.y, self.bound.reduced
        side = np.where(y > 0, self.problem.row_lower, self.problem.row_upper)
        slack = np.where(np.isfinite(side), np.abs(self._activity - side), 0.0)
        away = np.where(reduced > 0, self.x - self.problem.lower, self.problem.upper - self.x)
        column = np.where(reduced == 0, 0.0, np.abs(reduced) * np.where(np.isfinite(away), away, 0.0))
        used = np.flatnonzero(column)
        part = self.problem.matrix[:, used]
        lost = np.bincount(part.indices, np.repeat(column[used], np.diff(part.indptr)), len(y))
        return np.asarray(np.abs(y) * slack + lost)

    def _reached(self, x: Floats) -> Floats:
        """(rows,) of a plan, in which few columns are more than nothing."""
        used = np.flatnonzero(x)
        return np.asarray(self.problem.matrix[:, used] @ x[used])

    def _learn(self, width: int, hood: Neighbourhood, answer: MipAnswer) -> None:
        """Take what is better; the next neighbourhood is larger if this one was exhausted in vain, smaller if it was too much."""
        before, loss = self.value, max(WHOLE, self.value - self.bound.value)
        improved = answer.x is not None and self._accept(hood, answer.x)
        self._vain = 0 if improved else self._vain + 1
        self.worth[width] = MEMORY * self.worth[width] + (before - self.value) / loss
        if answer.exhausted or width == DIVING:
            if hood.everything and not improved:
                self._over.set()
            elif hood.everybody and not improved:
                # Nothing so cheap is any better: what is dearer has to come in, of fewer people.
                self._widen(width)
            factor = 1.0 if improved else hood.growth
        else:
            factor = 0.97 if improved else SHRINKING
        self.sizes[width] = min(max(2.0, self.sizes[width] * factor), float(len(self._groups)))
        if self.dives and self._vain >= max(PATIENCE, (self.tried - self._begun) / 2):
            self._begin_again()
        elif self._vain and self._vain % PATIENCE == 0:
            self._seconds = min(MOST_SECONDS, self._seconds * 1.5)

    def _begin_again(self) -> None:
        """From the first plan, by another way: what dives find depends on what they found before."""
        assert self._first is not None
        self._take(self._first)
        self._vain, self._begun, self._seconds = 0, self.tried, FIRST_SECONDS
        self.worth[:] = HOPE

    def _accept(self, hood: Neighbourhood, part: Floats) -> bool:
        """The other slot may have moved on since: the change may still fit what it found."""
        x = self.x.copy()
        x[hood.columns] = np.where(self.problem.integer[hood.columns], np.rint(part), part)
        if float(self.problem.cost @ x) > self.value - 1 + WHOLE or not self._keeps_rows(x):
            return False
        self._take(x)
        if self.value < float(self.problem.cost @ self._best):
            self._told.clear()
            self._best = x
        return True

    def _keeps_rows(self, x: Floats) -> bool:
        activity = self._reached(x)
        return not (
            np.any(activity < self.problem.row_lower - WHOLE) or np.any(activity > self.problem.row_upper + WHOLE)
        )

    # -- neighbourhoods ---------------------------------------------------------------------------------------------

    def _widen(self, width: int) -> None:
        self._widths[width] *= WIDENING
        self._caps[width] = self._price(self._widths[width])
        self.sizes[width] = max(2.0, self.sizes[width] / WIDENING)

    def _price(self, width: float) -> float:
        """The reduced cost up to which there are ``width`` movable options a group."""
        if not len(self._sorted):
            return 0.0
        return float(self._sorted[min(int(width * len(self._groups)), len(self._sorted) - 1)])

    def _choose(self, width: int) -> Neighbourhood:
        """Groups by walking from a row that loses much along cheap columns; their cheap columns."""
        gap = max(0.0, self.value - self.bound.value)
        most = min(float(self._caps[width]), gap)
        groups = self._walk(max(2, round(self.sizes[width])), most)
        columns = self._columns(groups, most)
        # Every group, every column that alone does not lose more than the plan: reduced-cost fixing.
        everybody = len(groups) == len(self._groups)
        everything = everybody and (most >= gap or self._caps[width] >= self._dearest)
        problem = self._restricted(columns, self.problem.lower[columns], self.problem.upper[columns])
        return Neighbourhood(columns, problem, everything, everybody)

    def _dived(self, engine: Engine) -> Neighbourhood:
        """What is left to decide when the groups at some rows were placed anew by a dive; no columns: it promised nothing."""
        assert self._patterns is not None
        began = time.monotonic()
        with self._lock:
            random = np.random.default_rng(int(self._random.integers(2**30)))
            size = self.sizes[DIVING] * random.uniform(PARTIAL, 1.0)
            own, rows = self._together(self._patterns, round(size))
            below, loss = float(self.problem.cost[own].sum()) - 1.0, self.value - self.bound.value
        groups = np.sort(self.group[own])
        dive = engine.dive(self._patterns, Asked(rows, groups, below, loss, random), self._over)
        growth = NOTHING_GROWTH if dive is None else DIVED_GROWTH
        if self.work is None and time.monotonic() - began > DIVING_SECONDS:
            growth = SHRINKING
        with self._lock:
            if dive is None:
                return Neighbourhood(np.zeros(0, dtype=np.int64), self.problem, growth=growth)
            own = np.flatnonzero(self._active & np.isin(self.group, groups))
            columns = np.concatenate((dive.columns, dive.left, np.setdiff1d(own, np.append(dive.columns, dive.left))))
            lower, upper = np.zeros(len(columns)), np.zeros(len(columns))
            lower[: len(dive.columns)] = 1.0
            upper[: len(dive.columns) + len(dive.left)] = 1.0
            return Neighbourhood(columns, self._restricted(columns, lower, upper), growth=growth)

    def _together(self, patterns: Patterns, size: int) -> tuple[Ints, Ints]:
        """Rows with at least ``size`` groups among them, preferably such as lose much, and those groups' options of the plan."""
        losses = self._row_losses[patterns.rows]
        weights = 1.0 + len(losses) * losses / max(WHOLE, losses.sum())
        order = self._random.choice(len(losses), len(losses), replace=False, p=weights / weights.sum())
        own = np.flatnonzero(self._active)
        at = patterns.place[own]
        held = np.cumsum(np.bincount(at, minlength=len(losses))[order])
        rows = np.sort(order[: max(patterns.left + 2, int(np.searchsorted(held, size)) + 1)])
        return own[np.isin(at, rows)], rows

    def _walk(self, size: int, most: float) -> Ints:
        """``size`` groups: all at one row, then all at a row that one of them could cheaply go to, and so on."""
        if size >= len(self._groups):
            return self._groups
        chosen: dict[int, None] = {}
        rows: set[int] = set()
        weights = np.where(self._ties, self._row_losses, 0.0) + 1e-9 * self._ties
        row = int(self._random.choice(len(weights), p=weights / weights.sum())) if weights.any() else None
        for _ in range(4 * size):
            if row is not None:
                rows.add(row)
                # All of a row, or little can move in it; of a crowded one as many as there is room for.
                at = self._at(row)
                if len(at) > size:
                    at = self._random.permutation(at)[: size - len(chosen)]
                chosen.update(dict.fromkeys(at.tolist()))
                chosen.update(dict.fromkeys(self._others(row, most, min(max(2, len(at)), size - len(chosen))).tolist()))
            if len(chosen) >= size:
                break
            row = self._next_row(list(chosen), rows, most)
            if row is None:
                chosen[int(self._random.choice(self._groups))] = None
        return np.sort(np.fromiter(chosen, dtype=np.int64))

    def _at(self, row: int) -> Ints:
        """Groups with an option of the plan in ``row``."""
        part = slice(self._by_row.indptr[row], self._by_row.indptr[row + 1])
        columns = self._by_row.indices[part]
        columns = columns[columns < len(self.group)]
        return np.unique(self.group[columns[self._active[columns]]])

    def _others(self, row: int, most: float, room: int) -> Ints:
        """At most ``room`` groups that have a cheap option in ``row``, and none in the plan: who could come instead."""
        if room <= 0 or self._all_active:
            return np.zeros(0, dtype=np.int64)
        part = slice(self._by_row.indptr[row], self._by_row.indptr[row + 1])
        columns = self._by_row.indices[part]
        columns = columns[columns < len(self.group)]
        columns = columns[self._movable[columns] & (self.bound.reduced[columns] <= most)]
        groups = np.unique(self.group[columns])
        groups = groups[~self._busy[groups]]
        return groups if len(groups) <= room else self._random.permutation(groups)[:room]

    def _next_row(self, groups: list[int], rows: set[int], most: float) -> int | None:
        """A tying row of a cheap option of one of ``groups``; sometimes of somebody who could cheaply come to ``rows``."""
        if not groups:
            return None
        group = groups[int(self._random.integers(len(groups)))]
        columns = np.arange(self._start[group], self._start[group + 1])
        columns = columns[self._movable[columns] & (self.bound.reduced[columns] <= most)]
        if not len(columns):
            return None
        column = columns[int(self._random.integers(len(columns)))]
        matrix = self.problem.matrix
        near = matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]
        near = [int(row) for row in near if self._ties[row] and int(row) not in rows]
        return near[int(self._random.integers(len(near)))] if near else None

    def _columns(self, groups: Ints, most: float) -> Ints:
        """The options of ``groups`` that are cheap and find room, the plan's own, and the helpers that they meet."""
        options = np.concatenate([np.arange(self._start[group], self._start[group + 1]) for group in groups])
        options = options[self._movable[options]]
        own = self._active[options]
        options = options[own | ((self.bound.reduced[options] <= most) & self._fits(options))]
        return np.concatenate((options, self._helpers(options)))

    def _fits(self, options: Ints) -> Bools:
        """Which of ``options`` find room while all but ``options`` and helpers stay: few rows besides the chosen have any."""
        part = self.problem.matrix[:, options]
        rows, values = part.indices, part.data
        lower, upper = self.problem.lower[options], self.problem.upper[options]
        column = np.repeat(np.arange(len(options)), np.diff(part.indptr))
        least, most = activity(rows, column, values, lower, upper, part.shape[0])
        fixed = self._activity - part @ self.x[options]
        # A unit up from the column's lower bound, the others as they help.
        over = fixed[rows] + least[rows] + np.maximum(values, 0.0) > self.problem.row_upper[rows] + WHOLE
        short = fixed[rows] + most[rows] + np.minimum(values, 0.0) < self.problem.row_lower[rows] - WHOLE
        fits = np.ones(len(options), dtype=bool)
        fits[column[(over | short) & ~self._soft[rows]]] = False
        return fits

    def _helpers(self, options: Ints) -> Ints:
        """Helpers in a row of ``options``, and helpers that share a row with those."""
        count, movable = len(self.group), self._movable[len(self.group) :]
        found = np.zeros(len(movable), dtype=bool)
        if not len(found):
            return np.zeros(0, dtype=np.int64)
        rows = np.unique(self.problem.matrix[:, options].indices)
        while len(rows):
            met = self._helpers_by_row[rows].indices
            new = np.unique(met[movable[met] & ~found[met]])
            found[new] = True
            rows = np.unique(self.problem.matrix[:, count + new].indices) if len(new) else new
        return count + np.flatnonzero(found)

    def _restricted(self, columns: Ints, lower: Floats, upper: Floats) -> Problem:
        """The rows over ``columns`` that can break, and cost ≤ what the plan costs − 1."""
        problem, cost = self.problem, self.problem.cost[columns]
        part = sparse.csc_array(problem.matrix[:, columns])
        fixed = self._activity - part @ self.x[columns]
        low, high = problem.row_lower - fixed, problem.row_upper - fixed
        entries = part.tocoo()
        least, most = activity(entries.coords[0], entries.coords[1], entries.data, lower, upper, part.shape[0])
        needed = np.flatnonzero((least < low - WHOLE) | (most > high + WHOLE))
        rows = sparse.vstack((part.tocsr()[needed], cost[None, :]))
        return Problem(
            sparse.csc_array(rows), np.append(low[needed], -np.inf),
            np.append(high[needed], round(float(cost @ self.x[columns])) - 1),
            lower, upper, problem.integer[columns], cost, seed=int(self._random.integers(1, 2**30)),
            seconds=self._seconds if self.work is None else None,
            work=None if self.work is None else WORK_A_SECOND * self._seconds,
        )  # fmt: skip


def rounded(problem: Problem, group: Ints, bound: Bound) -> Floats:
    """Each group's largest option of the LP optimum, where that is more than nothing at all; helpers rounded."""
    count = len(group)
    x = np.clip(np.where(problem.integer, np.rint(bound.x), bound.x), problem.lower, problem.upper)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    share = bound.x[:count]
    if count:
        taken = np.add.reduceat(share, starts)
        order = np.lexsort((-share, group))
        largest = order[starts]
        x[:count] = problem.lower[:count]
        x[largest] = np.where(taken > 0.5, problem.upper[largest], problem.lower[largest])
    return x


def elastic(problem: Problem, x: Floats, bound: Bound) -> tuple[Problem, Floats, Bound]:
    """The program with a column for what ``x`` breaks in each row, dear enough that a better x breaks less; x and bound in it.

    An x of it whose last columns are 0 is a plan.
    """
    activity = problem.matrix @ x
    short = np.ceil(np.maximum(problem.row_lower - activity, 0.0) - WHOLE)
    over = np.ceil(np.maximum(activity - problem.row_upper, 0.0) - WHOLE)
    rows = np.flatnonzero((short > 0) | (over > 0))
    missing, count = (short + over)[rows], len(rows)
    price = np.ceil(10 * np.abs(bound.y).max(initial=0.1))
    sign = np.where(short[rows] > 0, 1.0, -1.0)
    slack = sparse.csc_array(sparse.coo_array((sign, (rows, np.arange(count))), shape=(len(activity), count)))
    wider = replace(
        problem,
        matrix=sparse.csc_array(sparse.hstack((problem.matrix, slack))),
        lower=np.append(problem.lower, np.zeros(count)),
        upper=np.append(problem.upper, missing),
        integer=np.append(problem.integer, np.ones(count, dtype=bool)),
        cost=np.append(problem.cost, np.full(count, price)),
    )
    reduced = np.append(bound.reduced, price - sign * bound.y[rows])
    return wider, np.append(x, missing), replace(bound, reduced=reduced, x=np.append(bound.x, np.zeros(count)))
