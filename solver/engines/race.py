"""Small exact programs: CP-SAT and HiGHS side by side, whoever is done first; one of them where only one may work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from solver.engines import highs
from solver.engines.cpsat import CpSat
from solver.engines.failure import EngineError
from solver.engines.problem import MipAnswer, Problem
from solver.stopping import Stopped

POLL_SECONDS = 0.02
LAST_WORD_SECONDS = 1.0
LEAST_SECONDS = 0.5
HEAD_START_SECONDS = 0.5
HEAD_START_COLUMNS = 4_000
"""HiGHS goes first for so long for so many columns: most programs are done by then, and CP-SAT's process need not even start."""


class Race:
    """Solves Problems. ``workers`` = 1, or a work limit: CP-SAT alone, reproducible; otherwise both.

    ``raced``: what came out may depend on the machine's speed (two engines side by side, or one that the clock cut short).
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.raced = False
        self._cpsat = CpSat()

    def quick(self, problem: Problem, should_stop: Callable[[], bool]) -> MipAnswer:
        """One engine, for small programs that only help: HiGHS, or CP-SAT where plans must be reproducible."""
        if self.workers == 1 or problem.work is not None:
            return self.solve(problem, should_stop)
        answer = highs.solve_problem(problem, should_stop)
        self.raced |= not answer.exhausted
        return answer

    def solve(self, problem: Problem, should_stop: Callable[[], bool]) -> MipAnswer:
        """Raises Stopped when told to; what was found by then is lost to the caller only if nobody had anything."""
        if not problem.is_logic:
            answer = highs.solve_problem(problem, should_stop)
            self.raced |= problem.work is None and not answer.exhausted
            return answer
        if self.workers == 1 or problem.work is not None:
            answer = self._alone(problem, should_stop)
            self.raced |= problem.work is None and not answer.exhausted
            return answer
        return self._both(problem, should_stop)

    def _alone(self, problem: Problem, should_stop: Callable[[], bool]) -> MipAnswer:
        self._cpsat.start(problem)
        deadline = _deadline(problem)
        while True:
            try:
                answer = self._cpsat.poll(POLL_SECONDS)
            except EngineError:
                self._cpsat.close()
                self.raced = True
                return highs.solve_problem(problem, should_stop)
            if answer is not None:
                return answer
            stop = should_stop()
            if stop or time.monotonic() > deadline:
                answer = self._cpsat.stop()
                if answer is not None and (answer.x is not None or not stop):
                    return answer
                if stop:
                    raise Stopped
                return MipAnswer(None, -np.inf, False)

    def _both(self, problem: Problem, should_stop: Callable[[], bool]) -> MipAnswer:
        # Also when HiGHS is done alone: on a slower machine it might not have been.
        self.raced = True
        over = threading.Event()
        mine: list[MipAnswer] = []

        def run_highs() -> None:
            try:
                mine.append(highs.solve_problem(problem, over.is_set))
            except Stopped:
                pass
            except RuntimeError:
                mine.append(MipAnswer(None, -np.inf, False))

        runner = threading.Thread(target=run_highs, daemon=True)
        theirs: MipAnswer | None = None
        deadline = _deadline(problem)
        try:
            runner.start()
            alone = time.monotonic() + HEAD_START_SECONDS * max(1.0, problem.matrix.shape[1] / HEAD_START_COLUMNS)
            while runner.is_alive() and time.monotonic() < min(alone, deadline) and not should_stop():
                runner.join(POLL_SECONDS)
            if mine and mine[0].exhausted:
                return mine[0]
            if should_stop():
                raise Stopped
            # A process takes its time to begin, and to hear of a stop.
            alive = deadline - time.monotonic() > LEAST_SECONDS
            if alive:
                self._cpsat.start(problem)
            while True:
                if alive and theirs is None:
                    try:
                        theirs = self._cpsat.poll(POLL_SECONDS)
                    except EngineError:
                        alive = False
                        self._cpsat.close()
                else:
                    runner.join(POLL_SECONDS)
                if theirs is not None and theirs.exhausted:
                    return theirs
                if mine and mine[0].exhausted:
                    if alive and theirs is None:
                        self._cpsat.abandon()
                    return mine[0]
                ended = (not alive or theirs is not None) and not runner.is_alive()
                stop = should_stop() or time.monotonic() > deadline
                if ended or stop:
                    if alive and theirs is None:
                        theirs = self._cpsat.stop()
                    if not should_stop():
                        # HiGHS has heard of the same deadline: what it has by then counts.
                        runner.join(LAST_WORD_SECONDS)
                    answer = _better(problem, theirs, mine[0] if mine else None)
                    if answer is not None and (answer.x is not None or not should_stop()):
                        return answer
                    if should_stop():
                        raise Stopped
                    return MipAnswer(None, -np.inf, False)
        finally:
            # The loser must have left before anybody solves again: two cores, two engines.
            over.set()
            runner.join()

    def close(self) -> None:
        self._cpsat.close()


def _deadline(problem: Problem) -> float:
    """Engines overrun their limits while they build and presolve; as much again as grace, a second at most."""
    return np.inf if problem.seconds is None else time.monotonic() + problem.seconds + min(1.0, problem.seconds)


def _better(problem: Problem, one: MipAnswer | None, other: MipAnswer | None) -> MipAnswer | None:
    """The better x of two unfinished answers, and the better bound."""
    answers = [answer for answer in (one, other) if answer is not None]
    if not answers:
        return None
    bound = max(answer.bound for answer in answers)
    found = [answer.x for answer in answers if answer.x is not None]
    best = min(found, key=lambda x: float(problem.cost @ x), default=None)
    return MipAnswer(best, bound, False)
