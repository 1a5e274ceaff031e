"""Knapsacks side by side are each packed best, whatever stands beside them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import knapsacks as module
from solver.knapsacks import Items, Knapsacks


def best_of(items: Items, worth: np.ndarray) -> float:
    gain = worth[items.group] - items.cost
    sets = [list(s) for size in range(len(gain) + 1) for s in combinations(range(len(gain)), size)]
    return float(max(gain[s].sum() for s in sets if items.weight[s].sum() <= items.room))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_each_is_packed_best(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups, asked = 12, []
    for _ in range(int(random.integers(1, 5))):
        count, room = int(random.integers(0, 11)), int(random.integers(0, 40))
        weight = random.integers(1, room + 1, count) if room else np.zeros(0, dtype=np.int64)
        own = random.permutation(groups)[: len(weight)]
        # Whole costs too, as equal gains are where rounding tells.
        cost = (
            random.uniform(0, 3, len(own)) if random.random() < 0.5 else random.integers(0, 4, len(own)).astype(float)
        )
        asked.append(Items(own, cost, weight, room))
    knapsacks = Knapsacks(asked)
    for _ in range(3):
        worth = (
            random.uniform(-2, 10, groups) if random.random() < 0.5 else random.integers(-2, 10, groups).astype(float)
        )
        numbers = np.flatnonzero(random.random(len(asked)) < 0.7)
        best, chosen = knapsacks.best(numbers, worth)
        assert len(chosen) == len(numbers)
        assert best == pytest.approx(sum(best_of(asked[number], worth) for number in numbers.tolist()))
        told = 0.0
        for number, taken in zip(numbers.tolist(), chosen, strict=True):
            items = asked[number]
            told += float((worth[items.group] - items.cost)[taken].sum())
            assert items.weight[taken].sum() <= items.room and np.array_equal(taken, np.unique(taken))
        assert told == pytest.approx(best)


def test_a_core_too_small_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a bound that promises too little, the test above fails."""
    monkeypatch.setattr(module, "ROUNDING", -0.05)
    with pytest.raises(AssertionError):
        test_each_is_packed_best()


def test_no_knapsack_is_packed_as_well() -> None:
    best, chosen = Knapsacks([]).best(np.zeros(0, dtype=np.int64), np.ones(3))
    assert best == 0 and chosen == []
