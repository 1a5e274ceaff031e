"""Twin of ``rotation.rules.budget``: Σ yearly · x ≤ amount − what running terms cost, in whole parts of a yuan."""

from __future__ import annotations

from fractions import Fraction
from math import floor, gcd, lcm
from typing import TYPE_CHECKING

import numpy as np

from rotation.county import School
from rotation.rules.budget import Budget
from rotation.rules.frame import exact
from solver.builder import ProgramBuilder
from solver.index import NONE, Ints

if TYPE_CHECKING:
    from solver.options import Options


def yearly(rule: Budget, options: Options) -> tuple[Ints, int]:
    """(n,) what each option costs a school year in 1/parts yuan, and parts."""
    limits = np.maximum.accumulate([floor(1000 * exact(limit)) for limit, _ in rule.bands])
    # The first band that reaches as far; beyond the last, the last.
    band = np.minimum(np.searchsorted(limits, options.metres), len(limits) - 1)
    used = np.flatnonzero(np.bincount(band, minlength=len(limits)))
    amounts = [exact(yuan) for _, yuan in rule.bands]
    parts = lcm(1, *(amounts[k].denominator for k in used.tolist()))
    whole = np.zeros(len(limits), dtype=np.int64)
    whole[used] = [int(amounts[k] * parts) for k in used.tolist()]
    return whole[band], parts


def encode(rule: Budget, program: ProgramBuilder) -> None:
    """Each cell's row is divided by the greatest common divisor of its costs: whole bands stay small numbers."""
    index, options = program.index, program.options
    facts, schools = index.facts, index.county.schools
    cells: dict[str | None, Fraction] = {}
    at = np.full(len(schools), NONE)
    for s, school in enumerate(schools):
        if rule.selector.selects(school) and (rule.per == "county" or school.group is not None):
            cells.setdefault(_cell(rule, school), exact(rule.amount))
            at[s] = list(cells).index(_cell(rule, school))
    for terms in index.county.running.values():
        host = index.county.school[terms[0].host]
        if rule.selector.selects(host) and _cell(rule, host) in cells:
            cells[_cell(rule, host)] -= exact(rule.running_cost(facts, terms))
    cost, parts = yearly(rule, options)
    cell = at[options.host]
    for k, (key, left) in enumerate(cells.items()):
        column = np.flatnonzero((cell == k) & (cost > 0))
        whole = lcm(parts, left.denominator)
        values = cost[column] * (whole // parts)
        most = left * whole
        common = int(np.gcd.reduce(values)) if len(column) else 1
        if not rule.is_must:
            # A soft limit is not rounded down: what is over counts to the last part of a yuan.
            common = gcd(common, int(most))
        program.add_rows(
            rule,
            [{"group": key} if key is not None else {}],
            np.zeros(len(column), dtype=np.int64),
            column,
            values // common,
            None,
            [most / common],
            worth=Fraction(common, whole),
        )


def _cell(rule: Budget, host: School) -> str | None:
    return host.group if rule.per == "group" else None
