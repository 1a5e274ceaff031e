"""Memory that nobody uses stays with the system: what was freed (glibc keeps what lies below its heaps' tops, hundreds of
megabytes for a city), and what is zero.
"""

from __future__ import annotations

import ctypes
import sys

import numpy as np
from numpy.typing import NDArray


def give_back() -> None:
    """Does nothing where the C library has no ``malloc_trim`` (it is glibc's own)."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def mostly_zeros(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A copy that takes memory where it is not zero: the system gives none before it is written to."""
    copy = np.zeros(len(values))
    used = np.flatnonzero(values)
    copy[used] = values[used]
    return copy
