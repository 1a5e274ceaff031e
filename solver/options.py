"""The columns: every (teacher, host or circuit, subject, mode) that the rules about one placement allow.

Built a block of teachers of one subject at a time: a dot product on the unit sphere throws out what is surely too
far, exact kilometres decide the rest, then each refusal rule's twin in ``solver.encoding`` has its say on the pairs.
What was refused is counted by rule; the reason for one pair is looked up with ``Options.why_not``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

BLOCK_PAIRS = 4_000_000
FEW_HOSTS = 0.05
MAX_YEARS = 6


@dataclass(frozen=True)
class Pairs:
    """Candidates of one mode and subject as parallel arrays: teacher, host, km (NaN: unknown), minutes (NaN)."""

    teacher: Ints
    host: Ints
    subject: int
    mode: str
    km: Floats
    minutes: Floats

    def kept(self, keep: Bools) -> Pairs:
        return replace(
            self, teacher=self.teacher[keep], host=self.host[keep], km=self.km[keep], minutes=self.minutes[keep]
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
        return self.index.home[self.teacher]

    @property
    def main(self) -> Ints:
        return self.index.main[self.teacher]

    @property
    def unit(self) -> int:
        return lcm(1, *(len(hosts) for hosts in self.circuits))

    def stops(self) -> tuple[Ints, Ints, Ints]:
        """(option, school, weight): what every option brings to which school, in 1/``unit`` of a teacher."""
        return self._stops

    @cached_property
    def _stops(self) -> tuple[Ints, Ints, Ints]:
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
        return np.arange(self._first[position], self._first[position + 1])

    @cached_property
    def _first(self) -> Ints:
        """(T + 1,) where each teacher's options begin."""
        counts = np.bincount(self.teacher, minlength=len(self.index.county.teachers))
        return np.concatenate(([0], np.cumsum(counts)))

    def why_not(
        self, teacher: str, host: str, subject: str | None = None, mode: str = "secondment"
    ) -> list[tuple[str, str]]:
        """Every (rule id, code) that refuses this teacher at this host; empty: it is an option."""
        return why_not(self.index, teacher, host, subject, mode)


def build_options(index: Index) -> Options:
    """All options of ``index``'s county and policy. Raises InputError for decisions that no option can meet."""
    refused: Counter[str] = Counter()
    parts: list[tuple[Pairs, NDArray[np.uint8]]] = []
    legs: list[itinerant.Legs] = []
    for mode in modes(index):
        reach = encoding.reach(index, mode)
        if not reach.any():
            continue
        for subject in range(len(index.subjects)):
            for candidates in _near(index, reach, subject, mode, refused):
                pairs = candidates
                for rule in index.facts.policy.rules:
                    if isinstance(rule, PlacementRule | Decisions):
                        keep = encoding.allowed(rule, index, pairs)
                        refused[rule.id] += int(len(keep) - keep.sum())
                        pairs = pairs.kept(keep)
                years = encoding.years_allowed(index, pairs)
                refused["term"] += int((years == 0).sum())
                pairs, years = pairs.kept(years > 0), years[years > 0]
                if mode == "itinerant":
                    legs.append(itinerant.Legs(pairs, years))
                else:
                    parts.append((pairs, years))
    options = itinerant.with_circuits(_assemble(index, parts, refused), legs)
    faults = list(_decision_faults(options))
    if faults:
        raise InputError(faults)
    return options


def modes(index: Index) -> tuple[str, ...]:
    """The modes the policy knows: those of its flows, secondment where no flow is named; itinerant with its rule only."""
    rules = index.facts.policy.rules
    named = {flow.mode for rule in rules for flow in getattr(rule, "flows", ())} or {"secondment"}
    named = named - {"itinerant"} | ({"itinerant"} if itinerant.rules_of(index) else set())
    return tuple(mode for mode in MODES if mode in named)


