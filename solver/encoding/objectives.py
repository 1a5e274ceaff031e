"""Twin of ``rotation.objectives``: each objective as whole-number costs on columns, in the objective's tier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np

from rotation.county import BACKBONE_RANKS
from rotation.objectives import preference_cost, schools_by_level
from rotation.plan import Placement
from rotation.policy import Objective
from rotation.rules.frame import exact
from solver.index import NONE
from solver.program import FREE, ProgramBuilder, RowName

Baseline = Mapping[str, Placement]


def encode_objective(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    ENCODERS[part.objective](part, program, baseline)


def _all(program: ProgramBuilder) -> np.ndarray:
    return np.arange(len(program.options))


def _distance_total(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    metres = program.options.metres.astype(np.int64)
    program.add_cost(part.priority, _all(program), metres, exact(part.weight) / 1000)


def _distance_max(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    """One helper column D (metres) with Σ over a teacher's options of metres · x ≤ D, a row a teacher."""
    options = program.options
    longest = float(options.metres.max()) if len(options) else 0.0
    column = program.add_columns(1, 0, longest)
    teachers, row = np.unique(options.teacher, return_inverse=True)
    count = len(teachers)
    program.add_ties(
        np.concatenate((row, np.arange(count))),
        np.concatenate((_all(program), np.full(count, column))),
        np.concatenate((options.metres, np.full(count, -1))),
        np.full(count, -FREE),
        np.zeros(count),
        RowName("distance_max", {}),
    )
    program.add_cost(part.priority, np.array([column]), np.array([1]), exact(part.weight) / 1000)


def _moves(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    program.add_cost(part.priority, _all(program), np.ones(len(program.options), dtype=np.int64), exact(part.weight))


def _preferences(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    options, index = program.options, program.index
    values = np.zeros(len(options), dtype=np.int64)
    for teacher, ranks in index.county.ranks_of.items():
        for option in options.of_teacher(index.teacher_at[teacher]):
            values[option] = max(preference_cost(ranks, host) for host in options.hosts_of(int(option)))
    program.add_cost(part.priority, _all(program), values, exact(part.weight))


def _tenure(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    values = -program.index.tenure[program.options.teacher]
    program.add_cost(part.priority, _all(program), values, exact(part.weight))


def _rural_service(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    options, index = program.options, program.index
    served = np.array([teacher.rural_years for teacher in index.county.teachers], dtype=np.int64)
    option, school, _ = options.stops()
    at_rural = np.zeros(len(options), dtype=bool)
    at_rural[option[index.is_rural[school]]] = True
    program.add_cost(part.priority, _all(program), served[options.teacher] * at_rural, exact(part.weight))


def _subsidy(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    (budget,) = (rule for rule in program.index.facts.policy.rules if rule.rule == "budget")
    metres, place = np.unique(program.options.metres, return_inverse=True)
    yearly = [exact(budget.yearly(int(m) / 1000)) for m in metres]  # type: ignore[attr-defined]
    cents = np.array([round(amount * 100) for amount in yearly], dtype=np.int64)
    program.add_cost(part.priority, _all(program), cents[place], exact(part.weight) / 100)


def _stability(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    """1 for everyone in the baseline, −1 for an option that is the baseline's, +1 for a teacher not in it."""
    options, index = program.options, program.index
    values = np.ones(len(options), dtype=np.int64)
    for teacher, placement in baseline.items():
        if teacher not in index.teacher_at:
            continue
        for option in options.of_teacher(index.teacher_at[teacher]):
            same = (
                set(options.hosts_of(int(option))) == set(placement.hosts)
                and index.subjects[options.subject[option]] == placement.subject
                and placement.years < 8
                and options.years[option] >> placement.years & 1
            )
            values[option] = -1 if same else 0
    program.add_cost(part.priority, _all(program), values, exact(part.weight))
    program.add_constant(part.priority, exact(part.weight) * len(baseline))


def _balance(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    """A helper column for each school, at least ±(backbone per 100 pupils − mean of its level) × weight, in millionths.

    With b = backbone after, p = pupils, B and P their sums over the level: deviation = |100·b/p − 100·B/P|.
    """
    options, index, county = program.options, program.index, program.index.county
    scale = 10**6 * part.weight
    least = BACKBONE_RANKS.index("county")
    moves = np.flatnonzero(index.backbone[options.teacher] >= least)
    option, school, weight = options.stops()
    chosen = np.isin(option, moves)
    option, school, share = option[chosen], school[chosen], weight[chosen] / options.unit
    before = np.zeros(len(county.schools))
    for teacher in county.teachers:
        if teacher.backbone_rank >= least:
            terms = county.running.get(teacher.id, ())
            hosts = [term.host for term in terms] or [teacher.school]
            for host in hosts:
                before[index.school_at[host]] += 1 / len(hosts)
    for schools in schools_by_level(county.schools).values():
        at = np.array([index.school_at[one.id] for one in schools])
        place = np.full(len(county.schools), NONE)
        place[at] = np.arange(len(at))
        pupils = np.array([float(one.pupils or 1) for one in schools])
        # Row k: 100/p_k · (arrivals − departures at k) − 100/P · (the same over the level).
        leaves, arrives = place[options.home[moves]], place[school]
        row = np.concatenate((leaves[leaves != NONE], arrives[arrives != NONE]))
        column = np.concatenate((moves[leaves != NONE], option[arrives != NONE]))
        change = np.concatenate((-np.ones(int((leaves != NONE).sum())), share[arrives != NONE]))
        own = 100 * scale * change / pupils[row]
        first = program.add_columns(len(at), 0, FREE, integer=False)
        helpers = np.arange(first, first + len(at))
        # The level's mean moves only where teachers cross levels; it is the same for every row of the level.
        crossing = np.bincount(column, change, len(options)) if len(column) else np.zeros(len(options))
        crossers = np.flatnonzero(np.abs(crossing) > 1e-12)
        mean_change = 100 * scale * crossing[crossers] / pupils.sum()
        constant = 100 * scale * (before[at] / pupils - before[at].sum() / pupils.sum())
        rows = np.concatenate((row, np.repeat(np.arange(len(at)), len(crossers))))
        columns = np.concatenate((column, np.tile(crossers, len(at))))
        values = np.concatenate((own, np.tile(-mean_change, len(at))))
        for sign in (1, -1):
            program.add_ties(
                np.concatenate((rows, np.arange(len(at)))),
                np.concatenate((columns, helpers)),
                np.concatenate((-sign * values, np.ones(len(at)))),
                sign * constant,
                np.full(len(at), FREE),
                RowName("balance", {}),
            )
        program.add_cost(part.priority, helpers, np.ones(len(at), dtype=np.int64), Fraction(1, 10**6))


Encoder = Callable[[Objective, ProgramBuilder, Baseline], None]
ENCODERS: Mapping[str, Encoder] = {
    "distance_total": _distance_total,
    "distance_max": _distance_max,
    "moves": _moves,
    "subsidy": _subsidy,
    "preferences": _preferences,
    "tenure": _tenure,
    "balance": _balance,
    "stability": _stability,
    "rural_service": _rural_service,
}
