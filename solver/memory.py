"""Free memory goes back to the system: glibc keeps what was freed below its heaps' tops, hundreds of megabytes for a city."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Does nothing where the C library has no ``malloc_trim`` (it is glibc's own)."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
