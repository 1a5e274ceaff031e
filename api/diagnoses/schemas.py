"""What the diagnosis calls take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.diagnoses.service import DiagnosisRecord
from api.documents import fault_document
from api.plans.schemas import PolicyDocument, PolicyNamed, Strict, Text
from api.problems import FaultOut, WordsOut
from api.records import State
from rotation.plan import Status


class DiagnosisOptions(Strict):
    """``time_limit_seconds``: after that long, what was found so far."""

    time_limit_seconds: Annotated[float, Field(gt=0, le=86_400)] | None = None


class DiagnosisIn(Strict):
    """What to diagnose: a data set under a preset's name or a whole policy."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "dataset": "d-0f3a5c7e9b1d2468",
                "policy": {"name": "青溪县 2026", "extends": "national-2014"},
                "options": {"time_limit_seconds": 60},
            }
        }
    )

    dataset: Text
    policy: Text | PolicyDocument
    options: DiagnosisOptions = DiagnosisOptions()


class MemberOut(BaseModel):
    """A rule cell in a conflict."""

    rule: str
    kind: str
    cell: dict[str, str]
    role: str = Field(description="cell: it ties placements; refusal: it says who may move at all.")
    sentence: WordsOut
    now: float | None = Field(description="What the cell measures before any plan.")
    least: float | None
    most: float | None
    reach: float | None = Field(description="The most it could come to by itself, where counting tells.")
    gain: float | None = Field(
        description="How many persons less the first cell lacks when this one's limit gives way by one."
    )


class CellOut(BaseModel):
    rule: str
    cell: dict[str, str]


class DiagnosedConflictOut(BaseModel):
    """Rule cells that cannot hold together; without any one of them the others can."""

    rules: list[str]
    members: list[MemberOut]
    proof: str = Field(description="counting, or solved")
    statement: WordsOut
    schools: list[str]
    teachers: list[str] = Field(description="Those who could help, at most 100.")
    likewise: list[CellOut] = Field(description="Cells that conflict with the rest in place of the first one.")
    irreducible: bool


class ShortfallOut(DiagnosedConflictOut):
    """What stops the last cells of a soft rule."""

    rule: str


class ChangeOut(BaseModel):
    """One parameter of one rule; none: the rule is lifted."""

    rule: str
    parameter: str | None
    before: Any
    after: Any
    schools: list[str] | None = Field(description="Only there; none: everywhere.")
    words: WordsOut


class PriceOut(BaseModel):
    """A tier of the best plan found under the changed policy; no plan has less than `bound`."""

    priority: int
    name: str
    value: float
    bound: float | None


class WayOutOut(BaseModel):
    """A changed policy under which a plan was found that the checker accepts."""

    kind: str = Field(description="number, schools, soft")
    words: WordsOut
    changes: list[ChangeOut]
    cost: float = Field(description="See `measure`.")
    least: bool = Field(description="No smaller change of that one number suffices; it was tried.")
    tiers: list[PriceOut]
    placements: int
    policy: dict[str, Any] = Field(description="The whole changed policy; it can be sent as a plan's policy.")


class DiagnosisOut(BaseModel):
    """A diagnosis on its way. `status` and the rest are there when `state` is done."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "id": "g-5b1f0c2d3e4a5968", "dataset": "d-0f3a5c7e9b1d2468",
        "policy": {"name": "national-2014", "digest": "sha256:…"}, "state": "done", "status": "infeasible",
        "phase": "ways", "message": {"zh": "硬性规则不能同时满足", "en": "the `must` rules cannot hold together"},
        "created": "2026-07-01T08:00:00Z", "finished": "2026-07-01T08:00:02Z", "faults": [], "conflicts": [],
        "ways": [], "shortfalls": [], "measure": None, "complete": True, "seconds": 1.9}})  # fmt: skip

    id: str
    dataset: str
    policy: PolicyNamed
    state: State
    status: Status | None = Field(description="infeasible, feasible, or unknown: time ran out.")
    phase: str | None = Field(description="options, conflicts, ways, shortfalls")
    message: WordsOut | None
    created: datetime
    finished: datetime | None
    faults: list[FaultOut] = Field(description="Why data and policy do not fit together.")
    conflicts: list[DiagnosedConflictOut]
    ways: list[WayOutOut] = Field(description="The cheapest first.")
    shortfalls: list[ShortfallOut] = Field(description="Where the rules hold: what keeps soft rules short.")
    measure: WordsOut | None = Field(description="What a way out's cost counts.")
    complete: bool
    seconds: float | None


def diagnosis_out(record: DiagnosisRecord) -> DiagnosisOut:
    found = record.document or {}
    return DiagnosisOut(
        id=record.id,
        dataset=record.dataset_id,
        policy=PolicyNamed(name=record.policy.name, digest=record.policy.digest),
        state=record.state,
        status=record.status,
        phase=record.phase,
        message=None if record.message is None else WordsOut(zh=record.message.zh, en=record.message.en),
        created=record.created,
        finished=record.finished,
        faults=[FaultOut.model_validate(fault_document(fault)) for fault in record.faults],
        conflicts=found.get("conflicts", []),
        ways=found.get("ways", []),
        shortfalls=found.get("shortfalls", []),
        measure=found.get("measure"),
        complete=found.get("complete", record.document is not None),
        seconds=found.get("seconds"),
    )
