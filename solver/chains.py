"""A plan split into chains and cycles, any of which may be refused: the approval list of a personnel section.

Dropping placements can never break a rule that only says "at most" of them, and what says "at least" is a minimum count,
whose new shortfall is shown beside the chain. Left are the rules in which one placement makes room for another: a place
that somebody left, a teacher spared because another came, as many out as in, strong senders beside weak ones, staggered
ends. Each of their cells is a limit Σ a(p) ≤ b over placements p. With the plan cut into blocks B, every choice of refused
blocks keeps the limit exactly when

    Σ over B of max(0, a(B)) ≤ b        (refuse all blocks with a(B) < 0: nothing is worse)

so that is what is made true for every cell, by joining blocks of opposite sign until it is. Any *set* of chains may then be
refused, not one only. Joining the pair that settles most, the smallest first, keeps chains short; fewest is not claimed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rotation.check import check, report
from rotation.county import County
from rotation.facts import Facts
from rotation.plan import Placement
from rotation.policy import Policy
from rotation.rules.equal_exchange import EqualExchange
from rotation.rules.establishment import Establishment
from rotation.rules.fair_senders import FairSenders
from rotation.rules.frame import Number, PlacementRule, Rule
from rotation.rules.host_capacity import HostCapacity, covered_posts, room
from rotation.rules.release import Release
from rotation.rules.spouses import Spouses
from rotation.rules.term import TermRule
from rotation.tally import Tally
from solver.planned import require_kept

MINIMA = frozenset(
    {
        "rotation_quota", "subject_quota", "backbone_quota", "rural_coverage", "backbone_support", "leader_exchange",
        "mentoring", "decisions",
    }
)  # fmt: skip
"""Kinds whose `must` can fall short when placements are dropped, and is then shown. A required placement is a minimum of one."""

HARMLESS = frozenset({"budget", "group_shape", "itinerant"})
"""Kinds that no dropping can break: at most so much, or about one placement or none."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A minimum that would fall short if the chain alone were refused, by ``shortfall`` in all."""

    rule: str
    cell: Mapping[str, str]
    measured: Number
    least: Number | None
    shortfall: Number


@dataclass(frozen=True, slots=True)
class Chain:
    """Placements that stand or fall together, each after the one whose host it leaves where there is one.

    ``is_cycle``: every school in it sends as many as it receives. ``shortfalls``: what refusing it would cost in minimum
    counts. ``decided``: it holds a placement that the office itself requires.
    """

    number: int
    placements: tuple[Placement, ...]
    is_cycle: bool
    decided: bool
    shortfalls: tuple[Shortfall, ...]


def chains(county: County, policy: Policy, placements: Iterable[Placement]) -> tuple[Chain, ...]:
    """The chains of a plan, the longest first. Raises InputError for a plan that the checker does not accept."""
    placed = tuple(placements)
    facts = Facts(county, policy)
    require_kept(check(county, policy, placed, None, facts))
    blocks = Blocks(len(placed))
    for limit in _limits(facts, placed, blocks):
        blocks.keep(limit)
    blocks.settle()
    found = sorted(blocks.members.values(), key=lambda members: (-len(members), members))
    return tuple(_chain(facts, placed, number, [placed[i] for i in members]) for number, members in enumerate(found, 1))


# -- limits -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """Σ over parts of max(0, Σ amount(p) − room) ≤ most; a plain linear limit has one part and ``most`` 0."""

    parts: tuple[tuple[Mapping[int, Fraction], Fraction], ...]
    most: Fraction = Fraction(0)

    def sums(self, blocks: Blocks) -> list[dict[int, Fraction]]:
        """Part → block → Σ amount."""
        found: list[dict[int, Fraction]] = []
        for amounts, _ in self.parts:
            part: dict[int, Fraction] = defaultdict(Fraction)
            for member, amount in amounts.items():
                part[blocks.of[member]] += amount
            found.append(part)
        return found

    def excess(self, blocks: Blocks) -> Fraction:
        """By how much some choice of refused blocks could break it; 0: none can."""
        over = Fraction(0)
        for part, (_, room_) in zip(self.sums(blocks), self.parts, strict=True):
            over += max(Fraction(0), sum((max(Fraction(0), a) for a in part.values()), Fraction(0)) - room_)
        return max(Fraction(0), over - self.most)

    def pairs(self, blocks: Blocks) -> Iterator[tuple[int, int, Fraction]]:
        """Blocks of opposite sign in a part, and how much of the excess joining them settles."""
        for part in self.sums(blocks):
            plus = [(block, a) for block, a in part.items() if a > 0]
            minus = [(block, -a) for block, a in part.items() if a < 0]
            for one, a in plus:
                for other, b in minus:
                    yield one, other, min(a, b)


