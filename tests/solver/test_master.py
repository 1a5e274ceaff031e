"""The restricted LP stays the program's LP when what is settled leaves it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from solver import restricted
from solver.index import Floats, Ints
from solver.master import Bound, Master
from solver.program import Program
from solver.search.narrowing import narrow
from tests.solver.small import programs
from tests.solver.test_gomory import begun
from tests.solver.test_search import program

MANY = settings(max_examples=300, deadline=None, report_multiple_bugs=False)


def proved(master: Master, cost: Ints, bound: Bound) -> float:
    """What the duals of all rows say of all columns, by weak duality."""
    (low, high), y = master.limits(), bound.y
    side, reduced = np.where(y > 0, low, high), cost - master.over(slice(None)).T @ y
    limit = np.where(reduced > 0, master.lower, master.upper)
    return float(y[y != 0] @ side[y != 0]) + float(reduced @ limit)


@MANY
@given(programs(), st.data())
def test_a_smaller_lp_is_the_same(asked: Program, data: st.DataObject) -> None:
    """Columns that are fixed at nothing and rows of no others leave; values, duals, rows of kept tiers and copies stay right."""
    cost, other = asked.tiers[0].cost, asked.tiers[-1].cost

    def held() -> tuple[Master, Ints]:
        master = begun(asked, cost)
        x = master.minimise(cost).x
        return master, np.flatnonzero((x == 0) & (master.lower == 0))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restricted, "WORTH_SHRINKING", 0)
        small, nothing = held()
        whole, _ = held()
        fixed = nothing[data.draw(st.lists(st.booleans(), min_size=len(nothing), max_size=len(nothing)).map(np.array))] if len(nothing) else nothing  # fmt: skip
        for master in (small, whole):
            master.fix(fixed, np.zeros(len(fixed)))
            if (data.draw(st.booleans(), "kept") and master is small) or len(small.own) > len(whole.own):
                master.cut(cost, float(np.ceil(master.minimise(cost).value - 1e-6)))
        small.shrink()
        event(f"rows out: {len(small.row_lower) + len(small.own) - len(small.rows)}")
        for sought in (other, -other, cost):
            bound = small.minimise(sought)
            assert bound.value == pytest.approx(whole.minimise(sought).value, abs=1e-6)
            assert proved(small, sought, bound) == pytest.approx(bound.value, abs=1e-6)
            assert copied_value(small, sought) == pytest.approx(bound.value, abs=1e-6)


def copied_value(master: Master, cost: Ints) -> float:
    linear, count, pool, rows = master.copied(np.flatnonzero(master.upper > master.lower), cost)
    answer = linear.solve()
    assert answer is not None and count + len(pool) == len(answer.x) and len(rows) == len(answer.y)
    reached: Floats = master.over(pool) @ answer.x[count:]
    low, high = master.limits()
    assert np.all(reached >= low - 1e-6) and np.all(reached <= high + 1e-6)
    return answer.value


def test_a_helper_that_is_not_whole_is_not_fixed_where_there_is_room() -> None:
    """A fifth of it is a plan that costs 2, though a whole one costs 2.5 more than the LP's optimum of 1.5."""
    whole = program([0], [[2, 5]], [(1, np.inf)], [3, 10], [1, 0])
    asked = replace(whole, integer=np.array([True, False]))
    for some, people in ((asked, 0.0), (whole, 0.5)):
        master = begun(some, some.tiers[0].cost)
        bound = master.minimise(some.tiers[0].cost)
        assert bound.value == pytest.approx(1.5) and bound.reduced[1] == pytest.approx(2.5)
        narrow(master, some.tiers[0], bound, 2)
        x = master.minimise(some.tiers[1].cost).x
        assert x[0] == pytest.approx(people, abs=1e-9) and (x[1] > 0) == (some is asked)


def test_nothing_leaves_a_small_lp(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new LP is for where it pays."""
    asked = program([0, 1, 2], [[1, 1, 1], [0, 0, 1]], [(1, np.inf), (-np.inf, 1)], [1, 2, 3])
    master = begun(asked, asked.tiers[0].cost)
    master.fix(np.array([1, 2]), np.zeros(2))
    master.shrink()
    assert len(master.rows) == 2 and master.column_count == 3
    monkeypatch.setattr(restricted, "WORTH_SHRINKING", 0)
    master.shrink()
    assert len(master.rows) == 1 and master.column_count == 1
