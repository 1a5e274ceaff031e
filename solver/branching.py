"""The best plan of a program of knapsacks: branch and bound over Lagrangian bounds, the least values first.

After Posta, Ferland & Michelon 2012: at each node the options that no plan as good can have are out, and of one group every option
that is left is tried, the least first. Costs are whole, so limits go up value by value (iterative deepening: Korf 1985): what is below a
limit is a small tree, and whoever has a good plan by other ways need only wait for the limits below it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from solver.assignments import Assignments
from solver.engines.highs import Listener
from solver.engines.problem import MipAnswer
from solver.index import Bools, Floats, Ints
from solver.lagrangian import NEARBY, Lagrangian
from solver.stopping import look

WHOLE = 1e-6
LIMITS = 8
"""So many limits at most lead from the bound to the plan at hand."""
AGAIN = 0.03
"""Where so many of the options went out, others may follow."""
SECOND, THIRD = 1 / 3, 0.1
"""What a group's second and third option are worth beside the least, when one is chosen to branch on."""


@dataclass(frozen=True)
class _Node:
    """Plans of options that are ``open``; they cost at least ``least``. ``worth``: the groups', from where bounds begin."""

    open: Bools
    worth: Floats
    least: float


class Branching:
    """Costs are those beyond the groups' cheapest options; ``open``: (columns,) the options that may be in a plan that is wanted."""

    def __init__(self, lagrangian: Lagrangian, open_: Bools, should_stop: Callable[[], bool]) -> None:
        self._assignments, self._worth, self._should_stop = lagrangian.assignments, lagrangian.worth, should_stop
        self._group, self._row, self._weight = (np.zeros(len(open_), dtype=np.int64) for _ in range(3))
        self._cost, self._known = np.zeros(len(open_)), np.zeros(len(open_), dtype=bool)
        for number, row in enumerate(self._assignments.rows):
            at = row.columns
            self._group[at], self._row[at], self._weight[at], self._cost[at] = row.group, number, row.weight, row.cost
            self._known[at] = True
        self._known &= open_
        self._rooms = np.array([row.room for row in self._assignments.rows], dtype=np.int64)
        self._plan: Ints | None = None
        self._most = 0.0
        self.nodes = 0

    def run(self, least: float, at_most: float, listener: Listener | None = None) -> MipAnswer:
        """The best plan that costs at most ``at_most``; none costs less than ``least``. Raises Stopped."""
        cheapest = float(self._assignments.least.sum())
        step = max(1.0, float((at_most - least) // LIMITS))
        limit = min(np.ceil(least - WHOLE), at_most)
        while True:
            self._search(limit - cheapest)
            if self._plan is not None:
                x = np.zeros(len(self._known))
                x[self._plan] = 1.0
                return MipAnswer(x, float(self._cost[self._plan].sum()) + cheapest, True)
            if limit >= at_most:
                return MipAnswer(None, np.inf, True)
            if listener is not None:
                listener.proved(limit + 1.0)
            limit = min(limit + step, at_most)

    def _search(self, most: float) -> None:
        """The best plan that costs at most ``most``, if there is one."""
        self._most = most
        left = [_Node(self._known, self._worth, -np.inf)]
        while left:
            look(self._should_stop)
            node = left.pop()
            if node.least <= self._most + WHOLE:
                self.nodes += 1
                left += self._parts(node)[::-1]

    def _parts(self, node: _Node) -> list[_Node]:
        """What is left of a node, divided, the least first; a plan that it comes to is taken."""
        open_, worth = node.open.copy(), node.worth
        while (within := self._within(open_)) is not None:
            free, spent, part = within
            if not len(free):
                self._take(np.flatnonzero(open_))
                break
            lagrangian, most = Lagrangian(part), self._most - spent
            settled = open_ & ~np.isin(self._group, free)
            found = lagrangian.ascended(worth[free], most, NEARBY)
            worth = worth.copy()
            worth[free] = found.worth
            if found.value > most + WHOLE:
                break
            if found.plan is not None:
                self._take(np.concatenate((np.flatnonzero(settled), found.plan)))
                break
            beyond = np.full(len(open_), np.inf)
            for row, values in zip(part.rows, lagrangian.beyond(found.worth), strict=True):
                beyond[row.columns] = values
            before = int(open_.sum())
            open_ = settled | (open_ & (beyond <= most - found.value + WHOLE))
            if before - int(open_.sum()) < max(1.0, AGAIN * before):
                return self._divided(open_, worth, beyond, free, found.value + spent)
        return []

    def _within(self, open_: Bools) -> tuple[Ints, float, Assignments] | None:
        """The groups that are free, what the others cost, and the program of those that are free; None: there is no plan.

        Options without room are taken out of ``open_``, which is the caller's own copy.
        """
        assignments, count = self._assignments, len(self._assignments.least)
        while True:
            options = np.flatnonzero(open_)
            many = np.bincount(self._group[options], minlength=count)
            if not many.all():
                return None
            only = options[many[self._group[options]] == 1]
            room = self._rooms - np.bincount(self._row[only], self._weight[only], len(self._rooms)).astype(np.int64)
            if (room < 0).any():
                return None
            others = options[many[self._group[options]] > 1]
            narrow = others[self._weight[others] > room[self._row[others]]]
            if not len(narrow):
                break
            open_[narrow] = False
        free = np.flatnonzero(many > 1)
        place = np.full(count, -1)
        place[free] = np.arange(len(free))
        rows = []
        for row, left in zip(assignments.rows, room.tolist(), strict=True):
            kept = open_[row.columns] & (place[row.group] >= 0)
            rows.append(replace(row.only(kept, place), room=left))
        part = Assignments(assignments.numbers, tuple(rows), np.zeros(len(free)), assignments.worth[free])
        return free, float(self._cost[only].sum()), part

    def _divided(self, open_: Bools, worth: Floats, beyond: Floats, free: Ints, value: float) -> list[_Node]:
        """By the options of one group: whose least costs most more, for then all do."""
        options = np.flatnonzero(open_ & np.isin(self._group, free))
        capped = np.minimum(beyond[options], self._most - value + 1.0)
        order = np.lexsort((capped, self._group[options]))
        options, capped = options[order], capped[order]
        group = self._group[options]
        first = np.flatnonzero(np.diff(group, prepend=-1))
        score = capped[first]
        for rank, weight in ((1, SECOND), (2, THIRD)):
            at = np.minimum(first + rank, len(group) - 1)
            score = score + weight * np.where(group[at] == group[first], capped[at], self._most - value + 1.0)
        chosen = group[first[int(np.argmax(score))]]
        others = open_ & (self._group != chosen)
        parts = []
        for option in options[group == chosen].tolist():
            part = others.copy()
            part[option] = True
            parts.append(_Node(part, worth, value + float(beyond[option])))
        return parts

    def _take(self, columns: Ints) -> None:
        cost = float(self._cost[columns].sum())
        if cost <= self._most + WHOLE:
            self._plan, self._most = columns, cost - 1.0
