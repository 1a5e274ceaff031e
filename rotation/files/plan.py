"""Plan files: the JSON document ``rotation-plan/1``, the result workbook, a CSV of the placements.

Numbers are whole where they are whole, else rounded to six decimals, kilometres to three; what has no finite value is
null. The result workbook carries the document itself in a hidden sheet, so that it reads back without loss.
"""

from __future__ import annotations

import csv
import io
import math
import numbers
import zipfile
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import python_calamine
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from rotation.chinese import chinese
from rotation.county import County
from rotation.files import jsonfile
from rotation.files.csvfiles import bytes_of
from rotation.files.faultlist import FaultList
from rotation.files.planbook import HIDDEN, PLACEMENT_HEADINGS, PLACEMENTS, placement_rows, write_plan_workbook
from rotation.files.workbook import OLE, UNREADABLE, ZIP, is_safe, refuse_ole
from rotation.files.write import cell_text, lines_of, replacing
from rotation.plan import FORMAT, Placement, Plan, RuleReport, Status, TierReport

# -- writing ----------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A value as JSON has it: exact fractions and numpy numbers become numbers, tuples arrays, infinities null."""
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    if isinstance(value, numbers.Real):
        number = float(value)
        return None if not math.isfinite(number) else int(number) if number.is_integer() else round(number, 6)
    if hasattr(value, "item"):  # numpy's own flags
        return plain(value.item())
    return str(value)


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The document of ``formats``: plain objects, ready for ``json.dumps``."""
    document = {
        "format": FORMAT,
        "year": plan.year,
        "data": plan.data,
        "policy": {"name": plan.policy_name, "digest": plan.policy_digest},
        "status": str(plan.status),
        "placements": [
            {
                "teacher": placement.teacher,
                "home": placement.home,
                "host": placement.host,
                "hosts": placement.hosts,
                "subject": placement.subject,
                "mode": placement.mode,
                "start_year": placement.start_year,
                "years": placement.years,
                "km": round(float(placement.km), 3),
                "decided": placement.decided,
            }
            for placement in plan.placements
        ],
        "tiers": [
            {
                "priority": tier.priority,
                "name": tier.name,
                "value": tier.value,
                "bound": tier.bound,
                "gap": tier.gap,
                "proved": tier.proved,
                "proof": tier.proof,
                "recomputed": tier.recomputed,
                "lp_bound": tier.lp_bound,
            }
            for tier in plan.tiers
        ],
        "rules": [
            {
                "id": rule.id,
                "rule": rule.rule,
                "priority": rule.priority,
                "holds": rule.holds,
                "shortfall": rule.shortfall,
                "cells": rule.cells,
            }
            for rule in plan.rules
        ],
        "metrics": plan.metrics,
        "run": plan.run,
    }
    found: dict[str, Any] = plain(document)
    return found


def plan_text(plan: Plan) -> str:
    """The JSON file's text, one placement, tier or rule a line."""
    return lines_of(plan_to_json(plan))


def placements_csv(plan: Plan, county: County | None) -> str:
    """The placements with names; texts that a spreadsheet would take for a formula are quoted with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([name for name, _ in PLACEMENT_HEADINGS])
    writer.writerows([cell_text(value) for value in row] for row in placement_rows(plan_to_json(plan), county))
    return out.getvalue()


def write_plan(plan: Plan, county: County | None, path: Path) -> None:
    """``.json``, ``.xlsx`` or ``.csv``, as ``path`` ends; the county gives the names. Raises ``ValueError`` otherwise."""
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".json", ".xlsx", ".csv"):
        raise ValueError(f"a plan is written as .json, .xlsx or .csv, not {kind or path.name!r}")
    with replacing(path) as fresh:
        if kind == ".json":
            fresh.write_text(plan_text(plan), encoding="utf-8")
        elif kind == ".csv":
            # The mark at the start lets Excel see that it is UTF-8.
            fresh.write_text(placements_csv(plan, county), encoding="utf-8-sig", newline="")
        else:
            write_plan_workbook(plan_to_json(plan), county, fresh)


# -- reading ----------------------------------------------------------------------------------------------------------

Id = Annotated[str, Field(min_length=1, max_length=64)]
Whole = BeforeValidator(lambda value: int(value) if isinstance(value, float) and value.is_integer() else value)
"""Some programs write 2 as 2.0."""
Year = Annotated[int, Whole, Field(ge=1900, le=2200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    """Names may be added to the format, so unknown ones pass."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _Placement(_Part):
    teacher: Id
    home: Id
    host: Id
    hosts: Annotated[list[Id], Field(max_length=10)] = []
    subject: Annotated[str, Field(min_length=1, max_length=64)]
    mode: Literal["secondment", "attachment", "itinerant"] = "secondment"
    start_year: Year
    years: Annotated[int, Whole, Field(ge=1, le=6)]
    km: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
    decided: bool = False

    @model_validator(mode="after")
    def _host_is_listed(self) -> _Placement:
        if self.hosts and self.host not in self.hosts:
            raise ValueError("host is not among hosts")
        return self


