"""Rule release."""

from fractions import Fraction

from hand import cells, county, numbers, place, post, school, teacher, term

from rotation.rules.release import Release

# A: 7 maths where 5 are required, 2 art where 3 are; B: nobody; x is away from B at A for art until 2027.
DATA = county(
    [school("A"), school("B", "rural"), school("C", "rural")],
    [
        *(teacher(f"m{i}", "A") for i in range(7)),
        teacher("art0", "A", "art"),
        teacher("x", "B", "art"),
        teacher("p", "B", "pe"),
    ],
    posts=(post("A", required=5), post("A", "art", required=3), post("B", required=0)),
    terms=(term("x", "A", 2025, 2, "art"),),
)
OUT = [place(DATA, f"m{i}", "B") for i in range(3)]


def found(*plan: object, **parameters: object) -> dict[str, tuple[object, ...]]:
    return numbers(cells(Release.model_validate(parameters), DATA, *plan))  # type: ignore[arg-type]


def test_no_post_is_made_short_and_no_short_post_gets_shorter() -> None:
    assert found(*OUT) == {"A/maths": (4, 5, None, 1), "A/art": (2, 2, None, 0), "B/maths": (3, 0, None, 0)}
    assert found(*OUT[:2])["A/maths"] == (5, 5, None, 0)
    assert found(place(DATA, "art0", "B"))["A/art"] == (1, 2, None, 1)


def test_whoever_arrives_makes_good_for_whoever_leaves() -> None:
    swap = [place(DATA, "art0", "B", subject="maths"), place(DATA, "p", "A", subject="art")]
    assert found(*swap)["A/art"] == (2, 2, None, 0)
    circuit = [place(DATA, "art0", "B"), place(DATA, "p", "A", "C", subject="art")]
    assert found(*circuit)["A/art"] == (Fraction(3, 2), 2, None, Fraction(1, 2))


def test_share_of_those_at_work_in_the_school_rounded_down() -> None:
    # 9 at work at A (the one on a term there too): floor(0.3 × 9) = 2.
    assert found(*OUT, share_max=0.3, keep_required=False) == {"A": (3, None, 2, 1), "B": (0, None, 0, 0)}
    assert found(*OUT, share_max=0.34, keep_required=False)["A"] == (3, None, 3, 0)


def test_per_subject_the_share_is_of_the_post() -> None:
    per = ["school", "subject"]
    assert found(*OUT, share_max=0.3, per=per, keep_required=False) == {
        "A/maths": (3, None, 2, 1), "A/art": (0, None, 0, 0), "B/pe": (0, None, 0, 0),
    }  # fmt: skip


def test_count_where_and_the_stricter() -> None:
    assert found(*OUT, count_max=2, share_max=0.5, keep_required=False)["A"] == (3, None, 2, 1)
    assert found(*OUT, count_max=0, where={"area": ["rural"]}) == {"B": (0, None, 0, 0), "B/maths": (3, 0, None, 0)}
