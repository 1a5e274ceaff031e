"""CP-SAT behind the same door as HiGHS' MIP: a worker process that is told what to solve and when to stop."""

from __future__ import annotations

from scipy import sparse

from solver.engines.problem import MipAnswer, Problem
from solver.engines.worker import Answer, Worker


class CpSat:
    """One worker process, for OR-Tools and HiGHS cannot live in one; it starts when first needed, and stays."""

    def __init__(self) -> None:
        self._worker = Worker("solver.engines.cpsat_worker")

    def prepare(self) -> None:
        """The process starts without a problem. Raises OSError."""
        self._worker.start()

    def start(self, problem: Problem) -> None:
        """Send ``problem``; ask ``poll`` for news. A worker that died before is replaced."""
        self._worker.start()
        matrix = sparse.csr_array(problem.matrix)
        self._worker.order(
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
                "at_most": problem.at_most,
                "gap": problem.gap,
                "seed": problem.seed,
                "seconds": problem.seconds,
                "work": problem.work,
            }
        )

    def poll(self, seconds: float) -> MipAnswer | None:
        """The final answer once there is one, waiting at most ``seconds``. Raises EngineError when the worker died."""
        return _answer(self._worker.poll(seconds))

    def abandon(self) -> None:
        """End the running search; what it has is not wanted. The worker stays for the next problem."""
        self._worker.abandon()

    def stop(self) -> MipAnswer | None:
        """End the running search and take what it has; the worker stays for the next problem."""
        return _answer(self._worker.stop())

    def close(self) -> None:
        self._worker.close()


def _answer(message: Answer | None) -> MipAnswer | None:
    return None if message is None else MipAnswer(*message.what)
