"""Twin of ``rotation.rules.term``: no option knows its term; it knows which terms it may have.

The stagger ties the arrivals of a host. Which terms they get is settled after the search (``solver.terms``), and that is
possible exactly when Hall's condition holds at every host: for each set of terms, the arrivals who can take no other are
at most |set| × the most that may end together. With ``c(in)`` that most, a step function of the number of arrivals,
the rows here say so exactly: z_k = 1 when ``in`` = k, Σ only(set) ≤ |set| · Σ c(k) z_k.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rotation.rules.term import TermRule
from solver.builder import ProgramBuilder
from solver.index import Bools, Index, Ints
from solver.program import RowName

if TYPE_CHECKING:
    from solver.options import Options, Pairs

WITHOUT_RULE = 0b110
"""One or two school years, where no rule says otherwise (rulebook §1)."""


def years_allowed(rule: TermRule, index: Index, pairs: Pairs) -> tuple[NDArray[np.uint8], Bools]:
    """(bit masks of the terms, covered) for every pair; the masks count only where the rule covers the pair."""
    by_host, by_teacher = index.once(rule, lambda: _masks(rule, index))
    covers = index.covers(rule.from_, rule.selector, pairs.teacher, pairs.host)
    return by_host[pairs.host] & by_teacher[pairs.teacher], covers


def _masks(rule: TermRule, index: Index) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(S,) the terms that a host may get, (T,) those that a teacher may still serve."""
    listed = set(rule.years)
    by_host = [sum(1 << years for years in set(rule.years_at(school)) & listed) for school in index.county.schools]
    by_teacher = np.zeros(len(index.county.teachers), dtype=np.uint8)
    for years in listed:
        by_teacher |= np.where(index.retiring(rule, years), np.uint8(0), np.uint8(1 << years))
    return np.array(by_host, dtype=np.uint8), by_teacher


def arrivals(rule: TermRule, options: Options) -> dict[int, Ints]:
    """Host → the options of the arrivals that the rule counts there."""
    index = options.index
    option, school, _ = options.stops()
    covered = index.selected(rule.from_)[options.home[option]] & index.selected(rule.selector)[school]
    option, school = option[covered], school[covered]
    if not len(option):
        return {}
    order = np.argsort(school, kind="stable")
    hosts, first = np.unique(school[order], return_index=True)
    return {int(host): part for host, part in zip(hosts, np.split(option[order], first[1:]), strict=True)}


def encode(rule: TermRule, program: ProgramBuilder) -> None:
    """The stagger's rows at every host where the terms open to its arrivals could make it fail."""
    if rule.end_share_max is None or (program.staggered is not None and not program.staggered):
        return
    options = program.options
    for host, option in arrivals(rule, options).items():
        if program.staggered is None or host in program.staggered:
            _encode_host(rule, program, host, option)


def _encode_host(rule: TermRule, program: ProgramBuilder, host: int, option: Ints) -> None:
    options, school = program.options, program.index.county.schools[host]
    usable = rule.years_at(school)
    masks = options.years[option].astype(np.int64)
    sets = [
        sum(1 << years for years in some)
        for size in range(1, len(usable) + 1)
        for some in combinations(usable, size)
    ]  # fmt: skip
    bound = {s: np.flatnonzero((masks & ~s) == 0) for s in sets}
    tight = [s for s in sets if len(bound[s])]
    people = len(np.unique(options.teacher[option]))
    ends = [rule.most_ending_together(k, len(usable)) for k in range(people + 1)]
    size = {s: bin(s).count("1") for s in sets}
    if all(size[s] * ends[k] >= min(k, len(bound[s])) for s in tight for k in range(people + 1)):
        return
    name = RowName(rule.id, {"school": school.id})
    first = program.add_columns(people + 1, 0, 1)
    counts = np.arange(people + 1)
    columns = np.arange(first, first + people + 1)
    program.add_ties(np.zeros(people + 1, dtype=np.int64), columns, np.ones(people + 1), np.ones(1), np.ones(1), name)
    program.add_ties(
        np.zeros(len(option) + people, dtype=np.int64),
        np.concatenate((option, columns[1:])),
        np.concatenate((np.ones(len(option)), -counts[1:])),
        np.zeros(1),
        np.zeros(1),
        name,
    )
    for s in tight:
        only = option[bound[s]]
        program.add_ties(
            np.zeros(len(only) + people + 1, dtype=np.int64),
            np.concatenate((only, columns)),
            np.concatenate((np.ones(len(only)), -size[s] * np.array(ends))),
            np.full(1, -np.inf),
            np.zeros(1),
            name,
        )


def allowed(rule: TermRule, index: Index, pairs: Pairs) -> Bools:
    """Options without a single term are dropped where the masks are made."""
    return np.ones(len(pairs.teacher), dtype=bool)
