"""What there is before a search, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from solver.index import Floats, Ints
from solver.master import Master
from solver.search.certificate import Certificate


@dataclass(frozen=True)
class Already:
    """What there is before a search: the options of a plan (``chosen``, positions), the LP in which so many ``tiers`` are kept, and what
    a search that had no more time for a tier ``proved`` of every one.
    """

    chosen: Ints | None = None
    master: Master | None = None
    tiers: int = 0
    proved: Sequence[Certificate] = ()


@dataclass
class Found:
    """The search's answer: ``x`` over all columns (None: no plan), a certificate a tier, and how it ended.

    ``raced``: two engines ran side by side, or the clock cut something short: the machine's speed decided among plans of
    equal value.
    """

    x: Floats | None
    certificates: list[Certificate]
    infeasible: bool = False
    stopped_by: str | None = None
    raced: bool = False
    notes: dict[str, float] = field(default_factory=dict)
