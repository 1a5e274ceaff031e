"""From a county and a policy to a checked plan: the table of contents of the solver."""

from __future__ import annotations

from rotation.county import County
from rotation.policy import Policy
from solver.outcome import OnProgress, Outcome, ShouldStop, SolveOptions


def solve(
    county: County,
    policy: Policy,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Outcome:
    """The best plan, with a proof of what it is. Raises InputError where data and policy do not fit together."""
    raise NotImplementedError
