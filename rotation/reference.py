"""The rule reference, written from the code: a page a rule, an index, and a page of objectives (``docs/``).

``python -m rotation.reference docs`` (``make docs``) writes the pages; a test keeps them as they would be written, and
``rotation policies rules`` prints them.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from rotation.examples import Example, example
from rotation.files.tables import SCHOOLS
from rotation.labels import refusal_words
from rotation.objectives import IN_CHINESE, OBJECTIVES, WORDS
from rotation.plan import RuleReport
from rotation.policy import OBJECTIVE_KINDS, RULE_KINDS, Objective
from rotation.policy_words import rule_words, selector_words
from rotation.rules.frame import Rule, Selector
from rotation.words import Words

INDEX, OBJECTIVES_PAGE = "README", "objectives"
GENERATED = "<!-- 由 make docs 从代码生成, 请勿手改 · Written by `make docs` from the code: do not edit. -->"
SELECTS: Mapping[str, Words] = {
    "homes": Words("派出校", "home schools"),
    "hosts": Words("接收校", "host schools"),
    "members": Words("接收的学校(默认成员校)", "the receiving schools, members unless given"),
    "groups": Words("集团(其中有一所学校被选中即整个检查)", "groups: one with a selected school is checked whole"),
    "couples": Words("夫妻(任一方的派出校被选中)", "couples: the home of either is selected"),
    "nothing": Words("不起作用", "nothing: the rule covers everybody"),
}
TIES: Mapping[str, Words] = {
    "nothing": Words("不牵连: 每个安排单独判断", "nothing: each placement is judged by itself"),
    "teacher": Words("同一教师(夫妻)的各种安排", "the options of one teacher, or couple"),
    "home": Words("同一派出校的教师", "the teachers of a home school"),
    "host": Words("派往同一接收校的教师", "all who go to a host school"),
    "group": Words("同一集团的学校", "the schools of a group"),
    "county": Words("全县", "the whole county"),
}
SELECTOR_KEYS: Mapping[str, Words] = {column.name: column.says for column in SCHOOLS.columns} | {
    "school": Words("学校编号", "school ids"),
    "level": Words("学段; 学校有其中之一即可", "levels; one of the school's is enough"),
}
FRAME = ("id", "priority", "weight", "where")


def pages() -> dict[str, str]:
    """Path below ``docs/`` → text of every page."""
    found = {f"rules/{name}.md": rule_page(kind) for name, kind in RULE_KINDS.items()}
    return {f"rules/{INDEX}.md": index_page(), **found, f"{OBJECTIVES_PAGE}.md": objectives_page()}


def rule_page(kind: type[Rule]) -> str:
    """The page of one rule, in Markdown."""
    name = kind.model_fields["rule"].default
    title, _, source = (sys.modules[kind.__module__].__doc__ or "").strip().partition("\n\n")
    summary = title.partition(": ")[2]
    lines = [f"# {_both(kind.title)}", "", f"`{name}`: {summary}", "", GENERATED, ""]
    lines += ["## 内容 · What it says", "", kind.zh, "", _markdown(inspect.getdoc(kind) or ""), ""]
    lines += [_markdown(source), ""] if source else []
    lines += ["## 参数 · Parameters", "", *_parameters(kind), ""]
    lines += ["## 框架 · Frame", "", *_frame(kind), ""]
    if kind.codes:
        rows = [(f"`{code}`", refusal_words(code).zh, refusal_words(code).en) for code in kind.codes]
        lines += ["## 不准许的代码 · Refusal codes", "", *_table(("代码 code", "含义", "meaning"), rows), ""]
    shown = example(name)
    if shown is not None:
        lines += [*_example(shown), "核验结果 · What the checker reports:", ""]
        lines += _cells(report for report in shown.report().rules if report.rule == name)
        said = [rule_words(rule) for rule in shown.policy.rules if rule.rule == name]
        lines += ["", *(line for words in said for line in (f"> {words.zh}", ">", f"> {words.en}")), ""]
    return _text(lines)


def index_page() -> str:
    """All rules, and what they have in common."""
    rows = [
        (f"[`{name}`]({name}.md)", _both(kind.title), _both(SELECTS[kind.selects]), _priorities(kind))
        for name, kind in RULE_KINDS.items()
    ]
    lines = ["# 规则 · Rules", "", GENERATED, "", *_table(("规则 rule", "", "`where`", "优先级 priority"), rows), ""]
    lines += ["## 每条规则都有 · What every rule has", "", *_fields(Rule.model_json_schema(by_alias=True), FRAME), ""]
    lines += [
        "差额是规则没有做到的程度, 各单元相加。比例的下限进位, 上限舍去, 按精确分数计算。",
        "",
        "A rule's shortfall is how far it is missed, summed over its cells. Least shares are rounded up, largest shares down,",
        "on exact fractions.",
        "",
        "## 学校条件 · Selectors",
        "",
        "`where`、`from`、`to` 选择学校: 写出的键都要符合, 每个键是一个列表; 不写则全部学校。",
        "",
        "`where`, `from` and `to` select schools: all given keys must hold, each is a list; none given: every school.",
        "",
    ]
    keys = Selector.model_json_schema()["properties"]
    selector = [(f"`{key}`", _type(_without_null(schema)), _both(SELECTOR_KEYS[key])) for key, schema in keys.items()]
    lines += [*_table(("键 key", "值 values", "含义 meaning"), selector), ""]
    lines += [f"优化目标见 [{OBJECTIVES_PAGE}.md](../{OBJECTIVES_PAGE}.md) · What is optimised is on that page.", ""]
    return _text(lines)


def objectives_page() -> str:
    """What can be optimised."""
    lines = ["# 优化目标 · Objectives", "", GENERATED, ""]
    lines += [
        "目标与尽量满足的规则一样分级: 先第1级, 再第2级而不损害第1级, 依次类推。同级按权重相加。值总是越小越好, 求大的取负。",
        "",
        "Objectives sit in tiers like soft rules: tier 1 first, then tier 2 without worsening tier 1, and so on. Within a tier",
        "they add up, weighted. Values are always minimised; what is to be maximised enters negated.",
        "",
        *_fields(Objective.model_json_schema(), ("objective", "priority", "weight")),
        "",
    ]
    for kind in OBJECTIVE_KINDS:
        said = _markdown(inspect.getdoc(OBJECTIVES[kind]) or "")
        lines += [f"## `{kind}` {_both(WORDS[kind])}", "", IN_CHINESE[kind], "", said, ""]
    shown = example(OBJECTIVES_PAGE)
    if shown is not None:
        values = shown.report().values
        rows = [(tier.priority, f"`{tier.name}`", _number(values[tier.priority])) for tier in shown.policy.tiers]
        lines += [*_example(shown), "核验程序算出的值 · The values that the checker computes:", ""]
        lines += [*_table(("级 tier", "目标 objective", "值 value"), rows), ""]
    return _text(lines)


def write(folder: Path) -> None:
    """Write every page below ``folder``; pages of rules that are no more go."""
    written = pages()
    for old in (folder / "rules").glob("*.md"):
        if f"rules/{old.name}" not in written:
            old.unlink()
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


# -- parts of a page --------------------------------------------------------------------------------------------------


def _parameters(kind: type[Rule]) -> list[str]:
    schema = kind.model_json_schema(by_alias=True)
    own = [name for name in schema["properties"] if name not in ("rule", *FRAME)]
    return _fields(schema, own) if own else ["没有 · none"]


def _fields(schema: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    rows = []
    for name in names:
        field = schema["properties"][name]
        zh, _, en = field.get("description", "").partition(" · ")
        rows.append((f"`{name}`", _type(_without_null(field)), _default(field), zh, en))
    return _table(("参数 name", "类型 type", "默认 default", "含义", "meaning"), rows)


def _frame(kind: type[Rule]) -> list[str]:
    default = selector_words(kind.default_where)
    unless = Words("全部", "all") if default is None else default
    rows = [
        ("`where` 选择 · selects", _both(SELECTS[kind.selects])),
        ("优先级 · priority", _priorities(kind)),
        ("差额单位 · unit of the shortfall", _both(kind.unit)),
        ("牵连 · ties", _both(TIES[kind.ties])),
    ]
    if kind.selects != "nothing":
        rows.insert(1, ("不写 `where` · without `where`", _both(unless)))
    if kind.always_on:
        rows.append(("始终生效 · always on", _both(Words("不写也在政策中", "part of every policy, listed or not"))))
    return _table(("", ""), rows)


def _priorities(kind: type[Rule]) -> str:
    return "`must`" if kind.always_must else "`must`, 1, 2, 3…"


def _example(shown: Example) -> list[str]:
    filled = Words(
        "没有写出的取最简单的值: 城区小学、数学、在校10年、1学年、各校在同一处。",
        "What is not said is simple: urban primary schools in one place, maths, ten years at the school, one-year terms.",
    )
    return ["## 例 · Example", "", filled.zh, "", filled.en, "", "```toml", shown.text.strip(), "```", ""]


def _cells(reports: Iterable[RuleReport]) -> list[str]:
    rows = [
        (
            ", ".join(f"{key} {value}" for key, value in cell["cell"].items()) or "全县 county",
            *(_number(cell[key]) for key in ("measured", "least", "most", "shortfall")),
            f"`{cell['code']}`" if cell.get("code") else "",
        )
        for report in reports
        for cell in report.cells
    ]
    columns = ("单元 cell", "实际 measured", "至少 least", "至多 most", "差额 shortfall", "代码 code")
    return _table(columns, rows)


def _without_null(field: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else field


def _type(field: Mapping[str, Any]) -> str:
    """A parameter's type in words, from its JSON schema."""
    if "$ref" in field:
        return {"Selector": "学校条件 selector", "Flow": "流向 flow"}[field["$ref"].rpartition("/")[2]]
    if "anyOf" in field:
        kinds = [_type(kind) for kind in field["anyOf"]]
        return (
            kinds[-1] if {kind.get("type") for kind in field["anyOf"]} == {"integer", "number"} else " / ".join(kinds)
        )
    if "const" in field or "enum" in field:
        return " / ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if field["type"] == "array":
        inner = field.get("items", {})
        parts = [_type(part) for part in inner.get("prefixItems", ())]
        return f"列表 list: {'[' + ', '.join(parts) + ']' if parts else _type(inner)}"
    least, most = field.get("minimum", field.get("ge")), field.get("maximum")
    name = {"integer": "整数 whole number", "number": "数 number", "boolean": "`true` / `false`", "string": "文字 text"}
    limits = f" {least}–{most}" if most is not None else f" ≥ {least}" if least is not None else ""
    above = f" > {field['exclusiveMinimum']}" if "exclusiveMinimum" in field else ""
    return name[field["type"]] + limits + above


def _default(field: Mapping[str, Any]) -> str:
    if "default" not in field:
        return "必填 required"
    value = field["default"]
    if isinstance(value, dict) and not any(item is not None for item in value.values()):
        return "全部 all"
    return "无 none" if value in (None, "") else f"`{json.dumps(value, ensure_ascii=False)}`"


def _number(value: float | Fraction | None) -> str:
    return "" if value is None else f"{float(value):.6g}"


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    heads = list(columns)
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows),
    ]


def _both(words: Words) -> str:
    return f"{words.zh} · {words.en}"


def _markdown(docstring: str) -> str:
    return docstring.replace("``", "`")


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip() + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
