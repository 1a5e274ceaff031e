"""The command line: one file a group of commands. Faults go to standard error, never a traceback."""

from api.cli.app import main, run

__all__ = ["main", "run"]
