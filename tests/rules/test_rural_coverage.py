"""Rule rural_coverage."""

from fractions import Fraction

from hand import cells, county, numbers, place, post, school, teacher

from rotation.rules.rural_coverage import RuralCoverage

DATA = county(
    [school("A"), school("R", "rural"), school("P", "teaching_point"), school("T", "town", weak=True)],
    [*(teacher(f"a{i}", "A", "maths", "art") for i in range(4)), teacher("r", "R")],
    posts=(
        post("A", required=9),
        post("R", required=3),
        post("R", "art", required=1),
        post("P", required=0),
        post("T", required=2),
    ),
)


def found(*plan: object, **parameters: object) -> dict[str, tuple[object, ...]]:
    return numbers(cells(RuralCoverage.model_validate(parameters), DATA, *plan))  # type: ignore[arg-type]


def test_every_post_of_rural_schools_is_filled() -> None:
    assert found(place(DATA, "a0", "R"), place(DATA, "a1", "R", subject="art")) == {
        "R/maths": (2, 3, None, 1), "R/art": (1, 1, None, 0), "P/maths": (0, 0, None, 0),
    }  # fmt: skip


def test_a_share_is_rounded_up() -> None:
    assert found(required_share=0.5)["R/maths"] == (1, 2, None, 1)  # ceil(1.5)
    assert found(required_share=0.34)["R/maths"] == (1, 2, None, 1)  # ceil(1.02)
    assert found(required_share=0.33)["R/maths"] == (1, 1, None, 0)
    assert found(required_share=0)["R/art"] == (0, 0, None, 0)


def test_who_leaves_is_missed() -> None:
    assert found(place(DATA, "r", "A"), required_share=0.33)["R/maths"] == (0, 1, None, 1)


def test_arrivals_count_each_school_whatever_they_teach() -> None:
    cells_ = found(place(DATA, "a0", "R", subject="art"), arrivals_min=1)
    assert (cells_["R"], cells_["P"]) == ((1, 1, None, 0), (0, 1, None, 1))
    half = found(place(DATA, "a0", "R", "P"), arrivals_min=1)
    assert half["R"] == (Fraction(1, 2), 1, None, Fraction(1, 2))


def test_where_replaces_the_rural_schools() -> None:
    assert found(where={"weak": [True]}) == {"T/maths": (0, 2, None, 2)}
