"""Tiny counties, small enough that every plan can be listed: a seed and a few words on the shape make one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from random import Random

from rotation.county import (
    BACKBONE_RANKS,
    ROLES,
    TITLES,
    County,
    Decision,
    Group,
    Post,
    Preference,
    School,
    Teacher,
    Term,
    Travel,
)
from rotation.plan import Placement
from rotation.travel import way

YEAR = 2026
SUBJECTS = ("maths", "art")
# Ages on and around 1 September 2026, and retirements on and around that day two years later.
BIRTHDAYS = (
    date(1971, 9, 1), date(1971, 9, 2), date(1971, 8, 31), date(1973, 9, 1), date(1973, 9, 2), date(1968, 8, 31),
    date(1968, 9, 1), date(1985, 5, 5), date(1999, 12, 31),
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What a county has that not all have. ``away``: teachers on a running term, and whether one is on a circuit."""

    teachers: int = 4
    decisions: int = 0
    away: int = 1
    shared: bool = False
    lost: bool = False
    sexes: bool = True
    small: bool = False
    couples: bool = False
    leaders: bool = False


def county(seed: int, shape: Shape = Shape()) -> County:
    """Four schools in a square of 15 km, two subjects, a group with a core and two members; the rest is chance."""
    dice = Random(seed)
    schools = tuple(_school(dice, number, shape) for number in range(4))
    posts = tuple(_posts(dice, schools, shape))
    teachers = [_teacher(dice, f"t{number}", schools, shape) for number in range(shape.teachers + shape.away)]
    if shape.couples:
        teachers[0] = replace(teachers[0], spouse="t1")
        teachers[1] = replace(teachers[1], spouse="t0" if dice.random() < 0.5 else None)
        teachers[2] = replace(teachers[2], spouse="t3")
    ids = [school.id for school in schools]
    terms = []
    for teacher in teachers[shape.teachers :]:
        hosts = [one for one in ids if one != teacher.school][: 2 if shape.shared else 1]
        mode = "itinerant" if len(hosts) > 1 else "secondment"
        terms += [Term(teacher.id, host, dice.choice(SUBJECTS), YEAR - 1, 2, mode) for host in hosts]
        if shape.shared:
            terms[-1] = Term(teacher.id, hosts[-1], terms[-2].subject, YEAR - 1, 2, mode)
    terms.append(Term("t0", dice.choice(ids), SUBJECTS[0], YEAR - 3, dice.choice((1, 2, 3))))
    wishes = [
        Preference(f"t{number}", host, rank)
        for number in range(shape.teachers - 1)
        for host, rank in zip(dice.sample(ids, 3), dice.choice(((1, 2, 0), (1, 1, 3), (0, 0, 2))), strict=True)
    ]
    travel = [
        Travel(dice.choice(ids), host, dice.choice((3.0, 7.5, 12.0)), dice.choice((20, 45, None))) for host in ids
    ]
    travel += [Travel(f"t{dice.randrange(shape.teachers)}", host, 5.125, dice.choice((30, None))) for host in ids[:2]]
    decisions = tuple(_decision(dice, ids, shape) for _ in range(shape.decisions))
    return County(
        YEAR, None, schools, posts, (Group("G", "G"), Group("H", "H")), tuple(teachers), tuple(terms), tuple(wishes),
        tuple(dict.fromkeys(decisions)), tuple({(way.origin, way.host): way for way in travel}.values()),
    )  # fmt: skip


def _school(dice: Random, number: int, shape: Shape) -> School:
    levels = (("primary",), ("primary",), ("primary", "junior"), dice.choice((("junior",), ("primary",))))[number]
    in_group = (("G", "core"), ("G", "member"), ("G", "member"), dice.choice(((None, None), ("H", "core"))))[number]
    lost = shape.lost and number == 3
    return School(
        id=f"S{number}",
        name=f"S{number}",
        levels=levels,
        area=("urban", "town", "rural", dice.choice(("rural", "teaching_point")))[number],
        township=(None, "T", "T", dice.choice(("T", "U")))[number],
        group=in_group[0],
        group_role=in_group[1],
        weak=dice.random() < 0.5,
        strong=number == 0,
        sites=int(number == 0 and dice.random() < 0.3),
        leader_posts_open=dice.choice((0, 1, 1)),
        lon=None if lost else 110 + dice.randrange(100) / 1000,
        lat=None if lost else 30 + dice.randrange(100) / 1000,
        classes=dice.choice((4, 6)) if shape.small else dice.choice((4, 6, 7, None)),
        pupils=(320, 150, dice.choice((60, 90)), dice.choice((45, None)))[number],
    )


def _posts(dice: Random, schools: tuple[School, ...], shape: Shape) -> list[Post]:
    found = []
    for school in schools:
        for subject in SUBJECTS:
            if dice.random() < 0.9:
                required = dice.choice((1, 1, 2)) if shape.small else dice.choice((0, 1, 1, 2, 3))
                found.append(Post(school.id, subject, required, required + dice.choice((0, 0, 1))))
    return found


def _teacher(dice: Random, name: str, schools: tuple[School, ...], shape: Shape) -> Teacher:
    home = dice.choice((schools[0], schools[0], schools[1], schools[2]))
    subjects = dice.choice((("maths",), ("maths",), ("art",), ("art", "maths")))
    resides = dice.random() < 0.5
    born = dice.choice(BIRTHDAYS)
    return Teacher(
        id=name,
        school=home.id,
        subjects=subjects,
        levels=dice.choice((("primary",), ("primary", "junior"), home.levels)),
        joined_year=YEAR - dice.randrange(1, 12),
        sex=dice.choice("FM"),
        birth_date=born,
        title=dice.choice(TITLES),
        backbone=dice.choice((*BACKBONE_RANKS, "none", "county")),
        role=dice.choice(ROLES) if shape.leaders else dice.choice(("teacher", "teacher", "middle_leader")),
        teaching_since=dice.choice((None, YEAR - 1, YEAR - 4, YEAR - 5, YEAR - 20)),
        last_rotation_end=dice.choice((None, None, YEAR - 1, YEAR - 3)),
        rural_years=dice.randrange(4),
        lon=110 + dice.randrange(100) / 1000 if resides else None,
        lat=30 + dice.randrange(100) / 1000 if resides else None,
        max_km=dice.choice((None, None, None, 6.0)),
        exempt=dice.choice(((), (), ("pregnant",), ("illness", "sole_carer"))),
        volunteer=dice.random() < 0.4,
    )


def _decision(dice: Random, ids: list[str], shape: Shape) -> Decision:
    return Decision(
        f"t{dice.randrange(shape.teachers)}", dice.choice(("require", "forbid")), dice.choice((None, *ids[1:]))
    )


def baseline(data: County, seed: int) -> dict[str, Placement]:
    """Somebody's plan of last week: some of it may no longer be possible."""
    dice = Random(seed)
    found = {}
    for teacher in data.teachers:
        host = dice.choice(data.schools)
        known = way(data, teacher, host)
        if dice.random() < 0.7 and host.id != teacher.school and known is not None:
            subject, years = dice.choice(teacher.subjects), dice.choice((1, 2))
            found[teacher.id] = Placement(teacher.id, teacher.school, host.id, subject, YEAR, years, known.km)
    return found
