"""Rule subject_quota."""

import pytest
from hand import cells, county, numbers, place, school, teacher
from pydantic import ValidationError

from rotation.rules.subject_quota import SubjectQuota

DATA = county(
    [school("A"), school("B")],
    [
        *(teacher(f"m{i}", "A", "maths", "music") for i in range(10)),
        *(teacher(f"n{i}", "B", "maths") for i in range(3)),
        *(teacher(f"e{i}", "A", "english") for i in range(4)),
    ],
)
PLAN = [place(DATA, "m0", "B", subject="music"), place(DATA, "m1", "B"), place(DATA, "e0", "B")]


def found(**parameters: object) -> dict[str, tuple[object, ...]]:
    return numbers(cells(SubjectQuota.model_validate(parameters), DATA, *PLAN))


def test_each_main_subject_is_a_cell_whatever_is_taught_meanwhile() -> None:
    assert found(share_min=0.2) == {"maths": (2, 3, None, 1), "english": (1, 1, None, 0)}
    assert found(count_max=1) == {"maths": (2, None, 1, 1), "english": (1, None, 1, 0)}


def test_only_the_listed_subjects() -> None:
    assert found(count_min=2, subjects=["english"]) == {"english": (1, 2, None, 1)}
    assert found(count_min=2, subjects="music") == {}  # nobody's main subject


def test_per_always_has_the_subject() -> None:
    assert SubjectQuota(count_max=1, per=("school",)).per == ("school", "subject")
    assert found(share_max=0.1, per="school") == {
        "A/maths": (2, None, 1, 1), "B/maths": (0, None, 0, 0), "A/english": (1, None, 0, 1),
    }  # fmt: skip


def test_no_default_limit() -> None:
    with pytest.raises(ValidationError):
        SubjectQuota()
