"""Twin of ``rotation.rules.spouses``: at most one row a couple, or one a host where both may go near each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.spouses import Spouses
from solver.builder import ProgramBuilder
from solver.index import NONE, Bools, Ints

if TYPE_CHECKING:
    from solver.options import Options

Sides = tuple[Ints, Ints]
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
        if near is None:
            rows = [(np.concatenate((mine, theirs)), mine[:0])]
        elif rule.max_moved == 1:
            # Whoever goes to my hosts + the spouse anywhere that is not near ≤ 1.
            met = _met(program, mine, theirs, near)
            rows = [(np.concatenate((here, far)), far[:0]) for here, _, far in met if len(far)]
        else:
            # Whoever goes to my hosts − the spouse anywhere near ≤ 0, and the other way round: a slack for each who moved.
            rows = [(here, by) for here, by, _ in _met(program, mine, theirs, near)]
            rows += [(here, by) for here, by, _ in _met(program, theirs, mine, near)]
        _add(rule, program, {"teacher": one, "spouse": other}, rows)


def _met(program: ProgramBuilder, mine: Ints, theirs: Ints, near: Bools) -> Iterator[tuple[Ints, Ints, Ints]]:
    """For each host (or circuit) of mine: my options there, theirs of which every host is near all of it, and the rest."""
    options = program.options
    by_hosts: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for option in mine.tolist():
        by_hosts[_hosts(options, option)].append(option)
    stops = [(k, host) for k, option in enumerate(theirs.tolist()) for host in _hosts(options, option)]
    place, host = np.array(stops, dtype=np.int64).reshape(-1, 2).T
    for hosts, here in by_hosts.items():
        is_near: Bools = np.logical_and.reduce(near[list(hosts)])
        is_far = np.zeros(len(theirs), dtype=bool)
        is_far[place[~is_near[host]]] = True
        yield np.array(here, dtype=np.int64), theirs[~is_far], theirs[is_far]


def _hosts(options: Options, option: int) -> tuple[int, ...]:
    circuit = options.circuit[option]
    return (int(options.host[option]),) if circuit == NONE else options.circuits[circuit]


def _add(rule: Spouses, program: ProgramBuilder, cell: dict[str, str], rows: list[Sides]) -> None:
    """Σ first − Σ second ≤ max_moved, row by row."""
    if not rows:
        return
    row = np.repeat(np.arange(len(rows)), [len(plus) + len(minus) for plus, minus in rows])
    column = np.concatenate([part for sides in rows for part in sides])
    sign = np.concatenate([np.repeat((1, -1), (len(plus), len(minus))) for plus, minus in rows])
    program.add_rows(rule, [cell] * len(rows), row, column, sign, None, [rule.max_moved] * len(rows))
