"""The plan by hand keeps every hard row, and is what a large county has before its program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import solver.by_hand
import solver.starts
from rotation.check import check
from rotation.facts import Facts
from rotation.plan import Plan
from rotation.policy import load_policy
from scenarios.generate import sample_county, synthetic_county
from solver.formulate import formulate
from solver.greedy import _not_far, greedy
from solver.index import Index
from solver.options import build_options
from solver.outcome import Progress, SolveOptions
from solver.solve import solve


def test_keeps_every_hard_row() -> None:
    facts = Facts(synthetic_county(30, 900, 3), load_policy("national-2014"))
    program = formulate(build_options(Index(facts)))
    count = len(program.options)
    hard = np.ones(program.shape[0], dtype=bool)
    hard[program.matrix[:, count:].indices] = False
    chosen = greedy(program, lambda: False, looks=10**9)
    assert chosen is not None and chosen.sum() > 0
    reached = program.matrix[:, :count] @ chosen
    assert np.all(reached[hard] >= program.row_lower[hard])
    assert np.all(reached[hard] <= program.row_upper[hard])


def _stopped_after_the_first_value() -> Plan:
    """The sample county's plan, checked; who stops the solve has heard of one value."""
    news: list[str] = []

    def hear(progress: Progress) -> None:
        if progress.value is not None:
            news.append(progress.phase)

    county, policy = sample_county(), load_policy("national-2014")
    outcome = solve(county, policy, SolveOptions(), on_progress=hear, should_stop=lambda: bool(news))
    assert outcome.plan is not None and outcome.status == "feasible" and outcome.stopped_by == "user"
    assert set(news) == {"first plan"} and outcome.plan.placements
    assert check(county, policy, outcome.plan.placements).holds
    return outcome.plan


def test_stopped_before_the_program_there_is_a_checked_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver.by_hand, "LARGE", 0)
    plan = _stopped_after_the_first_value()
    # Options that were not looked at may be better.
    assert not any(tier.proved or tier.recomputed for tier in plan.tiers)
    assert all(tier.bound is None for tier in plan.tiers)


def test_stopped_before_the_first_lp_there_is_a_checked_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver.starts, "MANY_ROWS", 0)
    plan = _stopped_after_the_first_value()
    # A program knows what its tiers cost at least without an LP.
    assert all(tier.bound is not None for tier in plan.tiers)
    options = build_options(Index(Facts(sample_county(), load_policy("national-2014"))))
    chosen = greedy(formulate(options), lambda: False)
    assert chosen is not None
    teachers = options.index.county.teachers
    moving = {teachers[at].id for at in options.teacher[np.flatnonzero(chosen)].tolist()}
    assert {placement.teacher for placement in plan.placements} == moving


def test_a_limit_that_is_over_before_the_search_leaves_the_plan_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver.by_hand, "LARGE", 0)
    county, policy = sample_county(), load_policy("national-2014")
    outcome = solve(county, policy, SolveOptions(time_limit_seconds=-10.0))
    assert outcome.plan is not None and outcome.status == "feasible" and outcome.stopped_by == "time"
    assert outcome.plan.run["stopped_by"] == "time" and check(county, policy, outcome.plan.placements).holds


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 90_000)), max_size=300),
    st.integers(1, 4),
)
def test_nearest_are_the_nearest(rows: list[tuple[int, int]], count: int) -> None:
    group = np.array([row[0] for row in rows], dtype=np.int32)
    metres = np.array([row[1] for row in rows], dtype=np.int32)
    kept = _not_far(group, metres, count)
    for one in set(group.tolist()):
        own = np.sort(metres[group == one])[:count]
        assert np.array_equal(np.sort(metres[(group == one) & kept])[:count], own)
