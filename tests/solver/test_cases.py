"""Programs where the sums are known, one after another: steps, warm starts, and where they end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import solver.search.cases
from rotation.facts import Facts
from rotation.policy import Policy, parse_policy
from scenarios.generate import synthetic_county
from solver.engines.highs import solve_problem
from solver.engines.problem import MipAnswer, Problem
from solver.engines.race import Race
from solver.exact import Exact
from solver.formulate import formulate
from solver.index import Floats, Index
from solver.master import Master
from solver.options import Options, build_options
from solver.outcome import Progress, SolveOptions
from solver.program import Pivot, Program
from solver.rounding import Rounding
from solver.search import closing
from solver.search.cases import SOLVED_SECONDS, Cases
from solver.search.certificate import Certificate
from solver.search.companion import Companion
from solver.search.heights import Heights
from solver.search.incumbent import Incumbent
from solver.search.open_tier import OpenTier
from solver.search.pivots import Known, Pivots, Spot, after, between
from solver.solve import solve
from solver.starts import completed
from solver.stopping import Stopped, never

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
    for around in (after(known, step) for step in ways.steps()):
        if not ways.possible(around):
            continue
        other = formulate(OPTIONS, known=around)
        cold, warm = lp(other), lp(other)
        one, two = cold.start(cost_of(other)), warm.start(cost_of(other), like=stood.standing())
        assert (one is None) == (two is None)
        if one is not None and two is not None:
            assert two.value == pytest.approx(one.value, rel=1e-7)
            values.append(one.value)
    assert len(set(values)) > 2


class Desk:
    """What a search does for its cases: a tier before that is settled, a plan at hand, programs on demand."""

    def __init__(self, options: Options = OPTIONS) -> None:
        self.options, self.program = options, formulate(options)
        self.master, self.incumbent = lp(self.program), Incumbent(self.program)
        first = self.master.start(self.program.tiers[0].cost.astype(np.float64))
        assert first is not None
        self.coverage, self.asked = round(first.value), list[Known]()
        certificates = [Certificate(self.program.tiers[0], self.coverage), Certificate(self.program.tiers[1])]
        heights = Heights.of(self.program, self.program.tiers[1], self.master.upper)
        self.bound = self.master.minimise(self.program.tiers[1].cost if heights is None else heights.plain)
        self.ways, self.engine = Pivots(self.program), Race(2)
        self.cases = Cases(
            1, certificates, self.master, self.ways, self.formulated, self.engine, SolveOptions(), never, self.value, self.take
        )  # fmt: skip

    def formulated(self, known: Known) -> Program:
        self.asked.append(known)
        return formulate(self.options, known=known)

    def take(self, chosen: Floats) -> None:
        x = completed(self.program, chosen, cost_of(self.program), SolveOptions(), never)
        assert x is None or self.incumbent.take(x)

    def value(self) -> int:
        return self.incumbent.values[1] if self.incumbent.columns is not None else 10**12

    def in_unit(self) -> float:
        return self.value() * float(self.program.tiers[1].step) + float(self.program.tiers[1].constant)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.engine.close()


def test_where_it_ends_no_step_is_better(desk: Desk) -> None:
    desk.cases.run(desk.ways.near(desk.bound.x, None), inf)
    plan = desk.incumbent.x
    assert plan is not None and desk.incumbent.values[0] == desk.coverage
    here = desk.ways.of(plan)
    around = [known for known in (after(here, step) for step in desk.ways.steps()) if desk.ways.possible(known)]
    assert here in desk.asked and around and all(known in desk.asked for known in around)
    # What is one step away has an LP that says so.
    for known in around:
        other = formulate(OPTIONS, known=known)
        there = lp(other)
        bound = there.start(other.tiers[0].cost.astype(np.float64))
        if bound is not None and bound.value <= desk.coverage + 1e-6:
            there.cut(other.tiers[0].cost, float(desk.coverage))
            least = there.minimise(other.tiers[1].cost).value
            assert least * float(other.tiers[1].step) + float(other.tiers[1].constant) >= desk.in_unit() - 1e-4


def test_all_that_may_be_better_is_a_proof(desk: Desk) -> None:
    desk.cases.run(desk.ways.near(desk.bound.x, None), inf)
    heard: list[float] = []

    def enough(least: float) -> bool:
        heard.append(least)
        return False

    desk.cases.every(desk.bound, enough, inf)
    assert desk.cases.proved and heard == sorted(heard) and heard[-1] <= desk.value() + 1
    assert desk.in_unit() == pytest.approx(by_one_engine(desk.program)[1], abs=1e-4)


def test_steps_lead_from_a_poor_plan_beside_windows(desk: Desk) -> None:
    """Not at once, and not from one that is near to what windows prove; no further than steps lead alone."""
    cases, long_ago = desk.cases, time.monotonic() - 1e3
    cases.climbs = False
    first, *_ = desk.ways.near(desk.bound.x, None)
    more, less, *_ = first
    cases.run([after(first, {more: 5, less: -5})], inf)
    poor, asked = desk.value(), len(desk.asked)
    with ThreadPoolExecutor(2) as pool:
        cases._climb(-inf, pool, time.monotonic())
        cases._climb(0.96 * poor, pool, long_ago)
        assert (desk.value(), len(desk.asked)) == (poor, asked)
        known = dict(cases._leasts), dict(cases._open)
        cases._climb(-inf, pool, long_ago)
        # Windows have still to say what is there.
        assert desk.value() < poor and (cases._leasts, cases._open) == known
        here, asked = desk.value(), len(desk.asked)
        cases._climb(-inf, pool, long_ago)
        assert (desk.value(), len(desk.asked)) == (here, asked)


def test_an_lp_that_does_not_end_proves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.cases.run(islice(desk.ways.near(desk.bound.x, None), 1), inf)
    assert desk.incumbent.x is not None
    monkeypatch.setattr(solver.search.cases, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(solver.search.cases, "LOOK_TIMES", 0.0)
    desk.cases.every(desk.bound, lambda least: False, inf)
    assert not desk.cases.proved and desk.cases.only is None


def test_what_no_engine_was_done_with_is_asked_again_for_longer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all else is settled. Where no clock decides, the same work would say the same again."""
    desk.cases.run(islice(desk.ways.near(desk.bound.x, None), 1), inf)
    minimise, seconds = Exact.minimise, list[float]()

    def impatient(self: Exact, *told: Any, **how: Any) -> MipAnswer:
        asked = told[3]
        seconds.append(asked)
        return minimise(self, *told, **how) if asked > SOLVED_SECONDS else MipAnswer(None, -inf, False)

    monkeypatch.setattr(Exact, "minimise", impatient)
    monkeypatch.setattr(Cases, "_round", lambda *told: None)
    desk.cases.every(desk.bound, lambda least: False, inf)
    assert seconds and max(seconds) == SOLVED_SECONDS and not desk.cases.proved
    desk.cases.every(desk.bound, lambda least: False, time.monotonic() + 60.0)
    assert max(seconds) == 2 * SOLVED_SECONDS and desk.cases.proved
    assert desk.in_unit() == pytest.approx(by_one_engine(desk.program)[1], abs=1e-4)


