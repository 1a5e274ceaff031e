"""Twin of ``rotation.rules.rotation_quota``: least ≤ Σ options out of the cell ≤ most."""

from __future__ import annotations

from rotation.rules.rotation_quota import QuotaLimits
from solver.index import NONE
from solver.program import ProgramBuilder


def encode(rule: QuotaLimits, program: ProgramBuilder) -> None:
    index = program.index
    cells = index.cells(rule.per, rule.selector)
    of = cells.of.copy()
    for j, subject in enumerate(index.subjects):
        if not rule.counts_subject(subject):
            of[:, j] = NONE
    counted = rule.counted(index.facts)
    limits = [rule.limits(counted.get(key, 0)) for key in cells.keys]
    program.add_teacher_rows(
        rule,
        cells.documents(),
        of[index.home, index.main],
        1,
        [least for least, _ in limits],
        [most for _, most in limits],
    )
