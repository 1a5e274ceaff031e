"""The one model that every engine gets: columns (options first, then helpers and slacks) and named sparse rows.

Every coefficient, limit and cost is a whole number, so that bounds are exact: shares are multiplied out, kilometres are
metres. A soft rule's row has one slack column a side, whose cost sits in the rule's tier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from rotation.policy import Tier
from solver.index import Bools, Floats, Ints

if TYPE_CHECKING:
    from solver.options import Options

SOMETHING = 1e-6
"""What an LP leaves over through rounding is less."""


@dataclass(frozen=True, slots=True)
class RowName:
    """Which rule and cell a row speaks for, and on which side: ``least``, ``most`` or ``both``."""

    rule: str
    cell: Mapping[str, str]
    side: str = "both"


@dataclass(frozen=True)
class TierCost:
    """A tier's objective: value(x) = step × (cost · x) + constant, minimised. ``cost`` is (n,) whole numbers, as narrow
    as they fit: a city has millions of columns and half a dozen tiers.

    ``tolerance``: values (in steps) that differ by no more count as equal; 0 unless weights had to be rounded.
    """

    priority: int
    name: str
    cost: Ints
    step: Fraction
    constant: Fraction
    tolerance: int = 0

    def value(self, x: NDArray[np.number]) -> Fraction:
        return self.step * round(float(self.cost @ x)) + self.constant


@dataclass(frozen=True)
class Ceiling:
    """A helper ``column`` that is as large as the largest of ``length``, (options,) whole numbers, among the options chosen.

    Its rows (length · x of a teacher ≤ helper) are the only ones that it is in.
    """

    column: int
    length: Ints

    def height(self, x: Floats) -> int:
        """The largest length of an option that ``x``, over all columns, has something of."""
        return int(self.length[x[: len(self.length)] > SOMETHING].max(initial=0))


@dataclass(frozen=True)
class AtLeast:
    """Rows over helper columns, entry by entry: the sum of ``value`` · x is at least ``lower`` in each."""

    row: Ints
    column: Ints
    value: Floats
    lower: Floats


class Within(Protocol):
    """What more is known where a pivot is within a window: the narrower, the more; an LP knows all where the pivot is at its edge."""

    def rows(self, low: int, high: int) -> AtLeast: ...

    def loose(self, low: int, high: int, at: float) -> float:
        """By how much these rows may be off where the pivot is ``at``, in the tier's unit."""


@dataclass(frozen=True)
class Pivot:
    """A ``column`` of which the LP of tier ``priority`` says little: where it is ``known``, ``formulate`` says the rest exactly.

    ``sizes``: by how much it may change, what is usual first; it is ``before`` where nobody moves, and each option changes it by
    ``change``, (options,). ``within`` None: nothing is known of windows.
    """

    column: int
    priority: int
    sizes: tuple[int, ...] = (1,)
    before: int = 0
    change: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    within: Within | None = None


@dataclass(frozen=True)
class Program:
    """min cost of tier after tier, s.t. row_lower ≤ matrix · x ≤ row_upper, lower ≤ x ≤ upper, x whole where ``integer``.

    The first ``len(options)`` columns are the options (binary). ``matrix`` is as narrow as its coefficients allow, often a
    byte each (``solver.matrix``): to calculate with some of it, take ``columns``. ``spreads``: the helpers that say how far from
    even something is. ``knapsacks``: rows that tie a few teachers, each with one coefficient for all of his options in the row, of which
    an LP says little.
    """

    options: Options
    matrix: sparse.csc_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    names: tuple[tuple[RowName, ...], ...]
    tiers: tuple[TierCost, ...]
    policy_tiers: tuple[Tier, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    pivots: Mapping[str, Pivot] = field(default_factory=dict)
    spreads: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    knapsacks: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.matrix.shape
        return rows, columns

    def pivoted(self, tier: TierCost) -> bool:
        """Whether the tier's cost hangs on a pivot."""
        return any(pivot.priority == tier.priority for pivot in self.pivots.values())

    def columns(self, chosen: Ints | Sequence[int] | slice) -> sparse.csc_array:
        """(rows, chosen) some columns in double precision, as engines take them."""
        return sparse.csc_array(self.matrix[:, chosen], dtype=np.float64)


def activity(
    row: Ints, column: Ints, value: NDArray[np.number], lower: Floats, upper: Floats, rows: int
) -> tuple[Floats, Floats]:
    """(least, most) of every row over lower ≤ x ≤ upper."""
    with np.errstate(invalid="ignore"):
        at_upper = value * upper[column]
        at_lower = value * lower[column]
    row = row.astype(np.intp, copy=False)
    least: Floats = np.bincount(row, np.minimum(at_lower, at_upper), rows).astype(np.float64)
    most: Floats = np.bincount(row, np.maximum(at_lower, at_upper), rows).astype(np.float64)
    return least, most
