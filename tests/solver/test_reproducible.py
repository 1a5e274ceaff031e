"""With a work limit the same input gives the same plan, though small exact programs were needed."""

from __future__ import annotations

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


def test_same_work_same_plan() -> None:
    county = synthetic_county(24, 600, 5)
    plans = [solve(county, knotty(), SolveOptions(work_limit=5.0)).plan for _ in range(2)]
    assert plans[0] is not None and plans[1] is not None
    assert plans[0].placements == plans[1].placements
    assert plans[0].tiers == plans[1].tiers
    assert plans[0].run["deterministic"] is True
