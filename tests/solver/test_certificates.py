"""Recomputed bounds: never above what is possible, whatever the duals; reached with true ones; blind to nothing that is false."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, seed, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

import benchmarks
from rotation.policy import load_policy
from scenarios.generate import synthetic_county
from solver.certificates import Claim, Recomputed, pricing, recompute
from solver.certificates import recount as recounting
from solver.outcome import SolveOptions
from solver.program import Program
from solver.search import search
from solver.solve import solve
from tests.solver.small import INF, best_of, ceilinged, drawn, duals_of, made, nonsense, programs, small

MANY = settings(max_examples=200, deadline=None, report_multiple_bugs=False)


@MANY
@given(st.one_of(programs(), ceilinged()), st.data())
def test_no_duals_prove_more_than_is_true(program: Program, data: st.DataObject) -> None:
    """Of any plan and any duals: the bound is at most the best of the plans as good as it in the tiers before."""
    left, x, claims = drawn(program, data)
    for tier, claim, own in zip(program.tiers, claims, recompute(program, x, claims), strict=True):
        assert own.bound is not None and own.lp is not None and own.lp <= own.bound <= (left @ tier.cost).min()
        assert claim.bound is not None and own.stands == (claim.bound <= own.bound)
        left = left[left @ tier.cost <= tier.cost @ x]


@MANY
@given(st.one_of(programs(), ceilinged()), st.data())
def test_no_plan_as_good_is_ruled_out(program: Program, data: st.DataObject) -> None:
    """What a tier rules out for the later ones leaves every plan that is no worse in it."""
    left, x, claims = drawn(program, data)
    recount, count = recounting._Recount(program), len(program.options)
    for tier, claim in zip(program.tiers, claims, strict=True):
        recount.tier(tier, Fraction(int(tier.cost @ x)), claim)
        left = left[left @ tier.cost <= tier.cost @ x]
        reached = left @ program.matrix.toarray().T
        assert not left[:, :count][:, recount.out].any() and left[:, :count][:, recount.chosen].all()
        assert np.all((left[:, count:] >= recount.lower) & (left[:, count:] <= recount.upper))
        assert np.all((reached >= recount.row_lower) & (reached <= recount.row_upper))


@MANY
@given(programs())
def test_true_duals_reach_the_bound_of_the_lp(program: Program) -> None:
    x, values = best_of(program)
    claims: list[Claim] = []
    least: list[float] = []
    for tier in program.tiers:
        cuts = [(other.cost, value) for other, value in zip(program.tiers, values, strict=False)][: len(claims)]
        rows, kept = duals_of(program, tier.cost, cuts)
        reached = linprog_value(program, tier.cost, cuts)
        claims.append(Claim(int(tier.cost @ x), float(np.ceil(reached - 1e-6)), rows, kept))
        least.append(reached)
    for value, reached, own in zip(values, least, recompute(program, x, claims), strict=True):
        assert own.stands and own.lp is not None and own.bound is not None
        assert float(own.lp) >= reached - 1e-6 and own.bound <= value


def linprog_value(program: Program, cost: Any, cuts: list[tuple[Any, float]]) -> float:
    """The LP's optimum by weak duality's other side: the same LP, its value."""
    extra = np.array([values for values, _ in cuts], dtype=np.float64).reshape(len(cuts), program.shape[1])
    matrix = np.concatenate((program.matrix.toarray(), -program.matrix.toarray(), extra))
    limits = np.concatenate((program.row_upper, -program.row_lower, [most for _, most in cuts]))
    kept = np.isfinite(limits)
    answer = linprog(cost, matrix[kept], limits[kept], bounds=np.stack((program.lower, program.upper), axis=1))
    return float(answer.fun)


@st.composite
def mixed(draw: st.DrawFn) -> Program:
    """Fractions in the matrix, and helpers that need not be whole."""
    program = draw(programs())
    count, columns = len(program.options), program.shape[1]
    assume(columns > count)
    flags = draw(st.lists(st.booleans(), min_size=columns - count, max_size=columns - count))
    matrix = program.matrix.copy()
    matrix.data = matrix.data * draw(st.sampled_from([1.0, 0.1, 1 / 3, 0.75]))
    return replace(
        program, matrix=matrix, integer=np.concatenate((np.ones(count, dtype=bool), np.array(flags, dtype=bool)))
    )


def milp_of(program: Program, cost: Any, cuts: list[tuple[Any, float]]) -> Any:
    limits = [LinearConstraint(program.matrix, program.row_lower, program.row_upper)] if program.shape[0] else []
    limits += [LinearConstraint(values, -INF, most) for values, most in cuts]
    return milp(cost, constraints=limits, bounds=Bounds(program.lower, program.upper), integrality=program.integer)


@MANY
@given(mixed(), st.data())
def test_nor_where_columns_or_coefficients_are_not_whole(program: Program, data: st.DataObject) -> None:
    found = milp_of(program, data.draw(st.lists(small, min_size=program.shape[1], max_size=program.shape[1])), [])
    assume(found.status == 0)
    x = np.where(program.integer, np.rint(found.x), found.x)
    claims, cuts = [], []
    for k, tier in enumerate(program.tiers):
        rows, _ = duals_of(program, tier.cost, cuts)
        rows = rows * data.draw(st.sampled_from([1.0, 0.5, 2.0]))
        kept = np.array(data.draw(st.lists(nonsense, min_size=k, max_size=k)), dtype=np.float64)
        claims.append(Claim(round(float(tier.cost @ x)), None, rows, kept))
        cuts.append((tier.cost, float(np.ceil(tier.cost @ x - 1e-9))))
    for k, (tier, own) in enumerate(zip(program.tiers, recompute(program, x, claims), strict=True)):
        best = milp_of(program, tier.cost, cuts[:k])
        assume(best.status == 0)
        assert own.lp is None or own.bound is None or float(own.lp) - 1e-9 <= float(own.bound) <= best.fun + 1e-5


@MANY
@given(programs(), st.sampled_from([1, 10**9 + 7, 10**14 + 7]), st.sampled_from(recounting.FINENESS), st.data())
def test_reduced_costs_are_exact(program: Program, scale: int, fineness: pricing.Fineness, data: st.DataObject) -> None:
    """The same numbers in Python's own whole numbers, at costs and duals of any size."""
    duals = st.lists(st.floats(-9, 9).map(lambda y: y * scale), min_size=program.shape[0], max_size=program.shape[0])
    cost = program.tiers[0].cost.astype(np.int64) * scale
    priced = pricing.Pricing(program)._price(cost, np.array(data.draw(duals), dtype=np.float64), None, fineness)
    # Millionths of large costs are more than can be added up.
    assert priced is not None or fineness.factor > 1
    assume(priced is not None)
    matrix = program.matrix.toarray().T.tolist()
    for own, entries, reduced in zip(cost.tolist(), matrix, priced.low.tolist(), strict=True):
        assert reduced == own * priced.scale - sum(int(a) * int(y) for a, y in zip(entries, priced.rows, strict=True))


