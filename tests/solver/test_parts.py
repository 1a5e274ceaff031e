"""Parts are independent, and a start from them ends at the same bound as a start from nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from rotation.facts import Facts
from rotation.policy import Policy, parse_policy
from scenarios.generate import synthetic_county
from solver import master as master_module
from solver import parts
from solver import ties as ties_module
from solver.formulate import formulate
from solver.index import NONE, Index
from solver.master import Master
from solver.options import build_options
from solver.outcome import SolveOptions
from solver.program import Program
from solver.search import Search
from solver.ties import prices_of_ties

WITHIN_GROUPS = {"rule": "destination", "within": "group"}


def policy(*rules: dict[str, object]) -> Policy:
    return parse_policy({"name": "parts", "extends": "national-2014", "rules": list(rules)})


def program(*rules: dict[str, object], schools: int = 40, teachers: int = 1200, seed: int = 2) -> Program:
    facts = Facts(synthetic_county(schools, teachers, seed), policy(*rules))
    return formulate(build_options(Index(facts)), staggered=frozenset())


@pytest.fixture
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "JOB_COLUMNS", 100)
    monkeypatch.setattr(parts, "LONG_AT_LEAST", 50)
    monkeypatch.setattr(ties_module, "FEWEST", 2)


@pytest.fixture
def small_neighbourhoods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "JOB_COLUMNS", 100)
    monkeypatch.setattr(parts, "LARGE", 1000)
    monkeypatch.setattr(parts, "NEIGHBOURHOOD_COLUMNS", 1500)


def cost_of(program: Program) -> np.ndarray:
    tiers = program.tiers
    return np.asarray(1000.0 * tiers[0].cost + tiers[2].cost / 1000.0)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_components_share_no_row_but_ties(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = int(random.integers(2, 12)), int(random.integers(1, 25))
    matrix = sparse.csc_array(sparse.random_array((rows, columns), density=0.15, rng=random))
    ties = random.random(rows) < 0.2
    of_column, of_row = parts.components(matrix, ties)
    entries = matrix.tocoo()
    for row, column in zip(*entries.coords, strict=True):
        assert (of_row[row] == NONE) == ties[row]
        assert ties[row] or of_row[row] == of_column[column]
    # As many as a flood fill finds.
    seen, count = set(), 0
    for start in set(entries.coords[1][~ties[entries.coords[0]]]):
        if start in seen:
            continue
        count += 1
        frontier = {start}
        while frontier:
            seen |= frontier
            reached = {r for r, c in zip(*entries.coords, strict=True) if c in frontier and not ties[r]}
            frontier = {c for r, c in zip(*entries.coords, strict=True) if r in reached} - seen
    assert len(set(of_column[of_column != NONE])) == count


def test_a_job_knows_all_columns_of_its_rows(small_jobs: None) -> None:
    whole = program(WITHIN_GROUPS)
    jobs, _ = parts.jobs_of(whole)
    assert len(jobs) > 2 and all(job.whole for job in jobs)
    by_row = whole.matrix.tocsr()
    for job in jobs:
        assert set(by_row[job.rows].indices) <= set(job.columns)
        part = parts.part_of(whole, job)
        assert part.shape == (len(job.rows), len(job.columns))
        assert np.array_equal(part.matrix.toarray(), whole.matrix[job.rows][:, job.columns].toarray())
        assert np.array_equal(part.options.metres, whole.options.metres[job.columns[: len(part.options)]])


@pytest.mark.parametrize("rules", [(WITHIN_GROUPS,), ()], ids=["groups", "county"])
def test_a_start_from_parts_ends_at_the_same_bound(
    rules: tuple[dict[str, object], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = program(*rules)
    cost = cost_of(whole)
    assert not parts.jobs_of(whole)[0]
    plain = Master(whole, lambda: False).start(cost)
    monkeypatch.setattr(parts, "JOB_COLUMNS", 100)
    monkeypatch.setattr(parts, "LONG_AT_LEAST", 50)
    monkeypatch.setattr(parts, "LARGE", 1000)
    monkeypatch.setattr(parts, "NEIGHBOURHOOD_COLUMNS", 1500)
    jobs, _ = parts.jobs_of(whole)
    assert len(jobs) > 1 and all(job.whole == bool(rules) for job in jobs)
    master = Master(whole, lambda: False, workers=2)
    begun = master.start(cost)
    assert plain is not None and begun is not None
    assert begun.value == pytest.approx(plain.value, rel=1e-9)
    # Helpers and slacks are never priced: they must be there from the start.
    assert master.inside[len(whole.options) :].all()
    assert np.all(whole.matrix @ begun.x >= whole.row_lower - 1e-6)
    assert np.all(whole.matrix @ begun.x <= whole.row_upper + 1e-6)


def test_a_part_without_a_solution_is_a_program_without_one(small_jobs: None) -> None:
    whole = program(WITHIN_GROUPS)
    job = parts.jobs_of(whole)[0][1]
    row = job.rows[int(np.argmax(np.isfinite(whole.row_upper[job.rows])))]
    lower = whole.row_lower.copy()
    lower[row] = whole.row_upper[row] = 10_000.0
    broken = replace(whole, row_lower=lower)
    assert Master(broken, lambda: False).start(cost_of(whole)) is None
    assert Search(broken, SolveOptions(), lambda news: None, lambda: False, 0.0).run().infeasible


def test_a_neighbourhood_without_a_solution_proves_nothing(small_neighbourhoods: None) -> None:
    """Only options between two neighbourhoods fill this post: the whole has a solution all the same."""
    whole = program()
    jobs, _ = parts.jobs_of(whole)
    assert len(jobs) > 1 and not any(job.whole for job in jobs)
    inside = np.zeros(whole.shape[1], dtype=bool)
    for job in jobs:
        inside[job.columns] = True
    # Keep, of one job's teachers, the options that lead elsewhere, and ask for one of them.
    by_row = whole.matrix.tocsr()
    post = next(
        row
        for job in jobs
        for row in job.rows
        if np.any(~inside[by_row[[row]].indices] & (by_row[[row]].data > 0)) and whole.row_upper[row] >= 1
    )
    columns = by_row[[post]].indices
    upper = whole.upper.copy()
    upper[columns[inside[columns]]] = 0.0
    lower = whole.row_lower.copy()
    lower[post] = 1.0
    asked = replace(whole, upper=upper, row_lower=lower)
    found = Master(asked, lambda: False).start(cost_of(whole))
    assert found is not None
    assert (asked.matrix @ found.x)[post] >= 1 - 1e-6


@pytest.mark.parametrize("rules", [(WITHIN_GROUPS,), ()], ids=["groups", "county"])
def test_every_tier_is_the_same_with_and_without_parts(
    rules: tuple[dict[str, object], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = program(*rules, seed=5)

    def values() -> list[int | None]:
        found = Search(whole, SolveOptions(gap=0.0), lambda news: None, lambda: False, 0.0).run()
        assert all(certificate.proved(0.0) for certificate in found.certificates)
        return [certificate.value for certificate in found.certificates]

    plain = values()
    monkeypatch.setattr(parts, "JOB_COLUMNS", 100)
    monkeypatch.setattr(parts, "LONG_AT_LEAST", 50)
    monkeypatch.setattr(parts, "LARGE", 1000)
    monkeypatch.setattr(parts, "NEIGHBOURHOOD_COLUMNS", 1500)
    assert len(parts.jobs_of(whole)[0]) > 1
    assert values() == plain


def test_the_ties_are_priced_by_a_part_of_the_whole(small_jobs: None) -> None:
    """At the sampled prices the parts' own optima nearly meet a quota that they are far from at none."""
    whole = program(WITHIN_GROUPS, schools=120, teachers=4000)
    jobs, ties = parts.jobs_of(whole)
    cost = cost_of(whole)
    assert len(jobs) >= 8 and ties.any()

    def duals(part: Program, columns: np.ndarray) -> np.ndarray:
        bound = Master(part, lambda: False)._generate(cost[columns], 1e9)
        return bound.y

    with ThreadPoolExecutor(2) as pool:
        prices = prices_of_ties(whole, jobs, ties, duals, pool)
    quota = int(np.argmax(np.where(ties, prices, 0.0)))
    assert prices[quota] > 0 and not prices[~ties].any()

    def reached(asked: np.ndarray) -> float:
        free = replace(whole, row_lower=np.where(ties, -np.inf, whole.row_lower))
        bound = Master(free, lambda: False).start(asked)
        assert bound is not None
        return float((whole.matrix @ bound.x)[quota])

    limit = whole.row_lower[quota]
    without, priced = reached(cost), reached(cost - whole.matrix.T @ prices)
    assert abs(priced - limit) < abs(without - limit) / 3


