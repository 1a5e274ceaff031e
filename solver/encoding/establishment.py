"""Twin of ``rotation.rules.establishment``: a helper column a post for what exceeds its room, their sum limited a school."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from rotation.rules.establishment import Establishment
from rotation.rules.host_capacity import room
from solver.builder import FREE, ProgramBuilder
from solver.index import NONE
from solver.program import RowName


def encode(rule: Establishment, program: ProgramBuilder) -> None:
    """beyond ≥ staff_after − room, beyond ≥ 0 at each post; Σ beyond ≤ extra at each school."""
    index = program.index
    county, unit = index.county, program.unit
    schools = [s for s, chosen in enumerate(index.selected(rule.selector)) if chosen]
    posts = np.array([i for s in schools for i in index.post_of[s] if i != NONE], dtype=np.int64)
    row, column, value = program.change(posts)
    first = program.add_columns(len(posts))
    beyond = np.arange(first, first + len(posts))
    rooms = [room(index.facts, county.posts[i]) - program.staff_before(int(i)) for i in posts]
    program.add_ties(
        np.concatenate((row, np.arange(len(posts)))),
        np.concatenate((column, beyond)),
        np.concatenate((value, -np.ones(len(posts)))),
        np.full(len(posts), -FREE),
        np.array([float(unit * left) for left in rooms]),
        RowName(rule.id, {}, "most"),
    )
    at = {county.schools[s].id: k for k, s in enumerate(schools)}
    program.add_rows(
        rule,
        [{"school": school} for school in at],
        np.array([at[county.posts[i].school] for i in posts], dtype=np.int64),
        beyond,
        np.ones(len(posts)),
        None,
        [unit * rule.extra(county, county.schools[s]) for s in schools],
        worth=Fraction(1, unit),
    )
