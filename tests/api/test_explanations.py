"""Explanations, repairs, chains and letters from the command line and over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import run
from api.services import Services
from rotation import files
from rotation.county import County
from rotation.plan import Plan
from rotation.policy import load_policy
from scenarios.generate import sample_county
from solver.outcome import SolveOptions
from solver.solve import solve

PRESET = "national-2014"
Files = tuple[Path, Path, Plan, County]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("explained")
    county = sample_county()
    plan = solve(county, load_policy(PRESET), SolveOptions(workers=1)).plan
    assert plan is not None
    files.write(county, folder / "county.json")
    files.write_plan(plan, county, folder / "plan.json")
    return folder / "county.json", folder / "plan.json", plan, county


def rotation(made: Files, command: str, *more: str) -> int:
    return run([command, str(made[0]), str(made[1]), "--policy", PRESET, *more])


def test_explain(made: Files, capsys: pytest.CaptureFixture[str]) -> None:
    moved = made[2].placements[0]
    assert rotation(made, "explain", "--teacher", moved.teacher, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["placement"]["host"] == moved.host and found["stay"]["price"]["proved"]
    assert rotation(made, "explain", "--teacher", moved.teacher) == 0
    assert "谁会代替" in capsys.readouterr().out
    assert rotation(made, "explain", "--school", moved.host) == 0
    assert moved.teacher in capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--teacher", "T0001", "--school", "S01"], ["--teacher", "nobody"]])
def test_explain_refuses(made: Files, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert rotation(made, "explain", *more) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_repair_and_alternatives(made: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved = made[2].placements[0]
    assert rotation(made, "repair", "--exempt", moved.teacher, "--json") == 0
    repairs = json.loads(capsys.readouterr().out)["repairs"]
    assert repairs and repairs[0]["changes"][0]["teacher"]
    assert rotation(made, "repair", "--forbid", f"{moved.teacher}:{moved.host}") == 0
    assert rotation(made, "repair") == 2
    capsys.readouterr()
    assert rotation(made, "alternatives", "--count", "1", "--loss", "0.05", "--out", str(tmp_path), "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)["alternatives"]
    assert run(["check", str(made[0]), one["file"], "--policy", PRESET]) == 0


def test_chains_and_letters(made: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rotation(made, "chains", "--json") == 0
    chains = json.loads(capsys.readouterr().out)["chains"]
    assert sum(len(chain["placements"]) for chain in chains) == len(made[2].placements)
    out = tmp_path / "letters.docx"
    assert rotation(made, "letters", "--out", str(out), "--teacher", made[2].placements[0].teacher) == 0
    assert made[2].placements[0].teacher in "\n".join(
        cell.text for table in Document(str(out)).tables for row in table.rows for cell in row.cells
    )
    assert rotation(made, "letters", "--out", str(tmp_path / "letters.pdf")) == 2
    assert rotation(made, "letters", "--out", str(out), "--teacher", "nobody") == 2


@pytest.fixture(scope="module")
def site(made: Files) -> Iterator[tuple[TestClient, str]]:
    services = Services()
    dataset = services.add_dataset(made[3])
    plan = services.add_plan(dataset.id, load_policy(PRESET), made[2])
    with TestClient(create_app(services, with_pages=False)) as client:
        yield client, f"/v1/plans/{plan.id}"


def test_http(made: Files, site: tuple[TestClient, str]) -> None:
    client, plan = site
    moved = made[2].placements[0]
    found: dict[str, Any] = client.get(f"{plan}/teachers/{moved.teacher}").json()
    assert found["placement"]["host"] == moved.host and found["stay"]["price"]["tiers"]
    assert client.get(f"{plan}/schools/{moved.host}").json()["arrivals"]
    assert len(client.get(f"{plan}/chains").json()["chains"]) > 1
    letter = client.get(f"{plan}/letters/{moved.teacher}?lang=zh")
    assert letter.status_code == 200 and Document(io.BytesIO(letter.content)).tables
    assert len(Document(io.BytesIO(client.get(f"{plan}/letters").content)).tables) == len(made[2].placements)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("teachers/nobody", "teacher_not_found"),
        ("schools/nowhere", "school_not_found"),
        ("letters/nobody", "placement_not_found"),
        ("teachers/T0001?alternatives=-1", "invalid_request"),
    ],
)
def test_http_refuses(site: tuple[TestClient, str], path: str, code: str) -> None:
    answer = site[0].get(f"{site[1]}/{path}")
    assert answer.headers["content-type"] == "application/problem+json" and answer.json()["code"] == code
    assert site[0].get(f"/v1/plans/none/{path}").status_code in (404, 422)
