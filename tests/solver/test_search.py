"""Small programs by hand, straight into the search: prices too faint to fix anything, nothing to decide, nothing to say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import sparse

from rotation.county import County, School, Teacher
from rotation.facts import Facts
from rotation.policy import parse_policy
from scenarios.generate import synthetic_county
from solver import parts
from solver.branching import Branching
from solver.diagnosis.searching import HighsAlone
from solver.engines.beside import Beside
from solver.engines.failure import EngineError
from solver.engines.highs import solve_problem
from solver.engines.problem import MipAnswer
from solver.exact import Exact
from solver.gomory import Gomory
from solver.index import NONE, Floats, Index
from solver.master import Bound
from solver.neighbourhoods import Neighbourhoods
from solver.options import Options
from solver.outcome import Progress, SolveOptions
from solver.program import Program, TierCost
from solver.rounding import Rounding
from solver.search import Already, Certificate, Found, Search
from solver.search import searched as searched_on
from solver.search.closing import Closing
from solver.search.companion import SILENT_SECONDS, SPEAKING_SECONDS, Companion
from solver.search.open_tier import OpenTier
from solver.solve import solve
from solver.stopping import never
from tests.solver.test_neighbourhoods import assignment as packing

NOTHING: dict[str, Any] = {"name": "nothing", "rules": [], "objectives": []}
BIG = 10**7


def program(
    teachers: list[int], rows: list[list[int]], limits: list[tuple[float, float]], *costs: list[int]
) -> Program:
    """One option a column, of these teachers; binary helpers after them."""
    count = len(costs[0]) if costs else len(teachers)
    people = tuple(Teacher(f"t{i}", "s", ("any",), ("primary",), 2000) for i in range(max(teachers, default=-1) + 1))
    county = County(2026, "tiny", (School("s", "s", ("primary",), "urban"),), teachers=people)
    few = len(teachers)
    options = Options(
        Index(Facts(county, parse_policy(NOTHING))), np.array(teachers, dtype=np.int32), np.zeros(few, dtype=np.int32),
        np.zeros(few, dtype=np.int32), np.zeros(few, dtype=np.int8), np.ones(few, dtype=np.int32),
        np.full(few, 0b110, dtype=np.uint8), np.full(few, NONE, dtype=np.int32),
    )  # fmt: skip
    return Program(
        options,
        sparse.csc_array(np.array(rows, dtype=np.float64).reshape(len(rows), count)),
        np.array([low for low, _ in limits], dtype=np.float64),
        np.array([high for _, high in limits], dtype=np.float64),
        np.zeros(count),
        np.ones(count),
        np.ones(count, dtype=bool),
        (),
        tuple(
            TierCost(k + 1, "t", np.array(cost, dtype=np.int64), Fraction(1), Fraction(0))
            for k, cost in enumerate(costs)
        ),
    )


def assignment(people: int, places: int) -> Program:
    """What costs little takes much, and every place has limited room."""
    weight = np.random.default_rng(3).integers(5, 26, (people, places))
    rows = [[int(k // places == person) for k in range(people * places)] for person in range(people)]
    rows += [[int(weight.flat[k]) * int(k % places == at) for k in range(people * places)] for at in range(places)]
    room = float(int(0.8 * weight.sum() / places / places))
    limits = [(1.0, 1.0)] * people + [(-np.inf, room)] * places
    teachers = [person for person in range(people) for _ in range(places)]
    return program(teachers, rows, limits, [int(value) for value in (111 - weight).flat])


def packed(agents: int, jobs: int) -> Program:
    problem, teacher = packing(agents, jobs, 1)
    limits = list(zip(problem.row_lower.tolist(), problem.row_upper.tolist(), strict=True))
    rows = problem.matrix.toarray().astype(int).tolist()
    return program(teacher.tolist(), rows, limits, problem.cost.astype(int).tolist())


def searched(asked: Program) -> Found:
    return Search(asked, SolveOptions(gap=0.0), lambda news: None, lambda: False, time.monotonic(), HighsAlone()).run()


@pytest.mark.parametrize("later", [[[1, 0, 0]], [[100, 0, 0], [0, 1, 0]]])
def test_a_tier_of_large_costs_is_kept(later: list[list[int]]) -> None:
    """A step of 2 beside costs of ten million: later tiers would gladly take it."""
    found = searched(program([0, 0, 1], [[1, 1, 0]], [(1, 1)], [BIG, BIG + 2, 5], *later))
    values = [certificate.value for certificate in found.certificates]
    assert values == [BIG, later[0][0], *[0] * (len(later) - 1)]
    assert all(certificate.proved(0.0) for certificate in found.certificates)


def test_nothing_to_decide() -> None:
    for asked in (program([0, 1], [], [], [1, -1]), program([], [[1, 1]], [(1, 2)], [3, 2])):
        found = searched(asked)
        assert all(certificate.proved(0.0) for certificate in found.certificates)
    assert searched(program([], [[]], [(1, 2)], [])).infeasible


def test_a_program_without_rows_has_no_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "JOB_COLUMNS", 1)
    found = searched(program([0, 1, 2], [], [], [1, -1, 0]))
    assert [certificate.value for certificate in found.certificates] == [-1]


def test_a_search_cut_short_claims_no_more_than_is_proved() -> None:
    """Negative costs, and an engine that ends before it has a bound: 0 would be none."""
    rules = [
        {"rule": "backbone_quota", "per": ["township"], "share_min": 0.3, "priority": 2},
        {"rule": "release", "share_max": 0.1},
    ]
    policy = parse_policy({"name": "cut", "rules": rules, "objectives": [{"objective": "tenure", "priority": 1}]})
    for seed in range(3):
        county = synthetic_county(16, 300, seed)
        whole = solve(county, policy, SolveOptions(gap=0.0))
        assert whole.plan is not None and whole.status == "optimal"
        best = whole.plan.tiers[0].value
        cut = solve(county, policy, SolveOptions(gap=0.0, workers=1, work_limit=1e-6))
        if cut.plan is not None:
            tier = cut.plan.tiers[0]
            assert tier.bound is None or tier.bound <= best
            assert not tier.proved or tier.value == best


def test_news_has_no_infinity() -> None:
    policy = parse_policy(
        {"name": "balance", "extends": "national-2014", "objectives": [{"objective": "balance", "priority": 9}]}
    )
    news: list[Progress] = []
    solve(synthetic_county(8, 200, 1), policy, SolveOptions(time_limit_seconds=20), news.append)
    assert all(one.bound is None or np.isfinite(one.bound) for one in news)


def test_what_the_clock_decides_is_not_called_reproducible() -> None:
    """An assignment whose LP is far from whole is mended for some seconds; counted in work, it is the same again."""
    asked = assignment(24, 5)

    def mended(options: SolveOptions) -> tuple[bool, np.ndarray]:
        search = Search(asked, options, lambda news: None, lambda: False, time.monotonic())
        try:
            assert search.master.start(asked.tiers[0].cost.astype(np.float64)) is not None and search.first.mend()
        finally:
            search.improvement.close()
            search.engine.close()
        assert search.incumbent.x is not None
        return search.engine.raced, search.incumbent.x

    assert mended(SolveOptions(workers=1))[0]
    one, other = (mended(SolveOptions(workers=1, work_limit=0.5)) for _ in range(2))
    assert not one[0] and not other[0] and np.array_equal(one[1], other[1])


def test_a_program_without_a_plan_in_a_second_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The LP is nearly whole, so exact programs come first; these find nothing."""
    asked = assignment(150, 3)
    search = Search(asked, SolveOptions(20.0, workers=1), lambda news: None, lambda: False, time.monotonic())
    monkeypatch.setattr(search.exact, "minimise", lambda *args, **rest: MipAnswer(None, -np.inf, False))
    try:
        assert search._first_plan() and search.incumbent.x is not None
    finally:
        search.improvement.close()
        search.engine.close()


