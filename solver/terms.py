"""One or two years for each placement, host by host, once it is known who goes where.

The program's rows make sure that an assignment exists (``solver.encoding.term``); this finds one. Where the rules leave a
choice, a baseline's years are kept, then terms are spread evenly over a host, the farther from home the shorter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rotation.plan import Placement
from rotation.rules.term import TermRule
from solver.index import Ints
from solver.options import MAX_YEARS, Options


@dataclass(frozen=True)
class _Stagger:
    """One rule at one host: of ``members`` (positions in the host's arrivals) at most ``most`` end together."""

    members: frozenset[int]
    most: int


class NoTerms(Exception):
    """The stagger leaves no assignment of terms at ``hosts`` (positions): the program lacks their rows."""

    def __init__(self, hosts: frozenset[int]) -> None:
        self.hosts = hosts
        super().__init__(f"no assignment of terms at {len(hosts)} host(s)")


def assign_years(options: Options, chosen: Ints, baseline: Mapping[str, Placement]) -> dict[int, int]:
    """Chosen option → years. Raises NoTerms where the stagger leaves none."""
    index = options.index
    rules = [r for r in index.facts.policy.rules if isinstance(r, TermRule) and r.end_share_max is not None]
    years: dict[int, int] = {}
    short: set[int] = set()
    by_host: dict[int, list[int]] = {}
    for option in chosen:
        circuit = options.circuit[option]
        hosts = (int(options.host[option]),) if circuit < 0 else options.circuits[circuit]
        for host in hosts:
            by_host.setdefault(host, []).append(int(option))
    for host, arrivals in by_host.items():
        school = index.county.schools[host]
        arrivals.sort(key=lambda option: (-int(options.metres[option]), option))
        staggers = []
        for rule in rules:
            homes = [index.county.schools[options.home[option]] for option in arrivals]
            members = frozenset(i for i, home in enumerate(homes) if rule.covers(home, school))
            if len(members) >= rule.end_share_from:
                staggers.append(_Stagger(members, rule.most_ending_together(len(members), len(rule.years_at(school)))))
        wishes = [_wish(options, option, baseline) for option in arrivals]
        allowed = [
            (years[option],) if option in years else _terms(int(options.years[option])) for option in arrivals
        ]  # fmt: skip
        found = _assign(allowed, wishes, staggers)
        if found is None:
            short.add(host)
        else:
            years.update(zip(arrivals, found, strict=True))
    if short:
        raise NoTerms(frozenset(short))
    return years


def _terms(mask: int) -> tuple[int, ...]:
    return tuple(years for years in range(1, MAX_YEARS + 1) if mask >> years & 1)


def _wish(options: Options, option: int, baseline: Mapping[str, Placement]) -> int | None:
    """The baseline's years, where the baseline has the same teacher at the same host in the same subject."""
    placement = baseline.get(options.index.county.teachers[options.teacher[option]].id)
    if placement is None or set(placement.hosts) != set(options.hosts_of(option)):
        return None
    return placement.years if placement.subject == options.index.subjects[options.subject[option]] else None


def _assign(
    allowed: Sequence[tuple[int, ...]], wishes: Sequence[int | None], staggers: Sequence[_Stagger]
) -> list[int] | None:
    """Depth first, most wished and most even first; failed states are remembered by their counts."""
    order = sorted(range(len(allowed)), key=lambda i: (len(allowed[i]), wishes[i] is None, i))
    counts: list[Counter[int]] = [Counter() for _ in staggers]
    spread: Counter[int] = Counter()
    chosen: dict[int, int] = {}
    failed: set[tuple[int, tuple[tuple[tuple[int, int], ...], ...]]] = set()

    def place(position: int) -> bool:
        if position == len(order):
            return True
        state = (position, tuple(tuple(sorted(count.items())) for count in counts))
        if state in failed:
            return False
        i = order[position]
        for years in sorted(allowed[i], key=lambda y: (y != wishes[i], spread[y], y)):
            touched = [k for k, stagger in enumerate(staggers) if i in stagger.members]
            if any(counts[k][years] >= staggers[k].most for k in touched):
                continue
            for k in touched:
                counts[k][years] += 1
            spread[years] += 1
            chosen[i] = years
            if place(position + 1):
                return True
            for k in touched:
                counts[k][years] -= 1
            spread[years] -= 1
        failed.add(state)
        return False

    return [chosen[i] for i in range(len(allowed))] if place(0) else None
