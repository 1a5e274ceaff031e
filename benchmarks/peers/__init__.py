"""The engines a user would pick instead, each on the very same program, tier after tier.

A peer is imported in its own process only (highspy and OR-Tools cannot share one): ``PEERS`` names the module and the
variant, ``python -m benchmarks.peers NAME PROGRAM.npz SECONDS GAP SEED`` runs it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """``module`` below ``benchmarks.peers`` makes the engine of a ``variant``."""

    module: str
    variant: str
    about: str


PEERS: dict[str, Peer] = {
    "highs": Peer("highs", "mip", "HiGHS branch and cut, started from the tier before's plan"),
    "highs-lp": Peer("highs", "lp", "HiGHS: the LP relaxation of the full program alone, tier 1"),
    "scip": Peer("mathematical", "SCIP", "SCIP of OR-Tools, started from the tier before's plan"),
    "cbc": Peer("coin", "CBC", "CBC of OR-Tools"),
    "cpsat": Peer("mathematical", "SAT", "CP-SAT on the full model, its defaults, 2 workers"),
    "cpsat-tuned": Peer(
        "mathematical", "SAT-tuned", "CP-SAT on the full model, linearization_level 2, max_lp, 2 workers"
    ),
    "greedy": Peer("greedy", "", "school by school, nearest first, as offices do it by hand"),
    "timefold": Peer(
        "timefold_peer", "", "Timefold by its Python interface (beta, needs a JVM): local search, no bound"
    ),
}

BOUNDLESS = frozenset({"greedy", "highs-lp", "timefold"})
"""Peers that prove no plan: there is no time to a proof that ours could be compared with."""
