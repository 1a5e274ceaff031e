"""An exact program in a thread of its own, while others look for better plans in their way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from solver.engines.highs import Listener
from solver.engines.problem import MipAnswer
from solver.index import Floats
from solver.stopping import Stopped, leave_running

PATIENCE_SECONDS = 0.03
Solve = Callable[[Callable[[], bool], Listener], MipAnswer]
"""Told when to stop (raises Stopped), and whom to tell what it finds."""


class Beside:
    """Begins at once, ends with ``close`` at the latest. ``said`` turns an answer into the asker's terms."""

    def __init__(self, solve: Solve, said: Callable[[MipAnswer], MipAnswer] = lambda answer: answer) -> None:
        self._solve, self._said = solve, said
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._x: Floats | None = None
        self._bound = float("-inf")
        self._answer: MipAnswer | None = None
        self._told = False
        self._began, self._spoke = time.monotonic(), float("inf")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def has_news(self) -> bool:
        """Whether there is something that ``news`` would give."""
        return self._x is not None or (self._answer is not None and not self._told)

    @property
    def runs(self) -> bool:
        return self._thread.is_alive()

    @property
    def end(self) -> MipAnswer | None:
        """The last news, once it is there."""
        return None if self._answer is None else self._said(self._answer)

    def news(self) -> MipAnswer | None:
        """What came since it was last asked: a better plan, or the end; None: nothing."""
        with self._lock:
            x, self._x = self._x, None
            answer, self._told = None if self._told else self._answer, self._answer is not None
        if answer is not None:
            return self._said(answer)
        return None if x is None else self._said(MipAnswer(x, float("-inf"), False))

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    @property
    def speaking(self) -> float:
        """Seconds since its first bound; negative infinity: there is none."""
        return time.monotonic() - self._spoke

    @property
    def bound(self) -> float:
        """What is proved by now."""
        return self._said(MipAnswer(None, self._bound, False)).bound

    def close(self) -> None:
        """It ends now, or as soon as it listens: nobody waits for that."""
        self._over.set()
        self._thread.join(PATIENCE_SECONDS)
        if self._thread.is_alive():
            leave_running(self._thread)

    def _run(self) -> None:
        try:
            answer = self._solve(self._over.is_set, self)
        except Stopped:
            return
        except RuntimeError:
            # Whatever ends an engine's thread, somebody waits for its answer.
            answer = MipAnswer(None, float("-inf"), False)
        with self._lock:
            self._answer = answer

    def found(self, x: Floats) -> None:
        with self._lock:
            self._x = x

    def proved(self, bound: float) -> None:
        # An end without a solution is told by the answer, not by a bound.
        if bound < float("inf"):
            self._bound = max(self._bound, bound)
            if self._spoke == float("inf") and self._bound > float("-inf"):
                self._spoke = time.monotonic()
