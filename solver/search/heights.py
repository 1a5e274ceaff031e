"""The heights that a tier's ceiling (the longest way) may have. With no option above one, the program is an ordinary one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.index import Bools, Floats, Ints
from solver.master import Master
from solver.program import Ceiling, Program, TierCost

STEEP = 10.0
"""How many times the gap to the plan at hand a unit costs that is not to be: a tenth of one is as bad as no better plan."""


def ceiling_of(program: Program, tier: TierCost) -> Ceiling | None:
    """The ceiling that ``tier`` prices."""
    return next((ceiling for ceiling in program.ceilings if tier.cost[ceiling.column] > 0), None)


@dataclass(frozen=True)
class Heights:
    """Of a ceiling that costs ``price`` a unit, beside the tier's ``plain`` other costs: ``levels``, ascending; a place is one's in them."""

    ceiling: Ceiling
    price: int
    plain: Floats
    levels: Ints

    @staticmethod
    def of(program: Program, tier: TierCost, upper: Floats) -> Heights | None:
        """Of the options that ``upper`` leaves open; None: the tier prices no ceiling."""
        ceiling = ceiling_of(program, tier)
        if ceiling is None:
            return None
        plain = tier.cost.astype(np.float64)
        plain[ceiling.column] = 0.0
        open_ = upper[: len(ceiling.length)] > 0
        levels = np.unique(np.append(ceiling.length[open_], 0)).astype(np.int64)
        return Heights(ceiling, int(tier.cost[ceiling.column]), plain, levels)

    def costs(self, place: int) -> int:
        """What a ceiling at this level costs."""
        return self.price * int(self.levels[place])

    def above(self, place: int) -> Bools:
        """(n,) the options above a level."""
        above = np.zeros(len(self.plain), dtype=bool)
        above[: len(self.ceiling.length)] = self.ceiling.length > self.levels[place]
        return above

    def highest(self, x: Floats) -> int:
        """The place of the longest option that ``x`` has something of."""
        return int(np.searchsorted(self.levels, self.ceiling.height(x)))

    def affordable(self, least: float, most: float) -> int:
        """The last place of a ceiling in plans of cost ``most``, whose other costs are at least ``least``."""
        return int(np.searchsorted(self.levels, (most - least) // self.price, side="right")) - 1

    def below(self, place: int, gap: float) -> Floats:
        """The other costs, and a dear one for what is above a level: no plan within ``gap`` of the LP's optimum costs more."""
        return self.plain + self.above(place) * (STEEP * max(1.0, gap))

    def keep(self, master: Master, low: int, high: int, gap: float) -> None:
        """No option above place ``high`` from now on, and no ceiling below ``low``. ``gap``: as for ``below``."""
        above = self.above(high)
        # What the LP holds has to keep the bounds that come.
        master.minimise(self.below(high, gap))
        master.fix(np.flatnonzero(above), np.zeros(int(above.sum())))
        column, (least, most) = np.array([self.ceiling.column]), self.levels[[low, high]].astype(np.float64)
        master.limit(column, np.maximum(master.lower[column], least), np.minimum(master.upper[column], most))
