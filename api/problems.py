"""Every error of the HTTP interface: RFC 9457 ``application/problem+json`` with a stable ``code``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.documents import fault_document
from api.services import KeyReused, NotFound, NotReady, TooBusy
from rotation.chinese import chinese
from rotation.faults import Fault, InputError
from rotation.words import Words

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status and what it says."""

    status: int
    title: Words


KINDS: Mapping[str, Kind] = {
    "bad_request": Kind(400, Words("请求无法理解", "The request cannot be understood")),
    "malformed_json": Kind(400, Words("不是有效的 JSON", "Not valid JSON")),
    "unauthorized": Kind(401, Words("缺少访问令牌或令牌不对", "No token, or a wrong one")),
    "cross_origin": Kind(403, Words("不接受其他网站发起的请求", "Requests from other sites are refused")),
    "not_found": Kind(404, Words("没有这个地址", "No such address")),
    "dataset_not_found": Kind(404, Words("没有这份数据", "No such data set")),
    "plan_not_found": Kind(404, Words("没有这个方案", "No such plan")),
    "diagnosis_not_found": Kind(404, Words("没有这次诊断", "No such diagnosis")),
    "teacher_not_found": Kind(404, Words("数据中没有这位教师", "No such teacher in the data")),
    "school_not_found": Kind(404, Words("数据中没有这所学校", "No such school in the data")),
    "placement_not_found": Kind(404, Words("方案没有安排这位教师", "The plan does not place this teacher")),
    "policy_not_found": Kind(404, Words("没有这个预设政策", "No such preset")),
    "method_not_allowed": Kind(405, Words("此地址不接受这种方法", "This address does not take this method")),
    "not_acceptable": Kind(406, Words("只能给出 JSON、CSV 或 xlsx", "Only JSON, CSV and xlsx can be given")),
    "plan_not_ready": Kind(409, Words("方案尚未算出, 或没有可行方案", "The plan is not there (yet)")),
    "too_large": Kind(413, Words("内容过大", "The content is too large")),
    "unsupported_media_type": Kind(415, Words("不接受这种内容类型", "This content type is not taken")),
    "invalid_request": Kind(422, Words("请求的内容有误", "The request's content is wrong")),
    "invalid_data": Kind(422, Words("数据有误", "The data set has faults")),
    "invalid_policy": Kind(422, Words("政策有误, 或与数据不相符", "The policy has faults, or does not fit the data")),
    "idempotency_key_reused": Kind(
        422, Words("同一 Idempotency-Key 用于不同的请求", "The key came with another request")
    ),
    "internal_error": Kind(500, Words("程序内部错误", "An internal error")),
    "too_busy": Kind(503, Words("等待的求解过多, 请稍后再试", "Too many solves are waiting, try again later")),
}
_BY_STATUS = {400: "bad_request", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "too_large",
              406: "not_acceptable", 415: "unsupported_media_type", 503: "too_busy"}  # fmt: skip


class WordsOut(BaseModel):
    """The same in both languages."""

    zh: str
    en: str


class FaultOut(BaseModel):
    """One thing wrong with the input, where it is and what to do about it."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "table": "teachers", "row": 12, "column": "joined_year", "cell": None, "value": "20x6", "code": "wrong_type",
        "severity": "error", "advice": {"zh": "此处应为整数。", "en": "Expected a whole number here."}}})  # fmt: skip

    table: str
    row: int | str | None = Field(description="Row number (1 = first data row) or key.")
    column: str | None
    cell: str | None = Field(description="Sheet and cell address, in a workbook.")
    value: str | int | float | bool | None
    code: str
    severity: str = Field(description="error or warning")
    advice: WordsOut


class ProblemOut(BaseModel):
    """RFC 9457. ``code`` is stable, ``faults`` lists everything that is wrong with the input."""

    type: str = Field(description="urn:rotation:problem:<code>")
    title: str
    status: int
    code: str
    detail: str | None = None
    title_zh: str
    faults: list[FaultOut] | None = None


class Problem(HTTPException):
    """Raise it from anywhere below an endpoint."""

    def __init__(self, code: str, detail: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(KINDS[code].status, detail, dict(headers or {}))
        self.code = code


class SafeJSON(JSONResponse):
    """JSON that can always be sent: a lone surrogate, which UTF-8 has no bytes for, goes out as its escape."""

    def render(self, content: Any) -> bytes:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")


def problem_response(
    code: str,
    detail: str | None = None,
    faults: Sequence[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    kind = KINDS[code]
    document: dict[str, Any] = {
        "type": f"urn:rotation:problem:{code}",
        "title": kind.title.en,
        "title_zh": kind.title.zh,
        "status": kind.status,
        "code": code,
    }
    if detail:
        document["detail"] = detail
    if faults is not None:
        document["faults"] = [fault_document(fault) for fault in faults]
    return SafeJSON(document, kind.status, headers, MEDIA_TYPE)


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's ``responses`` for an endpoint that may answer with these problems."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        example = {"type": f"urn:rotation:problem:{code}", "title": kind.title.en, "title_zh": kind.title.zh,
                   "status": kind.status, "code": code}  # fmt: skip
        entry = found.setdefault(kind.status, {
            "model": ProblemOut, "description": HTTPStatus(kind.status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}, "examples": {}}},
        })  # fmt: skip
        entry["content"][MEDIA_TYPE]["examples"][code] = {"summary": kind.title.en, "value": example}
    return found


def as_it_is(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document corrected: errors have one content type (FastAPI adds ``application/json`` to each), and a
    token is needed only where one is set.
    """
    for calls in document["paths"].values():
        for call in calls.values():
            if "security" in call and {} not in call["security"]:
                call["security"].insert(0, {})
            for answer in call["responses"].values():
                if MEDIA_TYPE in answer.get("content", ()):
                    answer["content"].pop("application/json", None)
    return document


def _fault_of(error: Mapping[str, Any]) -> Fault:
    """One of pydantic's errors; its path without the marks of validators, and never the value."""
    place, *path = (str(part) for part in error["loc"])
    column = ".".join(part for part in path if part.isdecimal() or part.replace("-", "_").isidentifier())
    words = Words(f"参数不对: {chinese(error)}", error["msg"])
    return Fault("request", place, column or None, None, error["type"], words)


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem."""

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        code = error.code if isinstance(error, Problem) else _BY_STATUS.get(error.status_code, "bad_request")
        detail = error.detail if isinstance(error, Problem) else None
        return problem_response(code, detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = error.errors()
        if any(item["type"] == "json_invalid" for item in errors):
            return problem_response("malformed_json", str(errors[0].get("ctx", {}).get("error", "")))
        faults = [_fault_of(item) for item in errors]
        return problem_response("invalid_request", faults=faults)

    @app.exception_handler(InputError)
    def faulty(request: Request, error: InputError) -> Response:
        about_policy = all(fault.table == "policy" for fault in error.faults)
        return problem_response("invalid_policy" if about_policy else "invalid_data", faults=error.faults)

    @app.exception_handler(NotFound)
    def unknown(request: Request, error: NotFound) -> Response:
        return problem_response(f"{error.kind}_not_found")

    @app.exception_handler(NotReady)
    def not_ready(request: Request, error: NotReady) -> Response:
        return problem_response("plan_not_ready", f"state: {error.record.state}, status: {error.record.status}")

    @app.exception_handler(KeyReused)
    def reused(request: Request, error: KeyReused) -> Response:
        return problem_response("idempotency_key_reused")

    @app.exception_handler(TooBusy)
    def busy(request: Request, error: TooBusy) -> Response:
        return problem_response("too_busy", headers={"Retry-After": "60"})
