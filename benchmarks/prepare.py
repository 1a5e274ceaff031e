"""``python -m benchmarks.prepare CASE.json FOLDER``: write a case's data, policy and program, once for all who solve it."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks import arrays, public
from benchmarks.cases import Case, Published
from benchmarks.codes import case_from
from benchmarks.telling import tell
from rotation import files
from rotation.county import County
from rotation.facts import Facts
from rotation.plan import Placement
from rotation.policy import Policy, parse_policy
from rotation.rules.budget import Budget
from solver.engines.highs import Linear
from solver.formulate import formulate
from solver.index import Index
from solver.options import MAX_YEARS, Options, build_options
from solver.outcome import SolveOptions
from solver.program import Program
from solver.solve import solve

SPEND_SECONDS = 120.0
SPEND_GAP = 0.005


@dataclass(frozen=True)
class Prepared:
    """Where a case's files are, in one folder."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def policy(self) -> Path:
        return self.folder / "policy.json"

    @property
    def baseline(self) -> Path:
        return self.folder / "baseline.json"

    @property
    def program(self) -> Path:
        return self.folder / "program.npz"


def prepare(case: Case, folder: Path) -> dict[str, Any]:
    """Write the files; what is returned are the case's sizes and how many seconds each phase before the search takes by itself."""
    at = Prepared(folder)
    if isinstance(case.source, Published):
        program = public.program_of(case.source.path)
        arrays.save(at.program, program)
        return _sizes(program)
    county = case.source.county()
    files.write(county, at.data)
    started = time.monotonic()
    county, _ = files.read(at.data)
    seconds = {"read": time.monotonic() - started}
    document = case.policy_document()
    found: dict[str, Any] = {"schools": len(county.schools), "teachers": len(county.teachers)}
    if case.spend_share is not None:
        found["amount"] = budget_for(case, county, parse_policy(document), document)
    at.policy.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    policy = parse_policy(document)
    started = time.monotonic()
    index = Index(Facts(county, policy))
    seconds["index"] = time.monotonic() - started
    started = time.monotonic()
    options = build_options(index, workers=SolveOptions().workers)
    seconds["options"] = time.monotonic() - started
    baseline = drawn_plan(options, case.baseline, case.seed)
    at.baseline.write_text(json.dumps([asdict(one) for one in baseline.values()]), encoding="utf-8")
    started = time.monotonic()
    program = formulate(options, baseline, staggered=frozenset())
    seconds["program"] = time.monotonic() - started
    seconds["engine"] = loading(program)
    arrays.save(at.program, program)
    pairs = sum(options.refused.values()) + len(options)
    return found | _sizes(program) | {"pairs": pairs, "seconds": seconds}


def loading(program: Program) -> float:
    """Seconds that it takes to hand every column to the LP engine that a search hands some."""
    started = time.monotonic()
    linear = Linear(program.row_lower, program.row_upper, lambda: False)
    cost = program.tiers[0].cost.astype(np.float64)
    linear.add_columns(program.columns(slice(None)), cost, program.lower, program.upper)
    seconds = time.monotonic() - started
    linear.close()
    return seconds


def drawn_plan(options: Options, share: float, seed: int) -> dict[str, Placement]:
    """Teacher → placement, of a plan that need not keep any rule about many: the same whatever solves it."""
    draw, plan = Random(seed), dict[str, Placement]()
    for teacher in range(len(options.index.county.teachers) if share else 0):
        own = options.of_teacher(teacher)
        if len(own) and draw.random() < share:
            option = int(draw.choice(own.tolist()))
            terms = [years for years in range(MAX_YEARS + 1) if options.years[option] >> years & 1]
            plan[options.index.county.teachers[teacher].id] = options.placement(option, draw.choice(terms))
    return plan


def read_plan(path: Path) -> dict[str, Placement]:
    """The plan that ``prepare`` drew."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row["teacher"]: Placement(**row | {"hosts": tuple(row["hosts"])}) for row in rows}


def budget_for(case: Case, county: County, policy: Policy, document: Any) -> int:
    """The amount that makes the budget bind: ``spend_share`` of what a plan spends whose budget is no limit.

    Written into ``document``. What a free plan spends is no tier's value, so it may differ a little between versions of the
    engine: it is rounded to thousands of yuan, and every record names the amount it was measured with.
    """
    assert case.spend_share is not None
    free = replace(
        policy,
        rules=tuple(
            rule.model_copy(update={"amount": 10**12}) if isinstance(rule, Budget) else rule for rule in policy.rules
        ),
    )
    outcome = solve(county, free, SolveOptions(SPEND_SECONDS, SPEND_GAP, case.seed))
    if outcome.plan is None:
        raise ValueError(f"{case.key}: no plan without a budget either: {outcome.message.en}")
    spent = outcome.plan.metrics["subsidy_yearly"]
    amount = round(case.spend_share * float(spent) / 1000) * 1000
    for rule in document["rules"]:
        if rule["rule"] == "budget":
            rule["amount"] = amount
    return amount


def _sizes(program: Program) -> dict[str, Any]:
    rows, columns = program.shape
    return {
        "options": len(program.options),
        "rows": rows,
        "columns": columns,
        "nonzeros": int(program.matrix.nnz),
        "tiers": [tier.name for tier in program.tiers],
    }


def main() -> None:
    case, folder = case_from(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), Path(sys.argv[2])
    tell(prepared=prepare(case, folder))


if __name__ == "__main__":
    main()
