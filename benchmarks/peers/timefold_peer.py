"""Timefold by its Python interface: local search on who goes where, a score of one level a tier, and no bound."""

from __future__ import annotations

import sys
import threading
import time
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.arrays import Arrays, Floats
from benchmarks.peers.tiers import tier_row
from benchmarks.telling import tell

FAR = 10**15
MOVES = """\
<solver xmlns="https://timefold.ai/xsd/solver">
  <constructionHeuristic/>
  <localSearch>
    <localSearchType>HILL_CLIMBING</localSearchType>
    <unionMoveSelector>
      <changeMoveSelector/>
      <cartesianProductMoveSelector><changeMoveSelector/><changeMoveSelector/></cartesianProductMoveSelector>
    </unionMoveSelector>
  </localSearch>
</solver>"""
"""Nobody has another's options, so the usual swaps can do nothing: pairs of changes stand in for them. Late acceptance,
the default, left a minute's plan dearer in all tiers but tenure than its first (which missed rows); hill climbing goes on from it.
"""


def missable(arrays: Arrays) -> NDArray[np.bool_]:
    """The rows that some choice of one option a teacher can miss; nobody needs be told of others."""
    own = sparse.coo_array(arrays.matrix[:, : arrays.options])
    key = own.row.astype(np.int64) * (int(arrays.teacher.max(initial=0)) + 1) + arrays.teacher[own.col]
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    most, least = np.zeros(len(first)), np.zeros(len(first))
    np.maximum.at(most, group, own.data)
    np.minimum.at(least, group, own.data)
    rows, count = own.row[first], len(arrays.row_lower)
    above = np.bincount(rows, most, count) > arrays.row_upper
    below = np.bincount(rows, least, count) < arrays.row_lower
    return np.asarray(above | below)


