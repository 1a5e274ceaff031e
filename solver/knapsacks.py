"""Several knapsacks at once, each packed best: most items are settled by a bound, the few that are left by a table.

The bound is that of one item too many (Dantzig 1957, "Discrete-variable extremum problems"): an item whose gain is far from what
its weight is worth at the margin is in or out whatever becomes of the others (Balas & Zemel 1980: the core).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solver.index import Bools, Floats, Ints

NOTHING = 1e-6
ROUNDING = 1e-9


@dataclass(frozen=True)
class Items:
    """What may go into one knapsack: whose each is, what it costs, what it takes (at least 1) of the ``room``."""

    group: Ints
    cost: Floats
    weight: Ints
    room: int


@dataclass(frozen=True)
class _Cores:
    """Per knapsack (k, i), the best a unit first: ``items``, their ``gain`` and ``weight``, which are surely ``inside`` and which
    are ``open``; ``room`` that is left for those.
    """

    items: Ints
    gain: Floats
    weight: Ints
    inside: Bools
    open: Bools
    room: Ints


class Knapsacks:
    """``knapsacks`` side by side, padded to (k, items)."""

    def __init__(self, knapsacks: Sequence[Items]) -> None:
        count, most = len(knapsacks), max((len(items.group) for items in knapsacks), default=0)
        self._group = np.zeros((count, most), dtype=np.int64)
        self._cost = np.full((count, most), np.inf)
        self._weight = np.ones((count, most), dtype=np.int64)
        self._room = np.array([items.room for items in knapsacks], dtype=np.int64)
        for number, items in enumerate(knapsacks):
            own = slice(len(items.group))
            self._group[number, own], self._cost[number, own] = items.group, items.cost
            self._weight[number, own] = items.weight
        self._table = np.zeros((most + 1, int(self._room.max(initial=0)) + 1))

    def best(self, numbers: Ints, worth: Floats) -> tuple[float, list[Ints]]:
        """The most that the items of these knapsacks are worth beyond their cost, and which of each.

        ``worth``: a group's.
        """
        cores, total, chosen = self._cores(numbers, worth), 0.0, []
        for k, room in enumerate(cores.room.tolist()):
            inside, open_ = np.flatnonzero(cores.inside[k]), np.flatnonzero(cores.open[k])
            gain, taken = self._packed(cores.gain[k, open_].tolist(), cores.weight[k, open_].tolist(), room)
            total += gain + float(cores.gain[k, inside].sum())
            chosen.append(np.sort(cores.items[k, np.concatenate((inside, open_[taken]))]))
        return total, chosen

    def _cores(self, numbers: Ints, worth: Floats) -> _Cores:
        weight, room = self._weight[numbers], self._room[numbers]
        gain = worth[self._group[numbers]] - self._cost[numbers]
        gain[gain <= NOTHING] = 0.0
        items = np.argsort(-gain / weight, axis=1)
        gain, weight = np.take_along_axis(gain, items, axis=1), np.take_along_axis(weight, items, axis=1)
        filled = np.cumsum(weight, axis=1)
        first = filled <= room[:, None]
        spare = room - np.where(first, weight, 0).sum(axis=1)
        # What one item more would bring, in part and whole.
        margin = np.where(first, 0.0, gain / weight).max(axis=1, initial=0.0)
        one = np.where(~first & (weight <= spare[:, None]), gain, 0.0).max(axis=1, initial=0.0)
        reach = spare * margin - one
        reach += ROUNDING * (1.0 + gain.sum(axis=1))
        open_ = (gain > 0) & (np.abs(gain - weight * margin[:, None]) <= reach[:, None])
        inside = (gain > 0) & first & ~open_
        return _Cores(items, gain, weight, inside, open_, room - np.where(inside, weight, 0).sum(axis=1))

    def _packed(self, gains: list[float], weights: list[int], room: int) -> tuple[float, Ints]:
        """The most that these bring, and which (Bellman 1957)."""
        table = self._table[:, : room + 1]
        table[len(gains)] = 0.0
        for k in range(len(gains) - 1, -1, -1):
            after, now, weight = table[k + 1], table[k], weights[k]
            now[:weight] = after[:weight]
            taken = now[weight:]
            np.add(after[: max(0, room + 1 - weight)], gains[k], out=taken)
            np.maximum(taken, after[weight:], out=taken)
        most, chosen = float(table[0, room]), []
        for k, weight in enumerate(weights):
            if table[k, room] > table[k + 1, room]:
                chosen.append(k)
                room -= weight
        return most, np.array(chosen, dtype=np.int64)
