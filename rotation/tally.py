"""A plan counted: who leaves, who arrives, who is at work afterwards (rulebook §1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from rotation.county import County, Exact, Post_, part, whole
from rotation.plan import Placement


class Tally:
    """The new placements of a plan, counted exactly. Running terms never count as moved."""

    def __init__(self, county: County, placements: Iterable[Placement]) -> None:
        self.county = county
        self.placements = tuple(placements)

    @cached_property
    def placed(self) -> frozenset[str]:
        """The ids of the teachers with a new placement."""
        return frozenset(placement.teacher for placement in self.placements)

    @cached_property
    def sent(self) -> Mapping[str, tuple[Placement, ...]]:
        """Home school id → placements that leave it."""
        found: dict[str, list[Placement]] = defaultdict(list)
        for placement in self.placements:
            found[self.county.teacher[placement.teacher].school].append(placement)
        return {school: tuple(placements) for school, placements in found.items()}

    @cached_property
    def arrived(self) -> Mapping[str, tuple[Placement, ...]]:
        """Host school id → placements that serve it; a circuit appears at each of its hosts."""
        found: dict[str, list[Placement]] = defaultdict(list)
        for placement in self.placements:
            for host in placement.hosts:
                found[host].append(placement)
        return {school: tuple(placements) for school, placements in found.items()}

    @cached_property
    def out(self) -> Mapping[Post_, int]:
        """(home school, main subject) → new placements; absent key: 0."""
        found: dict[Post_, int] = defaultdict(int)
        for placement in self.placements:
            teacher = self.county.teacher[placement.teacher]
            found[teacher.school, teacher.main_subject] += 1
        return dict(found)

    @cached_property
    def into(self) -> Mapping[Post_, Exact]:
        """(host, placed subject) → ``in(s,j)``; a circuit of n hosts gives each of them 1/n."""
        found: dict[Post_, Exact] = defaultdict(int)
        for placement in self.placements:
            for host in placement.hosts:
                found[host, placement.subject] += part(1, len(placement.hosts))
        return {key: whole(count) for key, count in found.items()}

    @cached_property
    def into_school(self) -> Mapping[str, Exact]:
        """Host → ``in(s)``."""
        found: dict[str, Exact] = defaultdict(int)
        for (school, _), count in self.into.items():
            found[school] += count
        return {school: whole(count) for school, count in found.items()}

    def staff_after(self, school: str, subject: str) -> Exact:
        key = (school, subject)
        return self.county.at_work.get(key, 0) - self.out.get(key, 0) + self.into.get(key, 0)
