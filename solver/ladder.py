"""The tiers of one program as a ladder of linear programs that stay warm: what would the best plan be, if …?

Rung k minimises tier k while the tiers before it keep their values, a row each. A question changes bounds, or adds rows,
and nothing else; so every rung's last basis stays dual feasible, and a few dual simplex steps answer (Lemke 1954). Columns
come by need, as in ``solver.master``: the duals price all that are not in, so a rung's value is a bound over every column.
A last cost asks for the plan that disturbs the fewest people. Where its solution is whole (nearly always), it is a best
plan and every rung's value is proved; where it is not, small exact programs settle tier after tier.

Tiers of small numbers share a rung: a unit of the one outweighs all that the other could differ by, so the sum is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from solver.engines.highs import LpAnswer, solve_problem
from solver.engines.problem import Problem
from solver.engines.warm import Warm
from solver.index import Bools, Floats, Ints
from solver.master import Master
from solver.matrix import reduced_costs
from solver.program import Program

TOLERANCE = 1e-7
WHOLE = 1e-5
PER_ROUND = 100
STEEPEST = 1e6
MIP_SECONDS = 20.0


@dataclass(frozen=True)
class Row:
    """lower ≤ Σ values · x[columns] ≤ upper, for as long as a question lasts."""

    columns: Ints
    values: Floats
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True)
class Question:
    """What is forced: bounds of the program's columns and rows, and rows of its own."""

    columns: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    limits: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def closing(cls, columns: Ints) -> Question:
        """None of ``columns``."""
        return cls({int(column): (0.0, 0.0) for column in columns})


@dataclass(frozen=True)
class Reached:
    """The best plan under a question: x over all columns, whole; ``exact``: no plan is better, tier by tier (proved)."""

    x: Floats
    exact: bool
    proof: str


class Unsettled(Exception):
    """An exact program ran out of its time before it had an answer."""


