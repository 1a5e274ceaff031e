"""Odd policy documents: what no policy may hold is a fault with an address, and never an internal error."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from rotation.faults import InputError
from rotation.policy import load_policy, parse_policy


def faults(document: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(InputError) as caught:
        parse_policy(document)
    return [(fault.code, None if fault.row is None else str(fault.row), fault.column) for fault in caught.value.faults]


def release(**more: Any) -> dict[str, Any]:
    return {"name": "p", "extends": "national-2014", "rules": [{"rule": "release", "id": "r", **more}]}


def test_half_a_character_has_no_bytes() -> None:
    assert faults({"name": "\ud842"}) == [("bad_characters", None, "name")]
    ((code, row, column),) = faults({"name": "p", "rules": [{"rule": "release", "id": "\ud842"}]})
    assert (code, column) == ("bad_characters", "id") and row is not None
    assert row.encode()
    assert faults({"name": "a\x00b"}) == [("bad_characters", None, "name")]
    assert faults({"name": "p", "ex\ud842": 1})[0][0] == "unknown_key"


def test_texts_and_numbers_have_an_end() -> None:
    assert faults({"name": "n" * 200_000}) == [("too_long", None, "name")]
    assert faults(release(count_max=10**20)) == [("out_of_range", "r", "count_max")]
    assert faults(release(weight=1e300)) == [("out_of_range", "r", "weight")]
    assert ("finite_number", "r", "weight") in faults(release(weight=float("inf")))
    assert ("finite_number", "r", "weight") in faults(release(weight=float("nan")))


def test_depth_is_a_fault() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert "too_deep" in [code for code, _, _ in faults({"name": "p", "rules": deep})]


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert parse_policy(release(count_max=2.0)).digest == parse_policy(release(count_max=2)).digest
    assert faults(release(count_max=2.5)) == [("int_type", "r", "count_max")]


def test_an_id_given_twice_is_never_overwritten() -> None:
    document = {"name": "p", "extends": "national-2014"}
    twice = [{"rule": "release", "id": "new", "count_max": 1}, {"rule": "release", "id": "new", "count_max": 2}]
    assert faults(document | {"rules": twice}) == [("duplicate_id", "new", "id")]
    inherited = [{"rule": "rural_coverage", "priority": 1}, {"rule": "rural_coverage", "priority": 2}]
    assert faults(document | {"rules": inherited}) == [("duplicate_id", "rural_coverage", "id")]
    assert parse_policy(document | {"rules": inherited[1:]}).rule("rural_coverage").priority == 2


def test_a_key_given_twice_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"name": "a", "name": "b"}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_policy(path)
    assert "'name' is given twice" in caught.value.faults[0].advice.en


def test_columns_are_names() -> None:
    assert {column for _, _, column in faults(release(priority="soft"))} == {"priority"}


def test_anyone_can_compute_the_digest(capsys: pytest.CaptureFixture[str]) -> None:
    """From what ``policies show --json`` prints, by any JSON program that keeps numbers as they are written."""
    from api.cli import run

    assert run(["policies", "show", "county-1plus3", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert load_policy("county-1plus3").digest == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
