"""The pages beside the API: addresses that are not there, pages that break, several applications in a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from nicegui import ui

from api.jobs import Jobs
from api.pages import mount
from api.services import Services


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app, services = FastAPI(), Services(jobs=Jobs(1))
    mount(app, services)

    @ui.page("/breaks")
    def breaks(request: Request) -> None:
        raise RuntimeError("a teacher's name")

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    services.close()


@pytest.mark.parametrize("path", ["/", "/?lang=en", "/?data=gone&policy=gone"])
def test_the_start_page_is_there_whatever_its_address_remembers(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/plans/none", "/schools/none/S1", "/nowhere", "/a/b/c"])
@pytest.mark.parametrize(("language", "words"), [("zh", "没有找到"), ("en", "Not found")])
def test_what_is_not_there_is_said_in_the_pages_language(
    client: TestClient, path: str, language: str, words: str
) -> None:
    answer = client.get(path, params={"lang": language})
    assert answer.status_code == 404 and words in answer.text


def test_programs_get_a_problem_for_addresses_the_api_has_not(client: TestClient) -> None:
    answer = client.get("/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_page_that_breaks_shows_neither_trace_nor_data(client: TestClient) -> None:
    answer = client.get("/breaks")
    assert answer.status_code == 500
    assert "页面出错" in answer.text and "Traceback" not in answer.text and "a teacher" not in answer.text


def test_two_applications_in_one_process(client: TestClient) -> None:
    """``client`` has served already when the second one is mounted."""
    client.get("/")
    app = FastAPI()
    mount(app, Services(jobs=Jobs(1)))
    assert TestClient(app).get("/").status_code == 200
