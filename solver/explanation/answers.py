"""What an explanation says: plain values, every number of which can be computed again from data, policy and plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rotation.plan import Placement
from rotation.rules.frame import Number
from rotation.words import Words
from solver.prices import Change, Price

Kind = Literal["stay", "host", "move", "more"]
"""stay: no placement; host: at these hosts, otherwise than in the plan (one host: on a circuit, too); move: a placement anywhere; more: one arrival more at a post."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A choice that was open. ``price`` None: no plan that keeps every `must` rule has it (proved).

    ``instead``: everybody whose placement differs in the best plan with this choice, of those the one that disturbs the
    fewest people; the person asked about comes first.
    """

    kind: Kind
    hosts: tuple[str, ...]
    subject: str | None
    km: float | None
    price: Price | None
    instead: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounded:
    """A choice that was not solved for: it costs at least ``at_least`` ((priority, amount), …), proved by LP duality.

    Lexicographically, with nothing better in the tiers before. Nothing listed: no bound above 0 is known.
    """

    hosts: tuple[str, ...]
    subject: str
    km: float
    at_least: tuple[tuple[int, Number], ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that covers the case, in its own words; ``code`` says why it refuses (None: it allows), with the figures."""

    rule: str
    sentence: Words
    code: str | None = None
    figures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A rule's cell that this placement helps: without it and nothing in its place, ``missing`` more would be short.

    ``measured``, ``least`` and ``most`` are the checker's for the plan as it is; None where it lists no such cell.
    """

    rule: str
    priority: int | str
    cell: Mapping[str, str]
    measured: Number | None
    least: Number | None
    most: Number | None
    missing: Number


@dataclass(frozen=True, slots=True)
class TeacherExplanation:
    """Why one teacher moves, or does not.

    Who moves: ``eligible`` (the rules that let them), ``serves`` (why this host), ``stay`` (its price, and who would go
    instead), ``alternatives`` (hosts solved for, the cheapest first), ``others`` (hosts bounded).
    Who stays: ``excluded`` (the rules that exclude them; empty: eligible), ``move`` (the price of sending them),
    ``others`` for the other hosts, ``refused``: rule and code → how many hosts it refuses, where no host is left.
    """

    teacher: str
    home: str
    placement: Placement | None
    decided: bool
    eligible: tuple[Reason, ...] = ()
    allowed: tuple[Reason, ...] = ()
    excluded: tuple[Reason, ...] = ()
    serves: tuple[Served, ...] = ()
    stay: Alternative | None = None
    move: Alternative | None = None
    alternatives: tuple[Alternative, ...] = ()
    others: tuple[Bounded, ...] = ()
    refused: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PostExplanation:
    """A post before and after the plan. ``more``: the price of one arrival more, asked where somebody could come.

    ``options``: how many teachers could come by the rules about one placement; ``refused``: why the others could not.
    """

    subject: str
    required: int
    capacity: int
    before: Number
    after: Number
    arrivals: tuple[str, ...]
    departures: tuple[str, ...]
    options: int
    more: Alternative | None
    refused: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SchoolExplanation:
    """Why these arrivals, why not more."""

    school: str
    arrivals: tuple[tuple[Placement, tuple[Served, ...]], ...]
    departures: tuple[Placement, ...]
    posts: tuple[PostExplanation, ...]
