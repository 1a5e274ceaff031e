"""Twin of ``rotation.rules.mentoring``: a helper column for the pairs of each (host, subject) that could have any.

pairs ≤ max_per_mentor × mentors who arrive, pairs ≤ novices who stay, Σ over the host's subjects ≥ pairs_min. Which
novice goes with which mentor is settled after the search; by the rule's formula that many always fit.

A mentor counts for no more pairs than there are novices or are asked for, and where the last mentor has fewer than the
others, a row says so: what whole mentors can do, half ones should not (mixed-integer rounding; Nemhauser & Wolsey 1990).
"""

from __future__ import annotations

import numpy as np

from rotation.rules.mentoring import Mentoring
from solver.builder import FREE, ProgramBuilder
from solver.index import NONE
from solver.program import RowName


def encode(rule: Mentoring, program: ProgramBuilder) -> None:
    if not rule.pairs_min:
        return
    index, options = program.index, program.options
    county = index.county
    size = len(index.subjects)
    selected = index.selected(rule.selector)
    novice = np.array(
        [rule.is_novice(teacher, county.year) and teacher.id not in county.running for teacher in county.teachers],
        dtype=bool,
    )
    mentor = np.array([rule.is_mentor(teacher) for teacher in county.teachers], dtype=bool)
    learning = index.home * size + index.main
    novices = np.bincount(learning[novice], minlength=len(county.schools) * size)

    leading = options.host * np.int64(size) + options.subject
    mentors = np.flatnonzero(mentor[options.teacher] & (options.circuit == NONE) & (novices[leading] > 0))
    mentors = mentors[selected[options.host[mentors]]]
    posts, row = np.unique(leading[mentors], return_inverse=True)
    wanted = np.minimum(novices[posts], rule.pairs_min)
    first = program.add_columns(len(posts), 0, wanted.astype(np.float64))
    pairs = np.arange(first, first + len(posts))
    at = np.full(len(novices), NONE)
    at[posts] = np.arange(len(posts))
    leaves = at[learning[options.teacher]]
    leaving = np.flatnonzero(novice[options.teacher] & (leaves != NONE))
    everyone = np.arange(len(posts))
    each = np.minimum(rule.max_per_mentor, wanted)
    unbounded, name = np.full(len(posts), -FREE), RowName(rule.id, {})
    program.add_ties(
        np.concatenate((row, everyone)),
        np.concatenate((mentors, pairs)),
        np.concatenate((-each[row], np.ones(len(posts)))),
        unbounded,
        np.zeros(len(posts)),
        name,
    )
    rest = wanted % each
    partly = np.flatnonzero(rest)
    of_post = np.full(len(posts), NONE)
    of_post[partly] = np.arange(len(partly))
    coming = np.flatnonzero(rest[row] > 0)
    program.add_ties(
        np.concatenate((of_post[row[coming]], np.arange(len(partly)))),
        np.concatenate((mentors[coming], pairs[partly])),
        np.concatenate((-rest[row[coming]], np.ones(len(partly)))),
        unbounded[partly],
        (wanted // each * (each - rest))[partly].astype(np.float64),
        name,
    )
    program.add_ties(
        np.concatenate((leaves[leaving], everyone)),
        np.concatenate((leaving, pairs)),
        np.ones(len(leaving) + len(posts)),
        unbounded,
        novices[posts].astype(np.float64),
        name,
    )
    hosts = np.flatnonzero(selected)
    host_at = np.full(len(selected), NONE)
    host_at[hosts] = np.arange(len(hosts))
    program.add_rows(
        rule,
        [{"school": county.schools[s].id} for s in hosts],
        host_at[posts // size],
        pairs,
        np.ones(len(posts)),
        [rule.pairs_min] * len(hosts),
    )
