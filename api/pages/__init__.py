"""The web pages: one more client of ``api.services``, on the same server as the API, with nothing from outside."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from nicegui import Client, ui
from nicegui import app as pages_app

from api.pages import shell
from api.pages.outcome import show_outcome, show_running
from api.pages.plan import PlanPage
from api.pages.school import show_school
from api.pages.start import StartPage
from api.pages.texts import Language, language_of, say
from api.pages.view import Views
from api.problems import problem_response
from api.services import NotFound, Services

BUILD_SECONDS = 60.0
"""A city's plan may take seconds to count, once."""


def mount(app: FastAPI, services: Services) -> None:
    """Serve the pages at ``/`` of ``app``; call it after every other route is there, it takes what is left.

    NiceGUI knows one application a process: after a second call, the pages of both show the second one's services.
    """
    views = Views(services)

    @ui.page("/", response_timeout=BUILD_SECONDS)
    def start(request: Request, lang: str = "zh", data: str = "", policy: str = "") -> None:
        StartPage(services, request, language_of(lang), data or None, policy or None)

    @ui.page("/plans/{plan_id}", response_timeout=BUILD_SECONDS)
    async def plan(request: Request, plan_id: str, lang: str = "zh", school: str = "") -> Response | None:
        language = language_of(lang)
        try:
            record = services.plan(plan_id)
        except NotFound:
            return _missing(request, language, "not_found_plan")
        view = await views.of(record, language)
        if not record.state.is_final:
            show_running(services, record, request, language)
        elif view is None:
            show_outcome(services, record, request, language)
        else:
            PlanPage(view, request, language, school or None)
        return None

    @ui.page("/schools/{plan_id}/{school_id}", response_timeout=BUILD_SECONDS)
    async def school(request: Request, plan_id: str, school_id: str, lang: str = "zh") -> Response | None:
        language = language_of(lang)
        try:
            view = await views.of(services.plan(plan_id), language)
        except NotFound:
            view = None
        if view is None:
            return _missing(request, language, "not_found_plan")
        if school_id not in view.county.school:
            return _missing(request, language, "not_found_school")
        show_school(view, school_id, request, language)
        return None

    @pages_app.exception_handler(404)
    async def nowhere(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/v1"):  # the pages take every address that the API has not
            return problem_response("not_found")
        with Client(ui.page(""), request=request):
            return _missing(request, language_of(request.query_params.get("lang")), "not_found_page")

    @pages_app.on_page_exception
    def broke(error: Exception) -> None:
        request = ui.context.client.request
        language = language_of(request.query_params.get("lang"))
        shell.message(request, language, say("broke", language), say("broke_text", language), 500)

    # NiceGUI wants to add its middleware on every call, which an application that has served once refuses.
    pages_app.middleware_stack = None
    pages_app.user_middleware.clear()
    ui.run_with(
        app,
        title="教师交流轮岗 Rotation",
        favicon=shell.FAVICON,
        language="zh-CN",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=30,
    )


def _missing(request: Request, language: Language, text: str) -> Response:
    return shell.message(request, language, say("not_found", language), say(text, language), 404)


__all__ = ["mount"]
