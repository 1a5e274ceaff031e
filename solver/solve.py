"""From a county and a policy to a checked plan: the table of contents of the solver."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from rotation import files
from rotation.check import Report, check
from rotation.collector import no_collection
from rotation.county import County
from rotation.facts import Facts
from rotation.faults import Fault, InputError
from rotation.indicators import indicators
from rotation.plan import Placement, Plan, Status, TierReport
from rotation.policy import Policy
from rotation.tally import Tally
from rotation.words import Words
from solver.by_hand import ByHand, plan_by_hand
from solver.certificates import Claim, Recomputed, recompute
from solver.diagnosis import conflict_of
from solver.formulate import formulate
from solver.index import Floats, Index
from solver.memory import give_back
from solver.options import Options, build_options
from solver.outcome import OnProgress, Outcome, Progress, SolveOptions
from solver.program import Program
from solver.search import Already, Certificate, Found, Known, searched
from solver.search.clock import Clock
from solver.stopping import ShouldStop, Stopped, never
from solver.terms import NoTerms, assign_years

SAME_VALUE = 1e-5
"""Relative: what rounding may make of one value (``balance`` counts in millionths a school)."""
BY_SEARCH = ("exhausted", "mip bound", "cuts")
"""Proofs that rest on the search's own word, unless the recount comes as far."""
CONFLICT_SECONDS = 10.0
"""How long an infeasible solve looks for a conflict to show; a diagnosis takes its time."""


