"""``rotation``: its commands, and what becomes of every error (the exit statuses of the README)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from typing import Annotated

import typer

from api.cli import (
    approving,
    checking,
    data,
    demo,
    diagnosing,
    explaining,
    plans,
    policies,
    repairing,
    serving,
    solving,
)
from api.cli.exits import BAD_INPUT, INTERNAL, OK
from api.cli.output import say, show_faults
from rotation.faults import InputError
from solver.stopping import leave

app = typer.Typer(
    name="rotation",
    help="教师交流轮岗方案: 求解并证明。 Plans teacher rotation for a county, with a proof of every plan.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rotation {version('rotation')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 · The version.")
    ] = False,
) -> None: ...


for module in (demo, solving, diagnosing, checking, explaining, repairing, approving, data, plans, serving):
    module.add_to(app)
policies.add_to(app)
for command in entry_points(group="rotation.commands"):
    # Commands of packages that may see this one but are not seen by it: ``bench``.
    command.load()(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status. Nothing escapes as an exception."""
    as_json = "--json" in arguments
    try:
        app(list(arguments), prog_name="rotation")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else OK if leaving.code is None else BAD_INPUT
    except InputError as error:
        show_faults(error.faults, as_json=as_json)
        return BAD_INPUT
    except OSError as error:
        say(f"无法读写 · cannot be read or written: {error.filename or ''} {error.strerror or error}")
        return BAD_INPUT
    except Exception as error:
        if os.environ.get("ROTATION_DEBUG"):
            raise
        say(
            f"程序内部错误 · an internal error: {type(error).__name__}. "
            "设置 ROTATION_DEBUG=1 可查看详情 · set ROTATION_DEBUG=1 for the details."
        )
        return INTERNAL
    return OK


def main() -> None:
    """The entry point of the ``rotation`` script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    leave(run(sys.argv[1:]))
