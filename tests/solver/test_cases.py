"""Programs where the sums are known, one after another: steps, warm starts, and where they end."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver.engines.race import Race
from solver.formulate import formulate
from solver.index import Floats, Index
from solver.master import Master
from solver.options import build_options
from solver.outcome import SolveOptions
from solver.program import Pivot, Program
from solver.search.cases import Cases
from solver.search.certificate import Certificate
from solver.search.incumbent import Incumbent
from solver.search.pivots import Known, Pivots, after, between
from solver.starts import completed
from solver.stopping import never

POLICY = parse_policy(
    {"name": "balance", "extends": "national-2014", "objectives": [{"objective": "balance", "priority": 2}]}
)
OPTIONS = build_options(Index(Facts(synthetic_county(12, 300, 28), POLICY)))
NOBODY = formulate(OPTIONS.only(np.zeros(0, np.int64)))


def lp(program: Program) -> Master:
    return Master(program, never)


def cost_of(program: Program) -> Floats:
    return program.tiers[1].cost.astype(np.float64)


@given(st.lists(st.sampled_from([(1,), (6, 1), (6, 3)]), min_size=1, max_size=4), st.data())
def test_steps_lead_elsewhere_and_back(sizes: list[tuple[int, ...]], data: st.DataObject) -> None:
    pivots = {str(number): Pivot(number, 1, own) for number, own in enumerate(sizes)}
    ways = Pivots(replace(NOBODY, pivots=pivots))
    known = {name: data.draw(st.integers(-5, 5)) for name in pivots}
    everywhere = [after(known, step) for step in ways.steps()]
    assert len({tuple(other.values()) for other in everywhere}) == len(everywhere)
    other = data.draw(st.sampled_from(everywhere))
    first = between(known, other)
    assert after(known, first) == other
    assert all(abs(by) in (0, *pivots[name].sizes) for name, by in first.items())
    twice, once, *_ = ways.steps(first)
    assert once == first and after(after(known, first), first) == after(known, twice)


@given(st.lists(st.tuples(st.sampled_from([1, 6]), st.floats(0, 50), st.integers(0, 50)), min_size=1, max_size=3))
def test_near_an_lp_whole_teachers_come_or_go(levels: list[tuple[int, float, int]]) -> None:
    pivots = {str(number): Pivot(number, 1, (own,)) for number, (own, _, _) in enumerate(levels)}
    ways = Pivots(replace(NOBODY, pivots=pivots))
    plan = np.array([float(here) for _, _, here in levels])
    *near, last = ways.near(np.array([wanted for _, wanted, _ in levels]), plan)
    assert last == ways.of(plan)
    for known in near:
        for (own, wanted, here), value in zip(levels, known.values(), strict=True):
            assert (value - here) % own == 0 and abs(value - wanted) <= own


def test_an_lp_that_begins_where_a_like_one_stood_comes_to_the_same() -> None:
    program = formulate(OPTIONS)
    master = lp(program)
    found = master.start(cost_of(program))
    assert found is not None
    ways = Pivots(program)
    (known, *_) = ways.near(found.x, None)
    near = formulate(OPTIONS, known=known)
    stood = lp(near)
    assert stood.start(cost_of(near)) is not None
    values = []
    for step in ways.steps():
        other = formulate(OPTIONS, known=after(known, step))
        cold, warm = lp(other), lp(other)
        one, two = cold.start(cost_of(other)), warm.start(cost_of(other), like=stood.standing())
        assert (one is None) == (two is None)
        if one is not None and two is not None:
            assert two.value == pytest.approx(one.value, rel=1e-7)
            values.append(one.value)
    assert len(set(values)) > 2


def test_where_it_ends_no_step_is_better() -> None:
    program = formulate(OPTIONS)
    master, incumbent = lp(program), Incumbent(program)
    first = master.start(program.tiers[0].cost.astype(np.float64))
    assert first is not None
    coverage = Certificate(program.tiers[0], round(first.value), first.value)
    asked: list[Known] = []

    def known_program(known: Known) -> Program:
        asked.append(known)
        return formulate(OPTIONS, known=known)

    def take(chosen: Floats) -> None:
        x = completed(program, chosen, cost_of(program), SolveOptions(), never)
        assert x is None or incumbent.take(x)

    def value() -> int:
        return incumbent.values[1] if incumbent.columns is not None else 10**12

    engine, ways = Race(2), Pivots(program)
    certificates = [coverage, Certificate(program.tiers[1])]
    cases = Cases(1, certificates, master, ways, known_program, engine, SolveOptions(), never, value, take)
    cases.run(ways.near(master.minimise(program.tiers[1].cost).x, None), inf)
    engine.close()
    assert incumbent.x is not None and incumbent.values[0] == coverage.value
    here = ways.of(incumbent.x)
    assert here in asked and all(after(here, step) in asked for step in ways.steps())
    # What is one step away has an LP that says so.
    for step in ways.steps():
        other = formulate(OPTIONS, known=after(here, step))
        around = lp(other)
        bound = around.start(other.tiers[0].cost.astype(np.float64))
        if bound is None or bound.value > first.value + 1e-6:
            continue
        around.cut(other.tiers[0].cost, float(first.value))
        least = around.minimise(other.tiers[1].cost).value * float(other.tiers[1].step) + float(other.tiers[1].constant)
        now = incumbent.values[1] * float(program.tiers[1].step) + float(program.tiers[1].constant)
        assert least >= now - 1e-4


def test_who_is_told_to_stop_looks_no_further() -> None:
    program = formulate(OPTIONS)
    master = lp(program)
    assert master.start(program.tiers[0].cost.astype(np.float64)) is not None
    certificates = [Certificate(program.tiers[0], 0), Certificate(program.tiers[1])]
    asked: list[Known] = []

    def known_program(known: Known) -> Program:
        asked.append(known)
        return formulate(OPTIONS, known=known)

    engine = Race(2)
    cases = Cases(
        1,
        certificates,
        master,
        Pivots(program),
        known_program,
        engine,
        SolveOptions(),
        never,
        lambda: 0,
        lambda chosen: None,
    )
    cases.run([dict.fromkeys(program.pivots, 0)], -inf)
    engine.close()
    assert not asked
