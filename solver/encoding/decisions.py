"""Twin of ``rotation.rules.decisions``: forbidden pairs are refused, required teachers get a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rotation.rules.decisions import Decisions, decision_cell
from solver.builder import ProgramBuilder
from solver.index import Bools, Index, PairSet

if TYPE_CHECKING:
    from solver.options import Pairs


def allowed(rule: Decisions, index: Index, pairs: Pairs) -> Bools:
    at_home, hosts = index.once(rule, lambda: _forbidden(index))
    return ~(at_home[pairs.teacher] | hosts.has(pairs.teacher, pairs.host))


def _forbidden(index: Index) -> tuple[Bools, PairSet]:
    """(T,) who stays at home, and the other pairs that are forbidden."""
    at_home = np.zeros(len(index.county.teachers), dtype=bool)
    pairs = []
    for decision in index.county.decisions:
        if decision.kind == "forbid":
            teacher = index.teacher_at[decision.teacher]
            if decision.host is None:
                at_home[teacher] = True
            else:
                pairs.append((teacher, index.school_at[decision.host]))
    return at_home, PairSet.of(index, *np.array(pairs, dtype=np.int64).reshape(-1, 2).T)


def encode(rule: Decisions, program: ProgramBuilder) -> None:
    """A required teacher moves: Σ of the options (to that host) = 1."""
    index, options = program.index, program.options
    for decision in index.county.decisions:
        if decision.kind != "require":
            continue
        mine = options.of_teacher(index.teacher_at[decision.teacher])
        if decision.host is not None:
            mine = np.array([o for o in mine if decision.host in options.hosts_of(int(o))], dtype=np.int64)
        row = np.zeros(len(mine), dtype=np.int64)
        program.add_rows(rule, [decision_cell(decision)], row, mine, np.ones(len(mine)), [1], [1])
