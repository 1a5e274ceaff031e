"""CP-SAT (OR-Tools) in a process of its own: pickled requests on standard input, pickled answers on standard output.

A request is a dict (see ``solver.engines.cpsat``); ``None`` ends the running search. For each request come any number of
("better", x, value) and one ("done", x or None, bound, exhausted). One worker, ``linearization_level=2``: measured best on
these programs, and reproducible.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from typing import Any, BinaryIO

import numpy as np
from ortools.sat.python import cp_model

LARGEST = 10**7
LARGEST_TOTAL = 2**58
UNBOUNDED = 10**15


class _Tell(cp_model.CpSolverSolutionCallback):
    def __init__(self, variables: list[cp_model.IntVar], out: BinaryIO, scale: float) -> None:
        super().__init__()
        self._variables, self._out, self._scale = variables, out, scale

    def on_solution_callback(self) -> None:
        x = np.array([self.value(variable) for variable in self._variables], dtype=np.float64)
        _send(self._out, ("better", x, self.objective_value / self._scale))


def main() -> None:
    source, out = sys.stdin.buffer, sys.stdout.buffer
    requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    running: list[cp_model.CpSolver] = []
    lock = threading.Lock()

    def listen() -> None:
        while True:
            try:
                message = pickle.load(source)
            except EOFError:
                message = "over"
            if message is None or message == "over":
                with lock:
                    for solver in running:
                        solver.stop_search()
            if message == "over":
                requests.put(None)
                return
            if message is not None:
                requests.put(message)

    threading.Thread(target=listen, daemon=True).start()
    while (request := requests.get()) is not None:
        _solve(request, out, running, lock)
    # The listener may hold standard input's lock: leave without asking for it.
    out.flush()
    os._exit(0)


def _solve(request: dict[str, Any], out: BinaryIO, running: list[cp_model.CpSolver], lock: threading.Lock) -> None:
    model, variables, scale = _model(request)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = request["seed"]
    solver.parameters.relative_gap_limit = request["gap"]
    if request["seconds"] is not None:
        solver.parameters.max_time_in_seconds = request["seconds"]
    if request["work"] is not None:
        solver.parameters.max_deterministic_time = request["work"]
    with lock:
        running.append(solver)
    status = solver.solve(model, _Tell(variables, out, scale))
    with lock:
        running.remove(solver)
    if status == cp_model.INFEASIBLE:
        _send(out, ("done", None, np.inf, True))
        return
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        x = np.array([solver.value(variable) for variable in variables], dtype=np.float64)
        _send(out, ("done", x, solver.best_objective_bound / scale, status == cp_model.OPTIMAL))
        return
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError("CP-SAT calls the model invalid: " + model.validate()[:200])
    _send(out, ("done", None, -np.inf if not request["cost"].any() else solver.best_objective_bound / scale, False))


def _model(request: dict[str, Any]) -> tuple[cp_model.CpModel, list[cp_model.IntVar], float]:
    model = cp_model.CpModel()
    variables = [
        model.new_int_var(int(low), int(min(high, LARGEST)), "")
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
    total = float(np.abs(cost) @ np.minimum(np.maximum(np.abs(request["lower"]), request["upper"]), LARGEST))
    scale = 1.0 if whole or not largest else min(1e9 / largest, LARGEST_TOTAL / max(1.0, total))
    nonzero = np.flatnonzero(cost)
    weights = [int(value) for value in np.rint(cost[nonzero] * scale)]
    model.minimize(cp_model.LinearExpr.weighted_sum([variables[column] for column in nonzero], weights) + 0)
    if request["start"] is not None:
        for variable, value in zip(variables, request["start"], strict=True):
            model.add_hint(variable, round(value))
    return model, variables, scale


def _send(out: BinaryIO, message: tuple[Any, ...]) -> None:
    pickle.dump(message, out)
    out.flush()


if __name__ == "__main__":
    main()
