"""Dives in a process of their own: two at a time in one interpreter take 1.9 s each where one alone takes 1.1.

python -m solver.diver     is that process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.engines.worker import Order, Worker, serve
from solver.index import Ints
from solver.patterns import Dive, Patterns
from solver.stopping import Stopped

POLL_SECONDS = 0.02
MOST_DEATHS = 2


@dataclass(frozen=True)
class _Asked:
    """As for ``Patterns.dive``; ``patterns`` None: those of the order before."""

    patterns: Patterns | None
    rows: Ints
    groups: Ints
    below: float
    loss: float
    random: np.random.Generator


class Diver:
    """One process, started when first needed; what it finds is what ``Patterns.dive`` would have found here."""

    def __init__(self) -> None:
        self._worker = Worker("solver.diver")
        self._told: Patterns | None = None
        self._deaths = 0

    def dive(
        self,
        patterns: Patterns,
        rows: Ints,
        groups: Ints,
        below: float,
        loss: float,
        random: np.random.Generator,
        should_stop: Callable[[], bool],
    ) -> Dive | None:
        """As ``patterns.dive``. Raises Stopped."""
        if self._deaths <= MOST_DEATHS:
            try:
                if self._worker.start():
                    self._told = None
                known, self._told = self._told is patterns, patterns
                self._worker.order(_Asked(None if known else patterns, rows, groups, below, loss, random))
                while (answer := self._worker.poll(POLL_SECONDS)) is None:
                    if should_stop():
                        self._worker.abandon()
                        raise Stopped
                found: Dive | None = answer.what
                return found
            except (RuntimeError, OSError):
                self._deaths += 1
                self.close()
        return patterns.dive(rows, groups, below, loss, random, should_stop)

    def close(self) -> None:
        self._worker.close()


def main() -> None:
    known: list[Patterns] = []

    def answer(order: Order) -> Dive | None:
        asked: _Asked = order.what
        if asked.patterns is not None:
            known[:] = [asked.patterns]
        try:
            return known[0].dive(asked.rows, asked.groups, asked.below, asked.loss, asked.random, lambda: order.over)
        except Stopped:
            return None

    serve(answer)


if __name__ == "__main__":
    main()
