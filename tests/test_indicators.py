"""Indicators before and after a plan."""

import json
import math
from fractions import Fraction

import pytest
from hand import county, facts_of, place, post, school, teacher, term
from hypothesis import given
from hypothesis import strategies as st

from rotation.county import Preference, Travel
from rotation.indicators import coefficient_of_variation, indicators
from rotation.rules.budget import Budget
from rotation.rules.eligibility import Eligibility
from rotation.tally import Tally

BUDGET = Budget(amount=99_999, bands=((10, 1000), (30, 2500)))
DATA = county(
    [
        school("U", pupils=200),
        school("R", "rural", pupils=100),
        school("J", "town", ("junior",), pupils=300),
        school("V"),
    ],
    [
        *(teacher(f"u{i}", "U") for i in range(4)),
        teacher("star", "U", "music", backbone="city"),
        teacher("r0", "R"),
        teacher("new", "U", joined_year=2025),
        teacher("away", "U", backbone="county"),
    ],
    posts=(post("R", required=3), post("R", "music"), post("J")),
    terms=(term("away", "J", 2025, 2),),
    preferences=(
        Preference("u0", "R", 1),
        Preference("star", "J", 1),
        Preference("star", "R", 2),
        Preference("u1", "R", 0),
    ),
    travel=(Travel("U", "J", 20.0),),
)
FACTS = facts_of(DATA, Eligibility(), BUDGET)
PLAN = Tally(DATA, [
    place(DATA, "u0", "R", km=8), place(DATA, "u1", "R", km=12.5), place(DATA, "star", "R", km=10),
])  # fmt: skip
FOUND = indicators(FACTS, PLAN)


def test_who_moved() -> None:
    # Eligible: u0…u3, star, r0; `new` is too new, `away` is on a running term.
    names = ("moved", "eligible", "moved_share", "backbone_moved", "backbone_share")
    assert [FOUND[name] for name in names] == [3, 6, 0.5, 1, pytest.approx(1 / 3)]


def test_rural_posts() -> None:
    names = ("rural_posts_required", "rural_posts_filled_before", "rural_posts_filled_after")
    assert [FOUND[name] for name in names] == [4, 1, 4]
    # A third maths teacher more than is required fills nothing.
    more = Tally(DATA, [place(DATA, f"u{i}", "R") for i in range(4)])
    assert indicators(FACTS, more)["rural_posts_filled_after"] == 3
    half = Tally(DATA, [place(DATA, "star", "R", "V")])
    assert indicators(FACTS, half)["rural_posts_filled_after"] == 1.5


def test_kilometres_subsidy_and_wishes() -> None:
    assert [FOUND[name] for name in ("km_total", "km_median", "km_max")] == [30.5, 10, 12.5]
    # 8 km and 10 km: 1000 each, 12.5 km: 2500; the running term at 20 km: 2500.
    assert (FOUND["subsidy_yearly_before"], FOUND["subsidy_yearly"]) == (2500, 7000)
    # u0 got the first of its wishes, star the second; u1 has none (a mark against R is not a wish).
    assert (FOUND["first_choice_of"], FOUND["first_choice_share"]) == (2, 0.5)


def test_variation_of_primary_schools_by_hand() -> None:
    primary = FOUND["variation"]["primary"]
    assert (primary["most"], primary["schools"], primary["schools_left_out"]) == (0.5, 2, 1)
    # Before: U 6 of 200 pupils, R 1 of 100: 3.0 and 1.0 per 100, mean 7/3; variance 2/3 × (2/3)² + 1/3 × (4/3)² = 8/9.
    assert primary["teachers"]["before"] == pytest.approx(math.sqrt(8 / 9) / (7 / 3))
    # After: U 3 of 200, R 4 of 100: 1.5 and 4.0, mean 7/3; variance 2/3 × (5/6)² + 1/3 × (5/3)² = 25/18.
    assert primary["teachers"]["after"] == pytest.approx(math.sqrt(25 / 18) / (7 / 3))
    assert primary["teachers"]["holds"] is False  # 0.505
    # One backbone teacher, also the one in arts: all at U before, all at R after.
    assert primary["backbone"] == primary["arts_pe"]
    assert primary["backbone"]["before"] == pytest.approx(math.sqrt(1 / 2))
    assert primary["backbone"]["after"] == pytest.approx(math.sqrt(2))


