"""Rule backbone_quota."""

from hand import cells, county, numbers, place, school, teacher, term

from rotation.rules.backbone_quota import BackboneQuota

RANKS = ("none", "none", "school", "county", "city", "province")
DATA = county(
    [school("A", group="G"), school("B", "rural"), school("C")],
    [
        *(teacher(f"a{i}", "A", backbone=rank) for i, rank in enumerate(RANKS)),
        teacher("b", "B"),
        teacher("c", "C", backbone="city"),
    ],
    terms=(term("c", "A", 2025, 2),),
)


def found(*movers: str, **parameters: object) -> dict[str, tuple[object, ...]]:
    plan = [place(DATA, who, "C") for who in movers]
    return numbers(cells(BackboneQuota.model_validate(parameters), DATA, *plan))


def test_a_fifth_of_those_who_move_rounded_up() -> None:
    assert found("a0", "a1", "a2", "b", "a3") == {"": (1, 1, None, 0)}
    assert found("a0", "a1") == {"": (0, 1, None, 1)}
    assert found() == {"": (0, 0, None, 0)}
    assert found("a0", "a1", "a2", "b", "a3", "a4") == {"": (2, 2, None, 0)}  # ceil(1.2)


def test_the_level_and_above_count() -> None:
    assert found("a2", "a3", "a4", "a5", share_min=1.0) == {"": (3, 4, None, 1)}
    assert found("a2", "a3", "a4", "a5", share_min=1.0, backbone_level="school") == {"": (4, 4, None, 0)}
    assert found("a2", "a3", "a4", "a5", share_min=1.0, backbone_level="province") == {"": (1, 4, None, 3)}


def test_cells_where_somebody_moves() -> None:
    assert found("a3", "b", per=["school"], share_min=0.5) == {"A": (1, 1, None, 0), "B": (0, 1, None, 1)}
    assert found("a3", "b", per=["group"], share_min=0.5) == {"G": (1, 1, None, 0)}
    assert found("a3", "b", where={"area": ["rural"]}) == {"": (0, 1, None, 1)}
