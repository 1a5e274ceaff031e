"""What Timefold is told: a teacher takes one of its options or none; a row's sum may miss its limits at a price.

Timefold's Python interface translates these classes to Java bytecode, so they hold whole numbers, lists and text, and
annotations that are there when the class is made (no ``from __future__ import annotations``). Tables go over as text
and are read on the other side: handed over as lists, they are converted number by number, there and back.
"""

from typing import Annotated

from timefold.solver._timefold_java_interop import ensure_init
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningScore,
    PlanningVariable,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import BendableScore, IncrementalScoreCalculator

ensure_init()
from ai.timefold.solver.core.api.score.buildin.bendablelong import BendableLongScore  # noqa: E402


@planning_entity
class Teacher:
    options: Annotated[list[int], ValueRangeProvider]
    option: Annotated[int | None, PlanningVariable(allows_unassigned=True)]

    def __init__(self, options: list[int], option: int | None = None) -> None:
        self.options = options
        self.option = option


def plan_class(levels: int) -> type:
    """The plan's class, its score of one hard level (what rows miss) and a soft one for each tier, in order."""

    @planning_solution
    class Plan:
        teachers: Annotated[list[Teacher], PlanningEntityCollectionProperty]
        low: list[int]
        high: list[int]
        below: list[list[list[int]]]
        above: list[list[list[int]]]
        rows: list[list[int]]
        changes: list[list[int]]
        costs: list[list[int]]
        tier_count: int
        score: Annotated[
            BendableScore | None, PlanningScore(bendable_hard_levels_size=1, bendable_soft_levels_size=levels)
        ]

        def __init__(
            self,
            teachers: list[Teacher],
            low: list[int],
            high: list[int],
            below: list[list[list[int]]],
            above: list[list[list[int]]],
            rows: list[list[int]],
            changes: list[list[int]],
            costs: list[list[int]],
            tier_count: int,
            score: BendableScore | None = None,
        ) -> None:
            self.teachers = teachers
            self.low = low
            self.high = high
            self.below = below
            self.above = above
            self.rows = rows
            self.changes = changes
            self.costs = costs
            self.tier_count = tier_count
            self.score = score

    return Plan


class JavaScore:
    """What ``calculate_score`` must answer: something that has Java's score."""

    def __init__(self, score: object) -> None:
        self.score = score

    def _to_java_score(self) -> object:
        return self.score


class Calculator(IncrementalScoreCalculator):
    """The sums of rows and tiers, changed by what a move changes alone."""

    low: list[int]
    high: list[int]
    below: list[list[list[int]]]
    above: list[list[list[int]]]
    rows: list[list[int]]
    changes: list[list[int]]
    costs: list[list[int]]
    sums: list[int]
    tiers: list[int]
    missed: int

    def reset_working_solution(self, solution) -> None:
        if len(solution.rows) > 0:
            # Taken once, and out of the plan: what a plan holds is converted back with it, number by number.
            self.low = solution.low
            self.high = solution.high
            self.below = solution.below
            self.above = solution.above
            self.rows = solution.rows
            self.changes = solution.changes
            self.costs = solution.costs
            solution.low = []
            solution.high = []
            solution.below = []
            solution.above = []
            solution.rows = []
            solution.changes = []
            solution.costs = []
        self.tiers = [0 for _ in range(solution.tier_count)]
        self.sums = [0 for _ in self.low]
        self.missed = 0
        for row in range(len(self.sums)):
            self.count(row, 0, 1)
        for teacher in solution.teachers:
            self.take(teacher.option, 1)

    def count(self, row: int, total: int, sign: int) -> None:
        """What the row's sum costs, counted (1) or taken back (-1)."""
        if total < self.low[row]:
            miss = self.low[row] - total
            slacks = self.below[row]
        elif total > self.high[row]:
            miss = total - self.high[row]
            slacks = self.above[row]
        else:
            return
        for slack in slacks:
            if miss <= 0:
                break
            times = (miss + slack[0] - 1) // slack[0]
            if times > slack[1]:
                times = slack[1]
            miss = miss - times * slack[0]
            for k in range(len(self.tiers)):
                self.tiers[k] = self.tiers[k] + sign * times * slack[2 + k]
        if miss > 0:
            self.missed = self.missed + sign * miss

    def take(self, option, sign: int) -> None:
        if option is None:
            return
        rows = self.rows[option]
        changes = self.changes[option]
        for i in range(len(rows)):
            row = rows[i]
            now = self.sums[row]
            then = now + sign * changes[i]
            self.sums[row] = then
            self.count(row, now, -1)
            self.count(row, then, 1)
        cost = self.costs[option]
        for k in range(len(cost)):
            self.tiers[k] = self.tiers[k] + sign * cost[k]

    def before_variable_changed(self, entity: Teacher, variable_name: str) -> None:
        self.take(entity.option, -1)

    def after_variable_changed(self, entity: Teacher, variable_name: str) -> None:
        self.take(entity.option, 1)

    def before_entity_added(self, entity: Teacher) -> None:
        pass

    def after_entity_added(self, entity: Teacher) -> None:
        self.take(entity.option, 1)

    def before_entity_removed(self, entity: Teacher) -> None:
        self.take(entity.option, -1)

    def after_entity_removed(self, entity: Teacher) -> None:
        pass

    def calculate_score(self) -> JavaScore:
        """Java's own score: Python's is made into it by way of Python, and its translation knows no arrays."""
        levels = len(self.tiers)
        score = BendableLongScore.ofHard(1, levels, 0, -self.missed)
        for k in range(levels):
            score = score.add(BendableLongScore.ofSoft(1, levels, k, -self.tiers[k]))
        return JavaScore(score)
