"""Balance where teachers cross levels: what whole numbers deviate at least, and programs where the levels' sums are known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from agreement import keys_of, options_of, said, truth
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from tried import tiny_objectives

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver.encoding.balance import _least_spread, _Level, _Spread, lower_hull
from solver.formulate import formulate
from solver.index import Index
from solver.options import build_options
from solver.outcome import SolveOptions
from solver.search.pivots import Pivots
from solver.solve import solve

NOTHING = np.zeros(0, dtype=np.int64)
SCHOOLS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=4)


@given(SCHOOLS)
def test_what_whole_numbers_deviate_at_least(schools: list[tuple[int, int, int]]) -> None:
    pupils, least = [p for p, _, _ in schools], np.array([low for _, low, _ in schools])
    most = least + np.array([more for _, _, more in schools])
    level = _Level(pupils, least, least, most, (NOTHING, NOTHING, NOTHING), NOTHING)
    best: dict[int, float] = {}
    for b in product(*(range(low, high + 1) for low, high in zip(least, most, strict=True))):
        spread = sum(abs(100 * x / p - 100 * sum(b) / sum(pupils)) for x, p in zip(b, pupils, strict=True))
        best[sum(b)] = min(best.get(sum(b), np.inf), spread)
    totals = np.array(sorted(best))
    found = np.array([_least_spread(level, int(total), 100.0) for total in totals])
    assert found == pytest.approx([best[total] for total in totals.tolist()], abs=1e-9)
    corner, height = lower_hull(totals, found, int(totals[0]), int(totals[-1]))
    assert np.all(np.interp(totals, corner, height) <= found + 1e-9)
    assert np.all(np.diff(np.diff(height) / np.diff(corner)) >= -1e-9)
    assert {corner[0], corner[-1]} == {totals[0], totals[-1]} and set(corner) <= set(totals)


@given(SCHOOLS, st.data())
def test_what_is_known_within_a_window(schools: list[tuple[int, int, int]], data: st.DataObject) -> None:
    """True of all whole numbers; nothing is missing at the window's edges, and no more than ``loose`` says between them."""
    pupils, least = np.array([p for p, _, _ in schools]), np.array([low for _, low, _ in schools])
    most = least + np.array([more for _, _, more in schools])
    level = _Level(pupils.tolist(), least, least, most, (NOTHING, NOTHING, NOTHING), NOTHING)
    count, totals = len(schools), np.arange(least.sum(), most.sum() + 1)
    spreads = np.array([_least_spread(level, int(total), 100.0) for total in totals])
    everyone = np.arange(count)
    within = _Spread(2 * count, everyone, everyone + count, pupils, 100.0, totals, spreads)
    low, high = sorted(data.draw(st.tuples(*[st.integers(int(totals[0]), int(totals[-1]))] * 2)))
    rows = within.rows(low, high)
    matrix = np.zeros((len(rows.lower), 2 * count + 1))
    np.add.at(matrix, (rows.row, rows.column), rows.value)
    for b in product(*(range(low, high + 1) for low, high in zip(least, most, strict=True))):
        if low <= sum(b) <= high:
            deviation = np.abs(100 * np.array(b) / pupils - 100 * sum(b) / pupils.sum())
            assert np.all(matrix @ np.concatenate((b, deviation, [sum(b)])) >= rows.lower - 1e-9)
    # What an LP makes of it, with the helpers at least ± their deviation.
    signs = [
        np.hstack((-sign * np.diag(100 / pupils), np.eye(count), np.full((count, 1), sign * 100 / pupils.sum())))
        for sign in (1, -1)
    ]
    every = np.vstack((*signs, matrix))
    limits = np.concatenate((np.zeros(2 * count), rows.lower))
    for total in range(low, high + 1):
        bounds = [*zip(least, most, strict=True), *[(0, None)] * count, (total, total)]
        cost, sum_ = np.repeat([0.0, 1.0, 0.0], [count, count, 1]), np.repeat([[1.0, 0.0]], [count, count + 1], axis=1)
        found = linprog(cost, -every, -limits, sum_, [total], bounds)
        true = spreads[total - totals[0]]
        assert true - within.loose(low, high, total) - 1e-5 <= found.fun <= true + 1e-5


def test_every_plan_is_in_one_program_with_known_sums() -> None:
    """With the same value as in the program that leaves them open."""
    seen = 0
    for case in tiny_objectives("balance"):
        options, true = options_of(case), truth(case)
        assert options is not None
        program = formulate(options, case.baseline)
        if not program.pivots:
            continue
        at = keys_of(options)
        x = np.zeros((len(true.chosen), len(options)))
        x[:, [at[key] for key in true.keys]] = true.chosen
        plain, kept = said(program, x), np.zeros(len(x), dtype=np.int64)
        ranges = (
            range(int(program.lower[p.column]), int(program.upper[p.column]) + 1) for p in program.pivots.values()
        )
        for sums in product(*ranges):
            known = formulate(options, case.baseline, known=dict(zip(program.pivots, sums, strict=True)))
            own = said(known, x)
            kept += own.holds
            assert not known.pivots and own.values[own.holds] == pytest.approx(plain.values[own.holds], abs=1e-4)
        assert np.array_equal(kept, true.holds)
        ways = Pivots(program)
        for chosen in x[true.holds]:
            sums = {name: pivot.before + round(float(pivot.change @ chosen)) for name, pivot in program.pivots.items()}
            assert ways.possible(sums)
        seen += len(set(np.round(plain.values[true.holds, -1], 6)))
    assert seen > 10


def test_a_plan_near_the_bound_where_levels_are_crossed() -> None:
    """Before sums were known one by one: 39.9 with a bound of 3.5 at 6 000 teachers."""
    policy = parse_policy(
        {"name": "balance", "extends": "national-2014", "objectives": [{"objective": "balance", "priority": 1}]}
    )
    outcome = solve(synthetic_county(30, 1000, 2), policy, SolveOptions(6.0))
    assert outcome.plan is not None
    tier = outcome.plan.tiers[0]
    assert tier.lp_bound is not None and 0.8 * tier.value < tier.lp_bound <= tier.value


def test_only_the_tier_of_the_balance_hangs_on_its_sums() -> None:
    """Another tier with rounded weights is no reason to try one sum after the other."""
    policy = parse_policy(
        {
            "name": "fair",
            "extends": "national-2014",
            "rules": [
                {"rule": "fair_senders", "priority": 2, "weight": 0.37, "attributes": ["tenure"], "tolerance": 0.1}
            ],
            "objectives": [{"objective": "balance", "priority": 3}],
        }
    )
    program = formulate(build_options(Index(Facts(synthetic_county(30, 1000, 2), policy))))
    assert program.pivots and sum(tier.tolerance > 0 for tier in program.tiers) > 1
    assert [tier.priority for tier in program.tiers if program.pivoted(tier)] == [3]