@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0, 100.0])
def test_wrong_prices_change_nothing_but_the_way(
    small_jobs: None, monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    whole = program(WITHIN_GROUPS, schools=120, teachers=4000)
    cost = cost_of(whole)
    right = Master(whole, lambda: False).start(cost)
    honest, told = master_module.prices_of_ties, list[np.ndarray]()

    def wrong(*given: Any) -> np.ndarray:
        told.append(honest(*given))
        return np.asarray(factor * told[-1])

    monkeypatch.setattr(master_module, "prices_of_ties", wrong)
    found = Master(whole, lambda: False).start(cost)
    assert any(prices.any() for prices in told)
    assert right is not None and found is not None and found.value == pytest.approx(right.value, rel=1e-9)


def test_a_quota_beyond_everybody_has_no_solution_whatever_its_price(small_jobs: None) -> None:
    whole = program(WITHIN_GROUPS)
    jobs, ties = parts.jobs_of(whole)
    lower = whole.row_lower.copy()
    lower[np.flatnonzero(ties & (whole.row_lower > 0))[0]] = 1e6
    assert jobs and Master(replace(whole, row_lower=lower), lambda: False).start(cost_of(whole)) is None


def test_a_price_dearer_than_anybody_is_none(small_jobs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a share out of reach costs is what artificial columns do: no part should begin from that."""
    whole = program(WITHIN_GROUPS)
    cost, met = cost_of(whole), list[np.ndarray]()
    monkeypatch.setattr(Master, "_meet", lambda self, prices, priced, artificial: met.append(prices))
    for factor in (0.5, 2.0):
        dear = factor * float(np.abs(cost).max())
        monkeypatch.setattr(master_module, "prices_of_ties", lambda *given, dear=dear: np.where(given[2], dear, 0.0))
        assert Master(whole, lambda: False).start(cost) is not None
        assert bool(met) == (factor < 1)
        met.clear()
