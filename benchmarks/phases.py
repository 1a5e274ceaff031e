"""When each phase was over, from a run's news: the solve's own clock, seconds from its start (``read`` apart, before it)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

PHASES = ("read", "options", "program", "bound", "first plan", "1 %", "0.1 %", "proof", "done")
WITHIN = {"1 %": 0.01, "0.1 %": 0.001}


def phases_of(news: Iterable[Mapping[str, Any]], tiers: int) -> dict[str, float]:
    """Phase → seconds; a phase that never came is left out.

    ``options`` and ``program``: when they were built. ``bound``: the first bound of a tier; ``first plan``: the first news that
    has a plan; ``1 %``: every tier had a value within 1 % of its bound at that time; ``proof``: when the search was over, before
    its plan is checked.
    """
    found: dict[str, float] = {}
    latest: dict[Any, float] = {}
    for line in news:
        phase, seconds = line.get("phase"), line.get("seconds")
        if phase is None or seconds is None:
            continue
        if phase == "read":
            found["read"] = seconds
        elif phase in ("first plan", "program"):
            # A large county's plan by hand is made in between.
            found.setdefault("options", seconds)
        elif phase == "check":
            found["proof"] = seconds
        elif phase == "done":
            found["done"] = seconds
        elif phase == "search" and "bound" not in found:
            # The plan by hand has a small program of its own.
            found["program"] = seconds
        value, bound = line.get("value"), line.get("bound")
        if bound is not None:
            found.setdefault("bound", seconds)
        if value is not None or line.get("placements") is not None:
            found.setdefault("first plan", seconds)
        if value is not None and bound is not None:
            latest[line.get("tier")] = abs(value - bound) / max(1.0, abs(value))
            for name, gap in WITHIN.items():
                if len(latest) == tiers and all(far <= gap for far in latest.values()):
                    found.setdefault(name, seconds)
    return {name: found[name] for name in PHASES if name in found}
