"""``rotation policies`` (the presets) and ``rotation policy`` (the one somebody writes)."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from api.cli.exits import BROKEN
from api.cli.options import AsJson, read_county
from api.cli.output import print_json, say, show_faults, table
from api.documents import fault_document
from rotation.faults import Fault
from rotation.files.write import replacing
from rotation.policy import RULE_KINDS, Policy, load_policy, preset_names
from rotation.policy_review import review
from rotation.policy_words import Sentence, read_back, rule_words
from rotation.reference import OBJECTIVES_PAGE, index_page, objectives_page, rule_page

PolicyArgument = Annotated[
    str,
    typer.Argument(metavar="POLICY", help="预设名或政策文件 · A preset's name or a policy file.", show_default=False),
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DATA", help="也对照这份数据 · Look at these data too.")
]


def add_to(app: typer.Typer) -> None:
    presets = typer.Typer(help="预设政策 · The presets.", no_args_is_help=True)
    presets.command("list", epilog="例 Example: rotation policies list")(list_presets)
    presets.command("show", epilog="例 Example: rotation policies show national-2014 --json")(show)
    presets.command("rules", epilog="例 Example: rotation policies rules rural_coverage")(rules)
    app.add_typer(presets, name="policies")
    writing = typer.Typer(help="编写自己的政策 · Write a policy of one's own.", no_args_is_help=True)
    writing.command("new", epilog="例 Example: rotation policy new 我县2026 --from national-2014 --out my.toml")(new)
    writing.command("check", epilog="例 Example: rotation policy check my.toml --data nantou/")(check)
    writing.command("explain", epilog="例 Example: rotation policy explain my.toml")(explain)
    app.add_typer(writing, name="policy")


def list_presets(as_json: AsJson = False) -> None:
    """列出预设 · All presets with their sources."""
    policies = [load_policy(name) for name in preset_names()]
    if as_json:
        print_json([{"name": p.name, "source": p.source, "digest": p.digest, "rules": len(p.rules)} for p in policies])
    else:
        rows = [(policy.name, len(policy.rules), policy.source) for policy in policies]
        table("预设 · presets", ("名称 name", "规则 rules", "出处 source"), rows)


def show(name: PolicyArgument, as_json: AsJson = False) -> None:
    """显示一个政策; --json 输出展开后的全文 · A policy; with --json flattened, defaults filled in."""
    policy = load_policy(name)
    if as_json:
        print_json(policy.to_document())  # itself a policy file again
    else:
        _print_sentences(policy)


def rules(
    rule: Annotated[
        str, typer.Argument(metavar="[RULE]", help="规则名或 objectives · A rule, or objectives.", show_default=False)
    ] = "",
) -> None:
    """规则手册: 参数、含义、算例 · The rule reference: parameters, meaning, an example that is run."""
    if rule and rule != OBJECTIVES_PAGE and rule not in RULE_KINDS:
        near = get_close_matches(rule, RULE_KINDS, n=1, cutoff=0.5)
        hint = f", 是不是 {near[0]}? · did you mean {near[0]}?" if near else ""
        raise typer.BadParameter(f"没有这种规则 · no such rule{hint}", param_hint="RULE")
    page = index_page() if not rule else objectives_page() if rule == OBJECTIVES_PAGE else rule_page(RULE_KINDS[rule])
    print(page, end="")


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="政策名称 · The policy's name.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.toml", help="写到 · Where to write.", show_default=False)],
    start: Annotated[
        str, typer.Option("--from", metavar="PRESET", help="以哪个预设为基础 · The preset to start from.")
    ] = "national-2014",
    force: Annotated[bool, typer.Option(help="覆盖已有文件 · Replace a file that is there.")] = False,
) -> None:
    """新建一个政策文件, 注释里写明所继承的每条规则 · A new policy file that says in comments what it starts from."""
    if out.suffix.lower() != ".toml":
        raise typer.BadParameter("应以 .toml 结尾 · must end in .toml", param_hint="--out")
    if out.exists() and not force:
        raise typer.BadParameter("文件已存在, 加 --force 覆盖 · exists; --force replaces it", param_hint="--out")
    if start not in preset_names():
        known = ", ".join(preset_names())
        raise typer.BadParameter(f"没有这个预设, 可用: {known} · no such preset; known: {known}", param_hint="--from")
    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("名称应为一行文字 · the name is one line of text", param_hint="NAME")
    with replacing(out) as fresh:
        fresh.write_text(skeleton(name, start), encoding="utf-8")
    load_policy(out)
    say(f"已写入 · written: {out}")


def skeleton(name: str, preset: str) -> str:
    """A policy file that extends ``preset``, with every inherited rule as a comment."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        f'name = "{escaped}"',
        'source = ""  # 数字的出处 · where the numbers come from, one line',
        f'extends = "{preset}"',
        "drop = []  # 不要的规则编号 · ids of rules to leave out",
        "",
        "# 继承的规则; 写一条同 id 的规则即可替换 · Inherited rules; a rule with the same id replaces one:",
    ]
    for rule in load_policy(preset).rules:
        words = rule_words(rule)
        lines += [f"# - {rule.id} ({rule.rule}): {words.zh}", f"#   {words.en}"]
    lines += [
        "",
        "# [[rules]]",
        '# rule = "rotation_quota"',
        '# id = "urban-ten-percent"',
        '# priority = "must"        # 或 1, 2, 3…: 尽量满足 · or a number: as far as possible',
        '# where = { area = ["urban", "town"] }',
        "# share_min = 0.15",
        "",
    ]
    return "\n".join(lines)


