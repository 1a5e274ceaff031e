"""Twin of ``rotation.rules.release``."""

from __future__ import annotations

from fractions import Fraction

from rotation.rules.release import Release
from solver.builder import ProgramBuilder
from solver.index import NONE


def encode(rule: Release, program: ProgramBuilder) -> None:
    index = program.index
    county = index.county
    if rule.share_max is not None or rule.count_max is not None:
        cells = index.cells(rule.per, rule.selector)
        staff = [Fraction(0)] * len(cells.keys)
        for (school, subject), count in county.staff_before.items():
            cell = cells.of[index.school_at[school], index.subject_at.get(subject, NONE)]
            if cell != NONE:
                staff[cell] += count
        most = [rule.most(count) for count in staff]
        program.add_teacher_rows(rule, cells.documents(), cells.of[index.home, index.main], 1, None, most)
    if rule.keep_required:
        chosen = index.selected(rule.selector)
        selected = [i for i, post in enumerate(county.posts) if chosen[index.school_at[post.school]]]
        least: list[int | Fraction] = []
        for i in selected:
            required, before = county.posts[i].required, program.staff_before(i)
            least.append(required if required < before else before)
        program.add_staff_rows(rule, selected, least)
