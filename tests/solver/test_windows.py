"""Windows of the sums, and of the longest way beside them: what is left, what is claimed, and who asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import numpy as np
import pytest

from rotation.facts import Facts
from rotation.plan import Plan
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver import master, restricted
from solver.encoding.balance import _Spread
from solver.engines.failure import EngineError
from solver.engines.problem import MipAnswer
from solver.formulate import formulate
from solver.index import Index
from solver.options import Options, build_options
from solver.outcome import SolveOptions
from solver.rounding import Rounding
from solver.search import Search, closing, companion, search, windows
from solver.search.cases import Cases
from solver.search.closing import Closing
from solver.search.companion import Companion
from solver.search.pivots import Spot
from solver.search.same_pivots import SamePivots
from solver.search.thresholds import Thresholds
from solver.search.window_lp import WindowLp
from solver.search.windows import Window, Windows, _Offers
from solver.solve import solve
from solver.stopping import Stopped, look, never
from tests.solver.test_cases import Desk, by_one_engine

SUMS = [{"objective": "balance", "priority": 2}]
LATER = ("distance_total", "moves")


def both(weight: float) -> list[dict[str, Any]]:
    return [*SUMS, {"objective": "distance_max", "priority": 2, "weight": weight}]


def options(objectives: list[dict[str, Any]], seed: int) -> Options:
    policy = parse_policy({"name": "windows", "extends": "national-2014", "objectives": objectives})
    return build_options(Index(Facts(synthetic_county(12, 300, seed), policy)))


def as_one_engine_finds(columns: Options, asked: SolveOptions) -> None:
    """Solved and proved, every tier at the value that one engine finds over the whole program."""
    outcome = solve(columns.index.county, columns.index.facts.policy, asked)
    assert outcome.status == "optimal" and isinstance(outcome.plan, Plan)
    assert [tier.value for tier in outcome.plan.tiers] == pytest.approx(by_one_engine(formulate(columns)), abs=2e-3)


@pytest.mark.parametrize("objectives", [SUMS, both(0.1), both(3)])
def test_what_is_left_when_told_to_stop_may_hold_better_plans(objectives: list[dict[str, Any]]) -> None:
    """After each LP: never does a window claim more than the best plan costs."""
    desk = Desk(options(objectives, 28))
    asked = SolveOptions(60.0, gap=0.0)
    found = Search(desk.program, asked, lambda news: None, never, time.monotonic(), formulate=desk.formulated).run()
    assert found.x is not None and found.certificates[1].reached and desk.incumbent.take(found.x)
    best, plan = desk.value(), found.x
    ceilings = [ceiling.column for ceiling in desk.program.ceilings]
    told = []
    for looks in range(0, 40, 3):
        left, settled = iter(range(looks)), list[Spot]()

        def settle(some: Sequence[Spot], settled: list[Spot] = settled) -> bool:
            settled += some
            return True

        windows = Windows(desk.master, desk.program.tiers[1], desk.ways, 2, lambda left=left: next(left, None) is None)
        try:
            windows.run(desk.bound, lambda: best + 10**7, settle, lambda spot: None, lambda: False, inf)
        except Stopped:
            told.append(windows.least)
            height = round(plan[ceilings].max(initial=0))
            assert windows.least <= best + 1 or any(
                spot.known == desk.ways.of(plan)
                and (spot.heights is None or spot.heights[0] <= height <= spot.heights[1])
                for spot in settled
            )
    assert max(told) > desk.bound.value + 10**4
    desk.engine.close()


@pytest.mark.parametrize(("seed", "weight"), [(24, 0.1), (24, 2), (28, 0.5), (31, 0.02), (31, 30)])
def test_sums_and_the_longest_way_in_one_tier_are_as_one_engine_finds_them(
    seed: int, weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the tiers that follow: what is kept of the first is neither more nor less than all plans as good have in common."""

    def asked(*told: Any, **how: Any) -> None:
        raise AssertionError("windows say where the ceiling is")

    monkeypatch.setattr(search, "BOTH_COLUMNS", 0)
    monkeypatch.setattr(Thresholds, "run", asked)
    columns = options([*both(weight), {"objective": "moves", "priority": 3}], seed)
    as_one_engine_finds(columns, SolveOptions(60.0, gap=1e-4))


