"""What a solve is asked, what it tells on the way, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rotation.plan import Placement, Plan, Status
from rotation.words import Words


@dataclass(frozen=True)
class SolveOptions:
    """``time_limit_seconds`` None: until proved. ``gap``: when a tier counts as proved. ``work_limit``: a limit in
    engine work units instead of seconds, for plans that must be reproducible on a loaded machine.
    """

    time_limit_seconds: float | None = None
    gap: float = 0.001
    seed: int = 1
    workers: int = 2
    baseline: Mapping[str, Placement] = field(default_factory=dict)
    work_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of news. ``phase``: options, program, first plan, tier, check. Values and bounds are in the tier's own unit."""

    phase: str
    seconds: float
    tier: int | None = None
    name: str | None = None
    value: float | None = None
    bound: float | None = None
    placements: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """``plan`` is there exactly when ``status`` is optimal or feasible; ``message`` says the rest in words.

    ``stopped_by`` is None, "time" or "user". ``conflict`` names, for an infeasible answer, rule ids with their
    cells that cannot hold together (confirmed by solving again), as far as they were searched for.
    """

    status: Status
    plan: Plan | None
    message: Words
    stopped_by: str | None = None
    conflict: tuple[tuple[str, Mapping[str, str]], ...] = ()


OnProgress = Callable[[Progress], None]
