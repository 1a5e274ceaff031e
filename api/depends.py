"""What endpoints ask for: the services, the caller's token, a JSON body."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Problem
from api.services import Services
from api.settings import Settings

_bearer = HTTPBearer(auto_error=False, description="Needed when the server was started with ROTATION_TOKEN.")


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Asked = Annotated[Services, Depends(_services)]


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Set = Annotated[Settings, Depends(_settings)]


def require_token(settings: Set, shown: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> None:
    """401 unless the caller shows the token that is set, if one is."""
    if settings.token is None:
        return
    given = shown.credentials if shown is not None else ""
    if not hmac.compare_digest(given.encode(), settings.token.get_secret_value().encode()):
        raise Problem("unauthorized", headers={"WWW-Authenticate": "Bearer"})


def require_json(request: Request) -> None:
    """415 unless the body says that it is JSON."""
    kind = media_type(request)
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem("unsupported_media_type", "send application/json")


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip().lower()
