"""CP-SAT (OR-Tools) in a process of its own.

A request is a dict (see ``solver.engines.cpsat``); for each comes one (x or None, bound, exhausted). One worker,
``linearization_level=2``: measured best on these programs, and reproducible.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from solver.engines.worker import Order, serve
from solver.memory import give_back

LARGEST = 10**7
LARGEST_TOTAL = 2**58
UNBOUNDED = 10**15


def _solve(order: Order) -> tuple[Any, float, bool]:
    """(x or None, bound, exhausted)."""
    request, nothing = order.what, -np.inf
    if order.over:
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
    watch = _Watch(order, solver)
    solver.best_bound_callback = watch.on_bound
    order.when_over(solver.stop_search)
    if order.over:
        return None, nothing, False
    status = solver.solve(model, watch)
    order.when_over(None)
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

    def __init__(self, order: Order, solver: cp_model.CpSolver) -> None:
        super().__init__()
        self._order, self._solver = order, solver
        self.bound = -np.inf

    def on_solution_callback(self) -> None:
        self._look()

    def on_bound(self, bound: float) -> None:
        self.bound = max(self.bound, bound)
        self._look()

    def _look(self) -> None:
        if self._order.over:
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
    total_cost = cp_model.LinearExpr.weighted_sum([variables[column] for column in nonzero], weights) + 0
    model.minimize(total_cost)
    if request["at_most"] is not None and whole:
        model.add(total_cost <= int(np.floor(request["at_most"])))
    if request["start"] is not None:
        for variable, value in zip(variables, request["start"], strict=True):
            model.add_hint(variable, round(value))
    return model, variables, scale


if __name__ == "__main__":
    serve(_solve, give_back)
