"""A policy: rules and objectives in tiers. Written as TOML or JSON; may extend a preset and drop some of its rules."""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import Field, ValidationError

from rotation.chinese import chinese
from rotation.faults import Fault, InputError
from rotation.policy_document import tidied, whole, without_repeats
from rotation.rules import CATALOGUE
from rotation.rules.frame import Parameters, Rule, means
from rotation.words import Words

ObjectiveKind = Literal[
    "distance_total",
    "distance_max",
    "moves",
    "subsidy",
    "preferences",
    "tenure",
    "balance",
    "stability",
    "rural_service",
]
OBJECTIVE_KINDS: tuple[str, ...] = get_args(ObjectiveKind)
RULE_KINDS: Mapping[str, type[Rule]] = {rule.model_fields["rule"].default: rule for rule in CATALOGUE}
PRESETS = resources.files("rotation") / "policies"
MOST_BYTES = 1_000_000
_P = TypeVar("_P", bound=Parameters)


class Objective(Parameters):
    """What is optimised in tier ``priority``; a tier's parts add up, each times its ``weight``."""

    objective: Annotated[ObjectiveKind, means("目标", "what is optimised")]
    priority: Annotated[int, Field(ge=1), means("第几级", "the tier")]
    weight: Annotated[float, Field(gt=0), means("同级之内的权重", "what a unit weighs within its tier")] = 1.0


@dataclass(frozen=True)
class Tier:
    """What is minimised together, after every tier with a smaller priority."""

    priority: int
    rules: tuple[Rule, ...]
    objectives: tuple[Objective, ...]

    @property
    def name(self) -> str:
        return " + ".join((*(rule.id for rule in self.rules), *(part.objective for part in self.objectives)))


