"""Programs where the sums are known, one after another: steps, warm starts, and where they end."""

from __future__ import annotations

from collections.abc import Mapping
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
from solver.options import Options, build_options
from solver.outcome import SolveOptions
from solver.program import Program
from solver.search.cases import Cases
from solver.search.certificate import Certificate
from solver.search.incumbent import Incumbent
from solver.search.pivots import Known, Pivots, after, between, steps
from solver.starts import completed
from solver.stopping import never

POLICY = parse_policy(
    {"name": "balance", "extends": "national-2014", "objectives": [{"objective": "balance", "priority": 2}]}
)


@pytest.fixture(scope="module")
def options() -> Options:
    return build_options(Index(Facts(synthetic_county(12, 300, 28), POLICY)))


def lp(program: Program) -> Master:
    return Master(program, never)


def cost_of(program: Program) -> Floats:
    return program.tiers[1].cost.astype(np.float64)


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(-5, 5), min_size=1, max_size=4), st.data())
def test_steps_lead_elsewhere_and_back(known: Mapping[str, int], data: st.DataObject) -> None:
    everywhere = [after(known, step) for step in steps(known)]
    assert len({tuple(other.values()) for other in everywhere}) == len(everywhere)
    other = data.draw(st.sampled_from(everywhere))
    assert 1 <= sum(abs(by) for by in between(known, other).values()) <= 2
    assert after(known, between(known, other)) == other
    first = between(known, other)
    assert next(steps(known, first)) == first


def test_an_lp_that_begins_where_a_like_one_stood_comes_to_the_same(options: Options) -> None:
    program = formulate(options)
    master = lp(program)
    found = master.start(cost_of(program))
    assert found is not None
    (known, *_) = Pivots(program).near(found.x, None)
    near = formulate(options, known=known)
    stood = lp(near)
    assert stood.start(cost_of(near)) is not None
    values = []
    for step in steps(known):
        other = formulate(options, known=after(known, step))
        cold, warm = lp(other), lp(other)
        one, two = cold.start(cost_of(other)), warm.start(cost_of(other), like=stood.standing())
        assert (one is None) == (two is None)
        if one is not None and two is not None:
            assert two.value == pytest.approx(one.value, rel=1e-7)
            values.append(one.value)
    assert len(set(values)) > 2


def test_where_it_ends_no_step_is_better(options: Options) -> None:
    program = formulate(options)
    master, incumbent = lp(program), Incumbent(program)
    first = master.start(program.tiers[0].cost.astype(np.float64))
    assert first is not None
    coverage = Certificate(program.tiers[0], round(first.value), first.value)
    asked: list[Known] = []

    def known_program(known: Known) -> Program:
        asked.append(known)
        return formulate(options, known=known)

    def take(chosen: Floats) -> None:
        x = completed(program, chosen, cost_of(program), SolveOptions(), never)
        assert x is None or incumbent.take(x)

    def value() -> int:
        return incumbent.values[1] if incumbent.columns is not None else 10**12

    engine = Race(2)
    certificates = [coverage, Certificate(program.tiers[1])]
    cases = Cases(1, certificates, master, known_program, engine, SolveOptions(), never, value, take)
    cases.run(Pivots(program).near(master.minimise(program.tiers[1].cost).x, None), inf)
    engine.close()
    assert incumbent.x is not None and incumbent.values[0] == coverage.value
    here = Pivots(program).of(incumbent.x)
    assert here in asked and all(after(here, step) in asked for step in steps(here))
    # What is one step away has an LP that says so.
    for step in steps(here):
        other = formulate(options, known=after(here, step))
        around = lp(other)
        bound = around.start(other.tiers[0].cost.astype(np.float64))
        if bound is None or bound.value > first.value + 1e-6:
            continue
        around.cut(other.tiers[0].cost, float(first.value))
        least = around.minimise(other.tiers[1].cost).value * float(other.tiers[1].step) + float(other.tiers[1].constant)
        now = incumbent.values[1] * float(program.tiers[1].step) + float(program.tiers[1].constant)
        assert least >= now - 1e-4


def test_who_is_told_to_stop_looks_no_further(options: Options) -> None:
    program = formulate(options)
    master = lp(program)
    assert master.start(program.tiers[0].cost.astype(np.float64)) is not None
    certificates = [Certificate(program.tiers[0], 0), Certificate(program.tiers[1])]
    asked: list[Known] = []

    def known_program(known: Known) -> Program:
        asked.append(known)
        return formulate(options, known=known)

    engine = Race(2)
    cases = Cases(1, certificates, master, known_program, engine, SolveOptions(), never, lambda: 0, lambda chosen: None)
    cases.run([{name: 0 for name in program.pivots}], -inf)
    engine.close()
    assert not asked
