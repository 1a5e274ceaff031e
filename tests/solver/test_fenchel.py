"""What is said of a row's whole choices: every small row's choices are counted out."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver import fenchel
from solver.certificates import Claim, Cutting, Packing, recompute
from solver.certificates.packings import Choice, least_worth
from solver.fenchel import Fenchel
from solver.formulate import formulate
from solver.gomory import Gomory
from solver.improvement import Improvement
from solver.index import Floats, Index
from solver.master import Master
from solver.options import build_options
from solver.outcome import SolveOptions
from solver.program import Program
from solver.search.certificate import by_tier, cutting_of, duals_of
from solver.solve import solve
from tests.solver.small import made, plans_of
from tests.solver.test_search import assignment
from tests.solver.test_search import program as small_program

INF = np.inf
MANY = settings(max_examples=300, deadline=None, report_multiple_bugs=False)
SENDERS: dict[str, Any] = {
    "name": "senders",
    "extends": "national-2014",
    "rules": [{"rule": "fair_senders", "attributes": ["tenure"], "tolerance": 0.1}],
}


@st.composite
def rows(draw: st.DrawFn) -> Program:
    """A program of one such row, sometimes with a slack, from either side, and one row for all besides."""
    teachers = sorted(draw(st.lists(st.integers(0, 4), min_size=2, max_size=7)))
    weights = draw(st.lists(st.integers(-9, 9).filter(bool), min_size=5, max_size=5))
    sign, soft = draw(st.sampled_from([1, -1])), draw(st.booleans())
    least = draw(st.integers(-8, 8))
    one_each = [[float(other == teacher) for other in teachers] for teacher in sorted(set(teachers))]
    row = [sign * float(weights[teacher]) for teacher in teachers]
    other = [
        float(value) for value in draw(st.lists(st.integers(-2, 2), min_size=len(teachers), max_size=len(teachers)))
    ]
    costs = [
        [*draw(st.lists(st.integers(-9, 9), min_size=len(teachers), max_size=len(teachers))), draw(st.integers(1, 5))]
        for _ in range(draw(st.integers(1, 2)))
    ]
    helper = [0.0] * len(one_each) + [float(sign), 0.0]
    low = [-INF] * len(one_each) + [float(least) if sign > 0 else -INF, -INF]
    high = [1.0] * len(one_each) + [INF if sign > 0 else -float(least), float(draw(st.integers(0, 3)))]
    matrix = np.column_stack((np.array([*one_each, row, other]), helper))
    found = made(teachers, matrix, low, high, costs, [0], [60 if soft else 0])
    return replace(found, knapsacks=np.array([len(one_each)]))


def point(data: st.DataObject, asked: Program) -> Floats:
    """Fractions of options, at most one of each teacher, and some slack."""
    count = len(asked.options)
    x = np.array(
        data.draw(st.lists(st.sampled_from([0.0, 0.0, 0.25, 1 / 3, 0.5, 1.0]), min_size=count, max_size=count))
    )
    teacher = asked.options.teacher
    total = np.bincount(teacher, x)[teacher]
    x = np.where(total > 1, x / np.maximum(total, 1), x)
    return np.append(x, data.draw(st.sampled_from([0.0, 0.5, 2.0])) if asked.upper[-1] else 0.0)


@MANY
@given(rows(), st.data())
def test_no_choice_is_cut_off_and_every_fraction_is(asked: Program, data: st.DataObject) -> None:
    """What comes holds in every plan and not at the point; where nothing comes, the point is nearly a mixture of choices."""
    x, search = point(data, asked), Fenchel(asked)
    found = search.cuts(x, asked.upper)
    plans = plans_of(asked)
    for row in found:
        assert row.at is not None and row.values @ x[row.at] > row.most + 1e-9
        assert np.all(plans[:, row.at] @ row.values <= row.most)
    event("cut" if found else "nothing")
    reached = float((asked.matrix @ x)[asked.knapsacks[0]])
    row_kept = asked.row_lower[asked.knapsacks[0]] <= reached <= asked.row_upper[asked.knapsacks[0]]
    if not found and search.knapsacks and row_kept:
        assert distance(asked, x) < 0.05


def distance(asked: Program, x: Floats) -> float:
    """By how much the teachers' shares and the slack at least miss a mixture of choices that keep the row."""
    row = int(asked.knapsacks[0])
    entries = asked.matrix.toarray()[row]
    sign, limit = (1, asked.row_lower[row]) if np.isfinite(asked.row_lower[row]) else (-1, -asked.row_upper[row])
    teacher = asked.options.teacher
    people, first = np.unique(teacher, return_index=True)
    share = np.array([x[: len(teacher)][teacher == person].sum() for person in people])
    choices = np.array(list(product((0.0, 1.0), repeat=len(people))))
    missing = np.maximum(0.0, limit - choices @ (sign * entries[first]))
    if not asked.upper[-1]:
        choices, missing = choices[missing == 0], missing[missing == 0]
    if not len(choices):
        return 0.0
    # λ of the choices, and how far off.
    size = len(choices)
    above = np.column_stack((np.vstack((choices.T, -choices.T, missing)), np.full(2 * len(people) + 1, -1.0)))
    right = np.concatenate((share, -share, [x[-1]]))
    answer = linprog(
        np.append(np.zeros(size), 1.0), above, right, np.append(np.ones(size), 0.0)[None, :], [1.0], bounds=(0, None)
    )
    return float(answer.fun)