@dataclass(frozen=True)
class Policy:
    """A checked policy with defaults filled in: ``extends`` resolved, always-on rules included."""

    name: str
    rules: tuple[Rule, ...] = ()
    objectives: tuple[Objective, ...] = ()
    source: str = ""

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:
        priorities = {rule.priority for rule in self.rules if isinstance(rule.priority, int)}
        priorities |= {part.priority for part in self.objectives}
        return tuple(
            Tier(
                priority,
                tuple(rule for rule in self.rules if rule.priority == priority),
                tuple(part for part in self.objectives if part.priority == priority),
            )
            for priority in sorted(priorities)
        )

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id; KeyError where there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def to_document(self) -> dict[str, Any]:
        """The flattened policy as plain JSON values: what other programs read."""
        document = {
            "name": self.name,
            "source": self.source,
            "rules": [rule_document(rule) for rule in self.rules],
            "objectives": [part.model_dump(mode="json") for part in self.objectives],
        }
        found: dict[str, Any] = whole(document)
        return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the flattened policy as canonical JSON (UTF-8, no spaces, keys sorted): anyone can compute it."""
        text = json.dumps(self.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def rule_document(rule: Rule) -> dict[str, Any]:
    document = rule.model_dump(mode="json", by_alias=True)
    document["where"] = rule.selector.model_dump(mode="json", exclude_none=True)
    for key in ("from", "to"):
        if isinstance(document.get(key), dict):
            document[key] = {name: value for name, value in document[key].items() if value is not None}
    for flow in document.get("flows") or ():
        for key in ("from", "to"):
            flow[key] = {name: value for name, value in flow[key].items() if value is not None}
    return document


# -- loading ----------------------------------------------------------------------------------------------------------


def preset_names() -> list[str]:
    return sorted(entry.name.removesuffix(".toml") for entry in PRESETS.iterdir() if entry.name.endswith(".toml"))


def load_policy(name_or_path: str | Path) -> Policy:
    """A preset by name, or a policy file (``.toml`` or ``.json``). Raises InputError with every fault."""
    return parse_policy(read_document(name_or_path))


def read_document(name_or_path: str | Path) -> dict[str, Any]:
    """The policy as it is written, nothing resolved."""
    text = str(name_or_path)
    if text in preset_names():
        return tomllib.loads((PRESETS / f"{text}.toml").read_text(encoding="utf-8"))
    path = Path(name_or_path)
    if not path.is_file():
        near = _nearest(text, preset_names())
        raise InputError(
            [
                _fault(
                    None,
                    "name",
                    text,
                    "unknown_policy",
                    f"没有这个方案或文件{near.zh}",
                    f"there is no such preset or file{near.en}",
                )
            ]
        )
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"larger than {MOST_BYTES} bytes")
        content = path.read_text(encoding="utf-8-sig")
        document = (
            json.loads(content, object_pairs_hook=without_repeats) if path.suffix == ".json" else tomllib.loads(content)
        )
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            [
                _fault(
                    None, None, path.name, "unreadable_policy", f"方案文件无法读取: {error}", f"cannot be read: {error}"
                )
            ]
        ) from error
    if not isinstance(document, dict):
        raise InputError(
            [_fault(None, None, path.name, "unreadable_policy", "方案文件应是一个表", "a policy file is one table")]
        )
    return document


def parse_policy(document: object) -> Policy:
    """A policy from its document; resolves ``extends`` and ``drop``, fills in defaults. Raises InputError."""
    if not isinstance(document, dict):
        raise InputError(
            [_fault(None, None, None, "not_a_policy", "方案应是一个表", "a policy is a table (JSON object)")]
        )
    faults: list[Fault] = []
    flat = _flatten(tidied(document, faults), faults, ())
    rules = [rule for row, entry in enumerate(flat["rules"], 1) if (rule := _parse_rule(row, entry, faults))]
    objectives = [
        part for row, entry in enumerate(flat["objectives"], 1) if (part := _parse_objective(row, entry, faults))
    ]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            faults.append(
                _fault(
                    rule.id,
                    "id",
                    rule.id,
                    "duplicate_id",
                    "规则编号重复, 请另取一个",
                    "two rules have this id; rename one",
                )
            )
        seen.add(rule.id)
    if sum(rule.rule == "budget" for rule in rules) != 1 and any(part.objective == "subsidy" for part in objectives):
        faults.append(
            _fault(
                "objectives",
                "objective",
                "subsidy",
                "needs_one_budget",
                "subsidy 目标需要恰好一条 budget 规则",
                "the objective `subsidy` needs exactly one `budget` rule",
            )
        )
    if faults:
        raise InputError(faults)
    implied = [
        kind.model_validate({})
        for kind in CATALOGUE
        if kind.always_on and not any(isinstance(rule, kind) for rule in rules)
    ]
    if not objectives:
        last = max((rule.priority for rule in rules if isinstance(rule.priority, int)), default=0)
        objectives = [
            Objective(objective="distance_total", priority=last + 1),
            Objective(objective="moves", priority=last + 2),
        ]
    return Policy(flat["name"], (*implied, *rules), tuple(objectives), flat["source"])


def _flatten(document: Mapping[str, Any], faults: list[Fault], chain: tuple[str, ...]) -> dict[str, Any]:
    """Name, source, and the raw rules and objectives after ``extends`` and ``drop``."""
    known = ("name", "source", "extends", "drop", "rules", "objectives")
    for key in document:
        if key not in known:
            near = _nearest(key, known)
            faults.append(_fault(None, key, None, "unknown_key", f"不认识的键{near.zh}", f"unknown key{near.en}"))
    base: dict[str, Any] = {"name": "", "source": "", "rules": [], "objectives": []}
    parent = document.get("extends")
    if parent is not None:
        if not isinstance(parent, str) or parent not in preset_names() or parent in chain:
            near = _nearest(str(parent), preset_names())
            faults.append(
                _fault(None, "extends", parent, "unknown_policy", f"没有这个方案{near.zh}", f"no such preset{near.en}")
            )
        else:
            base = _flatten(read_document(parent), faults, (*chain, parent))
    for key in ("name", "source"):
        if key in document:
            if isinstance(document[key], str):
                base[key] = document[key]
            else:
                faults.append(_fault(None, key, document[key], "wrong_type", "应是文字", "must be text"))
    if not base["name"]:
        faults.append(_fault(None, "name", None, "missing", "请给方案取名", "a policy needs a name"))
    for key, name in (("rules", "rule"), ("objectives", "objective")):
        listed = document.get(key, [])
        if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
            faults.append(_fault(None, key, None, "wrong_type", "应是一列表", "must be a list of tables"))
            continue
        if key == "objectives":
            base[key] = listed or base[key]
            continue
        # A rule replaces the inherited one of its id; two of one id in the same document stay two, a fault.
        inherited = {old.get("id") or old.get(name): place for place, old in enumerate(base[key])}
        base[key] = [*base[key]]
        for entry in listed:
            own_id = entry.get("id") or entry.get(name)
            place = inherited.pop(own_id, None) if isinstance(own_id, str) else None
            if place is None:
                base[key].append(entry)
            else:
                base[key][place] = entry
    drop = document.get("drop", [])
    if not isinstance(drop, list) or not all(isinstance(name, str) for name in drop):
        faults.append(_fault(None, "drop", drop, "wrong_type", "应是规则编号的列表", "must be a list of rule ids"))
        drop = []
    ids = [entry.get("id") or entry.get("rule") for entry in base["rules"]]
    for name in drop:
        if name not in ids:
            near = _nearest(name, [str(i) for i in ids])
            faults.append(
                _fault(None, "drop", name, "unknown_rule_id", f"没有这条规则{near.zh}", f"no rule has this id{near.en}")
            )
    base["rules"] = [entry for entry, own in zip(base["rules"], ids, strict=True) if own not in drop]
    return base


def _parse_rule(row: int, entry: Mapping[str, Any], faults: list[Fault]) -> Rule | None:
    kind = RULE_KINDS.get(str(entry.get("rule")))
    if kind is None:
        near = _nearest(str(entry.get("rule", "")), RULE_KINDS)
        faults.append(
            _fault(
                str(row), "rule", entry.get("rule"), "unknown_rule", f"没有这种规则{near.zh}", f"no such rule{near.en}"
            )
        )
        return None
    return _validated(kind, entry, str(entry.get("id") or entry.get("rule")), faults)


def _parse_objective(row: int, entry: Mapping[str, Any], faults: list[Fault]) -> Objective | None:
    kind = entry.get("objective")
    if kind not in OBJECTIVE_KINDS:
        near = _nearest(str(kind or ""), OBJECTIVE_KINDS)
        faults.append(
            _fault(
                f"objectives {row}",
                "objective",
                kind,
                "unknown_objective",
                f"没有这种目标{near.zh}",
                f"no such objective{near.en}",
            )
        )
        return None
    return _validated(Objective, entry, f"objectives {row}", faults)


def _validated(kind: type[_P], entry: Mapping[str, Any], row: str, faults: list[Fault]) -> _P | None:
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            # Without pydantic's marks of which branch of a union it tried.
            path = ".".join(part for part in map(str, item["loc"]) if part.isdecimal() or part.isidentifier()) or None
            if item["type"] == "extra_forbidden":
                names = [field.alias or name for name, field in kind.model_fields.items()]
                near = _nearest(str(item["loc"][-1]), names)
                faults.append(
                    _fault(row, path, item["input"], "unknown_key", f"不认识的参数{near.zh}", f"unknown key{near.en}")
                )
            else:
                value = item["input"] if isinstance(item["input"], str | int | float | bool) else None
                faults.append(_fault(row, path, value, item["type"], f"参数不对: {chinese(item)}", item["msg"]))
    return None


def _nearest(name: str, known: Any) -> Words:
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return Words(f", 是不是 {found[0]}?", f"; did you mean {found[0]}?") if found else Words("", "")


def _fault(row: str | None, column: str | None, value: Any, code: str, zh: str, en: str) -> Fault:
    return Fault("policy", row, column, value, code, Words(zh, en))
