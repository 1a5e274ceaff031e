"""``rotation.rules.group_shape`` has no rows: data only.

The rule speaks of the groups in the data, not of the plan: as ``must`` a group that fails it refuses the data set before
any solve (``faults``), and as a soft rule its shortfall is the same for every plan.
"""

from __future__ import annotations

from rotation.rules.frame import exact
from rotation.rules.group_shape import GroupShape
from solver.builder import ProgramBuilder


def encode(rule: GroupShape, program: ProgramBuilder) -> None:
    """A soft rule's shortfall, a constant of its tier."""
    if isinstance(rule.priority, int):
        short = sum(cell.shortfall for cell in rule.cells(program.index.county))
        program.add_constant(rule.priority, exact(rule.weight) * short)
