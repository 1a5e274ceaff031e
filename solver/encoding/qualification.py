"""Twin of ``rotation.rules.qualification``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.qualification import Qualification
from solver.index import Bools, Index

if TYPE_CHECKING:
    from solver.options import Pairs


def allowed(rule: Qualification, index: Index, pairs: Pairs) -> Bools:
    """All of them: pairs are only ever made of teachers, their subjects, and posts away from home at a level of theirs."""
    return np.ones(len(pairs.teacher), dtype=bool)
