"""Tier after tier, the same way for every peer: minimise, keep what was reached as a row, go on from the plan at hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from benchmarks.arrays import Arrays, Floats, TierArrays
from benchmarks.telling import tell

WORKERS = 2


@dataclass(frozen=True)
class Answer:
    """``x`` None: none was found. ``bound`` on cost · x, without the offset. ``infeasible``: proved to have no solution."""

    x: Floats | None
    bound: float
    infeasible: bool = False


class Engine(Protocol):
    """One peer, in its process."""

    def minimise(
        self, tier: TierArrays, kept: list[tuple[Floats, float]], start: Floats | None, seconds: float, gap: float
    ) -> Answer:
        """Minimise ``tier`` over the program and the rows cost · x ≤ most of ``kept``."""
        ...


def solve_tiers(arrays: Arrays, engine: Engine, seconds: float, gap: float) -> dict[str, Any]:
    """All tiers within ``seconds``; the answer's shape is that of ``benchmarks.engine``."""
    started = time.monotonic()
    x: Floats | None = None
    kept: list[tuple[Floats, float]] = []
    bounds: list[float | None] = [None] * len(arrays.tiers)
    status, last = "unknown", 0.0
    for k, tier in enumerate(arrays.tiers):
        left = seconds - (time.monotonic() - started)
        if left <= 0.1:
            break
        answer = engine.minimise(tier, kept, x, left, gap)
        if answer.infeasible:
            status = "infeasible" if x is None else "unknown"
            break
        if answer.x is not None:
            found = arrays.rounded(answer.x)
            if arrays.holds(found) and all(cost @ found <= most + 1e-6 for cost, most in kept):
                x = found
        if np.isfinite(answer.bound):
            bounds[k] = round_up(answer.bound) if arrays.whole(tier) else answer.bound
        last = time.monotonic() - started
        if x is None:
            break
        row = tier_row(tier, x, bounds[k], gap)
        tell(phase="tier", seconds=last, tier=k, placements=round(float(x[: arrays.options].sum())), **row)
        if not row["proved"]:
            break
        kept.append((tier.cost, float(np.rint(tier.cost @ x)) if arrays.whole(tier) else float(tier.cost @ x)))
    rows = (
        [] if x is None else [tier_row(tier, x, bound, gap) for tier, bound in zip(arrays.tiers, bounds, strict=True)]
    )
    if rows:
        status = "optimal" if all(row["proved"] for row in rows) else "feasible"
    took = time.monotonic() - started
    return {"status": status, "seconds": took, "tiers": rows, "bound": bounds[0] if x is None and bounds else None}


def tier_row(tier: TierArrays, x: Floats, bound: float | None, gap: float) -> dict[str, Any]:
    value = tier.value(float(tier.cost @ x))
    least = None if bound is None else min(value, tier.value(bound))
    far = None if least is None else abs(value - least) / max(1.0, abs(value))
    proved = far is not None and far <= gap + 1e-9
    return {"name": tier.name, "value": value, "bound": least, "gap": far, "proved": proved}


def round_up(bound: float) -> float:
    """Whole tiers have whole bounds: every peer gets the rounding that our own search uses."""
    return float(np.ceil(bound - 1e-6 * max(1.0, abs(bound) * 1e-3)))
