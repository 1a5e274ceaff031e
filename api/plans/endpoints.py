"""``/v1/plans``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.depends import Asked, require_json
from api.documents import report_document
from api.plans.dresses import CSV, JSON, XLSX, accepted, dressed
from api.plans.schemas import (
    CheckOut,
    PlacementsOut,
    PlanIn,
    PlanOut,
    PlansOut,
    placement_out,
    plan_listed,
    plan_out,
    progress_out,
)
from api.problems import SafeJSON, responses
from api.records import News, PlanRecord, PlanRequest
from rotation import files

router = APIRouter(prefix="/plans", tags=["plans"])


def _known(
    plan_id: Annotated[str, Path(max_length=64, examples=["p-5b1f0c2d3e4a5968"])], services: Asked
) -> PlanRecord:
    return services.plan(plan_id)


Known = Annotated[PlanRecord, Depends(_known)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=200,
        description="The same key brings the same plan: safe to repeat.",
    ),
]  # fmt: skip
_LOCATION: dict[int | str, dict[str, Any]] = {
    202: {"description": "Taken; follow Location", "headers": {"Location": {"schema": {"type": "string"}}}}
}


@router.post(
    "",
    status_code=202,
    summary="Start a plan",
    dependencies=[Depends(require_json)],
    responses=responses(
        "malformed_json", "bad_request", "dataset_not_found", "plan_not_found", "plan_not_ready", "too_large",
        "unsupported_media_type", "invalid_request", "invalid_policy", "idempotency_key_reused", "too_busy",
    ) | _LOCATION,
)  # fmt: skip
def start(body: PlanIn, response: Response, services: Asked, key: Key = None) -> PlanOut:
    """Queues a solve in a process of its own."""
    policy = services.policy_of(body.policy)
    options = body.options
    request = PlanRequest(body.dataset, policy, options.time_limit_seconds, options.gap, options.seed, options.baseline)
    record = services.start_plan(request, key)
    response.headers["Location"] = f"/v1/plans/{record.id}"
    return plan_out(record)


@router.get("", summary="All plans", responses=responses("invalid_request"))
def listed(
    services: Asked,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> PlansOut:
    """Newest first."""
    plans = services.plans()[::-1]
    items = [plan_listed(record) for record in plans[offset : offset + limit]]
    return PlansOut(items=items, total=len(plans), limit=limit, offset=offset)


@router.get("/{plan_id}", summary="Where a plan stands", responses=responses("plan_not_found", "invalid_request"))
def show(record: Known) -> PlanOut:
    """State, and when done: status, tiers with proved bounds, indicators, rules."""
    return plan_out(record)


@router.get(
    "/{plan_id}/events",
    summary="News of a solve",
    response_class=EventSourceResponse,
    responses=responses("plan_not_found", "invalid_request"),
)
async def events(
    record: Known,
    services: Asked,
    last: Annotated[int, Header(alias="Last-Event-ID", ge=0, description="Resume after this event.")] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `progress` (phase, tier, incumbent, bound, seconds) as it comes, at last `end` with the plan."""
    async for line in services.watch(record.id, last):
        if isinstance(line, News):
            yield ServerSentEvent(data=progress_out(line.progress), event="progress", id=str(line.number))
        else:
            yield ServerSentEvent(data=plan_out(line), event="end")


@router.post(
    "/{plan_id}/stop",
    status_code=202,
    summary="Stop, and keep the best so far",
    responses=responses("plan_not_found", "invalid_request"),
)
def stop(record: Known, services: Asked) -> PlanOut:
    """Harmless when the plan is done. The best plan so far appears when the solver has answered."""
    return plan_out(services.stop(record.id))


@router.get(
    "/{plan_id}/placements",
    summary="Who goes where",
    response_model=PlacementsOut,
    responses=responses("plan_not_found", "not_acceptable", "plan_not_ready", "invalid_request")
    | {200: {"description": "A page as JSON; everything as CSV or xlsx", "content": {
        CSV: {"schema": {"type": "string"}}, XLSX: {"schema": {"type": "string", "format": "binary"}}}}},
)  # fmt: skip
async def placements(
    request: Request,
    record: Known,
    services: Asked,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response | PlacementsOut:
    """JSON comes in pages; `text/csv` and xlsx (by `Accept`) come whole."""
    kind = accepted(request.headers.get("accept", ""))
    plan = services.finished_plan(record.id)
    if kind != JSON:
        county = services.dataset(record.request.dataset_id).county
        content = await run_in_threadpool(dressed, plan, county, kind)
        ending = "csv" if kind == CSV else "xlsx"
        name = {"Content-Disposition": f'attachment; filename="plan-{record.id}.{ending}"'}
        return Response(content, headers=name, media_type=kind)
    total = len(plan.placements)
    following = f"/v1/plans/{record.id}/placements?limit={limit}&offset={offset + limit}"
    return PlacementsOut(
        items=[placement_out(placement) for placement in plan.placements[offset : offset + limit]],
        total=total,
        limit=limit,
        offset=offset,
        next=following if offset + limit < total else None,
    )


@router.get(
    "/{plan_id}/file",
    summary="The plan file",
    response_class=SafeJSON,
    responses=responses("plan_not_found", "plan_not_ready", "invalid_request")
    | {200: {"description": "`rotation-plan/1`", "content": {JSON: {"schema": {"type": "object"}}}}},
)
def file(record: Known, services: Asked) -> Response:
    """The whole plan as `rotation-plan/1`, as the command line writes it."""
    return SafeJSON(files.plan_to_json(services.finished_plan(record.id)))


@router.post(
    "/{plan_id}/check",
    summary="Check a plan independently",
    responses=responses("plan_not_found", "plan_not_ready", "invalid_request"),
)
def check(record: Known, services: Asked) -> CheckOut:
    """The checker knows no solver: every rule, every cell, every tier's value recomputed."""
    return CheckOut.model_validate(report_document(services.check(record.id)))
