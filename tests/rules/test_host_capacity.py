"""Rule host_capacity."""

from fractions import Fraction

from hand import cells, county, numbers, place, post, school, teacher

from rotation.rules.host_capacity import HostCapacity

DATA = county(
    [school("A"), school("B", "rural"), school("C", "rural")],
    [
        *(teacher(f"a{i}", "A", "maths", "art") for i in range(4)),
        teacher("b", "B"),
        teacher("full0", "C"),
        teacher("full1", "C"),
    ],
    posts=(post("A", capacity=9), post("B", capacity=2), post("B", "art", capacity=1), post("C", capacity=1)),
)


def found(*plan: object, **parameters: object) -> dict[str, tuple[object, ...]]:
    return numbers(cells(HostCapacity.model_validate(parameters), DATA, *plan))  # type: ignore[arg-type]


def test_staff_after_is_at_most_the_capacity() -> None:
    assert found(place(DATA, "a0", "B"))["B/maths"] == (2, None, 2, 0)
    assert found(place(DATA, "a0", "B"), place(DATA, "a1", "B"))["B/maths"] == (3, None, 2, 1)


def test_the_placed_subject_counts() -> None:
    plan = [place(DATA, f"a{i}", "B", subject="art") for i in range(2)]
    assert found(*plan)["B/art"] == (2, None, 1, 1)
    assert found(*plan)["B/maths"] == (1, None, 2, 0)
    assert found(*plan)["A/maths"] == (2, None, 9, 0)  # it is the main subject that leaves


def test_who_leaves_makes_room() -> None:
    plan = [place(DATA, "a0", "B"), place(DATA, "a1", "B"), place(DATA, "b", "A")]
    assert found(*plan)["B/maths"] == (2, None, 2, 0)


def test_what_is_over_capacity_already_may_stay_and_takes_nobody() -> None:
    assert found()["C/maths"] == (2, None, 2, 0)
    assert found(place(DATA, "a0", "C"))["C/maths"] == (3, None, 2, 1)
    assert found(place(DATA, "a0", "C"), place(DATA, "full0", "A"))["C/maths"] == (2, None, 2, 0)


def test_a_circuit_brings_its_share_and_where_selects_hosts() -> None:
    assert found(place(DATA, "a0", "B", "C"), where={"school": ["C"]}) == {
        "C/maths": (Fraction(5, 2), None, 2, Fraction(1, 2))
    }
