"""Twin of ``rotation.rules.preference_floor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.preference_floor import PreferenceFloor
from solver.index import Bools, Index

if TYPE_CHECKING:
    from solver.options import Pairs


def allowed(rule: PreferenceFloor, index: Index, pairs: Pairs) -> Bools:
    size = len(index.county.schools)
    refused = [
        index.teacher_at[wish.teacher] * size + index.school_at[wish.host]
        for wish in index.county.preferences
        if wish.rank == 0 and rule.selector.selects(index.county.school[wish.host])
    ]
    return ~np.isin(pairs.teacher * size + pairs.host, np.array(refused, dtype=np.int64))
