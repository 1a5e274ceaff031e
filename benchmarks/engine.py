"""``python -m benchmarks.engine CASE.json FOLDER``: our own engine on a prepared case, phase by phase.

Data go the whole way: read from the CSV folder, then ``solve`` with its progress news, check included. A published instance has no
data: its program goes straight into the search.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import public
from benchmarks.cases import Case, Published
from benchmarks.codes import case_from
from benchmarks.prepare import Prepared, read_plan
from benchmarks.telling import tell
from rotation import files
from rotation.policy import load_policy
from solver import solve as solving
from solver.outcome import Progress, SolveOptions
from solver.program import Program
from solver.search import Found, Search

WORKERS = 2


def solve_data(case: Case, at: Prepared) -> dict[str, Any]:
    started = time.monotonic()
    county, _ = files.read(at.data)
    policy = load_policy(str(at.policy))
    tell(phase="read", seconds=time.monotonic() - started)
    asked = SolveOptions(case.seconds, case.gap, case.seed, WORKERS, baseline=read_plan(at.baseline))
    began = time.monotonic()
    _tell_when_formulated(began)
    _tell_of_recount(began)
    outcome = solving.solve(county, policy, asked, _progress)
    seconds = time.monotonic() - began
    tell(phase="done", seconds=seconds)
    plan = outcome.plan
    return {
        "status": str(outcome.status),
        "stopped_by": outcome.stopped_by,
        "seconds": seconds,
        "placements": None if plan is None else len(plan.placements),
        "tiers": []
        if plan is None
        else [
            {"name": t.name, "value": t.value, "bound": t.bound, "gap": t.gap, "proved": t.proved, "proof": t.proof}
            for t in plan.tiers
        ],
    }


def _tell_when_formulated(began: float) -> None:
    """The search's first news comes late: what it is measured by is when the program was there, as peers are."""
    plain = vars(solving)["formulate"]

    def formulate(*arguments: Any, **named: Any) -> Program:
        program: Program = plain(*arguments, **named)
        tell(phase="search", seconds=time.monotonic() - began)
        return program

    vars(solving)["formulate"] = formulate


def _tell_of_recount(began: float) -> None:
    plain = vars(solving)["recompute"]

    def recompute(*arguments: Any, **named: Any) -> Any:
        tell(phase="checked", seconds=time.monotonic() - began)
        recomputed = plain(*arguments, **named)
        tell(phase="recounted", seconds=time.monotonic() - began)
        return recomputed

    vars(solving)["recompute"] = recompute


def solve_program(case: Case) -> dict[str, Any]:
    assert isinstance(case.source, Published)
    program = public.program_of(case.source.path)
    began = time.monotonic()
    asked = SolveOptions(case.seconds, case.gap, case.seed, WORKERS)
    tell(phase="search", seconds=0.0)
    found = Search(program, asked, _progress, lambda: False, began).run()
    seconds = time.monotonic() - began
    tell(phase="done", seconds=seconds)
    status = "infeasible" if found.infeasible else "unknown" if found.x is None else "feasible"
    tiers = _tiers(found, case.gap)
    if tiers and all(tier["proved"] for tier in tiers):
        status = "optimal"
    return {"status": status, "stopped_by": found.stopped_by, "seconds": seconds, "tiers": tiers}


def _tiers(found: Found, gap: float) -> list[dict[str, Any]]:
    rows = []
    for certificate in found.certificates:
        if found.x is None or certificate.value is None:
            continue
        step, constant = float(certificate.tier.step), float(certificate.tier.constant)
        value = certificate.value * step + constant
        bound = None if certificate.bound is None else certificate.bound * step + constant
        far = None if bound is None else abs(value - bound) / max(1.0, abs(value))
        rows.append(
            {
                "name": certificate.tier.name,
                "value": value,
                "bound": bound,
                "gap": far,
                "proved": far is not None and far <= gap + 1e-9,
                "proof": certificate.proof,
            }
        )
    return rows


def _progress(news: Progress) -> None:
    tell(
        phase=news.phase,
        seconds=news.seconds,
        tier=news.tier,
        name=news.name,
        value=news.value,
        bound=news.bound,
        placements=news.placements,
    )


def main() -> None:
    case, folder = case_from(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), Path(sys.argv[2])
    answer = solve_program(case) if isinstance(case.source, Published) else solve_data(case, Prepared(folder))
    tell(answer=answer)


if __name__ == "__main__":
    main()
