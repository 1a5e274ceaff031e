"""Rule backbone_support."""

from fractions import Fraction

import pytest
from hand import along_a_road, best, cells, county, facts_of, group, moves, numbers, place, post, school, teacher, term
from pydantic import ValidationError

from rotation.rules.backbone_support import BackboneSupport
from rotation.rules.frame import Selector

STAFF = [teacher(f"m{i}", "M") for i in range(21)]
SENDERS = [
    teacher("county1", "C", backbone="county"),
    teacher("city1", "C", "english", backbone="city"),
    teacher("school1", "C", backbone="school"),
    teacher("leader1", "C", role="middle_leader"),
    teacher("other1", "O", backbone="province"),
]
DATA = county(
    [*group("M", "E"), school("O")],
    [*STAFF, *SENDERS],
    posts=(post("M"), post("M", "english"), post("M", "art", required=0)),
)


def test_share_of_staff_rounds_up_and_only_own_core_backbone_counts() -> None:
    # 10 % of 21 is 2.1: three, of whom only one that arrives is a county backbone teacher of the core.
    rule = BackboneSupport(share_min=0.10, where=Selector(school=("M",)))
    plan = [place(DATA, who, "M") for who in ("county1", "school1", "leader1", "other1")]
    assert numbers(cells(rule, DATA, *plan)) == {"M": (1, 3, None, 2)}


def test_anyone_leaders_and_lower_ranks_when_the_rule_says_so() -> None:
    plan = [place(DATA, who, "M") for who in ("county1", "school1", "leader1", "other1")]

    def counted(**more: object) -> object:
        rule = BackboneSupport.model_validate({"count_min": 3, "where": {"school": ["M"]}, **more})
        return cells(rule, DATA, *plan)["M"].measured

    assert counted() == 1
    assert counted(**{"from": "any"}) == 2
    assert counted(leaders_count=True) == 2
    assert counted(backbone_level="school") == 2
    assert counted(backbone_level="city") == 0


def test_of_count_and_share_the_stricter_binds() -> None:
    assert cells(BackboneSupport(count_min=2, share_min=0.1), DATA)["M"].least == 3
    assert cells(BackboneSupport(count_min=4, share_min=0.1), DATA)["M"].least == 4
    # Nobody works at E: a share asks nothing there, a count still does.
    assert numbers(cells(BackboneSupport(share_min=0.1), DATA))["E"] == (0, 0, None, 0)
    assert numbers(cells(BackboneSupport(count_min=1), DATA))["E"] == (0, 1, None, 1)


def test_each_subject_with_a_need_is_a_cell_beside_the_total() -> None:
    rule = BackboneSupport(per_subject_min=1, count_min=2, where=Selector(school=("M",)))
    assert numbers(cells(rule, DATA, place(DATA, "city1", "M"))) == {
        "M": (1, 2, None, 1),
        "M/maths": (0, 1, None, 1),
        "M/english": (1, 1, None, 0),
    }


def test_the_placed_subject_counts_and_a_circuit_counts_its_share() -> None:
    data = county(group("M", "N"), [teacher("t", "C", "maths", "art", backbone="county")], posts=(post("M", "art"),))
    rule = BackboneSupport(per_subject_min=1)
    assert cells(rule, data, place(data, "t", "M", subject="art"))["M/art"].shortfall == 0
    assert cells(rule, data, place(data, "t", "M", "N", subject="art"))["M/art"].shortfall == Fraction(1, 2)


def test_staff_counts_running_terms_where_they_are() -> None:
    data = county(
        group("M"), [teacher("a", "M"), teacher("b", "M"), teacher("c", "C")],
        terms=(term("a", "C", 2025, 2), term("c", "M", 2024, 2)),
    )  # fmt: skip
    # a is away until 2027, c came home in 2026: one at M.
    assert cells(BackboneSupport(share_min=1.0), data)["M"].least == 1


def test_the_default_is_every_member_and_a_given_where_replaces_it() -> None:
    assert cells(BackboneSupport(count_min=1), DATA).keys() == {"M", "E"}
    assert cells(BackboneSupport(count_min=1, where=Selector(area=("urban",))), DATA).keys() == {"C", "M", "E", "O"}


def test_schools_that_no_core_can_support_are_named() -> None:
    rule = BackboneSupport(count_min=1, where=Selector())
    faults = list(rule.faults(facts_of(DATA, rule)))
    assert [(fault.row, fault.code, fault.severity) for fault in faults] == [
        ("C", "no_core", "warning"),
        ("O", "no_core", "warning"),
    ]
    anyone = BackboneSupport.model_validate({"count_min": 1, "from": "any", "where": {}})
    assert list(anyone.faults(facts_of(DATA, anyone))) == []


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError, match="needs count_min"):
        BackboneSupport()
    words = BackboneSupport(share_min=0.1, leaders_count=True).sentence()
    assert "10%" in words.zh and "总校" in words.zh and "县级" in words.zh and "10%" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_the_nearest_who_qualify_go() -> None:
    core, member = group("M")
    data = county(
        along_a_road(core, member),
        [
            teacher("plain", "C", lon=110.0, lat=30.01),
            teacher("leader", "C", role="middle_leader", lon=110.0, lat=30.005),
            teacher("star", "C", backbone="city"),
            teacher("artist", "C", "art", backbone="county", lon=110.0, lat=29.99),
        ],
        posts=(post("M"), post("M", "art")),
    )
    assert moves(best(data, BackboneSupport(count_min=1))) == {("star", "M")}
    assert moves(best(data, BackboneSupport(count_min=1, leaders_count=True))) == {("leader", "M")}
    assert moves(best(data, BackboneSupport(per_subject_min=1))) == {("star", "M"), ("artist", "M")}
    assert best(data, BackboneSupport(count_min=3)) is None
    plan = best(data, BackboneSupport(count_min=3, priority=1))
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 1
