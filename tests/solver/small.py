"""Programs so small that every plan can be written down: made by hand, or drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from solver.certificates import Case, Claim, Cutting, Sum
from solver.program import Ceiling, Program, TierCost

INF = np.inf


def made(
    teachers: list[int], matrix: Any, low: Any, high: Any, costs: Any, lower: Any = (), upper: Any = (), integer: Any = None,
    tolerance: int = 0,
) -> Program:  # fmt: skip
    """A program of an option for each of ``teachers`` (sorted), and helpers between ``lower`` and ``upper``."""
    count = len(teachers)
    columns = count + len(lower)
    whole = np.ones(columns, dtype=bool) if integer is None else np.array(integer)
    return Program(
        _Options(np.array(teachers)),  # type: ignore[arg-type]
        sparse.csc_array(np.array(matrix, dtype=np.float64).reshape(-1, columns)),
        np.array(low, dtype=np.float64),
        np.array(high, dtype=np.float64),
        np.concatenate((np.zeros(count), np.array(lower, dtype=np.float64))),
        np.concatenate((np.ones(count), np.array(upper, dtype=np.float64))),
        whole,
        (),
        tuple(
            TierCost(k + 1, f"tier {k + 1}", np.array(cost, dtype=np.int64), Fraction(1), Fraction(0), tolerance)
            for k, cost in enumerate(costs)
        ),
    )


@dataclass(frozen=True)
class _Options:
    teacher: np.ndarray

    def __len__(self) -> int:
        return len(self.teacher)


def plans_of(program: Program) -> np.ndarray:
    """Every plan, one a row."""
    ranges = [range(int(a), int(b) + 1) for a, b in zip(program.lower, program.upper, strict=True)]
    every = np.array(list(product(*ranges)), dtype=np.float64).reshape(-1, program.shape[1])
    for ceiling in program.ceilings:
        # A ceiling that is higher than it need be is no other plan.
        longest = (every[:, : len(program.options)] * ceiling.length).max(axis=1, initial=0)
        every = every[every[:, ceiling.column] == longest]
    reached = every @ program.matrix.toarray().T
    return every[np.all((reached >= program.row_lower) & (reached <= program.row_upper), axis=1)]


def duals_of(program: Program, cost: Any, cuts: list[tuple[Any, float]]) -> tuple[np.ndarray, np.ndarray]:
    """The duals of the LP relaxation with cost_j · x ≤ value_j, by another solver interface than the search's."""
    matrix = program.matrix.toarray()
    above, below = np.isfinite(program.row_upper), np.isfinite(program.row_lower)
    extra = np.array([values for values, _ in cuts], dtype=np.float64).reshape(len(cuts), matrix.shape[1])
    answer = linprog(
        cost,
        np.concatenate((matrix[above], -matrix[below], extra)),
        np.concatenate((program.row_upper[above], -program.row_lower[below], [most for _, most in cuts])),
        bounds=np.stack((program.lower, program.upper), axis=1),
    )
    assert answer.status == 0
    marginals = answer.ineqlin.marginals
    y = np.zeros(matrix.shape[0])
    y[above] += marginals[: above.sum()]
    y[below] -= marginals[above.sum() : above.sum() + below.sum()]
    return y, marginals[above.sum() + below.sum() :]


# -- random programs --------------------------------------------------------------------------------------------------

