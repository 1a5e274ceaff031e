"""CP-SAT behind the same door as HiGHS' MIP: a worker process that is told what to solve and when to stop."""

from __future__ import annotations

import contextlib
import pickle
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

from scipy import sparse

from solver.engines.problem import MipAnswer, Problem


@dataclass
class CpSat:
    """One worker process, started when first needed (importing OR-Tools takes half a second) and kept.

    Nothing here waits for the worker but ``poll`` and ``stop``: what it is told goes through a thread, and what it says of an
    abandoned problem is not listened to.
    """

    _process: subprocess.Popen[bytes] | None = None
    _orders: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    _answers: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    _number: int = 0

    def start(self, problem: Problem) -> None:
        """Send ``problem``; ask ``poll`` for news. A worker that died before is replaced."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._open()
        self._number += 1
        matrix = sparse.csr_array(problem.matrix)
        self._orders.put(
            {
                "number": self._number,
                "indptr": matrix.indptr,
                "indices": matrix.indices,
                "data": matrix.data,
                "row_lower": problem.row_lower,
                "row_upper": problem.row_upper,
                "lower": problem.lower,
                "upper": problem.upper,
                "cost": problem.cost,
                "start": problem.start,
                "gap": problem.gap,
                "seed": problem.seed,
                "seconds": problem.seconds,
                "work": problem.work,
            }
        )

    def poll(self, seconds: float) -> MipAnswer | None:
        """The final answer once there is one, waiting at most ``seconds``. Raises RuntimeError when the worker died."""
        try:
            message = self._answers.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            raise RuntimeError("the CP-SAT worker died")
        number, x, bound, exhausted = message
        return MipAnswer(x, bound, exhausted) if number == self._number else None

    def abandon(self) -> None:
        """End the running search; what it has is not wanted. The worker stays for the next problem."""
        self._orders.put(self._number)

    def stop(self) -> MipAnswer | None:
        """End the running search and take what it has; the worker stays for the next problem."""
        self.abandon()
        with contextlib.suppress(RuntimeError):
            for _ in range(20):
                answer = self.poll(0.05)
                if answer is not None:
                    return answer
        self.close()
        return None

    def close(self) -> None:
        if self._process is not None:
            self._orders.put(None)
            self._process.kill()
            self._process.wait()
            self._process = None

    def _open(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "solver.engines.cpsat_worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._orders, self._answers = queue.SimpleQueue(), queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process.stdout, self._answers), daemon=True).start()
        threading.Thread(target=_write, args=(self._process.stdin, self._orders), daemon=True).start()


def _read(pipe: Any, answers: queue.SimpleQueue[Any]) -> None:
    with contextlib.suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
        while True:
            answers.put(pickle.load(pipe))
    answers.put(None)


def _write(pipe: Any, orders: queue.SimpleQueue[Any]) -> None:
    """To the worker: a problem, or the number of one that is to end; None ends the thread."""
    with contextlib.suppress(OSError, ValueError), pipe:
        while (order := orders.get()) is not None:
            pickle.dump(order, pipe)
            pipe.flush()
