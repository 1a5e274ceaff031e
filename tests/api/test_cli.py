"""The command line: exit statuses, faults on standard error, nothing half-written, no traceback ever."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import stand_ins

from api.cli import run
from api.cli.solving import solved
from rotation import files
from rotation.county import County
from rotation.policy import load_policy, preset_names
from solver.outcome import Outcome, SolveOptions

PRESET = "national-2014"
IMPOSSIBLE = """
name = "nobody can"
extends = "national-2014"
[[rules]]
rule = "rotation_quota"
id = "everybody"
count_min = 100000
"""


@pytest.fixture(scope="session")
def plan_file(county_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    assert run(["solve", str(county_file), "--policy", PRESET, "--out", str(path)]) == 0
    return path


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def test_solve_writes_a_plan_that_the_checker_accepts(
    county_file: Path, plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = read(plan_file)
    assert plan["status"] == "optimal" and all(tier["proved"] for tier in plan["tiers"])
    assert run(["check", str(county_file), str(plan_file), "--policy", PRESET, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["holds"] and report["remarks"] == []
    assert [tier["value"] for tier in report["tiers"]] == [tier["value"] for tier in plan["tiers"]]
    assert report["metrics"] == plan["metrics"]
    assert run(["check", str(county_file), str(plan_file), "--policy", PRESET]) == 0
    moved, backbone = plan["metrics"]["evidence"]
    lines = [line.replace("│", "|").split("|") for line in capsys.readouterr().out.splitlines()]
    said = {line[1].strip(): [cell.strip() for cell in line[2:-1]] for line in lines if len(line) == 7}
    share = f"{moved['count'] / moved['of']:.1%} ({moved['count']}/{moved['of']})"
    assert said["交流教师占符合条件教师 · moved, of the eligible"][1:3] == [share, f"≥ 10% ({moved['least']})"]
    assert said["骨干占交流教师 · backbone, of the moved"][3] == ("是 yes" if backbone["holds"] else "否 no")
    primary = plan["metrics"]["variation"]["primary"]["backbone"]
    figures = [f"{primary['before']:.3f}", f"{primary['after']:.3f}", "≤ 0.50"]
    assert said["差异系数 · CV, 小学 · primary, 骨干教师 · backbone"][:3] == figures


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_solve_writes_other_dresses(county_file: Path, plan_file: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"new folder/plan.{kind}"
    arguments = [
        "--policy",
        PRESET,
        "--out",
        str(out),
        "--baseline",
        str(plan_file),
        "--time-limit",
        "60",
        "--seed",
        "2",
    ]
    assert run(["solve", str(county_file), *arguments]) == 0
    assert out.stat().st_size > 100
    if kind == "xlsx":
        assert run(["check", str(county_file), str(out), "--policy", PRESET]) == 0


def test_check_refuses_a_broken_plan(
    county_file: Path, plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = read(plan_file)
    plan["placements"] = []
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(plan), encoding="utf-8")
    assert run(["check", str(county_file), str(changed), "--policy", PRESET]) == 1
    said = capsys.readouterr()
    assert "urban-ten-percent" in said.out
    assert "tier 4 comes to 0" in said.err  # the plan claims another value than its placements have


def test_infeasible_is_3_and_names_the_rules(
    county_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, out = tmp_path / "impossible.toml", tmp_path / "plan.json"
    policy.write_text(IMPOSSIBLE, encoding="utf-8")
    assert run(["solve", str(county_file), "--policy", str(policy), "--out", str(out), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["status"] == "infeasible"
    assert not out.exists()


def test_solve_warns_of_rules_that_select_nothing(
    county_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.toml"
    rule = '[[rules]]\nrule = "rotation_quota"\nid = "elsewhere"\nwhere = { township = ["nowhere"] }\n'
    policy.write_text('name = "p"\nextends = "national-2014"\n' + rule, encoding="utf-8")
    assert run(["solve", str(county_file), "--policy", str(policy), "--out", str(tmp_path / "plan.json")]) == 0
    said = capsys.readouterr().err
    assert "selects_nothing" in said and "elsewhere" in said


def test_no_time_is_4_or_a_plan(county_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    status = run(["solve", str(county_file), "--policy", PRESET, "--out", str(out), "--time-limit", "0"])
    assert (status, out.exists()) in [(4, False), (0, True)]


def test_ctrl_c_keeps_what_there_is(county: County) -> None:
    outcome = solved(county, load_policy(PRESET), SolveOptions(), stand_ins.interrupts_its_parent)
    assert isinstance(outcome, Outcome) and outcome.stopped_by == "user"


WRONG: list[list[str]] = [
    ["frobnicate"],
    ["solve"],
    ["solve", "{data}", "--policy", PRESET],
    ["solve", "{data}", "--policy", PRESET, "--out", "{tmp}/plan.pdf"],
    ["solve", "{data}", "--policy", PRESET, "--out", "{tmp}/plan.json", "--gap", "2"],
    ["solve", "{data}", "--policy", "natonal-2014", "--out", "{tmp}/plan.json"],
    ["solve", "{data}", "--policy", "{tmp}/nothing.toml", "--out", "{tmp}/plan.json"],
    ["solve", "{data}", "--policy", "{tmp}", "--out", "{tmp}/plan.json"],
    ["solve", "{tmp}/nothing", "--policy", PRESET, "--out", "{tmp}/plan.json"],
    ["solve", "{broken}", "--policy", PRESET, "--out", "{tmp}/plan.json"],
    ["solve", "{data}", "--policy", "{broken}", "--out", "{tmp}/plan.json"],
    ["solve", "{data}", "--policy", PRESET, "--out", "{broken}/plan.json"],
    ["solve", "{data}", "--policy", PRESET, "--out", "{tmp}/plan.json", "--baseline", "{broken}"],
    ["check", "{data}", "{broken}", "--policy", PRESET],
    ["check", "{data}", "{data}", "--policy", PRESET],
    ["check", "{data}", "{tmp}/nothing.json", "--policy", PRESET],
    ["validate", "{tmp}/nothing"],
    ["validate", "\0"],
    ["generate", "--out", "{tmp}/c"],
    ["generate", "--size", "9", "--out", "{tmp}/c"],
    ["generate", "--size", "9", "--teachers", "2", "--out", "{tmp}/c"],
    ["generate", "--size", "9", "--teachers", "90", "--schools", "{data}", "--out", "{tmp}/c"],
    ["generate", "--schools", "{broken}", "--out", "{tmp}/c"],
    ["generate", "--size", "9", "--teachers", "90", "--out", "{broken}/c"],
    ["template", "--lang", "fr", "--out", "{tmp}/t.xlsx"],
    ["template", "--out", "{tmp}/t.csv"],
    ["advance", "{data}", "{broken}", "--out", "{tmp}/c"],
    ["compare", "{data}"],
    ["compare", "{data}", "{broken}"],
    ["policies", "show", "nothing"],
    ["policy", "explain", "{broken}"],
    ["policy", "new", "x", "--from", "nothing", "--out", "{tmp}/p.toml"],
    ["policy", "new", "x", "--out", "{broken}"],
    ["policy", "new", "a\nb", "--out", "{tmp}/p.toml"],
    ["demo", "--preset", "nothing", "--no-serve"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_and_bad_input_are_2(
    arguments: list[str], county_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"year": "soon", "schools": [{"id": 7}]', encoding="utf-8")
    places = {"data": str(county_file), "tmp": str(tmp_path), "broken": str(broken)}
    assert run([argument.format(**places) if "{" in argument else argument for argument in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err and "Traceback" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["broken.json"]  # nothing written, nothing left behind


def test_faults_as_json_go_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policies", "show", "natonal-2014", "--json"]) == 2
    said = capsys.readouterr()
    (fault,) = json.loads(said.err)["faults"]
    assert said.out == "" and fault["code"] == "unknown_policy" and "national-2014" in fault["advice"]["en"]


def test_validate_tells_every_fault(county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "folder"
    files.write(county, good)
    assert run(["validate", str(good), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == files.digest(county)
    with (good / "teachers.csv").open("a", encoding="utf-8") as table:
        table.write("T9999,,nowhere,maths,primary" + "," * 20 + "\n")
    assert run(["validate", str(good), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["valid"] and {"unknown_reference"} < {fault["code"] for fault in found["faults"]}
    assert run(["validate", str(good)]) == 1
    said = capsys.readouterr()
    assert said.out == "" and "unknown_reference" in said.err and "nowhere" in said.err


def test_generate_is_reproducible_and_advance_goes_on(plan_file: Path, county_file: Path, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        arguments = ["--size", "6", "--teachers", "60", "--seed", "5", "--out", str(tmp_path / name)]
        assert run(["generate", *arguments]) == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert run(["advance", str(county_file), str(plan_file), "--out", str(tmp_path / "next")]) == 0
    county, _ = files.read(tmp_path / "next")
    assert county.year == read(plan_file)["year"] + 1
    assert {term.teacher for term in county.terms} >= {p["teacher"] for p in read(plan_file)["placements"]}


def test_compare_shows_who_differs(
    plan_file: Path, county_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = read(plan_file)
    gone = plan["placements"].pop(0)["teacher"]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(plan), encoding="utf-8")
    assert run(["compare", str(plan_file), str(other), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["differences"]) == [gone] and found["differences"][gone][1] is None
    assert run(["compare", str(plan_file), str(other), "--data", str(county_file)]) == 0
    assert gone in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_template(tmp_path: Path, lang: str) -> None:
    out = tmp_path / "t.xlsx"
    assert run(["template", "--lang", lang, "--out", str(out)]) == 0
    assert run(["validate", str(out)]) == 1  # empty tables


def test_policies_are_flattened_for_other_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policies", "list", "--json"]) == 0
    assert [policy["name"] for policy in json.loads(capsys.readouterr().out)] == preset_names()
    assert run(["policies", "show", PRESET, "--json"]) == 0
    flat = tmp_path / "flat.json"
    flat.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_policy(flat).digest == load_policy(PRESET).digest


def test_a_new_policy_can_be_checked_and_explained(
    tmp_path: Path, county_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.toml"
    assert run(["policy", "new", '我县 "2026"', "--out", str(out)]) == 0
    assert tomllib.loads(out.read_text(encoding="utf-8"))["name"] == '我县 "2026"'
    assert run(["policy", "new", "again", "--out", str(out)]) == 2
    assert run(["policy", "check", str(out), "--data", str(county_file)]) == 0
    capsys.readouterr()
    assert run(["policy", "explain", str(out), "--json"]) == 0
    sentences = {said["id"]: said for said in json.loads(capsys.readouterr().out)["sentences"]}
    assert "10%" in sentences["urban-ten-percent"]["words"]["zh"]
    assert "城区或镇区" in sentences["urban-ten-percent"]["words"]["zh"]
    assert "urban or town" in sentences["urban-ten-percent"]["words"]["en"]

    with out.open("a", encoding="utf-8") as policy:
        policy.write('[[rules]]\nrule = "rotation_quota"\nid = "x"\nshare_min = 0.5\nshare_max = 0.2\n')
    assert run(["policy", "check", str(out)]) == 1
    assert "share_min" in capsys.readouterr().err


def test_demo_tells_what_the_plan_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--no-serve"]) == 0
    said = capsys.readouterr().out
    assert "teachers moved" in said and "rural_coverage" in said and "km" in said


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    groups = {"policies": ["list", "show", "rules"], "policy": ["new", "check", "explain"]}
    single = ["serve", "demo", "solve", "check", "validate", "generate", "template", "advance", "compare"]
    commands = [[name] for name in single] + [[group, name] for group, names in groups.items() for name in names]
    for command in commands:
        assert run([*command, "--help"]) == 0
        assert f"rotation {' '.join(command)}" in capsys.readouterr().out.replace("\n", " ")


def test_an_error_of_ours_is_70_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("api.cli.policies.preset_names", lambda: 1 / 0)
    assert run(["policies", "list"]) == 70
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said and "Traceback" not in said


def test_the_rule_reference(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policies", "rules"]) == 0
    assert "[`mentoring`](mentoring.md)" in capsys.readouterr().out
    assert run(["policies", "rules", "release"]) == 0
    page = capsys.readouterr().out
    assert page == (Path(__file__).parents[2] / "docs/rules/release.md").read_text(encoding="utf-8")
    assert run(["policies", "rules", "objectives"]) == 0
    assert "`stability`" in capsys.readouterr().out
    assert run(["policies", "rules", "relaese"]) == 2
    assert "release" in capsys.readouterr().err
