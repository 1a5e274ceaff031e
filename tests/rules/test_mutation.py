"""The agreement test is worth something: break any encoding on purpose, and it fails.

Every kind of rule and every objective has breaks of its own in ``MUTATIONS``; one without is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from agreement import Disagreement, compare
from test_agreement import WITHOUT_TWIN
from tried import Case, tiny_counties, tiny_objectives

from rotation.policy import OBJECTIVE_KINDS, RULE_KINDS
from solver import options
from solver.builder import ProgramBuilder
from solver.encoding import TWINS, destination, distance, itinerant, objectives, term
from solver.index import Index
from solver.options import Options

Break = Callable[[pytest.MonkeyPatch], None]


def disagree(cases: tuple[Case, ...]) -> bool:
    """Does any of the cases see a difference? Only ``Disagreement`` counts: a crash is no proof of anything."""
    for case in cases:
        try:
            compare(case)
        except Disagreement:
            return True
    return False


# -- breaks of rules that become rows ---------------------------------------------------------------------------------


def _encoder(kind: str, broken: Callable[[Any, ProgramBuilder], None]) -> Break:
    """The twin's ``encode`` replaced by ``broken``, which is handed the rule and the builder."""
    return lambda patch: patch.setattr(TWINS[kind], "encode", broken)


def silent(kind: str) -> Break:
    """The rule adds no rows."""
    return _encoder(kind, lambda rule, program: None)


def shifted(kind: str, by: int) -> Break:
    """Every limit of the rule's rows is ``by`` looser (negative: stricter)."""
    original = TWINS[kind].encode

    def encode(rule: Any, program: ProgramBuilder) -> None:
        rows, limits = len(program._row_lower), {post: len(some) for post, some in program._post_limits.items()}
        original(rule, program)
        for low in program._row_lower[rows:]:
            low -= by
        for high in program._row_upper[rows:]:
            high += by
        for post, some in program._post_limits.items():
            first = limits.get(post, 0)
            some[first:] = [
                (None if low is None else low - by, None if high is None else high + by, name)
                for low, high, name in some[first:]
            ]

    return _encoder(kind, encode)


def one_row_lost(kind: str) -> Break:
    """The last row that limits anything limits nothing."""
    original = TWINS[kind].encode

    def encode(rule: Any, program: ProgramBuilder) -> None:
        rows, limits = len(program._row_lower), {post: len(some) for post, some in program._post_limits.items()}
        original(rule, program)
        for low, high in list(zip(program._row_lower, program._row_upper, strict=True))[rows:][::-1]:
            if len(low):
                low[-1], high[-1] = -np.inf, np.inf
                return
        for post in reversed(program._post_limits):
            del program._post_limits[post][limits.get(post, 0) :]
            return

    return _encoder(kind, encode)


def coefficients_doubled(kind: str) -> Break:
    """The first coefficient of the rule's rows counts twice."""
    original = TWINS[kind].encode

    def encode(rule: Any, program: ProgramBuilder) -> None:
        before = len(program._coo)
        original(rule, program)
        for entries in program._coo[before:]:
            entries.value[:1] *= 2

    return _encoder(kind, encode)


def free_shortfall(kind: str) -> Break:
    """As a soft rule, its shortfall costs nothing."""
    original = TWINS[kind].encode

    def encode(rule: Any, program: ProgramBuilder) -> None:
        before = {priority: len(parts) for priority, parts in program._costs.items()}
        original(rule, program)
        for priority, parts in program._costs.items():
            del parts[before.get(priority, 0) :]

    return _encoder(kind, encode)


# -- breaks of rules that refuse --------------------------------------------------------------------------------------


def lets_all_pass(module: ModuleType) -> Break:
    return lambda patch: patch.setattr(module, "allowed", lambda rule, index, pairs: np.ones(len(pairs.teacher), bool))


