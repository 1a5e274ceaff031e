"""Twin of ``rotation.rules.preference_floor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.preference_floor import PreferenceFloor
from solver.index import Bools, Index, PairSet

if TYPE_CHECKING:
    from solver.options import Pairs


def allowed(rule: PreferenceFloor, index: Index, pairs: Pairs) -> Bools:
    return ~index.once(rule, lambda: _refused(rule, index)).has(pairs.teacher, pairs.host)


def _refused(rule: PreferenceFloor, index: Index) -> PairSet:
    selected = index.selected(rule.selector)
    wishes = [
        (index.teacher_at[wish.teacher], index.school_at[wish.host])
        for wish in index.county.preferences
        if wish.rank == 0
    ]
    teacher, host = np.array(wishes, dtype=np.int64).reshape(-1, 2).T
    return PairSet.of(index, teacher[selected[host]], host[selected[host]])
