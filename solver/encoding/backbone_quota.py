"""Twin of ``rotation.rules.backbone_quota``: q·backbone − p·moved ≥ 0 for share_min = p/q.

A slack of one person counts q in the row; it is whole, which is the rounding up.
"""

from __future__ import annotations

from rotation.county import BACKBONE_RANKS
from rotation.rules.backbone_quota import BackboneQuota
from rotation.rules.frame import exact
from solver.builder import ProgramBuilder


def encode(rule: BackboneQuota, program: ProgramBuilder) -> None:
    index = program.index
    share = exact(rule.share_min)
    cells = index.cells(rule.per, rule.selector)
    backbone = index.backbone >= BACKBONE_RANKS.index(rule.backbone_level)
    coefficient = share.denominator * backbone - share.numerator
    least = [0] * len(cells.keys)
    row_of = cells.of[index.home, index.main]
    program.add_teacher_rows(rule, cells.documents(), row_of, coefficient, least, slack=share.denominator)
