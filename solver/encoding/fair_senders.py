"""Twin of ``rotation.rules.fair_senders``: Σ (q·points − p) · x ≥ 0 for a floor of p/q points a teacher."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import numpy as np

from rotation.rules.fair_senders import Attribute, FairSenders
from solver.builder import ProgramBuilder
from solver.index import NONE, Index


def encode(rule: FairSenders, program: ProgramBuilder) -> None:
    """A call for each denominator: a slack of one unit is worth 1/q points."""
    index, options = program.index, program.options
    alike: dict[int, list[tuple[tuple[str, Attribute], Fraction]]] = defaultdict(list)
    for key, floor in rule.floors(index.facts).items():
        alike[floor.denominator].append((key, floor))
    home = options.home
    points = {attribute: _points(rule, index, attribute)[options.teacher] for attribute in rule.attributes}
    for denominator, cells in alike.items():
        row, column, value = [], [], []
        for attribute in rule.attributes:
            at = np.full(len(index.county.schools), NONE)
            floors = np.zeros(len(index.county.schools), dtype=np.int64)
            for k, ((school, own), floor) in enumerate(cells):
                if own == attribute:
                    at[index.school_at[school]] = k
                    floors[index.school_at[school]] = floor.numerator
            here = np.flatnonzero(at[home] != NONE)
            row.append(at[home[here]])
            column.append(here)
            value.append(denominator * points[attribute][here] - floors[home[here]])
        program.add_rows(
            rule,
            [{"school": school, "attribute": attribute} for (school, attribute), _ in cells],
            np.concatenate(row),
            np.concatenate(column),
            np.concatenate(value),
            [0] * len(cells),
            worth=Fraction(1, denominator),
            knapsack=True,
        )


def _points(rule: FairSenders, index: Index, attribute: Attribute) -> np.ndarray:
    """(T,) attribute points."""
    county = index.county
    return np.array([rule.points(attribute, teacher, county.year) for teacher in county.teachers], dtype=np.int64)
