"""Solves in processes of their own: what dies there fails its own job only, and nothing outlives the server.

A job is one spawned process joined by one pipe. Down the pipe go the order and, perhaps, ``STOP``; up come news and
one answer. A child whose pipe ends knows that its parent is gone and ends itself; a parent whose pipe ends without an
answer knows that its child died. A bounded number run at a time, the others queue.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

from api.quiet import place_of
from rotation.county import County
from rotation.faults import Fault, InputError
from rotation.plan import Status
from rotation.policy import Policy
from rotation.words import Words
from solver.outcome import OnProgress, Outcome, Progress, SolveOptions
from solver.stopping import ShouldStop

STOP = "stop"
GRACE_SECONDS = 60.0
"""How long a child may overrun its time limit, or a stop, before it is killed."""

log = logging.getLogger(__name__)

Solver = Callable[[County, Policy, SolveOptions, OnProgress, ShouldStop], Outcome]
"""``find``, or (in tests) another module-level function of the same shape."""


def find(
    county: County, policy: Policy, options: SolveOptions, on_progress: OnProgress, should_stop: ShouldStop
) -> Outcome:
    """The solver itself, which only a child loads."""
    from solver.solve import solve

    return solve(county, policy, options, on_progress, should_stop)


@dataclass(frozen=True)
class Order:
    """What a child is asked."""

    county: County
    policy: Policy
    options: SolveOptions


@dataclass(frozen=True)
class Failure:
    """A job without an answer. With ``faults``, data and policy do not fit together; else something broke."""

    message: Words
    faults: tuple[Fault, ...] = ()


Answer = Outcome | Failure


class Listener(Protocol):
    """Hears what becomes of a job, from the job's supervising thread; ``finished`` comes last and once."""

    def started(self) -> None: ...

    def news(self, progress: Progress) -> None: ...

    def finished(self, answer: Answer) -> None: ...


@dataclass(eq=False)
class Job:
    """A handle on one solve."""

    order: Order
    listener: Listener
    process: BaseProcess | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    _pipe: Connection | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped_at: float | None = None

    def stop(self) -> None:
        """Ask for the best plan so far; a queued job ends without one. Harmless when repeated or late."""
        with self._lock:
            self.stopping.set()
            if self._pipe is not None and self._stopped_at is None:
                self._stopped_at = time.monotonic()
                with contextlib.suppress(OSError):
                    self._pipe.send(STOP)

    def kill(self) -> None:
        """End the child at once, with whatever it has started itself. Harmless when it is gone."""
        process = self.process
        if process is not None and process.pid is not None:
            # Nobody has waited for the child yet, so its number is still its own.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()


class Jobs:
    """Runs jobs, at most ``at_once`` at a time, first come first served. Close it, or leave that to the exit."""

    def __init__(self, at_once: int = 1, solver: Solver = find) -> None:
        self._solver = solver
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._running: set[Job] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"rotation-job-{number}", daemon=True)
            for number in range(max(1, at_once))
        ]
        for thread in self._threads:
            thread.start()
        # multiprocessing's own exit handler would wait for the children: ours runs before it and ends them.
        closing = weakref.WeakMethod(self.close)
        atexit.register(lambda: (close := closing()) and close())

    def submit(self, order: Order, listener: Listener) -> Job:
        if self._closed:
            raise RuntimeError("no more jobs: closed")
        job = Job(replace(order, county=replace(order.county)), listener)  # a copy without cached look-ups
        self._queue.put(job)
        return job

    @property
    def running(self) -> tuple[Job, ...]:
        with self._lock:
            return tuple(self._running)

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def close(self) -> None:
        """Kill what runs, drop what waits. Idempotent."""
        self._closed = True
        for _ in self._threads:
            self._queue.put(None)
        for job in self.running:
            job.kill()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None and not self._closed:
            if job.stopping.is_set():
                self._tell(job, Outcome(Status.UNKNOWN, None, STOPPED_EARLY, "user"))
                continue
            with self._lock:
                self._running.add(job)
            try:
                answer = _supervise(job, self._solver)
            except Exception:
                log.exception("a job's supervisor broke")
                answer = Failure(Words("求解进程无法启动", "the solver process could not be started"))
            finally:
                with self._lock:
                    self._running.discard(job)
            self._tell(job, answer)

    @staticmethod
    def _tell(job: Job, answer: Answer) -> None:
        try:
            job.listener.finished(answer)
        finally:
            job.ended.set()


STOPPED_EARLY = Words("在开始求解之前已停止", "stopped before the search began")


def _supervise(job: Job, solver: Solver) -> Answer:
    """Start the child, pass its news on, and return its answer, whatever happens to it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    # Not daemonic: an engine may need a process of its own, which a daemon may not start.
    process = context.Process(target=_child, args=(theirs, solver), name="rotation-solve", daemon=False)
    process.start()
    theirs.close()  # else the pipe would never end
    job.process = process
    answer: Answer | None = None
    with ours, contextlib.suppress(EOFError, OSError):
        ours.send(job.order)
        with job._lock:
            job._pipe = ours
        if job.stopping.is_set():
            job.stop()
        job.listener.started()
        answer = _listen(job, ours)
    with job._lock:
        job._pipe = None
    job.kill()  # after its answer nothing of value is left in it
    job.process = None
    process.join()
    if answer is not None:
        return answer
    log.warning("a solver process ended without an answer, exit code %s", process.exitcode)
    return Failure(
        Words(
            f"求解进程意外结束(退出码 {process.exitcode}), 其他任务不受影响, 请重试",
            f"the solver process ended unexpectedly (exit code {process.exitcode}); "
            "other jobs are not affected, please try again",
        )
    )


def _listen(job: Job, pipe: Connection) -> Answer | None:
    limit = job.order.options.time_limit_seconds
    deadline = None if limit is None else time.monotonic() + limit + GRACE_SECONDS
    while True:
        if pipe.poll(1.0):
            message = pipe.recv()
            if isinstance(message, Progress):
                job.listener.news(message)
            else:
                answer: Answer = message
                return answer
        now = time.monotonic()
        if (deadline is not None and now > deadline) or (
            job._stopped_at is not None and now > job._stopped_at + GRACE_SECONDS
        ):
            return None


# -- in the child -----------------------------------------------------------------------------------------------------


def _child(pipe: Connection, solver: Solver) -> None:
    """The child's whole life. It leads a process group of its own: the terminal's Ctrl-C is the parent's affair."""
    os.setsid()
    order: Order = pipe.recv()
    stop = threading.Event()
    threading.Thread(target=_obey, args=(pipe, stop), daemon=True).start()
    sending = threading.Lock()

    def send(message: Progress | Answer) -> None:
        with sending:
            pipe.send(message)

    try:
        answer: Answer = solver(order.county, order.policy, order.options, send, stop.is_set)
    except InputError as error:
        answer = Failure(Words("数据与方案不相符", "data and policy do not fit together"), error.faults)
    except MemoryError:
        answer = Failure(Words("内存不足", "out of memory"))
    except Exception as error:
        # The error's text may quote the data, so only its kind is passed on.
        where = place_of(error)
        answer = Failure(Words(f"求解失败: {where}", f"the solve failed: {where}"))
    with contextlib.suppress(BrokenPipeError):
        send(answer)


def _obey(pipe: Connection, stop: threading.Event) -> None:
    """Wait for ``STOP``; when the parent is gone, leave with everything this process has started."""
    try:
        while True:
            if pipe.recv() == STOP:
                stop.set()
    except (EOFError, OSError):
        os.killpg(0, signal.SIGKILL)
