"""The `must` rows of a policy, by rule cell, and exact answers about a few of them at a time.

A question about a few cells needs only the columns in their rows, and of those only the different ones: two options of a
teacher that read the same in every row are one, and teachers who have the same choice are a count. What is left is small
however large the county, so a MIP answers it exactly, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from rotation.facts import Facts
from rotation.policy import Policy
from solver.engines.highs import Linear, solve_problem
from solver.engines.problem import Problem
from solver.formulate import formulate
from solver.greedy import rank_in_group
from solver.index import Bools, Floats, Index, Ints
from solver.options import Options
from solver.program import Program

STRUCTURE = "one-placement"
MIP_SECONDS = 20.0
WHOLE = 1e-6
RAY = 1e-7
"""What takes less from a proof is rounding."""
FIRST_KINDS, ENTERING = 3, 2
"""Columns of each group that an LP begins with, and that come in at once."""


class Undecided(Exception):
    """A question that the engine did not answer within its time."""


@dataclass(frozen=True, order=True)
class RuleCell:
    """One cell of a rule, as its rows are named."""

    rule: str
    cell: tuple[tuple[str, str], ...] = ()

    @property
    def document(self) -> dict[str, str]:
        return dict(self.cell)


class System:
    """The must rows of ``options`` under their own policy, without tiers."""

    def __init__(self, options: Options, should_stop: Callable[[], bool] | None = None) -> None:
        self.program = hard_program(options)
        self.options = self.program.options
        self.index: Index = self.program.options.index
        self.should_stop = should_stop or (lambda: False)

    # -- cells and their rows ---------------------------------------------------------------------------------------

    @cached_property
    def rows_of(self) -> dict[RuleCell, Ints]:
        """Every cell that some plan could break, with its rows."""
        found: dict[RuleCell, list[int]] = {}
        for row, names in enumerate(self.program.names):
            for name in names:
                found.setdefault(RuleCell(name.rule, tuple(name.cell.items())), []).append(row)
        with_cells = {cell.rule for cell in found if cell.cell}
        # Rows without a cell of a rule that has cells define its helper columns.
        return {
            cell: np.array(rows)
            for cell, rows in found.items()
            if cell.rule != STRUCTURE and (cell.cell or cell.rule not in with_cells)
        }

    @cached_property
    def structure(self) -> Ints:
        """Rows that belong to no cell and always hold: one placement a teacher, and what defines helper columns."""
        return np.array([row for row in range(self.program.shape[0]) if row not in self.cell_of_row], dtype=np.int64)

    @cached_property
    def _definitions(self) -> Ints:
        rows = self.structure
        names = self.program.names
        return np.array([row for row in rows if all(n.rule != STRUCTURE for n in names[row])], dtype=np.int64)

    def defining(self, columns: Ints) -> Ints:
        """The rows that define the helpers among ``columns``."""
        helpers = columns[columns >= len(self.options)]
        if not len(helpers) or not len(self._definitions):
            return np.zeros(0, dtype=np.int64)
        return np.intersect1d(self.program.matrix[:, helpers].indices, self._definitions)

    @cached_property
    def cell_of_row(self) -> dict[int, RuleCell]:
        return {int(row): cell for cell, rows in self.rows_of.items() for row in rows}

    @cached_property
    def demanding(self) -> Ints:
        """Rows that the empty plan breaks: with these relaxed, it is a plan."""
        return np.flatnonzero((self.program.row_lower > 0) | (self.program.row_upper < 0))

    @cached_property
    def by_row(self) -> sparse.csr_array:
        found = sparse.csr_array(self.program.matrix, dtype=np.float64)
        found.sort_indices()
        return found

    def rows(self, cells: Iterable[RuleCell]) -> Ints:
        parts = [self.rows_of[cell] for cell in cells if cell in self.rows_of]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)

    # -- counting ---------------------------------------------------------------------------------------------------

    @cached_property
    def reachable(self) -> tuple[Floats, Floats]:
        """(rows,) least and most that a row can come to when every teacher takes whatever suits that row alone."""
        options, n = self.options, len(self.options)
        rows = self.program.shape[0]
        coo = self.by_row.tocoo()
        row, column, value = coo.coords[0].astype(np.int64), coo.coords[1], coo.data
        helper = column >= n
        lower, upper = self.program.lower, self.program.upper
        least, most = np.zeros(rows), np.zeros(rows)
        with np.errstate(invalid="ignore"):
            at = column[helper]
            ends = np.nan_to_num(
                np.stack((value[helper] * lower[at], value[helper] * upper[at])), posinf=np.inf, neginf=-np.inf
            )
        np.add.at(least, row[helper], ends.min(axis=0))
        np.add.at(most, row[helper], ends.max(axis=0))
        row, column, value = row[~helper], column[~helper], value[~helper]
        if len(row):
            key = row * (int(options.teacher.max(initial=0)) + 1) + options.teacher[column]
            order = np.argsort(key, kind="stable")
            first = np.flatnonzero(np.concatenate(([True], np.diff(key[order]) != 0)))
            of = row[order][first]
            np.add.at(most, of, np.maximum(0, np.maximum.reduceat(value[order], first)))
            np.add.at(least, of, np.minimum(0, np.minimum.reduceat(value[order], first)))
        return least, most

    def impossible_by_counting(self) -> list[RuleCell]:
        """Cells that cannot hold even alone, by adding up what each teacher could bring to them."""
        least, most = self.reachable
        low, high = self.program.row_lower, self.program.row_upper
        bad = np.flatnonzero((most < low) | (least > high) | (low > high))
        return list(dict.fromkeys(self.cell_of_row[int(row)] for row in bad if int(row) in self.cell_of_row))

    # -- exact answers ----------------------------------------------------------------------------------------------

    def feasible(self, cells: Iterable[RuleCell], open_: Bools | None = None) -> bool:
        """Can ``cells`` hold together, every teacher placed once at most? Raises Undecided, Stopped.

        ``open_`` (n,): the options that may be used, all unless given.
        """
        cells = list(cells)
        return Closeup(self, cells, open_).feasible(cells)

    def neighbours(self, cell: RuleCell) -> list[list[RuleCell]]:
        """Cells in rings around ``cell``: those that share a column, those that share a teacher with these, and so on."""
        n = len(self.options)
        seen = {cell}
        rings: list[list[RuleCell]] = []
        matrix = self.program.matrix
        rows = self.rows([cell])
        while len(rows):
            columns = np.unique(self.by_row[rows].indices)
            columns = np.unique(self.by_row[np.concatenate((rows, self.defining(columns)))].indices)
            teachers = np.unique(self.options.teacher[columns[columns < n]])
            mine = np.flatnonzero(np.isin(self.options.teacher, teachers))
            reached = np.unique(matrix[:, np.union1d(mine, columns[columns >= n])].indices)
            ring = dict.fromkeys(self.cell_of_row[int(row)] for row in reached if int(row) in self.cell_of_row)
            fresh = [other for other in ring if other not in seen]
            if not fresh:
                break
            seen.update(fresh)
            rings.append(fresh)
            rows = self.rows(fresh)
        return rings


class Closeup:
    """A few cells' program over different columns only: (teacher class, reading of the rows) counts, then helpers."""

    def __init__(self, system: System, cells: Sequence[RuleCell], open_: Bools | None = None) -> None:
        n, program = len(system.options), system.program
        self.should_stop = system.should_stop
        rows = system.rows(cells)
        self.rows_of = {cell: np.searchsorted(rows, system.rows([cell])) for cell in cells}
        own_rows = len(rows)
        rows = np.concatenate((rows, system.defining(np.unique(system.by_row[rows].indices))))
        part = system.by_row[rows]
        used = np.unique(part.indices)
        own, helpers = used[used < n], used[used >= n]
        if open_ is not None:
            own = own[open_[own]]
        columns = part.tocsc()
        draw = np.random.default_rng(20260901)
        weights = draw.integers(1, 2**62, size=len(rows), dtype=np.int64)
        reading = _signature(sparse.csc_array(columns[:, own]), weights)
        kinds, first, kind = np.unique(reading, return_index=True, return_inverse=True)
        pair = np.unique(system.options.teacher[own].astype(np.int64) * max(1, len(kinds)) + kind)
        teacher, chosen = np.divmod(pair, max(1, len(kinds)))
        mark = draw.integers(1, 2**62, size=len(kinds), dtype=np.int64)
        _, start = np.unique(teacher, return_index=True)
        choice = np.add.reduceat(mark[chosen], start) if len(start) else np.zeros(0, dtype=np.int64)
        _, example, size = np.unique(choice, return_index=True, return_counts=True)
        ends = np.append(start, len(pair))
        listed = [chosen[ends[i] : ends[i + 1]] for i in example]
        group = np.repeat(np.arange(len(listed)), [len(some) for some in listed]).astype(np.int64)
        picked = np.concatenate(listed) if listed else np.zeros(0, dtype=np.int64)
        top = sparse.hstack((columns[:, own[first[picked]]], columns[:, helpers]))
        tie = sparse.coo_array((np.ones(len(group)), (group, np.arange(len(group)))), shape=(len(listed), top.shape[1]))
        self.matrix = sparse.csc_array(sparse.vstack((top, tie)))
        self.row_lower = np.concatenate((program.row_lower[rows], np.full(len(listed), -np.inf)))
        self.row_upper = np.concatenate((program.row_upper[rows], size.astype(np.float64)))
        self.lower = np.concatenate((np.zeros(len(group)), program.lower[helpers]))
        self.upper = np.concatenate((size[group].astype(np.float64), program.upper[helpers]))
        self.integer = np.concatenate((np.ones(len(group), dtype=bool), program.integer[helpers]))
        self._count = own_rows
        self._group = np.concatenate((group, np.full(len(helpers), -1)))
        self._listed = self._group >= 0
        self._inside: Ints = np.zeros(0, dtype=np.int64)
        self._linear: Linear | None = None
        self._limits = (self.row_lower, self.row_upper)

    def feasible(self, cells: Iterable[RuleCell]) -> bool:
        """Can these of its cells hold together? Raises Undecided, Stopped."""
        low, high = self.row_lower.copy(), self.row_upper.copy()
        off = np.ones(self._count, dtype=bool)
        for cell in cells:
            off[self.rows_of[cell]] = False
        low[: self._count][off], high[: self._count][off] = -np.inf, np.inf
        if np.all(low <= 0) and np.all(high >= 0):
            return True  # the empty plan
        if not len(self.lower):
            return False
        x = self._relaxed(low, high)
        if x is None:
            return False
        whole = np.where(self.integer, np.rint(x), x)
        reached = self.matrix @ whole
        if np.all(np.abs(whole - x) < WHOLE) and np.all(reached >= low - WHOLE) and np.all(reached <= high + WHOLE):
            return True
        nothing = np.zeros(len(self.lower))
        problem = Problem(self.matrix, low, high, self.lower, self.upper, self.integer, nothing, seconds=MIP_SECONDS)
        answer = solve_problem(problem, self.should_stop)
        if answer.x is None and not answer.exhausted:
            raise Undecided
        return answer.x is not None

    def _relaxed(self, low: Floats, high: Floats) -> Floats | None:
        """A solution in fractions of people; None: there is none. Warm from question to question, with columns by need: those
        that a proof of no solution (Farkas) does not cover.
        """
        linear = self._begun(low, high)
        while True:
            answer = linear.solve()
            if answer is not None:
                x = np.zeros(len(self.lower))
                x[self._inside] = answer.x
                return x
            ray = linear.ray()
            entering = self._outside if ray is None else self._uncovered(ray)
            if not len(entering):
                return None
            self._enter(linear, entering)

    def _begun(self, low: Floats, high: Floats) -> Linear:
        """The LP, with these limits of its rows."""
        if self._linear is None:
            self._linear = Linear(low, high, self.should_stop)
            self._linear.strategy("dual")
            # A column that must be there is, and so is a helper.
            must = np.flatnonzero(~self._listed | (self.lower > 0))
            first = np.flatnonzero(rank_in_group(self._group) < FIRST_KINDS)
            self._enter(self._linear, np.union1d(must, first))
        else:
            before_low, before_high = self._limits
            for row in np.flatnonzero((low != before_low) | (high != before_high)):
                self._linear.set_row_bounds(int(row), float(low[row]), float(high[row]))
        self._limits = low, high
        return self._linear

    def _enter(self, linear: Linear, columns: Ints) -> None:
        part = sparse.csc_array(self.matrix[:, columns])
        linear.add_columns(part, np.zeros(len(columns)), self.lower[columns], self.upper[columns])
        self._inside = np.concatenate((self._inside, columns))

    @property
    def _outside(self) -> Ints:
        out = np.ones(len(self.lower), dtype=bool)
        out[self._inside] = False
        return np.flatnonzero(out)

    def _uncovered(self, ray: Floats) -> Ints:
        """Each group's columns that take most from the proof, of those that are out."""
        size = max(1.0, float(np.abs(ray).max(initial=0.0)))
        takes = (self.matrix.T @ ray) / size
        takes[self._inside] = 0.0
        some = np.flatnonzero(takes > RAY)
        if not len(some):
            return some
        order = some[np.lexsort((-takes[some], self._group[some]))]
        return np.sort(order[rank_in_group(self._group[order]) < ENTERING])

    def gains(self, cells: Sequence[RuleCell]) -> dict[RuleCell, float]:
        """By how much less the first cell falls short when another one's limit gives way by one (LP duals; the first: 1)."""
        low, high = self.row_lower.copy(), self.row_upper.copy()
        first = self.rows_of[cells[0]]
        signs = np.where(low[first] > 0, 1.0, -1.0)
        slack = sparse.csc_array(
            sparse.coo_array((signs, (first, np.arange(len(first)))), shape=(len(low), len(first)))
        )
        linear = Linear(low, high, self.should_stop)
        linear.strategy("dual")
        linear.add_columns(self.matrix, np.zeros(len(self.lower)), self.lower, self.upper)
        linear.add_columns(slack, np.ones(len(first)), np.zeros(len(first)), np.full(len(first), np.inf))
        answer = linear.solve()
        if answer is None:
            return {}
        return {cell: float(np.abs(answer.y[self.rows_of[cell]]).max(initial=0.0)) for cell in cells}


