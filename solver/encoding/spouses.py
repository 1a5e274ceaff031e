"""Twin of ``rotation.rules.spouses``: at most one row a couple, or one a host where both may go near each other."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from rotation.rules.spouses import Spouses
from solver.index import Bools, Ints
from solver.program import ProgramBuilder

ByHosts = dict[tuple[int, ...], list[int]]
"""Hosts (positions; several for a circuit) → the options that go there."""
Sides = tuple[list[int], list[int]]
"""The options with coefficient 1 in a row, and those with −1."""


def encode(rule: Spouses, program: ProgramBuilder) -> None:
    """Rows for the couples who both have options, or, with ``max_moved`` = 0, for those where one has."""
    if rule.max_moved == 2:
        return
    index, options = program.index, program.options
    near = None if rule.max_km_apart is None else index.within_km(rule.max_km_apart)
    for one, other in rule.couples(index.county):
        mine = options.of_teacher(index.teacher_at[one])
        theirs = options.of_teacher(index.teacher_at[other])
        cell = {"teacher": one, "spouse": other}
        if near is None:
            _add(rule, program, cell, [([*mine.tolist(), *theirs.tolist()], [])])
        elif rule.max_moved == 1:
            _add(rule, program, cell, _unless_near(_by_hosts(program, mine), _by_hosts(program, theirs), near))
        else:
            first, second = _by_hosts(program, mine), _by_hosts(program, theirs)
            _add(rule, program, cell, _only_near(first, second, near) + _only_near(second, first, near))


def _by_hosts(program: ProgramBuilder, option: Ints) -> ByHosts:
    options = program.options
    found: ByHosts = defaultdict(list)
    for one in option.tolist():
        circuit = options.circuit[one]
        found[(int(options.host[one]),) if circuit < 0 else options.circuits[circuit]].append(one)
    return found


def _unless_near(mine: ByHosts, theirs: ByHosts, near: Bools) -> list[Sides]:
    """For each of my hosts: whoever goes there + the spouse anywhere that is not near ≤ 1."""
    rows: list[Sides] = []
    for hosts, option in mine.items():
        far = [o for others, there in theirs.items() if not near[np.ix_(hosts, others)].all() for o in there]
        if far:
            rows.append((option + far, []))
    return rows


def _only_near(mine: ByHosts, theirs: ByHosts, near: Bools) -> list[Sides]:
    """For each of my hosts: whoever goes there − the spouse anywhere near ≤ 0. A soft slack counts each who moved."""
    rows: list[Sides] = []
    for hosts, option in mine.items():
        by = [o for others, there in theirs.items() if near[np.ix_(hosts, others)].all() for o in there]
        rows.append((option, by))
    return rows


def _add(rule: Spouses, program: ProgramBuilder, cell: dict[str, str], rows: list[Sides]) -> None:
    """Σ first − Σ second ≤ max_moved, row by row."""
    if not rows:
        return
    row = np.repeat(np.arange(len(rows)), [len(plus) + len(minus) for plus, minus in rows])
    column = np.array([option for plus, minus in rows for option in plus + minus], dtype=np.int64)
    sign = np.concatenate([np.repeat((1, -1), (len(plus), len(minus))) for plus, minus in rows])
    program.add_rows(rule, [cell] * len(rows), row, column, sign, None, [rule.max_moved] * len(rows))
