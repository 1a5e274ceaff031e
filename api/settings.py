"""What the surroundings set: environment variables named ``ROTATION_…``, or a ``.env`` file."""

from __future__ import annotations

import os

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.services import Limits


class Settings(BaseSettings):
    """``token``: when given, programs show it as a Bearer token to every ``/v1`` call."""

    model_config = SettingsConfigDict(env_prefix="ROTATION_", env_file=".env", extra="ignore")

    token: SecretStr | None = None
    jobs: int = Field(default=max(1, (os.cpu_count() or 2) // 2), ge=1, le=256, description="Solves at a time.")
    workers: int = Field(default=2, ge=1, le=256, description="Threads of a solve.")
    most_waiting: int = Field(default=100, ge=1, description="Unfinished plans.")
    upload_mb: int = Field(default=50, ge=1, le=2000, description="The largest request body.")

    def limits(self) -> Limits:
        return Limits(self.jobs, self.workers, self.most_waiting)
