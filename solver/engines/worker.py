"""A module of ours in a process of its own: pickled orders on its standard input, pickled answers on its standard output.

For libraries that cannot live beside others, and for Python that should run beside other Python.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from solver.engines.failure import EngineError

Stop = Callable[[], object]


@dataclass(frozen=True)
class Answer:
    """To the last order."""

    what: Any


class Worker:
    """The asker's side: ``module`` starts when first needed (importing takes half a second) and stays until ``close``.

    Nothing here waits for the process but ``poll`` and ``stop``: what it is told goes through a thread, and what it says of an
    abandoned order is not listened to.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._number = 0

    def start(self) -> bool:
        """Whether the process is a new one: there was none, or it had died."""
        if self._process is not None and self._process.poll() is None:
            return False
        self.close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._orders, self._answers = queue.SimpleQueue(), queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process.stdout, self._answers), daemon=True).start()
        threading.Thread(target=_write, args=(self._process.stdin, self._orders), daemon=True).start()
        return True

    def order(self, what: Any) -> None:
        """Send it; ask ``poll`` for the answer."""
        self._number += 1
        self._orders.put((self._number, what))

    def poll(self, seconds: float) -> Answer | None:
        """The last order's answer once there is one, waiting at most ``seconds``. Raises EngineError when the process died."""
        try:
            message = self._answers.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            raise EngineError(f"the process of {self._module} died")
        number, answer = message
        return Answer(answer) if number == self._number else None

    def abandon(self) -> None:
        """The last order is over; what it has is not wanted. The process stays for the next."""
        self._orders.put(self._number)

    def stop(self) -> Answer | None:
        """The last order is over; what it has by now. A process that does not listen is ended."""
        self.abandon()
        with contextlib.suppress(EngineError):
            for _ in range(10):
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


def _read(pipe: Any, answers: queue.SimpleQueue[Any]) -> None:
    with contextlib.suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
        while True:
            answers.put(pickle.load(pipe))
    answers.put(None)


def _write(pipe: Any, orders: queue.SimpleQueue[Any]) -> None:
    """To the process: an order, or the number of one that is over; None ends the thread."""
    with contextlib.suppress(OSError, ValueError), pipe:
        while (order := orders.get()) is not None:
            pickle.dump(order, pipe)
            pipe.flush()


class Order:
    """In the process: ``what`` is asked."""

    def __init__(self, number: int, what: Any) -> None:
        self.number, self.what = number, what
        self._lock = threading.Lock()
        self._over = False
        self._stop: Stop | None = None

    @property
    def over(self) -> bool:
        """Whether nobody wants it any more."""
        return self._over

    def end(self) -> None:
        with self._lock:
            self._over = True
            if self._stop is not None:
                self._stop()

    def when_over(self, stop: Stop | None) -> None:
        """Call this as soon as it is over (None: nothing any more)."""
        with self._lock:
            self._stop = stop


def serve(answer: Callable[[Order], Any], afterwards: Stop = lambda: None) -> None:
    """In the process: orders in turn, until nobody is there to give any. Does not return."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    known: dict[int, Order] = {}

    def listen() -> None:
        while True:
            try:
                message = pickle.load(source)
            except EOFError:
                # Whoever asked is gone.
                os._exit(0)
            if isinstance(message, int):
                if (order := known.get(message)) is not None:
                    order.end()
            else:
                order = known[message[0]] = Order(*message)
                orders.put(order)

    threading.Thread(target=listen, daemon=True).start()
    try:
        while True:
            order = orders.get()
            said = (order.number, answer(order))
            known.pop(order.number)
            pickle.dump(said, out)
            out.flush()
            afterwards()
    except BaseException:
        traceback.print_exc()
    finally:
        # The listener may hold standard input's lock: leave without asking for it.
        os._exit(1)
