"""A case as JSON: how a run is told what to solve."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.cases import Case, Listed, MadeUp, Published, Source

KINDS = {"made-up": MadeUp, "listed": Listed, "published": Published}


def case_document(case: Case) -> dict[str, Any]:
    source = asdict(case.source)
    (kind,) = (name for name, cls in KINDS.items() if isinstance(case.source, cls))
    plain = {key: str(value) if isinstance(value, Path) else value for key, value in source.items()}
    return asdict(case) | {"source": {"kind": kind} | plain}


def case_from(document: dict[str, Any]) -> Case:
    given = dict(document["source"])
    kind = KINDS[given.pop("kind")]
    if "path" in given:
        given["path"] = Path(given["path"])
    source: Source = kind(**given)
    return Case(**(document | {"source": source}))
