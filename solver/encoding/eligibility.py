"""Twin of ``rotation.rules.eligibility``; who is eligible, ``solver.eligible`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.eligibility import Eligibility
from solver.index import Bools, Index

if TYPE_CHECKING:
    from solver.options import Pairs


def allowed(rule: Eligibility, index: Index, pairs: Pairs) -> Bools:
    """All of them: pairs are only ever made of the eligible."""
    return np.ones(len(pairs.teacher), dtype=bool)
