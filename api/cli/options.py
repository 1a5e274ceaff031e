"""Options and arguments that several commands share, and how they are read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import show_faults
from rotation import files
from rotation.county import County

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="数据: 文件夹、.xlsx 工作簿或 .json 文件 · A folder, a workbook or a JSON file.",
        show_default=False,
    ),
]
PlanFile = Annotated[
    Path, typer.Argument(metavar="PLAN", help="方案文件 · A plan (.json or the result workbook).", show_default=False)
]
PolicyName = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="PRESET_OR_FILE",
        help="政策: 预设名或 .toml/.json 文件 · A preset's name or a policy file.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="给程序读的 JSON · JSON for programs.")]


def read_county(path: Path, *, quiet: bool = False) -> County:
    """The data set at ``path``; its warnings go to standard error. Raises InputError."""
    county, warnings = files.read(path)
    if warnings and not quiet:
        show_faults(warnings)
    return county


def keep_inputs(out: Path, *inputs: Path | str) -> None:
    """Refuse to write over what is being read: what the user typed in would be gone."""
    if any(out.resolve() == Path(given).resolve() for given in inputs):
        raise typer.BadParameter(
            "会覆盖输入文件, 请换一个文件名 · would overwrite an input; choose another name", param_hint="--out"
        )


def is_terminal() -> bool:
    return sys.stderr.isatty()
