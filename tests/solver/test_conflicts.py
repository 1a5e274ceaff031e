"""Conflicts of many cells: how they are thinned out, what a look at few columns says, and what is left when time runs out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver.diagnosis import conflict_of, diagnose
from solver.diagnosis import system as system_module
from solver.diagnosis.conflicts import Finder
from solver.diagnosis.system import Closeup, RuleCell, System, Thinning
from solver.index import Index
from solver.options import build_options
from solver.stopping import never

CELLS = [RuleCell("r", (("n", str(n)),)) for n in range(40)]
COUNTY = synthetic_county(30, 1_000, 3)
POLICY = parse_policy(
    {
        "name": "few may leave",
        "extends": "national-2014",
        "rules": [{"rule": "release", "id": "tenth", "share_max": 0.05, "per": ["school", "subject"]}],
    }
)
OPTIONS = build_options(Index(Facts(COUNTY, POLICY)))
CONFLICT = Finder(System(OPTIONS, never), most=1).run().conflicts[0].cells


def after(looks: int) -> Callable[[], bool]:
    """Who says stop after so many looks."""
    left = iter(range(looks))
    return lambda: next(left, None) is None


@given(st.lists(st.sets(st.integers(0, 39), min_size=1), min_size=1, max_size=4), st.integers(0, 40))
def test_what_is_thinned_out_loses_it_with_any_one_taken_away(clashes: list[set[int]], first: int) -> None:
    """Cells clash where they hold one of some sets; hardly more is asked than there are cells."""
    asked, clashing = count(), [{CELLS[i] for i in clash} for clash in clashes]

    def clash(some: list[RuleCell]) -> bool:
        next(asked)
        return any(one <= set(some) for one in clashing)

    left = Thinning(CELLS[first:] + CELLS[:first]).run(clash)
    assert clash(left) and not any(clash([other for other in left if other != cell]) for cell in left)
    assert next(asked) <= 2 * len(CELLS) + 2 * len(left)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_few_columns_say_what_all_say(data: st.DataObject) -> None:
    system = System(OPTIONS, never)
    chosen = [
        *CONFLICT,
        *data.draw(st.lists(st.sampled_from(sorted(set(system.rows_of) - set(CONFLICT))), max_size=40, unique=True)),
    ]
    dropped = data.draw(st.lists(st.sets(st.sampled_from(chosen), max_size=3), min_size=3, max_size=3))
    questions = [[cell for cell in chosen if cell not in some] for some in dropped]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(system_module, "FIRST_KINDS", 0)
        few = Closeup(system, chosen)
        found = [few.feasible(some) for some in questions]
        patch.setattr(system_module, "FIRST_KINDS", 10**6)
        whole = [Closeup(system, chosen).feasible(some) for some in questions]
    event(f"hold: {sum(found)} of {len(found)}")
    assert found == whole


def test_a_conflict_that_there_is_no_time_to_thin_out_is_told_and_says_so() -> None:
    assert len(CONFLICT) > 20
    for questions in (40, 60, 80):
        found = Finder(System(OPTIONS, after(questions)), most=1).run()
        (early,) = found.conflicts
        assert not early.irreducible and not found.complete and len(early.cells) >= len(CONFLICT)
        assert not System(OPTIONS, never).feasible(early.cells)


def test_whenever_it_is_stopped_there_is_an_answer() -> None:
    """Unknown, or what is known by then."""
    told = [
        diagnose(COUNTY, POLICY, should_stop=after(looks), ways=False)
        for looks in (0, 10, 50, 100, 150, 200, 300, 10**6)
    ]
    assert {answer.status for answer in told} == {"unknown", "infeasible"}
    for answer in told:
        assert (answer.status == "infeasible") == bool(answer.conflicts)
    kept = [conflict.irreducible for answer in told for conflict in answer.conflicts]
    assert not all(kept) and kept[-1]


def test_a_solve_names_a_conflict_in_its_time() -> None:
    assert conflict_of(OPTIONS, never, 0.0) == ()
    rules = {rule for rule, _ in conflict_of(OPTIONS, never, 600.0)}
    assert "tenth" in rules and len(rules) > 1
