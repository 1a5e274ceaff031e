"""The command line: one file a group of commands. Faults go to standard error, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status. Nothing escapes as an exception."""
    from api.cli.app import run as run_app

    return run_app(arguments)


def main() -> None:
    """The entry point of the ``rotation`` script; Ctrl-C while the libraries are still loading ends it quietly."""
    try:
        from api.cli.app import main as main_app

        main_app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
