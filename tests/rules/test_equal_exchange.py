"""Rule equal_exchange."""

from fractions import Fraction

import pytest
from hand import along_a_road, at_least, best, cells, county, group, moves, numbers, place, post, school, teacher
from pydantic import ValidationError

from rotation.rules.equal_exchange import EqualExchange
from rotation.rules.frame import Selector

DATA = county(
    [*group("M", "N"), *group("P", core="D", name="H"), school("O", group_role="member")],
    [
        *(teacher(f"c{i}", "C") for i in range(3)),
        teacher("ce", "C", "english", "maths"),
        *(teacher(f"m{i}", "M") for i in range(3)),
        teacher("n0", "N", "art"),
        teacher("p0", "P"),
        teacher("o0", "O"),
    ],
)


def test_pair_compares_core_and_each_member() -> None:
    plan = [place(DATA, who, "M") for who in ("c0", "c1")] + [place(DATA, "m0", "C")]
    assert numbers(cells(EqualExchange(), DATA, *plan)) == {
        "M": (1, None, 0, 1),
        "N": (0, None, 0, 0),
        "P": (0, None, 0, 0),
    }


def test_pair_sees_neither_members_among_themselves_nor_other_groups() -> None:
    plan = [place(DATA, "m0", "N"), place(DATA, "c0", "P"), place(DATA, "p0", "C"), place(DATA, "o0", "C")]
    assert all(cell.shortfall == 0 for cell in cells(EqualExchange(), DATA, *plan).values())


def test_school_counts_the_whole_of_its_own_group() -> None:
    plan = [place(DATA, "m0", "N"), place(DATA, "m1", "C"), place(DATA, "c0", "M"), place(DATA, "m2", "P")]
    # M: two out into the group, one in. N: one in. The way to P is another group's.
    found = numbers(cells(EqualExchange(per="school"), DATA, *plan))
    assert found == {"M": (1, None, 0, 1), "N": (1, None, 0, 1), "P": (0, None, 0, 0)}
    everyone = EqualExchange(per="school", where=Selector(group=("G",)))
    assert numbers(cells(everyone, DATA, *plan))["C"] == (0, None, 0, 0)


def test_group_lets_one_member_send_for_another() -> None:
    plan = [place(DATA, "c0", "M"), place(DATA, "c1", "M"), place(DATA, "m0", "C"), place(DATA, "n0", "C")]
    assert numbers(cells(EqualExchange(per="group"), DATA, *plan)) == {"G": (0, None, 0, 0), "H": (0, None, 0, 0)}
    only_m = EqualExchange(per="group", where=Selector(school=("M",)))
    assert numbers(cells(only_m, DATA, *plan)) == {"G": (1, None, 0, 1)}


def test_tolerance_is_free() -> None:
    plan = [place(DATA, f"c{i}", "M") for i in range(3)]
    assert numbers(cells(EqualExchange(tolerance=1), DATA, *plan))["M"] == (3, None, 1, 2)


def test_by_subject_goes_as_in_and_out_are_counted() -> None:
    rule = EqualExchange(by_subject=True, where=Selector(school=("M",)))
    # ce holds an english post; what counts at M is what is taught there, against the post that m0 leaves.
    found = numbers(cells(rule, DATA, place(DATA, "ce", "M", subject="maths"), place(DATA, "m0", "C")))
    assert found == {"M/art": (0, None, 0, 0), "M/english": (0, None, 0, 0), "M/maths": (0, None, 0, 0)}
    found = numbers(cells(rule, DATA, place(DATA, "ce", "M"), place(DATA, "m0", "C")))
    assert found == {"M/art": (0, None, 0, 0), "M/english": (1, None, 0, 1), "M/maths": (1, None, 0, 1)}


def test_a_circuit_counts_its_share() -> None:
    found = numbers(cells(EqualExchange(), DATA, place(DATA, "c0", "M", "N"), place(DATA, "m0", "C")))
    assert found["M"][0] == Fraction(1, 2) and found["N"][0] == Fraction(1, 2)


def test_parameters_and_words() -> None:
    assert EqualExchange.model_validate({"per": ["group"]}).per == "group"
    with pytest.raises(ValidationError):
        EqualExchange.model_validate({"per": ["group", "school"]})
    with pytest.raises(ValidationError):
        EqualExchange(tolerance=-1)
    words = EqualExchange(tolerance=2).sentence()
    assert "2人" in words.zh and "within 2" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_who_goes_draws_one_back() -> None:
    core, *members = group("M", "N")
    data = county(
        along_a_road(core, *members),
        [teacher("c", "C"), teacher("m", "M", "art"), teacher("n", "N", "art"), teacher("m2", "M", "maths")],
        posts=(post("M"), post("N"), post("C", "art"), post("C")),
    )
    sent = at_least(1, group_role=["core"])
    assert moves(best(data, sent)) == {("c", "M")}
    pair = moves(best(data, sent, EqualExchange()))
    assert pair in ({("c", "M"), ("m", "C")}, {("c", "M"), ("m2", "C")})
    assert moves(best(data, sent, EqualExchange(by_subject=True))) == {("c", "M"), ("m2", "C")}
    assert moves(best(data, sent, EqualExchange(tolerance=1))) == {("c", "M")}
    plan = best(data, at_least(3, group_role=["member"]), EqualExchange(per="group", priority=1))
    # Both artists go to the core, the third to the other member, and one comes back.
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == 1
