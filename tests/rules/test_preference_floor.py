"""Rule preference_floor."""

import pytest
from hand import cells, county, place, school, teacher
from pydantic import ValidationError

from rotation.county import Preference
from rotation.rules.preference_floor import PreferenceFloor

DATA = county(
    [school("A"), school("B", "rural"), school("C"), school("D")],
    [teacher("t", "A"), teacher("u", "A")],
    preferences=(Preference("t", "B", 0), Preference("t", "C", 1), Preference("t", "D", 0)),
)


def refused(who: str, *hosts: str, **parameters: object) -> bool:
    return bool(cells(PreferenceFloor.model_validate(parameters), DATA, place(DATA, who, *hosts)))


def test_rank_zero_is_refused_and_nothing_else() -> None:
    assert refused("t", "B")
    assert not refused("t", "C")
    assert not refused("t", "A")  # not listed at all
    assert not refused("u", "B")  # somebody else's wish


def test_one_unacceptable_host_spoils_a_circuit() -> None:
    assert refused("t", "C", "B")
    assert not refused("t", "C", "A")


def test_where_selects_hosts() -> None:
    assert refused("t", "B", where={"area": ["rural"]})
    assert not refused("t", "D", where={"area": ["rural"]})


def test_always_must() -> None:
    with pytest.raises(ValidationError):
        PreferenceFloor(priority=1)