def _near(index: Index, reach: Bools, subject: int, mode: str, refused: Counter[str]) -> Iterator[Pairs]:
    """Candidate pairs of one subject, in blocks: eligible, qualified, reachable and not surely too far.

    Of mode itinerant they are the legs of circuits: small schools only, and the home may be one of them.
    """
    on_circuit = mode == "itinerant"
    hosts = itinerant.hosts(index, subject) if on_circuit else np.flatnonzero(index.post_of[:, subject] != NONE)
    teaches = index.teaches[:, subject]
    refused["eligibility"] += int((teaches & ~index.eligible).sum()) * len(hosts)
    teachers = np.flatnonzero(teaches & index.eligible)
    if not len(hosts) or not len(teachers):
        return
    known = _KnownWays(index)
    levels = index.teacher_levels[teachers]
    for level in np.unique(levels):
        open_ = reach[:, hosts] & ((index.school_levels[hosts] & level) != 0)
        if not on_circuit:
            open_ &= np.arange(len(reach))[:, None] != hosts
        own = teachers[levels == level]
        refused["distance"] += int(open_.sum(axis=1)[index.home[own]].sum())
        # Few hosts a home (groups, townships): list them. Many: whole blocks of teachers by hosts are quicker.
        few = open_.mean() < FEW_HOSTS
        step = max(1, BLOCK_PAIRS // max(1, int(open_.sum(axis=1).max()) if few else len(hosts)))
        for start in range(0, len(own), step):
            block = own[start : start + step]
            teacher, host = (_listed if few else _crossed)(index, known, open_, block, hosts)
            km, minutes = _ways(index, known, teacher, host)
            pairs = Pairs(teacher, host, subject, mode, km, minutes).kept(~np.isnan(km))
            refused["distance"] -= len(pairs.teacher)
            yield pairs


def _listed(index: Index, known: _KnownWays, open_: Bools, block: Ints, hosts: Ints) -> tuple[Ints, Ints]:
    """The open (teacher, host) of a block from each home's list of hosts."""
    home = index.home[block]
    _, column = np.nonzero(open_)
    count = open_.sum(axis=1)
    first = np.cumsum(count) - count
    mine = count[home]
    before = np.cumsum(mine) - mine
    host = hosts[column[np.arange(int(mine.sum())) + np.repeat(first[home] - before, mine)]]
    return np.repeat(block, mine), host


def _crossed(index: Index, known: _KnownWays, open_: Bools, block: Ints, hosts: Ints) -> tuple[Ints, Ints]:
    """The open (teacher, host) of a block that are not surely too far."""
    keep = open_[index.home[block]]
    limit_km = encoding.loosest_km(index)
    if np.isfinite(limit_km):
        # Single precision with a margin of its own: exact kilometres decide later.
        cosine = np.cos(min(limit_km / index.facts.detour / EARTH_RADIUS_KM * (1 + 1e-9) + 1e-9, np.pi)) - 1e-6
        with np.errstate(invalid="ignore"):
            here, there = index.teacher_xyz[block].astype(np.float32), index.school_xyz[hosts].astype(np.float32)
            keep &= (here @ there.T >= np.float32(cosine)) | known.mask(block, hosts)
    row, column = np.nonzero(keep)
    return block[row], hosts[column]


class _KnownWays:
    """The travel table, by residence (teacher) and by home school."""

    def __init__(self, index: Index) -> None:
        self.index = index
        ways = index.county.travel
        self.from_school = {
            (index.school_at[way.origin], index.school_at[way.host]): way
            for way in ways
            if way.origin in index.school_at
        }
        self.from_teacher = {
            (index.teacher_at[way.origin], index.school_at[way.host]): way
            for way in ways
            if way.origin in index.teacher_at
        }
        size = len(index.county.schools)
        self.school_mask = np.zeros((size, size), dtype=bool) if self.from_school else None
        for home, host in self.from_school:
            assert self.school_mask is not None
            self.school_mask[home, host] = True

    def mask(self, teachers: Ints, hosts: Ints) -> Bools:
        """(len(teachers), len(hosts)) where an entry applies."""
        found = np.zeros((len(teachers), len(hosts)), dtype=bool)
        if self.school_mask is not None:
            found = self.school_mask[self.index.home[teachers]][:, hosts] & ~self.index.has_residence[teachers][:, None]
        if self.from_teacher:
            row = {int(teacher): i for i, teacher in enumerate(teachers)}
            column = {int(host): i for i, host in enumerate(hosts)}
            for teacher, host in self.from_teacher:
                if teacher in row and host in column:
                    found[row[teacher], column[host]] = True
        return found


def ways_between(index: Index, teacher: Ints, host: Ints) -> tuple[Floats, Floats]:
    """(km, minutes) of pairs of positions; NaN where unknown."""
    return _ways(index, _KnownWays(index), teacher, host)


def _ways(index: Index, known: _KnownWays, teacher: Ints, host: Ints) -> tuple[Floats, Floats]:
    """(km, minutes) of pairs, as ``rotation.travel.way`` says; NaN where unknown."""
    lon1, lat1 = index.teacher_lonlat[teacher].T
    lon2, lat2 = index.school_lonlat[host].T
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(h))) * index.facts.detour
    minutes = np.full(len(km), np.nan)
    if known.school_mask is not None:
        entries = known.school_mask[index.home[teacher], host] & ~index.has_residence[teacher]
        for at in np.flatnonzero(entries):
            way = known.from_school[int(index.home[teacher[at]]), int(host[at])]
            km[at], minutes[at] = way.km, np.nan if way.minutes is None else way.minutes
    if known.from_teacher:
        size = len(index.county.schools)
        keys = np.array([t * size + h for t, h in known.from_teacher], dtype=np.int64)
        for at in np.flatnonzero(np.isin(teacher * size + host, keys)):
            way = known.from_teacher[int(teacher[at]), int(host[at])]
            km[at], minutes[at] = way.km, np.nan if way.minutes is None else way.minutes
    return km, minutes


def _assemble(index: Index, parts: list[tuple[Pairs, NDArray[np.uint8]]], refused: Counter[str]) -> Options:
    def joined(arrays: list[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
        return np.concatenate(arrays).astype(dtype) if arrays else np.zeros(0, dtype=dtype)

    teacher = joined([pairs.teacher for pairs, _ in parts], np.int32)
    host = joined([pairs.host for pairs, _ in parts], np.int32)
    subject = joined([np.full(len(pairs.teacher), pairs.subject) for pairs, _ in parts], np.int32)
    mode = joined([np.full(len(pairs.teacher), MODES.index(pairs.mode)) for pairs, _ in parts], np.int8)
    metres = joined([np.rint(pairs.km * 1000) for pairs, _ in parts], np.int32)
    years = joined([years for _, years in parts], np.uint8)
    order = np.lexsort((host, subject, mode, teacher))
    return Options(
        index,
        teacher[order],
        host[order],
        subject[order],
        mode[order],
        metres[order],
        years[order],
        np.full(len(order), NONE, dtype=np.int32),
        refused=dict(refused),
    )


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
