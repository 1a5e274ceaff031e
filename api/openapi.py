"""Prints the OpenAPI document: ``python -m api.openapi``."""

from __future__ import annotations

import json
from contextlib import closing

from api.app import create_app
from api.services import Services


def main() -> None:
    with closing(Services()) as services:
        document = create_app(services, with_pages=False).openapi()
    print(json.dumps(document, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
