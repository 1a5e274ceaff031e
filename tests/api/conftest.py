"""A small county and a client of the application, shared by the tests of the ways in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.jobs import Jobs, Solver, find
from api.services import Limits, Services
from api.settings import Settings
from rotation import files
from rotation.county import County
from scenarios.generate import synthetic_county


@pytest.fixture(scope="session")
def county() -> County:
    return synthetic_county(8, 120, seed=1)


@pytest.fixture(scope="session")
def county_file(county: County, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "county.json"
    files.write(county, path)
    return path


@asynccontextmanager
async def client_of(
    solver: Solver = find, limits: Limits | None = None, settings: Settings | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application of its own; broken endpoints answer 500, as they would on the wire."""
    with closing(Services(jobs=Jobs(1, solver), limits=limits)) as services:
        app = create_app(services, settings, with_pages=False)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://rotation.test") as client:
            yield client