@MANY
@given(rows(), st.data())
def test_what_follows_from_a_row_is_worked_out_again(asked: Program, data: st.DataObject) -> None:
    """The LP with it bounds every plan, the recount comes as far, and no false claim leads it further than is true."""
    plans, cost = plans_of(asked), asked.tiers[-1].cost
    teachers = asked.options.teacher.tolist()
    master = Master(replace(asked, options=small_program(teachers, [], []).options), lambda: False)
    begun = master.start(cost.astype(np.float64))
    if begun is None or not len(plans):
        assert not len(plans) or begun is not None
        return
    alone = replace(asked, tiers=asked.tiers[-1:])
    search = Fenchel(asked)
    bound = search.sharpened(master, cost, master.minimise(cost))
    x = plans[np.argmin(plans @ cost)]
    best = float(cost @ x)
    assert bound.value <= best + 1e-6
    duals, said = duals_of(master, bound, 0), cutting_of(master, bound, 0)
    cutting = () if said is None else (said,)
    least = float(np.ceil(bound.value - 1e-6))
    (own,) = recompute(alone, x, [Claim(round(best), min(least, best), *duals, (), cutting)])
    assert own is not None and own.bound is not None and best >= own.bound >= min(least, best)
    event("with cuts" if cutting else "without")
    deeper = Gomory(master, cost, np.arange(asked.shape[1]))
    further = deeper.run(best + 1)
    if further is not None and deeper.cutting is not None:
        both = (*cutting, by_tier(master, deeper.cutting, 0))
        least = min(float(np.ceil(further.value - 1e-6)), best)
        (own,) = recompute(alone, x, [Claim(round(best), least, *duals, (), both)])
        assert own is not None and own.bound is not None and own.bound <= best
        event(f"and Gomory's: {own.stands}")
    whole = st.integers(-5, 5)
    nonsense = Packing(
        int(asked.knapsacks[0]) if data.draw(st.booleans()) else data.draw(st.integers(-2, asked.shape[0] + 1)),
        data.draw(st.booleans()),
        np.array(teachers, dtype=np.int64),
        np.array(data.draw(st.lists(whole, min_size=len(teachers), max_size=len(teachers)))),
        data.draw(whole),
    )
    false = Cutting((nonsense,), np.append(duals[0], data.draw(st.floats(0, 9))))
    (own,) = recompute(alone, x, [Claim(round(best), best, *duals, (), (*cutting, false))])
    assert own is not None and own.bound is not None and own.bound <= best


