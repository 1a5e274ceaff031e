"""SCIP and CP-SAT by OR-Tools' model builder: arrays in at once (a Python loop over the terms takes seventy times as long)."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.linear_solver.python import model_builder_helper as helper
from scipy import sparse

from benchmarks.arrays import Arrays, Floats, TierArrays, with_rows
from benchmarks.peers.tiers import WORKERS, Answer, solve_tiers

PARAMETERS = {
    "SCIP": "limits/gap = {gap}\nrandomization/randomseedshift = {seed}\nparallel/maxnthreads = {workers}",
    "SAT": "relative_gap_limit: {gap} random_seed: {seed} num_workers: {workers}",
    "SAT-tuned": (
        "relative_gap_limit: {gap} random_seed: {seed} num_workers: {workers} "
        'linearization_level: 2 subsolvers: "max_lp"'
    ),
}
INFEASIBLE = helper.SolveStatus.INFEASIBLE
SOLVED = (helper.SolveStatus.OPTIMAL, helper.SolveStatus.FEASIBLE)


def model_of(arrays: Arrays, tier: TierArrays, kept: list[tuple[Floats, float]]) -> Any:
    """The program with ``tier`` as its objective and a row for each of ``kept``."""
    matrix, row_lower, row_upper = with_rows(arrays, kept)
    # Its stubs know one shape of array only.
    model: Any = helper.ModelBuilderHelper()
    model.fill_model_from_sparse_data(
        arrays.lower, arrays.upper, tier.cost, row_lower, row_upper, sparse.csr_matrix(matrix)
    )
    for column in np.flatnonzero(arrays.integer).tolist():
        model.set_var_integrality(column, True)
    model.set_objective_offset(tier.offset)
    return model


class ModelBuilder:
    def __init__(self, arrays: Arrays, variant: str, seed: int) -> None:
        self.arrays, self.variant, self.seed = arrays, variant, seed

    def minimise(
        self, tier: TierArrays, kept: list[tuple[Floats, float]], start: Floats | None, seconds: float, gap: float
    ) -> Answer:
        model = model_of(self.arrays, tier, kept)
        if start is not None:
            for column, value in enumerate(start):
                model.add_hint(int(column), float(value))
        solver = helper.ModelSolverHelper(self.variant.split("-")[0])
        solver.set_time_limit_in_seconds(seconds)
        solver.set_solver_specific_parameters(PARAMETERS[self.variant].format(gap=gap, seed=self.seed, workers=WORKERS))
        solver.solve(model)
        if not solver.has_response():
            return Answer(None, -np.inf)
        if solver.status() == INFEASIBLE:
            return Answer(None, np.inf, infeasible=True)
        bound = solver.best_objective_bound() - tier.offset
        if not solver.has_solution() or solver.status() not in SOLVED:
            return Answer(None, bound)
        return Answer(np.array(solver.variable_values()), bound)


def solve(arrays: Arrays, variant: str, seconds: float, gap: float, seed: int) -> dict[str, Any]:
    return solve_tiers(arrays, ModelBuilder(arrays, variant, seed), seconds, gap)
