"""A plan's placements in the dress that the caller accepts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from api.problems import Problem
from rotation import files
from rotation.county import County
from rotation.plan import Plan

JSON = "application/json"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFERED = (JSON, CSV, XLSX)


def accepted(header: str) -> str:
    """The best of what is offered by an ``Accept`` header; JSON where nothing is asked for. Raises Problem 406."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((_quality(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        if name and quality > 0:
            wanted.append((-quality, place, name))
    for _, _, name in sorted(wanted):
        for offer in OFFERED:
            if name in (offer, "*/*", offer.split("/")[0] + "/*"):
                return offer
    if wanted:
        raise Problem("not_acceptable", f"offered: {', '.join(OFFERED)}")
    return JSON


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def dressed(plan: Plan, county: County, kind: str) -> bytes:
    """The whole plan as a CSV or xlsx file."""
    with tempfile.TemporaryDirectory(prefix="rotation-") as folder:
        path = Path(folder) / ("plan.csv" if kind == CSV else "plan.xlsx")
        files.write_plan(plan, county, path)
        return path.read_bytes()
