"""What every generated county must keep, said apart from the data reader."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from rotation import files
from rotation.county import AREAS, BACKBONE_RANKS, LEVELS, ROLES, TITLES, County
from rotation.faults import InputError
from rotation.files.digest import document_of


def faults_of(county: County) -> list[str]:
    """One line a breach; empty for valid data."""
    found: list[str] = []
    try:
        read, faults = files.read_json(document_of(county))
        found += [f"warning {f.table} {f.row} {f.column} {f.code}" for f in faults]
        found += [] if read == county else ["not the same after writing and reading"]
    except InputError as error:
        found += [f"{f.table} {f.row} {f.column} {f.code}" for f in error.faults]

    def need(holds: bool, text: str) -> None:
        if not holds:
            found.append(text)

    need(len(county.school) == len(county.schools), "school ids repeat")
    need(len(county.teacher) == len(county.teachers), "teacher ids repeat")
    need(len(county.post) == len(county.posts), "posts repeat")
    for school in county.schools:
        need(bool(school.levels) and set(school.levels) <= set(LEVELS) and school.area in AREAS, f"{school.id} values")
        need(school.parent is None or school.parent in county.school, f"{school.id} parent")
        need(school.parent != school.id, f"{school.id} is its own parent")
        need(school.group is None or school.group in county.group, f"{school.id} group")
        need((school.group is None) == (school.group_role is None), f"{school.id} group role")
        need(school.id in county.posts_of and school.id in county.teachers_of, f"{school.id} is empty")
        need(not (school.weak and school.strong), f"{school.id} weak and strong")
    for post in county.posts:
        need(post.school in county.school and 0 <= post.required <= post.capacity, f"post {post}")
    for teacher in county.teachers:
        born = teacher.birth_date
        assert born is not None and teacher.teaching_since is not None
        need(teacher.school in county.school, f"{teacher.id} home")
        need(born.year + 18 <= teacher.teaching_since <= teacher.joined_year <= county.year, f"{teacher.id} years")
        need(teacher.title in TITLES and teacher.backbone in BACKBONE_RANKS and teacher.role in ROLES, teacher.id)
        need(set(teacher.levels) <= set(county.school[teacher.school].levels), f"{teacher.id} levels")
        need(len(set(teacher.subjects)) == len(teacher.subjects), f"{teacher.id} subjects repeat")
        need((teacher.school, teacher.main_subject) in county.post, f"{teacher.id} has no post at home")
        need((teacher.lon is None) == (teacher.lat is None), f"{teacher.id} half a residence")
        back = teacher.last_rotation_end
        need(back is None or teacher.joined_year <= back <= county.year, f"{teacher.id} rotation end")
        if teacher.spouse is not None:
            need(county.teacher[teacher.spouse].spouse == teacher.id, f"{teacher.id} spouse not mutual")
            need(teacher.spouse != teacher.id, f"{teacher.id} married to self")
    years: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for term in county.terms:
        teacher = county.teacher[term.teacher]
        need(term.start_year < county.year and 1 <= term.years <= 6, f"term {term}")
        need(teacher.joined_year <= term.start_year, f"term {term} before joining")
        need(term.host != teacher.school and (term.host, term.subject) in county.post, f"term {term} host")
        years[term.teacher].append((term.start_year, term.end_year))
    for spans in years.values():
        spans.sort()
        need(all(a[1] <= b[0] for a, b in pairwise(spans)), f"terms overlap {spans}")
    wishes = {(wish.teacher, wish.host) for wish in county.preferences}
    need(len(wishes) == len(county.preferences), "a wish twice")
    for wish in county.preferences:
        need(wish.host in county.school and wish.rank >= 0, f"{wish}")
        need(county.teacher[wish.teacher].school != wish.host, f"{wish} for the home school")
    return found
