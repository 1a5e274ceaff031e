"""Rule decisions: the office's own word."""

import pytest
from hand import cells, county, facts_of, place, post, school, teacher

from rotation.county import Decision
from rotation.faults import InputError
from rotation.policy import Policy, parse_policy
from rotation.rules.decisions import Decisions
from solver.index import Index
from solver.options import build_options

SCHOOLS = tuple(school(name, lon=110, lat=30) for name in "ABC")
PEOPLE = (teacher("t", "A"), teacher("u", "A"))


def shortfalls(*decisions: Decision, plan: dict[str, tuple[str, ...]]) -> dict[str, int]:
    data = county(SCHOOLS, PEOPLE, decisions=decisions)
    found = cells(Decisions(), data, *(place(data, who, *hosts) for who, hosts in plan.items()))
    return {name: int(cell.shortfall) for name, cell in found.items()}


def test_require_a_host() -> None:
    require = Decision("t", "require", "B")
    assert shortfalls(require, plan={"t": ("B",)}) == {"t/B": 0}
    assert shortfalls(require, plan={"t": ("C",)}) == {"t/B": 1}
    assert shortfalls(require, plan={"u": ("B",)}) == {"t/B": 1}
    assert shortfalls(require, plan={"t": ("C", "B")}) == {"t/B": 0}  # any host of a circuit


def test_require_to_move_at_all() -> None:
    require = Decision("t", "require")
    assert shortfalls(require, plan={"t": ("C",)}) == {"t": 0}
    assert shortfalls(require, plan={}) == {"t": 1}


def test_forbid_a_host_and_forbid_to_move() -> None:
    assert shortfalls(Decision("t", "forbid", "B"), plan={"t": ("C",)}) == {"t/B": 0}
    assert shortfalls(Decision("t", "forbid", "B"), plan={"t": ("B",)}) == {"t/B": 1}
    assert shortfalls(Decision("t", "forbid"), plan={"t": ("C",)}) == {"t": 1}
    assert shortfalls(Decision("t", "forbid"), plan={"u": ("C",)}) == {"t": 0}


def test_every_row_is_judged() -> None:
    rows = (Decision("t", "require", "B"), Decision("t", "forbid", "C"), Decision("u", "forbid"))
    assert shortfalls(*rows, plan={"t": ("C",), "u": ("B",)}) == {"t/B": 1, "t/C": 1, "u": 1}


def refused(policy: Policy, *decisions: Decision) -> list[tuple[object, str]]:
    data = county(SCHOOLS, PEOPLE, decisions=decisions, posts=(post("B"), post("C", "art")))
    with pytest.raises(InputError) as raised:
        build_options(Index(facts_of(data, *policy.rules)))
    return [(fault.row, fault.advice.en) for fault in raised.value.faults]


def test_a_decision_that_breaks_a_rule_is_an_input_error_naming_both() -> None:
    plain = parse_policy({"name": "p"})
    ((row, text),) = refused(plain, Decision("u", "forbid"), Decision("t", "require", "C"))
    assert row == 2 and "qualification (no_post)" in text
    ((row, text),) = refused(plain, Decision("t", "require", "B"), Decision("t", "forbid"))
    assert row == 1 and "decisions (forbidden)" in text
    tenure = parse_policy({"name": "p", "rules": [{"rule": "eligibility", "min_years_at_school": 20}]})
    ((_, text),) = refused(tenure, Decision("t", "require"))
    assert "eligibility (too_few_years_at_school)" in text
