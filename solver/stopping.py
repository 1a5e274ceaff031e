"""A user who stops a solve waits less than a second: what takes longer looks up on the way."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

ShouldStop = Callable[[], bool]


class Stopped(Exception):
    """The user or the clock ended a run before it had its answer."""


def never() -> bool:
    return False


def look(should_stop: ShouldStop) -> None:
    """Raises Stopped when told to stop."""
    if should_stop():
        raise Stopped


_left: list[threading.Thread] = []
"""Engines that were told to stop and did not listen in time: they end by themselves, seconds later."""


def leave_running(thread: threading.Thread) -> None:
    """``thread`` was told to stop; nobody waits for it but the end of the process, which it would crash."""
    _left[:] = [*(one for one in _left if one.is_alive()), thread]


def leave(status: int) -> NoReturn:
    """End the process with ``status``, now: an engine that does not listen yet is not waited for."""
    if any(thread.is_alive() for thread in _left):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


@atexit.register
def _wait() -> None:
    # One that ends may leave another.
    while _left:
        _left.pop(0).join()
