"""What a plan costs at least, where options need room in one long row each: more than an LP knows.

Lagrangian bounds: that every group has one option is paid for, and each long row is packed by itself, exactly (Geoffrion 1974). A row
packed with an option, and the others without its group, say what the option costs at least (variable fixing: Posta, Ferland &
Michelon 2012, "An exact method with variable fixing for solving the generalized assignment problem").
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from solver.assignments import Assignments, Row
from solver.index import Floats, Ints
from solver.knapsacks import Items, Knapsacks
from solver.master import Bound
from solver.stopping import ShouldStop, look, never

WAY = 0.6
"""How much of the way before is kept (Barahona & Anbil 2000)."""
NEAR = 1e-9
LARGEST_TABLE = 20_000_000
"""Items times room, of the tables that say what each option costs."""


@dataclass(frozen=True)
class Manner:
    """How a subgradient's way goes: at most so many ``rounds``, each a ``step`` of the way to the plan at hand (Held, Wolfe & Crowder 1974),
    which gets ``shorter`` after so many in vain (``patience``) and is not worth going below ``least``.
    """

    rounds: int
    step: float
    shorter: float
    patience: int
    least: float = 0.0


FAR = Manner(400, 0.5, 0.7, 8, 0.02)
HOPE = 0.1
"""Of what is left to the plan at hand."""
NEARBY = Manner(20, 0.3, 0.6, 4)
"""From where a nearly equal program's way ended."""


@dataclass(frozen=True)
class Ascent:
    """The best bound on the way (beyond what the groups' cheapest options cost), the groups' ``worth`` there, and the columns of the best
    plan of all, where the way led to it.
    """

    value: float
    worth: Floats
    plan: Ints | None


class Lagrangian:
    def __init__(self, assignments: Assignments) -> None:
        self.assignments, self._count = assignments, len(assignments.least)
        self.worth = assignments.worth
        """(groups,) of the best bound that is known."""
        self._knapsacks = Knapsacks([Items(row.group, row.cost, row.weight, row.room) for row in assignments.rows])

    def sharpened(self, bound: Bound, most: float, until: float, should_stop: ShouldStop = never) -> Bound:
        """``bound``, its ``value`` and the columns' ``reduced`` costs as packed rows say; ``most``: what a better plan costs at most.

        Until then (``time.monotonic``), but a round at least. Where rows say no more than the LP, ``bound`` itself. Raises Stopped.
        """
        rows, least = self.assignments.rows, float(self.assignments.least.sum())
        if any(row.room * len(row.group) > LARGEST_TABLE for row in rows):
            return bound
        # A plan far above says little of how far to go: each way aims at a part of what is left, until it does not get there.
        value, aim = bound.value - least, -inf
        while value > aim and aim < most - least:
            aim = min(most - least, value + max(1.0, HOPE * (most - least - value)))
            found = self.ascended(self.worth, aim, FAR, until, should_stop)
            value, self.worth = max(value, found.value), found.worth
        if value + least <= bound.value:
            return bound
        reduced = np.full(len(bound.reduced), inf)
        for row, beyond in zip(rows, self.beyond(self.worth, should_stop), strict=True):
            reduced[row.columns] = beyond
        return replace(bound, value=value + least, reduced=reduced)

    def ascended(
        self, worth: Floats, most: float, manner: Manner, until: float = inf, should_stop: ShouldStop = never
    ) -> Ascent:
        """From ``worth`` on, until it is known that all plans cost more than ``most``, or until then (but a round at least). Raises
        Stopped.
        """
        rows, numbers = self.assignments.rows, np.arange(len(self.assignments.rows))
        best, best_worth, vain, step, way = -inf, worth, 0, manner.step, np.zeros(0)
        for number in range(manner.rounds):
            look(should_stop)
            gain, chosen = self._knapsacks.best(numbers, worth)
            value, vain = float(worth.sum()) - gain, vain + 1
            if value > best:
                best, best_worth, vain = value, worth, 0
            if best > most or step < manner.least or (number and time.monotonic() > until):
                break
            missing = np.ones(self._count)
            for row, items in zip(rows, chosen, strict=True):
                missing[row.group[items]] -= 1.0
            if not missing.any():
                # All of them once: what is paid for costs nothing.
                plan = np.concatenate([row.columns[items] for row, items in zip(rows, chosen, strict=True)])
                return Ascent(value, worth, plan)
            if vain == manner.patience:
                step, vain, worth, way = manner.shorter * step, 0, best_worth, np.zeros(0)
                continue
            way = WAY * way + (1 - WAY) * missing if len(way) else missing
            size = float(way @ way)
            if size < NEAR:
                break
            worth = worth + step * (most + 0.5 - value) / size * way
        return Ascent(best, best_worth, None)

    def beyond(self, worth: Floats, should_stop: ShouldStop = never) -> list[Floats]:
        """Of each row, (options,) by how much all plans with this option cost more than the bound of ``worth``. Raises Stopped."""
        rows = self.assignments.rows
        full, without = np.zeros(len(rows)), np.zeros((len(rows), self._count))
        with_it = []
        for number, row in enumerate(rows):
            look(should_stop)
            full[number], inside, alone = _packed_each(row, worth)
            without[number] = full[number]
            without[number, row.group] = alone
            with_it.append(inside)
        lost = (full[:, None] - without).sum(axis=0)
        # Its own row has it for sure, and the others have nobody of its group.
        return [
            np.maximum(0.0, lost[row.group] + without[number, row.group] - with_it[number])
            for number, row in enumerate(rows)
        ]


def _packed_each(row: Row, worth: Floats) -> tuple[float, Floats, Floats]:
    """The most that a row can gain, and (options,) with each for sure, and without it (Bellman 1957, from both ends)."""
    gain, count, room = worth[row.group] - row.cost, len(row.group), row.room
    before, after = _tables(gain, row.weight, room), _tables(gain[::-1], row.weight[::-1], room)[::-1, ::-1]
    with_it, alone = np.empty(count), np.empty(count)
    for k, weight in enumerate(row.weight.tolist()):
        alone[k] = (before[k] + after[k + 1]).max()
        with_it[k] = gain[k] + (before[k][: room + 1 - weight] + after[k + 1][weight:]).max()
    return float(before[count][room]), with_it, alone


def _tables(gain: Floats, weight: Ints, room: int) -> Floats:
    """(items + 1, room + 1) the most that so many of the first items gain in so much room."""
    table = np.zeros((len(gain) + 1, room + 1))
    for k, (more, takes) in enumerate(zip(gain.tolist(), weight.tolist(), strict=True)):
        table[k + 1] = table[k]
        np.maximum(table[k][takes:], table[k][: room + 1 - takes] + more, out=table[k + 1][takes:])
    return table