@pytest.mark.parametrize("asked", [SolveOptions(60.0, 1e-4), SolveOptions(60.0, 1e-4, work_limit=20.0)])
@pytest.mark.parametrize("rounding", [True, False])
@pytest.mark.parametrize("seed", [24, 28])
def test_a_plan_is_bettered_while_an_lp_takes_long(
    seed: int, rounding: bool, asked: SolveOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the sums are as it has them, by interior points, and by neighbourhoods alone where these lead to no plan; nothing is lost
    of what comes after.
    """
    begun, told = list[float](), list[float]()

    def seen(self: SamePivots, *told_: Any, **how: Any) -> None:
        begun.append(self._value)
        run(self, *told_, **how)
        told.append(self._value)

    run = SamePivots.run
    monkeypatch.setattr(master, "INTERIOR_FROM", 0)
    monkeypatch.setattr(SamePivots, "run", seen)
    if not rounding:
        monkeypatch.setattr(Rounding, "wide", lambda *told, **how: False)
    columns = options([*SUMS, {"objective": "moves", "priority": 3}], seed)
    as_one_engine_finds(columns, asked)
    assert len(begun) == 1 and told[0] < begun[0]


def test_an_lp_that_its_engine_gives_up_ends_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def given_up(self: WindowLp, *told: Any, **how: Any) -> Any:
        asked.append(len(asked))
        if len(asked) < 3:
            return least(self, *told, **how)
        raise EngineError("the LP ended with kUnknown")

    least = WindowLp.least
    monkeypatch.setattr(search, "BOTH_COLUMNS", 0)
    monkeypatch.setattr(WindowLp, "least", given_up)
    columns = options(both(2), 24)
    as_one_engine_finds(columns, SolveOptions(60.0, gap=1e-4))
    assert len(asked) > 2


@pytest.mark.parametrize(("columns", "workers"), [(0, 2), (10**6, 1)])
def test_windows_have_all_workers_where_the_exact_program_is_large(
    columns: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of few columns it has one of them; whoever asks, the best plan is the same."""
    had, run = set[int](), Windows.run

    def seen(self: Windows, *told: Any, **how: Any) -> None:
        had.add(self.workers)
        run(self, *told, **how)

    monkeypatch.setattr(search, "WINDOWS_BESIDE_COLUMNS", columns)
    monkeypatch.setattr(Windows, "run", seen)
    asked = options(SUMS, 24)
    as_one_engine_finds(asked, SolveOptions(60.0, gap=1e-4, workers=2))
    # Beside, the exact program may be done before the first window is asked.
    assert had <= {workers} and (had or columns)


def ends(monkeypatch: pytest.MonkeyPatch, told: Callable[[Windows], Any]) -> list[Any]:
    """What there is to tell of every run of windows at its end, however it ends; no cases are asked before them."""
    ended, run = list[Any](), Windows.run

    def noted(self: Windows, *given: Any, **how: Any) -> None:
        try:
            run(self, *given, **how)
        finally:
            ended.append(told(self))

    monkeypatch.setattr(Cases, "run", lambda *_: None)
    monkeypatch.setattr(Windows, "run", noted)
    return ended


def get_nowhere(self: Windows, *_: object) -> bool:
    """A step of windows."""
    look(self._masters[0]._should_stop)
    return True


def test_windows_that_lead_nowhere_leave_a_worker_to_the_exact_program(monkeypatch: pytest.MonkeyPatch) -> None:
    had = ends(monkeypatch, lambda windows: windows.workers)
    monkeypatch.setattr(search, "WINDOWS_BESIDE_COLUMNS", 0)
    monkeypatch.setattr(search, "WINDOWS_ALONE_SECONDS", 0.0)
    monkeypatch.setattr(Windows, "_next", get_nowhere)
    asked = options(SUMS, 24)
    as_one_engine_finds(asked, SolveOptions(10.0, gap=1e-4, workers=2))
    assert had == [1]


def test_windows_are_given_up_where_the_exact_program_leaves_less_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """They end as if they were done, and what closes a tier has the other worker."""
    least = ends(monkeypatch, lambda windows: windows.least)
    monkeypatch.setattr(search, "WINDOWS_ALONE_SECONDS", 0.0)
    monkeypatch.setattr(search, "BEHIND", 1.1)
    monkeypatch.setattr(Windows, "_next", get_nowhere)
    asked = options(SUMS, 24)
    as_one_engine_finds(asked, SolveOptions(10.0, gap=1e-4, workers=2))
    assert len(least) == 1 and least[0] < inf


def test_an_exact_program_that_is_behind_leaves_its_worker_to_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in a tier: it is not begun again while windows go on."""
    begun, start = list[int](), Companion.start

    def noted(self: Companion) -> None:
        begun.append(self.tier.k)
        start(self)

    ended = ends(monkeypatch, lambda windows: (windows.workers, len(begun)))
    monkeypatch.setattr(search, "WINDOWS_ALONE_SECONDS", 0.0)
    monkeypatch.setattr(search, "WINDOWS_BESIDE_COLUMNS", 0)
    monkeypatch.setattr(companion, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr(Companion, "start", noted)
    asked = options(SUMS, 24)
    as_one_engine_finds(asked, SolveOptions(60.0, gap=1e-4, workers=2))
    assert ended == [(2, 1)]


@pytest.mark.parametrize("asked", [SolveOptions(60.0, 1e-4), SolveOptions(60.0, 1e-4, work_limit=20.0)])
def test_a_poor_plan_of_a_large_program_is_bettered_before_windows(
    asked: SolveOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where work is counted: how long nothing was found is for a clock to say."""
    values, better = list[tuple[int | None, int | None]](), Closing.better_plan

    def seen(self: Closing) -> None:
        before = self.tier.certificate.value
        better(self)
        values.append((before, self.tier.certificate.value))

    monkeypatch.setattr(closing, "WIDE_FROM", 0)
    monkeypatch.setattr(closing, "POOR", 0.0)
    monkeypatch.setattr(closing, "LULL_SECONDS", 5.0)
    monkeypatch.setattr(Cases, "run", lambda *_: None)
    monkeypatch.setattr(Closing, "better_plan", seen)
    columns = options(SUMS, 24)
    as_one_engine_finds(columns, asked)
    ((before, after),) = values
    assert before is not None and after is not None
    assert (after < before) == (asked.work_limit is None)


def test_plans_are_offered_for_a_share_of_the_time_or_ever_more_rarely_where_no_clock_decides() -> None:
    window = Window(0.0, 0, (), (0, 0))
    timed, counted = (_Offers(2, timed=timed) for timed in (True, False))
    assert not timed.is_due(1) and timed.is_due(2)
    timed.made(2, window, better=False, seconds=0.0)
    assert timed.is_due(3)
    timed.made(3, window, better=True, seconds=1e6)
    assert not timed.is_due(10**9) and timed.helped
    steps = []
    for step in range(40):
        if counted.is_due(step):
            steps.append(step)
            counted.made(step, window, better=False, seconds=1e6)
    assert steps == [2, 4, 8, 16, 32]


def test_what_left_the_lp_is_nothing_to_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a large county the tiers before settle helpers at nothing, too: a school that has no backbone teacher in any plan as good."""
    monkeypatch.setattr(restricted, "WORTH_SHRINKING", 0)
    desk = Desk(options(SUMS, 49))
    best = Search(desk.program, SolveOptions(60.0), lambda news: None, never, time.monotonic()).run()
    assert best.x is not None and best.certificates[1].reached
    helpers = [one.teachers for pivot in desk.program.pivots.values() if isinstance(one := pivot.within, _Spread)]
    nothing = np.flatnonzero((best.x == 0) & (desk.program.lower == 0) & desk.program.integer)
    desk.master.fix(nothing, np.zeros(len(nothing)))
    desk.master.minimise(desk.program.tiers[1].cost)
    desk.master.shrink()
    assert not desk.master.inside[np.concatenate(helpers)].all() and desk.master.inside[desk.ways.columns].all()
    settled = list[Spot]()

    def settle(some: Sequence[Spot]) -> bool:
        settled.extend(some)
        return True

    most = best.certificates[1].value + 100  # millionths: helpers are rounded once for all sums, or for each
    windows = Windows(desk.master, desk.program.tiers[1], desk.ways, 2, never)
    windows.run(desk.bound, lambda: most, settle, lambda spot: None, lambda: False, inf)
    assert desk.ways.of(best.x) in [spot.known for spot in settled]
    desk.engine.close()


def test_a_plan_whose_helpers_are_a_trifle_off_counts() -> None:
    """As engines' tolerances have it; where nobody took it, a search ended without the best plan that it had been told of."""
    program = formulate(options(SUMS, 24))
    (k,) = (k for k, tier in enumerate(program.tiers) if program.pivoted(tier))
    best = Search(program, SolveOptions(60.0), lambda news: None, never, time.monotonic()).run()
    search = Search(program, SolveOptions(60.0), lambda news: None, never, time.monotonic())
    assert search._first_plan() and best.x is not None and best.certificates[k].reached
    bound = search.master.minimise(program.tiers[k].cost)
    search.certificates[k].value = search.incumbent.values[k]
    off = best.x.copy()
    off[len(program.options) :][~program.integer[len(program.options) :]] += 1e-4
    known = search.incumbent.values[k]
    assert not search.incumbent.take(off) and known > best.certificates[k].value
    search._closing(k, bound).tier.heard(MipAnswer(off, float(best.certificates[k].value), True))
    assert search.certificates[k].value == pytest.approx(best.certificates[k].value, abs=program.tiers[k].tolerance)


def test_nothing_is_asked_of_a_program_that_another_has_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the later tiers were settled with the only sums of plans as good, an LP of them all is half a minute in vain."""
    settled, decided = list[Search](), Search._decide

    def seen(self: Search, *told: Any) -> None:
        decided(self, *told)
        settled.append(self)
        monkeypatch.setattr(self.master, "minimise", None)

    monkeypatch.setattr(Search, "_decide", seen)
    columns = options([*SUMS, *({"objective": kind, "priority": 3 + n} for n, kind in enumerate(LATER))], 24)
    outcome = solve(columns.index.county, columns.index.facts.policy, SolveOptions(60.0, gap=1e-4))
    assert settled and outcome.status == "optimal"


@pytest.mark.parametrize("seed", [3, 9, 17])
def test_windows_lead_to_better_plans_before_they_are_done(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a ceiling, too: where time is up before, the plan is not what it was before them."""
    asked, better = Cases._offer, list[bool]()

    def offered(self: Cases, spot: Spot) -> None:
        before = self.value()
        asked(self, spot)
        better.append(self.value() < before)

    columns = options(SUMS, seed)
    county, policy, limits = columns.index.county, columns.index.facts.policy, SolveOptions(60.0, gap=0.0)
    alone = solve(county, policy, limits)
    monkeypatch.setattr(windows, "OFFERED_FROM", 1)
    monkeypatch.setattr(windows, "OFFERED_SHARE", 1.0)
    monkeypatch.setattr(Cases, "_offer", offered)
    led = solve(county, policy, limits)
    assert any(better)
    assert alone.plan is not None and led.plan is not None
    assert [tier.value for tier in led.plan.tiers] == [tier.value for tier in alone.plan.tiers]


@pytest.mark.parametrize("seed", [5, 7])
def test_what_is_within_the_gap_is_proved_to_the_end_for_the_later_tiers(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6 000 teachers: with sums that were good enough, kilometres stayed 44 % above their bound; with the best, all is proved."""
    monkeypatch.setattr(search, "FEW_COLUMNS", 0)
    columns = options([*SUMS, {"objective": "distance_total", "priority": 3}], seed)
    outcome = solve(columns.index.county, columns.index.facts.policy, SolveOptions(60.0, gap=0.02))
    assert outcome.status == "optimal" and outcome.plan is not None
    assert outcome.plan.tiers[1].bound == pytest.approx(outcome.plan.tiers[1].value, abs=1e-4)
