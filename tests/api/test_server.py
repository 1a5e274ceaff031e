"""``rotation serve`` as it is: a process, a port, a browser's and a program's requests, Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.cli import run

SERVE = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", "0"]


@contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address; gone afterwards whatever happens."""
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server, server.stdout.readline().strip()
        finally:
            server.kill()


def test_serve_answers_programs_and_people_and_ends_on_a_signal(county_file: Path) -> None:
    with serving() as (server, address):
        assert address.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=address, timeout=30) as client:
            assert client.get("/readyz").json() == {"status": "ok"}
            page = client.get("/")
            assert page.status_code == 200 and "text/html" in page.headers["content-type"]
            assert "default-src 'self'" in page.headers["content-security-policy"]
            for path, status in (("/v1/nothing", 404), ("/v1/plans/x", 404)):
                assert client.get(path).headers["content-type"] == "application/problem+json", path
                assert client.get(path).status_code == status
            headers = {"content-type": "application/json"}
            data = client.post("/v1/datasets", content=county_file.read_bytes(), headers=headers).json()
            plan = client.post("/v1/plans", json={"dataset": data["id"], "policy": "national-2014"}).json()
            with client.stream("GET", f"/v1/plans/{plan['id']}/events") as events:
                lines = [line for line in events.iter_lines() if line.startswith("event: ")]
            assert lines[-1] == "event: end" and "event: progress" in lines
            assert client.get(f"/v1/plans/{plan['id']}").json()["status"] == "optimal"
            assert client.get(f"/plans/{plan['id']}").status_code == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0
        assert server.stderr is not None and "Traceback" not in server.stderr.read()


def test_a_port_in_use_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["serve", "--port", port]) == 2
    assert port in capsys.readouterr().err
