"""Plans side by side: their figures, their tiers, and who differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rotation.plan import Placement, Plan


@dataclass(frozen=True)
class Comparison:
    """Each mapping's values are lists in the order of the plans, None where a plan has nothing to say.

    ``figures``: indicator → plain numbers. ``tiers``: "priority name" → values. ``differences``: teacher id → the
    placement's choice (hosts, subject, years, mode, km) in each plan, of those teachers for whom they are not all alike.
    """

    figures: dict[str, list[Any]]
    tiers: dict[str, list[float | None]]
    differences: dict[str, list[dict[str, Any] | None]]


def compare(plans: Sequence[Plan]) -> Comparison:
    """Compare plans of one data set (or of its variants); any number of them."""
    metrics = [{"placements": len(plan.placements)} | plan.metrics for plan in plans]
    keys = dict.fromkeys(key for figures in metrics for key, value in figures.items() if _is_plain(value))
    figures = {key: [one.get(key) for one in metrics] for key in keys}
    tiers = [{f"{tier.priority} {tier.name}": tier.value for tier in plan.tiers} for plan in plans]
    named = dict.fromkeys(name for values in tiers for name in values)
    placed = [{placement.teacher: placement for placement in plan.placements} for plan in plans]
    differences = {}
    for teacher in sorted({teacher for plan in placed for teacher in plan}):
        choices = [_choice(plan.get(teacher)) for plan in placed]
        if any(choice != choices[0] for choice in choices):
            differences[teacher] = choices
    return Comparison(figures, {name: [values.get(name) for values in tiers] for name in named}, differences)


def _choice(placement: Placement | None) -> dict[str, Any] | None:
    if placement is None:
        return None
    return {
        "hosts": sorted(placement.hosts),
        "subject": placement.subject,
        "years": placement.years,
        "mode": placement.mode,
        "km": placement.km,
    }


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, int | float | str)
