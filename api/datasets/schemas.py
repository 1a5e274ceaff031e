"""What the data set calls take and give."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.documents import fault_document
from api.problems import FaultOut
from api.records import Dataset
from rotation.files.tables import COUNTY, LISTED, Column

EXAMPLE: dict[str, Any] = {
    "year": 2026,
    "name": "青溪县",
    "schools": [
        {"id": "S01", "name": "县一小", "levels": ["primary"], "area": "urban", "lon": 107.88, "lat": 25.41},
        {"id": "S02", "name": "河口小学", "levels": ["primary"], "area": "rural", "lon": 107.95, "lat": 25.47},
    ],
    "posts": [
        {"school": "S01", "subject": "maths", "required": 1, "capacity": 3},
        {"school": "S02", "subject": "maths", "required": 1, "capacity": 2},
    ],
    "teachers": [
        {"id": "T001", "school": "S01", "subjects": ["maths"], "levels": ["primary"], "joined_year": 2012,
         "sex": "F", "birth_date": "1986-03-05", "backbone": "county"},
    ],
}  # fmt: skip


class DatasetOut(BaseModel):
    """A data set that was taken. The id names it in later calls; the digest is that of its canonical JSON."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "id": "d-0f3a5c7e9b1d2468", "digest": "sha256:…", "year": 2026, "name": "青溪县",
        "counts": {"schools": 2, "posts": 2, "groups": 0, "teachers": 1, "terms": 0, "preferences": 0, "decisions": 0,
                   "travel": 0}, "warnings": []}})  # fmt: skip

    id: str
    digest: str
    year: int
    name: str | None
    counts: dict[str, int] = Field(description="Table → rows.")
    warnings: list[FaultOut]


def dataset_out(dataset: Dataset) -> DatasetOut:
    return DatasetOut(
        id=dataset.id,
        digest=dataset.digest,
        year=dataset.county.year,
        name=dataset.county.name,
        counts=dict(dataset.counts),
        warnings=[FaultOut.model_validate(fault_document(fault)) for fault in dataset.warnings],
    )


def json_schema() -> dict[str, Any]:
    """The JSON dress of a data set, from the one table definition."""
    properties = {column.name: _value(column) for column in COUNTY.columns}
    for table in LISTED:
        properties[table.name] = {
            "type": "array",
            "description": f"{table.zh}: {table.says.en}",
            "minItems": 0 if table.may_be_empty else 1,
            "items": {
                "type": "object",
                "properties": {column.name: _value(column) for column in table.columns},
                "required": [column.name for column in table.columns if column.required],
            },
        }
    required = [column.name for column in COUNTY.columns if column.required]
    required += [table.name for table in LISTED if not table.may_be_empty]
    return {"type": "object", "properties": properties, "required": required, "example": EXAMPLE}


def _value(column: Column) -> dict[str, Any]:
    says = {"description": f"{column.zh}: {column.says.en}"}
    choice = {"type": "string", "enum": list(column.choices or ())}
    match column.kind:
        case "id":
            return {"type": "string", "minLength": 1, "maxLength": 64} | says
        case "whole" | "number":
            kind = "integer" if column.kind == "whole" else "number"
            return {"type": kind, "minimum": column.least, "maximum": column.most} | says
        case "flag":
            return {"type": "boolean"} | says
        case "choice":
            return choice | says
        case "choices":
            return {"type": "array", "items": choice} | says
        case "list":
            return {"type": "array", "items": {"type": "string", "maxLength": column.longest}} | says
        case "date":
            return {"type": "string", "format": "date"} | says
    return {"type": "string", "maxLength": column.longest} | says