def refuses_one(module: ModuleType) -> Break:
    """Of every block of pairs the first is refused."""
    original = module.allowed

    def allowed(rule: Any, index: Index, pairs: Any) -> Any:
        keep = original(rule, index, pairs).copy()
        keep[:1] = False
        return keep

    return lambda patch: patch.setattr(module, "allowed", allowed)


def _everyone_eligible(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Index, "eligible", property(lambda index: np.ones(len(index.county.teachers), dtype=bool)))


def _levels_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Index, "teacher_levels", property(lambda index: np.full(len(index.county.teachers), -1)))


def _reach_turned_round(patch: pytest.MonkeyPatch) -> None:
    original = destination.reach
    patch.setattr(destination, "reach", lambda rule, index, mode: original(rule, index, mode).T)


def _reach_everywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(destination, "reach", lambda rule, index, mode: np.ones_like(original_reach(rule, index, mode)))


original_reach = destination.reach


def _no_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(distance, "_limit", lambda value: np.inf)


def _near_too_strict(patch: pytest.MonkeyPatch) -> None:
    """The early cut by the unit sphere takes pairs away that are near enough."""
    original = options._crossed

    def crossed(*arguments: Any) -> Iterator[options._Roughly]:
        def thinned(block: options._Roughly, refused: Counter[str]) -> tuple[np.ndarray, np.ndarray]:
            role, host = block(refused)
            kept = np.arange(len(role)) % 3 != 0
            return role[kept], host[kept]

        for block in original(*arguments):
            yield partial(thinned, block)

    patch.setattr(options, "_crossed", crossed)


def _years_of_anyone(patch: pytest.MonkeyPatch) -> None:
    """Retirement and the rural minimum are not looked at."""

    def years_allowed(rule: Any, index: Index, pairs: Any) -> tuple[np.ndarray, np.ndarray]:
        _, covers = original_years(rule, index, pairs)
        return np.full(len(covers), sum(1 << years for years in set(rule.years)), dtype=np.uint8), covers

    patch.setattr(term, "years_allowed", years_allowed)


original_years = term.years_allowed


def _circuits_unknown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(itinerant, "with_circuits", lambda options, legs: options)


def _any_circuit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(itinerant, "_kept", lambda rules, index, names, subject: True)
    patch.setattr(itinerant, "_may_host", lambda rule, index, subject: index.post_of[:, subject] >= 0)


def _only_pairs(patch: pytest.MonkeyPatch) -> None:
    original = itinerant._cliques
    patch.setattr(itinerant, "_cliques", lambda schools, near, most: original(schools, near, 2))


def _circuit_lost(patch: pytest.MonkeyPatch) -> None:
    original = Options.stops

    def stops(options: Options) -> Any:
        option, school, weight = original(options)
        last = np.append(option[1:] != option[:-1], True)
        keep = ~last | (options.circuit[option] < 0)
        return option[keep], school[keep], weight[keep]

    patch.setattr(Options, "stops", stops)


# -- the breaks of every kind -----------------------------------------------------------------------------------------


def _rows(kind: str) -> dict[str, Callable[[], Break]]:
    return {
        "says nothing": lambda: silent(kind),
        "limits one looser": lambda: shifted(kind, 1),
        "limits one stricter": lambda: shifted(kind, -1),
        "a row lost": lambda: one_row_lost(kind),
        "a free shortfall": lambda: free_shortfall(kind),
    }


def _counts(kind: str) -> dict[str, Callable[[], Break]]:
    return _rows(kind) | {"one counted twice": lambda: coefficients_doubled(kind)}


def _module(name: str) -> ModuleType:
    return TWINS[name]