@MANY
@given(programs(), st.sampled_from([1, 10**9 + 7]), st.lists(st.floats(-9, 0), min_size=3, max_size=3), st.data())
def test_what_floats_lose_of_duals_of_tiers_is_less_than_what_is_taken_off(
    program: Program, scale: int, duals: list[float], data: st.DataObject
) -> None:
    """The reduced costs once more as fractions: never below what they are said to be, and hardly above."""
    asked, own = pricing.Pricing(program), np.array(duals[: len(program.tiers)])
    asked.cuts = [(tier.cost * scale, scale) for tier in program.tiers]
    y = data.draw(st.lists(st.floats(-9, 9), min_size=program.shape[0], max_size=program.shape[0]))
    cost = program.tiers[0].cost * scale
    priced = asked._price(cost, np.array(y), own, recounting.LOOSE)
    assert priced is not None
    matrix, most = program.matrix.toarray().T.tolist(), program.shape[0] + 2 * len(own) + 6
    for column, (entries, low) in enumerate(zip(matrix, priced.low.tolist(), strict=True)):
        exact = Fraction(int(cost[column]) * priced.scale)
        exact -= sum(int(a) * int(dual) for a, dual in zip(entries, priced.rows, strict=True))
        exact -= sum(
            Fraction(z) * priced.scale * int(values[column])
            for z, (values, _) in zip(own.tolist(), asked.cuts, strict=True)
        )
        assert exact - most <= low <= exact


# -- by hand ----------------------------------------------------------------------------------------------------------

