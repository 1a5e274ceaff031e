"""Requests made up from the OpenAPI document: none breaks the server or gets an answer that the document does not know."""

from __future__ import annotations

from typing import Any

import schemathesis
import stand_ins
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.jobs import Jobs
from api.services import Services

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LENIENT = "/v1/datasets"
"""Reads what it can understand, such as a whole number written as text: not everything off the schema is refused."""

APP = create_app(Services(jobs=Jobs(1, stand_ins.waits)), with_pages=False)
SCHEMA: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", APP)


@SCHEMA.parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_made_up_requests(case: Any) -> None:
    strict = [] if case.path == LENIENT else [negative_data_rejection]
    case.call_and_validate(checks=[*CHECKS, *strict])
