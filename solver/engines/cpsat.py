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

import numpy as np
from scipy import sparse

from solver.engines.problem import MipAnswer, Problem


@dataclass
class CpSat:
    """One worker process, started when first needed (importing OR-Tools takes half a second) and kept."""

    _process: subprocess.Popen[bytes] | None = None
    _answers: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)

    def start(self, problem: Problem) -> None:
        """Send ``problem``; ask ``poll`` for news. A worker that died before is replaced."""
        if self._process is None or self._process.poll() is not None:
            self._open()
        assert self._process is not None and self._process.stdin is not None
        matrix = sparse.csr_array(problem.matrix)
        pickle.dump(
            {
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
            },
            self._process.stdin,
        )
        self._process.stdin.flush()

    def poll(self, seconds: float) -> MipAnswer | None:
        """The final answer once there is one, waiting at most ``seconds``. Raises RuntimeError when the worker died."""
        assert self._process is not None
        try:
            message = self._answers.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            raise RuntimeError("the CP-SAT worker died")
        if message[0] == "better":
            self.best = message[1]
            return None
        _, x, bound, exhausted = message
        return MipAnswer(x, bound, exhausted)

    best: np.ndarray[Any, np.dtype[np.float64]] | None = None

    def stop(self) -> MipAnswer | None:
        """End the running search and take what it has; the worker stays for the next problem."""
        assert self._process is not None and self._process.stdin is not None
        with contextlib.suppress(OSError):
            pickle.dump(None, self._process.stdin)
            self._process.stdin.flush()
        with contextlib.suppress(RuntimeError):
            for _ in range(40):
                answer = self.poll(0.05)
                if answer is not None:
                    return answer
        self.close()
        return None

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._answers = queue.SimpleQueue()

    def _open(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "solver.engines.cpsat_worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._answers = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process.stdout, self._answers), daemon=True).start()


def _read(pipe: Any, answers: queue.SimpleQueue[Any]) -> None:
    with contextlib.suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
        while True:
            answers.put(pickle.load(pipe))
    answers.put(None)
