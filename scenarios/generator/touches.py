"""Touches to a made-up county, so that a programme can hold in it: slack, room, backbone teachers, novices, volunteers.

Each takes a county and gives a new one. "Seasoned" means eligible under any usual rule: 39 years old, 16 years of service,
ten at the school, no exemption, no limit of one's own, no rotation behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from rotation.county import County, Preference, Teacher


def seasoned(county: County, teacher: Teacher, **more: object) -> Teacher:
    year = county.year
    base = replace(
        teacher,
        birth_date=date(year - 40, 11, 20),
        teaching_since=year - 16,
        joined_year=year - 10,
        title="senior" if teacher.title in ("senior", "professor") else "first",
        last_rotation_end=None,
        max_km=None,
        exempt=(),
    )
    return replace(base, **more)  # type: ignore[arg-type]


def _with(county: County, changed: Mapping[str, Teacher]) -> County:
    """The county with these teachers changed; what they marked unacceptable is dropped, ended terms too."""
    return replace(
        county,
        teachers=tuple(changed.get(teacher.id, teacher) for teacher in county.teachers),
        terms=tuple(t for t in county.terms if t.teacher not in changed),
        preferences=tuple(p for p in county.preferences if p.rank or p.teacher not in changed),
    )


def _at_home(county: County, school: str, subject: str) -> list[Teacher]:
    """Plain teachers of the post, at home there and not away."""
    return [
        teacher
        for teacher in county.teachers_of[school]
        if teacher.main_subject == subject and teacher.role == "teacher" and teacher.id not in county.running
    ]


def with_slack(county: County, schools: Collection[str], least: int) -> County:
    """In each post of ``schools`` ``least`` teachers can go without a gap, as far as there are so many: lowers ``required``."""
    posts = []
    for post in county.posts:
        if post.school in schools:
            staff = int(county.staff_before.get((post.school, post.subject), 0))
            post = replace(post, required=max(0, min(post.required, staff - least)))
        posts.append(post)
    return replace(county, posts=tuple(posts))


def with_room(county: County, schools: Collection[str], least: int) -> County:
    """Each post of ``schools`` can take ``least`` more than work there: raises ``capacity``."""
    posts = []
    for post in county.posts:
        if post.school in schools:
            staff = int(county.staff_before.get((post.school, post.subject), 0))
            post = replace(post, capacity=max(post.capacity, staff + least))
        posts.append(post)
    return replace(county, posts=tuple(posts))


def with_backbone(county: County, schools: Iterable[str], least: int, subjects: Collection[str] = ()) -> County:
    """In each post of ``schools`` (or those of ``subjects``) ``least`` seasoned backbone teachers, if so many work there."""
    changed: dict[str, Teacher] = {}
    for school in schools:
        for post in county.posts_of[school]:
            if subjects and post.subject not in subjects:
                continue
            best_first = sorted(_at_home(county, school, post.subject), key=lambda t: -t.backbone_rank)
            for teacher in best_first[:least]:
                rank = teacher.backbone if teacher.backbone_rank >= 2 else "county"
                changed[teacher.id] = seasoned(county, teacher, backbone=rank)
    return _with(county, changed)


def with_senders(county: County, schools: Iterable[str], least: int) -> County:
    """``least`` seasoned teachers in each of ``schools`` can go without a gap: main subjects first; lowers ``required``."""
    changed: dict[str, Teacher] = {}
    spare: dict[tuple[str, str], int] = {}
    for school in schools:
        ready = sorted(_at_home(county, school, "chinese"), key=lambda t: t.id)[:2]
        ready += _at_home(county, school, "maths")[: least - len(ready)]
        for subject in ("chinese", "maths"):
            going = [teacher for teacher in ready if teacher.main_subject == subject]
            spare[school, subject] = len(going)
            changed |= {teacher.id: seasoned(county, teacher) for teacher in going}
    posts = []
    for post in county.posts:
        if (post.school, post.subject) in spare:
            staff = int(county.staff_before.get((post.school, post.subject), 0))
            post = replace(post, required=max(0, min(post.required, staff - spare[post.school, post.subject])))
        posts.append(post)
    return _with(replace(county, posts=tuple(posts)), changed)


def vacated(county: County, schools: Collection[str], subjects: Collection[str]) -> County:
    """In the posts of ``subjects`` at ``schools`` nobody is left: who held them teaches Chinese."""
    emptied = {(school, subject) for school in schools for subject in subjects}
    teachers = tuple(
        replace(t, subjects=("chinese",)) if (t.school, t.main_subject) in emptied else t for t in county.teachers
    )
    posts = tuple(
        replace(p, required=max(1, p.required), capacity=max(2, p.capacity)) if (p.school, p.subject) in emptied else p
        for p in county.posts
    )
    moved = {t.id for t, new in zip(county.teachers, teachers, strict=True) if t != new}
    terms = tuple(term for term in county.terms if term.teacher not in moved)
    wishes = tuple(p for p in county.preferences if p.teacher not in moved)
    return replace(county, teachers=teachers, posts=posts, terms=terms, preferences=wishes)


def with_novices(county: County, schools: Iterable[str], subjects: Collection[str], count: int) -> County:
    """The last ``count`` plain teachers of each post of ``subjects`` at ``schools`` began in the last two years."""
    changed: dict[str, Teacher] = {}
    for school in schools:
        for subject in subjects:
            for teacher in _at_home(county, school, subject)[-count:]:
                changed[teacher.id] = replace(
                    teacher,
                    birth_date=date(county.year - 25, 3, 8),
                    teaching_since=county.year - 2,
                    joined_year=county.year - 2,
                    title="third",
                    backbone="none",
                    rural_years=min(2, teacher.rural_years),
                    last_rotation_end=None,
                )
    return _with(county, changed)


def newcomers(county: County, schools: Collection[str]) -> County:
    """Everybody at home in ``schools`` came in the last three years and volunteers for nothing: nobody there may move yet."""
    changed = {
        teacher.id: replace(
            teacher,
            joined_year=max(teacher.joined_year, county.year - 1 - int(teacher.id[-1]) % 3),
            teaching_since=teacher.teaching_since,
            last_rotation_end=None,
            rural_years=0,
            volunteer=False,
        )
        for school in schools
        for teacher in county.teachers_of[school]
    }
    wishes = tuple(p for p in county.preferences if p.teacher not in changed)
    return _with(replace(county, preferences=wishes), {i: _consistent(t) for i, t in changed.items()})


def _consistent(teacher: Teacher) -> Teacher:
    since = teacher.teaching_since
    return teacher if since is None else replace(teacher, joined_year=max(since, teacher.joined_year))


def with_volunteers(county: County, teachers: Iterable[Teacher], hosts: Iterable[str]) -> County:
    """These teachers apply, and list ``hosts`` in turn: the first starts with the first, the next with the second …"""
    listed = list(hosts)
    changed: dict[str, Teacher] = {}
    wishes: list[Preference] = []
    for number, teacher in enumerate(teachers):
        start = number % len(listed)
        changed[teacher.id] = replace(teacher, volunteer=True)
        turned = (listed[start:] + listed[:start])[:3]
        wishes += [Preference(teacher.id, host, rank) for rank, host in enumerate(turned, 1)]
    kept = tuple(p for p in county.preferences if p.teacher not in changed)
    return _with(replace(county, preferences=(*kept, *wishes)), changed)


def living_at(county: County, teacher: Teacher, school: str) -> County:
    """The teacher, seasoned, lives beside another school: what distance alone would send there."""
    there = county.school[school]
    return _with(county, {teacher.id: seasoned(county, teacher, lon=there.lon, lat=there.lat)})


def plain_teacher(county: County, school: str, subject: str, number: int = 0) -> Teacher:
    """The ``number``-th plain teacher of a post, in the table's order."""
    return _at_home(county, school, subject)[number]
