"""``/v1/diagnoses``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from api.depends import Asked, require_json
from api.diagnoses.schemas import DiagnosisIn, DiagnosisOut, diagnosis_out
from api.diagnoses.service import Diagnoses, DiagnosisRecord
from api.problems import responses

router = APIRouter(prefix="/diagnoses", tags=["diagnoses"])


def _diagnoses(request: Request) -> Diagnoses:
    found: Diagnoses = request.app.state.diagnoses
    return found


Doctor = Annotated[Diagnoses, Depends(_diagnoses)]


def _known(
    diagnosis_id: Annotated[str, Path(max_length=64, examples=["g-5b1f0c2d3e4a5968"])], diagnoses: Doctor
) -> DiagnosisRecord:
    return diagnoses.diagnosis(diagnosis_id)


Known = Annotated[DiagnosisRecord, Depends(_known)]
_LOCATION: dict[int | str, dict[str, Any]] = {
    202: {"description": "Taken; follow Location", "headers": {"Location": {"schema": {"type": "string"}}}}
}


@router.post(
    "",
    status_code=202,
    summary="Start a diagnosis",
    dependencies=[Depends(require_json)],
    responses=responses(
        "malformed_json", "bad_request", "dataset_not_found", "too_large", "unsupported_media_type", "invalid_request",
        "invalid_policy", "too_busy",
    ) | _LOCATION,
)  # fmt: skip
def start(body: DiagnosisIn, response: Response, services: Asked, diagnoses: Doctor) -> DiagnosisOut:
    """Queues a diagnosis in a process of its own: conflicts and ways out; or what keeps soft rules short."""
    policy = services.policy_of(body.policy)
    record = diagnoses.start(body.dataset, policy, body.options.time_limit_seconds)
    response.headers["Location"] = f"/v1/diagnoses/{record.id}"
    return diagnosis_out(record)


@router.get(
    "/{diagnosis_id}",
    summary="Where a diagnosis stands",
    responses=responses("diagnosis_not_found", "invalid_request"),
)
def show(record: Known) -> DiagnosisOut:
    """State, and when done: conflicts, ways out (each with its policy), shortfalls."""
    return diagnosis_out(record)


@router.post(
    "/{diagnosis_id}/stop",
    status_code=202,
    summary="Stop, and keep what was found",
    responses=responses("diagnosis_not_found", "invalid_request"),
)
def stop(record: Known, diagnoses: Doctor) -> DiagnosisOut:
    """Harmless when it is done."""
    return diagnosis_out(diagnoses.stop(record.id))
