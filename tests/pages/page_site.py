"""A small site to look at in a browser: the real application over the sample county, with plans of every outcome.

``python tests/pages/page_site.py PORT`` serves it and prints one JSON line with the ids, once it answers.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, replace

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.jobs import Jobs
from api.records import PlanRecord, PlanRequest, State
from api.services import Limits, Services, new_id, now
from api.settings import Settings
from rotation.county import County
from rotation.plan import Plan, Status
from rotation.policy import Policy, load_policy
from rotation.words import Words
from scenarios.generate import sample_county
from solver.outcome import OnProgress, Outcome, Progress, SolveOptions
from solver.solve import solve
from solver.stopping import ShouldStop


@dataclass(frozen=True)
class Site:
    """Where the pages are, and the ids of what is there."""

    address: str
    ids: dict[str, str]


def patient(
    county: County, policy: Policy, options: SolveOptions, on_progress: OnProgress, should_stop: ShouldStop
) -> Outcome:
    """The real solver; under the policy named ``patient`` it then waits until it is stopped, and tells so."""
    outcome = solve(county, policy, options, on_progress, should_stop)
    if policy.name == "patient":
        while not should_stop():
            on_progress(Progress("tier", 1.0, 4, "moves", 28.0, 20.0, 28))
            threading.Event().wait(0.1)
        outcome = replace(outcome, stopped_by="user")
    return outcome


def site() -> tuple[FastAPI, Services, dict[str, str]]:
    """The application, its services, and the ids of what is there."""
    services = Services(jobs=Jobs(2, patient), limits=Limits(at_once=2, workers=1))
    policy = load_policy("national-2014")
    data = services.add_dataset(sample_county())
    plan = solve(data.county, policy).plan
    assert plan is not None
    ids = {"data": data.id, "plan": services.add_plan(data.id, policy, plan).id}
    ids["feasible"] = services.add_plan(data.id, policy, half_proved(plan)).id
    ids["patient"] = services.start_plan(PlanRequest(data.id, replace(policy, name="patient"))).id
    conflict = (("release", {"school": data.county.schools[0].id}), ("distance", {}))
    impossible = PlanRecord(
        new_id("p"),
        PlanRequest(data.id, policy),
        now(),
        state=State.DONE,
        status=Status.INFEASIBLE,
        message=Words("规则之间有冲突, 没有可行方案。", "The rules are in conflict: no plan is possible."),
        conflict=conflict,
        finished=now(),
    )
    ids["infeasible"] = services.store.add_plan(impossible).id
    return create_app(services, Settings(token=None)), services, ids


def half_proved(plan: Plan) -> Plan:
    """The same plan as if the time had run out in its last two tiers."""
    tiers = [tier if tier.priority < 3 else replace(tier, bound=0.9 * tier.value, proved=False) for tier in plan.tiers]
    return replace(plan, status=Status.FEASIBLE, tiers=tuple(tiers), run=plan.run | {"stopped_by": "time"})


def main(port: int) -> None:
    app, services, ids = site()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))

    def announce() -> None:
        while not server.started:
            threading.Event().wait(0.05)
        print(json.dumps(ids), flush=True)

    threading.Thread(target=announce, daemon=True).start()
    try:
        server.run()
    finally:
        services.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
