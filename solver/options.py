"""The columns: every (teacher, host or circuit, subject, mode) that the rules about one placement allow.

Built a block of teachers at a time, in order: a dot product on the unit sphere throws out what is surely too
far, exact kilometres decide the rest, then each refusal rule's twin in ``solver.encoding`` has its say on the pairs.
What was refused is counted by rule; the reason for one pair is looked up with ``Options.why_not``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import pairwise
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rotation.collector import no_collection
from rotation.county import MODES, Decision
from rotation.faults import Fault, InputError
from rotation.plan import Placement
from rotation.rules.decisions import Decisions
from rotation.rules.frame import PlacementRule
from rotation.rules.term import TermRule
from rotation.travel import EARTH_RADIUS_KM
from rotation.words import Words
from solver import encoding
from solver.encoding import itinerant
from solver.index import NONE, Bools, Floats, Index, Ints
from solver.stopping import ShouldStop, look, never
from solver.travel import KnownWays, ways

BLOCK_PAIRS = 500_000
"""So many fit a core's cache."""
FEWEST_ROLES = 1_000
"""In a block: of many schools, few are in sight of all of them."""
FEW_HOSTS = 0.05
SURELY = 1e-6
"""Radians, a few metres: more than any rounding."""
MAX_YEARS = 6


@dataclass(frozen=True)
class Pairs:
    """Candidates of one mode as parallel arrays: teacher, host, km (NaN: unknown), minutes (NaN: unknown).

    ``subject`` is an array too, or one for all.
    """

    teacher: Ints
    host: Ints
    subject: Ints | int
    mode: str
    km: Floats
    minutes: Floats

    def kept(self, keep: Bools) -> Pairs:
        if keep.all():
            return self
        return replace(
            self,
            teacher=self.teacher[keep],
            host=self.host[keep],
            subject=self.subject if isinstance(self.subject, int) else self.subject[keep],
            km=self.km[keep],
            minutes=self.minutes[keep],
        )


