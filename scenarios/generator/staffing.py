"""Posts of every school, and which subject its teachers have: rural schools lack by subject, urban ones have slack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rotation.county import Post, School
from scenarios.generator.curriculum import MAIN_SUBJECTS, capacity_of, required_posts
from scenarios.generator.dice import Dice

LACK = {"urban": 0.02, "town": 0.05, "rural": 0.42, "teaching_point": 0.5}
"""The chance that a required post of a specialist subject is vacant, by area."""


@dataclass(frozen=True)
class Staffing:
    """``posts`` of all schools; ``rows``: (row of the school, subject) of every teacher, school by school."""

    posts: tuple[Post, ...]
    rows: tuple[tuple[int, str], ...]


def staffing_of(schools: Sequence[School], heads: Sequence[int], seed: int, lack: float = 1.0) -> Staffing:
    """``lack`` multiplies the chance of a vacant post.

    A school has exactly ``heads`` teachers. It starts from its required posts, loses specialists by ``LACK``; who is
    then over goes, in villages, to Chinese, maths and politics (3 : 2 : 1), elsewhere to all subjects by need, to
    specialists five times as readily. Where heads are too few the largest specialist posts go short first.
    """
    dice = Dice(seed, room=2)
    posts: list[Post] = []
    rows: list[tuple[int, str]] = []
    for i, (school, head) in enumerate(zip(schools, heads, strict=True)):
        required = required_posts(school.levels, school.classes or 1)
        posts += [Post(school.id, subject, need, capacity_of(need)) for subject, need in required.items()]
        staff = dict(required)
        for subject, need in required.items():
            if subject not in MAIN_SUBJECTS and need:
                staff[subject] -= int(dice.chance(lack * LACK[school.area], need).sum())
        _fit(dice, staff, head, required, school)
        rows += [(i, subject) for subject, count in staff.items() for _ in range(count)]
    return Staffing(tuple(posts), tuple(rows))


def _fit(dice: Dice, staff: dict[str, int], head: int, required: dict[str, int], school: School) -> None:
    """Adds or takes teachers until there are ``head``, in place."""
    over = head - sum(staff.values())
    if over > 0:
        subjects = list(staff)
        if school.is_rural:
            weights = [{"chinese": 3, "maths": 2, "politics": 1}.get(subject, 0) for subject in subjects]
        else:
            weights = [required[s] * (1 if s in MAIN_SUBJECTS else 5) for s in subjects]
        for place in dice.weighted(weights, over):
            staff[subjects[place]] += 1
    for _ in range(-over):
        specialists = [s for s in staff if s not in MAIN_SUBJECTS and staff[s] > 0]
        have = specialists or [s for s in staff if staff[s] > 0]
        most = max(staff[s] for s in have)
        staff[dice.one([s for s in have if staff[s] == most])] -= 1
