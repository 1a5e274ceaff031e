"""Diagnoses on the command line and over HTTP: a process of their own, a policy file that solves."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import client_of

from api.cli import run
from rotation import files
from rotation.policy import load_policy
from tests.solver.planted import planted


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A county with two planted conflicts, and its policy."""
    folder = tmp_path_factory.mktemp("short")
    county, policy, _ = planted(("too_far", 1), ("least_over_most", 1))
    files.write(county, folder / "county.json")
    (folder / "policy.json").write_text(json.dumps(policy.to_document(), ensure_ascii=False), encoding="utf-8")
    return folder / "county.json", folder / "policy.json"


def test_a_way_out_is_written_and_solves(
    short: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, policy = short
    out = tmp_path / "new/eased.json"
    arguments = ["diagnose", str(data), "--policy", str(policy), "--json", "--out", str(out)]
    assert run(arguments) == 3
    found = json.loads(capsys.readouterr().out)
    assert {frozenset(c["rules"]) for c in found["conflicts"]} == {
        frozenset({"coverage", "distance"}),
        frozenset({"p1-rotation_quota", "p1-most"}),
    }
    assert load_policy(out).to_document() == found["ways"][0]["policy"]
    assert run(["solve", str(data), "--policy", str(out), "--out", str(tmp_path / "plan.json")]) == 0
    assert run(["diagnose", str(data), "--policy", str(out)]) == 0
    capsys.readouterr()


def test_people_read_conflicts_and_ways_out(short: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    data, policy = short
    assert run(["diagnose", str(data), "--policy", str(policy)]) == 3
    shown = capsys.readouterr().out
    assert "冲突" in shown and "出路" in shown and "p1-most" in shown


@pytest.mark.parametrize("arguments", [["--out", "eased.toml"], ["--way", "99", "--out", "eased.json"]])
def test_wrong_usage(short: tuple[Path, Path], arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    data, policy = short
    assert run(["diagnose", str(data), "--policy", str(policy), *arguments]) == 2
    assert not Path(arguments[-1]).exists()


def test_an_infeasible_solve_names_a_conflict(
    short: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, policy = short
    assert run(["solve", str(data), "--policy", str(policy), "--out", str(tmp_path / "plan.json"), "--json"]) == 3
    conflict = json.loads(capsys.readouterr().out)["conflict"]
    assert {part["rule"] for part in conflict} in ({"coverage", "distance"}, {"p1-rotation_quota", "p1-most"})


def test_over_http(short: tuple[Path, Path]) -> None:
    data, policy = (json.loads(path.read_text(encoding="utf-8")) for path in short)

    async def ask() -> dict[str, Any]:
        async with client_of() as client:
            dataset = (await client.post("/v1/datasets", json=data)).json()["id"]
            started = await client.post("/v1/diagnoses", json={"dataset": dataset, "policy": policy})
            assert started.status_code == 202, started.text
            for _ in range(600):
                found = (await client.get(started.headers["location"])).json()
                if found["state"] in ("done", "failed"):
                    break
                await asyncio.sleep(0.05)
            assert (await client.post(started.headers["location"] + "/stop")).status_code == 202
            assert (await client.get("/v1/diagnoses/g-none")).json()["code"] == "diagnosis_not_found"
            wrong = await client.post("/v1/diagnoses", json={"dataset": "d-none", "policy": policy})
            assert wrong.json()["code"] == "dataset_not_found"
            return dict(found)

    found = asyncio.run(ask())
    assert found["state"] == "done" and found["status"] == "infeasible" and found["complete"]
    assert len(found["conflicts"]) == 2 and found["ways"] and not found["shortfalls"]
