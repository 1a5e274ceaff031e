"""The thirteen samples: valid, shaped as the programmes say, and able to hold them."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import combinations

import pytest

from rotation.county import County, School, Teacher
from rotation.facts import Facts
from rotation.faults import InputError
from rotation.files import digest
from rotation.policy import parse_policy
from rotation.rules.frame import least_of
from rotation.rules.group_shape import GroupShape
from rotation.travel import between_km
from scenarios.samples import SAMPLES, sample_for
from tests.scenarios.validity import faults_of

COUNTY = cache(sample_for)
ELIGIBLE = {"rule": "eligibility", "min_years_at_school": 6, "max_age_female": 45, "max_age_male": 50,
            "exempt": ["pregnant", "nursing", "illness", "sole_carer"]}  # fmt: skip


def facts_of(county: County, *rules: dict[str, object]) -> Facts:
    return Facts(county, parse_policy({"name": "test", "rules": list(rules)}))


def members_of(county: County, core: School) -> list[School]:
    return [school for school in county.schools if core.is_core_of(school)]


def cores_of(county: County) -> list[School]:
    return [school for school in county.schools if school.group_role == "core"]


def spare(county: County, school: School) -> Counter[str]:
    """Subject → eligible backbone teachers who can go without making or deepening a gap."""
    facts = facts_of(county, ELIGIBLE)
    able: Counter[str] = Counter()
    for teacher in county.teachers_of[school.id]:
        if teacher.backbone_rank >= 2 and teacher.id not in facts.ineligible:
            able[teacher.main_subject] += 1
    for post in county.posts_of[school.id]:
        slack = max(0, int(county.staff_before.get((school.id, post.subject), 0)) - post.required)
        able[post.subject] = min(able[post.subject], slack)
    return able


@pytest.mark.parametrize("preset", SAMPLES)
def test_every_sample_is_valid_small_and_the_same_each_time(preset: str) -> None:
    county = COUNTY(preset)
    assert faults_of(county) == []
    assert len(county.teachers) <= 600
    assert digest(county) == digest(sample_for(preset))
    for schools in county.schools_of_group.values():
        assert [s.group_role for s in schools].count("core") == 1 and len(schools) > 1


def test_an_unknown_preset_lists_the_samples() -> None:
    with pytest.raises(InputError) as error:
        sample_for("liboo")
    assert "libo" in error.value.faults[0].advice.en


@pytest.mark.parametrize(
    ("preset", "groups", "most_members", "schools"),
    [("linzi", 3, 6, 19), ("zhangdian", 14, 3, 42), ("county-1plus3", 6, 3, 18), ("yuzhong", 11, 2, 24)],
)
def test_groups_are_as_large_as_the_programme_allows_and_no_larger(
    preset: str, groups: int, most_members: int, schools: int
) -> None:
    county = COUNTY(preset)
    assert (len(county.groups), len(county.schools)) == (groups, schools)
    for most, broken in ((most_members, False), (most_members - 1, True)):
        cells = list(GroupShape(rule="group_shape", max_members=most).cells(county))
        assert any(cell.shortfall for cell in cells) == broken


def test_zhangdian_has_ten_primary_and_four_junior_alliances() -> None:
    assert Counter(core.levels for core in cores_of(COUNTY("zhangdian"))) == {("primary",): 10, ("junior",): 4}


def test_town_ring_has_the_numbers_of_its_document() -> None:
    county = COUNTY("town-ring")
    assert len(county.schools) == 11 and len(county.teachers) == 393
    assert sum(school.classes or 0 for school in county.schools) == 161
    assert sum(school.pupils or 0 for school in county.schools) == 8612


def test_libo_groups_are_two_to_four_township_centre_schools_with_their_teaching_points() -> None:
    county = COUNTY("libo")
    centres = Counter(s.group for s in county.schools if s.group_role == "member" and s.area == "town")
    assert sorted(centres.values()) == [2, 3, 4]
    points = [s for s in county.schools if s.area == "teaching_point"]
    assert points and all(s.parent and county.school[s.parent].group == s.group for s in points)
    weak = [s for s in county.schools if s.weak]
    assert weak and all(s.area == "town" for s in weak) and {s.group for s in weak} == set(county.group)


@pytest.mark.parametrize(
    ("preset", "share", "count"),
    [
        ("handan-close", 0.1, 0),
        ("kaihua", 0.0, 1),
        ("county-1plus3", 0.0, 1),
        ("libo", 0.0, 3),
        ("beijing-xicheng", 0.0, 1),
        ("chengzhong", 0.0, 1),
        ("linzi", 0.0, 1),
        ("zhangdian", 0.0, 1),
        ("yuzhong", 0.0, 1),
    ],
)
def test_cores_can_spare_the_backbone_teachers_that_members_ask_for(preset: str, share: float, count: int) -> None:
    county = COUNTY(preset)
    for core in cores_of(county):
        asking = [m for m in members_of(county, core) if m.weak or preset != "libo"]
        need = sum(max(count, least_of(share, county.staff_before_school[m.id])) for m in asking)
        assert sum(spare(county, core).values()) >= need


def test_handan_semi_cores_can_spare_one_in_every_subject_for_every_member() -> None:
    county = COUNTY("handan-semi")
    for core in cores_of(county):
        able = spare(county, core)
        need = Counter(p.subject for m in members_of(county, core) for p in county.posts_of[m.id] if p.required)
        assert len(need) >= 7 and all(able[subject] >= count for subject, count in need.items())
        for member in members_of(county, core):
            for post in county.posts_of[member.id]:
                assert post.capacity > county.staff_before.get((member.id, post.subject), 0)


def test_handan_loose_has_clusters_of_micro_schools_short_in_the_same_subject() -> None:
    county = COUNTY("handan-loose")
    micro = [s for s in county.schools if s.area == "rural"]
    assert len(micro) == 9 and all((s.classes or 99) <= 6 for s in micro)
    near = [(a, b) for a, b in combinations(micro, 2) if (between_km(a, b) or 99) <= 10]
    assert len(near) >= 9
    for school in micro:
        assert county.staff_before.get((school.id, "music"), 0) < county.post[school.id, "music"].required


def test_kaihua_members_have_two_pairs_worth_of_novices() -> None:
    county = COUNTY("kaihua")

    def is_novice(teacher: Teacher) -> bool:
        return teacher.teaching_since is not None and county.year - teacher.teaching_since < 5

    for core in cores_of(county):
        for member in members_of(county, core):
            novices = Counter(t.main_subject for t in county.teachers_of[member.id] if is_novice(t))
            assert novices["chinese"] >= 2 and novices["maths"] >= 2


def test_county_1plus3_cores_have_volunteers_with_wishes_in_their_group() -> None:
    county = COUNTY("county-1plus3")
    for core in cores_of(county):
        members = {m.id for m in members_of(county, core)}
        asked = [t for t in county.teachers_of[core.id] if t.volunteer and t.backbone_rank >= 2]
        listed = [t for t in asked if set(county.ranks_of.get(t.id, {})) & members]
        assert len(listed) >= len(members) + 2


def test_beijing_xicheng_members_are_full_and_nobody_there_may_leave() -> None:
    county = COUNTY("beijing-xicheng")
    facts = facts_of(county, ELIGIBLE)
    assert sorted(s.sites for s in cores_of(county)) == [0, 1, 2]
    for core in cores_of(county):
        for member in members_of(county, core):
            assert all(t.id in facts.ineligible for t in county.teachers_of[member.id])
            for post in county.posts_of[member.id]:
                assert post.capacity == county.staff_before.get((member.id, post.subject), 0)


def test_chengzhong_pairs_reach_into_another_county_and_each_core_has_one_who_cannot_be_spared() -> None:
    county = COUNTY("chengzhong")
    assert all(group.partner for group in county.groups)
    for core in cores_of(county):
        post = county.post[core.id, "music"]
        assert post.required == county.staff_before[core.id, "music"] > 0
        assert any(
            (t.lon, t.lat) == (m.lon, m.lat) and t.main_subject == "music"
            for t in county.teachers_of[core.id]
            for m in members_of(county, core)
        )
