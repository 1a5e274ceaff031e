"""Rule rotation_quota, and the rounding of shares that every rule uses."""

from fractions import Fraction

import pytest
from hand import cells, county, numbers, place, school, teacher, term
from pydantic import ValidationError

from rotation.rules.eligibility import Eligibility
from rotation.rules.frame import least_of, most_of
from rotation.rules.rotation_quota import RotationQuota

# 30 at A (10 of them art), 5 at B, of whom one joined last year, 1 at C who is away.
DATA = county(
    [school("A", group="G"), school("B", "rural", group="G"), school("C", "rural", levels=("primary", "junior"))],
    [
        *(teacher(f"a{i}", "A", "art" if i < 10 else "maths") for i in range(30)),
        *(teacher(f"b{i}", "B", joined_year=2025 if i == 0 else 2010) for i in range(5)),
        teacher("c", "C"),
    ],
    terms=(term("c", "A", 2025, 2),),
)
SENT = [place(DATA, f"a{i}", "B") for i in (0, 11, 12, 13)]


@pytest.mark.parametrize(
    ("share", "count", "least", "most"),
    [
        (0.1, 30, 3, 3),
        (0.1, 31, 4, 3),
        (0.29, 100, 29, 29),
        (0.07, 100, 7, 7),
        (0.0, 9, 0, 0),
        (1.0, 9, 9, 9),
        (0.34, 1, 1, 0),
    ],
)
def test_shares_are_exact_fractions(share: float, count: int, least: int, most: int) -> None:
    assert (least_of(share, count), most_of(share, count)) == (least, most)


def test_a_share_of_half_a_teacher() -> None:
    assert (least_of(0.5, Fraction(5, 2)), most_of(0.5, Fraction(5, 2))) == (2, 1)


def found(*plan: object, **parameters: object) -> dict[str, tuple[object, ...]]:
    return numbers(cells(RotationQuota.model_validate(parameters), DATA, *plan))  # type: ignore[arg-type]


def test_ten_percent_of_the_eligible_unless_a_limit_is_given() -> None:
    assert found(*SENT) == {"": (4, 4, None, 0)}  # ceil(0.1 × 35): the one who is away does not count
    assert found(*SENT[:3]) == {"": (3, 4, None, 1)}
    assert found(count_max=3) == {"": (0, None, 3, 0)}


def test_cells_of_homes_and_subjects() -> None:
    assert found(*SENT, per=["school"]) == {"A": (4, 3, None, 0), "B": (0, 1, None, 1)}
    assert found(*SENT, per=["subject"], share_min=0.2) == {"art": (1, 2, None, 1), "maths": (3, 5, None, 2)}
    assert found(*SENT, per=["group"]) == {"G": (4, 4, None, 0)}  # C has no group and forms no cell
    assert found(*SENT, per=["area"], where={"area": ["urban"]}) == {"urban": (4, 3, None, 0)}


def test_the_stricter_of_share_and_count_binds() -> None:
    assert found(*SENT, share_min=0.1, count_min=5) == {"": (4, 5, None, 1)}
    assert found(*SENT, share_max=0.1, count_max=5) == {"": (4, None, 3, 1)}
    assert found(*SENT, share_min=0.1, share_max=0.1) == {"": (4, 4, 3, 1)}  # ceil against floor


def test_eligible_or_staff() -> None:
    beside = (Eligibility(min_years_at_school=5),)
    rule = RotationQuota(share_min=1.0, per=("school",))
    assert numbers(cells(rule, DATA, beside=beside))["B"] == (0, 4, None, 4)
    rule = RotationQuota(share_min=1.0, per=("school",), of="staff")
    assert numbers(cells(rule, DATA, beside=beside))["B"] == (0, 5, None, 5)


def test_nobody_to_count_is_nobody_missing() -> None:
    assert found(count_min=2, where={"school": ["C"]}) == {"": (0, 0, None, 0)}
    assert found(count_min=2, per=["school"]) == {"A": (0, 2, None, 2), "B": (0, 2, None, 2)}


def test_running_terms_are_no_moves_and_any_mode_is_one() -> None:
    assert found(place(DATA, "a0", "B", "C"), count_min=1) == {"": (1, 1, None, 0)}


def test_parameters() -> None:
    for bad in ({"share_min": 1.1}, {"of": "all"}, {"count_min": -1}, {"per": ["city"]}, {"priority": 0}):
        with pytest.raises(ValidationError):
            RotationQuota.model_validate(bad)
