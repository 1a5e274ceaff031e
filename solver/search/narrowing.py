"""What is proved of a tier narrows the rest: the tier keeps its value, with as few columns and rows as that allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solver.exact import WHOLE
from solver.index import Floats
from solver.master import Bound, Master
from solver.program import TierCost
from solver.search.certificate import Certificate

FAINT = 1e-3
"""A part of the tolerance; what is less is rounding."""


def narrow(master: Master, tier: TierCost, bound: Bound, value: int) -> None:
    """Keep the tier at ``value`` from now on. ``bound``: its LP's optimum.

    Columns whose reduced cost is above value − bound never return; at a gap of zero, complementary slackness turns rows with
    a dual into equations, and the tier needs no row of its own.
    """
    slack = max(0.0, value - bound.value)
    tolerance = 1e-6 * max(1.0, float(np.abs(tier.cost).max(initial=0)))
    open_ = master.upper > master.lower
    if slack > WHOLE:
        # What is not whole may be off its limit by so little that there is room for it.
        open_ &= master.program.integer
    high = open_ & (bound.reduced > slack + tolerance)
    master.fix(np.flatnonzero(high), master.lower[high])
    full = open_ & (bound.reduced < -(slack + tolerance)) & np.isfinite(master.upper)
    master.fix(np.flatnonzero(full), master.upper[full])
    if slack > WHOLE or _is_faint(bound.reduced[open_], tolerance) or _is_faint(bound.y, tolerance):
        # Prices too small to be told from noise fix nothing: then the tier needs its own row.
        keep(master, tier, value)
        return
    rows = master.program.shape[0]
    for row in np.flatnonzero(np.abs(bound.y[:rows]) > tolerance):
        side = master.row_lower[row] if bound.y[row] > 0 else master.row_upper[row]
        if np.isfinite(side):
            master.tighten_row(int(row), float(side))
    if any(abs(dual) > tolerance for dual in bound.y[rows:]):
        keep(master, tier, value)


def keep(master: Master, tier: TierCost, value: int) -> None:
    """The tier costs at most ``value`` from now on."""
    master.cut(tier.cost, float(value))


def hold(master: Master, proved: Sequence[Certificate], values: Sequence[int]) -> bool:
    """Tiers ``proved`` before, that a later plan made better, are kept at their better value; whether there were any."""
    better = bettered(proved, values)
    for certificate, value in better:
        certificate.value = value
        keep(master, certificate.tier, value + certificate.tier.tolerance)
    return bool(better)


def bettered(proved: Sequence[Certificate], values: Sequence[int]) -> list[tuple[Certificate, int]]:
    """Tiers ``proved`` before, that a later plan made better, and its value."""
    return [
        (certificate, value)
        for certificate, value in zip(proved, values, strict=True)
        if certificate.value is not None and value < certificate.value - certificate.tier.tolerance
    ]


def _is_faint(prices: Floats, tolerance: float) -> bool:
    """Whether some price is more than rounding and less than ``tolerance``."""
    size = np.abs(prices)
    return bool(np.any((size > tolerance * FAINT) & (size <= tolerance)))
