"""Chance that falls the same way everywhere: every draw comes from PCG64's unit doubles and exact arithmetic.

numpy promises a bit generator's stream for ever, but not what ``normal``, ``shuffle`` or ``choice`` make of it; and
``exp`` or ``cos`` may differ in the last bit between processors. Neither is used here: same seed, same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
T = TypeVar("T")


class Dice:
    """Draws from ``seed`` (≥ 0); ``room`` keeps the streams of the generator's parts apart."""

    def __init__(self, seed: int, room: int = 0) -> None:
        self._generator = np.random.Generator(np.random.PCG64([seed, room]))

    def units(self, n: int) -> Floats:
        """n numbers in [0, 1)."""
        return self._generator.random(n)

    def chance(self, p: Any, n: int) -> Bools:
        """n times: did something of probability p (a number, or n of them) happen?"""
        return np.asarray(self.units(n) < p)

    def between(self, low: float, high: float, n: int) -> Floats:
        return low + (high - low) * self.units(n)

    def whole(self, low: Any, high: Any, n: int) -> Ints:
        """n whole numbers from low to high, both included (numbers, or n of them each)."""
        return np.asarray(low + np.floor(self.units(n) * (np.asarray(high) - low + 1)), dtype=np.int64)

    def bell(self, n: int) -> Floats:
        """n numbers in (−1, 1), most of them near 0: the mean of three uniform ones."""
        return (self.between(-1, 1, n) + self.between(-1, 1, n) + self.between(-1, 1, n)) / 3

    def weighted(self, weights: Sequence[int], n: int) -> Ints:
        """n places in ``weights``, each as likely as its whole-number weight says."""
        return place_of(weights, self.units(n))

    def one(self, items: Sequence[T]) -> T:
        return items[int(self.units(1)[0] * len(items))]

    def order(self, n: int) -> list[int]:
        """The numbers 0 … n − 1 in a drawn order."""
        return [int(i) for i in np.argsort(self.units(n), kind="stable")]

    def several(self, items: Sequence[T], count: int) -> list[T]:
        """``count`` different items (all, if there are fewer), in a drawn order."""
        return [items[i] for i in self.order(len(items))[:count]]


def place_of(weights: Sequence[int], units: Floats) -> Ints:
    """The place in ``weights`` (whole numbers) that each number in [0, 1) falls into."""
    steps = np.cumsum(np.asarray(weights, dtype=np.int64))
    return np.asarray(np.searchsorted(steps, units * int(steps[-1]), side="right"), dtype=np.int64)


def weights_of(table: Mapping[T, int]) -> tuple[list[T], list[int]]:
    return list(table), list(table.values())