@MANY
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-6, 6), st.integers(-6, 6)), max_size=7),
    st.integers(-9, 9),
    st.one_of(st.none(), st.integers(0, 4)),
)
def test_the_least_worth_of_a_choice(options: list[tuple[int, int, int]], limit: int, of_slack: int | None) -> None:
    group, weight, worth = (np.array([option[part] for option in options], dtype=np.int64) for part in range(3))
    worths = []
    for taken in product((0, 1), repeat=len(options)):
        chosen = np.flatnonzero(taken)
        missing = max(0, limit - int(weight[chosen].sum()))
        if len(set(group[chosen])) == len(chosen) and (of_slack is not None or not missing):
            worths.append(int(worth[chosen].sum()) + (of_slack or 0) * missing)
    assert least_worth(Choice(group, weight.astype(float), worth, float(limit)), of_slack) == min(worths, default=None)


def test_a_slack_that_is_ruled_out_makes_up_for_nothing() -> None:
    """Half of the strong one would bring the weak one along; with a slack the cut has to leave room for it."""
    asked = made([0, 1], [[9, -1, 1]], [0], [INF], [[3, -2, 0]], [0], [1])
    asked = replace(asked, knapsacks=np.array([0]))
    x, search = np.array([1 / 9, 1.0, 0.0]), Fenchel(asked)
    (soft,) = search.cuts(x, asked.upper)
    (must,) = search.cuts(x, np.array([1.0, 1.0, 0.0]))
    assert soft.made_of is not None and must.made_of is not None
    assert soft.made_of.slack > 0 and must.made_of.slack == 0
    # The strong one is there wherever the weak one is.
    assert must.values.tolist() == [-1, 1] and must.most == 0


def test_fair_senders_are_nearly_proved_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of what an LP misses of the kilometres; and what is proved is the same without."""
    county, policy = synthetic_county(20, 600, 3), parse_policy(SENDERS)
    program = formulate(build_options(Index(Facts(county, policy))))
    search, cost = Fenchel(program), program.tiers[2].cost
    assert len(search.knapsacks) == len(program.knapsacks) > 5
    found = solve(county, policy, SolveOptions(60.0, gap=0.0)).plan
    assert found is not None and found.status == "optimal"
    master = Master(program, lambda: False)
    begun = master.start(cost.astype(np.float64))
    assert begun is not None
    for tier, report in zip(program.tiers[:2], found.tiers, strict=False):
        master.cut(tier.cost, float(round((report.value - float(tier.constant)) / float(tier.step))))
    begun = master.minimise(cost)
    monkeypatch.setattr(fenchel, "MOST_TEACHERS", 0)
    assert not Fenchel(program).knapsacks
    without = solve(county, policy, SolveOptions(60.0, gap=0.0)).plan
    assert without is not None and without.status == "optimal"
    assert [tier.value for tier in found.tiers] == [tier.value for tier in without.tiers]
    value = round(found.tiers[2].value * 1000)
    after = search.sharpened(master, cost, begun)
    assert begun.value < after.value <= value + 1e-6
    assert value - after.value < 0.5 * (value - begun.value)


def test_neighbourhoods_do_without_it() -> None:
    """Dives want rows of one kind, and what only helps an LP is none of it."""
    asked = assignment(40, 5)
    asked = replace(asked, knapsacks=np.arange(40, 45))
    cost, master = asked.tiers[0].cost, Master(asked, lambda: False)
    begun = master.start(cost.astype(np.float64))
    assert begun is not None
    bound = Fenchel(asked).sharpened(master, cost, begun)
    assert bound.value > begun.value and len(master.own)
    improvement = Improvement(asked, master, SolveOptions(), lambda: False)
    try:
        search = improvement.begin(cost, bound)
        assert search.dives and len(search.bound.y) == search.problem.matrix.shape[0] == asked.shape[0]
    finally:
        improvement.close()
