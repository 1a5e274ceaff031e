"""Twin of ``rotation.rules.distance``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.destination import Destination
from rotation.rules.distance import Distance
from solver.index import Bools, Floats, Index

if TYPE_CHECKING:
    from solver.options import Pairs


def _limit(value: float | None) -> float:
    return np.inf if value is None else value


def loosest_km(rule: Distance, index: Index) -> float:
    """No pair farther than this is allowed; inf where the rule leaves some pair without a limit."""
    everywhere = index.selected(rule.selector).all() and index.selected(rule.from_).all()
    flows = [flow for other in index.facts.policy.rules for flow in getattr(other, "flows", ())]
    limits = [_limit(rule.max_km), *(flow.max_km for flow in flows if flow.max_km is not None)]
    return max(limits) if everywhere else np.inf


def allowed(rule: Distance, index: Index, pairs: Pairs) -> Bools:
    limit = _limits(rule, index, pairs)
    keep = pairs.km <= limit
    if rule.respect_personal and index.has_max_km:
        keep &= pairs.km <= index.teacher_max_km[pairs.teacher]
    if rule.max_minutes is not None:
        # Unknown minutes are NaN, and no NaN is below a limit: refused.
        keep &= pairs.minutes <= rule.max_minutes
    return keep | ~index.covers(rule.from_, rule.selector, pairs.teacher, pairs.host)


def _limits(rule: Distance, index: Index, pairs: Pairs) -> Floats | float:
    """(n,) the kilometres allowed on each way, or those of all."""
    usual = _limit(rule.max_km)
    flows = [flow for other in index.facts.policy.rules for flow in getattr(other, "flows", ())]
    if all(flow.max_km is None for flow in flows):
        return usual
    home = index.home[pairs.teacher]
    limit = np.full(len(home), -1.0)
    for other in index.facts.policy.rules:
        if isinstance(other, Destination):
            covered = index.selected(other.selector)[home]
            for flow in other.flows:
                if flow.mode == pairs.mode:
                    matches = covered & index.selected(flow.from_)[home] & index.selected(flow.to)[pairs.host]
                    own = _limit(rule.max_km if flow.max_km is None else flow.max_km)
                    limit = np.where(matches, np.maximum(limit, own), limit)
    limit[limit < 0] = usual
    return limit