def check(policy: PolicyArgument, data: DataOption = None, as_json: AsJson = False) -> None:
    """检查政策: 写错的键、自相矛盾的规则、对数据不起作用的规则 · Wrong keys, contradictions, rules that select nothing.

    退出码 Exit status: 0 没有矛盾 no contradiction; 1 有矛盾 contradictions; 2 政策有误 a faulty policy.
    """
    read = load_policy(policy)
    found = review(read, read_county(data, quiet=True) if data is not None else None)
    contradictory = any(fault.severity == "error" for fault in found)
    if as_json:
        print_json({"name": read.name, "digest": read.digest, "holds_together": not contradictory,
                    "findings": [fault_document(fault) for fault in found]})  # fmt: skip
    else:
        if found:
            show_faults(found)
        print(f"{read.name}: {len(read.rules)} 条规则 rules, {len(read.objectives)} 个目标 objectives")
        print("有矛盾 · contradictions" if contradictory else "没有矛盾 · no contradiction on its face")
    if contradictory:
        raise typer.Exit(BROKEN)


def explain(policy: PolicyArgument, data: DataOption = None, as_json: AsJson = False) -> None:
    """用平实的中文和英文读出一个政策 · Read a policy back in plain Chinese and English."""
    read = load_policy(policy)
    found: tuple[Fault, ...] = review(read, read_county(data, quiet=True) if data is not None else None)
    if as_json:
        print_json(
            {
                "name": read.name,
                "source": read.source,
                "sentences": [sentence_document(sentence) for sentence in read_back(read)],
                "findings": [fault_document(fault) for fault in found],
            }
        )
        return
    _print_sentences(read)
    if found:
        show_faults(found)


def sentence_document(sentence: Sentence) -> dict[str, object]:
    return {"id": sentence.id, "kind": sentence.kind, "priority": sentence.priority, "words": sentence.words}


def _print_sentences(policy: Policy) -> None:
    rows = [
        (s.id, "必须 must" if s.priority == "must" else s.priority, f"{s.words.zh}\n{s.words.en}")
        for s in read_back(policy)
    ]
    title = f"{policy.name} · {policy.source}" if policy.source else policy.name
    table(title, ("编号 id", "优先级 priority", "内容 what it says"), rows)