def test_a_better_plan_that_is_not_taken_leaves_the_proof_open(desk: Desk) -> None:
    desk.cases.run(islice(desk.ways.near(desk.bound.x, None), 1), inf)
    known, found, heard = desk.value(), list[Floats](), list[float]()
    desk.cases.take = found.append

    def enough(least: float) -> bool:
        heard.append(least)
        return False

    desk.cases.every(desk.bound, enough, inf)
    assert found and not desk.cases.proved
    best = formulate(desk.options)
    assert heard[-1] < known == desk.value()
    assert heard[-1] * float(best.tiers[1].step) + float(best.tiers[1].constant) <= by_one_engine(best)[1] + 1e-4


def test_a_plan_that_became_dearer_is_no_proof(desk: Desk) -> None:
    """It is better in a tier before, and what was left for costing more than the last one may be better than this one."""
    desk.cases.run(desk.ways.near(desk.bound.x, None), inf)
    heard, cheap = list[float](), desk.value()

    def enough(least: float) -> bool:
        heard.append(least)
        desk.cases.value = lambda: cheap + 10**9
        return False

    desk.cases.every(desk.bound, enough, inf)
    assert not desk.cases.proved and max(heard) <= cheap


def test_what_became_better_before_is_kept_in_cases_that_were_looked_at(desk: Desk) -> None:
    (known,) = islice(desk.ways.near(desk.bound.x, None), 1)
    case = desk.cases._look(Spot(known)).case
    assert case is not None and case.held == (desk.coverage,)
    # No plan is as good as that.
    desk.cases.certificates[0].value = desk.coverage - 1
    taken = list[Floats]()
    desk.cases.take = taken.append
    desk.cases._ask_exactly(case, inf, SOLVED_SECONDS)
    assert not taken


