"""Plans from around an LP's optimum: whole, within every row, and never below the bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver.engines.race import Race
from solver.exact import Exact
from solver.formulate import formulate
from solver.index import Floats, Index
from solver.master import Master
from solver.options import build_options
from solver.outcome import SolveOptions
from solver.program import Program
from solver.rounding import Rounding

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
    facts = Facts(synthetic_county(30, 1000, 4), parse_policy(TIGHT))
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
