"""Conflicts: sets of rule cells that cannot hold together, each irreducible.

1. Counting: a cell that falls short even when every teacher takes what suits it best is a conflict by itself.
2. The rest as an elastic LP: slack on every row that the empty plan breaks, the least total of it. The cells that keep
   some slack are reduced to a minimal correction set R (without any one of R the others do not suffice). Each r in R then
   has a conflict of its own that meets R in r alone: the rows with a dual when r's slack alone is minimised (Farkas).
3. What the LP cannot see (whole people) is sought the same way by exact programs, in rings around r.

Every conflict is shrunk by exact small programs (QuickXplain), so it is irreducible over whole teachers, not only for the
LP. Conflicts that share no cell are all found: R meets each of them, and exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from solver.diagnosis.searching import searched
from solver.diagnosis.system import Closeup, RuleCell, System, Thinning, Undecided
from solver.index import Floats, Ints
from solver.master import Master
from solver.program import Program, TierCost
from solver.stopping import Stopped

TOLERANCE = 1e-6
ONE = 1000
"""Slack of a row counts ``ONE`` for its largest coefficient, about a person."""
LARGE = 8
"""Conflicts of more cells are told once, with all the cells that could stand in for their first one."""


@dataclass
class CellSet:
    """Cells that cannot hold together, irreducible. ``likewise``: cells that, in place of the first, cannot hold either.

    ``counted``: adding up was enough to see it. ``irreducible`` False: time ran out before every cell was tried.
    """

    cells: tuple[RuleCell, ...]
    likewise: list[RuleCell] = field(default_factory=list)
    counted: bool = False
    irreducible: bool = True
    closeup: Closeup | None = None


@dataclass(frozen=True)
class Found:
    """Irreducible sets of cells; ``corrections``: cells without which the rest holds; ``complete``: nothing was left."""

    conflicts: tuple[CellSet, ...]
    corrections: tuple[RuleCell, ...]
    complete: bool = True


class Finder:
    """Looks for conflicts among a system's cells, so many at ``most`` (None: all there are)."""

    def __init__(self, system: System, most: int | None = None) -> None:
        self.system = system
        self.most = most
        self.conflicts: list[CellSet] = []
        self.complete = True

    def run(self) -> Found:
        counted = self.system.impossible_by_counting()
        for cell in counted:
            self.conflicts.append(CellSet((cell,), counted=True))
        corrections = list(counted)
        rest = [cell for cell in self.system.rows_of if cell not in set(counted)]
        try:
            for pass_ in (self._by_lp, self._by_search):
                if self._enough():
                    break
                relaxed = pass_(rest)
                corrections += relaxed
                rest = [cell for cell in rest if cell not in set(relaxed)]
        except Stopped:
            if not self.conflicts:
                raise
            self.complete = False
        return Found(tuple(self.conflicts), tuple(corrections), self.complete)

    # -- by linear programming --------------------------------------------------------------------------------------

    def _by_lp(self, cells: Sequence[RuleCell]) -> list[RuleCell]:
        elastic = Elastic(self.system, cells)
        if not len(elastic.rows):
            return []
        master = Master(elastic.program, self.system.should_stop)
        master.infeasibility()
        total = master.minimise(elastic.cost)
        if total.value <= TOLERANCE * ONE:
            return []
        relaxed = elastic.relaxed(total.x)
        held = elastic.columns_of([cell for cell in elastic.cells if cell not in set(relaxed)])
        master.fix(held, np.zeros(len(held)))
        symptoms = list(relaxed)
        for cell in relaxed:
            if self._enough():
                break
            if self._like_another(cell, relaxed):
                continue
            mine = elastic.columns_of([cell])
            cost = np.zeros_like(elastic.cost)
            cost[mine] = elastic.cost[mine]
            bound = master.minimise(cost)
            if bound.value <= TOLERANCE * ONE:
                master.fix(mine, np.zeros(len(mine)))
                symptoms.remove(cell)
                continue
            rows = elastic.origin[np.flatnonzero(np.abs(bound.y[: elastic.program.shape[0]]) > TOLERANCE)]
            touched = [self.system.cell_of_row[int(row)] for row in rows if int(row) in self.system.cell_of_row]
            self._shrink(cell, list(dict.fromkeys([cell, *touched])), set(cells) - set(symptoms) | {cell})
        return symptoms

    # -- by exact programs ------------------------------------------------------------------------------------------

    def _by_search(self, cells: Sequence[RuleCell]) -> list[RuleCell]:
        """The same over whole teachers; the program is solved as any other."""
        rows = self.system.rows(cells)
        if not len(rows) or self._holds(cells):
            return []
        elastic = Elastic(self.system, cells)
        found = searched(elastic.program, self.system.should_stop)
        if found.x is None:
            self.complete = False
            return []
        relaxed = elastic.relaxed(found.x)
        for cell in list(relaxed):
            without = set(relaxed) - {cell}
            if self._holds([other for other in cells if other not in without]):
                relaxed.remove(cell)
        for cell in relaxed:
            if self._enough():
                break
            within = set(cells) - set(relaxed) | {cell}
            candidate = [cell]
            for ring in self.system.neighbours(cell):
                candidate += [other for other in ring if other in within]
                if self._infeasible(candidate):
                    break
            self._shrink(cell, candidate, within)
        return relaxed

    def _holds(self, cells: Sequence[RuleCell]) -> bool:
        program = part(self.system, cells)
        answer = searched(program, self.system.should_stop)
        if answer.stopped_by:
            raise Stopped
        return not answer.infeasible

    # -- pieces -----------------------------------------------------------------------------------------------------

    def _like_another(self, cell: RuleCell, symptoms: list[RuleCell]) -> bool:
        """Is ``cell`` one more that cannot hold with the others of a large conflict already found? Then it is needed."""
        for conflict in self.conflicts:
            if len(conflict.cells) <= LARGE or not conflict.irreducible or set(conflict.cells[1:]) & set(symptoms):
                continue
            if conflict.closeup is None:
                conflict.closeup = Closeup(self.system, list(dict.fromkeys((*conflict.cells, *symptoms))))
            if not conflict.closeup.feasible((cell, *conflict.cells[1:])):
                conflict.likewise.append(cell)
                return True
        return False

    def _shrink(self, cell: RuleCell, candidate: list[RuleCell], within: set[RuleCell]) -> None:
        """Add an irreducible conflict out of ``candidate``; out of all of ``within`` where rounding misled the LP."""
        try:
            closeup = Closeup(self.system, candidate)
            if closeup.feasible(candidate):
                candidate = [cell, *sorted(within - {cell})]
                closeup = Closeup(self.system, candidate)
                if closeup.feasible(candidate):
                    self.complete = False
                    return
        except Undecided:
            self.complete = False
            return
        thinning = Thinning(candidate)
        try:
            thinning.run(lambda some: not closeup.feasible(some))
        except (Stopped, Undecided) as ended:
            # That these cannot hold is known already.
            self._add(cell, thinning.kept, irreducible=False)
            self.complete = False
            if isinstance(ended, Stopped):
                raise
            return
        self._add(cell, thinning.kept)

    def _infeasible(self, cells: list[RuleCell]) -> bool:
        return not self.system.feasible(cells)

    def _add(self, first: RuleCell, cells: Sequence[RuleCell], irreducible: bool = True) -> None:
        if all(set(known.cells) != set(cells) for known in self.conflicts):
            ordered = sorted(cells, key=lambda other: other != first)
            self.conflicts.append(CellSet(tuple(ordered), irreducible=irreducible))

    def _enough(self) -> bool:
        return self.most is not None and len(self.conflicts) >= self.most


