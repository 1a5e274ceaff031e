"""Timefold as a peer: what it is told of a program, what it answers, and what is said where it is absent."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from benchmarks.arrays import Arrays, TierArrays
from benchmarks.peers.timefold_peer import Table, installed, missable, solve
from benchmarks.process import run as run_process

INF = np.inf


def arrays(weight: float = 1.0) -> Arrays:
    """Two teachers of two options each: schools 0 and 1 want one each, school 0 may go short; moves cost metres."""
    matrix = sparse.csr_array(
        np.array(
            [
                [1, 1, 0, 0, 0],  # teacher 0 goes once
                [0, 0, 1, 1, 0],  # teacher 1 goes once
                [1, 0, 1, 0, weight],  # school 0, or its slack
                [0, 1, 0, 1, 0],  # school 1
            ],
            dtype=float,
        )
    )
    tiers = (
        TierArrays("short", np.array([0.0, 0, 0, 0, 1]), 1.0, 0.0),
        TierArrays("metres", np.array([5.0, 9, 7, 6, 0]), 0.001, 0.0),
    )
    return Arrays(
        matrix, np.array([-INF, -INF, 1, 1]), np.array([1.0, 1, INF, 1]), np.zeros(5), np.ones(5),
        np.ones(5, dtype=bool), tiers, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([5, 9, 7, 6]),
    )  # fmt: skip


def test_rows_that_no_choice_can_miss_are_not_told() -> None:
    assert missable(arrays()).tolist() == [False, False, True, True]
    table = Table(arrays())
    assert table.limits() == ([1, 1], [10**15, 1])
    assert table.option_rows() == ([[0], [1], [0], [1]], [[1], [1], [1], [1]])
    assert table.row_slacks(1) == [[[1, 1, 1, 0]], []]
    assert table.row_slacks(-1) == [[], []]


def test_slacks_make_up_for_what_is_missing() -> None:
    table = Table(arrays())
    assert table.filled(np.array([0.0, 1, 0, 0, 0])).tolist() == [0, 1, 0, 0, 1]
    assert table.filled(np.array([1.0, 0, 0, 1, 0])).tolist() == [1, 0, 0, 1, 0]


def test_programs_that_are_no_choices_are_refused_with_a_reason() -> None:
    assert Table(arrays()).reason() is None
    assert Table(arrays(0.5)).reason() == "numbers that are not whole"


def test_absence_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timefold.solver", None)
    answer = solve(arrays(), "", 1.0, 0.0, 1)
    assert (answer["status"], answer["tiers"]) == ("absent: no timefold", [])


def test_it_finds_the_plan_of_a_tiny_program(tmp_path: Path) -> None:
    """In a process of its own: a JVM cannot be started twice in one."""
    pytest.importorskip("timefold.solver", reason="timefold is not installed: pip install --pre timefold (and a JVM)")
    program = tmp_path / "program.npz"
    one = arrays()
    matrix = one.matrix
    np.savez(
        program, data=matrix.data, indices=matrix.indices, indptr=matrix.indptr, row_lower=one.row_lower,
        row_upper=one.row_upper, lower=one.lower, upper=one.upper, integer=one.integer,
        costs=np.array([tier.cost for tier in one.tiers]), steps=np.array([1.0, 0.001]), constants=np.zeros(2),
        names=np.array(["short", "metres"]), teacher=one.teacher, host=one.host, metres=one.metres,
    )  # fmt: skip
    ended = run_process([sys.executable, "-m", "benchmarks.peers", "timefold", str(program), "10", "0", "1"], 90)
    answer = next((line["answer"] for line in ended.news if "answer" in line), None)
    assert answer is not None, ended
    if answer["status"].startswith("absent"):
        pytest.skip(f"Timefold does not run here: {answer['status']}")
    assert answer["status"] == "feasible"
    assert [tier["value"] for tier in answer["tiers"]] == [0.0, pytest.approx(0.011)]
    assert not any(tier["proved"] for tier in answer["tiers"])


def test_what_is_installed_is_told_or_what_is_absent() -> None:
    pytest.importorskip("timefold.solver", reason="timefold is not installed: pip install --pre timefold (and a JVM)")
    assert isinstance(installed(), tuple | str)