class _Tier(_Part):
    priority: Annotated[int, Whole, Field(ge=1)]
    name: str
    value: Finite
    bound: Finite | None = None
    proved: bool
    proof: str = ""
    recomputed: bool = False
    lp_bound: Finite | None = None


class _Rule(_Part):
    id: str
    rule: str
    priority: int | Literal["must"]
    holds: bool
    shortfall: Finite
    cells: list[dict[str, Any]] = []


class _Policy(_Part):
    name: str
    digest: str


class _Plan(_Part):
    year: Year
    data: str
    policy: _Policy
    status: Literal["optimal", "feasible", "infeasible", "unknown", "failed"]
    placements: list[_Placement] = []
    tiers: list[_Tier] = []
    rules: list[_Rule] = []
    metrics: dict[str, Any] = {}
    run: dict[str, Any] = {}


def read_plan(path: Path) -> Plan:
    """The plan in a ``.json`` file or a result workbook; raises ``InputError`` with every fault."""
    path = Path(path)
    faults = FaultList()
    try:
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        faults.add("not_found", value=str(path))
    faults.raise_errors()
    data = bytes_of(path, faults)
    faults.raise_errors()
    return read_plan_bytes(path.name, data or b"")


def read_plan_bytes(name: str, data: bytes) -> Plan:
    """The plan in an uploaded file."""
    faults = FaultList()
    document: Any = None
    if data.startswith(OLE):
        refuse_ole(name, data, faults)
    elif data.startswith(ZIP):
        document = _document_in_workbook(name, data, faults)
    else:
        document = jsonfile.parse(data, faults)
    faults.raise_errors()
    return plan_of(document)


def plan_of(document: object) -> Plan:
    """The plan that a JSON document describes; raises ``InputError`` with every fault."""
    faults = FaultList()
    if not isinstance(document, dict):
        faults.add("not_a_plan")
    elif document.get("format") != FORMAT:
        said = document.get("format")
        faults.add("not_a_plan" if said is None else "unknown_format", "plan", None, "format", said, expected=FORMAT)
    faults.raise_errors()
    try:
        found = _Plan.model_validate(document)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            _add(faults, each)
        faults.raise_errors()
        raise  # not reached: every error is a fault
    return Plan(
        year=found.year,
        data=found.data,
        policy_name=found.policy.name,
        policy_digest=found.policy.digest,
        status=Status(found.status),
        placements=tuple(
            Placement(**{**placement.model_dump(), "hosts": tuple(placement.hosts)}) for placement in found.placements
        ),
        tiers=tuple(TierReport(**tier.model_dump()) for tier in found.tiers),
        rules=tuple(RuleReport(**{**rule.model_dump(), "cells": tuple(rule.cells)}) for rule in found.rules),
        metrics=found.metrics,
        run=found.run,
    )


def _add(faults: FaultList, error: Any) -> None:
    """One of pydantic's errors as a fault with an address."""
    place = list(error["loc"])
    table = str(place.pop(0)) if len(place) > 1 else "plan"
    row = place.pop(0) + 1 if place and isinstance(place[0], int) else None
    column = ".".join(str(part) for part in place) or None
    value = error["input"]
    if error["type"] == "missing":
        faults.add("missing_value", table, row, column)
    else:
        faults.add("bad_plan_value", table, row, column, value, what=error["msg"], what_zh=chinese(error))


def _document_in_workbook(name: str, data: bytes, faults: FaultList) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if not is_safe(name, packed, faults):
                return None
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            if HIDDEN not in book.sheet_names or PLACEMENTS not in book.sheet_names:
                faults.add("not_a_plan", value=name)
                return None
            chunks = book.get_sheet_by_name(HIDDEN).to_python(skip_empty_area=False)
            seen = book.get_sheet_by_name(PLACEMENTS).to_python(skip_empty_area=False)
    except UNREADABLE:
        faults.add("unreadable", value=name, why="the workbook is damaged", why_zh="工作簿已损坏")
        return None
    # Each chunk stands between two bars, so that no space at its ends is lost on the way.
    document = jsonfile.parse("".join(str(row[0])[1:-1] for row in chunks if row).encode(), faults)
    if isinstance(document, dict) and not faults.errors and _visible(seen) != _hidden(document):
        faults.add("edited_plan", "placements")
    return document


_COMPARED = ("teacher", "home", "host", "subject", "mode", "start_year", "years")


def _hidden(document: dict[str, Any]) -> Any:
    listed = document.get("placements")
    rows = listed if isinstance(listed, list) else []
    return sorted(tuple(str(row.get(key)) for key in _COMPARED) for row in rows if isinstance(row, dict))


def _visible(grid: list[list[Any]]) -> Any:
    places = [i for i, (name, _) in enumerate(PLACEMENT_HEADINGS) if name in _COMPARED]
    names = [name for name, _ in PLACEMENT_HEADINGS if name in _COMPARED]
    order = [places[names.index(name)] for name in _COMPARED]
    rows = [row for row in grid[1:] if any(str(value).strip() for value in row)]
    return sorted(tuple(_said(row[i]) if i < len(row) else "" for i in order) for row in rows)


def _said(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
