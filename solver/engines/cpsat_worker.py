"""CP-SAT (OR-Tools) in a process of its own: pickled requests on standard input, pickled answers on standard output.

A request is a dict (see ``solver.engines.cpsat``); a number ends the search of the request of that number, wherever it is.
For each request comes one (number, x or None, bound, exhausted). One worker, ``linearization_level=2``: measured best on these
programs, and reproducible.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from solver.memory import give_back

LARGEST = 10**7
LARGEST_TOTAL = 2**58
UNBOUNDED = 10**15


@dataclass
class _Running:
    """What is being solved, shared with the listener: ``ended`` are the numbers of requests that are not wanted any more."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0
    solver: cp_model.CpSolver | None = None
    ended: set[int] = field(default_factory=set)

    def end(self, number: int | None) -> None:
        with self.lock:
            self.ended.add(self.number if number is None else number)
            if self.solver is not None and self.number in self.ended:
                self.solver.stop_search()


def main() -> None:
    source, out = sys.stdin.buffer, sys.stdout.buffer
    requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    running = _Running()

    def listen() -> None:
        while True:
            try:
                message = pickle.load(source)
            except EOFError:
                running.end(None)
                requests.put(None)
                return
            if isinstance(message, int):
                running.end(message)
            else:
                requests.put(message)

    threading.Thread(target=listen, daemon=True).start()
    while (request := requests.get()) is not None:
        pickle.dump((request["number"], *_solve(request, running)), out)
        out.flush()
        give_back()
    # The listener may hold standard input's lock: leave without asking for it.
    os._exit(0)


def _solve(request: dict[str, Any], running: _Running) -> tuple[Any, float, bool]:
    """(x or None, bound, exhausted)."""
    nothing = -np.inf
    if request["number"] in running.ended:
        return None, nothing, False
    model, variables, scale = _model(request)
    give_back()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = request["seed"]
    solver.parameters.relative_gap_limit = request["gap"]
    if request["seconds"] is not None:
        solver.parameters.max_time_in_seconds = request["seconds"]
    if request["work"] is not None:
        solver.parameters.max_deterministic_time = request["work"]
    # A search can be stopped once it has begun, not before: told too early, it looks again at its first solution or bound.
    watch = _Watch(running, solver)
    solver.best_bound_callback = watch.on_bound
    with running.lock:
        running.number, running.solver = request["number"], solver
    if request["number"] in running.ended:
        return None, nothing, False
    status = solver.solve(model, watch)
    with running.lock:
        running.solver = None
    if status == cp_model.INFEASIBLE:
        return None, np.inf, True
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        x = np.array([solver.value(variable) for variable in variables], dtype=np.float64)
        optimal = status == cp_model.OPTIMAL
        return x, (solver.best_objective_bound if optimal else watch.bound) / scale, optimal
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError("CP-SAT calls the model invalid: " + model.validate()[:200])
    return None, watch.bound / scale, False


class _Watch(cp_model.CpSolverSolutionCallback):
    """Ends what is not wanted any more, and keeps the bounds that were really proved: before there is one CP-SAT reports 0."""

    def __init__(self, running: _Running, solver: cp_model.CpSolver) -> None:
        super().__init__()
        self._running, self._solver = running, solver
        self.bound = -np.inf

    def on_solution_callback(self) -> None:
        self._look()

    def on_bound(self, bound: float) -> None:
        self.bound = max(self.bound, bound)
        self._look()

    def _look(self) -> None:
        if self._running.number in self._running.ended:
            self._solver.stop_search()


def _model(request: dict[str, Any]) -> tuple[cp_model.CpModel, list[cp_model.IntVar], float]:
    model = cp_model.CpModel()
    variables = [
        model.new_int_var(int(low), int(high) if np.isfinite(high) else LARGEST, "")
        for low, high in zip(request["lower"], request["upper"], strict=True)
    ]
    indptr, indices, data = request["indptr"], request["indices"], request["data"]
    for row, (low, high) in enumerate(zip(request["row_lower"], request["row_upper"], strict=True)):
        part = slice(indptr[row], indptr[row + 1])
        terms = [variables[column] for column in indices[part]]
        least = int(np.ceil(low - 1e-6)) if np.isfinite(low) else -UNBOUNDED
        most = int(np.floor(high + 1e-6)) if np.isfinite(high) else UNBOUNDED
        weights = [int(value) for value in data[part]]
        model.add_linear_constraint(cp_model.LinearExpr.weighted_sum(terms, weights) + 0, least, most)
    cost = request["cost"]
    largest = float(np.abs(cost).max(initial=0.0))
    whole = np.array_equal(cost, np.rint(cost))
    # Costs in small units are rounded to whole numbers as fine as 64 bits allow for the dearest x.
    upper = np.where(np.isfinite(request["upper"]), request["upper"], LARGEST)
    total = float(np.abs(cost) @ np.maximum(np.abs(request["lower"]), upper))
    scale = 1.0 if whole or not largest else min(1e9 / largest, LARGEST_TOTAL / max(1.0, total))
    nonzero = np.flatnonzero(cost)
    weights = [int(value) for value in np.rint(cost[nonzero] * scale)]
    model.minimize(cp_model.LinearExpr.weighted_sum([variables[column] for column in nonzero], weights) + 0)
    if request["start"] is not None:
        for variable, value in zip(variables, request["start"], strict=True):
            model.add_hint(variable, round(value))
    return model, variables, scale


if __name__ == "__main__":
    main()
