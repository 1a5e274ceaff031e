"""A program with pivots: its LP says little of them and all that hangs on them; where they are known, another program says it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations, product

import numpy as np

from solver.index import Floats
from solver.program import Program

MOST_TRIED = 4
Known = Mapping[str, int]
Step = Mapping[str, int]
"""By how much pivots differ."""


class Pivots:
    def __init__(self, program: Program) -> None:
        self._names = tuple(program.pivots)
        self._columns = np.array([pivot.column for pivot in program.pivots.values()], dtype=np.int64)

    def of(self, plan: Floats) -> Known:
        """As in a plan."""
        return self._known(round(value) for value in plan[self._columns].tolist())

    def near(self, x: Floats, plan: Floats | None) -> Iterator[Known]:
        """The nearest to an LP's ``x``; and as in ``plan``, in case there is no other plan like those.

        Most often they have the same sum in every plan (who leaves a level comes to another): such whole numbers come first.
        """
        wanted = x[self._columns]
        whole = None if plan is None else sum(self.of(plan).values())
        near = sorted(
            product(*((int(value), int(value) + 1) for value in np.floor(wanted).tolist())),
            key=lambda values: (
                whole is not None and sum(values) != whole,
                float(np.abs(np.array(values) - wanted).sum()),
            ),
        )
        yield from map(self._known, near[:MOST_TRIED])
        if plan is not None:
            yield self.of(plan)

    def _known(self, values: Iterable[int]) -> Known:
        return dict(zip(self._names, values, strict=True))


def steps(known: Known, first: Step | None = None) -> Iterator[Step]:
    """``first``; one unit more here, one less there; one more or less somewhere alone."""
    if first is not None:
        yield first
    names = tuple(known)
    for more, less in permutations(names, 2):
        yield {more: 1, less: -1}
    for name, by in product(names, (1, -1)):
        yield {name: by}


def after(known: Known, step: Step) -> Known:
    return {name: value + step.get(name, 0) for name, value in known.items()}


def between(known: Known, other: Known) -> Step:
    return {name: other[name] - value for name, value in known.items()}
