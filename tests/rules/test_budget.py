"""Rule budget."""

from fractions import Fraction

import pytest
from hand import along_a_road, at_least, best, cells, county, group, moves, numbers, place, post, school, teacher, term
from pydantic import ValidationError

from rotation.county import Preference, Travel
from rotation.rules.budget import Budget
from rotation.rules.frame import Selector

BANDS = ((10, 3000), (30.5, 6000), (50, 9000.5))
DATA = county(
    [*group("M", "N"), *group("P", core="D", name="H"), school("O")],
    [teacher(f"c{i}", "C") for i in range(5)],
    travel=(Travel("C", "M", 12.0), Travel("C", "N", 40.0)),
)


def budget(amount: float = 10_000, **more: object) -> Budget:
    return Budget.model_validate({"amount": amount, "bands": BANDS, **more})


def test_bands_include_their_limit_and_end_with_the_last() -> None:
    rule = budget()
    costs = {0: 3000, 10: 3000, 10.001: 6000, 30.5: 6000, 30.501: 9000.5, 50: 9000.5, 200: 9000.5, None: 9000.5}
    assert {km: rule.yearly(km) for km in costs} == costs
    # Whole metres, as plans show them.
    assert rule.yearly(10.0004) == 3000


def test_the_county_is_one_cell_and_sums_exactly() -> None:
    plan = [place(DATA, "c0", "M", km=12), place(DATA, "c1", "N", km=40), place(DATA, "c2", "O", km=3)]
    total = Fraction(36001, 2)
    assert numbers(cells(budget(), DATA, *plan)) == {"": (total, None, 10_000, total - 10_000)}
    assert numbers(cells(budget(18000.5), DATA, *plan)) == {"": (total, None, total, 0)}
    assert numbers(cells(budget(), DATA)) == {"": (0, None, 10_000, 0)}


def test_running_terms_cost_their_own_way_and_ended_ones_nothing() -> None:
    data = county(
        DATA.schools, DATA.teachers, travel=DATA.travel,
        terms=(
            term("c0", "M", 2025, 2),
            term("c1", "O", 2025, 2),  # no way is known: the last band
            term("c2", "M", 2024, 2),  # over
            term("c3", "M", 2025, 3, mode="itinerant"),
            term("c3", "N", 2025, 3, mode="itinerant"),  # one teacher, 40 km to the farthest
        ),
    )  # fmt: skip
    assert cells(budget(), data)[""].measured == 6000 + Fraction(90005, 10) * 2


def test_per_group_is_the_hosts_group_each_with_the_whole_amount() -> None:
    plan = [place(DATA, "c0", "M", km=12), place(DATA, "c1", "P", km=9), place(DATA, "c2", "O", km=99)]
    assert numbers(cells(budget(5000, per="group"), DATA, *plan)) == {
        "G": (6000, None, 5000, 1000),
        "H": (3000, None, 5000, 0),
    }


def test_a_circuit_costs_once_for_its_farthest_host() -> None:
    assert cells(budget(per=["group"]), DATA, place(DATA, "c0", "M", "P", km=40))["G"].measured == Fraction(18001, 2)


def test_where_selects_hosts() -> None:
    rule = budget(where=Selector(school=("M",)))
    plan = [place(DATA, "c0", "M", km=12), place(DATA, "c1", "N", km=40)]
    assert cells(rule, DATA, *plan)[""].measured == 6000


@pytest.mark.parametrize(
    "wrong",
    [
        {"bands": []},
        {"bands": [[10, 1], [10, 2]]},
        {"bands": [[10, 1], [5, 2]]},
        {"bands": [[10]]},
        {"bands": [[-1, 1]]},
        {"bands": [[10, float("nan")]]},
        {"bands": 7},
        {"amount": -1},
        {"amount": float("inf")},
        {"per": "school"},
    ],
)
def test_wrong_parameters(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Budget.model_validate({"amount": 1, "bands": [[10, 1]], **wrong})


def test_lists_and_no_split_as_files_write_them() -> None:
    rule = Budget.model_validate({"amount": 300_000, "bands": [[10, 100], [20, 200.5]], "per": []})
    assert (rule.per, rule.bands) == ("county", ((10, 100), (20, 200.5)))
    words = rule.sentence()
    assert "300,000元" in words.zh and "10公里以内100元" in words.zh and "200.5 within 20 km" in words.en


# -- through the solver: the best plan is known by hand ---------------------------------------------------------------


def test_the_wish_comes_true_as_far_as_the_money_goes() -> None:
    data = county(
        along_a_road(school("home"), school("near"), school("far")),
        [teacher("t", "home"), teacher("away", "home")],
        posts=(post("near"), post("far")),
        preferences=(Preference("t", "far", 1), Preference("t", "near", 2)),
        terms=(term("away", "near", 2025, 2),),
    )

    def found(amount: float, **more: object) -> set[tuple[str, ...]]:
        rule = Budget.model_validate({"amount": amount, "bands": [[2, 1000.5], [9, 3000]], **more})
        return moves(best(data, at_least(1), rule, first="preferences"))

    assert found(4000.5) == {("t", "far")}  # the running term costs 1000.5
    assert found(4000.4) == {("t", "near")}
    assert best(data, at_least(1), Budget(amount=2000.9, bands=((2, 1000.5),))) is None
    rule = Budget(amount=2000.9, bands=((2, 1000.5),), priority=1)
    plan = best(data, at_least(1), rule)
    assert plan is not None and plan.tiers[0].value == plan.tiers[0].bound == pytest.approx(0.1)