class Elastic:
    """A system's cells with a slack column on every row that the empty plan breaks; ``cost`` is the slack's."""

    def __init__(self, system: System, cells: Sequence[RuleCell]) -> None:
        bare = part(system, cells)
        self.origin = part_rows(system, cells)
        """Row of the program → row of the system."""
        self.rows = np.array(
            [
                row
                for row in np.flatnonzero((bare.row_lower > 0) | (bare.row_upper < 0))
                if int(self.origin[row]) in system.cell_of_row
            ],
            dtype=np.int64,
        )
        count, before = len(self.rows), bare.shape[1]
        sign = np.where(bare.row_lower[self.rows] > 0, 1.0, -1.0)
        slack = sparse.csc_array(sparse.coo_array((sign, (self.rows, np.arange(count))), shape=(bare.shape[0], count)))
        size = abs(bare.matrix.tocsr()[self.rows]).max(axis=1).toarray().ravel() if count else np.zeros(0)
        self.cost: Floats = np.zeros(before + count)
        self.cost[before:] = np.maximum(1, np.rint(ONE / np.maximum(1, size)))
        self.program = replace(
            bare,
            matrix=sparse.csc_array(sparse.hstack((bare.matrix, slack))),
            lower=np.concatenate((bare.lower, np.zeros(count))),
            upper=np.concatenate((bare.upper, np.full(count, np.inf))),
            integer=np.concatenate((bare.integer, np.ones(count, dtype=bool))),
            tiers=(_tier("slack", self.cost),),
        )
        owner = [system.cell_of_row[int(self.origin[row])] for row in self.rows]
        self.cells = list(dict.fromkeys(owner))
        self._columns: dict[RuleCell, list[int]] = {cell: [] for cell in self.cells}
        for i, cell in enumerate(owner):
            self._columns[cell].append(before + i)

    def columns_of(self, cells: Sequence[RuleCell]) -> Ints:
        return np.array([column for cell in cells for column in self._columns.get(cell, ())], dtype=np.int64)

    def relaxed(self, x: Floats) -> list[RuleCell]:
        """Cells whose slack is used, the least used first."""
        used = {cell: float(x[self.columns_of([cell])].sum()) for cell in self.cells}
        return sorted((cell for cell in self.cells if used[cell] > TOLERANCE), key=lambda cell: (used[cell], cell))


def part_rows(system: System, cells: Sequence[RuleCell]) -> Ints:
    return np.concatenate((system.structure, system.rows(cells)))


def part(system: System, cells: Sequence[RuleCell]) -> Program:
    """The system's program with the rows of ``cells`` only, and one placement a teacher."""
    rows, program = part_rows(system, cells), system.program
    return replace(
        program,
        matrix=sparse.csc_array(system.by_row[rows]),
        row_lower=program.row_lower[rows],
        row_upper=program.row_upper[rows],
        names=tuple(program.names[int(row)] for row in rows),
    )


def _tier(name: str, cost: Floats) -> TierCost:
    return TierCost(1, name, cost.astype(np.int64), Fraction(1), Fraction(0))
