"""Education groups of one core and up to six members nearby."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rotation.county import Group, School
from scenarios.generator.plane import plane_of

MAX_MEMBERS = 6
REACH_KM = 25.0


def with_groups(schools: Sequence[School]) -> tuple[tuple[School, ...], tuple[Group, ...]]:
    """The schools with ``group`` and ``group_role``, and the groups.

    Cores are the largest schools outside villages, one for about every six schools, one that is ``strong`` before one
    that is not. Every other school joins the nearest core with room that shares a level, within 25 km as the crow
    flies; the nearest pairs first. Who finds none stays alone, and a core without members is no group.
    """
    able = [i for i, school in enumerate(schools) if not school.is_rural and school.classes]
    able.sort(key=lambda i: (not schools[i].strong, -(schools[i].classes or 0), i))
    cores = able[: max(1, len(schools) // 6)] if len(schools) > 1 else []
    km = plane_of(schools).km(schools)
    pairs: list[tuple[float, int, int]] = []
    for core in cores:
        apart = km - km[core]
        squared = apart[:, 0] * apart[:, 0] + apart[:, 1] * apart[:, 1]
        pairs += [(float(squared[i]), i, core) for i in (squared <= REACH_KM**2).nonzero()[0].tolist()]
    taken: dict[int, int] = {core: core for core in cores}
    members: dict[int, int] = dict.fromkeys(cores, 0)
    for _, member, core in sorted(pairs):
        shares_level = set(schools[member].levels) & set(schools[core].levels)
        if member not in taken and members[core] < MAX_MEMBERS and shares_level:
            taken[member] = core
            members[core] += 1
    name_of = {core: f"G{number + 1:03d}" for number, core in enumerate(core for core in cores if members[core])}
    groups = tuple(
        Group(name_of[core], f"{schools[core].name}教育集团", ("close", "semi", "alliance")[number % 3])
        for number, core in enumerate(name_of)
    )
    grouped = tuple(
        replace(school, group=name_of[taken[i]], group_role="core" if taken[i] == i else "member")
        if taken.get(i) in name_of
        else school
        for i, school in enumerate(schools)
    )
    return grouped, groups
