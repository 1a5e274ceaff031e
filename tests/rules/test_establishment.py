"""Rule establishment."""

from fractions import Fraction

import pytest
from hand import (
    along_a_road,
    at_least,
    best,
    cells,
    county,
    facts_of,
    group,
    moves,
    numbers,
    place,
    post,
    school,
    teacher,
    term,
)
from pydantic import ValidationError

from rotation.rules.establishment import Establishment
from rotation.rules.frame import Selector
from rotation.rules.host_capacity import HostCapacity
from rotation.tally import Tally

SENT = [teacher(f"t{i}", "O") for i in range(3)] + [teacher("e", "O", "english")]
DATA = county(
    [*group("M", "N"), school("O"), school("S", sites=2)],
    [*SENT, teacher("m", "M")],
    posts=(post("M", capacity=1), post("M", "english", capacity=1), post("S", capacity=0)),
)


def test_extra_places_of_sites_core_and_members() -> None:
    rule = Establishment()
    assert {s.id: rule.extra(DATA, s) for s in DATA.schools} == {"C": 2, "M": 1, "N": 1, "O": 0, "S": 14}
    other = Establishment(per_site=3, core_per_member=2, member=0)
    assert {s.id: other.extra(DATA, s) for s in DATA.schools} == {"C": 4, "M": 0, "N": 0, "O": 0, "S": 6}


def test_what_goes_beyond_the_posts_adds_up_over_subjects() -> None:
    rule = Establishment(where=Selector(school=("M",)))
    # maths: 1 at work, capacity 1, two come: 2 beyond; english: one comes into one place.
    plan = [place(DATA, who, "M") for who in ("t0", "t1", "e")]
    assert numbers(cells(rule, DATA, *plan)) == {"M": (2, None, 1, 1)}
    assert numbers(cells(rule, DATA, plan[0], plan[2])) == {"M": (1, None, 1, 0)}


def test_an_overfull_post_counts_from_where_it_stands_and_room_elsewhere_does_not_help() -> None:
    data = county(
        [school("M"), school("O")], [teacher("m1", "M"), teacher("m2", "M"), *SENT],
        posts=(post("M", capacity=1), post("M", "english", capacity=9)),
    )  # fmt: skip
    assert numbers(cells(Establishment(), data))["M"] == (0, None, 0, 0)
    assert numbers(cells(Establishment(), data, place(data, "t0", "M")))["M"] == (1, None, 0, 1)
    # m1 goes, t0 comes: no more than before.
    assert numbers(cells(Establishment(), data, place(data, "t0", "M"), place(data, "m1", "O")))["M"][3] == 0


def test_circuits_and_running_terms_count_exactly() -> None:
    data = county(
        [school("M"), school("N"), school("O")], [teacher("m", "M"), teacher("r", "O"), *SENT],
        posts=(post("M", capacity=2), post("N", capacity=0)), terms=(term("r", "M", 2025, 2),),
    )  # fmt: skip
    assert numbers(cells(Establishment(), data, place(data, "t0", "M", "N")))["M"] == (
        Fraction(1, 2),
        None,
        0,
        Fraction(1, 2),
    )


def test_host_capacity_is_silent_where_this_rule_speaks() -> None:
    relief = Establishment(where=Selector(school=("M",)))
    facts = facts_of(DATA, HostCapacity(), relief)
    plan = Tally(DATA, [place(DATA, "t0", "M"), place(DATA, "t1", "S")])
    assert [(cell.cell["school"], cell.shortfall) for cell in HostCapacity().check(facts, plan)] == [("S", 1)]
    assert [cell.shortfall for cell in relief.check(facts, plan)] == [0]


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError):
        Establishment(per_site=-1)
    words = Establishment().sentence()
    assert "每增加一址7人" in words.zh and "7 for each extra site" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_full_posts_take_as_many_more_as_the_school_may_add() -> None:
    core, member = group("M")
    data = county(
        along_a_road(core, member),
        [teacher("a", "C"), teacher("b", "C", "art"), teacher("m", "M"), teacher("n", "M", "art")],
        posts=(post("M", capacity=1), post("M", "art", capacity=1)),
    )
    full, out = HostCapacity(), {"group_role": ["core"]}
    assert best(data, at_least(1, **out), full) is None
    assert len(moves(best(data, at_least(1, **out), full, Establishment()))) == 1
    assert best(data, at_least(2, **out), full, Establishment()) is None
    assert len(moves(best(data, at_least(2, **out), full, Establishment(member=2)))) == 2
    plan = best(data, at_least(2, **out), full, Establishment(priority=1))
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 1