@pytest.mark.parametrize(("closed", "dives", "turns"), [(0.0, False, 1), (0.5, False, 2), (0.5, True, 1)])
def test_all_the_time_is_used(monkeypatch: pytest.MonkeyPatch, closed: float, dives: bool, turns: int) -> None:
    """The exact program comes again only if its bound moved, and not in the way of dives; improvement goes on until the end."""
    if not dives:
        monkeypatch.setattr(Neighbourhoods, "dives", False)
    monkeypatch.setattr("solver.search.closing.IMPROVED_SECONDS", 0.2)
    asked, asked_at = assignment(40, 8), []
    search = Search(asked, SolveOptions(6.0, gap=0.0, workers=1), lambda news: None, lambda: False, time.monotonic())

    def unfinished(closing: Closing, seconds: float | None, hard: bool = True) -> MipAnswer:
        asked_at.append(seconds)
        value, least = closing.tier.certificate.value, closing.tier.bound.value
        assert value is not None
        return MipAnswer(None, least + closed * (value - least), False)

    clock = 0.0

    def in_vain(searched: Neighbourhoods, x: Floats, least: float, seconds: float, *rest: object) -> bool:
        nonlocal clock
        clock += seconds + 1e-3
        return True

    monkeypatch.setattr(search.clock, "seconds", lambda: clock)
    monkeypatch.setattr(Rounding, "within_gap", lambda rounding, take: False)
    monkeypatch.setattr(search.improvement, "improve", in_vain)
    monkeypatch.setattr(Closing, "_cut", lambda closing: None)
    monkeypatch.setattr(Closing, "_better", unfinished)
    monkeypatch.setattr(OpenTier, "in_better", lambda tier: np.arange(7_000))
    found = search.run()
    assert found.stopped_by == "time" and found.x is not None
    assert clock == pytest.approx(6.0, abs=0.1)
    assert min(len(asked_at), 2) == turns


