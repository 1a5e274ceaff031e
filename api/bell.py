"""Wakes asyncio listeners from any thread."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock


class Bell:
    """``ring(name)`` sets the event of everyone who is ``listening(name)``, on the listener's own loop."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)

    @contextmanager
    def listening(self, name: str) -> Iterator[asyncio.Event]:
        mine = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._events[name].add(mine)
        try:
            yield mine[1]
        finally:
            with self._lock:
                self._events[name].discard(mine)
                if not self._events[name]:
                    del self._events[name]

    def ring(self, name: str) -> None:
        with self._lock:
            listeners = tuple(self._events.get(name, ()))
        for loop, event in listeners:
            with suppress(RuntimeError):  # the listener's loop is closed
                loop.call_soon_threadsafe(event.set)
