"""Cuts that no plan breaks, whatever the tableau: every small program's plans are counted out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given, reject, seed, settings
from hypothesis import strategies as st

from solver import gomory
from solver.certificates import Claim, Cutting, Recomputed, recompute
from solver.engines.failure import EngineError
from solver.engines.highs import Linear
from solver.gomory import Cut, Gomory
from solver.index import Floats, Ints
from solver.master import Bound, Master
from solver.outcome import SolveOptions
from solver.program import Program
from solver.search.certificate import by_tier, duals_of
from solver.search.clock import Clock
from tests.solver.small import plans_of, programs
from tests.solver.test_search import program

MANY = settings(max_examples=300, deadline=None, report_multiple_bugs=False)


def never() -> bool:
    return False


def begun(asked: Program, cost: Ints) -> Master:
    """The LP of ``cost``, solved."""
    teachers = asked.options.teacher.tolist()
    master = Master(replace(asked, options=program(teachers, [], []).options), never)
    try:
        if master.start(cost.astype(np.float64)) is None:
            reject()
    except EngineError:
        # Rows that x = 0 keeps and the helpers' lower bounds break are nothing that an encoding makes.
        reject()
    master.minimise(cost)
    return master


def kept(master: Master, asked: Program) -> Floats:
    """The plans that keep what the master keeps of earlier tiers."""
    plans = plans_of(asked)
    for values, most in ((row.values, row.most) for row in master.own):
        plans = plans[plans @ values <= most]
    return plans


@MANY
@given(programs(), st.data())
def test_no_plan_is_cut_off(asked: Program, data: st.DataObject) -> None:
    """Bounds are not above the best plan, reduced costs are of that bound, and each row that was added holds in every plan."""
    cost = asked.tiers[-1].cost
    master = begun(asked, cost)
    if len(asked.tiers) > 1 and data.draw(st.booleans()):
        values = kept(master, asked) @ asked.tiers[0].cost
        assume(len(values))
        master.cut(asked.tiers[0].cost, float(data.draw(st.sampled_from(sorted(values.tolist())))))
    begun_at = master.minimise(cost)
    plans, added = kept(master, asked), list[Cut]()
    honest = Gomory._add

    def noted(search: Gomory, cuts: list[Cut]) -> None:
        added.extend(cuts)
        honest(search, cuts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gomory, "_add", noted)
        # Rows that keep their slack as a column, and rows that do not.
        patch.setattr(gomory, "LARGE", data.draw(st.sampled_from([0.5, 2.5, 50.0])))
        search = Gomory(master, cost, np.arange(asked.shape[1]))
        # A little above the best, so that rounds go on.
        bound = search.run(float((plans @ cost).min()) + 1 if len(plans) else np.inf)
    for cut in added:
        # Columns of slack follow from the plan: their rows are equations.
        count = len(search.pool)
        spelled = search.by_column[count:, : len(search.rows)]
        rows = spelled.indices
        left = (
            search.row_lower[rows] - (plans[:, search.pool] @ search.by_column[:count].toarray())[:, rows]
        ) * spelled.data
        every = np.hstack((plans[:, search.pool], left))
        assert len(plans) == 0 or (every @ cut.coefficients).min() >= cut.least - 1e-9
    if search.cutting is not None and len(plans):
        recounted(asked, cost, master, begun_at, search.cutting, bound, plans)
    if bound is not None and len(plans):
        assert bound.value <= (plans @ cost).min() + 1e-6
        # What a column adds at least: no plan with it is cheaper.
        for column in np.flatnonzero((bound.reduced > 0) & (asked.upper > asked.lower) & np.isfinite(bound.reduced)):
            dear = plans[plans[:, column] > asked.lower[column]]
            if len(dear):
                least = bound.value + bound.reduced[column] * (dear[:, column] - asked.lower[column])
                assert np.all(dear @ cost >= least - 1e-6)


def recounted(
    asked: Program, cost: Ints, master: Master, lp: Bound, cutting: Cutting, bound: Bound | None, plans: Floats
) -> None:
    """The recount comes to what the search says of the best plan, and to no more than is true of another."""
    kept = asked.tiers[: len(master.own)]
    alone = replace(asked, tiers=(*kept, asked.tiers[-1]))
    (rows, before), said = duals_of(master, lp, len(kept)), by_tier(master, cutting, len(kept))
    assert bound is not None
    for x in (plans[np.argmin(plans @ cost)], plans[np.argmax(plans @ cost)]):
        claims = [Claim(int(tier.cost @ x), None) for tier in kept]
        least = min(float(np.ceil(bound.value - 1e-6)), float(cost @ x))
        own = recompute(alone, x, [*claims, Claim(int(cost @ x), least, rows, before, (), (said,))])[-1]
        assert own is not None and own.bound is not None
        as_good = plans[np.all([plans @ tier.cost <= tier.cost @ x for tier in kept], axis=0)] if kept else plans
        assert own.bound <= (as_good @ cost).min()
        event(f"stands: {own.stands}, cut: {own.cut}")


def half(cost: int = 1) -> Program:
    """Three people of whom each two may not both stay: the LP sends half of each."""
    rows = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    return program([0, 1, 2], rows, [(1, np.inf)] * 3, [cost] * 3)


def test_what_halves_hide_is_found() -> None:
    """And worked out again: from what the search says, and from no less."""
    asked = half(2)
    cost = asked.tiers[0].cost
    master = begun(asked, cost)
    lp = master.minimise(cost)
    search = Gomory(master, cost, np.arange(3))
    bound = search.run(np.inf)
    assert bound is not None and bound.value == pytest.approx(4, abs=1e-5)
    assert search.cutting is not None
    plan, (rows, before) = np.array([1.0, 1.0, 0.0]), duals_of(master, lp, 0)
    claim = Claim(4, 4, rows, before, (), (search.cutting,))
    assert recompute(asked, plan, [claim]) == (Recomputed(Fraction(3), Fraction(4), True, cut=True),)
    halved = replace(search.cutting, duals=search.cutting.duals / 2)
    for worse in ((), (halved,), (replace(search.cutting, sums=()),)):
        (own,) = recompute(asked, plan, [replace(claim, cutting=worse)])
        assert own == Recomputed(Fraction(3), Fraction(3), False)


def test_a_ray_is_worked_out_again() -> None:
    """One and a half of three may go, of whom one would be too few; the fourth does all by himself, and is dearer."""
    rows = [[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 1, 1], [2, 2, 2, 0]]
    asked = program([0, 1, 2, 3], rows, [(1, np.inf)] * 3 + [(-np.inf, 3)], [4, 4, 4, 9])
    cost = asked.tiers[0].cost
    master = begun(asked, cost)
    lp = master.minimise(cost)
    search = Gomory(master, cost, np.arange(3))
    bound = search.run(9.0)
    assert lp.value == pytest.approx(6) and bound is not None and bound.value == np.inf
    assert search.cutting is not None
    plan, (duals, before) = np.array([0.0, 0.0, 0.0, 1.0]), duals_of(master, lp, 0)
    (own,) = recompute(asked, plan, [Claim(9, 9, duals, before, (), (search.cutting,))])
    assert own == Recomputed(Fraction(6), Fraction(9), True, cut=True)


def test_no_cuts_where_there_is_no_plan() -> None:
    """No two of three may go, and one and a half have to."""
    rows = [[1, 1, 0], [0, 1, 1], [1, 0, 1], [2, 2, 2]]
    asked = program([0, 1, 2], rows, [(-np.inf, 1)] * 3 + [(3, np.inf)], [1, 1, 1])
    bound = Gomory(begun(asked, asked.tiers[0].cost), asked.tiers[0].cost, np.arange(3)).run(np.inf)
    assert bound is not None and bound.value == np.inf


def test_a_hard_lp_is_only_a_help_less(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = half()
    search = Gomory(begun(asked, asked.tiers[0].cost), asked.tiers[0].cost, np.arange(3))

    def hard(linear: Linear) -> None:
        raise EngineError("numerically hard")

    monkeypatch.setattr(Linear, "solve", hard)
    assert search.run(np.inf) is None


def test_steep_rows_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gomory, "LARGEST", 0.5)
    asked = half()
    assert Gomory(begun(asked, asked.tiers[0].cost), asked.tiers[0].cost, np.arange(3)).run(np.inf) is None


@pytest.mark.parametrize(
    "fault",
    [
        lambda rounded, lost: (rounded * 0.9, lost),
        lambda rounded, lost: (np.where(rounded > 0.2, rounded - 0.1, rounded), lost),
    ],
)
def test_faults_are_seen(monkeypatch: pytest.MonkeyPatch, fault: Callable[[Floats, float], Any]) -> None:
    """With coefficients a little too small, a test above fails (with examples that are always the same)."""
    honest = gomory._rounded
    monkeypatch.setattr(gomory, "_rounded", lambda *given: fault(*honest(*given)))
    with pytest.raises(AssertionError):
        seed(1)(test_no_plan_is_cut_off)()


@pytest.mark.parametrize(
    ("gap", "cheap", "work", "rounds"),
    [
        (3, 0, gomory.WORK, 2),
        (10**6, 0, gomory.WORK, 1),
        (10**6, gomory.CHEAP, gomory.WORK, 2),
        (3, gomory.CHEAP, 0, 1),
    ],
)
def test_rounds_end_where_they_are_not_worth_it(
    monkeypatch: pytest.MonkeyPatch, gap: int, cheap: int, work: int, rounds: int
) -> None:
    """At once where the gap is thousands of what a round closes, unless rounds are cheap; and when the work is done."""
    covered = np.random.default_rng(3).random((30, 30)) < 0.2
    asked = program(list(range(30)), covered.astype(int).tolist(), [(1, np.inf)] * 30, [1] * 30)
    cost, asked_for = asked.tiers[0].cost, list[int]()
    master = begun(asked, cost)
    least = master.minimise(cost).value
    honest = Gomory._cuts

    def counted(search: Gomory, x: Floats, rows: int) -> tuple[list[Cut], int]:
        asked_for.append(rows)
        return honest(search, x, rows)

    monkeypatch.setattr(gomory, "CHEAP", cheap)
    monkeypatch.setattr(gomory, "WORK", work)
    monkeypatch.setattr(Gomory, "_cuts", counted)
    Gomory(master, cost, np.arange(len(cost))).run(least + gap)
    assert min(len(asked_for), 2) == rounds


def test_the_clock_ends_cuts_and_says_so() -> None:
    covered = np.random.default_rng(3).random((30, 30)) < 0.2
    asked = program(list(range(30)), covered.astype(int).tolist(), [(1, np.inf)] * 30, [1] * 30)
    cost, everybody = asked.tiers[0].cost, np.arange(30)
    master = begun(asked, cost)
    least = master.minimise(cost).value
    late = Gomory(master, cost, everybody, until=time.monotonic() - 1.0)
    assert late.run(least + 3) is None and late.hurried
    early = Gomory(master, cost, everybody, until=time.monotonic() + 600.0)
    assert early.run(least + 3) is not None and not early.hurried


@pytest.mark.parametrize(
    ("options", "least", "most"),
    [
        (SolveOptions(time_limit_seconds=100.0), 8.0, 10.0),
        (SolveOptions(time_limit_seconds=None), np.inf, np.inf),
        (SolveOptions(time_limit_seconds=100.0, work_limit=3.0), np.inf, np.inf),
        (SolveOptions(time_limit_seconds=0.0), -1.0, 0.0),
    ],
)
def test_only_a_clock_that_counts_hurries(options: SolveOptions, least: float, most: float) -> None:
    now = time.monotonic()
    assert least <= Clock(options, now, lambda: False).until(0.1) - now <= most + 1.0
