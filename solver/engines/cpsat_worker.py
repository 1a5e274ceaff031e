"""CP-SAT (OR-Tools) in a process of its own.

A request is a dict (see ``solver.engines.cpsat``); for each comes one (x or None, bound, exhausted). One worker,
``linearization_level=2``: measured best on these programs, and reproducible.

By OR-Tools' inner module: its public one, ``cp_model``, imports pandas, and takes 1.4 s for that where this takes 0.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.sat.python import cp_model_helper as cp_sat

from solver.engines.worker import Order, serve
from solver.memory import give_back

LARGEST = 10**7
LARGEST_TOTAL = 2**58
LEAST, MOST = -(2**63), 2**63 - 1
"""CP-SAT's own words for no limit."""


def _solve(order: Order) -> tuple[Any, float, bool]:
    """(x or None, bound, exhausted)."""
    request, nothing = order.what, -np.inf
    if order.over:
        return None, nothing, False
    model, scale = _model(request)
    give_back()
    parameters = cp_sat.SatParameters()
    parameters.num_workers = 1
    parameters.linearization_level = 2
    parameters.random_seed = request["seed"]
    parameters.relative_gap_limit = request["gap"]
    if request["seconds"] is not None:
        parameters.max_time_in_seconds = request["seconds"]
    if request["work"] is not None:
        parameters.max_deterministic_time = request["work"]
    solver = cp_sat.SolveWrapper()
    solver.set_parameters(parameters)
    # A search can be stopped once it has begun, not before: told too early, it looks again at its first solution or bound.
    watch = _Watch(order, solver)
    solver.add_solution_callback(watch)
    solver.add_best_bound_callback(watch.on_bound)
    order.when_over(solver.stop_search)
    if order.over:
        return None, nothing, False
    response = solver.solve(model)
    order.when_over(None)
    solver.clear_solution_callback(watch)
    if response.status == cp_sat.INFEASIBLE:
        return None, np.inf, True
    if response.status in (cp_sat.OPTIMAL, cp_sat.FEASIBLE):
        x = np.array(list(response.solution), dtype=np.float64)
        optimal = response.status == cp_sat.OPTIMAL
        return x, (response.best_objective_bound if optimal else watch.bound) / scale, optimal
    if response.status == cp_sat.MODEL_INVALID:
        raise RuntimeError("CP-SAT calls the model invalid: " + cp_sat.CpSatHelper.validate_model(model)[:200])
    return None, watch.bound / scale, False


class _Watch(cp_sat.SolutionCallback):
    """Ends what is not wanted any more, and keeps the bounds that were really proved: before there is one CP-SAT reports 0."""

    def __init__(self, order: Order, solver: cp_sat.SolveWrapper) -> None:
        super().__init__()
        self._order, self._solver = order, solver
        self.bound = -np.inf

    def OnSolutionCallback(self) -> None:
        self._look()

    def on_bound(self, bound: float) -> None:
        self.bound = max(self.bound, bound)
        self._look()

    def _look(self) -> None:
        if self._order.over:
            self._solver.stop_search()


def _model(request: dict[str, Any]) -> tuple[cp_sat.CpModelProto, float]:
    """The model, and its costs by the request's."""
    model = cp_sat.CpModelProto()
    lower, upper = request["lower"], np.where(np.isfinite(request["upper"]), request["upper"], LARGEST)
    for low, high in zip(lower.astype(np.int64).tolist(), upper.astype(np.int64).tolist(), strict=True):
        model.variables.add().domain.extend([low, high])
    starts, indices, data = request["indptr"].tolist(), request["indices"], request["data"].astype(np.int64)
    least = _whole(np.ceil(request["row_lower"] - 1e-6), LEAST)
    most = _whole(np.floor(request["row_upper"] + 1e-6), MOST)
    for begin, end, low, high in zip(starts, starts[1:], least, most, strict=False):
        _constrain(model, indices[begin:end], data[begin:end], low, high)
    cost = request["cost"]
    largest = float(np.abs(cost).max(initial=0.0))
    whole = np.array_equal(cost, np.rint(cost))
    # Costs in small units are rounded to whole numbers as fine as 64 bits allow for the dearest x.
    total = float(np.abs(cost) @ np.maximum(np.abs(lower), upper))
    scale = 1.0 if whole or not largest else min(1e9 / largest, LARGEST_TOTAL / max(1.0, total))
    nonzero = np.flatnonzero(cost)
    weights = np.rint(cost[nonzero] * scale).astype(np.int64)
    model.objective.vars.extend(nonzero.tolist())
    model.objective.coeffs.extend(weights.tolist())
    if request["at_most"] is not None and whole:
        _constrain(model, nonzero, weights, LEAST, int(np.floor(request["at_most"])))
    if request["start"] is not None:
        model.solution_hint.vars.extend(range(len(lower)))
        model.solution_hint.values.extend(np.rint(request["start"]).astype(np.int64).tolist())
    return model, scale


def _whole(limits: Any, none: int) -> list[int]:
    """Finite ``limits`` as whole numbers, ``none`` for the others."""
    finite = np.isfinite(limits)
    return [int(limit) if known else none for limit, known in zip(limits.tolist(), finite.tolist(), strict=True)]


def _constrain(model: cp_sat.CpModelProto, variables: Any, weights: Any, least: int, most: int) -> None:
    linear = model.constraints.add().linear
    linear.vars.extend(variables.tolist())
    linear.coeffs.extend(weights.tolist())
    linear.domain.extend([least, most])


if __name__ == "__main__":
    serve(_solve, give_back)
