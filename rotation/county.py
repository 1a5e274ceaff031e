"""One school year of one county: schools, posts, teachers, terms, and what the office has decided.

The classes are the rows of the tables in ``files/tables.py``: a field is a column. They are plain frozen
dataclasses, because a city has a hundred thousand of them; their values are checked on the way in
(``rotation.files``), where a fault still has an address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

AREAS = ("urban", "town", "rural", "teaching_point")
RURAL_AREAS = frozenset({"rural", "teaching_point"})
LEVELS = ("kindergarten", "primary", "junior", "senior")
TITLES = ("none", "third", "second", "first", "senior", "professor")
BACKBONE_RANKS = ("none", "school", "county", "city", "province")
ROLES = ("teacher", "middle_leader", "vice_principal", "principal")
MODES = ("secondment", "attachment", "itinerant")
GROUP_KINDS = ("close", "semi", "loose", "trusteeship", "alliance")
GROUP_ROLES = ("core", "member")
DECISION_KINDS = ("require", "forbid")
SEXES = ("F", "M")

Post_ = tuple[str, str]
"""A post's key: (school id, subject)."""


@dataclass(frozen=True, slots=True)
class School:
    """A school 学校; ``lon``/``lat`` in degrees (WGS 84)."""

    id: str
    name: str
    levels: tuple[str, ...]
    area: str
    township: str | None = None
    group: str | None = None
    group_role: str | None = None
    weak: bool = False
    strong: bool = False
    parent: str | None = None
    sites: int = 0
    leader_posts_open: int = 0
    lon: float | None = None
    lat: float | None = None
    classes: int | None = None
    pupils: int | None = None

    @property
    def is_rural(self) -> bool:
        return self.area in RURAL_AREAS

    def is_core_of(self, other: School) -> bool:
        """Is this the core school of ``other``'s own group (and not ``other`` itself)?"""
        return (
            self.group_role == "core" and self.group is not None and self.group == other.group and self.id != other.id
        )


@dataclass(frozen=True, slots=True)
class Post:
    """A post 岗位: how many teachers of a subject a school needs at least and takes at most."""

    school: str
    subject: str
    required: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Group:
    """An education group 教育集团/教共体/学区."""

    id: str
    name: str
    kind: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher 教师; ``school`` is the home school, ``subjects[0]`` the main subject."""

    id: str
    school: str
    subjects: tuple[str, ...]
    levels: tuple[str, ...]
    joined_year: int
    name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    title: str = "none"
    backbone: str = "none"
    role: str = "teacher"
    teaching_since: int | None = None
    last_rotation_end: int | None = None
    rural_years: int = 0
    lon: float | None = None
    lat: float | None = None
    max_km: float | None = None
    exempt: tuple[str, ...] = ()
    volunteer: bool = False
    spouse: str | None = None

    @property
    def main_subject(self) -> str:
        return self.subjects[0]

    @property
    def backbone_rank(self) -> int:
        return BACKBONE_RANKS.index(self.backbone)

    @property
    def is_leader(self) -> bool:
        """Middle leader or above 中层教干及以上."""
        return self.role != "teacher"


@dataclass(frozen=True, slots=True)
class Term:
    """A running or past placement. A circuit (itinerant) is one row a host, same teacher and years."""

    teacher: str
    host: str
    subject: str
    start_year: int
    years: int
    mode: str = "secondment"

    @property
    def end_year(self) -> int:
        return self.start_year + self.years

    def runs_in(self, year: int) -> bool:
        """Running at the start of ``year``: started earlier, not yet over (rulebook §1)."""
        return self.start_year < year < self.end_year


@dataclass(frozen=True, slots=True)
class Preference:
    """A wish 志愿: rank 1 is the first choice, rank 0 marks the host unacceptable."""

    teacher: str
    host: str
    rank: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The office's own word 人工指定: ``require`` or ``forbid``; without a host it speaks of any host."""

    teacher: str
    kind: str
    host: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Travel:
    """A known way: ``km`` (and ``minutes``) from a school or a teacher's residence to a host, as it stands."""

    origin: str
    host: str
    km: float
    minutes: float | None = None


