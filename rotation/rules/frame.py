"""What every rule has: its frame (rulebook §2), and the shape of a checker's answer.

A rule is one file beside this one. It says its parameters (pydantic fields), its meaning in words and how a plan is
checked. Its twin of the same name in ``solver/encoding/`` says the same to a solver; neither imports the other.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rotation.county import County, School
from rotation.faults import Fault
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement
    from rotation.tally import Tally

Number = int | float | Fraction
Share = Annotated[float, Field(ge=0, le=1)]
PerKey = Literal["school", "subject", "group", "level", "township", "area"]
Priority = Literal["must"] | Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Selected = Literal["homes", "hosts", "members", "groups", "couples", "nothing"]


@lru_cache(maxsize=4096)
def exact(number: float) -> Fraction:
    """The decimal that was written: 0.1 is one tenth, not its nearest binary float."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def least_of(share: float, count: Number) -> int:
    """``ceil(share × count)`` on exact fractions: what a minimum share asks for."""
    part = exact(share)
    if isinstance(count, int):
        return -(-part.numerator * count // part.denominator)
    return math.ceil(part * Fraction(count))


def most_of(share: float, count: Number) -> int:
    """``floor(share × count)`` on exact fractions: what a maximum share allows."""
    part = exact(share)
    if isinstance(count, int):
        return part.numerator * count // part.denominator
    return math.floor(part * Fraction(count))


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) else tuple(value) if isinstance(value, list) else value


def _as_flags(value: Any) -> Any:
    words = {"yes": True, "no": False}
    listed = _as_list(value)
    return tuple(words.get(v, v) if isinstance(v, str) else v for v in listed) if isinstance(listed, tuple) else listed


