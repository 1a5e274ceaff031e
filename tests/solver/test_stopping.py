"""Whenever a user stops a solve it ends in order: no exception, no broken plan, no bound that is not one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rotation.check import check
from rotation.policy import load_policy
from scenarios.generate import sample_county
from solver.outcome import Outcome, Progress, SolveOptions
from solver.solve import solve

COUNTY, POLICY = sample_county(), load_policy("national-2014")
PHASES = ("options", "first plan", "program", "tier", "check")


def in_order(outcome: Outcome) -> None:
    if outcome.plan is None:
        assert outcome.status == "unknown" and outcome.stopped_by == "user"
        return
    assert check(COUNTY, POLICY, outcome.plan.placements).holds
    assert outcome.plan.data.startswith("sha256:")
    for tier in outcome.plan.tiers:
        assert tier.bound is None or tier.bound <= tier.value


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("looks", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144])
def test_stopped_at_any_look(looks: int) -> None:
    left = looks

    def should_stop() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    in_order(solve(COUNTY, POLICY, SolveOptions(gap=0.0), should_stop=should_stop))


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("phase", PHASES)
def test_what_was_begun_before_a_stop_is_left(phase: str) -> None:
    """Nothing that takes its time begins after the stop: no further phase but the check of what there is."""
    news: list[str] = []

    def hear(progress: Progress) -> None:
        news.append(progress.phase)

    outcome = solve(COUNTY, POLICY, SolveOptions(), on_progress=hear, should_stop=lambda: phase in news)
    in_order(outcome)
    begun = PHASES.index(phase)
    assert set(news) <= {*PHASES[: begun + 1], "check"}
    if phase in ("options", "first plan"):
        assert outcome.plan is None and "check" not in news
    else:
        assert outcome.plan is not None and outcome.plan.placements


def test_without_its_recount_a_bound_is_the_searchs_own() -> None:
    """Stopped while bounds are recomputed: the plan is there with what the search says of it, marked so."""
    news: list[str] = []
    stopped = solve(
        COUNTY, POLICY, on_progress=lambda p: news.append(p.phase), should_stop=lambda: "check" in news
    ).plan
    waited = solve(COUNTY, POLICY).plan
    assert stopped is not None and waited is not None
    assert [tier.bound for tier in stopped.tiers] == [tier.bound for tier in waited.tiers]
    assert all(tier.recomputed for tier in waited.tiers)
    assert not any(tier.recomputed or tier.lp_bound is not None for tier in stopped.tiers)


def ended(*lines: str) -> int:
    """The exit status of a process that runs ``lines`` with an engine that it left at work."""
    begin = ("import threading", "from solver.stopping import leave, leave_running", "go = threading.Event()")
    left = ("engine = threading.Thread(target=go.wait, daemon=True)", "engine.start()", "leave_running(engine)")
    done = subprocess.run([sys.executable, "-c", "\n".join((*begin, *left, *lines))], timeout=60, check=False)
    return done.returncode


def test_a_process_does_not_wait_for_an_engine_that_does_not_listen() -> None:
    assert ended("leave(3)") == 3


def test_a_process_that_just_ends_waits_for_its_engines() -> None:
    """HiGHS' own threads would bring it down."""
    assert ended("threading.Timer(0.2, go.set).start()") == 0
    assert ended("go.set()", "engine.join()", "leave(0)") == 0


def test_an_engine_that_is_left_while_the_process_ends_is_waited_for_as_well() -> None:
    """One that went beside leaves its own only when it hears of the stop."""
    assert (
        ended(
            "import os",
            "def last():",
            "    threading.Event().wait(0.3)",
            "    os._exit(5)",
            "def beside():",
            "    engine.join()",
            "    own = threading.Thread(target=last, daemon=True)",
            "    own.start()",
            "    leave_running(own)",
            "other = threading.Thread(target=beside, daemon=True)",
            "other.start()",
            "leave_running(other)",
            "threading.Timer(0.2, go.set).start()",
        )
        == 5
    )
