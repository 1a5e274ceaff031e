"""Faults that pydantic finds are told in Chinese too."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rotation.faults import InputError
from rotation.files.plan import plan_of
from rotation.policy import parse_policy

RULE: dict[str, Any] = {"rule": "rotation_quota"}
WRONG = [
    {"share_min": 1.5}, {"share_min": -1.0}, {"share_min": "10%"}, {"count_min": 1.5}, {"weight": 0.0},
    {"weight": float("inf")}, {"of": "all"}, {"where": "rural"}, {"where": {"weak": ["perhaps"]}}, {"id": 5},
    {"per": ["class"]},
]  # fmt: skip
LATIN = re.compile("[A-Z][a-z]+ [a-z]+")


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_of_a_policy(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        parse_policy({"name": "p", "rules": [RULE | wrong]})
    for fault in caught.value.faults:
        assert not LATIN.search(fault.advice.zh), fault.advice.zh
        assert LATIN.search(fault.advice.en)


def test_of_a_plan() -> None:
    with pytest.raises(InputError) as caught:
        plan_of({"format": "rotation-plan/1", "year": 1, "data": 5, "policy": [], "status": "great", "placements": 3})
    assert len(caught.value.faults) == 5
    assert not [fault.advice.zh for fault in caught.value.faults if LATIN.search(fault.advice.zh)]