def solve(
    county: County,
    policy: Policy,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Outcome:
    """The best plan, with a proof of what it is. Raises InputError where data and policy do not fit together."""
    asked, tell, stop = options or SolveOptions(), on_progress or _silent, should_stop or never
    started = time.monotonic()
    facts = Facts(county, policy)
    refuse_faults(facts)
    try:
        return _solved(facts, asked, tell, stop, started)
    except Stopped:
        return Outcome(Status.UNKNOWN, None, STOPPED, "user")


def _solved(facts: Facts, asked: SolveOptions, tell: OnProgress, stop: ShouldStop, started: float) -> Outcome:
    """Raises Stopped where the user stops it before there is a program to search."""
    tell(Progress("options", 0.0))
    columns = build_options(Index(facts), stop, asked.workers)
    staggered: frozenset[int] = frozenset()
    hand = plan_by_hand(columns, partial(_formulated, asked=asked, stop=stop), asked, tell, Clock(asked, started, stop))
    while True:
        tell(Progress("program", time.monotonic() - started))
        try:
            program = _formulated(columns, asked, stop, staggered)
        except Stopped:
            if hand is None:
                raise
            return _by_hand_alone(facts, hand, asked, started, "user")
        give_back()
        again = partial(_formulated, columns, asked, stop, staggered)
        already = Already(None if hand is None else hand.chosen)
        found = searched(program, asked, tell, stop, started, again, already)
        if found.infeasible:
            return Outcome(Status.INFEASIBLE, None, INFEASIBLE, conflict=conflict_of(columns, stop, CONFLICT_SECONDS))
        if found.x is None:
            if hand is not None:
                return _by_hand_alone(facts, hand, asked, started, found.stopped_by)
            return _without_plan(found.stopped_by)
        tell(Progress("check", time.monotonic() - started))
        try:
            placements = place(columns, found.x, asked)
            break
        except NoTerms as error:
            # At these hosts too many may take only one and the same term: once more, with the rows that say so.
            staggered |= error.hosts
    return _checked(facts, placements, found, lambda: _recomputed(program, found, stop), asked, started)


def _without_plan(stopped_by: str | None) -> Outcome:
    return Outcome(Status.UNKNOWN, None, STOPPED if stopped_by == "user" else UNKNOWN, stopped_by)


def _by_hand_alone(facts: Facts, hand: ByHand, asked: SolveOptions, started: float, stopped_by: str | None) -> Outcome:
    """The plan by hand, where nobody waited for a search to take it up; no terms may go with it."""
    assert hand.found.x is not None
    try:
        placements = place(hand.near, hand.found.x, asked)
    except NoTerms:
        return _without_plan(stopped_by)
    nothing = (None,) * len(hand.found.certificates)
    found = replace(hand.found, stopped_by=stopped_by)
    return _checked(facts, placements, found, lambda: nothing, asked, started)


def _checked(
    facts: Facts,
    placements: tuple[Placement, ...],
    found: Found,
    recomputed: Callable[[], tuple[Recomputed | None, ...]],
    asked: SolveOptions,
    started: float,
) -> Outcome:
    """No plan leaves the solver that the checker rejects."""
    report = check(facts.county, facts.policy, placements, asked.baseline, facts)
    if report.holds:
        return _outcome(facts, placements, report, found, recomputed(), asked, started)
    broken = ", ".join(rule.id for rule in report.broken)
    return Outcome(Status.FAILED, None, Words(f"方案未通过检查: {broken}", f"the checker rejects the plan: {broken}"))


def _formulated(
    columns: Options,
    asked: SolveOptions,
    stop: ShouldStop,
    staggered: frozenset[int] = frozenset(),
    known: Known | None = None,
) -> Program:
    return formulate(columns, asked.baseline, staggered=staggered, known=known, should_stop=stop)


def refuse_faults(facts: Facts) -> None:
    """Raise InputError for what the policy needs and the data lack."""
    faults: list[Fault] = [fault for rule in facts.policy.rules for fault in rule.faults(facts)]
    errors = [fault for fault in dict.fromkeys(faults) if fault.severity == "error"]
    if errors:
        raise InputError(errors)


def place(options: Options, x: Floats, asked: SolveOptions) -> tuple[Placement, ...]:
    """The chosen options as placements, with their years."""
    chosen = np.flatnonzero(x[: len(options)] > 0.5)
    years = assign_years(options, chosen, asked.baseline)
    return tuple(options.placement(int(option), years[int(option)]) for option in chosen)


@no_collection()
def _outcome(
    facts: Facts,
    placements: tuple[Placement, ...],
    report: Report,
    found: Found,
    recomputed: tuple[Recomputed | None, ...],
    asked: SolveOptions,
    started: float,
) -> Outcome:
    tiers = tuple(
        _tier_report(certificate, own, report, asked.gap)
        for certificate, own in zip(found.certificates, recomputed, strict=True)
    )
    status = Status.OPTIMAL if all(tier.proved for tier in tiers) else Status.FEASIBLE
    # Where work is counted, the same work is the same plan, byte for byte, however long it took.
    timed = asked.work_limit is None
    took = {"seconds": round(time.monotonic() - started, 3)} if timed else {"work_limit": asked.work_limit}
    run: dict[str, Any] = {
        "engine": "column generation (HiGHS LP), exact programs",
        "seed": asked.seed,
        "workers": asked.workers,
        **took,
        "deterministic": found.stopped_by is None and not found.raced,
        "stopped_by": found.stopped_by,
        **found.notes,
    }
    plan = Plan(
        year=facts.county.year,
        data=files.digest(facts.county),
        policy_name=facts.policy.name,
        policy_digest=facts.policy.digest,
        status=status,
        placements=placements,
        tiers=tiers,
        rules=report.rules,
        metrics=indicators(facts, Tally(facts.county, placements)),
        run=run,
    )
    return Outcome(status, plan, PROVED if status == Status.OPTIMAL else FOUND, found.stopped_by)


def _recomputed(program: Program, found: Found, stop: ShouldStop) -> tuple[Recomputed | None, ...]:
    """What the search's duals prove by themselves, tier by tier; None where the user did not wait for it."""
    assert found.x is not None
    claims = []
    for certificate in found.certificates:
        rows, cuts = certificate.duals or (None, None)
        cases, cutting = certificate.cases, certificate.cutting
        claims.append(Claim(certificate.value, certificate.bound, rows, cuts, cases, cutting))
    return recompute(program, found.x, claims, stop)


def _tier_report(certificate: Certificate, own: Recomputed | None, report: Report, gap: float) -> TierReport:
    """Value as the checker counts it; bound in the tier's own unit: the recomputed one, unless an exact program claims more
    or nobody waited for it.

    A bound above the checker's value would be no bound: then the two disagree about the tier, and nothing is claimed.
    """
    tier = certificate.tier
    value = float(report.values[tier.priority])

    def in_unit(steps: Fraction | float | None) -> float | None:
        if steps is None or not isfinite(steps):
            return None
        proved = float(steps) * float(tier.step) + float(tier.constant)
        return min(value, proved) if proved <= value + SAME_VALUE * max(1.0, abs(value)) else None

    claimed, proof = certificate.bound, certificate.proof
    if own is None:
        searched, bound, lp_bound = True, in_unit(claimed), None
    else:
        searched = proof in BY_SEARCH and claimed is not None and (own.bound is None or own.bound < claimed)
        if proof in BY_SEARCH and not searched:
            # The LP knew it all along, or with its cuts: the exact program only found the plan.
            proof = "cuts" if own.cut else "lp" if own.lp == own.bound else "lp, rounded"
        bound, lp_bound = in_unit(claimed if searched else own.bound), in_unit(own.bound)
    recomputed = bound is not None and not searched
    made = TierReport(tier.priority, tier.name, value, bound, False, proof, recomputed, lp_bound)
    # Values within the tier's tolerance count as equal.
    same = bound is not None and value - bound <= tier.tolerance * tier.step
    return replace(made, proved=same or (made.gap is not None and made.gap <= gap + 1e-9))


def _silent(progress: Progress) -> None:
    pass


PROVED = Words("已证明为最优方案", "proved optimal")
FOUND = Words("可行方案; 与最优的差距见各层级", "feasible; each tier shows how far from the best it can be")
INFEASIBLE = Words("硬性规则不能同时满足: 没有可行方案", "the `must` rules cannot hold together: there is no plan")
UNKNOWN = Words("时间用尽, 尚无方案, 也未证明无解", "time ran out with neither a plan nor a proof that there is none")
STOPPED = Words("已停止, 尚无方案, 也未证明无解", "stopped with neither a plan nor a proof that there is none")
