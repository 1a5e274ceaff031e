"""Plans from around an LP's optimum: whole, within every row, and never below the bound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver import fenchel
from solver import rounding as rounding_module
from solver.engines.problem import MipAnswer
from solver.engines.race import Race
from solver.exact import Exact
from solver.formulate import formulate
from solver.index import Floats, Index
from solver.master import Master
from solver.options import build_options
from solver.outcome import SolveOptions
from solver.program import Program
from solver.rounding import Rounding
from solver.search import closing, first_plan, open_tier
from solver.search.companion import Companion
from solver.solve import solve
from tests.solver.test_cases import by_one_engine

FAIR = {"rule": "fair_senders", "attributes": ["tenure", "title"], "tolerance": 0.05}
QUOTA = {"rule": "rotation_quota", "share_min": 0.10, "of": "eligible", "priority": 2}
TIGHT = {
    "name": "tight",
    "extends": "national-2014",
    "drop": ["backbone-twenty-percent", "backbone-of-all"],
    "rules": [
        QUOTA | {"id": "urban-ten-percent", "where": {"area": ["urban", "town"]}},
        QUOTA | {"id": "strong-ten-percent", "where": {"strong": [True]}},
    ],
}


@pytest.fixture(scope="module")
def program() -> Program:
    return with_a_budget(TIGHT)


def with_a_budget(policy: dict[str, Any]) -> Program:
    facts = Facts(synthetic_county(30, 1000, 4), parse_policy(policy))
    free = formulate(build_options(Index(facts)), staggered=frozenset())
    # A budget that binds: nine tenths of what the LP without it would spend.
    row = np.zeros(free.shape[1])
    row[: len(free.options)] = np.select([free.options.metres <= limit for limit in (5_000, 15_000)], [1.0, 2.0], 3.0)
    bound = Master(free, lambda: False).start(cost_of(free))
    assert bound is not None
    return replace(
        free,
        matrix=sparse.csc_array(sparse.vstack((free.matrix, row[None, :]))),
        row_lower=np.append(free.row_lower, -np.inf),
        row_upper=np.append(free.row_upper, np.floor(0.9 * row @ bound.x)),
    )


def rounding(program: Program, master: Master, cost: Floats) -> Rounding:
    bound = master.start(cost)
    assert bound is not None
    return Rounding(Exact(program, master, Race(2), SolveOptions(), lambda: False), cost, bound)


def cost_of(program: Program) -> Floats:
    return np.asarray(1e5 * program.tiers[0].cost + program.tiers[-2].cost, dtype=np.float64)


def test_plans_are_whole_and_keep_every_row(program: Program) -> None:
    made = rounding(program, Master(program, lambda: False), cost_of(program))
    assert made.fractional.any(), "the budget should make this LP fractional"
    offered: list[Floats] = []
    good = made.plans(lambda x: offered.append(x) is None, lambda value: False)
    assert offered and not good
    for x in offered:
        whole = np.rint(x)
        assert np.abs(x - whole).max() < 1e-6
        activity = program.matrix @ whole
        assert np.all(activity >= program.row_lower - 1e-6) and np.all(activity <= program.row_upper + 1e-6)
        assert made.cost @ whole >= made.bound.value - 1e-6


def test_helpers_give_way_whatever_their_sign() -> None:
    """A longest way that stays where the LP has it, at an average, forbids every plan (mix 682 of 6 000 teachers: 21 s without any)."""
    program = with_a_budget({**TIGHT, "objectives": [{"objective": "distance_max", "priority": 2}]})
    (ceiling,) = program.ceilings
    cost = np.asarray(1e5 * program.tiers[0].cost, dtype=np.float64)
    cost[ceiling.column] = 1.0
    # A whole one is not decided anew for being fractional.
    program.lower[ceiling.column] = np.ceil(
        rounding(program, Master(program, lambda: False), cost).bound.x[ceiling.column]
    )
    made = rounding(program, Master(program, lambda: False), cost)
    assert (program.matrix[:, [ceiling.column]].data < 0).all()
    assert made.fractional.any() and not made.fractional[ceiling.column]
    offered: list[Floats] = []
    made.plans(lambda x: offered.append(x) is None, lambda value: False)
    assert offered and max(x[ceiling.column] for x in offered) > made.bound.x[ceiling.column] + 1


def test_the_first_good_plan_ends_it(program: Program) -> None:
    made = rounding(program, Master(program, lambda: False), cost_of(program))
    offered: list[Floats] = []
    assert made.plans(lambda x: offered.append(x) is None, lambda value: True)
    assert len(offered) == 1


def test_a_plan_that_is_not_taken_is_not_good(program: Program) -> None:
    made = rounding(program, Master(program, lambda: False), cost_of(program))
    assert not made.plans(lambda x: False, lambda value: True)


def test_a_kept_tier_holds_in_the_plans(program: Program) -> None:
    master = Master(program, lambda: False)
    first = program.tiers[0].cost.astype(np.float64)
    reached = master.start(first)
    assert reached is not None
    most = float(np.ceil(reached.value - 1e-6))
    master.cut(first, most)
    cost = program.tiers[-2].cost.astype(np.float64)
    bound = master.minimise(cost)
    made = Rounding(Exact(program, master, Race(2), SolveOptions(), lambda: False), cost, bound)
    offered: list[Floats] = []
    made.plans(lambda x: offered.append(x) is None, lambda value: False)
    assert all(first @ x <= most + 1e-6 for x in offered)


def test_a_whole_optimum_needs_no_rounding(program: Program) -> None:
    made = rounding(program, Master(program, lambda: False), np.ones(program.shape[1]))
    made.fractional[:] = False
    assert not made.plans(lambda x: True, lambda value: True)


@pytest.mark.parametrize(("seed", "hopeless"), [(22, 10**6), (27, 10**6), (28, 10**6), (28, 0), (30, 0)])
def test_wide_neighbourhoods_of_an_lp_far_from_whole(seed: int, hopeless: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have a plan, and the best; also where the exact program of a hard tier is left out for as long as anything else helps."""
    offered = dict[bool, list[bool]]()

    def wide(self: Rounding, *told: Any, **how: Any) -> bool:
        taken = looked(self, *told, **how)
        offered.setdefault("at_most" in how, []).append(taken)
        return taken

    def beside(self: Companion) -> None:
        raise AssertionError("an exact program that nobody hopes for")

    looked = Rounding.wide
    # What single rows say would make the LP nearly whole.
    monkeypatch.setattr(fenchel, "MOST_TEACHERS", 0)
    for module in (first_plan, closing):
        monkeypatch.setattr(module, "WIDE_FROM", 0)
    monkeypatch.setattr(open_tier, "HOPELESS_COLUMNS", hopeless)
    monkeypatch.setattr(Rounding, "wide", wide)
    if not hopeless:
        monkeypatch.setattr(Companion, "start", beside)
    policy = parse_policy({"name": "fair", "extends": "national-2014", "rules": [FAIR]})
    columns = build_options(Index(Facts(synthetic_county(12, 300, seed), policy)))
    outcome = solve(columns.index.county, policy, SolveOptions(600.0, gap=0.0))
    assert any(offered[False]) and offered[True]
    assert outcome.status == "optimal" and outcome.plan is not None
    assert [tier.value for tier in outcome.plan.tiers] == pytest.approx(by_one_engine(formulate(columns)), abs=2e-3)


