"""What the user gave stays as it was, and a plan that was tampered with is told from one that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from rotation.files.plan import plan_of

PRESET = "national-2014"


@pytest.fixture(scope="module")
def plan(county_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    assert run(["solve", str(county_file), "--policy", PRESET, "--out", str(path)]) == 0
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def checked(county_file: Path, plan: dict[str, Any], path: Path) -> int:
    path.write_text(json.dumps(plan), encoding="utf-8")
    return run(["check", str(county_file), str(path), "--policy", PRESET, "--json"])


def test_inputs_are_never_overwritten(county_file: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    data, policy, saved = tmp_path / "data.json", tmp_path / "policy.json", tmp_path / "plan.json"
    data.write_bytes(county_file.read_bytes())
    policy.write_text('{"name": "p"}', encoding="utf-8")
    saved.write_text(json.dumps(plan), encoding="utf-8")
    before = {path: path.read_bytes() for path in (data, policy, saved)}
    assert run(["solve", str(data), "--policy", PRESET, "--out", str(data)]) == 2
    assert run(["solve", str(data), "--policy", str(policy), "--out", str(tmp_path / "x/../policy.json")]) == 2
    assert run(["advance", str(data), str(saved), "--out", str(data)]) == 2
    assert run(["advance", str(data), str(saved), "--out", str(saved)]) == 2
    assert {path: path.read_bytes() for path in before} == before


def test_another_host_breaks_rules_whatever_its_kilometres(
    county_file: Path, plan: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tampered = json.loads(json.dumps(plan))
    placement = tampered["placements"][0]
    placement["host"], placement["hosts"] = placement["home"], [placement["home"]]
    assert checked(county_file, tampered, tmp_path / "p.json") == 1
    report = json.loads(capsys.readouterr().out)
    assert "qualification" in [rule["id"] for rule in report["rules"] if not rule["holds"]]
    assert any("里程" in remark for remark in report["remarks"])


def test_wrong_kilometres_alone_are_bad_input(county_file: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    tampered = json.loads(json.dumps(plan))
    tampered["placements"][0]["km"] += 1
    assert checked(county_file, tampered, tmp_path / "p.json") == 2


def test_a_plan_of_another_year_is_bad_input(county_file: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    assert checked(county_file, plan | {"year": plan["year"] - 1}, tmp_path / "p.json") == 2


def test_whole_numbers_with_a_point(county_file: Path, plan: dict[str, Any], tmp_path: Path) -> None:
    placements = [{**placement, "years": float(placement["years"])} for placement in plan["placements"]]
    pointed = plan | {"year": float(plan["year"]), "placements": placements}
    assert checked(county_file, pointed, tmp_path / "p.json") == 0
    assert plan_of(pointed) == plan_of(plan)
