"""``/v1/datasets``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.datasets.schemas import DatasetOut, dataset_out, json_schema
from api.depends import Asked, media_type
from api.problems import Problem, responses

router = APIRouter(prefix="/datasets", tags=["datasets"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A workbook (.xlsx) or a JSON file.",
                        }
                    },
                }
            },
        },
    }
}


@router.post(
    "",
    status_code=201,
    summary="Take a data set in",
    responses=responses("bad_request", "too_large", "unsupported_media_type", "invalid_data")
    | {201: {"description": "Taken", "headers": {"Location": {"schema": {"type": "string"}}}}},
    openapi_extra=_BODY,
)
async def add(request: Request, response: Response, services: Asked) -> DatasetOut:
    """One school year of one county, as JSON or as a workbook. With faults: 422 and all of them."""
    name, content = await _content(request)
    dataset = await run_in_threadpool(services.read_dataset, name, content)
    response.headers["Location"] = f"/v1/datasets/{dataset.id}"
    return dataset_out(dataset)


@router.get("/{dataset_id}", summary="What was taken in", responses=responses("dataset_not_found", "invalid_request"))
def show(dataset_id: Annotated[str, Path(max_length=64)], services: Asked) -> DatasetOut:
    """A data set's digest, counts and warnings; its rows are not given out again."""
    return dataset_out(services.dataset(dataset_id))


async def _content(request: Request) -> tuple[str, bytes]:
    """The file's name and content, from either kind of body."""
    kind = media_type(request)
    if kind == "application/json":
        return "body.json", await request.body()
    if kind != "multipart/form-data":
        raise Problem("unsupported_media_type", "send application/json, or a file as multipart/form-data")
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem("bad_request", "the form needs one file, named `file`")
        return file.filename or "upload.xlsx", await file.read()