@dataclass(frozen=True)
class County:
    """A checked data set. Build it with ``rotation.files.read`` or, in tests, directly."""

    year: int
    name: str | None = None
    schools: tuple[School, ...] = ()
    posts: tuple[Post, ...] = ()
    groups: tuple[Group, ...] = ()
    teachers: tuple[Teacher, ...] = ()
    terms: tuple[Term, ...] = ()
    preferences: tuple[Preference, ...] = ()
    decisions: tuple[Decision, ...] = ()
    travel: tuple[Travel, ...] = ()

    # -- look-ups -------------------------------------------------------------------------------------------------

    @cached_property
    def school(self) -> Mapping[str, School]:
        return {school.id: school for school in self.schools}

    @cached_property
    def teacher(self) -> Mapping[str, Teacher]:
        return {teacher.id: teacher for teacher in self.teachers}

    @cached_property
    def post(self) -> Mapping[Post_, Post]:
        return {(post.school, post.subject): post for post in self.posts}

    @cached_property
    def group(self) -> Mapping[str, Group]:
        return {group.id: group for group in self.groups}

    @cached_property
    def posts_of(self) -> Mapping[str, tuple[Post, ...]]:
        """School id → its posts, in the table's order."""
        found: dict[str, list[Post]] = defaultdict(list)
        for post in self.posts:
            found[post.school].append(post)
        return {school: tuple(posts) for school, posts in found.items()}

    @cached_property
    def teachers_of(self) -> Mapping[str, tuple[Teacher, ...]]:
        """Home school id → its teachers, those on a running term included."""
        found: dict[str, list[Teacher]] = defaultdict(list)
        for teacher in self.teachers:
            found[teacher.school].append(teacher)
        return {school: tuple(teachers) for school, teachers in found.items()}

    @cached_property
    def schools_of_group(self) -> Mapping[str, tuple[School, ...]]:
        found: dict[str, list[School]] = defaultdict(list)
        for school in self.schools:
            if school.group is not None:
                found[school.group].append(school)
        return {group: tuple(schools) for group, schools in found.items()}

    @cached_property
    def travel_of(self) -> Mapping[tuple[str, str], Travel]:
        """(school or teacher id, host id) → the known way."""
        return {(way.origin, way.host): way for way in self.travel}

    @cached_property
    def ranks_of(self) -> Mapping[str, Mapping[str, int]]:
        """Teacher id → host id → rank, the unacceptable (0) included."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for wish in self.preferences:
            found[wish.teacher][wish.host] = wish.rank
        return dict(found)

    # -- who is where before the plan -------------------------------------------------------------------------------

    @cached_property
    def running(self) -> Mapping[str, tuple[Term, ...]]:
        """Teacher id → rows of the running term (several only for a circuit)."""
        found: dict[str, list[Term]] = defaultdict(list)
        for term in self.terms:
            if term.runs_in(self.year):
                found[term.teacher].append(term)
        return {teacher: tuple(terms) for teacher, terms in found.items()}

    @cached_property
    def returned(self) -> Mapping[str, int]:
        """Teacher id → ``last_rotation_end``: the later of the column and of every ended row of ``terms``."""
        found: dict[str, int] = {
            teacher.id: teacher.last_rotation_end for teacher in self.teachers if teacher.last_rotation_end is not None
        }
        for term in self.terms:
            if term.end_year <= self.year:
                found[term.teacher] = max(found.get(term.teacher, term.end_year), term.end_year)
        return found

    @cached_property
    def staff_before(self) -> Mapping[Post_, Fraction]:
        """(school, subject) → teachers at work there before the plan (rulebook §1), an exact number.

        Keys without a post occur (a main subject that the home school has no post in). Absent key: nobody.
        """
        # Whole numbers as long as it lasts: fractions of a whole city take their time.
        found: dict[Post_, Fraction | int] = defaultdict(int)
        for teacher in self.teachers:
            terms = self.running.get(teacher.id)
            if terms is None:
                found[teacher.school, teacher.main_subject] += 1
            else:
                for term in terms:
                    found[term.host, term.subject] += Fraction(1, len(terms))
        return {post: Fraction(staff) for post, staff in found.items()}

    @cached_property
    def staff_before_school(self) -> Mapping[str, Fraction]:
        """School id → teachers at work there before the plan, over all subjects."""
        found: dict[str, Fraction] = defaultdict(Fraction)
        for (school, _), count in self.staff_before.items():
            found[school] += count
        return dict(found)
