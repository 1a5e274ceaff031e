"""Where a made-up county's schools lie and how large they are: a dense centre, towns, scattered villages.

Distributions (the project's own assumption, shaped after real county school lists): of all schools 20 % lie in the
county town, 30 % are in township seats, 35 % in villages, 15 % are teaching points with a centre school as ``parent``.
An urban school has 3–8 shares of the staff, a town school 1.6–3.2, a village school 0.8–1.2, a teaching point 0.25–0.5.
Outside teaching points 18 % are junior schools and 7 % teach both levels. A township has about nine schools; its seat
lies within 4 + 2.1·√schools km (at most 60) of the centre, denser inwards; villages 2–9 km around their seat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rotation.county import School
from scenarios.generator.dice import Dice
from scenarios.generator.names import CORE_NAMES, place_names, school_kind
from scenarios.generator.plane import Plane

AREAS = ("urban", "town", "rural", "teaching_point")
AREA_SHARES = (20, 30, 35, 15)
STAFF_SHARES = {"urban": (3.0, 8.0), "town": (1.6, 3.2), "rural": (0.8, 1.2), "teaching_point": (0.25, 0.5)}
STAFF_PER_CLASS = {"urban": 19, "town": 19, "rural": 21, "teaching_point": 21}  # tenths of a teacher, primary
JUNIOR_STAFF_PER_CLASS = 29  # tenths of a teacher
PUPILS_PER_CLASS = {"urban": (38, 46), "town": (32, 42), "rural": (12, 28), "teaching_point": (5, 12)}
LEVELS: tuple[tuple[str, ...], ...] = (("primary",), ("junior",), ("primary", "junior"))
LEVEL_SHARES = (75, 18, 7)


@dataclass(frozen=True)
class Places:
    """Schools and, row for row, how many teachers each is home to."""

    schools: tuple[School, ...]
    heads: tuple[int, ...]


def shares_of(total: int, weights: list[float], least: int = 1) -> list[int]:
    """``total`` split by weights into whole numbers, each at least ``least`` (total ≥ least × len): largest remainder."""
    free = total - least * len(weights)
    whole = math.fsum(weights)  # sum() rounds differently from Python 3.12 on
    exact = [free * weight / whole for weight in weights]
    found = [least + int(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in by_remainder[: total - sum(found)]:
        found[i] += 1
    return found


def classes_for(levels: tuple[str, ...], area: str, heads: int) -> int:
    """Classes that so many teachers usually teach."""
    per_class = STAFF_PER_CLASS[area]
    if levels == ("junior",):
        per_class = JUNIOR_STAFF_PER_CLASS
    elif "junior" in levels:
        per_class = (2 * per_class + JUNIOR_STAFF_PER_CLASS) // 3
    return max(1, (heads * 10 + per_class // 2) // per_class)


def pupils_for(dice: Dice, area: str, classes: int) -> int:
    low, high = PUPILS_PER_CLASS[area]
    return classes * int(dice.whole(low, high, 1)[0])


def made_up_places(schools: int, teachers: int, seed: int) -> Places:
    """``schools`` schools with ``teachers`` teachers in all (at least one each)."""
    dice = Dice(seed, room=1)
    plane = Plane(round(float(dice.between(104, 118, 1)[0]), 3), round(float(dice.between(25, 36, 1)[0]), 3))
    counts = shares_of(schools, [float(share) for share in AREA_SHARES], least=0)
    if counts[0] == 0:
        counts[counts.index(max(counts))] -= 1
        counts[0] = 1
    townships = max(1, round((schools - counts[0]) / 7)) if schools > counts[0] else 0
    reach = min(60.0, 4 + 2.1 * math.sqrt(schools))
    seats = [_around(dice, 3.0, reach) for _ in range(townships)]
    names = place_names(dice, townships + schools)
    suffixes = ["镇" if big else "乡" for big in dice.chance(0.55, townships)]
    streets = max(1, counts[0] // 10)

    rows: list[School] = []
    weights: list[float] = []
    parents: dict[int, list[int]] = {}
    for area, count in zip(AREAS, counts, strict=True):
        low, high = STAFF_SHARES[area]
        for k in range(count):
            number = len(rows)
            levels = LEVELS[0] if area == "teaching_point" else LEVELS[int(dice.weighted(LEVEL_SHARES, 1)[0])]
            parent: str | None = None
            if area == "urban":
                township, (east, north) = f"{names[k % streets]}街道", _around(dice, 0.2, 4.5)
                title = CORE_NAMES[k] if k < len(CORE_NAMES) else names[townships + number]
            else:
                seat = k % townships
                township = names[seat] + suffixes[seat]
                spread = {"town": (0.1, 1.5), "rural": (2.0, 9.0), "teaching_point": (2.0, 6.0)}[area]
                shift = _around(dice, *spread)
                middle = seats[seat]
                if area == "teaching_point" and parents.get(seat):
                    above = rows[dice.one(parents[seat])]
                    parent, township = above.id, above.township or township
                east, north = middle[0] + shift[0], middle[1] + shift[1]
                title = names[seat] if area == "town" and k < townships else names[townships + number]
            if area in ("town", "rural") and "primary" in levels:
                parents.setdefault(k % townships, []).append(number)
            lon, lat = plane.degrees(east, north)
            kind = school_kind(levels, area, is_centre=area == "town" and k < townships)
            rows.append(
                School(f"S{number + 1:04d}", title + kind, levels, area, township, parent=parent, lon=lon, lat=lat)
            )
            weights.append(float(dice.between(low, high, 1)[0]))
    heads = shares_of(teachers, weights)
    return Places(tuple(_sized(dice, row, head) for row, head in zip(rows, heads, strict=True)), tuple(heads))


def _sized(dice: Dice, school: School, heads: int) -> School:
    classes = classes_for(school.levels, school.area, heads)
    return School(
        school.id,
        school.name,
        school.levels,
        school.area,
        school.township,
        strong=school.area in ("urban", "town") and classes >= 24,
        parent=school.parent,
        sites=int(school.area == "urban" and classes >= 36 and bool(dice.chance(0.3, 1)[0])),
        leader_posts_open=int(dice.chance(0.15, 1)[0]),
        lon=school.lon,
        lat=school.lat,
        classes=classes,
        pupils=pupils_for(dice, school.area, classes),
    )


def _around(dice: Dice, low: float, high: float) -> tuple[float, float]:
    """(east, north): a direction by rejection from the unit disc, a distance uniform in [low, high] km: dense inwards."""
    while True:
        x, y = (float(v) for v in dice.between(-1, 1, 2))
        squared = x * x + y * y
        if 0.01 < squared < 1:
            far = float(dice.between(low, high, 1)[0]) / math.sqrt(squared)
            return x * far, y * far