def _signature(columns: sparse.csc_array, weights: Ints) -> Ints:
    """(columns,) equal for equal columns; different ones collide about once in 2^60 pairs."""
    terms = columns.data.astype(np.int64) * weights[columns.indices]
    sums = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(terms)))
    found: Ints = sums[columns.indptr[1:]] - sums[columns.indptr[:-1]]
    return found


def hard_program(options: Options) -> Program:
    """The rows of the `must` rules alone, each rule's apart."""
    index = options.index
    bare = Policy(index.facts.policy.name, index.facts.policy.rules)
    program = formulate(replace(options, index=Index(Facts(index.county, bare))), merge=False)
    must = {rule.id for rule in bare.rules if rule.is_must} | {STRUCTURE}
    keep = np.array([i for i, names in enumerate(program.names) if any(n.rule in must for n in names)], dtype=np.int64)
    return replace(
        program,
        matrix=sparse.csc_array(program.matrix.tocsr()[keep]),
        row_lower=program.row_lower[keep],
        row_upper=program.row_upper[keep],
        names=tuple(program.names[i] for i in keep),
        tiers=(),
        policy_tiers=(),
    )


@dataclass
class Thinning:
    """``kept``: of cells that cannot hold together, a part that cannot; once it has run, it loses that with any one taken away."""

    kept: list[RuleCell]

    def run(self, infeasible: Callable[[list[RuleCell]], bool]) -> list[RuleCell]:
        """From the end on, twice as many at once for as long as the rest cannot hold, half as many where it can: hardly more
        questions than cells where nearly all are needed, and few where few are (for that, as QuickXplain; Junker 2004).
        """
        end, size = len(self.kept), 1
        while end:
            start = max(0, end - size)
            rest = self.kept[:start] + self.kept[end:]
            if infeasible(rest):
                self.kept, end, size = rest, start, 2 * size
            elif end - start > 1:
                size = (end - start) // 2
            else:
                end = start
        return self.kept
