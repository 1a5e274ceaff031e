"""Other plans that are nearly as good, and as different from the plan and from each other as can be.

Each is the plan, among all within the stated loss in every tier, that is farthest from the nearest of those before it:
max z, z ≤ distance(x, plan j) for every j so far; distance = people placed differently. Within 2 % of the farthest unless
time runs out; ``bound`` says how far a plan could be at most.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

import numpy as np
from scipy import sparse

from rotation.check import check
from rotation.indicators import indicators
from rotation.plan import Placement, Plan, Status, TierReport
from rotation.tally import Tally
from solver.engines.highs import solve_problem
from solver.engines.problem import Problem
from solver.index import Bools, Floats, Ints
from solver.outcome import SolveOptions
from solver.planned import Planned
from solver.program import TierCost
from solver.solve import place
from solver.terms import NoTerms

SECONDS = 20.0
MOST_COLUMNS = 20_000
GAP = 0.02


@dataclass(frozen=True)
class Near:
    """``differs``: people placed differently from the nearest of the plan and the alternatives before this one; no plan
    within the loss differs by more than ``bound``.
    """

    plan: Plan
    differs: int
    bound: int


def alternatives(planned: Planned, *, most: int = 3, loss: float = 0.01, seconds: float = SECONDS) -> tuple[Near, ...]:
    """``most`` plans, each tier at most ``loss`` × max(1, |value|) worse than the plan's; ``seconds`` in all.

    Fewer where no further plan differs at all.
    """
    known: list[Ints] = [planned.chosen]
    found: list[Near] = []
    deadline = time.monotonic() + seconds
    while len(found) < most:
        left = max(0.5, (deadline - time.monotonic()) / (most - len(found)))
        answer = _farthest(planned, known, loss, left)
        if answer is None:
            break
        chosen, differs, bound, placements = answer
        if differs == 0:
            break
        known.append(chosen)
        found.append(Near(_plan(planned, placements), differs, bound))
    return tuple(found)


def _farthest(
    planned: Planned, known: Sequence[Ints], loss: float, seconds: float
) -> tuple[Ints, int, int, tuple[Placement, ...]] | None:
    """(options, distance to the nearest known, bound on that, placements)."""
    while True:
        program = planned.program
        columns, all_in = _columns(planned, known, loss)
        distances = [planned.distance(chosen)[columns] for chosen in known]
        worst = np.array([_most(planned, tier, loss) for tier in program.tiers], dtype=np.float64)
        tiers = np.array([tier.cost[columns] for tier in program.tiers], dtype=np.float64)
        count, rows = len(columns), program.shape[0]
        # The last column is z, at most as far as every known plan is.
        matrix = sparse.csc_array(
            sparse.block_array(
                [
                    [program.columns(columns), sparse.csc_array((rows, 1))],
                    [sparse.csc_array(tiers), sparse.csc_array((len(tiers), 1))],
                    [sparse.csc_array(-np.array(distances)), sparse.csc_array(np.ones((len(known), 1)))],
                ]
            )
        )
        high = np.concatenate((program.row_upper, worst, [float(len(chosen)) for chosen in known]))
        low = np.concatenate((program.row_lower, np.full(len(tiers) + len(known), -np.inf)))
        cost = np.zeros(count + 1)
        cost[-1] = -1.0
        used = np.zeros(count + 1, dtype=bool)
        used[np.flatnonzero(columns >= len(program.options))] = True
        used[np.flatnonzero(np.isin(columns, np.concatenate(known)))] = True
        lower, upper = np.append(program.lower[columns], 0.0), np.append(program.upper[columns], np.inf)
        found = _search(
            Problem(matrix, low, high, lower, upper, np.append(program.integer[columns], True), cost, gap=GAP),
            used,
            seconds,
        )
        if found is None:
            return None
        solution, limit = found
        x = np.zeros(program.shape[1])
        x[columns] = solution[:-1]
        chosen = planned.options_in(x)
        try:
            placements = place(planned.options, np.rint(x), SolveOptions(baseline=planned.baseline))
        except NoTerms as error:
            planned.stagger(error.hosts)
            continue
        differs = min(_differing(planned, chosen, other) for other in known)
        people = len(np.unique(planned.options.teacher))
        bound = floor(-limit + 1e-6) if all_in and np.isfinite(limit) else people
        return chosen, differs, max(differs, bound), placements


def _search(problem: Problem, used: Bools, seconds: float) -> tuple[Floats, float] | None:
    """(x, bound): first over the columns that the LP's optimum uses and ``used``, then over all while time is left."""
    started = time.monotonic()
    relaxed = solve_problem(replace(problem, integer=np.zeros_like(problem.integer), seconds=seconds), _never)
    if relaxed.x is None:
        return None
    bound = float(problem.cost @ relaxed.x) if relaxed.exhausted else -np.inf
    inside = used | (relaxed.x > 1e-9)
    inside[-1] = True
    best: Floats | None = None
    for columns in (inside, np.ones_like(inside)):
        left = seconds - (time.monotonic() - started)
        if left <= 0.1:
            break
        part = replace(
            problem, matrix=sparse.csc_array(problem.matrix[:, np.flatnonzero(columns)]), lower=problem.lower[columns],
            upper=problem.upper[columns], integer=problem.integer[columns], cost=problem.cost[columns],
            start=None if best is None else best[columns], seconds=left if columns.all() else max(1.0, left / 2),
        )  # fmt: skip
        answer = solve_problem(part, _never)
        if answer.x is not None:
            best = np.zeros(len(columns))
            best[columns] = answer.x
        if columns.all():
            bound = max(bound, answer.bound)
        if best is not None and problem.cost @ best <= bound * (1 - GAP):
            break
    return None if best is None else (best, bound)