small = st.integers(-4, 4)
nonsense = st.one_of(
    small.map(float), st.floats(-9, 9), st.sampled_from([1e30, -1e300, 1e-300, INF, -INF, float("nan"), 1 / 3])
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """At most five options of at most three teachers, two helpers, one-placement rows for some, four other rows."""
    teachers = sorted(draw(st.lists(st.integers(0, 2), min_size=1, max_size=5)))
    helpers = draw(st.integers(0, 2))
    columns = len(teachers) + helpers
    rows, low, high = [], [], []
    for teacher in set(teachers):
        if draw(st.booleans()):
            rows.append([float(other == teacher) for other in teachers] + [0.0] * helpers)
            low.append(-INF)
            high.append(1.0)
    for _ in range(draw(st.integers(0, 4))):
        rows.append(draw(st.lists(small, min_size=columns, max_size=columns)))
        least, room = draw(st.one_of(st.just(-INF), small)), draw(st.integers(0, 4))
        low.append(least)
        high.append(
            draw(st.one_of(st.just(INF), small)) if least == -INF else draw(st.sampled_from([INF, least + room]))
        )
    costs = draw(st.lists(st.lists(small, min_size=columns, max_size=columns), min_size=1, max_size=3))
    lower = draw(st.lists(st.integers(0, 1), min_size=helpers, max_size=helpers))
    upper = [least + draw(st.integers(0, 3)) for least in lower]
    return made(teachers, rows, low, high, costs, lower, upper)


@st.composite
def ceilinged(draw: st.DrawFn) -> Program:
    """A program of ``programs`` with a ceiling over its options, which some of its tiers price."""
    plain = draw(programs())
    count, columns = len(plain.options), plain.shape[1]
    length = np.array(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)), dtype=np.int64)
    rows = np.zeros((3, columns + 1))
    rows[plain.options.teacher, np.arange(count)] = length
    rows[:, -1] = -1
    matrix = np.vstack((np.pad(plain.matrix.toarray(), ((0, 0), (0, 1))), rows))
    prices = draw(st.lists(st.integers(0, 3), min_size=len(plain.tiers), max_size=len(plain.tiers)))
    made_up = made(
        plain.options.teacher.tolist(), matrix, np.append(plain.row_lower, [-INF] * 3), np.append(plain.row_upper, [0.0] * 3),
        [np.append(tier.cost, price) for tier, price in zip(plain.tiers, prices, strict=True)],
        np.append(plain.lower[count:], 0), np.append(plain.upper[count:], 3),
    )  # fmt: skip
    # A teacher who may go twice at once has no longest way.
    once = [row for row in range(3) if (plain.options.teacher == row).any()]
    matrix = sparse.csc_array(
        np.vstack(
            (matrix, [[float(t == row) for t in plain.options.teacher] + [0.0] * (columns + 1 - count) for row in once])
        )
    )
    return replace(
        made_up,
        matrix=matrix,
        row_lower=np.append(made_up.row_lower, [-INF] * len(once)),
        row_upper=np.append(made_up.row_upper, [1.0] * len(once)),
        ceilings=(Ceiling(columns, length),),
    )


def best_of(program: Program) -> tuple[np.ndarray, list[int]]:
    """The lexicographic optimum, and its values."""
    plans = plans_of(program)
    assume(len(plans))
    values = plans @ np.array([tier.cost for tier in program.tiers]).T
    first = np.lexsort(values.T[::-1])[0]
    return plans[first], [int(value) for value in values[first]]


def drawn(program: Program, data: st.DataObject) -> tuple[np.ndarray, np.ndarray, list[Claim]]:
    """Every plan, one of them (often the best), and claims about it with any duals (often none)."""
    plans = plans_of(program)
    assume(len(plans))
    plans = plans[np.lexsort((plans @ np.array([tier.cost for tier in program.tiers]).T).T[::-1])]
    x = plans[data.draw(st.one_of(st.just(0), st.integers(0, len(plans) - 1)))]
    claims = []
    for k, tier in enumerate(program.tiers):
        rows, cuts = (
            np.array(
                data.draw(st.one_of(st.just([0.0] * n), st.lists(nonsense, min_size=n, max_size=n))), dtype=np.float64
            )
            for n in (program.shape[0], k)
        )
        cases = tuple(
            Case(high, data.draw(st.sampled_from([rows, -rows, np.zeros(len(rows))])), cuts)
            for high in (
                data.draw(st.sampled_from([[], [3], [1, 3], [0, 1, 2, 3], [0, 2]])) if program.ceilings else []
            )
        )
        cutting = data.draw(st.lists(cuttings(program, k), max_size=2))
        claims.append(Claim(int(tier.cost @ x), data.draw(small), rows, cuts, cases, tuple(cutting)))
    return plans, x, claims


@st.composite
def sums_of(draw: st.DrawFn, rows: int, columns: int, most: int = 3) -> list[Sum]:
    """Any sums of any rows, often halves and thirds of a few; some that are not there."""
    share = st.one_of(st.sampled_from([0.5, -0.5, 1 / 3, -2 / 3, 1.0, 0.25]), nonsense)
    sums = list[Sum]()

    def some(count: int) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(0, max(0, count - 1)), max_size=4, unique=True)), dtype=np.int64)

    for number in range(draw(st.integers(0, most))):
        count = rows + number
        taken = some(count) if count and draw(st.integers(0, 20)) else np.array([-1, count])
        times = np.array([draw(share) for _ in taken], dtype=np.float64)
        high, equal = (at[at < count] for at in (np.arange(count) if draw(st.booleans()) else some(count), some(count)))
        sums.append(Sum(taken, times, some(columns), high, equal))
    return sums


@st.composite
def cuttings(draw: st.DrawFn, program: Program, k: int) -> Cutting:
    rows = program.shape[0] + k
    sums = draw(sums_of(rows, program.shape[1]))
    of_cuts = st.one_of(st.floats(0, 20), nonsense)
    duals = [draw(nonsense if draw(st.booleans()) else st.just(0.0)) for _ in range(rows)] + [
        draw(of_cuts) for _ in sums
    ]
    return Cutting(tuple(sums), np.array(duals[: len(duals) - (not draw(st.integers(0, 20)))], dtype=np.float64))