@dataclass(frozen=True)
class Stagger:
    """At one host: ``most(n)`` of any n arrivals that remain may end together (``years`` by member)."""

    years: Mapping[int, int]
    most: Callable[[int], int]

    def excess(self, blocks: Blocks) -> Fraction:
        """The worst over all choices: for each end, most who end then among n arrivals, by dynamic programming."""
        found = 0
        inside = Counter(blocks.of[member] for member in self.years)
        for end in set(self.years.values()):
            ending = Counter(blocks.of[member] for member, years in self.years.items() if years == end)
            worst = {0: 0}
            for block, count in inside.items():
                for n, together in list(worst.items()):
                    worst[n + count] = max(worst.get(n + count, 0), together + ending[block])
            found = max(found, *(together - self.most(n) for n, together in worst.items()))
        return Fraction(found)

    def pairs(self, blocks: Blocks) -> Iterator[tuple[int, int, Fraction]]:
        here = sorted({blocks.of[member] for member in self.years})
        for position, one in enumerate(here):
            for other in here[position + 1 :]:
                yield one, other, Fraction(1)


class Blocks:
    """A partition of the placements 0 … count − 1 that gets coarser until every limit is kept."""

    def __init__(self, count: int) -> None:
        self.of = list(range(count))
        self.members = {i: [i] for i in range(count)}
        self._limits: list[Limit | Stagger] = []

    def keep(self, limit: Limit | Stagger) -> None:
        self._limits.append(limit)

    def join(self, one: int, other: int) -> None:
        """Blocks become one."""
        if one == other:
            return
        keep, gone = min(one, other), max(one, other)
        for member in self.members[gone]:
            self.of[member] = keep
        self.members[keep] = sorted(self.members[keep] + self.members.pop(gone))

    def settle(self) -> None:
        """Join blocks until no choice of refused blocks breaks a limit."""
        while True:
            broken = [limit for limit in self._limits if limit.excess(self) > 0]
            if not broken:
                return
            gain: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
            for limit in broken:
                for one, other, settled in limit.pairs(self):
                    gain[min(one, other), max(one, other)] += settled
            size = {block: len(members) for block, members in self.members.items()}
            best = sorted(gain, key=lambda pair: (size[pair[0]] + size[pair[1]], -gain[pair], pair))
            # Several at once, as long as they share no block: what one settles the others cannot undo.
            touched: set[int] = set()
            if not best:
                raise ValueError("a limit that the plan itself breaks")
            for one, other in best:
                if one in touched or other in touched:
                    continue
                if all(limit.excess(self) == 0 for limit in self._around(one, other, broken)):
                    continue
                touched |= {one, other}
                self.join(one, other)

    def _around(self, one: int, other: int, limits: Sequence[Limit | Stagger]) -> list[Limit | Stagger]:
        """The limits that speak of both blocks."""
        found = []
        for limit in limits:
            members = limit.years if isinstance(limit, Stagger) else [m for part, _ in limit.parts for m in part]
            blocks = {self.of[member] for member in members}
            if one in blocks and other in blocks:
                found.append(limit)
        return found


def _limits(facts: Facts, placed: Sequence[Placement], blocks: Blocks) -> Iterator[Limit | Stagger]:
    """Every limit of the policy's `must` rules that dropping could break."""
    at_post = _at_posts(facts, placed)
    for rule in facts.policy.rules:
        if not rule.is_must or rule.rule in MINIMA or rule.rule in HARMLESS:
            continue
        if isinstance(rule, HostCapacity):
            for post in covered_posts(rule, facts):
                key = (post.school, post.subject)
                yield Limit(
                    ((at_post.get(key, {}), room(facts, post) - facts.county.staff_before.get(key, Fraction(0))),)
                )
        elif isinstance(rule, Establishment):
            yield from _establishment(rule, facts, at_post)
        elif isinstance(rule, Release):
            yield from _release(rule, facts, at_post)
        elif isinstance(rule, EqualExchange):
            yield from _equal(rule, facts, placed)
        elif isinstance(rule, FairSenders):
            yield from _fair(rule, facts, placed)
        elif isinstance(rule, TermRule):
            yield from _staggered(rule, facts, placed)
        elif isinstance(rule, Spouses):
            _couples(rule, facts, placed, blocks)
        elif not isinstance(rule, PlacementRule):
            # A rule that this file does not know: nothing can be promised of a part of the plan.
            for i in range(1, len(placed)):
                blocks.join(blocks.of[0], blocks.of[i])


Amounts = dict[int, Fraction]


def _at_posts(facts: Facts, placed: Sequence[Placement]) -> dict[tuple[str, str], Amounts]:
    """(school, subject) → placement → by how much it changes the staff there."""
    found: dict[tuple[str, str], Amounts] = defaultdict(lambda: defaultdict(Fraction))
    for i, placement in enumerate(placed):
        teacher = facts.county.teacher[placement.teacher]
        found[teacher.school, teacher.main_subject][i] -= 1
        for host in placement.hosts:
            found[host, placement.subject][i] += Fraction(1, len(placement.hosts))
    return found


def _establishment(rule: Establishment, facts: Facts, at_post: Mapping[tuple[str, str], Amounts]) -> Iterator[Limit]:
    county = facts.county
    for school in county.schools:
        if rule.selector.selects(school):
            parts = []
            for post in county.posts_of.get(school.id, ()):
                key = (post.school, post.subject)
                before = county.staff_before.get(key, Fraction(0))
                parts.append((at_post.get(key, {}), max(Fraction(post.capacity), before) - before))
            yield Limit(tuple(parts), Fraction(rule.extra(county, school)))


