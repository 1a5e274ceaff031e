"""A user who stops a solve waits less than a second: what takes longer looks up on the way."""

from __future__ import annotations

from collections.abc import Callable

ShouldStop = Callable[[], bool]


class Stopped(Exception):
    """The user or the clock ended a run before it had its answer."""


def never() -> bool:
    return False


def look(should_stop: ShouldStop) -> None:
    """Raises Stopped when told to stop."""
    if should_stop():
        raise Stopped
