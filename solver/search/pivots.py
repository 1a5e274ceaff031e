"""A program with pivots: its LP says little of them and all that hangs on them; where they are known, another program says it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from solver.index import Floats, Ints
from solver.program import Program

MOST_TRIED = 4
Known = Mapping[str, int]
Key = tuple[int, ...]
Step = Mapping[str, int]
"""By how much pivots differ."""


@dataclass(frozen=True)
class Spot:
    """Plans with these pivots, whose ceiling is within ``heights`` (from, to; None: wherever it may be)."""

    known: Known
    heights: tuple[int, int] | None = None

    @property
    def key(self) -> Key:
        return (*self.known.values(), *(self.heights or ()))


class Pivots:
    def __init__(self, program: Program) -> None:
        self._pivots = program.pivots
        self._columns = np.array([pivot.column for pivot in program.pivots.values()], dtype=np.int64)
        self._total = _total(program)
        self._sizes = np.array([pivot.sizes[0] for pivot in program.pivots.values()], dtype=np.int64)

    def possible(self, known: Known) -> bool:
        """Whether so many may be there in all: who leaves a level most often comes to another."""
        return self._total[0] <= sum(known.values()) <= self._total[1]

    def of(self, plan: Floats) -> Known:
        """As in a plan."""
        return self.known(round(value) for value in plan[self._columns].tolist())

    def near(self, x: Floats, plan: Floats | None) -> Iterator[Known]:
        """The nearest to an LP's ``x``, whole steps from ``plan``; and as in ``plan``, in case there is no other plan like those.

        Most often they have the same sum in every plan (who leaves a level comes to another): such whole numbers come first.
        """
        wanted = x[self._columns]
        here = np.zeros(len(wanted), np.int64) if plan is None else np.array(list(self.of(plan).values()), np.int64)
        low = here + self._sizes * np.floor((wanted - here) / self._sizes).astype(np.int64)
        near = sorted(
            product(*zip(low.tolist(), (low + self._sizes).tolist(), strict=True)),
            key=lambda values: (
                plan is not None and sum(values) != here.sum(),
                float(np.abs(np.array(values) - wanted).sum()),
            ),
        )
        yield from map(self.known, near[:MOST_TRIED])
        if plan is not None:
            yield self.of(plan)

    @property
    def columns(self) -> Ints:
        return self._columns

    def steps(self, first: Step | None = None) -> Iterator[Step]:
        """Twice ``first``, and ``first``; one more here, one less there; one more or less somewhere alone."""
        if first is not None:
            yield {name: 2 * by for name, by in first.items()}
            yield first
        for rank in range(max(len(pivot.sizes) for pivot in self._pivots.values())):
            size = {name: pivot.sizes[rank] for name, pivot in self._pivots.items() if rank < len(pivot.sizes)}
            for more, less in permutations(size, 2):
                yield {more: size[more], less: -size[less]}
            for name, sign in product(size, (1, -1)):
                yield {name: sign * size[name]}

    def known(self, values: Iterable[int]) -> Known:
        return dict(zip(self._pivots, values, strict=True))


def _total(program: Program) -> tuple[int, int]:
    """The least and the most that all pivots together may be."""
    pivots = program.pivots.values()
    change = sum((pivot.change for pivot in pivots), start=np.zeros(len(program.options), dtype=np.int64))
    least, most = (np.zeros(len(program.options.index.county.teachers), dtype=np.int64) for _ in range(2))
    np.minimum.at(least, program.options.teacher, change)
    np.maximum.at(most, program.options.teacher, change)
    before = sum(pivot.before for pivot in pivots)
    return before + int(least.sum()), before + int(most.sum())


def after(known: Known, step: Step) -> Known:
    return {name: value + step.get(name, 0) for name, value in known.items()}


def between(known: Known, other: Known) -> Step:
    return {name: other[name] - value for name, value in known.items()}
