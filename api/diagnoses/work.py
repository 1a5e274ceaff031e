"""A diagnosis as a job: the same process, pipe and stop as a solve, another question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rotation.county import County
from rotation.files.plan import plain
from rotation.policy import Policy
from solver.outcome import OnProgress, Outcome, SolveOptions
from solver.stopping import ShouldStop


@dataclass(frozen=True)
class Diagnosed(Outcome):
    """``document``: the diagnosis as plain JSON values, the same on the command line and over HTTP."""

    document: dict[str, Any] = field(default_factory=dict)


def diagnosed(
    county: County, policy: Policy, options: SolveOptions, on_progress: OnProgress, should_stop: ShouldStop
) -> Outcome:
    """Diagnose in the child, which alone loads the solver."""
    from solver.diagnosis import diagnose

    found = diagnose(
        county, policy, should_stop=should_stop, on_progress=on_progress, seconds=options.time_limit_seconds
    )
    return Diagnosed(found.status, None, found.message, document=plain(found.to_document()))
