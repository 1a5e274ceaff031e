"""The HTTP interface: the way of a plan, and what is answered to everything that is wrong."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
import stand_ins
from conftest import client_of
from pydantic import SecretStr

from api.app import create_app
from api.services import Limits, Services
from api.settings import Settings
from rotation import files
from rotation.county import County
from rotation.files.plan import plan_of
from rotation.policy import load_policy

SNAPSHOT = Path(__file__).parent / "openapi.json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


async def upload(client: httpx.AsyncClient, path: Path) -> dict[str, Any]:
    answer = await client.post("/v1/datasets", content=path.read_bytes(), headers={"content-type": "application/json"})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/datasets/{document['id']}"
    return document


async def start(client: httpx.AsyncClient, dataset: str, key: str | None = None, **more: Any) -> httpx.Response:
    body = {"dataset": dataset, "policy": "national-2014"} | more
    return await client.post("/v1/plans", json=body, headers={"Idempotency-Key": key} if key else {})


async def events(client: httpx.AsyncClient, plan: str, after: int = 0) -> list[tuple[str, dict[str, Any], str | None]]:
    """All server-sent events of a plan, to its end: (event, data, id)."""
    found = []
    answer = await client.get(f"/v1/plans/{plan}/events", headers={"Last-Event-ID": str(after)})
    assert answer.headers["content-type"].startswith("text/event-stream")
    for block in answer.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"]), fields.get("id")))
    return found


def test_from_data_to_a_checked_plan(county: County, county_file: Path) -> None:
    async def work() -> None:
        async with client_of() as client:
            dataset = await upload(client, county_file)
            assert dataset["digest"] == files.digest(county)
            assert dataset["counts"]["teachers"] == 120
            taken = await start(client, dataset["id"])
            assert taken.status_code == 202
            address = taken.headers["location"]
            plan = taken.json()["id"]
            assert address == f"/v1/plans/{plan}"

            news = await events(client, plan)
            assert [event for event, _, _ in news[:-1]] == ["progress"] * (len(news) - 1)
            assert [number for _, _, number in news[:-1]] == [str(n) for n in range(1, len(news))]
            tiers = [data for _, data, _ in news if data.get("phase") == "tier"]
            assert tiers and {"incumbent", "bound", "tier", "seconds"} <= tiers[0].keys()
            assert news[-1][0] == "end" and news[-1][1]["state"] == "done"
            resumed = await events(client, plan, after=len(news) - 2)
            assert [event for event, _, _ in resumed] == ["progress", "end"]

            shown = (await client.get(address)).json()
            assert (shown["state"], shown["status"]) == ("done", "optimal")
            assert [tier["priority"] for tier in shown["tiers"]] == [1, 2, 3, 4]
            assert all(tier["proved"] for tier in shown["tiers"])
            assert shown["metrics"]["moved"] == shown["placements"] > 0
            assert [row["standard"] for row in shown["metrics"]["evidence"]] == [0.1, 0.2]
            assert set(shown["metrics"]["variation"]) == {"primary", "junior"}

            page = (await client.get(f"{address}/placements", params={"limit": 2})).json()
            assert len(page["items"]) == 2 and page["total"] == shown["placements"]
            rest = (await client.get(page["next"])).json()
            everybody = (await client.get(f"{address}/placements", params={"limit": 1000})).json()
            assert everybody["next"] is None
            assert everybody["items"][:4] == page["items"] + rest["items"][:2]

            table = (await client.get(f"{address}/placements", headers={"Accept": "text/csv"})).content
            rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
            assert [row["teacher"] for row in rows] == [item["teacher"] for item in everybody["items"]]
            book = (await client.get(f"{address}/placements", headers={"Accept": f"{XLSX}, */*;q=0.1"})).content
            assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames

            report = (await client.post(f"{address}/check")).json()
            assert report["holds"] is True
            assert [tier["value"] for tier in report["tiers"]] == [tier["value"] for tier in shown["tiers"]]
            assert {rule["id"] for rule in report["rules"]} == {rule.id for rule in load_policy("national-2014").rules}
            document = plan_of((await client.get(f"{address}/file")).json())
            assert document.data == dataset["digest"] and len(document.placements) == shown["placements"]

            near = await start(client, dataset["id"], options={"baseline": plan, "seed": 3})
            assert near.status_code == 202
            listed = (await client.get("/v1/plans")).json()
            assert [item["id"] for item in listed["items"]] == [near.json()["id"], plan]

    run(work())


def test_a_workbook_is_the_same_data_set(county: County, tmp_path: Path) -> None:
    async def work() -> None:
        path = tmp_path / "county.xlsx"
        files.write(county, path)
        async with client_of() as client:
            answer = await client.post("/v1/datasets", files={"file": (path.name, path.read_bytes(), XLSX)})
            assert answer.status_code == 201
            assert answer.json()["digest"] == files.digest(county)
            shown = await client.get(answer.headers["location"])
            assert shown.json() == answer.json()

    run(work())


def test_the_same_key_brings_the_same_plan(county_file: Path) -> None:
    async def work() -> None:
        async with client_of(stand_ins.waits, Limits(most_waiting=2)) as client:
            dataset = (await upload(client, county_file))["id"]
            answers = await asyncio.gather(*(start(client, dataset, "k") for _ in range(5)))
            assert {answer.status_code for answer in answers} == {202}
            (plan,) = {answer.json()["id"] for answer in answers}
            other = await start(client, dataset, "k", options={"seed": 2})
            assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
            assert (await start(client, dataset)).json()["id"] != plan
            full = await start(client, dataset)
            assert (full.status_code, full.json()["code"]) == (503, "too_busy")
            assert (await client.get("/readyz")).status_code == 503
            assert (await start(client, dataset, "k")).json()["id"] == plan

    run(work())


def test_stop_ends_a_running_and_a_queued_plan(county_file: Path) -> None:
    async def work() -> None:
        async with client_of(stand_ins.waits) as client:
            dataset = (await upload(client, county_file))["id"]
            plans = [(await start(client, dataset)).json()["id"] for _ in range(2)]
            early = await client.get(f"/v1/plans/{plans[0]}/placements")
            assert (early.status_code, early.json()["code"]) == (409, "plan_not_ready")
            for plan in plans[::-1]:
                assert (await client.post(f"/v1/plans/{plan}/stop")).status_code == 202
                assert (await client.post(f"/v1/plans/{plan}/stop")).status_code == 202
            for plan in plans:
                last = (await events(client, plan))[-1][1]
                assert (last["state"], last["status"], last["stopped_by"]) == ("done", "unknown", "user")

    run(work())


def test_a_failing_solve_fails_its_plan_only(county_file: Path) -> None:
    async def work() -> None:
        async with client_of(stand_ins.raises) as client:
            dataset = (await upload(client, county_file))["id"]
            plan = (await start(client, dataset)).json()["id"]
            (end,) = await events(client, plan)
            assert end[1]["state"] == "failed" and "ValueError" in end[1]["message"]["en"]
            assert stand_ins.SECRET not in json.dumps(end, ensure_ascii=False)
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            assert 'rotation_plans{state="failed"} 1' in (await client.get("/metrics")).text

    run(work())


def test_data_that_a_policy_cannot_be_applied_to(county: County, tmp_path: Path) -> None:
    async def work() -> None:
        document = json.loads(files.write(county, tmp_path / "c.json") or (tmp_path / "c.json").read_text("utf-8"))
        for row in document["teachers"][:3]:
            row.pop("birth_date", None)
        async with client_of() as client:
            dataset = (await client.post("/v1/datasets", json=document)).json()["id"]
            refused = await start(client, dataset)
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid_data")
            named = {fault["row"] for fault in refused.json()["faults"]}
            assert named == {row["id"] for row in document["teachers"][:3]}

    run(work())


JSON = {"content-type": "application/json"}
PLAN: dict[str, Any] = {"dataset": "x", "policy": "national-2014"}
WRONG: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/v1/nothing", {}, 404, "not_found"),
    ("GET", "/v1", {}, 404, "not_found"),
    ("GET", "/nothing", {}, 404, "not_found"),
    ("DELETE", "/v1/plans", {}, 405, "method_not_allowed"),
    ("GET", "/v1/datasets", {}, 405, "method_not_allowed"),
    ("POST", "/healthz", {}, 405, "method_not_allowed"),
    ("GET", "/v1/plans/nobody", {}, 404, "plan_not_found"),
    ("GET", "/v1/plans/nobody/events", {}, 404, "plan_not_found"),
    ("POST", "/v1/plans/nobody/stop", {}, 404, "plan_not_found"),
    ("POST", "/v1/plans/nobody/check", {}, 404, "plan_not_found"),
    ("GET", "/v1/plans/nobody/placements", {}, 404, "plan_not_found"),
    ("GET", "/v1/datasets/nobody", {}, 404, "dataset_not_found"),
    ("GET", "/v1/policies/nobody", {}, 404, "policy_not_found"),
    ("GET", "/v1/plans?limit=0", {}, 422, "invalid_request"),
    ("GET", "/v1/plans?offset=-1", {}, 422, "invalid_request"),
    ("POST", "/v1/plans", {"content": "{", "headers": JSON}, 400, "malformed_json"),
    ("POST", "/v1/plans", {"content": b"\xff\xfe", "headers": JSON}, 400, "malformed_json"),
    ("POST", "/v1/plans", {"content": "[" * 100_000 + "]" * 100_000, "headers": JSON}, 400, "bad_request"),
    ("POST", "/v1/plans", {"content": "{}"}, 415, "unsupported_media_type"),
    ("POST", "/v1/plans", {"content": b" " * 3_000_000, "headers": JSON}, 413, "too_large"),
    ("POST", "/v1/plans", {"json": {}}, 422, "invalid_request"),
    ("POST", "/v1/plans", {"json": [1]}, 422, "invalid_request"),
    ("POST", "/v1/plans", {"json": PLAN}, 404, "dataset_not_found"),
    ("POST", "/v1/plans", {"json": PLAN | {"polcy": 1}}, 422, "invalid_request"),
    ("POST", "/v1/plans", {"json": PLAN | {"options": {"seed": False}}}, 422, "invalid_request"),
    ("POST", "/v1/plans", {"json": PLAN | {"options": {"seed": "1"}}}, 422, "invalid_request"),
    ("POST", "/v1/plans", {"json": PLAN | {"options": {"time_limit_seconds": 0}}}, 422, "invalid_request"),
    ("POST", "/v1/plans", {"json": PLAN | {"policy": "../national-2014"}}, 422, "invalid_policy"),
    ("POST", "/v1/plans", {"json": PLAN | {"policy": "/etc/passwd"}}, 422, "invalid_policy"),
    ("POST", "/v1/plans", {"json": PLAN | {"policy": {"name": "x", "rules": [{"rule": "x"}]}}}, 422, "invalid_policy"),
    ("POST", "/v1/plans", {"content": '{"dataset": "x", "policy": {"name": "\\ud800"}}', "headers": JSON}, 422,
     "invalid_request"),
    ("POST", "/v1/plans", {"content": '{"dataset": "x", "policy": {"name": "x", "a": NaN}}', "headers": JSON}, 422,
     "invalid_request"),
    ("POST", "/v1/plans", {"json": PLAN, "headers": {"origin": "https://elsewhere.example"}}, 403, "cross_origin"),
    ("POST", "/v1/plans", {"json": PLAN, "headers": {"Idempotency-Key": ""}}, 422, "invalid_request"),
    ("POST", "/v1/datasets", {"content": b"year,2026"}, 415, "unsupported_media_type"),
    ("POST", "/v1/datasets", {"content": b"", "headers": JSON}, 422, "invalid_data"),
    ("POST", "/v1/datasets", {"content": "[" * 100_000, "headers": JSON}, 422, "invalid_data"),
    ("POST", "/v1/datasets", {"json": {"year": 2026, "schools": 1}}, 422, "invalid_data"),
    ("POST", "/v1/datasets", {"files": {"file": ("x.xlsx", b"PK\3\4 no zip")}}, 422, "invalid_data"),
    ("POST", "/v1/datasets", {"files": {"other": ("x.xlsx", b"x")}}, 400, "bad_request"),
    ("POST", "/v1/datasets", {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "bad_request"),
    ("POST", "/v1/datasets", {"content": b" " * 60_000_000, "headers": JSON}, 413, "too_large"),
]  # fmt: skip


def test_everything_wrong_is_a_problem_with_a_code() -> None:
    async def work() -> None:
        async with client_of() as client:
            for method, path, request, status, code in WRONG:
                answer = await client.request(method, path, **request)
                said = f"{method} {path}: {answer.status_code} {answer.text[:300]}"
                assert (answer.status_code, answer.json().get("code")) == (status, code), said
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["status"] == status and answer.json()["type"].endswith(code)
                assert status != 405 or answer.headers["allow"]

    run(work())


def test_a_body_without_a_length_is_limited_too() -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 1_000_000

    async def work() -> None:
        async with client_of() as client:
            for path in ("/v1/plans", "/v1/datasets"):
                answer = await client.post(path, content=endless(), headers=JSON)
                assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    run(work())


def test_nothing_comes_from_another_origin() -> None:
    async def work() -> None:
        async with client_of() as client:
            for path in ("/v1/policies", "/v1/nothing", "/healthz"):
                headers = (await client.get(path)).headers
                policy = headers["content-security-policy"]
                assert "default-src 'none'" in policy or "default-src 'self'" in policy
                assert not any(word in policy for word in ("http:", "https:", "*", "ws:"))
                assert headers["x-content-type-options"] == "nosniff"
                assert "access-control-allow-origin" not in headers

    run(work())


def test_a_token_closes_v1_and_nothing_else() -> None:
    async def work() -> None:
        settings = Settings(token=SecretStr("open sesame"))
        async with client_of(settings=settings) as client:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic open sesame"}):
                answer = await client.get("/v1/policies", headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
                assert answer.headers["www-authenticate"] == "Bearer"
            answer = await client.get("/v1/policies", headers={"Authorization": "Bearer open sesame"})
            assert answer.status_code == 200
            assert (await client.get("/healthz")).status_code == 200

    run(work())


def test_an_error_of_ours_is_500_and_tells_nothing_of_the_data(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(self: Services) -> None:
        raise ValueError(stand_ins.SECRET)

    async def work() -> None:
        async with client_of() as client:
            monkeypatch.setattr(Services, "policies", breaks)
            answer = await client.get("/v1/policies")
            assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
            assert answer.headers["content-type"] == "application/problem+json"
            assert stand_ins.SECRET not in answer.text + caplog.text
            assert "ValueError (test_http:" in caplog.text

    run(work())


def test_a_rule_that_selects_nothing_is_said(county_file: Path) -> None:
    async def work() -> None:
        async with client_of(stand_ins.waits) as client:
            rule = {"rule": "rotation_quota", "id": "elsewhere", "where": {"township": ["nowhere"]}}
            policy = {"name": "p", "extends": "national-2014", "rules": [rule]}
            dataset = (await upload(client, county_file))["id"]
            said = (await start(client, dataset, policy=policy)).json()["warnings"]
            assert ("elsewhere", "selects_nothing") in [(fault["row"], fault["code"]) for fault in said]

    run(work())


def test_a_preset_can_be_sent_back_as_a_policy(county_file: Path) -> None:
    async def work() -> None:
        async with client_of(stand_ins.waits) as client:
            listed = (await client.get("/v1/policies")).json()
            assert all(sentence["zh"] and sentence["en"] for policy in listed for sentence in policy["sentences"])
            whole = (await client.get("/v1/policies/national-2014")).json()
            dataset = (await upload(client, county_file))["id"]
            one, other = await start(client, dataset), await start(client, dataset, policy=whole)
            assert one.json()["policy"] == other.json()["policy"]

    run(work())


def test_the_openapi_document_is_the_one_agreed_on(request: pytest.FixtureRequest) -> None:
    """A change shows in review. Write it anew: ``python -m api.openapi > tests/api/openapi.json``."""
    assert create_app(with_pages=False).openapi() == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_call_says_what_it_may_answer() -> None:
    document = create_app(with_pages=False).openapi()
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            assert call["summary"] and call["description"], f"{method} {path}"
            if path.startswith("/v1"):
                assert "401" in call["responses"]
                for status, answer in call["responses"].items():
                    assert status < "400" or "application/problem+json" in answer["content"], f"{path} {status}"
