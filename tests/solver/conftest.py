"""What tests of the solver share."""

from __future__ import annotations

import pytest

import solver.by_hand
import solver.parts


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small counties take a city's way: a plan by hand, parts and neighbourhoods of their own."""
    monkeypatch.setattr(solver.by_hand, "LARGE", 0)
    monkeypatch.setattr(solver.parts, "LARGE", 0)
    monkeypatch.setattr(solver.parts, "JOB_COLUMNS", 100)
    monkeypatch.setattr(solver.parts, "NEIGHBOURHOOD_COLUMNS", 2_000)