def _release(rule: Release, facts: Facts, at_post: Mapping[tuple[str, str], Amounts]) -> Iterator[Limit]:
    """staff_after ≥ least, turned about; the limits on how many leave are "at most"."""
    county = facts.county
    for post in county.posts if rule.keep_required else ():
        key = (post.school, post.subject)
        if rule.selector.selects(county.school[post.school]) and key in at_post:
            before = county.staff_before.get(key, Fraction(0))
            spare = before - min(Fraction(post.required), before)
            yield Limit((({i: -amount for i, amount in at_post[key].items()}, spare),))


def _equal(rule: EqualExchange, facts: Facts, placed: Sequence[Placement]) -> Iterator[Limit]:
    county = facts.county
    cells: dict[tuple[str, str], Amounts] = defaultdict(lambda: defaultdict(Fraction))
    for i, placement in enumerate(placed):
        teacher = county.teacher[placement.teacher]
        for host in placement.hosts:
            for cell, sign in rule.entered(county.school[teacher.school], county.school[host]):
                counted = teacher.main_subject if sign > 0 else placement.subject
                cells[cell, counted if rule.by_subject else ""][i] += Fraction(sign, len(placement.hosts))
    for amounts in cells.values():
        yield Limit(((amounts, Fraction(rule.tolerance)),))
        yield Limit((({i: -amount for i, amount in amounts.items()}, Fraction(rule.tolerance)),))


def _fair(rule: FairSenders, facts: Facts, placed: Sequence[Placement]) -> Iterator[Limit]:
    county = facts.county
    for (school, attribute), floor in rule.floors(facts).items():
        amounts = {
            i: floor - rule.points(attribute, county.teacher[placement.teacher], county.year)
            for i, placement in enumerate(placed)
            if placement.home == school
        }
        yield Limit(((amounts, Fraction(0)),))


def _staggered(rule: TermRule, facts: Facts, placed: Sequence[Placement]) -> Iterator[Stagger]:
    if rule.end_share_max is None:
        return
    county = facts.county
    arrivals: dict[str, dict[int, int]] = defaultdict(dict)
    for i, placement in enumerate(placed):
        for host in placement.hosts:
            if rule.covers(county.school[placement.home], county.school[host]):
                arrivals[host][i] = placement.years
    for host, years in arrivals.items():
        usable = len(rule.years_at(county.school[host]))
        yield Stagger(years, lambda n, usable=usable: rule.most_ending_together(n, usable))  # type: ignore[misc]


def _couples(rule: Spouses, facts: Facts, placed: Sequence[Placement], blocks: Blocks) -> None:
    """Where nobody may move but together, a couple stands or falls together."""
    at = {placement.teacher: i for i, placement in enumerate(placed)}
    for one, other in rule.couples(facts.county) if rule.max_moved == 0 else ():
        if one in at and other in at:
            blocks.join(blocks.of[at[one]], blocks.of[at[other]])


# -- what is shown ----------------------------------------------------------------------------------------------------


def _chain(facts: Facts, placed: Sequence[Placement], number: int, members: list[Placement]) -> Chain:
    out, into = Counter(p.home for p in members), Counter(host for p in members for host in p.hosts)
    gone = {placement.teacher for placement in members}
    tally = Tally(facts.county, [placement for placement in placed if placement.teacher not in gone])
    minima = [rule for rule in facts.policy.rules if rule.is_must and rule.rule in MINIMA]
    shortfalls = tuple(short for rule in minima for short in _short(rule, facts, tally))
    return Chain(number, _in_order(members), out == into, any(p.decided for p in members), shortfalls)


def _short(rule: Rule, facts: Facts, tally: Tally) -> Iterator[Shortfall]:
    for cell in report(rule, facts, tally).cells:
        if cell["shortfall"]:
            yield Shortfall(rule.id, cell["cell"], cell["measured"], cell["least"], cell["shortfall"])


def _in_order(members: list[Placement]) -> tuple[Placement, ...]:
    """Follow the way: after an arrival at a school, somebody who leaves it; start where nobody arrives, if anywhere."""
    left = sorted(members, key=lambda placement: placement.teacher)
    reached = {host for placement in members for host in placement.hosts}
    found: list[Placement] = []
    while left:
        onward = [p for p in left if found and p.home in found[-1].hosts]
        fresh = [p for p in left if p.home not in reached]
        found.append((onward or fresh or left)[0])
        left.remove(found[-1])
    return tuple(found)


def chain_document(chain: Chain) -> dict[str, Any]:
    """A chain as plain values; placements by teacher, home and hosts."""
    from solver.prices import document

    return {
        "number": chain.number,
        "is_cycle": chain.is_cycle,
        "decided": chain.decided,
        "placements": [
            {"teacher": p.teacher, "home": p.home, "hosts": list(p.hosts), "subject": p.subject, "years": p.years}
            for p in chain.placements
        ],
        "shortfalls": document(chain.shortfalls),
    }
