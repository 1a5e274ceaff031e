"""What stands before every request: headers that keep a browser safe, a limit on bodies, no requests from other sites."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, problem_response
from api.quiet import place_of

log = logging.getLogger(__name__)

SMALL_BODY = 2_000_000
"""Bytes of a JSON call; data sets may be larger."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Vue compiles the pages' templates in the browser, which needs 'unsafe-eval'; nothing comes from another origin.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class Guard:
    """Pure ASGI, so that server-sent events pass through as they come."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        is_api = path.startswith("/v1")
        limit = SMALL_BODY if is_api and not path.startswith("/v1/datasets") else self.most_bytes

        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                out = MutableHeaders(scope=message)
                out.setdefault("Content-Security-Policy", API_POLICY if is_api else PAGE_POLICY)
                out.setdefault("X-Content-Type-Options", "nosniff")
                out.setdefault("X-Frame-Options", "DENY")
                out.setdefault("Referrer-Policy", "same-origin")
                out.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                out.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                if is_api:
                    out.setdefault("Cache-Control", "no-store")
            await send(message)

        code = self._refusal(scope["method"], headers, limit)
        if code is not None:
            await problem_response(code)(scope, receive, send_safely)
            return
        taken = 0

        async def receive_limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise Problem("too_large")
            return message

        try:
            await self.app(scope, receive_limited, send_safely)
        except Exception as error:
            # Further out, the error's text would go to the log, and with it perhaps a teacher's data.
            log.error("internal error: %s", place_of(error))
            if not started:
                await problem_response("internal_error")(scope, receive, send_safely)

    @staticmethod
    def _refusal(method: str, headers: Headers, limit: int) -> str | None:
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > limit:
            return "too_large"
        origin = headers.get("origin")
        if origin is not None and method not in SAFE_METHODS and urlsplit(origin).netloc != headers.get("host"):
            return "cross_origin"
        return None