class Table:
    """The program as text for the other side, and the helper columns' values for what it chose."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.columns = sparse.csc_array(arrays.matrix)
        self.costs = np.array([tier.cost for tier in arrays.tiers]).T
        self.kept = kept = np.flatnonzero(missable(arrays))
        self.place = np.full(len(arrays.row_lower), -1)
        self.place[kept] = np.arange(len(kept))
        helpers = np.arange(arrays.options, len(arrays.lower))
        used = np.diff(self.columns.indptr)[helpers] > 0
        # The cheapest first, tier after tier.
        order = np.lexsort(self.costs[helpers[used]].T[::-1])
        self.slacks = helpers[used][order]

    def entries(self, column: int) -> tuple[NDArray[Any], Floats]:
        part = slice(self.columns.indptr[column], self.columns.indptr[column + 1])
        return self.columns.indices[part], self.columns.data[part]

    def reason(self) -> str | None:
        """Why the program cannot be told as choices, None where it can."""
        arrays = self.arrays
        numbers = (self.columns.data, self.costs, arrays.row_lower, arrays.row_upper, arrays.upper)
        if not arrays.integer.all() or any(np.any(part != np.rint(part)) for part in numbers):
            return "numbers that are not whole"
        if np.any(arrays.lower != 0) or np.any(arrays.upper[: arrays.options] > 1):
            return "columns that are neither choices nor slacks"
        if np.any(np.diff(self.columns.indptr)[arrays.options :] > 1):
            return "helper columns in several rows"
        return None

    def limits(self) -> tuple[list[int], list[int]]:
        low, high = np.maximum(self.arrays.row_lower, -FAR), np.minimum(self.arrays.row_upper, FAR)
        return low[self.kept].astype(int).tolist(), high[self.kept].astype(int).tolist()

    def row_slacks(self, sign: int) -> list[list[list[int]]]:
        """For each row its slacks of that sign: step, most, and what one step costs in each tier."""
        found: list[list[list[int]]] = [[] for _ in self.kept]
        for column in self.slacks:
            (row,), (step,) = self.entries(column)
            if self.place[row] >= 0 and step * sign > 0:
                numbers = [abs(step), self.arrays.upper[column], *self.costs[column]]
                found[self.place[row]].append([int(number) for number in numbers])
        return found

    def option_rows(self) -> tuple[list[list[int]], list[list[int]]]:
        """For each option its rows, and what it adds to their sums."""
        found: tuple[list[list[int]], list[list[int]]] = ([], [])
        for option in range(self.arrays.options):
            rows, change = self.entries(option)
            own = self.place[rows] >= 0
            found[0].append(self.place[rows[own]].tolist())
            found[1].append(change[own].astype(int).tolist())
        return found

    def filled(self, x: Floats) -> Floats:
        """``x`` with the helper columns at what the options leave missing."""
        arrays = self.arrays
        activity = arrays.matrix @ x
        for column in self.slacks:
            (row,), (step,) = self.entries(column)
            miss = arrays.row_lower[row] - activity[row] if step > 0 else activity[row] - arrays.row_upper[row]
            x[column] = np.clip(np.ceil(miss / abs(step) - 1e-9), 0.0, arrays.upper[column])
            activity[row] += step * x[column]
        return x


def installed() -> tuple[Any, Any, Any] | str:
    """(timefold.solver, its config, the classes of ``choices``), or what is absent."""
    try:
        solver = import_module("timefold.solver")
    except ImportError:
        return "absent: no timefold"
    try:
        return solver, import_module("timefold.solver.config"), import_module("benchmarks.peers.choices")
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        print(f"Timefold does not start its JVM: {error}", file=sys.stderr)
        return "absent: no JVM"


def _end(solver: Any, seconds: float, over: threading.Event) -> None:
    """End the search after ``seconds``; again and again, as one that has not begun yet forgets it."""
    over.wait(max(0.0, seconds))
    while not over.wait(0.5):
        solver.terminate_early()


def solve(arrays: Arrays, variant: str, seconds: float, gap: float, seed: int) -> dict[str, Any]:
    started = time.monotonic()
    table = Table(arrays)
    engine = installed()
    reason = engine if isinstance(engine, str) else table.reason()
    if isinstance(engine, str) or reason is not None:
        return {"status": reason, "seconds": time.monotonic() - started, "tiers": []}
    solver, config, choices = engine
    teachers: dict[int, list[int]] = {}
    for option in np.flatnonzero(arrays.upper[: arrays.options] > 0):
        teachers.setdefault(int(arrays.teacher[option]), []).append(int(option))
    plan_class = choices.plan_class(len(arrays.tiers))
    plan = plan_class(
        [choices.Teacher(own) for own in teachers.values()],
        *table.limits(),
        table.row_slacks(1),
        table.row_slacks(-1),
        *table.option_rows(),
        table.costs[: arrays.options].astype(int).tolist(),
        len(arrays.tiers),
    )
    settings = config.SolverConfig(
        solution_class=plan_class,
        entity_class_list=[choices.Teacher],
        random_seed=seed,
        environment_mode=config.EnvironmentMode.NO_ASSERT,
        score_director_factory_config=config.ScoreDirectorFactoryConfig(
            incremental_score_calculator_class=choices.Calculator
        ),
        termination_config=config.TerminationConfig(spent_limit=config.Duration(milliseconds=int(seconds * 1000))),
        xml_source_text=MOVES,
    )
    built = solver.SolverFactory.create(settings).build_solver()
    tell(phase="translated", seconds=time.monotonic() - started)
    over = threading.Event()
    # Its own limit begins when the plan is on the other side, which takes seconds.
    watch = threading.Thread(target=_end, args=(built, seconds - (time.monotonic() - started), over), daemon=True)
    watch.start()
    try:
        found = built.solve(plan)
    finally:
        over.set()
    x = arrays.lower.copy()
    x[[teacher.option for teacher in found.teachers if teacher.option is not None]] = 1.0
    x = table.filled(x)
    took = time.monotonic() - started
    activity = arrays.matrix @ x
    broken = int(((activity < arrays.row_lower - 1e-6) | (activity > arrays.row_upper + 1e-6)).sum())
    rows = [tier_row(tier, x, None, gap) for tier in arrays.tiers]
    tell(phase="first plan", seconds=took, placements=round(float(x[: arrays.options].sum())), score=str(found.score))
    return {"status": "broken" if broken else "feasible", "seconds": took, "tiers": rows, "broken_rows": broken}
