"""A case: a program where the pivots are known, and what was heard of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from solver.exact import Exact
from solver.master import Bound
from solver.restricted import Standing
from solver.search.pivots import Spot


@dataclass(frozen=True)
class Case:
    """A program of ``spot``, in which the tiers before are ``held`` at what they cost; ``bound``: its LP's optimum, ``least`` in the tier's
    unit.
    """

    spot: Spot
    exact: Exact
    bound: Bound
    least: Fraction
    held: tuple[int | None, ...]


@dataclass(frozen=True)
class Looked:
    """What a case's LP says of tier ``k`` (in its unit; None: no plan is as good in the tiers before), where its first LP stood, and
    the case itself, where it may have a better plan.
    """

    least: Fraction | None
    standing: Standing | None
    case: Case | None = None


@dataclass(frozen=True)
class Postponed:
    """A case that an engine was not done with; it may take so many ``seconds`` the next time."""

    least: Fraction
    spot: Spot
    seconds: float


def least_of(case: Case) -> Fraction:
    return case.least
