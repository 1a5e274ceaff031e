"""Twin of ``rotation.rules.equal_exchange``: −tolerance ≤ out − in ≤ tolerance in each cell."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from rotation.rules.equal_exchange import EqualExchange
from solver.index import NONE, Index
from solver.program import ProgramBuilder


def encode(rule: EqualExchange, program: ProgramBuilder) -> None:
    index, options = program.index, program.options
    name = "group" if rule.per == "group" else "school"
    cells: dict[tuple[str, str], int] = {}
    for cell, subjects in rule.subjects(index.county).items():
        for subject in subjects if rule.by_subject else ("",):
            cells[cell, subject] = len(cells)
    if not cells:
        return

    flows = _flows(rule, index)
    option, school, weight = options.stops()
    pair = options.home[option] * len(index.county.schools) + school
    rows, columns, values = [], [], []
    for at in np.flatnonzero(np.isin(pair, list(flows))):
        main, placed = index.subjects[options.main[option[at]]], index.subjects[options.subject[option[at]]]
        for cell, sign in flows[int(pair[at])]:
            subject = (main if sign > 0 else placed) if rule.by_subject else ""
            rows.append(cells[cell, subject])
            columns.append(int(option[at]))
            values.append(sign * int(weight[at]))
    limit = rule.tolerance * options.unit
    program.add_rows(
        rule,
        [{name: cell} | ({"subject": subject} if subject else {}) for cell, subject in cells],
        np.array(rows, dtype=np.int64),
        np.array(columns, dtype=np.int64),
        np.array(values, dtype=np.int64),
        [-limit] * len(cells),
        [limit] * len(cells),
        worth=Fraction(1, options.unit),
    )


def _flows(rule: EqualExchange, index: Index) -> dict[int, list[tuple[str, int]]]:
    """home · S + host → the cells that a placement on this way enters, with its sign there."""
    group, schools = index.units("group"), index.county.schools
    found: dict[int, list[tuple[str, int]]] = {}
    for home, host in np.argwhere((group[:, None] == group[None, :]) & (group != NONE)[:, None]):
        entered = list(rule.entered(schools[home], schools[host]))
        if entered:
            found[int(home) * len(schools) + int(host)] = entered
    return found