@dataclass(frozen=True)
class Options:
    """n options as parallel arrays, sorted by (teacher, mode, subject, host); positions refer to ``index``.

    ``host`` is the (first) host, ``circuit`` the position in ``circuits`` or ``NONE``, ``metres`` whole metres to the
    (farthest) host, ``years`` a bit mask: bit k is set when a term of k years is allowed. An option gives
    ``stop_weight / unit`` of a teacher to ``stop_school`` for every stop of it (one stop unless it is a circuit).
    """

    index: Index
    teacher: NDArray[np.int32]
    host: NDArray[np.int32]
    subject: NDArray[np.int32]
    mode: NDArray[np.int8]
    metres: NDArray[np.int32]
    years: NDArray[np.uint8]
    circuit: NDArray[np.int32]
    circuits: tuple[tuple[int, ...], ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.teacher)

    @property
    def home(self) -> Ints:
        return self.per_teacher(self.index.home)

    @property
    def main(self) -> Ints:
        return self.per_teacher(self.index.main)

    def per_teacher(self, values: NDArray[Any]) -> NDArray[Any]:
        """(n,) of (T,) ``values``: that of each option's teacher."""
        return np.repeat(values, self.counts)

    @property
    def unit(self) -> int:
        return lcm(1, *(len(hosts) for hosts in self.circuits))

    @property
    def teacher_row(self) -> NDArray[np.int32]:
        """(n,) each option's teacher, counted among those who have options."""
        return self.per_teacher(np.cumsum(self.counts > 0, dtype=np.int32) - np.int32(1))

    def stops(self) -> tuple[Ints, Ints, Ints]:
        """(option, school, weight): what every option brings to which school, in 1/``unit`` of a teacher."""
        if not self.circuits:
            return np.arange(len(self), dtype=np.int32), self.host, np.broadcast_to(np.int32(1), len(self))
        return self._shared_stops

    @cached_property
    def _shared_stops(self) -> tuple[Ints, Ints, Ints]:
        single = np.flatnonzero(self.circuit == NONE)
        parts: list[tuple[Ints, Ints, Ints]] = [
            (single, self.host[single].astype(np.int64), np.full(len(single), self.unit, dtype=np.int64))
        ]
        sizes = np.array([len(hosts) for hosts in self.circuits], dtype=np.int64)
        for size in np.unique(sizes).tolist():
            alike = np.flatnonzero(sizes == size)
            hosts = np.full((len(sizes), size), NONE, dtype=np.int64)
            hosts[alike] = [self.circuits[circuit] for circuit in alike]
            own = np.flatnonzero(np.isin(self.circuit, alike))
            weight = np.full(size * len(own), self.unit // size, dtype=np.int64)
            parts.append((np.repeat(own, size), hosts[self.circuit[own]].ravel(), weight))
        columns = tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return columns[0], columns[1], columns[2]

    def only(self, chosen: Ints) -> Options:
        """The options at ``chosen`` (ascending positions) alone."""
        arrays = ("teacher", "host", "subject", "mode", "metres", "years", "circuit")
        return replace(self, **{name: getattr(self, name)[chosen] for name in arrays})

    def hosts_of(self, option: int) -> tuple[str, ...]:
        schools = self.index.county.schools
        circuit = self.circuit[option]
        positions = (self.host[option],) if circuit == NONE else self.circuits[circuit]
        return tuple(schools[position].id for position in positions)

    def is_placement(self, option: int, placement: Placement) -> bool:
        """Whether ``placement`` is this option, its teacher and years aside."""
        return (
            set(self.hosts_of(option)) == set(placement.hosts)
            and self.index.subjects[self.subject[option]] == placement.subject
            and MODES[self.mode[option]] == placement.mode
        )

    def placement(self, option: int, years: int) -> Placement:
        county = self.index.county
        teacher = county.teachers[self.teacher[option]]
        hosts = self.hosts_of(option)
        return Placement(
            teacher=teacher.id,
            home=teacher.school,
            host=hosts[0],
            hosts=hosts,
            subject=self.index.subjects[self.subject[option]],
            mode=MODES[self.mode[option]],
            start_year=county.year,
            years=years,
            km=int(self.metres[option]) / 1000,
            decided=teacher.id in _required(self.index),
        )

    def of_teacher(self, position: int) -> Ints:
        """The options of a teacher."""
        return np.arange(self.first[position], self.first[position + 1])

    @cached_property
    def counts(self) -> Ints:
        """(T,) how many options each teacher has."""
        return np.diff(self.first)

    @cached_property
    def first(self) -> Ints:
        """(T + 1,) where each teacher's options begin."""
        return np.searchsorted(self.teacher, np.arange(len(self.index.county.teachers) + 1, dtype=np.int32))

    def why_not(
        self, teacher: str, host: str, subject: str | None = None, mode: str = "secondment"
    ) -> list[tuple[str, str]]:
        """Every (rule id, code) that refuses this teacher at this host; empty: it is an option."""
        return why_not(self.index, teacher, host, subject, mode)


_Block = Callable[[Counter[str]], Pairs]
"""Candidates, found when asked; whom a rule refuses by the way is counted."""
_Roughly = Callable[[Counter[str]], tuple[Ints, Ints]]
"""(role, host) that may be candidates, likewise."""


@no_collection()
def build_options(index: Index, should_stop: ShouldStop = never, workers: int = 1) -> Options:
    """All options of ``index``'s county and policy; blocks of them are built by so many ``workers`` side by side.

    Raises InputError for decisions that no option can meet, and Stopped.
    """
    refused: Counter[str] = Counter()
    parts: list[tuple[NDArray[Any], ...]] = []
    legs: list[itinerant.Legs] = []
    with ThreadPoolExecutor(workers) as pool:
        for mode in modes(index):
            reach = encoding.reach(index, mode)
            if not reach.any():
                continue
            blocks = _near(index, reach, mode, refused)
            built = partial(_built, index, should_stop)
            # numpy lets go of the interpreter; alone, a thread would only be a detour.
            for block in map(built, blocks) if workers == 1 else pool.map(built, blocks):
                refused.update(block.refused)
                if isinstance(block.options, itinerant.Legs):
                    legs.append(block.options)
                else:
                    parts.append(block.options)
    options = itinerant.with_circuits(_assemble(index, parts, refused), legs)
    faults = list(_decision_faults(options))
    if faults:
        raise InputError(faults)
    return options


@dataclass(frozen=True)
class _Built:
    """A block's columns, or legs of circuits, and how many pairs each rule refused."""

    options: itinerant.Legs | tuple[NDArray[Any], ...]
    refused: Counter[str]


def _built(index: Index, should_stop: ShouldStop, block: _Block) -> _Built:
    look(should_stop)
    refused: Counter[str] = Counter()
    pairs, years = _allowed(index, block(refused), refused)
    return _Built(itinerant.Legs(pairs, years) if pairs.mode == "itinerant" else _columns(pairs, years), refused)


def _allowed(index: Index, pairs: Pairs, refused: Counter[str]) -> tuple[Pairs, NDArray[np.uint8]]:
    """The pairs that no rule refuses, and their terms; the others are counted with the first rule that refuses them."""
    left = np.ones(len(pairs.teacher), dtype=bool)
    count = len(left)
    for rule in index.facts.policy.rules:
        if isinstance(rule, PlacementRule | Decisions):
            left &= encoding.allowed(rule, index, pairs)
            before, count = count, int(np.count_nonzero(left))
            refused[rule.id] += before - count
    years = encoding.years_allowed(index, pairs)
    left &= years != 0
    refused["term"] += count - int(np.count_nonzero(left))
    return pairs.kept(left), years if left.all() else years[left]


def modes(index: Index) -> tuple[str, ...]:
    """The modes the policy knows: those of its flows, secondment where no flow is named; itinerant with its rule only."""
    rules = index.facts.policy.rules
    named = {flow.mode for rule in rules for flow in getattr(rule, "flows", ())} or {"secondment"}
    named = named - {"itinerant"} | ({"itinerant"} if itinerant.rules_of(index) else set())
    return tuple(mode for mode in MODES if mode in named)


def _near(index: Index, reach: Bools, mode: str, refused: Counter[str]) -> Iterator[_Block]:
    """Candidate pairs in blocks, by (teacher, subject, host): eligible, qualified, reachable and not surely too far.

    Of mode itinerant they are the legs of circuits: small schools only, and the home may be one of them.
    """
    on_circuit = mode == "itinerant"
    served = index.post_of != NONE
    if on_circuit:
        served = np.zeros_like(served)
        for subject in range(len(index.subjects)):
            served[itinerant.hosts(index, subject), subject] = True
    refused["eligibility"] += int((index.teaches & ~index.eligible[:, None]).sum(axis=0) @ served.sum(axis=0))
    people, subjects = np.nonzero(index.teaches & (index.eligible[:, None] & served.any(axis=0)))
    if not len(people):
        return
    if not on_circuit:
        reach = reach & ~np.eye(len(reach), dtype=bool)
    levels, level = np.unique(index.teacher_levels, return_inverse=True)
    fits = (index.school_levels & levels[:, None]) != 0
    # (subject, level) → the schools where such a teacher may serve, a row each.
    open_ = (served.T[:, None, :] & fits[None, :, :]).reshape(-1, len(reach))
    roles = _Roles(people, subjects, subjects * len(levels) + level[people])
    known = KnownWays(index)
    # Few hosts a home (groups, townships): list them. Many: whole blocks of teachers by hosts are quicker.
    few = np.count_nonzero(reach) < FEW_HOSTS * reach.size
    blocks = _listed(index, reach, open_, roles) if few else _crossed(index, known, reach, open_, roles, refused)
    for block in blocks:
        yield partial(_known, index, known, roles, mode, block)


def _known(index: Index, known: KnownWays, roles: _Roles, mode: str, block: _Roughly, refused: Counter[str]) -> Pairs:
    """The block's pairs whose distance is known."""
    role, host = block(refused)
    teacher = roles.teacher[role]
    km, minutes = ways(index, known, teacher, host)
    found = ~np.isnan(km)
    refused["distance"] += len(found) - int(np.count_nonzero(found))
    return Pairs(teacher, host, roles.subject[role], mode, km, minutes).kept(found)


@dataclass(frozen=True)
class _Roles:
    """Who could serve as what, by (teacher, subject); ``kind`` is a row of the schools open to such a teacher."""

    teacher: Ints
    subject: Ints
    kind: Ints


def _listed(index: Index, reach: Bools, open_: Bools, roles: _Roles) -> Iterator[_Roughly]:
    """The open (role, host) in blocks, from each home's list of hosts."""
    hosts = np.flatnonzero(reach) % len(reach)
    count = np.count_nonzero(reach, axis=1)
    first = np.cumsum(count) - count
    home = index.home[roles.teacher]
    ends = np.cumsum(count[home])
    cuts = np.searchsorted(ends, np.arange(0, ends[-1], BLOCK_PAIRS), side="right")

    def block(start: int, end: int, refused: Counter[str]) -> tuple[Ints, Ints]:
        mine = count[home[start:end]]
        before = np.cumsum(mine) - mine
        role = np.repeat(np.arange(start, end), mine)
        host = hosts[np.arange(len(role)) + np.repeat(first[home[start:end]] - before, mine)]
        keep = open_[roles.kind[role], host]
        return role[keep], host[keep]

    for start, end in pairwise((*np.unique(cuts).tolist(), len(home))):
        yield partial(block, start, end)


def _crossed(
    index: Index, known: KnownWays, reach: Bools, open_: Bools, roles: _Roles, refused: Counter[str]
) -> Iterator[_Roughly]:
    """The open (role, host) in blocks that are not surely too far."""
    limit_km, size = encoding.loosest_km(index), len(reach)
    limited = np.isfinite(limit_km)
    if limited:
        refused["distance"] += _open_pairs(index, reach, open_, roles)
    # Single precision with a margin of its own: exact kilometres decide later.
    angle = min(limit_km / index.facts.detour / EARTH_RADIUS_KM * (1 + 1e-9) + 1e-9, np.pi)
    cosine = np.float32(np.cos(angle) - 1e-6)
    here, there = index.teacher_xyz.astype(np.float32), index.school_xyz.astype(np.float32)
    everywhere = np.arange(size)
    step = max(FEWEST_ROLES, BLOCK_PAIRS // size)

    def block(start: int, refused: Counter[str]) -> tuple[Ints, Ints]:
        teachers = roles.teacher[start : start + step]
        host = _in_sight(index, teachers, angle) if limited and not known.ways_given else everywhere
        homes, home = np.unique(index.home[teachers], return_inverse=True)
        keep = reach[np.ix_(homes, host)][home]
        keep &= open_[:, host][roles.kind[start : start + step]]
        if limited:
            with np.errstate(invalid="ignore"):
                near = here[teachers] @ there[host].T >= cosine
            known.let_pass(near, teachers)
            keep &= near
            refused["distance"] -= int(np.count_nonzero(keep))
        role, place = np.divmod(np.flatnonzero(keep), max(1, len(host)))
        return role + start, host[place]

    for start in range(0, len(roles.teacher), step):
        yield partial(block, start)


def _open_pairs(index: Index, reach: Bools, open_: Bools, roles: _Roles) -> int:
    """How many (role, host) are open, however far."""
    hosts = reach.astype(np.float32) @ open_.T.astype(np.float32)
    return int(hosts[index.home[roles.teacher], roles.kind].sum(dtype=np.float64))


def _in_sight(index: Index, teachers: Ints, angle: float) -> Ints:
    """The schools within ``angle`` of a circle around all of these ``teachers``: no other is that near to any of them.

    Who teaches at the same school often stands side by side in the table, and a city has many schools that are far from it.
    """
    points = index.teacher_xyz[teachers]
    total = np.nan_to_num(points).sum(axis=0)
    length = np.sqrt(total @ total)
    middle = total / length if length else np.array((1.0, 0.0, 0.0))
    with np.errstate(invalid="ignore"):
        spread = np.arccos(np.clip(np.nanmin(points @ middle, initial=1.0), -1.0, 1.0))
        found = index.school_xyz @ middle >= np.cos(min(np.pi, spread + angle + SURELY))
    return np.flatnonzero(found)


def _columns(pairs: Pairs, years: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
    """teacher, host, subject, mode, metres, years: as ``Options`` keeps them."""
    subject = np.broadcast_to(pairs.subject, len(years))
    teacher, host, subject = (part.astype(np.int32) for part in (pairs.teacher, pairs.host, subject))
    mode = np.full(len(years), MODES.index(pairs.mode), dtype=np.int8)
    return teacher, host, subject, mode, np.rint(pairs.km * 1000).astype(np.int32), years


def _assemble(index: Index, parts: list[tuple[NDArray[Any], ...]], refused: Counter[str]) -> Options:
    """The options of the blocks, which follow each other in order within a mode."""
    types = (np.int32, np.int32, np.int32, np.int8, np.int32, np.uint8)
    teacher, host, subject, mode, metres, years = (
        np.concatenate([part[k] for part in parts]) if parts else np.zeros(0, dtype=kind)
        for k, kind in enumerate(types)
    )
    none = np.broadcast_to(np.int32(NONE), len(mode))
    if len(mode) and mode[0] != mode[-1]:
        order = np.lexsort((mode, teacher))
        teacher, host, subject, mode, metres, years = (
            column[order] for column in (teacher, host, subject, mode, metres, years)
        )
    return Options(index, teacher, host, subject, mode, metres, years, none, refused=dict(refused))


def _required(index: Index) -> dict[str, Decision]:
    return {row.teacher: row for row in index.county.decisions if row.kind == "require"}


def _decision_faults(options: Options) -> Iterator[Fault]:
    """Required teachers without an option: the decision and the rules of §3 that stand against it."""
    index = options.index
    for number, decision in enumerate(index.county.decisions, 1):
        if decision.kind != "require":
            continue
        mine = options.of_teacher(index.teacher_at[decision.teacher])
        if decision.host is None:
            if len(mine):
                continue
            hosts = [
                school.id
                for school in index.county.schools
                if school.id != index.county.teacher[decision.teacher].school
            ]
            reasons = {reason for host in hosts for reason in why_not(index, decision.teacher, host)[:1]}
        else:
            if any(decision.host in options.hosts_of(int(option)) for option in mine):
                continue
            reasons = set(why_not(index, decision.teacher, decision.host))
        text = ", ".join(sorted(f"{rule} ({code})" for rule, code in reasons)) or "—"
        yield Fault(
            "decisions",
            number,
            "host" if decision.host is not None else "teacher",
            decision.host or decision.teacher,
            "decision_breaks_rule",
            Words(
                f"这条指定与规则冲突: {text}; 请改指定, 或在方案中放宽该规则",
                f"this decision breaks {text}; change the decision, or relax the rule in the policy",
            ),
        )


def why_not(
    index: Index, teacher: str, host: str, subject: str | None = None, mode: str = "secondment"
) -> list[tuple[str, str]]:
    """Every (rule id, code) that refuses this pair, asked of the checker's own rules; empty: it is an option."""
    facts, county = index.facts, index.county
    person = county.teacher[teacher]
    subjects = [subject] if subject is not None else list(person.subjects)
    best: list[tuple[str, str]] | None = None
    for candidate in subjects:
        found: list[tuple[str, str]] = []
        if teacher in county.running:
            found.append(("eligibility", "on_running_term"))
        way = facts.way(person, county.school[host])
        if way is None:
            found.append(("distance", "no_distance"))
        refusals: list[set[tuple[str, str]]] = []
        for years in range(1, MAX_YEARS + 1):
            km = 0.0 if way is None else way.km
            placement = Placement(teacher, person.school, host, candidate, county.year, years, km, mode)
            refusals.append(
                {
                    (rule.id, code)
                    for rule in facts.policy.rules
                    if isinstance(rule, TermRule | PlacementRule)
                    and (code := rule.refusal(facts, placement)) is not None
                }
            )
        fewest = min(refusals, key=len)
        found += sorted(fewest)
        for decision in county.decisions:
            if decision.teacher == teacher:
                if decision.kind == "forbid" and decision.host in (None, host):
                    found.append(("decisions", "forbidden"))
                if decision.kind == "require" and decision.host not in (None, host):
                    found.append(("decisions", "required_elsewhere"))
        found = list(dict.fromkeys(found))
        if best is None or len(found) < len(best):
            best = found
    return best or []