def test_a_case_is_rounded_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An offer may have done it; what is left is the exact program's."""
    (known,) = islice(desk.ways.near(desk.bound.x, None), 1)
    case, plans = desk.cases._look(Spot(known)).case, Rounding.plans
    asked = list[Rounding]()

    def noted(self: Rounding, *told: Any, **how: Any) -> bool:
        asked.append(self)
        return plans(self, *told, **how)

    monkeypatch.setattr(Rounding, "plans", noted)
    monkeypatch.setattr(desk.cases, "take", lambda chosen: None)
    monkeypatch.setattr(Cases, "_ask_exactly", lambda *told: None)
    assert case is not None
    for _ in range(2):
        desk.cases._solve(case, inf)
    assert len(asked) == 1


def test_who_is_told_to_stop_looks_no_further(desk: Desk) -> None:
    desk.cases.run(desk.ways.near(desk.bound.x, None), -inf)
    assert not desk.asked


def test_what_was_not_looked_at_is_not_left_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time for cases is over, that for windows is not."""
    desk.cases.run(islice(desk.ways.near(desk.bound.x, None), 1), inf)
    monkeypatch.setattr(Cases, "_settle", lambda *told, **how: None)
    desk.cases.every(desk.bound, lambda least: False, inf)
    assert not desk.cases.proved and desk.cases.only is None


def by_one_engine(program: Program) -> list[float]:
    """The tiers' values by one engine alone, over the whole program."""
    matrix, low, high = program.columns(slice(None)), program.row_lower, program.row_upper
    values = []
    for tier in program.tiers:
        cost = tier.cost.astype(np.float64)
        answer = solve_problem(
            Problem(matrix, low, high, program.lower, program.upper, program.integer, cost, gap=0.0), never
        )
        assert answer.exhausted and answer.x is not None
        value = float(cost @ answer.x)
        values.append(value * float(tier.step) + float(tier.constant))
        matrix = sparse.csc_array(sparse.vstack((matrix, sparse.csc_array(cost[None, :]))))
        low, high = np.append(low, -np.inf), np.append(high, value + tier.tolerance + 1e-6)
    return values


@pytest.mark.parametrize("seed", [24, 28, 31])
def test_every_tier_is_as_one_engine_finds_it(seed: int) -> None:
    """Where one sum is left of those that may be best, what follows is settled in its program alone."""
    objectives = ["balance", "distance_max", "moves"]
    tiers = [{"objective": name, "priority": 2 + k} for k, name in enumerate(objectives)]
    policy = parse_policy({"name": "later", "extends": "national-2014", "objectives": tiers})
    county = synthetic_county(12, 300, seed)
    outcome = solve(county, policy, SolveOptions(60.0, gap=1e-4))
    assert outcome.status == "optimal" and outcome.plan is not None
    found = by_one_engine(formulate(build_options(Index(Facts(county, policy)))))
    assert [tier.value for tier in outcome.plan.tiers] == pytest.approx(found, abs=2e-3)


