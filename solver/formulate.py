"""Options and policy in, the program out: one call per rule and objective."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rotation.collector import no_collection
from rotation.plan import Placement
from solver import encoding
from solver.builder import ProgramBuilder
from solver.encoding.objectives import encode_objective
from solver.options import Options
from solver.program import Program, RowName
from solver.stopping import ShouldStop, look, never


@no_collection()
def formulate(
    options: Options,
    baseline: Mapping[str, Placement] | None = None,
    *,
    merge: bool = True,
    staggered: Collection[int] | None = None,
    known: Mapping[str, int] | None = None,
    should_stop: ShouldStop = never,
) -> Program:
    """The program of ``options`` under their policy. ``merge=False`` keeps every rule's rows apart, for a diagnosis.

    ``staggered``: the hosts (positions) whose staggered ends get rows; None: all. Few hosts ever need them, so ``solve``
    starts with none and adds those where the terms did not work out. ``known``: pivots and what they are to be. Raises Stopped.
    """
    policy = options.index.facts.policy
    builder = ProgramBuilder(options, merge=merge, staggered=staggered, known=known, should_stop=should_stop)
    _one_placement_each(builder)
    for rule in policy.rules:
        look(should_stop)
        encoding.encode(rule, builder)
    for tier in policy.tiers:
        for part in tier.objectives:
            look(should_stop)
            encode_objective(part, builder, baseline or {})
    return builder.build(policy.tiers)


def _one_placement_each(builder: ProgramBuilder) -> None:
    """A teacher gets at most one new placement (rulebook §3, eligibility)."""
    builder.add_one_each(RowName("one-placement", {}, "most"))