def test_what_is_all_about_packing_is_closed_by_packing(monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS and CP-SAT have no word in it; what improvement finds meanwhile is taken."""
    begun, run = list[Branching](), Branching.run

    def noted(branching: Branching, *asked: Any) -> MipAnswer:
        begun.append(branching)
        return run(branching, *asked)

    monkeypatch.setattr(Branching, "run", noted)
    monkeypatch.setattr(Closing, "_better", lambda *asked: pytest.fail("no engine is asked"))
    problem, asked = packing(5, 50, 1)[0], packed(5, 50)
    found = Search(asked, SolveOptions(60.0, gap=0.0), lambda news: None, lambda: False, time.monotonic()).run()
    best = solve_problem(problem, lambda: False)
    assert best.exhausted and found.x is not None and not found.stopped_by
    assert [(one.value, one.bound) for one in found.certificates] == [(round(best.bound),) * 2]
    assert begun


def test_improvement_ends_when_the_gap_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neighbourhoods that get better by one a time are not asked for more than the gap."""
    asked = assignment(40, 8)
    search = Search(asked, SolveOptions(60.0, gap=0.01, workers=1), lambda news: None, lambda: False, time.monotonic())
    least = 1000
    certificate = search.certificates[0]
    certificate.value, certificate.bound = least + 100, least
    search.incumbent.columns = np.zeros(0, dtype=np.int64)

    def better_by_one(
        x: Floats, *, least: float, should_stop: Callable[[], bool], better: Callable[[Floats], None], at_once: int
    ) -> None:
        while not should_stop():
            better(x)

    def take(x: Floats) -> bool:
        search.incumbent.values = [(certificate.value or 0) - 1]
        return True

    monkeypatch.setattr(search.incumbent, "take", take)
    neighbourhoods = SimpleNamespace(improve=better_by_one)
    bound = Bound(float(least), np.zeros(0), np.zeros(0), np.zeros(0))
    try:
        closing = search._closing(0, bound)
        assert closing._improve(cast(Neighbourhoods, neighbourhoods), 60.0)
    finally:
        search.improvement.close()
        search.engine.close()
    assert certificate.value == 1010 and certificate.proved(0.01)


@pytest.fixture
def closing() -> Iterator[Closing]:
    """Of a tier whose LP is at 1000 and whose plan costs 1100."""
    search = Search(assignment(40, 8), SolveOptions(60.0), lambda news: None, lambda: False, time.monotonic())
    search.certificates[0].value, search.certificates[0].bound = 1100, 1000
    search.incumbent.columns = np.zeros(0, dtype=np.int64)
    count = len(search.program.tiers[0].cost)
    yield search._closing(0, Bound(1000.0, np.zeros(count), np.zeros(0), np.zeros(count)))
    search.improvement.close()
    search.engine.close()


@pytest.mark.parametrize(
    ("bound", "seconds", "speaking", "least", "ends"),
    [
        (-np.inf, SILENT_SECONDS + 1, -np.inf, 1010.0, True),
        (-np.inf, SILENT_SECONDS - 1, -np.inf, 1010.0, False),
        (1005.0, 2.0, SPEAKING_SECONDS + 1, 1010.0, True),
        (1005.0, 2.0, SPEAKING_SECONDS / 2, 1010.0, False),
        (1020.0, 100.0, 90.0, 1010.0, False),
        (1005.0, 100.0, 90.0, np.inf, False),
    ],
)
def test_an_exact_program_beside_has_its_time(
    closing: Closing, bound: float, seconds: float, speaking: float, least: float, ends: bool
) -> None:
    beside = SimpleNamespace(bound=bound, seconds=seconds, speaking=speaking, close=lambda: None)
    companion = closing.companion
    companion._beside = cast(Beside, beside)
    assert companion.leaves_to_others(least) == ends == companion.was_behind
    assert companion.is_at_work != ends


@pytest.mark.parametrize("later", [1100, 1200])
def test_an_exact_program_beside_says_nothing_of_dearer_plans_than_it_was_asked_for(
    closing: Closing, later: int
) -> None:
    """A plan that became dearer is better in a tier before."""
    closing.tier.incumbent.amounts = np.zeros(0)
    closing.companion.start()
    closing.companion.end()
    beside = SimpleNamespace(bound=1150.0, end=None, news=lambda: None)
    closing.companion._beside = cast(Beside, beside)
    closing.tier.certificate.value = later
    assert closing.companion.listen() is None
    assert closing.tier.certificate.bound == 1100.0
    closing.companion._beside = None


@pytest.mark.parametrize(("bound", "cuts"), [(1040.0, True), (1060.0, False)])
def test_cuts_are_not_asked_where_more_is_proved(
    closing: Closing, bound: float, cuts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[Bound]()
    monkeypatch.setattr("solver.search.closing.FEWEST_COLUMNS", 0)
    monkeypatch.setattr(OpenTier, "hold", lambda tier: False)
    monkeypatch.setattr(Gomory, "run", lambda self, enough: asked.append(closing.tier.bound))
    closing.tier.certificate.bound = bound
    assert not closing._cut()
    assert bool(asked) == cuts


@pytest.mark.parametrize(("left", "ends"), [(150, True), (151, False)])
def test_an_exact_program_of_a_poor_plan_gives_way_to_one_of_half_its_columns(
    closing: Closing, left: int, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun beside before the plan was a good one is not waited for."""
    there, ended = [300], list[int]()
    monkeypatch.setattr(OpenTier, "in_better", lambda tier: np.arange(there[0]))
    monkeypatch.setattr(Exact, "beside", lambda *asked, **how: SimpleNamespace(bound=-np.inf, end=None, news=list))
    closing.tier.incumbent.amounts = np.zeros(0)
    closing.companion.start()
    there[0] = left

    def end(companion: Companion) -> None:
        ended.append(there[0])
        companion._beside = None

    monkeypatch.setattr(Companion, "end", end)
    monkeypatch.setattr(Companion, "begin", lambda companion: None)
    monkeypatch.setattr(Companion, "hear", lambda companion: None)
    monkeypatch.setattr(OpenTier, "hold", lambda tier: False)
    monkeypatch.setattr(OpenTier, "tell", lambda tier: None)
    monkeypatch.setattr(Closing, "_ask_from_below", lambda closing: None)
    monkeypatch.setattr(Closing, "_alternate", lambda closing, answer: None)
    monkeypatch.setattr(Closing, "_better", lambda closing, *asked: MipAnswer(None, -np.inf, False))
    closing._close()
    assert ended == [left] * ends


def two_tiers() -> Program:
    """Long rows to be packed, of which an LP says little, and another cost for what is as good."""
    asked = packed(3, 12)
    later = np.random.default_rng(4).integers(0, 9, len(asked.tiers[0].cost))
    return replace(asked, tiers=(*asked.tiers, TierCost(2, "later", later, Fraction(1), Fraction(0))))


@pytest.mark.parametrize(("seconds", "passes"), [(60.0, 2), (None, 1)])
def test_what_a_tier_had_no_more_time_for_is_gone_on_with(
    seconds: float | None, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is a limit, and the later tiers left some of it; what was proved is known, and what is told never gets worse."""
    begun, news, run, asked = list[int](), list[Progress](), Closing.run, two_tiers()
    best = [one.value for one in searched(asked).certificates]

    def no_time(closing: Closing) -> None:
        begun.append(closing.tier.k)
        if begun.count(0) > 1:
            assert closing.tier.k > 0 or closing.tier.certificate.bound == best[0]
            run(closing)
        elif best[0] is not None:
            closing.tier.proved(float(best[0]))

    monkeypatch.setattr(Closing, "run", no_time)
    found = searched_on(asked, SolveOptions(seconds, gap=0.0), news.append, never, time.monotonic())
    assert begun.count(0) == passes
    assert all(one.reached for one in found.certificates) == (passes > 1)
    for tier in (1, 2):
        bounds = [one.bound for one in news if one.tier == tier and one.bound is not None]
        assert bounds == sorted(bounds)
    assert ([one.value for one in found.certificates] == best) == (passes > 1)


def test_a_plan_is_not_lost_where_an_engine_fails_later(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Search.run
    ran = list[Found]()

    def once(search: Search) -> Found:
        if ran:
            raise EngineError("the LP ended with kUnknown")
        ran.append(run(search))
        return ran[0]

    monkeypatch.setattr(Closing, "run", lambda closing: None)
    monkeypatch.setattr(Search, "run", once)
    found = searched_on(two_tiers(), SolveOptions(60.0, gap=0.0), lambda news: None, never, time.monotonic())
    assert found.certificates is ran[0].certificates and found.x is ran[0].x is not None


@pytest.mark.parametrize(
    ("values", "bounds", "taken"),
    [
        ((6, 8), (5, 8), False),
        ((5, 9), (5, 1), True),
        ((6, 9), (6, 9), False),
        ((6, 8), (6, 8), True),
        ((6, 7), (5, 7), True),
        ((None, None), (6, 8), False),
    ],
)
def test_a_later_search_counts_where_its_plan_is_better_or_more_is_proved(
    values: tuple[int | None, ...], bounds: tuple[int, ...], taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it says how all ended."""
    asked = program([0, 0, 0], [[1, 1, 1]], [(1.0, 1.0)], [5, 6, 7], [9, 8, 1])

    def of(values: Sequence[int | None], bounds: Sequence[int], stopped_by: str | None) -> Found:
        told = zip(asked.tiers, values, bounds, strict=True)
        return Found(np.zeros(3), [Certificate(*one) for one in told], stopped_by=stopped_by)

    ran = iter([of((6, 8), (5, 8), None), of(values, bounds, "time")])
    monkeypatch.setattr(Search, "run", lambda search: next(ran))
    found = searched_on(asked, SolveOptions(60.0, gap=0.0), lambda news: None, never, time.monotonic())
    assert tuple(one.value for one in found.certificates) == (values if taken else (6, 8))
    assert found.stopped_by == "time" and found.raced


def test_what_was_proved_before_holds_while_no_tier_before_it_costs_more() -> None:
    """A plan that is better in the first tier is dearer in the second: what was proved of the third is not about such plans."""
    asked = program([0, 0, 0], [[1, 1, 1]], [(1.0, 1.0)], [5, 6, 7], [9, 8, 1], [3, 4, 4])
    known = [Certificate(tier, value, value, "exhausted") for tier, value in zip(asked.tiers, (6, 8, 4), strict=True)]
    known[0].bound = 5
    already = Already(np.array([1]), proved=known)
    search = Search(asked, SolveOptions(60.0), lambda news: None, never, time.monotonic(), HighsAlone(), None, already)
    assert search.incumbent.take(np.array([0.0, 1.0, 0.0]))
    search._value_all()
    assert [one.bound for one in search.certificates] == [5, 8, 4]
    assert search.incumbent.take(np.array([1.0, 0.0, 0.0]))
    search._value_all()
    assert [one.bound for one in search.certificates] == [5, 8, 0]


def test_an_optimum_that_is_none_any_more_is_a_bound() -> None:
    """While it was sought, the plan at hand became better in a tier before."""
    asked = program([0, 0, 0], [[1, 1, 1]], [(1.0, 1.0)], [5, 6, 7], [10, 8, 1])
    search = Search(asked, SolveOptions(60.0), lambda news: None, lambda: False, time.monotonic(), HighsAlone())
    assert search.master.start(np.zeros(3)) is not None and search.incumbent.take(np.array([1.0, 0.0, 0.0]))
    first, second = search.certificates
    # It is held at what it was when the exact program of the second began.
    first.value, first.bound, second.value, second.bound = 6, 5, 10, 1
    tier = search._closing(1, Bound(1.0, np.zeros(3), np.zeros(1), np.zeros(3))).tier
    heard = tier.heard(MipAnswer(np.array([0.0, 1.0, 0.0]), 8.0, True))
    assert not heard.exhausted and not second.reached
    assert (second.value, second.bound, second.proof) == (10, 8, "mip bound")
    assert tier.hold() and first.value == 5 and not tier.hold()
    answer = tier.exact.minimise(tier.cost, np.arange(3), 0.0, None)
    assert tier.heard(answer).exhausted and second.reached and second.proof == "exhausted"


HARDER = [
    ("balance", [], [{"objective": "balance", "priority": 1}]),
    ("fair", [{"rule": "fair_senders", "priority": 2, "attributes": ["tenure"], "tolerance": 0.1}], []),
    ("mentors", [{"rule": "mentoring", "priority": 2, "pairs_min": 2, "where": {"area": ["rural"]}}], []),
]


@pytest.mark.parametrize(("name", "rules", "objectives"), HARDER)
def test_a_plan_is_there_long_before_a_proof(
    name: str, rules: list[dict[str, Any]], objectives: list[dict[str, Any]]
) -> None:
    """Helpers, knapsacks of points, levels that people cross: the LP says little, and yet there is a plan at once."""
    policy = parse_policy({"name": name, "extends": "national-2014", "rules": rules, "objectives": objectives})
    county, heard = synthetic_county(60, 2000, 7), 0

    def stop_at_the_first_plan(news: Progress) -> None:
        nonlocal heard
        heard += news.placements is not None

    outcome = solve(county, policy, SolveOptions(60.0), stop_at_the_first_plan, lambda: heard > 0)
    assert outcome.plan is not None and outcome.stopped_by == "user"
    assert all(tier.bound is None or tier.bound <= tier.value for tier in outcome.plan.tiers)


def test_whole_mentors_make_whole_pairs_in_the_lp() -> None:
    """Half a mentor for each of two novices of different subjects would be one pair too many."""
    policy = parse_policy(
        {
            "name": "mentors",
            "rules": [{"rule": "mentoring", "priority": 1, "pairs_min": 2}],
            "objectives": [{"objective": "moves", "priority": 2}],
        }
    )
    for seed in range(3):
        plan = solve(synthetic_county(16, 300, seed), policy).plan
        assert plan is not None
        for tier in plan.tiers:
            assert tier.proved and tier.lp_bound is not None and tier.value - tier.lp_bound < 1.0, tier
