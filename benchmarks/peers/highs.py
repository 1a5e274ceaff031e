"""HiGHS, by highspy: one model for all tiers, costs changed and a row added from tier to tier, started from the last plan."""

from __future__ import annotations

import time
from typing import Any

import highspy
import numpy as np

from benchmarks.arrays import Arrays, Floats, TierArrays
from benchmarks.peers.tiers import WORKERS, Answer, solve_tiers


class Highs:
    def __init__(self, arrays: Arrays, seed: int, integral: bool = True) -> None:
        self.arrays = arrays
        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", WORKERS), ("random_seed", seed)):
            self.highs.setOptionValue(option, value)
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = arrays.matrix.shape
        model.col_cost_ = np.zeros(model.num_col_)
        model.col_lower_, model.col_upper_ = arrays.lower, arrays.upper
        model.row_lower_, model.row_upper_ = arrays.row_lower, arrays.row_upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = arrays.matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = arrays.matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = arrays.matrix.data
        if integral:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            model.integrality_ = [kinds[int(flag)] for flag in arrays.integer]
        self.highs.passModel(model)
        self.rows = 0

    def minimise(
        self, tier: TierArrays, kept: list[tuple[Floats, float]], start: Floats | None, seconds: float, gap: float
    ) -> Answer:
        highs, count = self.highs, len(tier.cost)
        for cost, most in kept[self.rows :]:
            at = np.flatnonzero(cost).astype(np.int32)
            highs.addRow(-np.inf, most, len(at), at, cost[at])
        self.rows = len(kept)
        highs.changeColsCost(count, np.arange(count, dtype=np.int32), tier.cost)
        highs.changeObjectiveOffset(tier.offset)
        highs.setOptionValue("mip_rel_gap", gap)
        # Tiers are whole numbers: anything nearer than one unit is the optimum.
        highs.setOptionValue("mip_abs_gap", 0.999 if self.arrays.whole(tier) else 1e-6)
        # HiGHS counts its time over all its runs.
        highs.setOptionValue("time_limit", highs.getRunTime() + seconds)
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = list(start)
            highs.setSolution(known)
        highs.run()
        info = highs.getInfo()
        if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return Answer(None, np.inf, infeasible=True)
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        x = np.array(highs.getSolution().col_value) if found else None
        return Answer(x, info.mip_dual_bound - tier.offset)


def relaxed(arrays: Arrays, seconds: float, seed: int) -> dict[str, Any]:
    """The LP relaxation of tier 1: its value and how long it took."""
    started = time.monotonic()
    engine = Highs(arrays, seed, integral=False)
    tier = arrays.tiers[0]
    count = len(tier.cost)
    engine.highs.changeColsCost(count, np.arange(count, dtype=np.int32), tier.cost)
    engine.highs.setOptionValue("time_limit", seconds)
    engine.highs.run()
    done = engine.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    value = tier.value(engine.highs.getInfo().objective_function_value) if done else None
    row = {"name": tier.name, "value": None, "bound": value, "gap": None, "proved": False}
    return {"status": "relaxed" if done else "unknown", "seconds": time.monotonic() - started, "tiers": [row]}


def solve(arrays: Arrays, variant: str, seconds: float, gap: float, seed: int) -> dict[str, Any]:
    if variant == "lp":
        return relaxed(arrays, seconds, seed)
    return solve_tiers(arrays, Highs(arrays, seed), seconds, gap)
