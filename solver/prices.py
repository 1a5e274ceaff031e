"""What a choice costs, and whom it touches: plain values, every number of which can be computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any

from rotation.files.plan import plain
from rotation.rules.frame import Number


@dataclass(frozen=True, slots=True)
class TierPrice:
    """A tier under the plan and under the best plan with the choice forced, in the tier's own unit; less is better."""

    priority: int
    name: str
    plan: Number
    value: Number

    @property
    def price(self) -> Number:
        return Fraction(self.value) - Fraction(self.plan)


@dataclass(frozen=True, slots=True)
class Price:
    """Tier by tier, most important first. ``proved``: no plan with the choice forced has lexicographically better values."""

    tiers: tuple[TierPrice, ...]
    proved: bool
    proof: str

    @property
    def is_nothing(self) -> bool:
        return all(tier.price == 0 for tier in self.tiers)

    @property
    def first(self) -> TierPrice | None:
        """The most important tier that changes."""
        return next((tier for tier in self.tiers if tier.price != 0), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A person whose placement differs: ``before`` in the plan, ``after`` in the other; None: at the home school."""

    teacher: str
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    subject: str
    km: float


def document(value: Any) -> Any:
    """Any of the above as plain JSON values."""
    if isinstance(value, TierPrice):
        names = ("priority", "name", "plan", "value", "price")
        return {name: plain(getattr(value, name)) for name in names}
    if is_dataclass(value):
        return {field.name: document(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): document(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [document(part) for part in value]
    return plain(value)
