"""The people who hold the posts, drawn as columns: sex, age, service, title, backbone, residence, exemptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from rotation.county import BACKBONE_RANKS, TITLES, School, Teacher
from scenarios.generator.curriculum import PERIODS, SECOND_SUBJECTS
from scenarios.generator.dice import Bools, Dice, Floats, Ints, place_of
from scenarios.generator.names import person_names
from scenarios.generator.plane import nearest, plane_of
from scenarios.generator.traits import (
    AGE_BANDS,
    AGE_WEIGHTS,
    BACKBONE_WEIGHTS,
    EXEMPTIONS,
    FEMALE,
    FEMALE_IN_PE,
    KM_LIMITS,
    Traits,
)


def people_of(
    schools: Sequence[School], rows: Sequence[tuple[int, str]], seed: int, year: int, traits: Traits
) -> tuple[Teacher, ...]:
    """One teacher for each (row of the home school, main subject)."""
    dice = Dice(seed, room=3)
    n = len(rows)
    home = np.array([row for row, _ in rows], dtype=np.int64)
    subject = [subject for _, subject in rows]
    area = np.array([school.area for school in schools])[home]
    levels = _levels(dice, schools, home, subject)
    female = _female(dice, subject, levels)
    age = _by_area(area, AGE_WEIGHTS, dice.units(n))
    low, high = (np.array([band[end] for band in AGE_BANDS])[age] for end in (0, 1))
    age = dice.whole(low, high, n)
    age = np.where(female & (age > 54), age - 8, age)
    # A career starts at 22 to 25; a third never changed school, the others came at some point since.
    service = np.maximum(0, age - dice.whole(22, 25, n))
    stayed = dice.chance(traits.stays, n)
    tenure = np.where(stayed, service, np.floor(service * dice.units(n)).astype(np.int64))
    title = _title(dice, service)
    backbone = _by_area(area, BACKBONE_WEIGHTS, dice.units(n))
    backbone = np.where(dice.chance(traits.backbone, n) & (service >= 5), backbone, 0)
    role = _roles(home, service, dice.units(n), schools)
    rural = (area == "rural") | (area == "teaching_point")
    rural_years = np.where(rural, tenure, np.where(dice.chance(0.25, n), np.minimum(dice.whole(1, 4, n), service), 0))
    back = np.where(dice.chance(0.05, n) & (tenure >= 2), year - dice.whole(0, 5, n), 0)
    exempt = _exempt(dice, female, age)
    chances = np.array([traits.volunteer[a] for a in traits.volunteer])
    volunteer = dice.chance(chances[_codes(area, list(traits.volunteer))], n)
    limit = np.where(
        dice.chance(traits.personal_limit, n), np.array(KM_LIMITS)[dice.whole(0, len(KM_LIMITS) - 1, n)], 0
    )
    second = _second_subjects(dice, area, subject, levels, traits)
    residence = _residences(dice, schools, home, rural, traits)
    names = person_names(dice, female)
    days = dice.whole(0, 364, n)
    width = max(4, len(str(n)))
    first_of_september = [date(year - years, 9, 1) for years in range(80)]
    titles, ranks = list(TITLES), list(BACKBONE_RANKS)
    return tuple(
        Teacher(
            id=f"T{i + 1:0{width}d}",
            school=schools[home[i]].id,
            subjects=(subject[i], *second[i]),
            levels=levels[i],
            joined_year=year - int(tenure[i]),
            name=names[i],
            sex="F" if female[i] else "M",
            birth_date=first_of_september[age[i]] - timedelta(days=int(days[i])),
            title=titles[title[i]],
            backbone=ranks[backbone[i]],
            role=role[i],
            teaching_since=year - int(service[i]),
            last_rotation_end=max(int(back[i]), year - int(tenure[i])) if back[i] else None,
            rural_years=int(rural_years[i]),
            lon=residence[i][0],
            lat=residence[i][1],
            max_km=float(limit[i]) if limit[i] else None,
            exempt=exempt[i],
            volunteer=bool(volunteer[i]) and not exempt[i],
        )
        for i in range(n)
    )


def _codes(area: np.ndarray[tuple[int], np.dtype[np.str_]], areas: Sequence[str]) -> Ints:
    found = np.zeros(len(area), dtype=np.int64)
    for code, name in enumerate(areas):
        found[area == name] = code
    return found


def _by_area(area: np.ndarray[tuple[int], np.dtype[np.str_]], table: object, units: Floats) -> Ints:
    """The place in the area's weights that each unit falls into."""
    assert isinstance(table, dict)
    found = np.zeros(len(units), dtype=np.int64)
    for name, weights in table.items():
        here = area == name
        found[here] = place_of(weights, units[here])
    return found


