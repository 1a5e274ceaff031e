"""A plan: placements, a certificate for every tier, and what became of every rule (``rotation-plan/1``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

FORMAT = "rotation-plan/1"


class Status(StrEnum):
    """What is known of a solve's answer."""

    OPTIMAL = "optimal"  # every tier proved within the asked gap
    FEASIBLE = "feasible"  # every `must` rule holds
    INFEASIBLE = "infeasible"  # proved: no plan keeps every `must` rule
    UNKNOWN = "unknown"  # time ran out with neither a plan nor a proof
    FAILED = "failed"  # something broke; the message says what


@dataclass(frozen=True, slots=True)
class Placement:
    """One teacher, one host (or one circuit), one subject, one start year, a term of whole years, a mode."""

    teacher: str
    home: str
    host: str
    subject: str
    start_year: int
    years: int
    km: float
    mode: str = "secondment"
    hosts: tuple[str, ...] = ()
    decided: bool = False

    def __post_init__(self) -> None:
        if not self.hosts:
            object.__setattr__(self, "hosts", (self.host,))

    @property
    def is_circuit(self) -> bool:
        return len(self.hosts) > 1

    @property
    def metres(self) -> int:
        return round(self.km * 1000)


@dataclass(frozen=True, slots=True)
class TierReport:
    """A tier's certificate: ``value`` reached, ``bound`` proved given the tiers before it, and how (``proof``).

    ``recomputed``: the bound follows from LP duals (and cutting planes) by arithmetic that is not the search's and counts every
    rounding against it; if not, it rests on an exhausted search, and ``lp_bound`` is what follows from the duals alone.
    """

    priority: int
    name: str
    value: float
    bound: float | None
    proved: bool
    proof: str = ""
    recomputed: bool = False
    lp_bound: float | None = None

    @property
    def gap(self) -> float | None:
        """|value − bound| / max(1, |value|); None where no bound is known."""
        return None if self.bound is None else abs(self.value - self.bound) / max(1.0, abs(self.value))


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What the checker found of one rule."""

    id: str
    rule: str
    priority: int | str
    holds: bool
    shortfall: float | Fraction
    cells: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Plan:
    """A plan as it is written, shown and sent. Only ``rotation.files.plan`` knows its JSON and workbook dress."""

    year: int
    data: str
    policy_name: str
    policy_digest: str
    status: Status
    placements: tuple[Placement, ...] = ()
    tiers: tuple[TierReport, ...] = ()
    rules: tuple[RuleReport, ...] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
