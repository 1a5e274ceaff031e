"""Data sets on the command line: ``validate``, ``generate``, ``template``, ``advance``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.exits import BROKEN
from api.cli.options import AsJson, Data, PlanFile, keep_inputs, read_county
from api.cli.output import print_json, say, show_faults, table
from api.documents import fault_document
from rotation import files
from rotation.advance import advance as next_year
from rotation.county import County
from rotation.faults import Fault, InputError

TABLES = ("schools", "posts", "groups", "teachers", "terms", "preferences", "decisions", "travel")

Out = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DATA", help="文件夹、.xlsx 或 .json · A folder, .xlsx or .json.", show_default=False
    ),
]


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


def add_to(app: typer.Typer) -> None:
    app.command("validate", epilog="例 Example: rotation validate nantou/")(validate)
    app.command(
        "generate",
        epilog="例 Example: rotation generate --schools schools.csv --county 南投縣 --seed 1 --out nantou/",
    )(generate)
    app.command("template", epilog="例 Example: rotation template --lang zh --out 填报.xlsx")(template)
    app.command("advance", epilog="例 Example: rotation advance nantou/ plan.json --out nantou-2027/")(advance)


def validate(data: Data, as_json: AsJson = False) -> None:
    """找出一份数据的全部问题 · All faults of a data set, each with its place and what to do.

    退出码 Exit status: 0 没有错误 no errors; 1 有错误 errors; 2 找不到数据 no such data.
    """
    try:
        county, found = files.read(data)
    except InputError as error:
        if any(fault.code == "not_found" for fault in error.faults):
            raise
        if as_json:
            print_json(validation_document(None, error.faults))
        else:
            show_faults(error.faults)
        raise typer.Exit(BROKEN) from None
    if as_json:
        print_json(validation_document(county, found))
        return
    if found:
        show_faults(found)
    title = f"{county.name or data} · {county.year} · {files.digest(county)}"
    table(title, ("表 table", "行 rows"), [(name, len(getattr(county, name))) for name in TABLES])


def validation_document(county: County | None, faults: tuple[Fault, ...]) -> dict[str, object]:
    listed = [fault_document(fault) for fault in faults]
    return {
        "valid": county is not None,
        "digest": None if county is None else files.digest(county),
        "counts": None if county is None else {name: len(getattr(county, name)) for name in TABLES},
        "faults": [fault for fault in listed if fault["severity"] == "error"],
        "warnings": [fault for fault in listed if fault["severity"] == "warning"],
    }


def generate(
    out: Out,
    size: Annotated[int | None, typer.Option(min=1, max=20_000, help="学校数 · Schools.")] = None,
    teachers: Annotated[int | None, typer.Option(min=1, max=1_000_000, help="教师数 · Teachers.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="随机种子 · The random seed.")] = 1,
    schools: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="真实学校名单, 只生成教师 · A real school list: only teachers are made up."),
    ] = None,
    county: Annotated[str | None, typer.Option(metavar="NAME", help="名单中的一个县 · One county of the list.")] = None,
) -> None:
    """生成一个虚拟县, 或为真实学校名单生成教师 · A made-up county, or made-up teachers for a real school list.

    同样的参数和种子得到同样的文件 · The same arguments give the same bytes.
    """
    from scenarios.generate import county_for_schools, synthetic_county

    if schools is not None:
        if size is not None or teachers is not None:
            raise typer.BadParameter(
                "不能与 --size、--teachers 同用 · not with --size or --teachers", param_hint="--schools"
            )
        made = county_for_schools(schools, seed, county=county)
    elif size is None or teachers is None:
        raise typer.BadParameter(
            "请给出 --size 和 --teachers, 或 --schools · give --size and --teachers, or --schools", param_hint="--size"
        )
    else:
        made = synthetic_county(size, teachers, seed, name=county)
    files.write(made, out)
    say(f"已写入 · written: {out} ({len(made.schools)} 校 schools, {len(made.teachers)} 教师 teachers)")


def template(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.xlsx", help="写到 · Where to write.", show_default=False)],
    lang: Annotated[Language, typer.Option(help="表头语言 · Language of the headings.")] = Language.ZH,
) -> None:
    """一个空白填报工作簿 · An empty workbook to fill in."""
    if out.suffix.lower() != ".xlsx":
        raise typer.BadParameter("应以 .xlsx 结尾 · must end in .xlsx", param_hint="--out")
    files.write_template(out, lang.value)
    say(f"已写入 · written: {out}")


def advance(data: Data, plan: PlanFile, out: Out) -> None:
    """方案执行后的下一学年数据 · The next school year's data set, the plan carried out."""
    keep_inputs(out, data, plan)
    county = next_year(read_county(data), files.read_plan(plan))
    files.write(county, out)
    say(f"已写入 · written: {out} ({county.year})")