def test_with_a_plan_at_hand_what_takes_long_is_left(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one, larger neighbourhoods may still have some."""
    master = Master(program, lambda: False)
    made, sizes, minimise = rounding(program, master, cost_of(program)), list[int](), Exact.minimise

    def unfinished(self: Exact, cost: Floats, columns: Any, *told: Any, **how: Any) -> MipAnswer:
        sizes.append(len(columns))
        return replace(minimise(self, cost, columns, *told, **how), exhausted=False)

    monkeypatch.setattr(rounding_module, "NEAR_COLUMNS", (20, 60))
    monkeypatch.setattr(Exact, "minimise", unfinished)
    assert not made.plans(lambda x: False, lambda value: True) and len(sizes) == 2
    assert not made.plans(lambda x: False, lambda value: True, value=made.bound.value + 1) and len(sizes) == 3


def test_the_largest_neighbourhood_is_asked_where_smaller_ones_have_no_plan(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, sizes, minimise = (
        rounding(program, Master(program, lambda: False), cost_of(program)),
        list[int](),
        Exact.minimise,
    )

    def counted(self: Exact, cost: Floats, columns: Any, *told: Any, **how: Any) -> MipAnswer:
        sizes.append(len(columns))
        return minimise(self, cost, columns, *told, **how)

    monkeypatch.setattr(rounding_module, "NEAR_COLUMNS", (20, 40, 60))
    monkeypatch.setattr(Exact, "minimise", counted)
    assert not made.plans(lambda x: True, lambda value: False) and len(sizes) == 2
    assert not made.plans(lambda x: False, lambda value: True) and len(sizes) == 5
