"""Twin of ``rotation.rules.equal_exchange``: −tolerance ≤ out − in ≤ tolerance in each cell."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from rotation.rules.equal_exchange import EqualExchange
from solver.builder import ProgramBuilder
from solver.index import NONE, Index, Ints


def encode(rule: EqualExchange, program: ProgramBuilder) -> None:
    index, options = program.index, program.options
    unit = "group" if rule.per == "group" else "school"
    cells: dict[tuple[str, str], int] = {}
    for cell, subjects in rule.subjects(index.county).items():
        for subject in subjects if rule.by_subject else ("",):
            cells[cell, subject] = len(cells)
    if not cells:
        return

    option, school, weight = options.stops()
    main, placed = options.main[option], options.subject[option].astype(np.int64)
    pair = options.home[option] * len(index.county.schools) + school
    order = np.argsort(pair, kind="stable")
    row: list[Ints] = []
    column: list[Ints] = []
    value: list[Ints] = []
    for way, entered in _flows(rule, index).items():
        first, last = np.searchsorted(pair, (way, way + 1), sorter=order)
        here = order[first:last]
        for cell, sign in entered:
            counted = main[here] if sign > 0 else placed[here]
            names = index.subjects if rule.by_subject else ("",) * len(index.subjects)
            row.append(np.array([cells.get((cell, name), NONE) for name in names], dtype=np.int64)[counted])
            column.append(option[here])
            value.append(sign * weight[here])
    if not row:
        row, column, value = [option[:0]], [option[:0]], [weight[:0]]
    limit = rule.tolerance * options.unit
    program.add_rows(
        rule,
        [{unit: cell} | ({"subject": subject} if subject else {}) for cell, subject in cells],
        np.concatenate(row),
        np.concatenate(column),
        np.concatenate(value),
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