class Ladder:
    """``costs`` are whole numbers over the program's columns, most important first; ``start`` is a plan's options."""

    def __init__(self, program: Program, costs: Sequence[Floats], start: Ints) -> None:
        self.program = program
        self.costs, self.weights = _merged(program, [np.asarray(cost, dtype=np.float64) for cost in costs])
        self._by_column = np.array(self.costs).T
        self._in = np.zeros(program.shape[1], dtype=bool)
        self._order = np.zeros(0, dtype=np.int64)
        self._place = np.full(program.shape[1], -1)
        self._rows = program.shape[0]
        free = np.full(len(self.costs), np.inf)
        low, high = np.concatenate((program.row_lower, -free)), np.concatenate((program.row_upper, free))
        self._rungs = [Warm(low, high)]
        self._add(_first_columns(program, start))
        self.nominal: tuple[int, ...] = ()
        self._duals: list[Floats] = []
        for k, cost in enumerate(self.costs):
            if k:
                self._rungs.append(self._rungs[-1].copy())
            self._rungs[k].set_cost(cost[self._order])
            self._cap(k, self.nominal)
            answer = self._solve(k, "primal")
            if answer is None:
                raise RuntimeError("the plan at hand is no solution of the program")
            self.nominal += (_rounded_up(answer.value),)
            self._duals.append(answer.y)

    @property
    def column_count(self) -> int:
        return len(self._order)

    def parts(self, k: int, value: float) -> tuple[int, ...]:
        """The least, tier by tier, that a rise of rung k by ``value`` can mean for the tiers that share the rung."""
        found, rest = [], _rounded_up(value)
        for weight in self.weights[k]:
            found.append(max(0, -((weight - 1 - rest) // weight)))
            rest -= found[-1] * weight
        return tuple(found)

    def reduced(self, k: int) -> Floats:
        """Every column's reduced cost in rung k: what forcing it in costs there at least, the rungs before it unchanged."""
        return np.maximum(0.0, self._price(k, self._duals[k], ()))

    # -- asking -----------------------------------------------------------------------------------------------------

    def ask(self, question: Question) -> Reached | None:
        """The best plan under ``question``; None: there is none (proved over every column). Raises Unsettled."""
        wanted: list[Ints] = [
            np.array([column for column, (lower, _) in question.columns.items() if lower > 0], dtype=np.int64)
        ]
        wanted += [row.columns for row in question.rows]
        self._add(np.unique(np.concatenate(wanted)))
        self._bind(question)
        try:
            return self._answer(question)
        finally:
            self._release(question)

    def _answer(self, question: Question) -> Reached | None:
        # Most questions cost nothing in the first tiers: try that first, and climb from the bottom where it fails.
        for first in sorted({max(0, len(self.costs) - 2), 0}, reverse=True):
            caps = list(self.nominal[:first])
            answer = self._from(first, caps, question)
            if answer is not None:
                break
        else:
            master = Master(self._restricted(_from_nothing(question)), lambda: False)
            if master.infeasibility() > 0:
                return None
            self._add(np.flatnonzero(master.inside))
            answer = self._from(0, caps := [], question)
            if answer is None:
                raise Unsettled
        x = np.zeros(self.program.shape[1])
        x[self._order] = answer.x
        whole = np.where(self.program.integer, np.rint(x), x)
        if np.abs(whole - x).max(initial=0.0) <= WHOLE:
            return Reached(whole, self._values(whole) == tuple(caps), "lp")
        return self._settle(question, caps)

    def _from(self, first: int, caps: list[int], question: Question) -> LpAnswer | None:
        """Climb from rung ``first``, each rung's value going to ``caps``; the last answer, or None: no solution."""
        answer = None
        for k in range(first, len(self.costs)):
            self._cap(k, caps)
            answer = self._solve(k, "dual", question)
            if answer is None:
                return None
            caps.append(_rounded_up(answer.value))
        return answer

    def _cap(self, k: int, caps: Sequence[int]) -> None:
        for j, cap in enumerate(caps[:k]):
            self._rungs[k].set_row_bounds(self._rows + j, -np.inf, cap)

    # -- one rung ---------------------------------------------------------------------------------------------------

    def _solve(self, k: int, strategy: str, question: Question | None = None) -> LpAnswer | None:
        rung, rows = self._rungs[k], question.rows if question else ()
        closed = [column for column, (_, upper) in question.columns.items() if upper <= 0] if question else []
        rung.strategy(strategy)
        tolerance = TOLERANCE * max(1.0, float(np.abs(self.costs[k]).max(initial=0.0)))
        while True:
            answer = rung.solve()
            if answer is None:
                return None
            reduced = self._price(k, answer.y, rows)
            reduced[closed] = 0.0
            entering = np.flatnonzero((reduced < -tolerance) & ~self._in)
            if not len(entering):
                return answer
            self._add(entering[np.argsort(reduced[entering], kind="stable")[:PER_ROUND]])
            rung.strategy("primal")

    def _price(self, k: int, y: Floats, rows: Sequence[Row]) -> Floats:
        reduced = reduced_costs(self.program.matrix, self.costs[k], y[: self._rows])
        for j in range(k):
            if y[self._rows + j]:
                reduced = reduced - y[self._rows + j] * self.costs[j]
        for row, dual in zip(rows, y[self._rows + len(self.costs) :], strict=False):
            if dual:
                reduced[row.columns] -= dual * row.values
        return reduced

    def _add(self, columns: Ints) -> None:
        """Columns come into every rung."""
        columns = columns[~self._in[columns]]
        if not len(columns):
            return
        program = self.program
        caps = sparse.csc_array(self._by_column[columns].T)
        part = sparse.csc_array(sparse.vstack((program.columns(columns), caps)))
        for k, rung in enumerate(self._rungs):
            rung.add_columns(part, self.costs[k][columns], program.lower[columns], program.upper[columns])
        self._place[columns] = np.arange(len(self._order), len(self._order) + len(columns))
        self._in[columns] = True
        self._order = np.concatenate((self._order, columns))

    def _bind(self, question: Question) -> None:
        columns = [column for column in question.columns if self._in[column]]
        bounds = np.array([question.columns[column] for column in columns], dtype=np.float64).reshape(-1, 2)
        for rung in self._rungs:
            rung.set_bounds(self._place[columns], bounds[:, 0], bounds[:, 1])
            for at, limit in question.limits.items():
                rung.set_row_bounds(at, *limit)
            if question.rows:
                rung.keep_basis()
            for row in question.rows:
                inside = self._in[row.columns]
                rung.add_row(row.lower, row.upper, self._place[row.columns[inside]], row.values[inside])

    def _release(self, question: Question) -> None:
        columns = [column for column in question.columns if self._in[column]]
        for rung in self._rungs:
            rung.set_bounds(self._place[columns], self.program.lower[columns], self.program.upper[columns])
            for at in question.limits:
                rung.set_row_bounds(at, self.program.row_lower[at], self.program.row_upper[at])
            if question.rows:
                rung.drop_rows(self._rows + len(self.costs))

    # -- where the LP's plan is not whole ---------------------------------------------------------------------------

    def _values(self, x: Floats) -> tuple[int, ...]:
        used = np.flatnonzero(x)
        return tuple(round(float((cost[used] * x[used]).sum())) for cost in self.costs)

    def _settle(self, question: Question, caps: list[int]) -> Reached:
        """Exact programs: first one that tries to reach every bound at once, then rung by rung."""
        last = len(self.costs) - 1
        x = self._exact(question, last, caps, self._in)
        if x is not None and self._values(x) == tuple(caps):
            return Reached(x, True, "mip")
        caps = []
        for k in range(len(self.costs)):
            self._cap(k, caps)
            answer = self._solve(k, "dual", question)
            reduced = None if answer is None else self._price(k, answer.y, question.rows)
            columns, x = self._in.copy(), None
            while True:
                found = self._exact(question, k, caps, columns)
                x = x if found is None else found
                if x is None and columns.all():
                    raise Unsettled
                if x is None or reduced is None or answer is None:
                    needed = np.ones(len(columns), dtype=bool)
                else:
                    # No other column can be in a plan that is better by a whole unit.
                    needed = reduced <= self._values(x)[k] - 1 - answer.value + 1e-6
                    needed[len(self.program.options) :] = True
                if x is not None and not np.any(needed & ~columns):
                    break
                columns |= needed
            caps.append(self._values(x)[k])
        assert x is not None
        return Reached(x, True, "mip")

    def _exact(self, question: Question, k: int, caps: Sequence[int], columns: Bools) -> Floats | None:
        """Minimise cost k over ``columns``, the costs before it capped; None: no plan over those columns."""
        program = self._restricted(question)
        chosen = np.flatnonzero(columns & (program.upper > 0))
        capped = sparse.csc_array(self._by_column[chosen][:, :k].T)
        problem = Problem(
            sparse.csc_array(sparse.vstack((program.columns(chosen), capped))),
            np.concatenate((program.row_lower, np.full(k, -np.inf))),
            np.concatenate((program.row_upper, np.asarray(caps[:k], dtype=np.float64))),
            program.lower[chosen],
            program.upper[chosen],
            program.integer[chosen],
            self.costs[k][chosen],
            seconds=MIP_SECONDS,
        )
        answer = solve_problem(problem, lambda: False)
        if not answer.exhausted:
            raise Unsettled
        if answer.x is None:
            return None
        x = np.where(columns, 0.0, program.lower)
        x[chosen] = answer.x
        return np.where(program.integer, np.rint(x), x)

    def _restricted(self, question: Question) -> Program:
        """The program under ``question``."""
        program = self.program
        lower, upper = program.lower.copy(), program.upper.copy()
        for column, bounds in question.columns.items():
            lower[column], upper[column] = bounds
        row_lower, row_upper = program.row_lower.copy(), program.row_upper.copy()
        for at, limit in question.limits.items():
            row_lower[at], row_upper[at] = limit
        if not question.rows:
            return replace(program, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)
        shape = (1, len(lower))
        rows = [
            sparse.coo_array((row.values, (np.zeros(len(row.columns), dtype=np.int64), row.columns)), shape=shape)
            for row in question.rows
        ]
        return replace(
            program,
            matrix=sparse.csc_array(sparse.vstack((program.matrix, *rows))),
            lower=lower,
            upper=upper,
            row_lower=np.concatenate((row_lower, [row.lower for row in question.rows])),
            row_upper=np.concatenate((row_upper, [row.upper for row in question.rows])),
        )


def _merged(program: Program, costs: list[Floats]) -> tuple[list[Floats], list[tuple[int, ...]]]:
    """Costs joined from the last upwards while whole numbers stay small enough for an LP's tolerances, and the weights."""
    found = [costs[-1]]
    weights: list[tuple[int, ...]] = [(1,)]
    for cost in reversed(costs[:-1]):
        weight = _range(program, found[0]) + 1
        if weight * float(np.abs(cost).max(initial=0.0)) <= STEEPEST:
            found[0] = weight * cost + found[0]
            weights[0] = (round(weight), *weights[0])
        else:
            found.insert(0, cost)
            weights.insert(0, (1,))
    return found, weights


def _range(program: Program, cost: Floats) -> float:
    """No two plans differ by more in ``cost``: each teacher has one option, each helper its bounds."""
    n = len(program.options)
    teachers = int(program.options.teacher.max(initial=-1)) + 1
    most, least = np.zeros(teachers), np.zeros(teachers)
    np.maximum.at(most, program.options.teacher, cost[:n])
    np.minimum.at(least, program.options.teacher, cost[:n])
    helpers = np.flatnonzero(cost[n:]) + n
    with np.errstate(invalid="ignore"):
        reach = np.abs(cost[helpers]) * (program.upper[helpers] - program.lower[helpers])
    return float((most - least).sum() + reach.sum())


def _first_columns(program: Program, start: Ints) -> Ints:
    """Every helper and slack, the plan's own options, and the nearest options of each teacher and each post."""
    options = program.options
    n = len(options)
    chosen = np.zeros(program.shape[1], dtype=bool)
    chosen[n:] = True
    chosen[start] = True
    post = options.host.astype(np.int64) * (int(options.subject.max(initial=0)) + 1) + options.subject
    for keys, most in ((options.teacher.astype(np.int64), 1), (post, 3)):
        order = np.lexsort((options.metres, keys))
        starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
        rank = np.arange(n) - np.repeat(starts, np.diff(np.append(starts, n)))
        chosen[order[rank < most]] = True
    return np.flatnonzero(chosen)


def _from_nothing(question: Question) -> Question:
    """What is forced in as rows of its own: phase one starts from nothing chosen."""
    forced = [column for column, (lower, _) in question.columns.items() if lower > 0]
    columns = {column: (0.0, upper) for column, (_, upper) in question.columns.items()}
    rows = (Row(np.array([column]), np.ones(1), lower=1.0) for column in forced)
    return Question(columns, (*question.rows, *rows), question.limits)


def _rounded_up(value: float) -> int:
    return int(np.ceil(value - 1e-6 * max(1.0, abs(value) * 1e-3)))
