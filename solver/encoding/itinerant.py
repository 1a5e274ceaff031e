"""Twin of ``rotation.rules.itinerant``: the circuits there are, and who may serve them.

The rule says which schools a circuit may join, so there are no rows: a circuit that breaks a clause is no option, whatever
the rule's priority. Only circuits that some itinerant rule covers are made, and each keeps every rule that covers it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rotation.county import MODES
from rotation.rules.itinerant import Itinerant
from solver.index import Bools, Index, Ints

if TYPE_CHECKING:
    from solver.options import Options, Pairs

Circuit = tuple[int, ...]
"""Hosts by position, ascending."""


@dataclass(frozen=True)
class Legs:
    """Who may serve which small school as part of a circuit, by every rule about one host; ``years`` as in ``Options``."""

    pairs: Pairs
    years: NDArray[np.uint8]


def rules_of(index: Index) -> list[Itinerant]:
    return [rule for rule in index.facts.policy.rules if isinstance(rule, Itinerant)]


def hosts(index: Index, subject: int) -> Ints:
    """Schools that some itinerant rule lets be on a circuit of ``subject``."""
    return np.flatnonzero(np.logical_or.reduce([_may_host(rule, index, subject) for rule in rules_of(index)]))


def _may_host(rule: Itinerant, index: Index, subject: int) -> Bools:
    name = index.subjects[subject]
    schools = index.county.schools
    return np.array([rule.host_refusal(index.facts, school, name) is None for school in schools], dtype=bool)


def circuits(index: Index, subject: int) -> list[Circuit]:
    """Every circuit of ``subject`` that an itinerant rule covers and none that covers it refuses."""
    ids = [school.id for school in index.county.schools]
    rules = rules_of(index)
    found: dict[Circuit, None] = {}
    for rule in rules:
        near = index.within_km(rule.max_km_between)
        for circuit in _cliques(np.flatnonzero(_may_host(rule, index, subject)), near, rule.max_schools):
            names = [ids[host] for host in circuit]
            if rule.covers(index.facts, names):
                found[circuit] = None
    return [c for c in found if _kept(rules, index, [ids[host] for host in c], index.subjects[subject])]


def _kept(rules: Sequence[Itinerant], index: Index, names: list[str], subject: str) -> bool:
    facts = index.facts
    return all(rule.refusal(facts, names, subject) is None for rule in rules if rule.covers(facts, names))


def _cliques(schools: Ints, near: Bools, most: int) -> Iterator[Circuit]:
    """Sets of 2 … ``most`` schools that are near each other pairwise, each once, ascending."""

    def grow(circuit: Circuit, further: Ints) -> Iterator[Circuit]:
        for place, school in enumerate(further):
            larger = (*circuit, int(school))
            if len(larger) > 1:
                yield larger
            if len(larger) < most:
                rest = further[place + 1 :]
                yield from grow(larger, rest[near[school, rest]])

    yield from grow((), schools)


def with_circuits(options: Options, legs: Sequence[Legs]) -> Options:
    """``options`` and an option for each circuit and each teacher who may serve all its hosts for the same years."""
    index = options.index
    known: list[Circuit] = []
    parts: list[tuple[Ints, ...]] = []
    if not legs:
        return options
    taught = np.concatenate([np.broadcast_to(leg.pairs.subject, len(leg.years)) for leg in legs])
    for subject in np.unique(taught).tolist():
        own = taught == subject
        teacher = np.concatenate([leg.pairs.teacher for leg in legs])[own]
        host = np.concatenate([leg.pairs.host for leg in legs])[own]
        metres = np.rint(np.concatenate([leg.pairs.km for leg in legs])[own] * 1000).astype(np.int64)
        people, row = np.unique(teacher, return_inverse=True)
        places, column = np.unique(host, return_inverse=True)
        years = np.zeros((len(places), len(people)), dtype=np.uint8)
        years[column, row] = np.concatenate([leg.years for leg in legs])[own]
        way = np.zeros((len(places), len(people)), dtype=np.int64)
        way[column, row] = metres
        at = {int(place): i for i, place in enumerate(places)}
        for circuit in circuits(index, subject):
            if any(school not in at for school in circuit):
                continue
            stops = [at[school] for school in circuit]
            common = np.bitwise_and.reduce(years[stops])
            able = np.flatnonzero(common)
            if len(able):
                alike = [np.full(len(able), value) for value in (circuit[0], subject, len(known))]
                parts.append((people[able], *alike, way[stops][:, able].max(axis=0), common[able]))
                known.append(circuit)
    if not parts:
        return options
    teacher, host, subject_, circuit_, metres, years_ = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    mode = np.full(len(teacher), MODES.index("itinerant"))
    columns = {
        "teacher": np.concatenate((options.teacher, teacher)),
        "host": np.concatenate((options.host, host)),
        "subject": np.concatenate((options.subject, subject_)),
        "mode": np.concatenate((options.mode, mode)),
        "metres": np.concatenate((options.metres, metres)),
        "years": np.concatenate((options.years, years_)),
        "circuit": np.concatenate((options.circuit, np.asarray(circuit_, dtype=np.int32))),
    }
    order = np.lexsort(tuple(columns[key] for key in ("circuit", "host", "subject", "mode", "teacher")))
    typed: dict[str, Any] = {key: column[order].astype(getattr(options, key).dtype) for key, column in columns.items()}
    return replace(options, circuits=tuple(known), **typed)
