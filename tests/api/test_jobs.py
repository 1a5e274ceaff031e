"""Solves in processes of their own: what dies there fails its own job only, and nothing outlives the server."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import stand_ins

from api.jobs import Answer, Failure, Job, Jobs, Order, Solver
from rotation.county import County
from rotation.plan import Status
from rotation.policy import load_policy
from scenarios.generate import sample_county
from solver.outcome import Outcome, Progress, SolveOptions

SECONDS = 30.0
EMPTY = Order(County(2026), load_policy("national-2014"), SolveOptions())


class Inbox:
    def __init__(self) -> None:
        self.messages: queue.SimpleQueue[str | Progress | Answer] = queue.SimpleQueue()

    def started(self) -> None:
        self.messages.put("started")

    def news(self, progress: Progress) -> None:
        self.messages.put(progress)

    def finished(self, answer: Answer) -> None:
        self.messages.put(answer)

    def next(self) -> str | Progress | Answer:
        return self.messages.get(timeout=SECONDS)

    def answer(self) -> Answer:
        while not isinstance(message := self.next(), Outcome | Failure):
            pass
        return message


@contextmanager
def running(solver: Solver, at_once: int = 1) -> Iterator[Jobs]:
    with closing(Jobs(at_once, solver)) as jobs:
        yield jobs


def searching(jobs: Jobs, order: Order = EMPTY) -> tuple[Job, Inbox, int]:
    """A job whose child is at work, and the child's process number."""
    inbox = Inbox()
    job = jobs.submit(order, inbox)
    assert inbox.next() == "started"
    news = inbox.next()
    assert isinstance(news, Progress)
    return job, inbox, int(news.note)


def test_a_solve_runs_in_another_process_and_answers() -> None:
    with closing(Jobs()) as jobs:
        inbox = Inbox()
        jobs.submit(Order(sample_county(), load_policy("national-2014"), SolveOptions()), inbox)
        answer = inbox.answer()
    assert isinstance(answer, Outcome)
    assert answer.status == Status.OPTIMAL
    assert answer.plan is not None and answer.plan.placements


def test_a_killed_child_fails_its_own_job_only() -> None:
    with running(stand_ins.waits, at_once=2) as jobs:
        _, one, killed = searching(jobs)
        other_job, other, survivor = searching(jobs)
        assert len({os.getpid(), killed, survivor}) == 3
        os.kill(killed, signal.SIGKILL)
        failure = one.answer()
        assert isinstance(failure, Failure)
        assert "-9" in failure.message.en
        other_job.stop()
        outcome = other.answer()
        assert isinstance(outcome, Outcome) and outcome.stopped_by == "user"
        third, inbox, _ = searching(jobs)  # its place is free again
        third.stop()
        assert isinstance(inbox.answer(), Outcome)


def test_an_error_fails_the_job_without_quoting_the_data(caplog: pytest.LogCaptureFixture) -> None:
    with running(stand_ins.raises) as jobs:
        inbox = Inbox()
        jobs.submit(EMPTY, inbox)
        failure = inbox.answer()
    assert isinstance(failure, Failure)
    assert "ValueError" in failure.message.en and "stand_ins" in failure.message.en
    assert stand_ins.SECRET not in failure.message.zh + failure.message.en + caplog.text


def test_the_others_queue_and_a_queued_job_may_be_stopped() -> None:
    with running(stand_ins.waits) as jobs:
        first, inbox, _ = searching(jobs)
        second, dropped, waiting = Inbox(), Inbox(), Inbox()
        jobs.submit(EMPTY, second)
        jobs.submit(EMPTY, dropped).stop()
        jobs.submit(EMPTY, waiting)
        assert jobs.waiting == 3 and len(jobs.running) == 1 and second.messages.empty()
        first.stop()
        assert isinstance(inbox.answer(), Outcome)
        assert second.next() == "started"
        assert dropped.messages.empty()
        jobs.running[0].stop()
        outcome = dropped.next()  # never started
        assert isinstance(outcome, Outcome) and outcome.status == Status.UNKNOWN


def test_closing_ends_the_children() -> None:
    jobs = Jobs(1, stand_ins.waits)
    job, _, child = searching(jobs)
    jobs.close()
    assert job.ended.wait(SECONDS)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    with pytest.raises(RuntimeError):
        jobs.submit(EMPTY, Inbox())


SERVER = """
import os, signal, sys
sys.path.insert(0, {here!r})
import stand_ins
from api.jobs import Jobs
from test_jobs import searching
if __name__ == "__main__":
    searching(Jobs(1, stand_ins.has_a_child))
    {end}
"""


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "sys.exit(0)"])
def test_children_and_their_children_die_with_the_server(tmp_path: Path, end: str) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER.format(here=str(Path(__file__).parent), end=end))
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        # Every process of the family holds the other end: it closes when the last one is gone.
        server.communicate(timeout=SECONDS)
