"""Solvers that behave badly, or slowly: run in a job's own process, so they live in a module that a child can import."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from rotation.county import County
from rotation.plan import Status
from rotation.policy import Policy
from rotation.words import Words
from solver.outcome import OnProgress, Outcome, Progress, SolveOptions
from solver.stopping import ShouldStop

SECRET = "张三 520423198603051234"
DONE = Words("完", "done")


def waits(
    county: County, policy: Policy, options: SolveOptions, on_progress: OnProgress, should_stop: ShouldStop
) -> Outcome:
    """Says its process number and searches until it is asked to stop."""
    on_progress(Progress("tier", 0.0, 1, "moves", 9.0, 5.0, note=str(os.getpid())))
    while not should_stop():
        threading.Event().wait(0.01)
    return Outcome(Status.UNKNOWN, None, DONE, "user")


def interrupts_its_parent(
    county: County, policy: Policy, options: SolveOptions, on_progress: OnProgress, should_stop: ShouldStop
) -> Outcome:
    """As if somebody pressed Ctrl-C in the middle of the search."""
    os.kill(os.getppid(), signal.SIGINT)
    return waits(county, policy, options, on_progress, should_stop)


def raises(
    county: County, policy: Policy, options: SolveOptions, on_progress: OnProgress, should_stop: ShouldStop
) -> Outcome:
    raise ValueError(f"cannot place {SECRET}")


def has_a_child(
    county: County, policy: Policy, options: SolveOptions, on_progress: OnProgress, should_stop: ShouldStop
) -> Outcome:
    """Starts a process of its own, as an engine may, and waits."""
    subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    return waits(county, policy, options, on_progress, should_stop)
