"""Rule group_shape: a check on the data."""

import pytest
from hand import best, cells, county, facts_of, group, numbers, place, school, teacher
from pydantic import ValidationError

from rotation.rules.frame import Selector
from rotation.rules.group_shape import GroupShape


def small(name: str, classes: int | None = 6, area: str = "rural"):
    return school(name, area, group="H", group_role="member", classes=classes)


# G: 1 + 3. H: 1 + 4, of whom s1 and s2 are small and rural, s3 is too large, s4 does not say.
DATA = county(
    [
        *group("M1", "M2"),
        school("M3", "town", group="G", group_role="member", classes=2),  # small, but not rural
        school("D", group="H", group_role="core", area="rural", classes=3),
        small("s1"),
        small("s2", 1, "teaching_point"),
        small("s3", 7),
        small("s4", None),
        school("alone"),
        school("x", group="G"),
    ],
    [teacher("t", "C")],
)


def test_members_count_without_core_and_without_schools_of_no_role() -> None:
    assert numbers(cells(GroupShape(max_members=3), DATA)) == {
        "G/members": (3, None, 3, 0),
        "H/members": (4, None, 3, 1),
    }


def test_small_rural_share_rounds_up() -> None:
    # 60 % of 4 is 2.4: three. Ten per cent of 3 is one, and G has none.
    assert numbers(cells(GroupShape(min_small_rural_share=0.6), DATA))["H/small_rural"] == (2, 3, None, 1)
    assert numbers(cells(GroupShape(min_small_rural_share=0.1), DATA)) == {
        "G/small_rural": (0, 1, None, 1),
        "H/small_rural": (2, 1, None, 0),
    }
    assert cells(GroupShape(min_small_rural_share=0.6, small_classes=7), DATA)["H/small_rural"].measured == 3


def test_a_must_that_fails_refuses_the_data_and_a_number_only_reports() -> None:
    must = GroupShape(max_members=3, min_small_rural_share=0.1)
    faults = [(f.table, f.row, f.code, f.severity) for f in must.faults(facts_of(DATA, must))]
    assert faults == [
        ("groups", "G", "too_few_small_rural", "error"),
        ("groups", "H", "too_many_members", "error"),
    ]
    soft = GroupShape(max_members=3, priority=1)
    assert list(soft.faults(facts_of(DATA, soft))) == []
    assert cells(soft, DATA)["H/members"].shortfall == 1
    enough = GroupShape(max_members=4)
    assert list(enough.faults(facts_of(DATA, enough))) == []


def test_the_plan_plays_no_part() -> None:
    rule = GroupShape(max_members=3)
    assert cells(rule, DATA) == cells(rule, DATA, place(DATA, "t", "M1"))


def test_where_picks_whole_groups() -> None:
    rule = GroupShape(max_members=3, where=Selector(school=("s1",)))
    assert numbers(cells(rule, DATA)) == {"H/members": (4, None, 3, 1)}
    assert GroupShape(max_members=3, where=Selector(school=("alone",))).selects_nothing(DATA)
    assert not rule.selects_nothing(DATA)


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError, match="needs max_members"):
        GroupShape()
    words = GroupShape(max_members=6, min_small_rural_share=0.1).sentence()
    assert "不超过6所" in words.zh and "10%" in words.zh and "at most 6" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_a_soft_shape_is_the_same_for_every_plan() -> None:
    plan = best(county(group("M", "N", "O")), GroupShape(max_members=1, priority=1, weight=1.5))
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 3
