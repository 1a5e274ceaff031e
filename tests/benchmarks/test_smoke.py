"""The smoke suite: our engine and every peer come to the same values on the same program. Nothing is said about seconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.cases import Case
from benchmarks.peers import BOUNDLESS, PEERS
from benchmarks.phases import PHASES
from benchmarks.prepare import Prepared
from benchmarks.records import OURS, Record, setting_of
from benchmarks.run import known_peers, run_case
from benchmarks.suites import Given, smoke
from rotation import files
from rotation.policy import parse_policy
from solver.outcome import SolveOptions
from solver.solve import solve

EXACT = PEERS.keys() - BOUNDLESS


@pytest.fixture(scope="module", params=["group", "county", "tight"])
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Case, Path, dict[str, Record]]:
    (case,) = (case for case in smoke(Given(), None) if case.name == request.param)
    folder = tmp_path_factory.mktemp(case.name)
    peers = (
        [name for name in PEERS if name != "timefold"]
        if case.spend_share is not None
        else ["highs", "highs-lp", "greedy"]
    )
    found = run_case(case, [OURS, *peers], folder, setting_of(["test"]))
    return case, folder, {record.engine: record for record in found}


def test_every_engine_reaches_the_same_tiers(runs: tuple[Case, Path, dict[str, Record]]) -> None:
    case, _, records = runs
    ours = records[OURS]
    assert ours.proved, ours
    for name in EXACT & records.keys():
        theirs = records[name]
        assert theirs.proved, (name, theirs)
        for mine, other in zip(ours.tiers, theirs.tiers, strict=True):
            assert mine["name"] == other["name"]
            assert abs(mine["value"] - other["value"]) <= case.gap * max(1.0, abs(other["value"])), (name, mine, other)


def test_bounds_that_prove_nothing_are_no_better_than_the_optimum(runs: tuple[Case, Path, dict[str, Record]]) -> None:
    _, _, records = runs
    relaxed, ours = records["highs-lp"], records[OURS]
    assert relaxed.answer is not None and relaxed.answer["status"] == "relaxed"
    assert relaxed.tiers[0]["bound"] <= ours.tiers[0]["value"] + 1e-6
    by_hand = records["greedy"]
    assert by_hand.answer is not None and not by_hand.proved
    if by_hand.answer["status"] == "feasible":
        assert by_hand.tiers[0]["value"] >= ours.tiers[0]["value"] - 1e-6


def test_what_was_measured_is_whole(runs: tuple[Case, Path, dict[str, Record]]) -> None:
    _, _, records = runs
    phases = records[OURS].phases
    assert tuple(phases) == PHASES
    assert phases["options"] <= phases["program"] <= phases["first plan"] <= phases["done"]
    assert all(record.peak_bytes > 2**20 for record in records.values())


def test_the_budget_binds(runs: tuple[Case, Path, dict[str, Record]]) -> None:
    """A suite named tight must be: without a budget a plan is better in some tier and as good in those before it."""
    case, folder, records = runs
    if case.spend_share is None:
        pytest.skip("no budget in this case")
    county, _ = files.read(Prepared(folder).data)
    document = json.loads(Prepared(folder).policy.read_text(encoding="utf-8"))
    (budget,) = (rule for rule in document["rules"] if rule["rule"] == "budget")
    assert budget["amount"] == records[OURS].sizes["amount"]
    budget["amount"] = 10**12
    free = solve(county, parse_policy(document), SolveOptions(60, 0.0)).plan
    assert free is not None
    assert [tier.value for tier in free.tiers] < [tier["value"] for tier in records[OURS].tiers]


def test_unknown_peers_are_named() -> None:
    assert known_peers(["all"]) == list(PEERS)
    with pytest.raises(KeyError, match="gurobi"):
        known_peers(["highs", "gurobi"])
