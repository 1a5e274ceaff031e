"""With a work limit the same input gives the same plan, though small exact programs were needed."""

from __future__ import annotations

import pytest

from rotation.policy import Policy, parse_policy
from scenarios.generate import synthetic_county
from solver.outcome import SolveOptions
from solver.solve import solve


def knotty() -> Policy:
    """Shares in many small cells: the LP is not whole."""
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


@pytest.mark.parametrize(("policy", "size"), [(knotty(), (24, 600, 5)), (crossing(), (12, 300, 28))])
def test_same_work_same_plan(policy: Policy, size: tuple[int, int, int]) -> None:
    county = synthetic_county(*size)
    plans = [solve(county, policy, SolveOptions(work_limit=5.0)).plan for _ in range(2)]
    assert plans[0] is not None and plans[1] is not None
    assert plans[0].placements == plans[1].placements
    assert plans[0].tiers == plans[1].tiers
    assert plans[0].run["deterministic"] is True
