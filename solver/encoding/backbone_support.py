"""Twin of ``rotation.rules.backbone_support``: Σ qualifying arrivals ≥ the minimum, at each host and at each post."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from rotation.rules.backbone_support import BackboneSupport
from solver.builder import ProgramBuilder
from solver.index import NONE, Bools, Index


def encode(rule: BackboneSupport, program: ProgramBuilder) -> None:
    index, options = program.index, program.options
    county = index.county
    option, school, weight = options.stops()
    qualifies = np.array([rule.qualifies(teacher) for teacher in county.teachers], dtype=bool)
    counts = qualifies[options.teacher[option]] & _senders(rule, index)[options.home[option], school]
    option, school, weight = option[counts], school[counts], weight[counts]
    worth = Fraction(1, options.unit)

    selected = np.flatnonzero(index.selected(rule.selector))
    ids = [county.schools[s].id for s in selected]
    least = [rule.least(county.staff_before_school.get(school_id, Fraction(0))) for school_id in ids]
    if len(selected) and least[0] is not None:
        at = np.full(len(county.schools), NONE)
        at[selected] = np.arange(len(selected))
        here = at[school] != NONE
        cells = [{"school": school_id} for school_id in ids]
        limits = [options.unit * (count or 0) for count in least]
        program.add_rows(rule, cells, at[school[here]], option[here], weight[here], limits, worth=worth)
    if rule.per_subject_min is not None:
        posts = [
            i
            for i, post in enumerate(county.posts)
            if post.required > 0 and rule.selector.selects(county.school[post.school])
        ]
        at = np.full(len(county.posts), NONE)
        at[posts] = np.arange(len(posts))
        row = at[index.post_of[school, options.subject[option]]]
        here = row != NONE
        cells = [program.cell_of(post) for post in posts]
        limits = [options.unit * rule.per_subject_min] * len(posts)
        program.add_rows(rule, cells, row[here], option[here], weight[here], limits, worth=worth)


def _senders(rule: BackboneSupport, index: Index) -> Bools:
    """(S, S) whose teachers count at which host."""
    schools = index.county.schools
    if rule.from_ == "any":
        return np.ones((len(schools), len(schools)), dtype=bool)
    group = index.units("group")
    is_core = np.array([school.group_role == "core" for school in schools], dtype=bool)
    found: Bools = (group[:, None] == group[None, :]) & (group != NONE)[:, None] & is_core[:, None]
    np.fill_diagonal(found, False)
    return found
