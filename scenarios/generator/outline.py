"""A county drawn by hand, school by school; its people are then made up as for any other county."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rotation.county import County, Group, School
from scenarios.generator.dice import Dice
from scenarios.generator.places import classes_for, pupils_for
from scenarios.generator.plane import Plane
from scenarios.generator.traits import Traits

Populate = Callable[[Sequence[School], Sequence[int], Sequence[Group], str, Traits], County]


@dataclass
class Outline:
    """Schools and groups so far. Positions are kilometres east and north of (``lon``, ``lat``)."""

    name: str
    lon: float = 112.0
    lat: float = 34.0
    schools: list[School] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    _dice: Dice = field(default_factory=lambda: Dice(2026, room=8))

    def group(self, name: str, kind: str | None = None, partner: str | None = None) -> str:
        """A new education group; returns its id."""
        self.groups.append(Group(f"G{len(self.groups) + 1:02d}", name, kind, partner))
        return self.groups[-1].id

    def school(
        self,
        name: str,
        heads: int,
        where: tuple[float, float],
        *,
        area: str = "rural",
        levels: tuple[str, ...] = ("primary",),
        township: str | None = None,
        core_of: str | None = None,
        member_of: str | None = None,
        weak: bool = False,
        strong: bool = False,
        parent: str | None = None,
        sites: int = 0,
        classes: int | None = None,
        pupils: int | None = None,
    ) -> str:
        """A new school that ``heads`` teachers are at home in; classes and pupils as usual for them. Returns its id."""
        count = classes if classes is not None else classes_for(levels, area, heads)
        lon, lat = Plane(self.lon, self.lat).degrees(*where)
        self.schools.append(
            School(
                id=f"S{len(self.schools) + 1:02d}",
                name=name,
                levels=levels,
                area=area,
                township=township,
                group=core_of or member_of,
                group_role="core" if core_of else "member" if member_of else None,
                weak=weak,
                strong=strong,
                parent=parent,
                sites=sites,
                lon=lon,
                lat=lat,
                classes=count,
                pupils=pupils if pupils is not None else pupils_for(self._dice, area, count),
            )
        )
        self.heads.append(heads)
        return self.schools[-1].id

    def county(self, populate: Populate, traits: Traits) -> County:
        """The county with its people. ``weak`` is what the outline says and nothing else."""
        made = populate(self.schools, self.heads, self.groups, self.name, traits)
        weak = {school.id: school.weak for school in self.schools}
        return replace(made, schools=tuple(replace(school, weak=weak[school.id]) for school in made.schools))
