"""Counties to solve: made up from numbers alone, or made-up teachers for a real school list.

Same arguments, same bytes, on any machine (``generator.dice``). What is drawn from which distribution stands in
``generator.places`` (schools), ``generator.curriculum`` and ``generator.staffing`` (posts and subjects) and
``generator.traits`` (people).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rotation.county import County, Group, School
from rotation.faults import Fault, InputError
from rotation.words import Words
from scenarios.generator.dice import Dice
from scenarios.generator.grouping import with_groups
from scenarios.generator.lives import Neighbourhood, terms_of, wishes_of, with_couples
from scenarios.generator.names import place_names
from scenarios.generator.people import people_of
from scenarios.generator.places import made_up_places
from scenarios.generator.schoollist import read_school_list
from scenarios.generator.staffing import staffing_of
from scenarios.generator.traits import ORDINARY, Traits


def synthetic_county(schools: int, teachers: int, seed: int, *, name: str | None = None, year: int = 2026) -> County:
    """A county of ``schools`` schools with ``teachers`` teachers: a dense centre, towns, villages, teaching points.

    Raises ``InputError`` for fewer than one school, fewer teachers than schools, or a seed below 0.
    """
    _require_numbers(schools, teachers, seed)
    places = made_up_places(schools, teachers, seed)
    grouped, groups = with_groups(places.schools)
    title = name if name is not None else f"{place_names(Dice(seed, room=0), 1)[0]}县"
    return populated(grouped, places.heads, groups, seed, name=title, year=year)


def county_for_schools(path: Path, seed: int, *, county: str | None = None, year: int = 2026) -> County:
    """Made-up teachers for a real school list (columns: ``generator.schoollist``), or for one ``county`` of it.

    Raises ``InputError`` with every fault of the list; an unknown county's fault lists those that there are.
    """
    _require_numbers(1, 1, seed)
    listed = read_school_list(path, county, seed)
    if listed.has_groups:
        return populated(listed.schools, listed.heads, listed.groups, seed, name=listed.name, year=year)
    grouped, groups = with_groups(listed.schools)
    return populated(grouped, listed.heads, groups, seed, name=listed.name, year=year)


def sample_county() -> County:
    """The small sample county that ships with the package: 24 schools, 500 teachers, with groups."""
    return synthetic_county(24, 500, seed=0, name="青溪县")


def populated(
    schools: Sequence[School],
    heads: Sequence[int],
    groups: Sequence[Group],
    seed: int,
    *,
    name: str | None,
    year: int = 2026,
    traits: Traits = ORDINARY,
) -> County:
    """Posts, teachers, couples, terms and wishes for given schools; ``heads`` teachers are at home in each.

    A school becomes ``weak`` when at least two posts and a sixth of those required stand vacant and it is not ``strong``.
    """
    staffing = staffing_of(schools, heads, seed, traits.lack)
    teachers = with_couples(people_of(schools, staffing.rows, seed, year, traits), schools, seed, traits)
    near = Neighbourhood(schools, staffing.posts)
    terms = terms_of(teachers, near, seed, year, traits)
    wishes = wishes_of(teachers, near, terms, seed, year, traits)
    told = {term.teacher for term in terms}  # the rows of their terms say it; the column stays empty
    teachers = tuple(replace(t, last_rotation_end=None) if t.id in told else t for t in teachers)
    county = County(year, name, tuple(schools), staffing.posts, tuple(groups), teachers, terms, wishes)
    return replace(county, schools=tuple(replace(s, weak=s.weak or _is_weak(county, s)) for s in schools))


def _is_weak(county: County, school: School) -> bool:
    vacant: Counter[str] = Counter()
    required = 0
    for post in county.posts_of.get(school.id, ()):
        required += post.required
        vacant[school.id] += max(0, post.required - int(county.staff_before.get((school.id, post.subject), 0)))
    return not school.strong and vacant[school.id] >= max(2, required / 6)


def _require_numbers(schools: int, teachers: int, seed: int) -> None:
    faults = [
        Fault("options", None, column, value, "out_of_range", words)
        for wrong, column, value, words in (
            (schools < 1, "size", schools, Words("学校数至少为 1。", "Give at least one school.")),
            (
                teachers < schools,
                "teachers",
                teachers,
                Words("教师数不能少于学校数。", "Give at least as many teachers as schools."),
            ),
            (seed < 0, "seed", seed, Words("种子是不小于 0 的整数。", "A seed is a whole number of 0 or more.")),
        )
        if wrong
    ]
    if faults:
        raise InputError(faults)
