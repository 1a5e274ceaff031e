"""CBC by OR-Tools' older door (the model builder does not open it); it takes no start from outside that keeps its word."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from ortools.linear_solver import linear_solver_pb2, pywraplp  # type: ignore[attr-defined]

from benchmarks.arrays import Arrays, Floats, TierArrays
from benchmarks.peers.mathematical import model_of
from benchmarks.peers.tiers import Answer, solve_tiers


class Coin:
    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays

    def minimise(
        self, tier: TierArrays, kept: list[tuple[Floats, float]], start: Floats | None, seconds: float, gap: float
    ) -> Answer:
        solver = pywraplp.Solver.CreateSolver("CBC")
        solver.LoadModelFromProto(self._model(tier, kept))
        solver.SetTimeLimit(int(seconds * 1000))
        parameters = pywraplp.MPSolverParameters()
        parameters.SetDoubleParam(pywraplp.MPSolverParameters.RELATIVE_MIP_GAP, gap)
        status = solver.Solve(parameters)
        if status == pywraplp.Solver.INFEASIBLE:
            return Answer(None, np.inf, infeasible=True)
        bound = solver.Objective().BestBound() - tier.offset
        if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
            return Answer(None, bound)
        return Answer(np.array([variable.solution_value() for variable in solver.variables()]), bound)

    def _model(self, tier: TierArrays, kept: list[tuple[Floats, float]]) -> Any:
        model = model_of(self.arrays, tier, kept)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.pb"
            model.write_model_to_proto_file(str(path))
            proto = linear_solver_pb2.MPModelProto()
            proto.ParseFromString(path.read_bytes())
        return proto


def solve(arrays: Arrays, variant: str, seconds: float, gap: float, seed: int) -> dict[str, Any]:
    return solve_tiers(arrays, Coin(arrays), seconds, gap)
