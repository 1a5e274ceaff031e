"""What the search says of a tier, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from solver.index import Floats, Ints


@dataclass(frozen=True)
class Case:
    """Duals as in ``Claim``, of plans whose ceiling is at most ``high``, for the costs other than the ceiling's."""

    high: int
    rows: Floats
    cuts: Floats


@dataclass(frozen=True)
class Sum:
    """A cutting plane as what it is made of: rows times numbers, added up and then rounded.

    ``rows``: the program's (m), then the tiers before (k), then the sums before this one; ``times``: how often each is taken.
    Columns in ``flipped`` and rows in ``high`` count from their upper limit, all others from their lower. Rows in ``equal`` are
    equations, of which nothing is left; all others have a coefficient for what is left of them.
    """

    rows: Ints
    times: Floats
    flipped: Ints
    high: Ints
    equal: Ints


@dataclass(frozen=True)
class Packing:
    """A cutting plane as what one row of the program allows: Σ value · (is one of the teacher's options in ``row`` taken?) + ``slack`` ·
    the row's slack is at least what the cheapest choice that keeps the row comes to.

    ``high``: it is about the row's upper limit. ``values`` (teachers,) and ``slack`` are whole numbers.
    """

    row: int
    high: bool
    teachers: Ints
    values: Ints
    slack: int


@dataclass(frozen=True)
class Cutting:
    """``sums``, and duals (m + k + sums,) of an LP with them. They speak of plans that are better than the one at hand."""

    sums: tuple[Sum | Packing, ...]
    duals: Floats


@dataclass(frozen=True)
class Claim:
    """What the search says of a tier, in the tier's steps: ``bound`` ≤ any value ≤ … of plans as good in the tiers before.

    ``rows`` (m,): its LP's duals of the program's rows (reduced cost = c − Aᵀy); ``cuts`` (tiers before,): those of
    cost_j · x ≤ value_j. None: no LP was solved. ``cases``: where the tier prices a ceiling, duals for each of its heights: a
    case speaks for those above the case before it. ``cutting``: cutting planes, one LP after the other.
    """

    value: int | None
    bound: float | None
    rows: Floats | None = None
    cuts: Floats | None = None
    cases: tuple[Case, ...] = ()
    cutting: tuple[Cutting, ...] = ()


@dataclass(frozen=True)
class Recomputed:
    """What a tier's duals prove, in the tier's steps, whatever was claimed.

    ``lp``: the bound before rounding; ``bound``: rounded up where the tier's values are whole. None: they prove nothing.
    ``stands``: the claim follows from the duals alone. False: it rests on the search (an exhausted program), or is wrong.
    ``cut``: it took cutting planes.
    """

    lp: Fraction | None
    bound: Fraction | None
    stands: bool
    cut: bool = False
