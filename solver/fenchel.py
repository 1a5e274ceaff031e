"""What an LP does not see in a row with large coefficients: that half a person brings nothing.

Where a row ties a few teachers, each with one coefficient whichever option is taken ("those sent have at least so many points,
on average"), the LP sends the strong by halves. Fenchel cuts (Boyd 1994, "Fenchel cutting planes for integer programs") say what
every whole choice of such a row keeps, as sharp as can be: a small LP asks for the inequality that the fractions break
most, and a table (Bellman 1957) for the choice that would break it, until there is none. With whole coefficients its right
side is what that table gives, so that anybody can work it out again (``solver.certificates.packings``).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from solver.certificates import Packing
from solver.engines.failure import EngineError
from solver.engines.highs import Linear
from solver.index import Floats, Ints, Numbers
from solver.master import Bound, Master
from solver.matrix import blocks
from solver.own_rows import OwnRow
from solver.program import Program
from solver.stopping import ShouldStop, look, never

MOST_TEACHERS = 200
"""In a row: a school's, not a county's."""
MOST_REACH = 100_000
"""Of a row's coefficients together: its table has so many places."""
FINE = 120
"""A cut's coefficients are whole numbers up to this, which has many divisors."""
BROKEN = 1e-3
"""A part of the largest coefficient; what is broken by less is not worth a row."""
FAINT = 1e-4
"""What a slack counts that is nothing: or the cut would say more of it than it has to."""
ASKED = 200
"""So many choices and the inequality is given up."""
FIRST = 30
"""Cuts in the first round: a sample, for there may be hundreds that matter nothing to a tier."""
GAINED = 0.005
"""A part of what all rounds gained; a round that gains less is the last."""
WHOLE = 1e-6


@dataclass(frozen=True)
class Knapsack:
    """A ``row`` as weight · y + ``slack`` ≥ ``least``, y ∈ {0, 1} for each of ``teachers``; ``high``: it is its upper limit.

    ``columns``: the options in it, and the place of each one's teacher among ``teachers``; ``slack``: a helper's column.
    """

    row: int
    high: bool
    least: int
    columns: Ints
    place: Ints
    teachers: Ints
    weight: Ints
    slack: int | None


class Fenchel:
    """The rows of a program that are such, and what an LP's optimum breaks of them."""

    def __init__(self, program: Program, should_stop: ShouldStop = never) -> None:
        self.should_stop = should_stop
        self.knapsacks = _knapsacks(program, should_stop) if len(program.knapsacks) else []
        self._in_vain: dict[int, Floats] = {}
        """What each row was last asked about in vain."""

    def sharpened(
        self, master: Master, cost: Numbers, bound: Bound, enough: float = np.inf, until: float = np.inf
    ) -> Bound:
        """``master``'s optimum ``bound`` of ``cost`` again and again with what it breaks, which ``master`` keeps for good.

        ``enough``: a bound that is worth no more; ``until``: by ``time.monotonic``. Raises Stopped.
        """
        begun, most = bound.value, FIRST
        while bound.value < enough and (cuts := self.cuts(bound.x, master.upper, until, most)):
            before = bound.value
            master.strengthen(cuts)
            bound, most = master.minimise(cost), len(self.knapsacks)
            if bound.value - before <= GAINED * (bound.value - begun) or time.monotonic() > until:
                break
        return bound

    def cuts(self, x: Floats, upper: Floats, until: float = np.inf, most: int | None = None) -> list[OwnRow]:
        """What ``x``, over all columns, breaks of rows whose slack, if any, is open up to ``upper``, ``most`` at most. Raises Stopped."""
        found: list[OwnRow] = []
        for number, knapsack in enumerate(self.knapsacks):
            look(self.should_stop)
            if time.monotonic() > until or len(found) == most:
                break
            if knapsack.slack is not None and upper[knapsack.slack] == 0:
                # Nothing may be missing there any more.
                knapsack = replace(knapsack, slack=None)
            share: Floats = np.bincount(knapsack.place, x[knapsack.columns], len(knapsack.teachers)).astype(np.float64)
            asked = np.append(share, 0.0 if knapsack.slack is None else x[knapsack.slack])
            known = self._in_vain.get(number)
            if np.all(np.abs(share - np.rint(share)) < WHOLE) or (known is not None and np.allclose(known, asked)):
                continue
            cut = _cut(knapsack, share, float(asked[-1]))
            if cut is None:
                self._in_vain[number] = asked
            else:
                found.append(cut)
        return found


