"""Twin of ``rotation.rules.rural_coverage``."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from rotation.rules.frame import least_of
from rotation.rules.rural_coverage import RuralCoverage
from solver.builder import ProgramBuilder


def encode(rule: RuralCoverage, program: ProgramBuilder) -> None:
    index, options = program.index, program.options
    county = index.county
    selected = index.selected(rule.selector)
    posts = [i for i, post in enumerate(county.posts) if selected[index.school_at[post.school]]]
    program.add_staff_rows(rule, posts, [least_of(rule.required_share, county.posts[i].required) for i in posts])
    if rule.arrivals_min:
        schools = np.flatnonzero(selected)
        at = np.full(len(selected), -1)
        at[schools] = np.arange(len(schools))
        option, school, weight = options.stops()
        here = at[school] >= 0
        cells = [{"school": county.schools[s].id} for s in schools]
        least = [rule.arrivals_min * options.unit] * len(cells)
        worth = Fraction(1, options.unit)
        program.add_rows(rule, cells, at[school[here]], option[here], weight[here], least, worth=worth)
