"""A policy read back in plain sentences, one a rule and objective, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rotation.files import tables
from rotation.objectives import WORDS
from rotation.policy import Objective, Policy
from rotation.rules.frame import Rule, Selector
from rotation.words import Words

_FLAGS: Mapping[tuple[str, bool], Words] = {
    ("weak", True): Words("薄弱校", "weak"),
    ("weak", False): Words("非薄弱校", "not weak"),
    ("strong", True): Words("优质校", "strong"),
    ("strong", False): Words("非优质校", "not strong"),
}
_CHOICES: Mapping[str, tables.Choices] = {
    "area": tables.AREAS,
    "level": tables.LEVELS,
    "group_role": tables.GROUP_ROLES,
}
_NAMED: Mapping[str, Words] = {
    "group": Words("集团", "group"),
    "township": Words("乡镇", "township"),
    "school": Words("学校", "school"),
}
_CELLS: Mapping[str, Words] = {
    "school": Words("校", "school"),
    "subject": Words("学科", "subject"),
    "group": Words("集团", "group"),
    "level": Words("学段", "level"),
    "township": Words("乡镇", "township"),
    "area": Words("区域", "area"),
}


@dataclass(frozen=True)
class Sentence:
    """One rule or objective in words; ``priority`` is ``must`` or the tier's number."""

    id: str
    kind: str
    priority: int | str
    words: Words


def read_back(policy: Policy) -> tuple[Sentence, ...]:
    """Every rule, the `must` rules first, then every objective, tier after tier."""
    rules = [Sentence(rule.id, rule.rule, rule.priority, rule_words(rule)) for rule in policy.rules]
    parts = [Sentence(part.objective, "objective", part.priority, _objective(part)) for part in policy.objectives]
    order = {"must": 0}
    return tuple(
        sorted(
            (*rules, *parts), key=lambda s: order.get(str(s.priority), s.priority if isinstance(s.priority, int) else 0)
        )
    )


def rule_words(rule: Rule) -> Words:
    """The rule's own sentence with whom it covers, its cells and its weight around it."""
    said = rule.sentence()
    covers = selector_words(rule.selector)
    per = [_CELLS[key] for key in getattr(rule, "per", ()) or () if key in _CELLS]
    zh = f"{said.zh}{f' [范围: {covers.zh}]' if covers else ''}"
    en = f"{said.en}{f' [covers: {covers.en}]' if covers else ''}"
    if per:
        zh += f" [分别计算: 每{'×'.join(word.zh for word in per)}]"
        en += f" [counted in each: {' × '.join(word.en for word in per)}]"
    if not rule.is_must:
        zh += f" (尽量满足, 第{rule.priority}级{f', 权重{rule.weight:g}' if rule.weight != 1 else ''})"
        en += f" (as far as possible, tier {rule.priority}{f', weight {rule.weight:g}' if rule.weight != 1 else ''})"
    return Words(f"{zh}。", f"{en}.")


def selector_words(selector: Selector) -> Words | None:
    """Which schools a selector selects, in words; None: every school."""
    parts = list(_parts(selector))
    if not parts:
        return None
    return Words(", 且".join(part.zh for part in parts), " and ".join(part.en for part in parts))


def _parts(selector: Selector) -> Iterator[Words]:
    for key, choices in _CHOICES.items():
        values = getattr(selector, key)
        if values is not None:
            yield _either(Words(choices[value][0], value.replace("_", " ")) for value in values)
    for key in ("weak", "strong"):
        flags = getattr(selector, key)
        if flags is not None:
            yield _either(_FLAGS[key, flag] for flag in flags)
    for key, name in _NAMED.items():
        values = getattr(selector, key)
        if values is not None:
            listed = _either(Words(value, value) for value in values)
            yield Words(f"{name.zh} {listed.zh}", f"{name.en} {listed.en}")


def _either(words: Iterable[Words]) -> Words:
    listed = list(words)
    return Words("或".join(word.zh for word in listed) or "(无)", " or ".join(word.en for word in listed) or "(none)")


def _objective(part: Objective) -> Words:
    said = WORDS[part.objective]
    weight = Words(f", 权重{part.weight:g}", f", weight {part.weight:g}") if part.weight != 1 else Words("", "")
    return Words(
        f"第{part.priority}级优化: {said.zh}{weight.zh}。", f"Tier {part.priority} optimises: {said.en}{weight.en}."
    )