MUTATIONS: dict[str, dict[str, Callable[[], Break]]] = {
    "eligibility": {
        "everyone is eligible": lambda: _everyone_eligible,
        "one more": lambda: refuses_one(_module("eligibility")),
    },
    "destination": {"everywhere": lambda: _reach_everywhere, "turned round": lambda: _reach_turned_round},
    "qualification": {
        "no levels": lambda: _levels_not_compared,
        "one more": lambda: refuses_one(_module("qualification")),
    },
    "distance": {
        "no limit": lambda: _no_limit,
        "lets all pass": lambda: lets_all_pass(distance),
        "cut too early": lambda: _near_too_strict,
    },
    "term": {
        "any years for anyone": lambda: _years_of_anyone,
        "no stagger": lambda: silent("term"),
        "stagger one stricter": lambda: shifted("term", -1),
    },
    "decisions": {
        "forbids nothing": lambda: lets_all_pass(_module("decisions")),
        "requires nothing": lambda: silent("decisions"),
    },
    "preference_floor": {
        "lets all pass": lambda: lets_all_pass(_module("preference_floor")),
        "one more": lambda: refuses_one(_module("preference_floor")),
    },
    "rotation_quota": _counts("rotation_quota"),
    "backbone_quota": _counts("backbone_quota"),
    "subject_quota": _counts("subject_quota"),
    "release": _counts("release"),
    "host_capacity": _rows("host_capacity"),
    "rural_coverage": _rows("rural_coverage"),
    "spouses": _rows("spouses"),
    "backbone_support": _counts("backbone_support"),
    "equal_exchange": _counts("equal_exchange"),
    "fair_senders": _counts("fair_senders"),
    "establishment": {
        "says nothing": lambda: silent("establishment"),
        "a row lost": lambda: one_row_lost("establishment"),
    },
    "budget": {"says nothing": lambda: silent("budget"), "one counted twice": lambda: coefficients_doubled("budget")},
    "itinerant": {
        "no circuits": lambda: _circuits_unknown,
        "any circuit": lambda: _any_circuit,
        "only pairs": lambda: _only_pairs,
    },
    "leader_exchange": _counts("leader_exchange"),
    "mentoring": {"says nothing": lambda: silent("mentoring"), "limits one stricter": lambda: shifted("mentoring", -1)},
}


@cache
def healthy(kind: str) -> bool:
    return not disagree(tiny_counties(kind))


@pytest.mark.parametrize("kind", RULE_KINDS)
def test_every_rule_has_a_break(kind: str) -> None:
    assert (kind in MUTATIONS) != (kind in WITHOUT_TWIN)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in RULE_KINDS for name in MUTATIONS.get(kind, ())])
def test_a_broken_encoding_is_found(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert healthy(kind), "found before anything was broken"
    MUTATIONS[kind][name]()(monkeypatch)
    assert disagree(tiny_counties(kind))


@pytest.mark.parametrize("kind", ["host_capacity", "rural_coverage", "backbone_support", "equal_exchange"])
def test_a_lost_stop_of_a_circuit_is_found(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _circuit_lost(monkeypatch)
    assert disagree(tiny_counties(kind))


# -- objectives -------------------------------------------------------------------------------------------------------


def _free(kind: str) -> Any:
    return lambda part, program, baseline: None


def _dearer(kind: str) -> Any:
    """The first option that costs anything costs one more, the first helper (whose unit may be tiny) twice as much."""
    original = objectives.ENCODERS[kind]

    def encode(part: Any, program: ProgramBuilder, baseline: Any) -> None:
        original(part, program, baseline)
        dearer = []
        for columns, values, factor in program._costs[part.priority]:
            more = values.copy()
            first = np.flatnonzero(values)[:1]
            more[first] += np.maximum(1, np.abs(values[first])) if columns[0] >= len(program.options) else 1
            dearer.append((columns, more, factor))
        program._costs[part.priority] = dearer

    return encode


@cache
def healthy_objective(kind: str) -> bool:
    return not disagree(tiny_objectives(kind))


@pytest.mark.parametrize("broken", [_free, _dearer])
@pytest.mark.parametrize("kind", OBJECTIVE_KINDS)
def test_a_broken_objective_is_found(kind: str, broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert healthy_objective(kind), "found before anything was broken"
    monkeypatch.setitem(objectives.ENCODERS, kind, broken(kind))
    assert disagree(tiny_objectives(kind))
