"""Rule leader_exchange."""

from dataclasses import replace

import pytest
from hand import along_a_road, at_least, best, cells, county, group, moves, numbers, place, post, school, teacher
from pydantic import ValidationError

from rotation.rules.frame import Selector
from rotation.rules.leader_exchange import LeaderExchange

DATA = county(
    [
        *group("M"),
        school("open1", leader_posts_open=1),
        school("open2", leader_posts_open=2),
    ],
    [
        teacher("head", "C", role="principal"),
        teacher("vice", "C", role="vice_principal"),
        teacher("mid", "M", role="middle_leader"),
        teacher("plain", "C"),
        teacher("out", "open2", role="middle_leader"),
    ],
)


def test_at_most_as_many_leaders_as_open_posts() -> None:
    plan = [place(DATA, "head", "open1"), place(DATA, "vice", "open1"), place(DATA, "mid", "C")]
    assert numbers(cells(LeaderExchange(), DATA, *plan)) == {
        "C": (1, None, 0, 1),
        "M": (0, None, 0, 0),
        "open1": (2, None, 1, 1),
        "open2": (0, None, 2, 0),
    }


def test_teachers_without_office_and_unlisted_roles_are_not_read() -> None:
    plan = [place(DATA, "plain", "C"), place(DATA, "mid", "M"), place(DATA, "vice", "M")]
    rule = LeaderExchange(roles=("principal",))
    assert all(cell.measured == 0 for cell in cells(rule, DATA, *plan).values())
    assert cells(LeaderExchange(roles=("vice_principal",)), DATA, *plan)["M"].shortfall == 1


def test_count_min_counts_leaders_by_the_group_of_their_home() -> None:
    rule = LeaderExchange(count_min=2)
    found = numbers(cells(rule, DATA, place(DATA, "head", "open2"), place(DATA, "out", "M"), place(DATA, "plain", "M")))
    assert found["G"] == (1, 2, None, 1)
    found = numbers(cells(rule, DATA, place(DATA, "head", "open2"), place(DATA, "mid", "open2")))
    assert found["G"] == (2, 2, None, 0)
    assert "G" not in cells(LeaderExchange(), DATA)


def test_a_circuit_takes_a_post_at_each_host() -> None:
    found = cells(LeaderExchange(), DATA, place(DATA, "mid", "open1", "M"))
    assert (found["open1"].measured, found["M"].measured, found["M"].shortfall) == (1, 1, 1)


def test_where_selects_hosts_and_their_groups() -> None:
    rule = LeaderExchange(count_min=1, where=Selector(school=("open1",)))
    assert cells(rule, DATA, place(DATA, "mid", "C")).keys() == {"open1"}


def test_parameters_and_words() -> None:
    with pytest.raises(ValidationError):
        LeaderExchange.model_validate({"roles": ["teacher"]})
    words = LeaderExchange(count_min=1).sentence()
    assert "至少交流1人" in words.zh and "at least 1" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_leaders_pass_by_schools_without_an_open_post() -> None:
    core, near, far = group("near", "far")
    data = county(
        along_a_road(core, near, replace(far, leader_posts_open=1)),
        [teacher("one", "C", role="principal"), teacher("two", "C", role="middle_leader"), teacher("plain", "C")],
        posts=(post("near"), post("far")),
    )
    assert moves(best(data, LeaderExchange(count_min=1))) in ({("one", "far")}, {("two", "far")})
    assert best(data, LeaderExchange(count_min=2)) is None
    assert len(moves(best(data, LeaderExchange(roles=("principal",), count_min=1), at_least(3)))) == 3
    plan = best(data, LeaderExchange(count_min=2, priority=1))
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 1
