"""Counties with planted conflicts: each plant is a few schools and people of a subject of their own, with the one smallest
set of rule cells (and refusing rules) that cannot hold there, known by construction. Plants do not meet, so several in
one county are several independent conflicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rotation.county import County, Decision, Group, Post, Preference, School, Teacher
from rotation.policy import Policy, parse_policy

YEAR = 2026
Element = tuple[str, tuple[tuple[str, str], ...]]
"""(rule id, cell); a refusing rule has the empty cell."""


@dataclass
class Plant:
    """``name`` prefixes every id; ``x`` degrees of longitude keep plants apart."""

    name: str
    x: float
    schools: list[School] = field(default_factory=list)
    teachers: list[Teacher] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    preferences: list[Preference] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    expected: set[Element] = field(default_factory=set)

    @property
    def subject(self) -> str:
        return f"subject-{self.name}"

    def school(
        self, short: str, area: str = "urban", km: float = 0.0, required: int = 0, capacity: int = 9, **more: Any
    ) -> str:
        """A school ``km`` (by road) north of the plant's centre, with a post in the plant's subject."""
        own = f"{self.name}-{short}"
        lat = 25.0 + km / 1.3 / 111.195
        self.schools.append(School(own, own, ("primary",), area, lon=self.x, lat=lat, **more))
        self.posts.append(Post(own, self.subject, required, capacity))
        return own

    def teacher(self, home: str, **more: Any) -> str:
        own = f"{self.name}-t{len(self.teachers)}"
        joined = more.pop("joined_year", 2010)
        self.teachers.append(Teacher(own, home, (self.subject,), ("primary",), joined, **more))
        return own

    def rule(self, rule: str, **more: Any) -> str:
        own = f"{self.name}-{rule}"
        self.rules.append({"rule": rule, "id": own, **more})
        return own

    def expect(self, rule: str, **cell: str) -> None:
        self.expected.add((rule, tuple(cell.items())))

    def expect_post(self, rule: str, school: str) -> None:
        self.expect(rule, school=school, subject=self.subject)


# -- plants -----------------------------------------------------------------------------------------------------------


def nobody_else(plant: Plant, size: int) -> None:
    """The subject has one teacher fewer than the rural post needs."""
    home = plant.school("u")
    host = plant.school("r", "rural", 5, required=size + 1)
    for _ in range(size):
        plant.teacher(home)
    plant.expect_post("coverage", host)


def too_far(plant: Plant, size: int) -> None:
    home = plant.school("u")
    host = plant.school("r", "rural", 31 + size, required=1)
    for _ in range(size):
        plant.teacher(home)
    plant.expect_post("coverage", host)
    plant.expect("distance")


def too_new(plant: Plant, size: int) -> None:
    home = plant.school("u")
    host = plant.school("r", "rural", 5, required=size)
    for _ in range(size):
        plant.teacher(home, joined_year=2022)
    plant.expect_post("coverage", host)
    plant.expect("eligibility")


def unwanted(plant: Plant, size: int) -> None:
    home = plant.school("u")
    host = plant.school("r", "rural", 5, required=size)
    for _ in range(size):
        plant.preferences.append(Preference(plant.teacher(home), host, 0))
    plant.expect_post("coverage", host)
    plant.expect("preference_floor")


def forbidden(plant: Plant, size: int) -> None:
    home = plant.school("u")
    host = plant.school("r", "rural", 5, required=size)
    for _ in range(size):
        plant.decisions.append(Decision(plant.teacher(home), "forbid", host))
    plant.expect_post("coverage", host)
    plant.expect("decisions")


def other_group(plant: Plant, size: int) -> None:
    plant.groups += [Group(f"{plant.name}-a", "甲"), Group(f"{plant.name}-b", "乙")]
    home = plant.school("u", group=f"{plant.name}-a")
    host = plant.school("r", "rural", 5, required=size, group=f"{plant.name}-b")
    for _ in range(size):
        plant.teacher(home)
    own = plant.rule("destination", within="group", where={"school": [home]})
    plant.expect_post("coverage", host)
    plant.expect(own)


def kept_at_home(plant: Plant, size: int) -> None:
    """Whoever could go is needed where they are."""
    home = plant.school("u", required=size)
    host = plant.school("r", "rural", 5, required=1)
    for _ in range(size):
        plant.teacher(home)
    plant.expect_post("coverage", host)
    plant.expect_post("release", home)


def release_limit(plant: Plant, size: int) -> None:
    home = plant.school("u")
    host = plant.school("r", "rural", 5, required=size + 1)
    for _ in range(size + 3):
        plant.teacher(home)
    own = plant.rule("release", count_max=size, keep_required=False, where={"school": [home]})
    plant.expect_post("coverage", host)
    plant.expect(own, school=home)


def two_for_one(plant: Plant, size: int) -> None:
    """``size + 1`` posts want one of ``size`` people."""
    home = plant.school("u")
    for k in range(size + 1):
        plant.expect_post("coverage", plant.school(f"r{k}", "rural", 5 + k, required=1))
    for _ in range(size):
        plant.teacher(home)


def no_room(plant: Plant, size: int) -> None:
    """A school must send more than all hosts have room for."""
    home = plant.school("u")
    for k in range(size):
        plant.expect_post("host_capacity", plant.school(f"h{k}", "town", 3 + k, capacity=1))
    for _ in range(size + 2):
        plant.teacher(home)
    own = plant.rule("rotation_quota", count_min=size + 1, where={"school": [home]})
    plant.expect(own)


def too_few_may_go(plant: Plant, size: int) -> None:
    """A share of the staff must move, and fewer are eligible; without eligibility there is nothing in the way."""
    home = plant.school("u")
    plant.school("h", "town", 5)
    for k in range(size + 4):
        plant.teacher(home, joined_year=2010 if k < size else 2023)
    own = plant.rule("rotation_quota", count_min=size + 1, of="staff", where={"school": [home]})
    plant.expect(own)
    plant.expect("eligibility")


def least_over_most(plant: Plant, size: int) -> None:
    home = plant.school("u")
    plant.school("h", "town", 5)
    for _ in range(size + 5):
        plant.teacher(home)
    least = plant.rule("rotation_quota", count_min=size + 1, where={"school": [home]})
    plant.rules.append(
        {"rule": "rotation_quota", "id": f"{plant.name}-most", "count_max": size, "where": {"school": [home]}}
    )
    plant.expect(least)
    plant.expect(f"{plant.name}-most")


def too_few_backbone(plant: Plant, size: int) -> None:
    """Half of those who move must be backbone teachers: one is, and more than twice as many must move."""
    home = plant.school("u")
    plant.school("h", "town", 5)
    for k in range(size + 4):
        plant.teacher(home, backbone="county" if k == 0 else "none")
    quota = plant.rule("rotation_quota", count_min=2 + size, where={"school": [home]})
    share = plant.rule("backbone_quota", share_min=0.5, where={"school": [home]})
    plant.expect(quota)
    plant.expect(share)


def one_way(plant: Plant, size: int) -> None:
    """The core must send to a member whose own teachers are too new to come back: equal exchange."""
    group = f"{plant.name}-g"
    plant.groups.append(Group(group, "集团"))
    core = plant.school("c", group=group, group_role="core")
    member = plant.school("m", "town", 5, group=group, group_role="member")
    for _ in range(size + 1):
        plant.teacher(core, backbone="county")
    for _ in range(3):
        plant.teacher(member, joined_year=2024)
    support = plant.rule("backbone_support", count_min=size, where={"school": [member]})
    pairs = plant.rule("equal_exchange", per="pair", where={"school": [member]})
    plant.expect(support, school=member)
    plant.expect(pairs, school=member)
    plant.expect("eligibility")


def exchange_kept(plant: Plant, size: int) -> None:
    """Those who could come back are needed at the member school."""
    group = f"{plant.name}-g"
    plant.groups.append(Group(group, "集团"))
    core = plant.school("c", group=group, group_role="core")
    member = plant.school("m", "town", 5, group=group, group_role="member", capacity=3 * size + 2)
    for _ in range(size + 1):
        plant.teacher(core, backbone="county")
    for _ in range(size + 1):
        plant.teacher(member)
    support = plant.rule("backbone_support", count_min=size, where={"school": [member]})
    pairs = plant.rule("equal_exchange", per="pair", where={"school": [member]})
    stay = plant.rule("release", count_max=0, keep_required=False, where={"school": [member]})
    plant.expect(support, school=member)
    plant.expect(pairs, school=member)
    plant.expect(stay, school=member)


def too_dear(plant: Plant, size: int) -> None:
    home = plant.school("u")
    host = plant.school("r", "rural", 15, required=size + 1)
    for _ in range(size + 2):
        plant.teacher(home)
    bands = [[10, 2000], [20, 4000]]
    own = plant.rule("budget", amount=4000 * size + 3999, bands=bands, where={"school": [host]})
    plant.expect_post("coverage", host)
    plant.expect(own)


def dear_twice(plant: Plant, size: int) -> None:
    """Each post can be paid for, both cannot."""
    home = plant.school("u")
    hosts = [plant.school(f"r{k}", "rural", 15 + k, required=size) for k in range(2)]
    for _ in range(2 * size + 1):
        plant.teacher(home)
    own = plant.rule("budget", amount=4000 * (2 * size) - 1, bands=[[10, 2000], [20, 4000]], where={"school": hosts})
    for host in hosts:
        plant.expect_post("coverage", host)
    plant.expect(own)


def ordered_where_full(plant: Plant, size: int) -> None:
    home = plant.school("u")
    host = plant.school("h", "town", 5, capacity=size)
    for _ in range(size + 1):
        teacher = plant.teacher(home)
        plant.decisions.append(Decision(teacher, "require", host))
        plant.expect("decisions", teacher=teacher, host=host)
    plant.expect_post("host_capacity", host)


def couples(plant: Plant, size: int) -> None:
    """Both posts need somebody, and the only two are married."""
    home = plant.school("u")
    hosts = [plant.school(f"r{k}", "rural", 5 + k, required=1) for k in range(2)]
    one = f"{plant.name}-t0"
    other = f"{plant.name}-t1"
    plant.teacher(home, spouse=other)
    plant.teacher(home, spouse=one)
    own = plant.rule("spouses", where={"school": [home]})
    for host in hosts:
        plant.expect_post("coverage", host)
    plant.expect(own, teacher=one, spouse=other)


def odd_rings(plant: Plant, size: int) -> None:
    """Only whole people see it: in two rings of three, one of each can move, half of each would be three."""
    home = plant.school("u")
    plant.school("h", "town", 5)
    own = plant.rule("spouses", where={"school": [home]})
    for ring in range(2):
        names = [f"{plant.name}-t{3 * ring + k}" for k in range(3)]
        for k in range(3):
            plant.teacher(home, spouse=names[(k + 1) % 3])
        for k in range(3):
            one, other = sorted((names[k], names[(k + 1) % 3]))
            plant.expect(own, teacher=one, spouse=other)
    plant.expect(plant.rule("rotation_quota", count_min=3, where={"school": [home]}))


def chain_of_schools(plant: Plant, size: int) -> None:
    """A post can only be filled from a school that would then be short itself, as would the next."""
    home = plant.school("u", required=1)
    plant.teacher(home)
    host = plant.school("r", "rural", 5, required=size)
    for k in range(size - 1):
        plant.teacher(plant.school(f"s{k}", "town", 8 + k))
    plant.expect_post("coverage", host)
    plant.expect_post("release", home)


def county_share(plant: Plant, size: int) -> None:
    """Three in four must move; the hosts have room for one fewer, and the two senders are too far apart to swap."""
    homes = [plant.school("u0"), plant.school("u1", km=50)]
    hosts = [plant.school("h0", "town", 5, capacity=2 * size - 1), plant.school("h1", "town", 45, capacity=size)]
    for home in homes:
        for _ in range(2 * size):
            plant.teacher(home)
    quota = plant.rule("rotation_quota", share_min=0.75, where={"school": homes})
    plant.expect(quota)
    for host in hosts:
        plant.expect_post("host_capacity", host)
    plant.expect("distance")


PLANTS: dict[str, Callable[[Plant, int], None]] = {
    function.__name__: function
    for function in (
        nobody_else, too_far, too_new, unwanted, forbidden, other_group, kept_at_home, release_limit, two_for_one, no_room,
        too_few_may_go, least_over_most, too_few_backbone, one_way, exchange_kept, too_dear, dear_twice,
        ordered_where_full, couples, odd_rings, chain_of_schools, county_share,
    )
}  # fmt: skip


def planted(*kinds: tuple[str, int]) -> tuple[County, Policy, list[set[Element]]]:
    """A county with these plants (name, size) and one place where all is well; its policy; the conflicts."""
    plants = []
    for number, (kind, size) in enumerate(kinds):
        plant = Plant(f"p{number}", 100.0 + number)
        PLANTS[kind](plant, size)
        plants.append(plant)
    well = Plant("ok", 99.0)
    home = well.school("u", required=1)
    well.school("r", "rural", 6, required=2)
    for _ in range(5):
        well.teacher(home)
    return _county([*plants, well]), _policy(plants), [plant.expected for plant in plants]


def _county(plants: Iterable[Plant]) -> County:
    def rows(table: str) -> tuple[Any, ...]:
        return tuple(row for plant in plants for row in getattr(plant, table))

    plants = list(plants)
    tables = ("schools", "posts", "groups", "teachers", "preferences", "decisions")
    return County(YEAR, "planted", **{table: rows(table) for table in tables})


def _policy(plants: Iterable[Plant]) -> Policy:
    rules: list[dict[str, Any]] = [
        {"rule": "eligibility", "min_years_at_school": 6},
        {"rule": "distance", "max_km": 30},
        {"rule": "term"},
        {"rule": "preference_floor"},
        {"rule": "release"},
        {"rule": "host_capacity"},
        {"rule": "rural_coverage", "id": "coverage"},
        {"rule": "rotation_quota", "id": "wish", "priority": 1, "share_min": 0.2},
    ]
    return parse_policy({"name": "planted", "rules": rules + [rule for plant in plants for rule in plant.rules]})
