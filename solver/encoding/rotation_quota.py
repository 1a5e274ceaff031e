"""Twin of ``rotation.rules.rotation_quota``: least ≤ Σ options out of the cell ≤ most."""

from __future__ import annotations

import numpy as np

from rotation.rules.rotation_quota import QuotaLimits
from solver.builder import ProgramBuilder
from solver.index import NONE


def encode(rule: QuotaLimits, program: ProgramBuilder) -> None:
    index = program.index
    cells = index.cells(rule.per, rule.selector)
    of = cells.of.copy()
    for j, subject in enumerate(index.subjects):
        if not rule.counts_subject(subject):
            of[:, j] = NONE
    row_of = of[index.home, index.main]
    counts = index.eligible if rule.of == "eligible" else ~index.running
    counted = np.bincount(row_of[counts & (row_of != NONE)], minlength=len(cells.keys))
    limits = [rule.limits(count) for count in counted.tolist()]
    program.add_teacher_rows(
        rule,
        cells.documents(),
        row_of,
        1,
        [least for least, _ in limits],
        [most for _, most in limits],
    )