def _knapsacks(program: Program, should_stop: ShouldStop) -> list[Knapsack]:
    """Those of ``program.knapsacks`` that are as they should be."""
    marked = np.zeros(program.shape[0], dtype=bool)
    marked[program.knapsacks] = True
    rows, columns, values = [], [], []
    for start, part in blocks(program.matrix, should_stop):
        inside = np.flatnonzero(marked[part.indices])
        rows.append(part.indices[inside])
        columns.append(start + np.searchsorted(part.indptr, inside, side="right") - 1)
        values.append(part.data[inside])
    row, column, value = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    order = np.argsort(row, kind="stable")
    row, column, value = row[order], column[order], value[order]
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    found = []
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(row)], strict=True):
        knapsack = _knapsack(program, int(row[begin]), column[begin:end], value[begin:end])
        if knapsack is not None:
            found.append(knapsack)
    return found


def _knapsack(program: Program, row: int, columns: Ints, values: Floats) -> Knapsack | None:
    low, high = float(program.row_lower[row]), float(program.row_upper[row])
    limit, sign = (low, 1.0) if np.isfinite(low) else (-high, -1.0)
    helper = columns >= len(program.options)
    helpers, options, weight = columns[helper], columns[~helper], sign * values[~helper]
    teachers, first, place = np.unique(program.options.teacher[options], return_index=True, return_inverse=True)
    plain = np.isfinite(low) != np.isfinite(high) and limit == np.rint(limit) and len(helpers) <= 1
    # A slack that makes up for one unit each; what its upper limit is does not matter.
    plain = plain and np.all(sign * values[helper] == 1) and np.all(program.lower[helpers] == 0)
    plain = plain and 1 < len(teachers) <= MOST_TEACHERS and np.array_equal(weight, weight[first][place])
    whole = np.array_equal(weight, np.rint(weight)) and float(np.abs(weight[first]).sum()) <= MOST_REACH
    if not plain or not whole:
        return None
    slack = int(helpers[0]) if len(helpers) else None
    own = weight[first].astype(np.int64)
    return Knapsack(row, sign < 0, int(limit), options, place, teachers, own, slack)


def _cut(knapsack: Knapsack, share: Floats, slack: float) -> OwnRow | None:
    """What the ``share`` of each teacher breaks most; None: nothing.

    It is about teachers who are not whole; for the others, who are left as they are (a face of the cube cuts a face of what
    the row allows), it is lifted one by one (Padberg 1975, "A note on zero-one programming").
    """
    inside = share > 1 - WHOLE
    open_ = np.flatnonzero((share > WHOLE) & ~inside)
    weight, limit = knapsack.weight, knapsack.least - int(knapsack.weight[inside].sum())
    soft = knapsack.slack is not None
    found = _broken_most(weight[open_], limit, share[open_], slack if soft else None)
    if found is None:
        return None
    # Whole numbers near them: the right side is worked out for what came of it.
    scaled = np.rint(FINE * found).astype(np.int64)
    if not scaled.any():
        return None
    scaled //= np.gcd.reduce(scaled)
    values, of_slack = np.zeros(len(share), dtype=np.int64), int(scaled[-1])
    values[open_] = scaled[:-1]
    lifted = _Lifted(weight, limit, of_slack if soft else None)
    for place in open_.tolist():
        lifted.add(int(weight[place]), int(values[place]))
    least = lifted.least()
    broken = least - float(values @ share) - of_slack * slack
    if not BROKEN * float(np.abs(scaled).max()) < broken < np.inf:
        return None
    right = round(least)
    # First who makes more possible, then who makes less.
    outside = np.setdiff1d(np.arange(len(share)), open_)
    helps = weight[outside] > 0
    order = np.where(inside[outside], np.where(helps, 2, 1), np.where(helps, 0, 3)).argsort(kind="stable")
    most = int(np.abs(scaled).max())
    for place in outside[order].tolist():
        values[place] = lifted.lift(int(weight[place]), right, bool(inside[place]), most)
        right += int(values[place]) if inside[place] else 0
    return _over_columns(knapsack, values, of_slack, right)


def _over_columns(knapsack: Knapsack, values: Ints, of_slack: int, least: int) -> OwnRow:
    at, own = knapsack.columns, values[knapsack.place]
    if knapsack.slack is not None and of_slack:
        at, own = np.append(at, knapsack.slack), np.append(own, of_slack)
    used = np.flatnonzero(own)
    packing = Packing(knapsack.row, knapsack.high, knapsack.teachers, values, of_slack)
    return OwnRow(-own[used], -float(least), at[used], packing)