def _levels(dice: Dice, schools: Sequence[School], home: Ints, subject: Sequence[str]) -> list[tuple[str, ...]]:
    """The school's levels where its subject is taught; at schools with two levels three quarters teach one of them."""
    one, which = dice.chance(0.75, len(home)), dice.units(len(home))
    found = []
    for i, name in enumerate(subject):
        levels = schools[home[i]].levels
        taught = tuple(level for level in levels if name in PERIODS.get(level, ())) or levels
        found.append((taught[int(which[i] * len(taught))],) if one[i] and len(taught) > 1 else taught)
    return found


def _female(dice: Dice, subject: Sequence[str], levels: Sequence[tuple[str, ...]]) -> Bools:
    share = [FEMALE_IN_PE if s == "pe" else FEMALE.get(own[0], 0.6) for s, own in zip(subject, levels, strict=True)]
    return dice.chance(np.array(share), len(share))


def _title(dice: Dice, service: Ints) -> Ints:
    """Third after one year, second after 2–5, first after 8–13, senior after 16–24 for half, professor for one in 400."""
    n = len(service)
    title = np.where(service >= 1, 1, 0)
    title = np.where(service >= dice.whole(2, 5, n), 2, title)
    title = np.where(service >= dice.whole(8, 13, n), 3, title)
    title = np.where((service >= dice.whole(16, 24, n)) & dice.chance(0.5, n), 4, title)
    return np.where((title == 4) & dice.chance(1 / 400, n), 5, title)


def _roles(home: Ints, service: Ints, units: Floats, schools: Sequence[School]) -> list[str]:
    """A principal a school, a vice-principal for every 20 and a middle leader for every 10 teachers, of the experienced.

    A teaching point has no head of its own (its centre school's heads it); nobody leads in the first five years.
    """
    role = ["teacher"] * len(home)
    order = np.lexsort((units - np.minimum(service, 15) / 15, home))
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and home[order[end]] == home[order[start]]:
            end += 1
        staff = end - start
        school = schools[home[order[start]]]
        posts = ["principal"] + ["vice_principal"] * (staff // 20) + ["middle_leader"] * (staff // 10)
        able = [i for i in order[start:end] if service[i] >= 5] if school.area != "teaching_point" else []
        for i, post in zip(able, posts, strict=False):
            role[i] = post
        start = end
    return role


def _exempt(dice: Dice, female: Bools, age: Ints) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()] * len(age)
    for code, share, youngest, oldest in EXEMPTIONS:
        hit = dice.chance(share, len(age)) & (age >= youngest) & (age <= oldest)
        if code in ("pregnant", "nursing"):
            hit &= female
        for i in hit.nonzero()[0].tolist():
            found[i] = (*found[i], code)
    return found


def _second_subjects(
    dice: Dice,
    area: np.ndarray[tuple[int], np.dtype[np.str_]],
    subject: Sequence[str],
    levels: Sequence[tuple[str, ...]],
    traits: Traits,
) -> list[tuple[str, ...]]:
    shares = np.array(list(traits.second_subject.values()))[_codes(area, list(traits.second_subject))]
    has, which = dice.chance(shares, len(subject)), dice.units(len(subject))
    found: list[tuple[str, ...]] = []
    for i, name in enumerate(subject):
        near = SECOND_SUBJECTS.get(levels[i][0], {}).get(name, ())
        # Squared: the first named are taken more often.
        found.append((near[int(which[i] * which[i] * len(near))],) if has[i] and near else ())
    return found


def _residences(
    dice: Dice, schools: Sequence[School], home: Ints, rural: Bools, traits: Traits
) -> list[tuple[float | None, float | None]]:
    """Within 5 km east and north of the home school (most nearer), or, for commuters, of the nearest town school."""
    n = len(home)
    plane = plane_of(schools)
    km = plane.km(schools)
    towns = [i for i, school in enumerate(schools) if not school.is_rural]
    near_town = np.array(towns)[nearest(km[towns], km, 1)[:, 0]] if towns else np.arange(len(schools))
    known = dice.chance(traits.residence, n)
    base = np.where(rural & dice.chance(traits.commuters, n), near_town[home], home)
    east, north = 5 * dice.bell(n), 5 * dice.bell(n)
    return [
        plane.degrees(float(km[base[i], 0] + east[i]), float(km[base[i], 1] + north[i]))
        if known[i] and schools[base[i]].lon is not None
        else (None, None)
        for i in range(n)
    ]