def test_variation_of_junior_schools_counts_running_terms_at_their_host() -> None:
    junior = FOUND["variation"]["junior"]
    assert (junior["most"], junior["schools"]) == (0.45, 1)
    assert junior["teachers"] == {"before": 0.0, "after": 0.0, "holds": True}
    assert junior["arts_pe"] == {"before": None, "after": None, "holds": None}


def test_a_worked_example_of_the_formula() -> None:
    """Library books a pupil in five primary schools: 0.52 in an example that explanations of the formula pass around."""
    pupils = {"1": 45, "2": 37, "3": 89, "4": 76, "5": 55}
    books = {"1": 279, "2": 137, "3": 935, "4": 160, "5": 402}
    found = coefficient_of_variation({name: Fraction(count) for name, count in books.items()}, pupils)
    assert found == pytest.approx(0.52, abs=0.005)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 500)), min_size=1, max_size=6), st.integers(2, 9))
def test_variation_knows_no_scale_and_is_nothing_between_equals(rows: list[tuple[int, int]], times: int) -> None:
    counts = {str(i): Fraction(count) for i, (count, _) in enumerate(rows)}
    pupils = {str(i): size for i, (_, size) in enumerate(rows)}
    found = coefficient_of_variation(counts, pupils)
    more = coefficient_of_variation({name: count * times for name, count in counts.items()}, pupils)
    assert (found is None) == (not any(counts.values()))
    assert found is None or found == pytest.approx(more)
    assert coefficient_of_variation({name: Fraction(size, 7) for name, size in pupils.items()}, pupils) == 0


def test_the_standard_itself_passes() -> None:
    # 0.5 and 1.5 per 100 pupils: mean 1, deviation 0.5.
    data = county([school("A", pupils=200), school("B", pupils=200)], [teacher(f"t{i}", "AB"[i > 0]) for i in range(4)])
    row = indicators(facts_of(data), Tally(data, ()))["variation"]["primary"]["teachers"]
    assert row == {"before": 0.5, "after": 0.5, "holds": True}


def test_tiny_teaching_points_do_not_count() -> None:
    def variation(pupils: int) -> float | None:
        data = county([school("A", pupils=100), school("P", "teaching_point", pupils=pupils)], [teacher("a", "A")])
        found: float | None = indicators(facts_of(data), Tally(data, ()))["variation"]["primary"]["teachers"]["after"]
        return found

    assert variation(49) == 0
    assert variation(50) == pytest.approx(math.sqrt(1 / 2))


def test_evidence_rounds_exactly() -> None:
    data = county([school("A"), school("B")], [teacher(f"t{i:02}", "A") for i in range(30)])
    three = indicators(facts_of(data), Tally(data, [place(data, f"t{i:02}", "B") for i in range(3)]))
    moved, backbone = three["evidence"]
    assert (moved["least"], moved["holds"]) == (3, True)  # 0.1 × 30 is 3
    assert (backbone["count"], backbone["least"], backbone["holds"]) == (0, 1, False)
    two = indicators(facts_of(data), Tally(data, [place(data, f"t{i:02}", "B") for i in range(2)]))
    assert two["evidence"][0]["holds"] is False


def test_nothing_to_divide_by_is_none() -> None:
    empty = county([school("A")])
    found = indicators(facts_of(empty), Tally(empty, ()))
    names = ("moved_share", "backbone_share", "km_median", "km_max", "subsidy_yearly", "first_choice_share")
    assert [found[name] for name in names] == [None] * 6


def test_everybody_is_at_work_once_and_the_answer_is_json() -> None:
    # u0 on a circuit, star at a junior school, away from its running term to R: counted person by person.
    plan = [place(DATA, "u0", "R", "V"), place(DATA, "star", "J"), place(DATA, "away", "R")]
    where = {person.id: (person.school,) for person in DATA.teachers} | {p.teacher: p.hosts for p in plan}
    backbone = {person.id for person in DATA.teachers if person.backbone in ("county", "city")}
    found = indicators(FACTS, Tally(DATA, plan))["variation"]
    for level, ids in (("primary", ("U", "R")), ("junior", ("J",))):
        pupils = {key: DATA.school[key].pupils or 0 for key in ids}
        for measure, counted in (("teachers", set(where)), ("backbone", backbone), ("arts_pe", {"star"})):
            counts = {
                key: sum((Fraction(where[one].count(key), len(where[one])) for one in counted), Fraction(0))
                for key in ids
            }
            assert found[level][measure]["after"] == coefficient_of_variation(counts, pupils)
    assert json.loads(json.dumps(FOUND, allow_nan=False)) == FOUND