def _never() -> bool:
    return False


def _columns(planned: Planned, known: Sequence[Ints], loss: float) -> tuple[Ints, bool]:
    """Those that a plan within the loss can use, by the first tier's reduced costs; the cheapest where they are too many."""
    program, ladder = planned.program, planned.ladder
    n = len(program.options)
    reduced = ladder.reduced(0)
    weight = ladder.weights[0][0]
    allowed = _most(planned, program.tiers[0], loss) - ladder.nominal[0] // weight + 1
    keep = reduced[:n] <= allowed * weight
    exact = True
    if keep.sum() > MOST_COLUMNS:
        exact = False
        rank = sum(ladder.reduced(k)[:n] / max(1.0, float(np.abs(cost).max())) for k, cost in enumerate(ladder.costs))
        cut = np.partition(np.where(keep, rank, np.inf), MOST_COLUMNS)[MOST_COLUMNS]
        keep &= rank < cut
    for chosen in known:
        keep[chosen] = True
    return np.concatenate((np.flatnonzero(keep), np.arange(n, program.shape[1]))), exact


def _most(planned: Planned, tier: TierCost, loss: float) -> int:
    """The tier's cost, in its own steps, that is still within the loss."""
    value = Fraction(planned.report.values[tier.priority])
    allowed = value + Fraction(repr(loss)) * max(Fraction(1), abs(value))
    return floor((allowed - tier.constant) / tier.step)


def _differing(planned: Planned, one: Ints, other: Ints) -> int:
    return len(np.unique(planned.options.teacher[np.setxor1d(one, other)]))


def _plan(planned: Planned, placements: tuple[Placement, ...]) -> Plan:
    """A checked plan; its tiers carry no bound: it was not meant to be the best."""
    report = check(planned.county, planned.policy, placements, planned.baseline, planned.facts)
    assert report.holds, [rule.id for rule in report.broken]
    tiers = tuple(
        TierReport(tier.priority, tier.name, float(report.values[tier.priority]), None, False)
        for tier in planned.policy.tiers
    )
    return Plan(
        year=planned.plan.year,
        data=planned.plan.data,
        policy_name=planned.policy.name,
        policy_digest=planned.policy.digest,
        status=Status.FEASIBLE,
        placements=placements,
        tiers=tiers,
        rules=report.rules,
        metrics=indicators(planned.facts, Tally(planned.county, placements)),
        run={"engine": "near-optimal alternative"},
    )