TWO = made([0, 0, 1], [[1, 1, 0], [1, 0, 1], [0, 1, 1]], [-INF, 1, 1], [1, INF, INF], [[3, 2, 4], [1, 1, 1]])
"""Teacher 0 has two options, teacher 1 has one; two posts need somebody each. Optimum: 4 by option 2 alone, then 1."""
X = np.array([0.0, 0.0, 1.0])
RIGHT = (
    Claim(4, 4, np.array([0.0, 2.0, 2.0]), np.zeros(0)),
    Claim(1, 1, np.array([0.0, 0.5, 0.5]), np.zeros(1)),
)


def verdicts(*claims: Claim, program: Program = TWO, x: np.ndarray = X) -> tuple[Recomputed, ...]:
    return recompute(program, x, claims)


def test_right_claims_stand() -> None:
    first, second = verdicts(*RIGHT)
    assert first == Recomputed(Fraction(4), Fraction(4), True)
    assert second.stands and second.bound == 1


@pytest.mark.parametrize(
    "claim",
    [
        replace(RIGHT[0], value=3),  # not the plan's value
        replace(RIGHT[0], bound=5),  # more than there is
        replace(RIGHT[0], bound=None),
        replace(RIGHT[0], bound=float("nan")),
        replace(RIGHT[0], rows=np.array([0.0, 2.0, -2.0])),  # a sign that no limit backs
        replace(RIGHT[0], rows=np.array([0.0, 2.0, 0.0])),
        replace(RIGHT[0], rows=np.array([0.0, 9.0, 9.0])),
        replace(RIGHT[0], rows=np.array([0.0, 2.0])),  # another program's
        replace(RIGHT[0], rows=None),
    ],
)
def test_tampered_claims_do_not(claim: Claim) -> None:
    first, _ = verdicts(claim, RIGHT[1])
    assert not first.stands
    assert first.bound is not None and first.bound <= 4


def test_nothing_is_known_of_what_is_no_plan() -> None:
    for x in (np.zeros(3), np.array([0.5, 0.5, 0.5]), np.array([0.0, 0.0, 2.0]), np.full(3, np.nan)):
        assert verdicts(*RIGHT, x=x) == (Recomputed(None, None, False),) * 2


def test_a_tier_rules_out_columns_for_the_next() -> None:
    """Tier 1 takes option 1 (cost 1 against 2), and option 2 anyway: tier 2, which would rather have option 0, knows it."""
    program = made([0, 1, 2], [[1, 1, 0], [0, 0, 1]], [1, 1], [1, 1], [[2, 1, 5], [0, 7, 0]])
    x = np.array([0.0, 1.0, 1.0])
    claims = (Claim(6, 6, np.array([1.0, 5.0]), np.zeros(0)), Claim(7, 7, np.array([7.0, 0.0]), np.zeros(1)))
    assert all(own.stands for own in recompute(program, x, claims))
    # The same without the first tier's duals: option 0 is still in the way.
    blind = recompute(program, x, (replace(claims[0], rows=None), claims[1]))
    assert not blind[1].stands and blind[1].bound == 0


