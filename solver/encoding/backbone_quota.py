"""Twin of ``rotation.rules.backbone_quota``: q·backbone − p·moved ≥ 0 for share_min = p/q.

A slack of one person counts q in the row; it is whole, which is the rounding up.
"""

from __future__ import annotations

import numpy as np

from rotation.county import BACKBONE_RANKS
from rotation.rules.backbone_quota import BackboneQuota
from rotation.rules.frame import exact
from solver.program import ProgramBuilder


def encode(rule: BackboneQuota, program: ProgramBuilder) -> None:
    index, options = program.index, program.options
    share = exact(rule.share_min)
    cells = index.cells(rule.per, rule.selector)
    row, column = options.rows(cells.of[index.home, index.main])
    backbone = index.backbone >= BACKBONE_RANKS.index(rule.backbone_level)
    points = (share.denominator * backbone - share.numerator).astype(np.min_scalar_type(-share.denominator))
    coefficient = points[options.teacher[column]]
    least = [0] * len(cells.keys)
    program.add_rows(rule, cells.documents(), row, column, coefficient, least, slack=share.denominator)
