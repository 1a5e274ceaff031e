"""Options do not depend on how the candidates are looked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rotation.county import County, Travel
from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver import options
from solver.index import Index
from solver.options import Options, build_options

NEAR = {"rule": "distance", "max_km": 9}
WITHIN = {"rule": "destination", "within": "county"}


def built(county: County) -> Options:
    document = {"name": "near", "extends": "national-2014", "rules": [NEAR, WITHIN]}
    return build_options(Index(Facts(county, parse_policy(document))))


def same(one: Options, other: Options) -> bool:
    arrays = ("teacher", "host", "subject", "mode", "metres", "years")
    return one.refused == other.refused and all(np.array_equal(getattr(one, a), getattr(other, a)) for a in arrays)


@pytest.mark.parametrize("travel", [False, True])
def test_schools_out_of_sight_of_a_block_are_too_far(travel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block at a time or all at once, with some schools and homes nowhere and some ways known."""
    made = synthetic_county(60, 900, 3)
    lost = {school.id for school in made.schools[::7]}
    schools = tuple(replace(s, lon=None, lat=None) if s.id in lost else s for s in made.schools)
    teachers = tuple(replace(t, lon=None, lat=None) if t.school in lost else t for t in made.teachers)
    ways = tuple(Travel(one.id, two.id, 3.0) for one, two in zip(schools, schools[9:], strict=False)) if travel else ()
    county = replace(made, schools=schools, teachers=teachers, travel=ways)
    seen = []
    plain = options._in_sight

    def counted(index: Index, block: np.ndarray, angle: float) -> np.ndarray:
        found = plain(index, block, angle)
        seen.append(len(found))
        return found

    monkeypatch.setattr(options, "BLOCK_PAIRS", 1)
    monkeypatch.setattr(options, "FEWEST_ROLES", 5)
    monkeypatch.setattr(options, "_in_sight", counted)
    blocks = built(county)
    assert len(blocks) and (travel or min(seen) < 40)
    monkeypatch.setattr(options, "_in_sight", lambda index, block, angle: np.arange(len(schools)))
    monkeypatch.setattr(options, "FEWEST_ROLES", 10_000)
    assert same(blocks, built(county))