def _as_one(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


Single = BeforeValidator(_as_one)
"""Marks a parameter that is one value; a list of one is taken as that value."""


def means(zh: str, en: str) -> Any:
    """What a parameter means, in both languages; the rule reference prints it (``rotation.reference``)."""
    return Field(description=f"{zh} · {en}")


def several(item: Any) -> Any:
    """A list parameter; one bare value is taken as a list of one."""
    return Annotated[tuple[item, ...], BeforeValidator(_as_list)]


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Flags = Annotated[tuple[bool, ...], BeforeValidator(_as_flags)]
Areas = Annotated[tuple[Literal["urban", "town", "rural", "teaching_point"], ...], BeforeValidator(_as_list)]
LevelNames = Annotated[tuple[Literal["kindergarten", "primary", "junior", "senior"], ...], BeforeValidator(_as_list)]
GroupRoles = Annotated[tuple[Literal["core", "member"], ...], BeforeValidator(_as_list)]
PerKeys = Annotated[tuple[PerKey, ...], BeforeValidator(_as_list)]


class Parameters(BaseModel):
    """Base of everything a policy file says: unknown keys are errors, numbers are not guessed from text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Selector(Parameters):
    """Selects schools; each key is a list, and all given keys must hold. An empty selector selects every school."""

    area: Areas | None = None
    level: LevelNames | None = None
    group: Names | None = None
    group_role: GroupRoles | None = None
    weak: Flags | None = None
    strong: Flags | None = None
    township: Names | None = None
    school: Names | None = None

    def selects(self, school: School) -> bool:
        return (
            (self.area is None or school.area in self.area)
            and (self.level is None or any(level in self.level for level in school.levels))
            and (self.group is None or school.group in self.group)
            and (self.group_role is None or school.group_role in self.group_role)
            and (self.weak is None or school.weak in self.weak)
            and (self.strong is None or school.strong in self.strong)
            and (self.township is None or school.township in self.township)
            and (self.school is None or school.id in self.school)
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a rule, measured on a plan.

    ``cell`` says which (keys of ``per``; or teacher and host for a placement that is not allowed), ``shortfall`` by how
    much ``measured`` misses ``least`` or exceeds ``most`` in the rule's unit, ``code`` why a placement is refused.
    """

    cell: Mapping[str, str]
    measured: Number
    least: Number | None = None
    most: Number | None = None
    shortfall: Number = 0
    code: str | None = None

    @classmethod
    def between(
        cls, cell: Mapping[str, str], measured: Number, least: Number | None = None, most: Number | None = None
    ) -> Cell:
        """A cell whose shortfall is what is missing below ``least`` plus what is over ``most``."""
        missing = max(0, least - measured) if least is not None else 0
        over = max(0, measured - most) if most is not None else 0
        return cls(cell, measured, least, most, missing + over)


class Rule(Parameters):
    """The frame of a rule. ``where`` selects homes or hosts as the rule says; ``per`` splits them into cells."""

    rule: str
    id: Annotated[
        str, means("编号, 在政策中唯一; 不写为规则名", "unique in the policy; the rule's name unless given")
    ] = ""
    priority: Annotated[
        Priority,
        means(
            "必须遵守, 或在第几级尽量满足",
            "`must`: no plan breaks it; a number: the tier in which its shortfall is minimised",
        ),
    ] = "must"
    weight: Annotated[
        float, Field(gt=0), means("同级之内的权重", "what a unit of shortfall weighs within its tier")
    ] = 1.0
    where: Annotated[
        Selector | None, means("规则涉及哪些学校", "the schools that the rule speaks of: homes or hosts, as it says")
    ] = None

    title: ClassVar[Words]
    zh: ClassVar[str] = ""
    """What the docstring says, in Chinese."""
    selects: ClassVar[Selected]
    """What ``where`` selects; ``nothing``: the rule covers everybody whatever it says."""
    codes: ClassVar[tuple[str, ...]] = ()
    """The codes that a refused placement may carry, in the order in which they are tried."""
    unit: ClassVar[Words] = Words("人", "persons")
    always_on: ClassVar[bool] = False
    """Part of every policy, listed or not."""
    always_must: ClassVar[bool] = False
    """Rules about who may move at all (rulebook §3): a number as priority is an error."""
    default_where: ClassVar[Selector] = Selector()
    ties: ClassVar[str] = "nothing"
    """What the rule couples, so that a county is never split through it: nothing, teacher, home, host, group, county."""

    @model_validator(mode="before")
    @classmethod
    def _id_is_kind_unless_given(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("id"):
            return {**data, "id": cls.model_fields["rule"].default}
        return data

    @model_validator(mode="after")
    def _priority_is_allowed(self) -> Rule:
        if self.always_must and self.priority != "must":
            raise ValueError(f"`{self.rule}` says who may move at all and is always `must`; drop the number")
        return self

    @property
    def is_must(self) -> bool:
        return self.priority == "must"

    @property
    def selector(self) -> Selector:
        """``where``, or the rule's default where none is given."""
        return self.where if self.where is not None else self.default_where

    def selected(self, county: County) -> frozenset[str]:
        """The ids of the schools that ``where`` selects: for rules that go through many posts or teachers."""
        return frozenset(school.id for school in county.schools if self.selector.selects(school))

    @abstractmethod
    def check(self, facts: Facts, tally: Tally) -> Iterable[Cell]:
        """Every cell of the rule on this plan, the kept ones too; refused placements only where there are any."""

    @abstractmethod
    def sentence(self) -> Words:
        """The rule with its numbers, as one plain sentence in each language."""

    def faults(self, facts: Facts) -> Iterable[Fault]:
        """What the data lack, or contradict, for this rule to be applied at all; none by default."""
        return ()

    def selects_nothing(self, county: County) -> bool:
        """True when the rule speaks of no school of this county: reported as a warning."""
        return not any(self.selector.selects(school) for school in county.schools)


class PlacementRule(Rule):
    """A rule about one placement: allowed or refused with a reason, and always ``must``."""

    always_must: ClassVar[bool] = True

    @abstractmethod
    def refusal(self, facts: Facts, placement: Placement) -> str | None:
        """The code of why this rule refuses ``placement`` (a subject of ``docs/rules``), or None: allowed.

        A rule that does not cover the placement's home (host) refuses nothing.
        """

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        for placement in tally.placements:
            code = self.refusal(facts, placement)
            if code is not None:
                yield Cell({"teacher": placement.teacher, "host": placement.host}, 1, None, 0, 1, code)


CellKey = tuple[tuple[str, str], ...]


def cell_key(per: Iterable[str], school: School, subject: str | None = None) -> CellKey | None:
    """The cell that (school, subject) falls into; None where the school has no such group or township.

    ``per = ["level"]`` takes the school's whole level list as one key, joined with ``;``.
    """
    key: list[tuple[str, str]] = []
    for part in per:
        value = {
            "school": school.id,
            "subject": subject,
            "group": school.group,
            "level": ";".join(school.levels),
            "township": school.township,
            "area": school.area,
        }[part]
        if value is None:
            return None
        key.append((part, value))
    return tuple(key)
