"""Twin of ``rotation.rules.leader_exchange``: leaders in ≤ open posts at each host; leaders out ≥ the least of a group."""

from __future__ import annotations

import numpy as np

from rotation.rules.leader_exchange import LeaderExchange
from solver.builder import ProgramBuilder
from solver.index import NONE


def encode(rule: LeaderExchange, program: ProgramBuilder) -> None:
    index, options = program.index, program.options
    schools = index.county.schools
    leads = np.array([teacher.role in rule.roles for teacher in index.county.teachers], dtype=bool)[options.teacher]
    selected = index.selected(rule.selector)
    chosen = np.flatnonzero(selected)
    at = np.full(len(schools), NONE)
    at[chosen] = np.arange(len(chosen))
    option, school, _ = options.stops()
    here = leads[option] & selected[school]
    program.add_rows(
        rule,
        [{"school": schools[s].id} for s in chosen],
        at[school[here]],
        option[here],
        # A leader's post cannot be shared: a circuit takes one at each of its hosts.
        np.ones(int(here.sum()), dtype=np.int64),
        None,
        [schools[s].leader_posts_open for s in chosen],
    )
    if rule.count_min is not None:
        unit = index.units("group")
        groups = [group for group in dict.fromkeys(unit[chosen].tolist()) if group != NONE]
        place = np.full(int(unit.max(initial=0)) + 1, NONE)
        place[groups] = np.arange(len(groups))
        of_home = np.where(unit == NONE, NONE, place[unit])[options.home]
        column = np.flatnonzero(leads & (of_home != NONE))
        name = {int(unit[s]): school.group for s, school in enumerate(schools)}
        program.add_rows(
            rule,
            [{"group": str(name[group])} for group in groups],
            of_home[column],
            column,
            np.ones(len(column), dtype=np.int64),
            [rule.count_min] * len(groups),
        )
