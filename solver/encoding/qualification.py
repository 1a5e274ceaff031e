"""Twin of ``rotation.rules.qualification``; candidates are made of posts and subjects, so only levels can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotation.rules.qualification import Qualification
from solver.index import NONE, Bools, Index

if TYPE_CHECKING:
    from solver.options import Pairs


def allowed(rule: Qualification, index: Index, pairs: Pairs) -> Bools:
    shares_level = (index.teacher_levels[pairs.teacher] & index.school_levels[pairs.host]) != 0
    has_post = index.post_of[pairs.host, pairs.subject] != NONE
    # Only a circuit may serve the home school among others.
    is_away = (index.home[pairs.teacher] != pairs.host) | (pairs.mode == "itinerant")
    keep: Bools = shares_level & has_post & is_away
    return keep
