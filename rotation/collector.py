"""Python's search for reference cycles, paused while a hundred thousand rows or cells are built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """No search for cycles inside: rows and cells have none, and looking through them again and again takes a third
    of the time. Also a decorator.

    It is switched on again at the end, however the block ends, and stays off only where it was off before.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
