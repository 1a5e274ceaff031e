"""The agreement of a checker with its twin, plan by plan, on a county small enough to list every plan.

One side is ``rotation.check`` (``truth``): it judges every placement that can be thought of, alone, and then every plan
made of those that may be. The other is the solver (``twin``): which placements are options with which years, and what
the program's rows and costs say with the options fixed and its helper columns as good as they can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from math import prod
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components
from tried import Case

from rotation.check import check
from rotation.county import MODES, County
from rotation.facts import Facts
from rotation.faults import InputError
from rotation.plan import Placement
from rotation.policy import Policy
from rotation.rules.frame import PlacementRule
from rotation.travel import way
from solver.formulate import formulate
from solver.index import NONE, Index
from solver.options import Options, build_options
from solver.program import Program

MOST_PLANS = 700
MOST_YEARS = 3
SOLVED, INFEASIBLE = 0, 2
"""What ``scipy.optimize.milp`` answers."""
SINGLE = ("term", "decisions", "itinerant")
"""Rules that judge a placement by itself besides the ``PlacementRule`` ones."""

Key = tuple[str, frozenset[str], str, str]
"""(teacher, hosts, subject, mode): a placement but for its years."""


class Disagreement(AssertionError):
    """Checker and twin do not say the same."""


# -- what the checker says --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """``allowed``: every conceivable placement → the years it may have (none: refused). ``plans``, one row a plan:
    ``chosen`` (plans, keys), whether some years keep every `must` rule, and then the best value of every tier.

    ``measures`` are the total shortfalls of the rules of the case's kind, to see that the plans are not all alike.
    """

    allowed: dict[Key, tuple[int, ...]]
    keys: tuple[Key, ...]
    chosen: NDArray[np.bool_]
    holds: NDArray[np.bool_]
    values: tuple[tuple[Fraction, ...] | None, ...]
    measures: frozenset[Fraction]


@cache
def truth(case: Case) -> Truth:
    facts = Facts(case.county, case.policy)
    conceivable = {key: _made(case.county, facts, key) for key in _conceivable(case)}
    allowed = _allowed(case, conceivable)
    free = {key: years for key, years in allowed.items() if years}
    plans = list(_plans(case, free))
    keys = tuple(free)
    at = {key: i for i, key in enumerate(keys)}
    chosen = np.zeros((len(plans), len(keys)), dtype=bool)
    values: list[tuple[Fraction, ...] | None] = []
    measures: set[Fraction] = set()
    for row, plan in enumerate(plans):
        chosen[row, [at[key] for key in plan]] = True
        best = None
        for years in product(*(free[key] if case.vary_years else free[key][:1] for key in plan)):
            placements = [
                replace(placement, years=k)
                for key, k in zip(plan, years, strict=True)
                if (placement := conceivable[key]) is not None
            ]
            report = check(case.county, case.policy, placements, case.baseline, facts)
            measures.update(Fraction(r.shortfall) for r in report.rules if r.rule == case.kind)
            if report.holds:
                value = tuple(Fraction(report.values[tier.priority]) for tier in case.policy.tiers)
                best = value if best is None else min(best, value)
        values.append(best)
    holds = np.array([value is not None for value in values], dtype=bool)
    return Truth(allowed, keys, chosen, holds, tuple(values), frozenset(measures))


def known_modes(policy: Policy) -> tuple[str, ...]:
    """The modes that a policy speaks of; a placement in another mode differs from these in name only."""
    flows = [flow for rule in policy.rules if rule.rule == "destination" for flow in rule.flows]  # type: ignore[attr-defined]
    named = {flow.mode for flow in flows} or {"secondment"}
    named |= {"itinerant"} if any(rule.rule == "itinerant" for rule in policy.rules) else set()
    return tuple(mode for mode in MODES if mode in named)


def _conceivable(case: Case) -> Iterator[Key]:
    """Any teacher at any host (home too) in any subject and mode, with a rule `itinerant` on any circuit too."""
    county = case.county
    subjects = dict.fromkeys(post.subject for post in county.posts)
    subjects |= dict.fromkeys(subject for teacher in county.teachers for subject in teacher.subjects)
    schools = [school.id for school in county.schools]
    for mode in known_modes(case.policy):
        sizes = range(2, len(schools) + 1) if mode == "itinerant" else (1,)
        for size in sizes:
            for hosts in combinations(schools, size):
                for teacher, subject in product(county.teachers, subjects):
                    yield teacher.id, frozenset(hosts), subject, mode


def _made(county: County, facts: Facts, key: Key) -> Placement | None:
    """The placement of ``key`` for one year; None where no way is known."""
    name, hosts, subject, mode = key
    teacher = county.teacher[name]
    listed = tuple(school.id for school in county.schools if school.id in hosts)
    ways = [way(county, teacher, county.school[host], facts.detour) for host in listed]
    if any(one is None for one in ways):
        return None
    km = max(one.km for one in ways if one is not None)
    return Placement(name, teacher.school, listed[0], subject, county.year, 1, km, mode, listed)


def _allowed(case: Case, conceivable: dict[Key, Placement | None]) -> dict[Key, tuple[int, ...]]:
    """The years that each placement may have, judged alone by the rules that can do so."""
    policy = case.policy
    rules = tuple(rule for rule in policy.rules if isinstance(rule, PlacementRule) or rule.rule in SINGLE)
    alone = Policy(policy.name, rules)
    forbidding = tuple(row for row in case.county.decisions if row.kind == "forbid")
    county = replace(case.county, decisions=forbidding)
    facts = Facts(county, alone)
    found: dict[Key, tuple[int, ...]] = {}
    for key, placement in conceivable.items():
        found[key] = ()
        if placement is not None:
            years = _years(policy, county, placement)
            tried = [replace(placement, years=k) for k in years]
            found[key] = tuple(one.years for one in tried if check(county, alone, [one], facts=facts).holds)
    return found


def _years(policy: Policy, county: County, placement: Placement) -> range:
    """Where no `term` rule speaks of it, a term is one or two years by definition."""
    covered = any(
        rule.rule == "term" and rule.covers(county.school[placement.home], county.school[host])  # type: ignore[attr-defined]
        for rule in policy.rules
        for host in placement.hosts
    )
    return range(1, (MOST_YEARS if covered else 2) + 1)


def _plans(case: Case, free: dict[Key, tuple[int, ...]]) -> Iterator[tuple[Key, ...]]:
    """Every plan of allowed placements, or ``MOST_PLANS`` drawn at random; and some that place a teacher twice."""
    mine = [[key for key in free if key[0] == teacher.id] for teacher in case.county.teachers]
    choices: list[list[tuple[Key, ...]]] = [[(), *((key,) for key in keys)] for keys in mine]
    if case.complete or prod(len(options) for options in choices) <= MOST_PLANS:
        picked: Iterator[Sequence[tuple[Key, ...]]] = iter(list(product(*choices)))
    else:
        dice = Random(case.name)
        picked = iter(sorted({tuple(dice.choice(options) for options in choices) for _ in range(MOST_PLANS)}, key=str))
    for parts in picked:
        yield tuple(key for part in parts for key in part)
    for keys in mine:
        if len(keys) > 1:
            yield (keys[0], keys[-1])


# -- what the solver says ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """Of each plan: do the rows hold, and what does each tier cost at least (None: the rows do not hold)?"""

    holds: NDArray[np.bool_]
    values: NDArray[np.float64]


def options_of(case: Case) -> Options | None:
    """The options; None where a decision cannot be met at all."""
    try:
        return build_options(Index(Facts(case.county, case.policy)))
    except InputError as error:
        assert {fault.code for fault in error.faults} == {"decision_breaks_rule"}, error
        return None


def keys_of(options: Options) -> dict[Key, int]:
    """Every option under its key."""
    county, subjects = options.index.county, options.index.subjects
    found: dict[Key, int] = {}
    for o in range(len(options)):
        hosts = frozenset(options.hosts_of(o))
        key = (county.teachers[options.teacher[o]].id, hosts, subjects[options.subject[o]], MODES[options.mode[o]])
        if key in found:
            raise Disagreement(f"{key} is an option twice")
        found[key] = o
        assert (options.circuit[o] != NONE) == (len(hosts) > 1)
    return found


def said(program: Program, x: NDArray[np.float64]) -> Said:
    """The program with the options fixed at each row of ``x`` (plans, options), every helper column at its best."""
    n = len(program.options)
    rows = sparse.csr_array(program.matrix, dtype=np.float64)
    activity = np.asarray((rows[:, :n] @ x.T).T)
    helpers = sparse.csr_array(rows[:, n:])
    costs = np.array([tier.cost for tier in program.tiers], dtype=np.float64).reshape(len(program.tiers), -1)
    total = x @ costs[:, :n].T
    plain = np.diff(helpers.indptr) == 0
    low, high = program.row_lower - 1e-9, program.row_upper + 1e-9
    holds = np.all((activity[:, plain] >= low[plain]) & (activity[:, plain] <= high[plain]), axis=1)
    for tied, columns in _components(helpers):
        holds_here, cost = _best_helpers(program, activity, tied, columns + n, costs)
        holds &= holds_here
        total += cost
    loose = np.flatnonzero(np.diff(sparse.csc_array(helpers).indptr) == 0) + n
    total += (costs[:, loose] @ program.lower[loose])[None, :]
    steps = np.array([float(tier.step) for tier in program.tiers])
    constants = np.array([float(tier.constant) for tier in program.tiers])
    return Said(holds, total * steps + constants)


def _components(helpers: sparse.csr_array) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(rows, columns) of helpers that hang together through rows."""
    count = helpers.shape[0]
    coo = helpers.tocoo()
    size = sum(helpers.shape)
    graph = sparse.coo_array((np.ones(coo.nnz), (coo.coords[0], coo.coords[1] + count)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    for one in np.unique(label[coo.coords[0]]):
        inside = np.flatnonzero(label == one)
        yield inside[inside < count], inside[inside >= count] - count


def _best_helpers(
    program: Program, activity: NDArray[np.float64], rows: NDArray[np.int64], columns: NDArray[np.int64],
    costs: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:  # fmt: skip
    """Whether helpers can make ``rows`` hold, and their least cost, plan by plan; equal activities are solved once."""
    own = costs[:, columns]
    priced = np.flatnonzero(np.any(own != 0, axis=1))
    assert len(priced) <= 1, "helpers that are priced in two tiers have no single best"
    price = own[priced[0]] if len(priced) else np.zeros(len(columns))
    kinds, back = np.unique(activity[:, rows], axis=0, return_inverse=True)
    matrix = sparse.csc_array(program.columns(columns)[rows])
    low, high = program.row_lower[rows], program.row_upper[rows]
    found = np.full(len(kinds), np.inf)
    slack = len(rows) == 1 and np.all(program.upper[columns] == np.inf) and np.all(program.lower[columns] == 0)
    for k, here in enumerate(kinds):
        if slack and len(columns) == 1:
            found[k] = (
                _one_slack(float(matrix.data[0]), low[0] - here[0], high[0] - here[0], program, columns) * price[0]
            )
            continue
        answer = milp(
            price,
            integrality=program.integer[columns],
            bounds=Bounds(program.lower[columns], program.upper[columns]),
            constraints=LinearConstraint(matrix, low - here, high - here),
            options={"mip_rel_gap": 0.0},
        )
        if answer.status not in (SOLVED, INFEASIBLE):
            raise RuntimeError(f"the helpers' program was neither solved nor refuted: {answer.message}")
        found[k] = answer.fun if answer.status == SOLVED else np.inf
    cost = np.zeros((len(activity), len(costs)))
    least = found[back.reshape(-1)]
    if len(priced):
        cost[:, priced[0]] = np.where(np.isfinite(least), least, 0)
    return np.isfinite(least), cost


def _one_slack(coefficient: float, low: float, high: float, program: Program, columns: NDArray[np.int64]) -> float:
    """The least s ≥ 0 with low ≤ coefficient · s ≤ high; inf where there is none."""
    missing = max(0.0, low / coefficient if coefficient > 0 else high / coefficient)
    s = float(np.ceil(missing - 1e-9)) if program.integer[columns[0]] else missing
    return s if low - 1e-9 <= coefficient * s <= high + 1e-9 else float("inf")


# -- side by side -----------------------------------------------------------------------------------------------------


def compare(case: Case, *, merge: bool = True) -> None:
    """Raise ``Disagreement`` for the first placement or plan on which checker and twin do not say the same.

    ``merge`` as in ``solver.formulate``: limits on one post share a row, or stay apart as a diagnosis wants them.
    """
    true = truth(case)
    options = options_of(case)
    if options is None:
        if true.holds.any():
            raise Disagreement(
                f"{case.name}: a decision is refused, yet {_plan(true, int(true.holds.argmax()))} is fine"
            )
        return
    at = keys_of(options)
    for key, years in true.allowed.items():
        mask = int(options.years[at[key]]) if key in at else 0
        wanted = sum(1 << k for k in years)
        if mask != wanted:
            raise Disagreement(f"{case.name}: {_said(key)}: years {wanted:b} by the checker, {mask:b} by the options")
    strange = at.keys() - true.allowed.keys()
    if strange:
        raise Disagreement(f"{case.name}: nobody thought of {strange}")
    x = np.zeros((len(true.chosen), len(options)))
    x[:, [at[key] for key in true.keys]] = true.chosen
    twin = said(formulate(options, case.baseline, merge=merge), x)
    for row in np.flatnonzero(twin.holds != true.holds):
        raise Disagreement(
            f"{case.name}: {_plan(true, row)}: {'kept' if true.holds[row] else 'broken'} by the checker, "
            f"{'kept' if twin.holds[row] else 'broken'} by the rows"
        )
    for row in np.flatnonzero(true.holds):
        values = true.values[row]
        assert values is not None
        for tier, one, other in zip(case.policy.tiers, values, twin.values[row], strict=True):
            near = 1e-4 if any(part.objective == "balance" for part in tier.objectives) else 1e-6
            if abs(float(one) - other) > near:
                raise Disagreement(
                    f"{case.name}: {_plan(true, row)}: tier {tier.priority} ({tier.name}) is {float(one)} by the "
                    f"checker, {other} by the program"
                )


def _said(key: Key) -> str:
    return f"{key[0]} to {'+'.join(sorted(key[1]))} for {key[2]} ({key[3]})"


def _plan(true: Truth, row: int) -> str:
    return "; ".join(_said(key) for key, on in zip(true.keys, true.chosen[row], strict=True) if on) or "nobody moves"
