"""``/healthz``, ``/readyz`` and ``/metrics``: outside ``/v1``, open to whoever can reach the server."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import PlainTextResponse

from api.depends import Asked
from api.problems import responses
from api.records import State

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """``ok``, or the call does not answer."""

    status: str


@router.get("/healthz", summary="Alive?")
def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", summary="Ready to take plans?", responses=responses("too_busy"))
def readyz(services: Asked) -> Health:
    """503 when no further plan would be taken."""
    services.require_room()
    return Health(status="ok")


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
def metrics(services: Asked) -> str:
    """Counts only; nothing about persons."""
    states = Counter(plan.state for plan in services.plans())
    lines = ["# HELP rotation_plans Plans by state.", "# TYPE rotation_plans gauge"]
    lines += [f'rotation_plans{{state="{state}"}} {states.get(state, 0)}' for state in State]
    for name, says, value in (
        ("rotation_datasets", "Data sets kept.", len(services.datasets())),
        ("rotation_solver_processes", "Solver processes at work.", len(services.jobs.running)),
    ):
        lines += [f"# HELP {name} {says}", f"# TYPE {name} gauge", f"{name} {value}"]
    return "\n".join(lines) + "\n"
