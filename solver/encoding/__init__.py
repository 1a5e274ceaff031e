"""Twins of ``rotation/rules``: a rule's parameters and the options in, named rows (or refusals) out.

A refusal rule's twin has ``allowed(rule, index, pairs) -> (n,) bool``; a tying rule's twin has
``encode(rule, program)``. The catalogue below pairs every rule kind with its twin; a new rule is one line here.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rotation.rules.destination import Destination
from rotation.rules.distance import Distance
from rotation.rules.frame import Rule
from rotation.rules.term import TermRule
from solver.encoding import (
    backbone_quota,
    backbone_support,
    budget,
    decisions,
    destination,
    distance,
    eligibility,
    equal_exchange,
    establishment,
    fair_senders,
    group_shape,
    host_capacity,
    itinerant,
    leader_exchange,
    mentoring,
    preference_floor,
    qualification,
    release,
    rotation_quota,
    rural_coverage,
    spouses,
    subject_quota,
    term,
)
from solver.index import Bools, Index

if TYPE_CHECKING:
    from solver.builder import ProgramBuilder
    from solver.options import Pairs

TWINS: dict[str, ModuleType] = {
    "eligibility": eligibility,
    "destination": destination,
    "qualification": qualification,
    "distance": distance,
    "term": term,
    "decisions": decisions,
    "spouses": spouses,
    "preference_floor": preference_floor,
    "rotation_quota": rotation_quota,
    "backbone_quota": backbone_quota,
    "subject_quota": subject_quota,
    "release": release,
    "host_capacity": host_capacity,
    "rural_coverage": rural_coverage,
    "backbone_support": backbone_support,
    "equal_exchange": equal_exchange,
    "fair_senders": fair_senders,
    "establishment": establishment,
    "group_shape": group_shape,
    "budget": budget,
    "itinerant": itinerant,
    "leader_exchange": leader_exchange,
    "mentoring": mentoring,
}


def reach(index: Index, mode: str) -> Bools:
    """(S, S) which homes may send to which hosts in ``mode``, by every destination rule."""
    size = len(index.county.schools)
    found: Bools = np.ones((size, size), dtype=bool)
    for rule in index.facts.policy.rules:
        if isinstance(rule, Destination):
            found &= destination.reach(rule, index, mode)
    return found


def allowed(rule: Rule, index: Index, pairs: Pairs) -> Bools:
    """(n,) the pairs that ``rule`` does not refuse."""
    mask: Bools = TWINS[rule.rule].allowed(rule, index, pairs)
    return mask


def years_allowed(index: Index, pairs: Pairs) -> NDArray[np.uint8]:
    """(n,) bit masks of the terms that every term rule allows."""
    rules = [rule for rule in index.facts.policy.rules if isinstance(rule, TermRule)]
    if len(rules) == 1:
        mask, covers = term.years_allowed(rules[0], index, pairs)
        return mask if covers.all() else np.where(covers, mask, np.uint8(term.WITHOUT_RULE))
    years = np.full(len(pairs.teacher), term.WITHOUT_RULE, dtype=np.uint8)
    covered = np.zeros(len(pairs.teacher), dtype=bool)
    for rule in rules:
        mask, covers = term.years_allowed(rule, index, pairs)
        years = np.where(covers, np.where(covered, years & mask, mask), years)
        covered |= covers
    return years


def loosest_km(index: Index) -> float:
    """No pair farther than this is allowed; inf where some pair has no limit."""
    rules = [rule for rule in index.facts.policy.rules if isinstance(rule, Distance)]
    limits = [distance.loosest_km(rule, index) for rule in rules]
    return min(limits, default=np.inf)


def encode(rule: Rule, program: ProgramBuilder) -> None:
    """Add ``rule``'s rows to ``program``; refusal rules have none."""
    encoder = getattr(TWINS[rule.rule], "encode", None)
    if encoder is not None:
        encoder(rule, program)
