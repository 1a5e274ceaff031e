"""Twin of ``rotation.rules.destination``: a homes × hosts matrix for each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.destination import Destination
from solver.index import NONE, Bools, Index

if TYPE_CHECKING:
    from solver.options import Pairs


def reach(rule: Destination, index: Index, mode: str) -> Bools:
    """(S, S) which homes may send to which hosts; homes the rule does not cover may send anywhere."""
    size = len(index.county.schools)
    allowed: Bools = np.ones((size, size), dtype=bool)
    if rule.within != "county":
        unit = index.units(rule.within)
        allowed = (unit[:, None] == unit[None, :]) & (unit != NONE)[:, None]
    if rule.flows:
        flowing = np.zeros((size, size), dtype=bool)
        for flow in rule.flows:
            if flow.mode == mode:
                flowing |= np.outer(index.selected(flow.from_), index.selected(flow.to))
        allowed &= flowing
    allowed[~index.selected(rule.selector)] = True
    return allowed


def allowed(rule: Destination, index: Index, pairs: Pairs) -> Bools:
    """All of them: pairs are only ever made within ``reach``."""
    return np.ones(len(pairs.teacher), dtype=bool)
