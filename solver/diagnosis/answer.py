"""What a diagnosis says: conflicts and ways out (and, where the rules hold, what keeps the soft ones short), as documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rotation.plan import Placement, Status
from rotation.policy import Policy
from rotation.rules.frame import Rule
from rotation.words import Words

MEASURE = Words(
    "按现行规则会被拒绝的交流人数, 加上各硬性规则所缺的人数(经费按人均补贴折合)",
    "placements that the present rules would refuse, plus persons short of the present `must` rules "
    "(yuan count as the subsidy of one teacher)",
)
"""What ``WayOut.cost`` counts, at the least: the plan behind a way out breaks the present policy that often."""


@dataclass(frozen=True)
class Member:
    """One rule cell of a conflict. ``role``: "cell" (it ties placements) or "refusal" (it says who may move at all).

    ``now``: what the cell measures before any plan; ``reach``: the most it could come to alone, where counting tells;
    ``gain``: how many persons less the conflict's first cell lacks when this cell's limit gives way by one.
    """

    rule: str
    kind: str
    cell: Mapping[str, str]
    role: str
    sentence: Words
    now: float | None = None
    least: float | None = None
    most: float | None = None
    reach: float | None = None
    gain: float | None = None

    def to_document(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "kind": self.kind,
            "cell": dict(self.cell),
            "role": self.role,
            "sentence": words_document(self.sentence),
            "now": self.now,
            "least": self.least,
            "most": self.most,
            "reach": self.reach,
            "gain": self.gain,
        }


@dataclass(frozen=True)
class Conflict:
    """Rule cells that cannot hold together; with any one of them away, the others can.

    ``proof``: "counting" (one cell, added up) or "solved". ``likewise``: cells that cannot hold either in place of the
    first one. ``schools`` and ``teachers``: ids of those concerned, the teachers who could help (at most 100).
    ``irreducible``: False only where the time ran out before every cell was tried.
    """

    members: tuple[Member, ...]
    proof: str
    statement: Words
    schools: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()
    likewise: tuple[tuple[str, Mapping[str, str]], ...] = ()
    irreducible: bool = True

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(member.rule for member in self.members))

    def to_document(self) -> dict[str, Any]:
        return {
            "rules": list(self.rules),
            "members": [member.to_document() for member in self.members],
            "proof": self.proof,
            "statement": words_document(self.statement),
            "schools": list(self.schools),
            "teachers": list(self.teachers),
            "likewise": [{"rule": rule, "cell": dict(cell)} for rule, cell in self.likewise],
            "irreducible": self.irreducible,
        }


@dataclass(frozen=True)
class Change:
    """One parameter of one rule; ``schools``: only there (None: wherever the rule holds). ``parameter`` "" lifts the rule."""

    rule: str
    parameter: str
    before: Any
    after: Any
    schools: tuple[str, ...] | None
    words: Words

    def to_document(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "parameter": self.parameter or None,
            "before": self.before,
            "after": self.after,
            "schools": None if self.schools is None else list(self.schools),
            "words": words_document(self.words),
        }


@dataclass(frozen=True)
class Price:
    """A tier of the changed policy: ``value`` of a plan that was found; no plan has less than ``bound`` (None: not known)."""

    priority: int
    name: str
    value: float
    bound: float | None = None

    def to_document(self) -> dict[str, Any]:
        return {"priority": self.priority, "name": self.name, "value": self.value, "bound": self.bound}


@dataclass(frozen=True)
class WayOut:
    """A changed policy with a plan that the checker accepts under it.

    ``kind``: "number" (a rule's number, everywhere), "schools" (at some schools only), "soft" (no longer `must`).
    ``cost``: see ``MEASURE``; ``least``: no smaller change of that one number suffices, which was tried.
    ``replaced``: rule id → the rules that stand in its place. ``placements`` is the plan that proves it.
    """

    kind: str
    changes: tuple[Change, ...]
    cost: float
    policy: Policy
    replaced: Mapping[str, tuple[Rule, ...]]
    placements: tuple[Placement, ...]
    words: Words
    prices: tuple[Price, ...] = ()
    least: bool = False

    def to_document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "words": words_document(self.words),
            "changes": [change.to_document() for change in self.changes],
            "cost": self.cost,
            "least": self.least,
            "tiers": [price.to_document() for price in self.prices],
            "placements": len(self.placements),
            "policy": self.policy.to_document(),
        }


@dataclass(frozen=True)
class Shortfall:
    """A soft rule's cell that no plan fills, given the `must` rules: its conflict, and what one person more would bring."""

    rule: str
    conflict: Conflict

    def to_document(self) -> dict[str, Any]:
        return {"rule": self.rule, **self.conflict.to_document()}


@dataclass(frozen=True)
class Diagnosis:
    """``status``: infeasible (with conflicts), feasible (with what keeps soft rules short), or unknown (time ran out).

    ``complete``: every independent conflict is listed, and every way out that was looked for was looked for to the end.
    """

    status: Status
    message: Words
    conflicts: tuple[Conflict, ...] = ()
    ways: tuple[WayOut, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    complete: bool = True
    seconds: float = 0.0

    def to_document(self) -> dict[str, Any]:
        return {
            "status": self.status.value,
            "message": words_document(self.message),
            "measure": words_document(MEASURE),
            "conflicts": [conflict.to_document() for conflict in self.conflicts],
            "ways": [way.to_document() for way in self.ways],
            "shortfalls": [shortfall.to_document() for shortfall in self.shortfalls],
            "complete": self.complete,
            "seconds": round(self.seconds, 3),
        }


def words_document(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
