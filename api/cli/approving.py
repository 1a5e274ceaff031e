"""``rotation chains`` and ``rotation letters``: what may be refused by itself, and what is sent when it is approved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import AsJson, Data, PlanFile, PolicyName, read_county
from api.cli.output import both, print_json, say, table
from rotation import files
from rotation.files.write import replacing
from rotation.labels import subject_words
from rotation.policy import load_policy
from rotation.words import Words
from solver.chains import chain_document, chains
from solver.explanation import Explainer
from solver.explanation.words import Teller

KINDS = (".docx", ".zip")


def add_to(app: typer.Typer) -> None:
    app.command("chains", epilog="例 Example: rotation chains nantou/ plan.json --policy national-2014")(list_chains)
    app.command(
        "letters", epilog="例 Example: rotation letters nantou/ plan.json --policy national-2014 --out letters.docx"
    )(write_letters)


def list_chains(data: Data, plan: PlanFile, policy: PolicyName, as_json: AsJson = False) -> None:
    """方案拆成互不牵连的交流链, 可逐条审批 · A plan in chains, any of which may be refused by itself.

    旁列: 退回这一条后哪些最低数不足 · Beside each: the minimum counts that fall short without it.
    """
    rules = load_policy(policy)
    county = read_county(data, quiet=as_json)
    found = chains(county, rules, files.read_plan(plan).placements)
    if as_json:
        print_json({"chains": [chain_document(chain) for chain in found]})
        return
    teller = Teller(county, rules)
    rows = []
    for chain in found:
        who = "\n".join(
            f"{teller.person(p.teacher)}: {teller.schools([p.home])} → {teller.schools(p.hosts)} {subject_words(p.subject).zh}"
            for p in chain.placements
        )
        short = "\n".join(
            f"{one.rule}: {float(one.measured):g} < {float(one.least or 0):g}" for one in chain.shortfalls
        )
        kind = "环 cycle" if chain.is_cycle else "链 chain" if len(chain.placements) > 1 else "单 single"
        rows.append((chain.number, kind, who, short, chain.decided))
    columns = ("号 no.", "形式 kind", "安排 placements", "退回后不足 short without", "指定 decided")
    table(f"{len(found)} 条 · chains", columns, rows)


def write_letters(
    data: Data,
    plan: PlanFile,
    policy: PolicyName,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="一个 .docx, 或每人一份的 .zip · One docx, or a zip.", show_default=False
        ),
    ],
    teacher: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="只写这些教师, 可多次 · Only these; may be repeated.")
    ] = None,
    lang: Annotated[Literal["zh", "en", "both"], typer.Option(help="语言 · Language.")] = "both",
    office: Annotated[str | None, typer.Option(help="发文单位 · Who signs.")] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="异议期(工作日) · Working days to object.")] = 7,
    contact: Annotated[str, typer.Option(help="联系方式 · How to reach the office.")] = "",
) -> None:
    """每人一页的交流通知书 · Decision letters, a page a teacher: what, where, how long, why, what else, how to object."""
    if out.suffix.lower() not in KINDS:
        raise typer.BadParameter(f"应以 {'、'.join(KINDS)} 结尾 · must end in .docx or .zip", param_hint="--out")
    from api.letters import Office, letters, letters_zip

    rules = load_policy(policy)
    explainer = Explainer(read_county(data), rules, files.read_plan(plan))
    unknown = [one for one in teacher or () if one not in explainer.placed]
    if unknown:
        raise typer.BadParameter(f"方案中没有: {'、'.join(unknown)} · not placed by the plan", param_hint="--teacher")
    signed = Office(None if office is None else Words(office, office), days, contact)
    make = letters if out.suffix.lower() == ".docx" else letters_zip
    content = make(explainer, teacher or None, language=lang, office=signed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as fresh:
        fresh.write_bytes(content)
    count = len(teacher or explainer.placed)
    say(both(Words(f"已写入 {count} 份: {out}", f"{count} letters written: {out}")))
