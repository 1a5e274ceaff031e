"""When each phase was over, from a run's news: the solve's own clock, seconds from its start (``read`` apart, before it)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

PHASES = (
    "read", "options", "program", "bound", "first plan", "1 %", "0.1 %", "proof", "checked", "recounted", "done"
)  # fmt: skip
WITHIN = {"1 %": 0.01, "0.1 %": 0.001}


def phases_of(news: Sequence[Mapping[str, Any]], tiers: int) -> dict[str, float]:
    """Phase → seconds; a phase that never came is left out.

    ``options`` and ``program``: when they were built. ``bound``: the first bound by a tier's own LP; ``first plan``: the first news
    that has a plan; ``1 %``: every tier had a value within 1 % of its bound at that time; ``proof``: when the search was over,
    before its plan is ``checked``, and its bounds ``recounted`` from their duals.
    """
    found: dict[str, float] = {}
    latest: dict[Any, float] = {}
    awaited = True
    for line in news:
        phase, seconds = line.get("phase"), line.get("seconds")
        if phase is None or seconds is None:
            continue
        if phase == "read":
            found["read"] = seconds
        elif phase in ("first plan", "program"):
            # A large county's plan by hand is made in between.
            found.setdefault("options", seconds)
            awaited |= phase == "program" and "bound" not in found
        elif phase == "check":
            found["proof"] = seconds
        elif phase in ("checked", "recounted", "done"):
            found[phase] = seconds
        elif phase == "search" and awaited:
            # The plan by hand has a small program of its own, and so have known sums.
            found["program"], awaited = seconds, False
        value, bound = line.get("value"), line.get("bound")
        if phase == "tier" and bound is not None:
            # What is told of a first plan is what needs no LP.
            found.setdefault("bound", seconds)
        if value is not None or line.get("placements") is not None:
            found.setdefault("first plan", seconds)
        if value is not None and bound is not None:
            latest[line.get("tier")] = abs(value - bound) / max(1.0, abs(value))
            for name, gap in WITHIN.items():
                if len(latest) == tiers and all(far <= gap for far in latest.values()):
                    found.setdefault(name, seconds)
    for name, gap in WITHIN.items():
        # What a search learns at its very end is in its answer alone.
        if "proof" in found and name not in found and _gap_of(news, tiers) <= gap:
            found[name] = found["proof"]
    return {name: found[name] for name in PHASES if name in found}


def _gap_of(news: Sequence[Mapping[str, Any]], tiers: int) -> float:
    """The largest of any tier that a run answered with; infinity: there is none of some tier."""
    answered = [tier["gap"] for line in news if "answer" in line for tier in line["answer"]["tiers"]]
    return max(answered) if len(answered) == tiers and None not in answered else inf
