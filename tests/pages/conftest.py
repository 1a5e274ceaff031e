"""A real server in a process of its own, and a real Chromium looking at it."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_site import Site

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # NiceGUI behaves differently where it sees pytest; the server is to be the real one.
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "ROTATION_"))}
    command = [sys.executable, str(Path(__file__).parent / "page_site.py"), str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, env=surroundings, text=True)
    try:
        assert server.stdout is not None
        ready, _, _ = select.select([server.stdout], [], [], START_SECONDS)
        line = server.stdout.readline() if ready else ""
        assert line, "the server did not start"
        yield Site(f"http://127.0.0.1:{port}", json.loads(line))
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: install the packages chromium and fonts-noto-cjk, or set CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def office(chromium: Any, site: Site) -> Iterator[Any]:
    """One browser profile with an office's usual screen; what it has loaded once stays in its cache."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, base_url=site.address)
    yield context
    context.close()


@pytest.fixture
def page(office: Any) -> Iterator[Any]:
    """A fresh page. ``page.asked``: every address it asked for, ``page.wrong``: its errors."""
    page = office.new_page()
    page.set_default_timeout(20_000)
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("websocket", lambda socket: page.asked.append(socket.url))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda line: page.wrong.append(line.text) if line.type == "error" else None)
    yield page
    page.close()