def test_a_limit_of_millions_leaves_no_room() -> None:
    """A third in steps of 2⁻³⁰, times such a limit, is half a unit short: the bound rounds up all the same, but the half would
    keep the option open, which lifts the tier by a third, and the next tier would like it.
    """
    most = 3 * 533_333_333
    program = made([0], [[2, 3]], [most], [INF], [[1, 1], [-5, 0]], [0], [1e9])
    claims = (Claim(most // 3, most // 3, np.array([1 / 3]), np.zeros(0)), Claim(0, 0))
    assert [own.stands for own in recompute(program, np.array([0.0, most / 3]), claims)] == [True, True]


def test_a_dual_in_decimals_loses_nothing_to_large_costs() -> None:
    """0.062 in steps of 2⁻³⁰, times ten million, is half a hundredth off: a helper of up to a million would come to thousands."""
    program = made(
        [0], [[0, 1, -1]], [0], [INF], [[0, 10**7, 0], [0, 0, -620_000]], [0, 0], [1e6, 1e6],
    )  # fmt: skip
    x, least = np.array([0.0, 3.0, 3.0]), -3 * 620_000
    claims = (Claim(3 * 10**7, 0, np.zeros(1)), Claim(least, least, np.array([620_000.0]), np.array([-0.062])))
    assert recompute(program, x, claims)[1] == Recomputed(Fraction(least), Fraction(least), True)


def test_a_value_that_may_be_worse_rules_out_less() -> None:
    """The plan at hand is a unit above the first tier's bound: what costs no more than that unit stays open."""
    program = made([0, 0], [[1, 1]], [1], [1], [[1, 2], [7, 0]])
    claims = (Claim(2, 1, np.array([1.0]), np.zeros(0)), Claim(0, 0, np.array([7.0]), np.zeros(1)))
    first, second = recompute(program, np.array([0.0, 1.0]), claims)
    assert first.bound == 1 and second.bound == 0


@pytest.mark.parametrize(("tolerance", "stands"), [(0, True), (1, False)])
def test_values_within_the_tolerance_rule_nothing_out(tolerance: int, stands: bool) -> None:
    program = made([0, 0], [[1, 1]], [1], [1], [[1, 2], [7, 0]], tolerance=tolerance)
    claims = (Claim(1, 1, np.array([1.0]), np.zeros(0)), Claim(7, 7, np.array([7.0]), np.zeros(1)))
    first, second = recompute(program, np.array([1.0, 0.0]), claims)
    assert first.stands and second.stands is stands and second.bound == (7 if stands else 0)


def test_what_is_not_whole_moves_by_less_than_one() -> None:
    """A helper that need not be whole stays free though a unit of it would cost too much, and so does a row with it in."""
    half = made([0], [[1, 2]], [1], [INF], [[2, 3], [1, 0]], [0], [3], [True, False])
    claims = (Claim(2, None, np.zeros(1), np.zeros(0)), Claim(1, 1, np.ones(1), np.zeros(1)))
    assert recompute(half, np.array([1.0, 0.0]), claims)[1].bound <= 0
    sum_ = made([0], [[1, 1]], [1], [INF], [[3, 3], [0, -1]], [0], [3], [True, False])
    claims = (Claim(5, None, np.full(1, 3.0), np.zeros(0)), Claim(0, None, -np.ones(1), np.zeros(1)))
    assert recompute(sum_, np.array([1.0, 0.5]), claims)[1].bound <= Fraction(-5, 3)
    halves = made([0, 1, 2], [[0.5] * 3], [1], [INF], [[2] * 3, [-1] * 3])
    claims = (Claim(6, None, np.full(1, 4.0), np.zeros(0)), Claim(-3, -3, np.full(1, -2.0), np.zeros(1)))
    assert recompute(halves, np.ones(3), claims)[1].bound == -3


def test_the_value_of_an_earlier_tier_counts_with_its_dual() -> None:
    program = made([0, 1], [], [], [], [[2, 2], [-3, -3]])
    claims = (Claim(2, 0), Claim(-3, -3, np.zeros(0), np.array([-1.5])))
    assert recompute(program, np.array([1.0, 0.0]), claims)[1] == Recomputed(Fraction(-3), Fraction(-3), True)
    assert (
        recompute(program, np.array([1.0, 0.0]), (claims[0], replace(claims[1], cuts=np.array([1.5]))))[1].bound == -6
    )


@pytest.mark.parametrize(
    ("row", "most", "together"),
    [([1, 1, 0, 0], 1, True), ([1, 1, 0, 0], 2, False), ([1, 0, 0, 0], 1, False), ([1, 1, -1, 0], 1, False),
     ([1, 1, 0, -1], 1, False), ([1, 0.5, 0, 0], 1, False)],
)  # fmt: skip
def test_only_his_own_row_says_that_a_teacher_goes_once(row: list[float], most: int, together: bool) -> None:
    program = made([0, 0, 1], [row], [-INF], [most], [[-1, -1, 0, 0]], [0], [1])
    x = np.array([1.0, 0.0, 0.0, 0.0])
    assert recompute(program, x, (Claim(-1, -1),))[0].bound == (-1 if together else -2)


def test_a_tier_rules_out_helpers_too() -> None:
    """Of two helpers tier 1 wants none of the one (cost 2 in place of 1) and all there is of the other (cost −5)."""
    program = made([0], [[1, 1, 0]], [1], [1], [[1, 2, -5], [7, 0, 1]], [0, 0], [1, 2])
    claims = (Claim(-9, -9, np.ones(1), np.zeros(0)), Claim(9, 9, np.full(1, 7.0), np.zeros(1)))
    assert all(own.stands for own in recompute(program, np.array([1.0, 0.0, 2.0]), claims))


def test_duals_between_tiers_may_be_of_any_size() -> None:
    """A million billions in the first tier; the second pays 70 to stay within it: its dual is a hundred-billionth.

    Nothing is ruled out by the first alone, where a third, who may not go, would save as much.
    """
    much, dear = 10**15, 1007 * 10**12
    program = made([0, 1, 2], [[1, 1, 0], [0, 0, 1]], [1, -INF], [2, 0], [[much, dear, -much], [70, 0, 0]])
    z = -70 / (dear - much)
    claims = (Claim(much, None), Claim(70, 70, np.array([-dear * z, much * z]), np.array([z])))
    plan = np.array([1.0, 0.0, 0.0])
    assert recompute(program, plan, claims)[1] == Recomputed(pytest.approx(70, abs=1e-5), 70, True)


def test_a_row_with_a_dual_becomes_an_equation() -> None:
    """Tier 1 wants as much as the row lets through; so tier 2 may count on it."""
    program = made([0, 1], [[1, 1]], [-INF], [1], [[-5, -5], [3, 4]])
    claims = (Claim(-5, -5, np.array([-5.0]), np.zeros(0)), Claim(3, 3, np.array([3.0]), np.zeros(1)))
    assert [own.stands for own in recompute(program, np.array([1.0, 0.0]), claims)] == [True, True]
    assert not recompute(program, np.array([1.0, 0.0]), (replace(claims[0], rows=None), claims[1]))[1].stands


def test_noise_costs_a_teacher_once() -> None:
    """Forty options a hair below zero: at most one of them counts, where a row says so."""
    noise = np.array([1.0 + 1e-6])
    rows, cost = np.ones((1, 40)), [np.ones(40, dtype=int)]
    x = np.zeros(40)
    x[0] = 1
    together = made([0] * 40, rows, [1], [1], cost)
    apart = made(list(range(40)), rows, [1], [1], cost)
    own = [recompute(program, x, (Claim(1, 1, noise, np.zeros(0)),))[0].lp for program in (together, apart)]
    assert own[0] == 1 and own[1] is not None and own[1] < 1 - Fraction(1, 10**5)


def test_helpers_without_limit() -> None:
    """Reduced costs a hair below zero are mended; those far below leave no bound but what another dual gives."""
    program = made([0], [[1, 3]], [1], [INF], [[9, 1]], [0], [INF])
    x = np.array([0.0, 1.0])
    for dual in (1 / 3, 0.34, 5.0):
        (own,) = recompute(program, x, (Claim(1, 1, np.array([dual]), np.zeros(0)),))
        assert own.stands and own.lp is not None and Fraction(33, 100) < own.lp <= Fraction(1, 3)
    falling = made([0], [[1, 3]], [1], [INF], [[9, -1]], [0], [INF])
    assert recompute(falling, x, (Claim(-1, -1, np.array([1.0]), np.zeros(0)),)) == (Recomputed(None, None, False),)


def test_fractions_in_the_matrix() -> None:
    """Coefficients that no float holds exactly, a continuous helper: the bound is not rounded and stays below the truth."""
    program = made([0], [[0.1, 0.7], [0.3, -1.0]], [0.3, -INF], [INF, 0.0], [[1, 10]], [0], [INF], [True, False])
    x = np.array([1.0, 0.3])
    (own,) = recompute(program, x, (Claim(4, 3, np.array([10 / 0.7, 0.0]), np.zeros(0)),))
    truth = 1 + 10 * Fraction(0.3)
    assert own.lp == own.bound is not None and own.bound <= truth
    assert own.bound > 3.8 - 1e-6 or own.bound <= truth


@example(np.array([2.0**51 - 1] * 3))
@given(st.lists(st.integers(-(2**52), 2**52), max_size=50).map(lambda whole: np.array(whole, dtype=np.float64)))
def test_sums_and_products_are_exact(values: np.ndarray) -> None:
    assert pricing._total(values) == sum(map(int, values))
    limits = np.roll(values, 1) / 3
    exact = sum((Fraction(one) * Fraction(other) for one, other in zip(values, limits, strict=True)), Fraction(0))
    assert 0 <= exact - pricing._products(values, limits) < 1


def test_large_costs_leave_room() -> None:
    """Costs up to the edge of what float64 adds up exactly, and beyond it."""
    for size, known in ((2**40, True), (2**49, True), (2**60, False)):
        program = made([0, 0], [[1, 1]], [1], [1], [[size, size + 1]])
        (own,) = recompute(program, np.array([1.0, 0.0]), (Claim(size, size, np.array([float(size)]), np.zeros(0)),))
        assert own.stands is known and (own.bound == size) is known


# -- the search's own -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "teachers", "seed"), [(12, 200, 2), (20, 500, 5), (30, 800, 1)])
def test_what_the_search_proves_by_lp_is_recomputed(size: int, teachers: int, seed: int) -> None:
    plan = solve(synthetic_county(size, teachers, seed), load_policy("national-2014"), SolveOptions(60)).plan
    assert plan is not None
    for tier in plan.tiers:
        assert tier.recomputed or tier.proof == "exhausted"
        if tier.recomputed:
            assert tier.bound == tier.lp_bound and tier.proved
        assert tier.lp_bound is not None and tier.lp_bound <= tier.value + 1e-9


def test_what_the_search_proves_by_cutting_planes_is_recomputed() -> None:
    policy = load_policy(str(Path(benchmarks.__file__).parent / "policies" / "fair.toml"))
    plan = solve(synthetic_county(20, 500, 4), policy, SolveOptions(60)).plan
    assert plan is not None and plan.status == "optimal"
    (cut,) = [tier for tier in plan.tiers if tier.proof == "cuts"]
    assert cut.recomputed and cut.proved and cut.bound == cut.lp_bound == cut.value


def test_a_search_that_claims_too_much_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan shows what the duals prove, and calls nothing optimal that they do not."""
    honest = search.duals_of

    def halved(*given: Any) -> tuple[np.ndarray, np.ndarray]:
        rows, cuts = honest(*given)
        return rows / 2, cuts

    county, policy = synthetic_county(12, 200, 2), load_policy("national-2014")
    right = solve(county, policy, SolveOptions(60)).plan
    monkeypatch.setattr(search, "duals_of", halved)
    wrong = solve(county, policy, SolveOptions(60)).plan
    assert right is not None and wrong is not None
    assert right.status == "optimal" and wrong.status == "feasible"
    for tier, was in zip(wrong.tiers, right.tiers, strict=True):
        assert tier.bound is not None and was.bound is not None
        assert tier.bound <= was.bound + 1e-9


# -- the tests see a fault --------------------------------------------------------------------------------------------

Recount = recounting._Recount
honest = {name: getattr(Recount, name) for name in ("_narrow", "_reduced")}


def _every_teacher_once(self: Any) -> np.ndarray:
    return np.flatnonzero(np.diff(self.program.options.teacher, prepend=-1))


@pytest.mark.parametrize(
    ("name", "fault", "seen_by"),
    [
        (
            "_reduced",
            lambda self, cost, y, z, k: honest["_reduced"](self, cost, -y, z, k),
            test_a_row_with_a_dual_becomes_an_equation,
        ),
        (
            "_reduced",
            lambda self, cost, y, z, k: honest["_reduced"](self, cost, y, -z, k),
            test_the_value_of_an_earlier_tier_counts_with_its_dual,
        ),
        ("_least", lambda self, low: np.zeros(len(self.first)), test_no_duals_prove_more_than_is_true),
        (
            "_groups",
            _every_teacher_once,
            lambda: test_only_his_own_row_says_that_a_teacher_goes_once([1, 1, 0, 0], 2, False),
        ),
        (
            "_narrow",
            lambda self, priced, slack: honest["_narrow"](self, priced, slack - priced.scale),
            test_a_value_that_may_be_worse_rules_out_less,
        ),
        (
            "_rounded",
            lambda self, tier, priced: priced.bound + 1,
            test_a_tier_rules_out_columns_for_the_next,
        ),
        (
            "_rounded",
            lambda self, tier, priced: Fraction(ceil(priced.bound)),
            test_fractions_in_the_matrix,
        ),
    ],
)
def test_faults_are_seen(monkeypatch: pytest.MonkeyPatch, name: str, fault: Any, seen_by: Callable[[], None]) -> None:
    """With a wrong sign, a row not asked for, a unit too much or a rounding too many, a test above fails (with examples that are always the same)."""
    monkeypatch.setattr(Recount, name, fault)
    with pytest.raises(AssertionError):
        seed(1)(seen_by)()