@pytest.mark.parametrize("seed", [24, 31])
def test_cases_that_never_end_are_left_once_the_exact_program_has(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = parse_policy(
        {
            "name": "beside",
            "extends": "national-2014",
            "objectives": [{"objective": "balance", "priority": 2}, {"objective": "moves", "priority": 3}],
        }
    )
    county, asked = synthetic_county(12, 300, seed), SolveOptions(60.0, gap=1e-4)
    found = solve(county, policy, asked)
    left: list[int] = []

    def run(cases: Cases, first: Iterable[Known], until: float) -> None:
        while not cases.should_stop():
            pass
        left.append(cases.k)
        raise Stopped

    monkeypatch.setattr(Cases, "run", run)
    again = solve(county, policy, asked)
    assert left and found.plan is not None and again.plan is not None
    assert again.status == "optimal" and again.stopped_by is None
    assert [tier.value for tier in again.plan.tiers] == pytest.approx(
        [tier.value for tier in found.plan.tiers], abs=2e-3
    )


def test_an_exact_program_that_says_all_stops_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends while the later tiers are asked about the plan at hand: that is no end of the search."""
    tiers = [{"objective": "balance", "priority": 2}, {"objective": "moves", "priority": 3}]
    policy = parse_policy({"name": "beside", "extends": "national-2014", "objectives": tiers})
    kept, asked = Cases.kept, list[int]()

    def waiting(cases: Cases, spot: Spot) -> Master | None:
        asked.append(cases.k)
        while len(asked) == 1 and not cases.should_stop():
            pass
        return kept(cases, spot)

    monkeypatch.setattr(Cases, "kept", waiting)
    for name in ("run", "every"):
        monkeypatch.setattr(Cases, name, lambda *told, **how: None)
    outcome = solve(synthetic_county(12, 300, 24), policy, SolveOptions(60.0, gap=1e-4))
    assert asked and outcome.status == "optimal" and outcome.stopped_by is None


def each_but_few() -> Policy:
    """One or two teachers from each school: what LPs say of it is far from whole."""
    per_school = {"rule": "rotation_quota", "of": "staff", "per": ["school"], "priority": 2}
    objectives = [("distance_max", 1), ("moves", 2), ("tenure", 3)]
    return parse_policy(
        {
            "name": "beside",
            "extends": "national-2014",
            "rules": [per_school | {"id": "each", "count_min": 1}, per_school | {"id": "few", "count_max": 2}],
            "objectives": [{"objective": kind, "priority": tier} for kind, tier in objectives],
        }
    )


def test_a_hard_tier_is_settled_beside_whatever_cuts_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a few thousand columns, presolve most often says what cuts do not: far mix 7 in 4 s instead of more than 10."""
    policy = each_but_few()
    county, asked = synthetic_county(12, 300, 6), SolveOptions(30.0, gap=1e-4)
    found, left = solve(county, policy, asked), list[int]()

    def waiting(own: closing.Closing) -> None:
        left.append(own.tier.k)
        while not own.companion.over():
            pass
        raise Stopped

    start, raced = Companion.start, list[bool]()

    def begun(own: Companion) -> None:
        own.tier.exact.engine.raced = False
        start(own)
        raced.append(own.tier.exact.engine.raced)

    monkeypatch.setattr(closing, "POLISHED_COLUMNS", 0)
    monkeypatch.setattr(closing.Closing, "_cut_and_round", waiting)
    monkeypatch.setattr(Companion, "start", begun)
    again = solve(county, policy, asked)
    # Which of two equal plans comes first is the machine's affair.
    assert raced and all(raced)
    assert left and found.plan is not None and again.plan is not None
    assert again.status == "optimal" and again.stopped_by is None
    assert [tier.value for tier in again.plan.tiers] == [tier.value for tier in found.plan.tiers]


@pytest.mark.parametrize("few", [0, 10**6])
def test_few_values_are_asked_from_the_least_on(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the plan at hand, such questions alone settle the tier, and as everything else does."""
    county, asked = synthetic_county(12, 300, 6), SolveOptions(60.0, gap=1e-4)
    found, close, settled = solve(county, each_but_few(), asked), closing.Closing._close, dict[int, bool]()

    def asked_first(own: closing.Closing) -> None:
        before = own.tier.certificate.value
        own._ask_from_below()
        settled[own.tier.k] = own.tier.certificate.reached
        if not few:
            assert before == own.tier.certificate.value
        close(own)

    monkeypatch.setattr(closing, "FEW_VALUES", few)
    monkeypatch.setattr(closing.Closing, "_cut_and_round", lambda own: None)
    monkeypatch.setattr(closing.Closing, "_close", asked_first)
    again = solve(county, each_but_few(), asked)
    assert found.plan is not None and again.plan is not None and settled
    assert [tier.value for tier in again.plan.tiers] == [tier.value for tier in found.plan.tiers]
    if few:
        assert all(settled.values())


def test_what_an_exact_program_beside_settles_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    left, told = set[int](), dict[int, tuple[float | None, float | None]]()

    def waiting(own: closing.Closing) -> None:
        left.add(own.tier.k)
        while not own.companion.over():
            pass
        raise Stopped

    def hear(news: Progress) -> None:
        if news.phase == "tier":
            assert news.tier is not None
            told[news.tier] = news.value, news.bound

    monkeypatch.setattr(closing.Closing, "_cut_and_round", lambda own: None)
    monkeypatch.setattr(OpenTier, "is_hard", True)
    monkeypatch.setattr(closing, "POLISHED_COLUMNS", 1)
    monkeypatch.setattr(closing.Closing, "_ask_from_below", waiting)
    outcome = solve(synthetic_county(12, 300, 6), each_but_few(), SolveOptions(60.0, gap=1e-4), hear)
    assert left and outcome.plan is not None
    for k in left:
        tier = outcome.plan.tiers[k]
        assert told[tier.priority] == pytest.approx((tier.value, tier.bound), abs=1e-6)


def test_the_best_sums_may_be_far_from_the_nearest_good_ones() -> None:
    """No step is better than 8.0164; one engine alone proves 7.7720 over the whole program in 19 s (mix 44 of the benchmarks)."""
    objectives = [{"objective": "balance", "priority": 1}, {"objective": "distance_max", "priority": 2}]
    policy = parse_policy({"name": "far", "extends": "national-2014", "objectives": objectives})
    outcome = solve(synthetic_county(20, 600, 44), policy, SolveOptions(60.0, gap=1e-4))
    assert outcome.status == "optimal" and outcome.plan is not None
    assert [tier.value for tier in outcome.plan.tiers] == pytest.approx([7.771973, 16.168], abs=1e-4)
