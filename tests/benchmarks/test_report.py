"""The report from stored records: ratios, regressions, growth, aims missed."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chart import log_log, slope
from benchmarks.phases import phases_of
from benchmarks.reaches import COMPARED, READING, first_apart
from benchmarks.records import Record, Setting, append, read, setting_of
from benchmarks.report import latest, ratio, write_report

SETTING = Setting("2026-01-01T00:00:00+00:00", "abc1234", "rotation bench", "a machine", {"highspy": "1.15"}, 0.1)


def record(
    case: str, engine: str, seconds: float, *, proved: bool = True, teachers: int = 6_000, mib: int = 100, **more: Any
) -> Record:
    tier = {
        "name": "moves",
        "value": 100.0,
        "bound": 100.0 if proved else 50.0,
        "gap": 0.0 if proved else 0.5,
        "proved": proved,
    }
    answer = {"status": "optimal" if proved else "feasible", "seconds": seconds, "tiers": [tier]}
    sizes = {"teachers": teachers, "columns": 10 * teachers, "options": 10 * teachers, "tiers": ["moves"]}
    return Record(
        case, engine, 1, 60.0, 1e-4, "done", seconds + 1, mib * 2**20, answer,
        {"program": 1.0} if engine == "rotation" else {}, sizes, setting=SETTING,
    )  # fmt: skip


def test_ratios_compare_searches_and_say_when_a_peer_was_not_done() -> None:
    ours = record("scale/M group seed 1", "rotation", 3.0)  # one second of it is options and program
    assert ratio(record(ours.case, "highs", 20.0), ours) == "10.0"
    assert ratio(record(ours.case, "highs", 60.0, proved=False), ours) == "> 30.0"
    assert ratio(record(ours.case, "highs", 60.0), record(ours.case, "rotation", 3.0, proved=False)) == "-"


def test_a_run_without_an_answer_counts_with_its_limit() -> None:
    killed = replace(record("scale/M group seed 1", "scip", 1.0), answer=None, how="limit", wall_seconds=80.0)
    assert (killed.search_seconds, killed.proved, killed.tiers) == (60.0, False, [])


def test_a_report_tells_the_newest_runs_and_what_became_slower(tmp_path: Path) -> None:
    file = tmp_path / "scale.jsonl"
    case = "scale/M group seed 1"
    for one in (record(case, "rotation", 2.0), record(case, "highs", 9.0), record(case, "rotation", 4.0)):
        append(file, one)
    with file.open("a", encoding="utf-8") as broken:
        broken.write('{"case": "scale/cut sh')
    records = read([file])
    assert [one.whole_seconds for one in latest(records)] == [4.0, 9.0]
    write_report(records, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "| 2.00 | 4.00 | +100% | abc1234 | **slower** |" in text
    assert "3.0 × (best peer: highs)" in text and "**no**" in text  # 5 times were aimed at
    assert "a machine" in text and "`rotation bench`" in text


def test_runs_with_other_limits_are_no_comparison(tmp_path: Path) -> None:
    case = "scale/M group seed 1"
    short, long = record(case, "rotation", 2.0), replace(record(case, "rotation", 50.0), limit_seconds=300.0)
    for records, said in (([short, long], False), ([short, long, replace(short, wall_seconds=9.0)], True)):
        write_report(records, tmp_path / "report.md")
        assert ("Against the run before" in (tmp_path / "report.md").read_text(encoding="utf-8")) == said


def test_a_command_can_be_pasted_and_says_nothing_of_where_results_went() -> None:
    asked = ["rotation", "bench", "--only", "M group seed 1", "--results", "/somewhere", "--suite", "scale"]
    for command in (asked, [*asked[:4], "--results=/somewhere", *asked[6:]]):
        assert setting_of(command).command == "rotation bench --only 'M group seed 1' --suite scale"


def test_a_certificate_counts_with_its_recount_against_an_lp(tmp_path: Path) -> None:
    """And what is missed is told beside the report, where there is an account of it."""
    case = "scale/XL weighted-group seed 1"
    lp = record(case, "highs-lp", 9.0)
    lp = replace(lp, answer={"status": "relaxed", "seconds": 9.0, "tiers": []})
    ours = record(case, "rotation", 3.9)
    phases = {"program": 1.0, "proof": 3.8, "checked": 4.0}
    (tmp_path / "report-missed.md").write_text("by how much", encoding="utf-8")
    for recounted, said in ((4.1, "yes | scale/XL weighted-group seed 1: 0.32"), (4.5, "**no** |")):
        write_report([replace(ours, phases=phases | {"recounted": recounted}), lp], tmp_path / "report.md")
        text = (tmp_path / "report.md").read_text(encoding="utf-8")
        (row,) = (line for line in text.splitlines() if line.startswith("| XL group, one weighted sum"))
        assert said in row and "0.31 without the recount" in row
        assert "[report-missed.md](report-missed.md)" in text


def test_reading_is_held_against_the_first_bound(tmp_path: Path) -> None:
    ours = record("scale/XL group seed 1", "rotation", 9.0)
    for bound, said in ((2.0, "**no**"), (4.0, "yes")):
        measured = replace(
            ours, sizes=ours.sizes | {"seconds": {"index": 0.2}}, phases={"read": 2.0, "program": 1.0, "bound": bound}
        )
        write_report([measured], tmp_path / "report.md")
        (row,) = (line for line in (tmp_path / "report.md").read_text().splitlines() if READING in line)
        assert f"| {said} | scale/XL group seed 1: 2.20 s" in row


def test_a_peer_measured_elsewhere_or_on_another_day_makes_no_ratio() -> None:
    case = "scale/M group seed 1"
    ours, highs = record(case, "rotation", 2.0), record(case, "highs", 9.0)
    for other in (replace(SETTING, machine="another"), replace(SETTING, date="2026-01-04T00:00:00+00:00")):
        assert [one.engine for one in latest([highs, replace(ours, setting=other)])] == ["rotation"]
    assert len(latest([highs, ours])) == 2


def test_growth_is_fitted_and_drawn(tmp_path: Path) -> None:
    sizes = {"M": 6_000, "L": 20_000, "XL": 100_000}
    records = [
        record(f"scale/{size} group seed 1", "rotation", n / 1_000, teachers=n, mib=n // 100)
        for size, n in sizes.items()
    ]
    write_report(records, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "| rotation group | 3 | 1.00 | 1.00 |" in text
    for name in ("report-time.svg", "report-memory.svg"):
        assert name in text
        ElementTree.parse(tmp_path / name)


def valued(engine: str, *values: float, status: str = "feasible") -> Record:
    tiers = [{"name": f"tier {k}", "value": v, "bound": v, "gap": 0.0, "proved": True} for k, v in enumerate(values)]
    return replace(record("mixes/1", engine, 1.0), answer={"status": status, "seconds": 1.0, "tiers": tiers})


@pytest.mark.parametrize(
    ("ours", "peer", "apart"),
    [
        ((3.0, 5.0), (3.0, 5.0), None),
        ((3.0, 6.0), (3.0, 5.0), ("tier 1", 1.0)),
        ((2.0, 9.0), (3.0, 5.0), ("tier 0", -1.0)),
        ((3.0, 9.0), (3.0,), None),
        ((10_000.5, 4.0), (10_000.0, 5.0), ("tier 1", -1.0)),
        ((), (3.0,), ("no plan", 1.0)),
        ((3.0,), (), ("no plan", -1.0)),
        ((), (), None),
    ],
)
def test_the_first_tier_that_differs_decides_who_is_worse(
    ours: tuple[float, ...], peer: tuple[float, ...], apart: tuple[str, float] | None
) -> None:
    assert first_apart(valued("rotation", *ours), valued("highs", *peer)) == apart


def test_what_is_proved_needs_no_peer(tmp_path: Path) -> None:
    """And what is neither proved nor compared says nothing for us."""
    proved = valued("rotation", 3.0)
    tiers = [tier | {"proved": False} for tier in proved.tiers]
    open_ = replace(proved, case="mixes/2", answer={"status": "feasible", "seconds": 4.0, "tiers": tiers})
    for ours, said in (
        ([proved], "| yes | 1 proved, and no peer asked; 0 compared"),
        ([proved, open_], "| **no** | 1 neither proved nor compared; 1 proved"),
        ([open_], "not measured"),
    ):
        write_report(ours, tmp_path / "report.md")
        (row,) = (line for line in (tmp_path / "report.md").read_text().splitlines() if COMPARED["mixes/"] in line)
        assert said in row


def test_one_worse_mix_is_an_aim_missed(tmp_path: Path) -> None:
    better, worse = valued("rotation", 3.0, 4.0), valued("rotation", 3.0, 6.0)
    for ours, said in ((better, "| yes | 1 compared"), (worse, "worse: 1 (tier 1)")):
        write_report([ours, valued("highs", 3.0, 5.0)], tmp_path / "report.md")
        assert said in (tmp_path / "report.md").read_text(encoding="utf-8")


@given(st.floats(-2, 3), st.floats(0.01, 100), st.lists(st.floats(1, 1e6), min_size=2, max_size=6, unique=True))
def test_a_power_law_has_its_exponent_as_slope(k: float, c: float, sizes: list[float]) -> None:
    if max(sizes) / min(sizes) < 1.5:
        return
    fitted = slope([(x, c * x**k) for x in sizes])
    assert fitted == pytest.approx(k, abs=1e-6)


def test_one_size_has_no_slope_and_still_a_chart() -> None:
    assert slope([(10.0, 1.0), (10.0, 2.0)]) is None
    ElementTree.fromstring(log_log("a < b & c", "x", "y", {"one": [(10.0, 1.0)]}))


def test_phases_wait_for_every_tier() -> None:
    news = [
        {"phase": "read", "seconds": 9.0},
        {"phase": "options", "seconds": 0.0},
        {"phase": "program", "seconds": 1.0},
        {"phase": "search", "seconds": 2.0},
        {"phase": "first plan", "seconds": 2.5},
        {"phase": "tier", "seconds": 3.0, "tier": 1, "value": 100.0, "bound": 100.0},
        {"phase": "tier", "seconds": 4.0, "tier": 2, "value": 100.0, "bound": 99.5},
        {"phase": "tier", "seconds": 5.0, "tier": 2, "value": 100.0, "bound": 99.95},
        {"phase": "done", "seconds": 6.0},
    ]
    assert phases_of(news, tiers=2) == {
        "read": 9.0, "options": 1.0, "program": 2.0, "bound": 3.0, "first plan": 3.0, "1 %": 4.0, "0.1 %": 5.0, "done": 6.0,
    }  # fmt: skip
    assert "1 %" not in phases_of(news, tiers=3)


def test_what_a_search_learns_at_its_end_is_told_by_its_answer() -> None:
    """Gaps within which no news ever was."""
    news = [
        {"phase": "search", "seconds": 2.0},
        {"phase": "tier", "seconds": 3.0, "tier": 1, "value": 100.0, "bound": 99.5},
        {"phase": "check", "seconds": 4.0},
        {"phase": "checked", "seconds": 4.5},
        {"phase": "recounted", "seconds": 5.0},
    ]
    known, unknown = ([*news, {"answer": {"tiers": [{"gap": gap}]}}] for gap in (0.0, None))
    assert phases_of(known, tiers=1) == {
        "program": 2.0, "bound": 3.0, "first plan": 3.0, "1 %": 3.0, "0.1 %": 4.0, "proof": 4.0, "checked": 4.5, "recounted": 5.0,
    }  # fmt: skip
    assert "0.1 %" not in phases_of(unknown, tiers=1)


def test_a_plan_by_hand_comes_between_options_and_program() -> None:
    news = [
        {"phase": "options", "seconds": 0.0},
        {"phase": "first plan", "seconds": 1.0},
        {"phase": "search", "seconds": 1.2},  # its small program
        {"phase": "first plan", "seconds": 1.5, "tier": 1, "value": 120.0, "bound": None},
        {"phase": "program", "seconds": 1.6},
        {"phase": "search", "seconds": 3.0},
        {"phase": "first plan", "seconds": 3.1, "tier": 1, "value": 120.0, "bound": 0.0},  # which needed no LP
        {"phase": "search", "seconds": 3.5},  # one with known sums
        {"phase": "tier", "seconds": 4.0, "tier": 1, "value": 100.0, "bound": 100.0},
        {"phase": "search", "seconds": 5.0},
    ]
    found = phases_of(news, tiers=1)
    assert (found["options"], found["first plan"], found["program"], found["bound"]) == (1.0, 1.5, 3.0, 4.0)