def _broken_most(weight: Ints, least: int, share: Floats, slack: float | None) -> Floats | None:
    """Coefficients of each one and of the slack, at most 1 each (the slack's: more): of those who help not negative, of others not
    positive. ``slack`` None: the row has none.
    """
    helps, count = weight > 0, len(weight)
    sign, soft = np.where(helps, 1.0, -1.0), slack is not None
    linear = Linear(np.zeros(0), np.zeros(0), never)
    lower, upper = np.zeros(count + 2), np.ones(count + 2)
    upper[count] = count if soft else 0.0
    lower[-1], upper[-1] = -count, count
    cost = np.append(sign * share, [slack or FAINT, -1.0])
    choices = _Choices(weight, least, soft)
    try:
        linear.add_columns(sparse.csc_array((0, count + 2)), cost, lower, upper)
        for _ in range(ASKED):
            answer = linear.solve()
            if answer is None or answer.value > -BROKEN:
                return None
            values = sign * answer.x[:count]
            worth, choice = choices.least(values, float(answer.x[count]))
            if worth >= answer.x[-1] - WHOLE:
                return np.append(values, answer.x[count])
            if not np.isfinite(worth):
                return None
            row = np.append(choice * np.append(sign, 1.0), -1.0)
            at = np.flatnonzero(row)
            linear.add_row(0.0, np.inf, at, row[at])
    except EngineError:
        return None
    finally:
        linear.close()
    return None


class _Choices:
    """Which choices of few a row allows, by what they weigh together."""

    def __init__(self, weight: Ints, least: int, soft: bool) -> None:
        self._weight, self._soft = weight.tolist(), soft
        self._below = -int(np.minimum(weight, 0).sum())
        self._size = self._below + int(np.maximum(weight, 0).sum()) + 1
        self._missing = np.maximum(0.0, least + self._below - np.arange(self._size, dtype=np.float64))

    def least(self, values: Floats, of_slack: float) -> tuple[float, Floats]:
        """The least that an allowed choice is worth, and the choice: 1 for who is in it, and its slack."""
        table = np.full(self._size, np.inf)
        table[self._below] = 0.0
        taken = np.zeros((len(self._weight), self._size), dtype=bool)
        for number, (weight, value) in enumerate(zip(self._weight, values.tolist(), strict=True)):
            more = _moved(table, weight) + value
            taken[number] = more < table
            table = np.minimum(more, table)
        table = table + of_slack * self._missing if self._soft else np.where(self._missing > 0, np.inf, table)
        place = int(np.argmin(table))
        worth, choice = float(table[place]), np.zeros(len(self._weight) + 1)
        choice[-1] = self._missing[place]
        for number in range(len(self._weight) - 1, -1, -1):
            if taken[number, place]:
                choice[number] = 1.0
                place -= self._weight[number]
        return worth, choice


class _Lifted:
    """An inequality about some of a row's people, and what more may be said in it. ``least``: the row's, without those who count as
    chosen until it is about them.
    """

    def __init__(self, weight: Ints, least: int, of_slack: int | None) -> None:
        self._limit, self._of_slack = least, of_slack
        self._below = -int(np.minimum(weight, 0).sum())
        self._table = np.full(self._below + int(np.maximum(weight, 0).sum()) + 1, np.inf)
        """The least that choices are worth, by what they weigh."""
        self._table[self._below] = 0.0

    def add(self, weight: int, value: int) -> None:
        self._table = np.minimum(self._table, _moved(self._table, weight) + value)

    def least(self, more: int = 0) -> float:
        """The least that a choice is worth which weighs enough, and ``more``."""
        place = self._limit + more + self._below
        best = float(self._table[max(0, place) :].min(initial=np.inf))
        if self._of_slack is None or place <= 0:
            return best
        missing = place - np.arange(min(place, len(self._table)))
        return min(best, float((self._table[:place] + self._of_slack * missing).min(initial=np.inf)))

    def lift(self, weight: int, right: int, inside: bool, most: int) -> int:
        """The best coefficient of one more, ``right`` being the inequality's right side before; who is ``inside`` lifts that, too.

        ``most``: where any would do.
        """
        other = self.least(weight if inside else -weight)
        value = most if not np.isfinite(other) else round(other) - right
        value = value if inside else -value
        if inside:
            self._limit += weight
        self.add(weight, value)
        return value


def _moved(table: Floats, weight: int) -> Floats:
    """``table`` where every choice weighs so much more."""
    moved = np.full(len(table), np.inf)
    moved[max(0, weight) : len(table) + min(0, weight)] = table[max(0, -weight) : len(table) - max(0, weight)]
    return moved
