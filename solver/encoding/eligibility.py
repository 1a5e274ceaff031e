"""Twin of ``rotation.rules.eligibility``: an eligible teacher passes every eligibility rule at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotation.rules.eligibility import Eligibility
from solver.index import Bools, Index

if TYPE_CHECKING:
    from solver.options import Pairs


def allowed(rule: Eligibility, index: Index, pairs: Pairs) -> Bools:
    return index.eligible[pairs.teacher]
