"""Twin of ``rotation.objectives``: each objective as whole-number costs on columns, in the objective's tier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np

from rotation.objectives import preference_cost
from rotation.plan import Placement
from rotation.policy import Objective
from rotation.rules.budget import Budget
from rotation.rules.frame import exact
from rotation.tally import Tally
from solver.builder import ProgramBuilder
from solver.encoding import balance, budget
from solver.program import RowName

Baseline = Mapping[str, Placement]


def encode_objective(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    ENCODERS[part.objective](part, program, baseline)


def _distance_total(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    options = program.options
    program.add_cost(part.priority, program.everyone, options.metres, exact(part.weight) / 1000)


def _distance_max(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    """The longest way in metres, a ceiling over every option."""
    column = program.add_ceiling(program.options.metres, RowName("distance_max", {}))
    program.add_cost(part.priority, np.array([column]), np.array([1]), exact(part.weight) / 1000)


def _moves(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    options = program.options
    program.add_cost(part.priority, program.everyone, np.ones(len(options), dtype=np.int8), exact(part.weight))


def _preferences(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    options, index = program.options, program.index
    size = len(index.county.schools)
    # (T,) what a host off the list costs, and (teacher, host) → what one on the list does.
    unlisted = np.zeros(len(index.county.teachers), dtype=np.int64)
    keys, costs = [], []
    for teacher, ranks in index.county.ranks_of.items():
        position = index.teacher_at[teacher]
        unlisted[position] = preference_cost(ranks, "")
        for host in ranks:
            keys.append(position * size + index.school_at[host])
            costs.append(preference_cost(ranks, host))
    order = np.argsort(np.array(keys, dtype=np.int64))
    listed, cost = np.array(keys, dtype=np.int64)[order], np.array(costs, dtype=np.int64)[order]
    option, school, _ = options.stops()
    # Who has no list does not mind.
    wishes = options.per_teacher(unlisted > 0)[option]
    option, school = option[wishes], school[wishes]
    teacher = options.teacher[option].astype(np.int64)
    wanted = teacher * size + school
    at_stop = unlisted[teacher]
    if len(listed):
        place = np.minimum(np.searchsorted(listed, wanted), len(listed) - 1)
        at_stop = np.where(listed[place] == wanted, cost[place], at_stop)
    values = np.zeros(len(options), dtype=np.int32)
    # A circuit costs what its least wanted host costs.
    np.maximum.at(values, option, at_stop.astype(np.int32))
    program.add_cost(part.priority, program.everyone, values, exact(part.weight))


def _tenure(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    options = program.options
    values = options.per_teacher(-program.index.tenure.astype(np.int32))
    program.add_cost(part.priority, program.everyone, values, exact(part.weight))


def _rural_service(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    options, index = program.options, program.index
    served = np.array([teacher.rural_years for teacher in index.county.teachers], dtype=np.int64)
    option, school, _ = options.stops()
    at_rural = np.zeros(len(options), dtype=bool)
    at_rural[option[index.is_rural[school]]] = True
    program.add_cost(part.priority, program.everyone, options.per_teacher(served) * at_rural, exact(part.weight))


def _subsidy(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    (rule,) = (rule for rule in program.index.facts.policy.rules if isinstance(rule, Budget))
    index, options = program.index, program.options
    cost, parts = budget.yearly(rule, options)
    covered = index.selected(rule.selector)[options.host]
    program.add_cost(part.priority, program.everyone, cost * covered, exact(part.weight) / parts)
    running = sum((yuan for _, yuan in rule.costs(index.facts, Tally(index.county, ()))), Fraction(0))
    program.add_constant(part.priority, exact(part.weight) * running)


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
    program.add_cost(part.priority, program.everyone, values, exact(part.weight))
    program.add_constant(part.priority, exact(part.weight) * len(baseline))


def _balance(part: Objective, program: ProgramBuilder, baseline: Baseline) -> None:
    balance.encode(part, program)


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
