"""The web application: ``/v1`` for programs, the pages for people, one set of services behind both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from itertools import takewhile

from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from api import problems
from api.datasets.endpoints import router as datasets
from api.depends import require_token
from api.diagnoses.endpoints import router as diagnoses
from api.diagnoses.service import Diagnoses
from api.explanations.endpoints import router as explanations
from api.explanations.service import Explanations
from api.guard import Guard
from api.operations.endpoints import router as operations
from api.plans.endpoints import router as plans
from api.policies.endpoints import router as policies
from api.problems import problem_response
from api.services import Services
from api.settings import Settings

DESCRIPTION = """Plans teacher rotation (教师交流轮岗) for county and district education bureaus, with a proof of every plan.

Every error is an RFC 9457 problem (`application/problem+json`) with a stable `code`."""


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


async def nowhere(request: Request) -> Response:
    """404; or 405, where another method would have been right."""
    ours = takewhile(lambda route: getattr(route, "endpoint", None) is not nowhere, request.app.router.routes)
    tried = [(route, method) for route in ours for method in ("GET", "POST")]
    allowed = {method for route, method in tried if route.matches({**request.scope, "method": method})[0] == Match.FULL}
    if allowed:
        return problem_response("method_not_allowed", headers={"Allow": ", ".join(sorted(allowed))})
    return problem_response("not_found")


def create_app(
    services: Services | None = None, settings: Settings | None = None, *, with_pages: bool = True
) -> FastAPI:
    """The application on ``services`` (new ones unless given), which are closed with it."""
    settings = settings or Settings()
    services = services or Services(limits=settings.limits())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.diagnoses.close()
        app.state.services.close()

    app = FastAPI(
        title="Rotation",
        version=version("rotation"),
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/v1/openapi.json",
        docs_url=None,  # their pages load scripts from other origins
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    describe = app.openapi
    app.state.services, app.state.settings = services, settings
    app.state.diagnoses = Diagnoses(services)
    app.state.explanations = Explanations(services)
    app.add_middleware(Guard, most_bytes=settings.upload_mb * 1_000_000)
    problems.install(app)
    app.openapi = lambda: problems.as_it_is(describe())  # type: ignore[method-assign]
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(require_token)], responses=problems.responses("unauthorized"))
    for router in (datasets, plans, explanations, diagnoses, policies):
        v1.include_router(router)
    app.include_router(v1)
    app.include_router(operations)
    # The pages take what is left, but an address below /v1 is a program's.
    for path in ("/v1", "/v1/{rest:path}"):
        app.add_route(path, nowhere, methods=METHODS, include_in_schema=False)
    if with_pages:
        from api.pages import mount

        mount(app, services)
    return app
