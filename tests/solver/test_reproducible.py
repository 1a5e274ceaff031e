"""With a work limit the same input gives the same plan, byte for byte, whatever else the machine does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rotation.files.plan import plan_text
from rotation.policy import Policy, load_policy, parse_policy
from scenarios.generate import synthetic_county
from solver.outcome import SolveOptions
from solver.solve import solve

Size = tuple[int, int, int]


def knotty() -> Policy:
    """Shares in many small cells: the LP is not whole, and small exact programs are needed."""
    return parse_policy(
        {
            "name": "knotty",
            "extends": "national-2014",
            "rules": [
                {"rule": "backbone_quota", "id": "by-township", "per": ["township"], "share_min": 0.3, "priority": 2},
                {"rule": "release", "share_max": 0.1},
            ],
        }
    )


def crossing() -> Policy:
    """Teachers cross levels: programs with known sums are looked at side by side."""
    exchange = {"rule": "equal_exchange", "per": "group", "tolerance": 1, "priority": 2}
    objectives = [{"objective": "balance", "priority": 2}, {"objective": "distance_total", "priority": 3}]
    return parse_policy({"name": "x", "extends": "national-2014", "rules": [exchange], "objectives": objectives})


@contextmanager
def load() -> Iterator[None]:
    """The interpreter is busy with something else half of the time."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(range(1_000))

    busy = [threading.Thread(target=work, daemon=True) for _ in range(2)]
    for thread in busy:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in busy:
            thread.join()


def solved(policy: Policy, size: Size) -> str:
    plan = solve(synthetic_county(*size), policy, SolveOptions(work_limit=5.0)).plan
    assert plan is not None and plan.run["deterministic"] is True
    return plan_text(plan)


@pytest.mark.parametrize(("policy", "size"), [(knotty(), (24, 600, 5)), (crossing(), (12, 300, 28))])
def test_same_work_same_plan(policy: Policy, size: Size) -> None:
    alone = solved(policy, size)
    with load():
        assert solved(policy, size) == alone


@pytest.mark.usefixtures("city")
def test_same_work_same_plan_in_a_city() -> None:
    """By hand, cut up, and by neighbourhoods."""
    alone = solved(load_policy("national-2014"), (40, 1_200, 7))
    with load():
        assert solved(load_policy("national-2014"), (40, 1_200, 7)) == alone


def test_seconds_are_told_where_they_are_the_limit() -> None:
    plan = solve(synthetic_county(12, 300, 28), load_policy("national-2014"), SolveOptions(30.0)).plan
    assert plan is not None and plan.run["seconds"] > 0 and "work_limit" not in plan.run
