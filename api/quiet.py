"""Errors told without their text, which may quote the data."""

from __future__ import annotations


def place_of(error: BaseException) -> str:
    """The error's kind and the place it came from, without its text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" ({trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno})"
    return f"{type(error).__name__}{place}"
