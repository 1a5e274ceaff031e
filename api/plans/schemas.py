"""What the plan calls take and give."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.documents import fault_document, rule_documents, tier_documents
from api.problems import FaultOut, WordsOut
from api.records import PlanRecord, State
from rotation.files.plan import plain
from rotation.plan import Placement, Status
from solver.outcome import Progress

DEEPEST = 12


def _decent(value: Any, depth: int = 0) -> Any:
    """Text that UTF-8 can carry, finite numbers, no bottomless nesting: what a policy is made of."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" or character == "\0" for character in value):
            raise ValueError("holds characters that are not text")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is not finite")
    elif isinstance(value, dict):
        for key, item in value.items():
            _decent(key, depth + 1)
            _decent(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _decent(item, depth + 1)
    return value


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_decent)]
PolicyDocument = Annotated[dict[str, Any], AfterValidator(_decent)]


class Strict(BaseModel):
    """Nothing is guessed: unknown keys, and numbers given as text, are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class PlanOptions(Strict):
    """How to solve."""

    time_limit_seconds: Annotated[float, Field(gt=0, le=86_400)] | None = Field(
        default=None, description="Seconds at most; null: until proved."
    )
    gap: Annotated[float, Field(ge=0, le=1)] = Field(default=0.001, description="When a tier counts as proved.")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    baseline: Text | None = Field(default=None, description="Id of a finished plan to stay close to.")


class PlanIn(Strict):
    """What to plan: a data set, a preset's name or a whole policy, and how."""

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
    options: PlanOptions = PlanOptions()


class PolicyNamed(BaseModel):
    name: str
    digest: str


class TierOut(BaseModel):
    """A tier's certificate."""

    priority: int
    name: str
    value: float
    bound: float | None
    gap: float | None = Field(description="|value − bound| / max(1, |value|)")
    proved: bool
    proof: str = Field(
        "",
        description='"lp" or "lp, rounded": by linear programming; "cuts": with cutting planes; "exhausted" or "mip bound": by an exact program; "trivial"',
    )
    recomputed: bool = Field(
        False, description="The bound follows from LP duals by exact arithmetic, apart from the search."
    )
    lp_bound: float | None = Field(None, description="What follows from the LP duals alone.")


class RuleOut(BaseModel):
    """What the checker found of one rule."""

    id: str
    rule: str
    priority: int | str = Field(description='"must", or the tier.')
    holds: bool
    shortfall: float
    cells: list[dict[str, Any]]


class ProgressOut(BaseModel):
    """One line of news. `incumbent` and `bound` are in the tier's own unit."""

    phase: str = Field(description="options, program, tier, check")
    seconds: float
    tier: int | None
    name: str | None
    incumbent: float | None
    bound: float | None
    placements: int | None
    note: str


class ConflictOut(BaseModel):
    """A rule, and a cell of it, that takes part in a conflict."""

    rule: str
    cell: dict[str, str]


class PlanOut(BaseModel):
    """A plan on its way. `status` and the rest are there when `state` is done."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "id": "p-5b1f0c2d3e4a5968", "dataset": "d-0f3a5c7e9b1d2468",
        "policy": {"name": "national-2014", "digest": "sha256:…"}, "state": "done", "status": "optimal",
        "message": None, "stopped_by": None, "created": "2026-07-01T08:00:00Z", "started": "2026-07-01T08:00:00Z",
        "finished": "2026-07-01T08:00:04Z", "placements": 212,
        "tiers": [{"priority": 1, "name": "rural_coverage", "value": 3, "bound": 3, "gap": 0, "proved": True,
                   "proof": "lp", "recomputed": True, "lp_bound": 3}],
        "metrics": {"moved": 212, "eligible": 1873}, "rules": [], "progress": None, "warnings": [], "faults": [], "conflict": []}})  # fmt: skip

    id: str
    dataset: str
    policy: PolicyNamed
    state: State
    status: Status | None
    message: WordsOut | None
    stopped_by: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    placements: int | None = Field(description="How many.")
    tiers: list[TierOut]
    metrics: dict[str, Any] = Field(
        description="Indicators, before and after; `evidence`: shares moved against 10 % and 20 %; `variation`: "
        "coefficients of variation of primary and junior schools against 0.50 and 0.45."
    )
    rules: list[RuleOut] = Field(description="With the cells in which a rule falls short; /check gives every cell.")
    progress: ProgressOut | None = Field(description="The latest news.")
    warnings: list[FaultOut] = Field(description="Rules that select nothing, or contradict each other on their face.")
    faults: list[FaultOut] = Field(description="Why data and policy do not fit together.")
    conflict: list[ConflictOut] = Field(description="Rules that cannot hold together.")


class PlanListed(BaseModel):
    id: str
    dataset: str
    policy: PolicyNamed
    state: State
    status: Status | None
    created: datetime


class PlansOut(BaseModel):
    """A page of plans, newest first."""

    items: list[PlanListed]
    total: int
    limit: int
    offset: int


class PlacementOut(BaseModel):
    """One teacher's placement."""

    teacher: str
    home: str
    host: str
    hosts: list[str]
    subject: str
    mode: str
    start_year: int
    years: int
    km: float
    decided: bool


class PlacementsOut(BaseModel):
    """A page of placements; `next` is the address of the following page."""

    items: list[PlacementOut]
    total: int
    limit: int
    offset: int
    next: str | None


class TierValue(BaseModel):
    priority: int
    value: float


class CheckOut(BaseModel):
    """The independent checker's report: every cell of every rule, and every tier's value recomputed."""

    holds: bool = Field(description="Every `must` rule holds.")
    rules: list[RuleOut]
    tiers: list[TierValue]


def plan_out(record: PlanRecord) -> PlanOut:
    plan = record.plan
    return PlanOut(
        id=record.id,
        dataset=record.request.dataset_id,
        policy=PolicyNamed(name=record.request.policy.name, digest=record.request.policy.digest),
        state=record.state,
        status=record.status,
        message=WordsOut(zh=record.message.zh, en=record.message.en) if record.message is not None else None,
        stopped_by=record.stopped_by,
        created=record.created,
        started=record.started,
        finished=record.finished,
        placements=len(plan.placements) if plan is not None else None,
        tiers=[TierOut(**tier) for tier in tier_documents(plan.tiers)] if plan is not None else [],
        metrics=plain(plan.metrics) if plan is not None else {},
        rules=[RuleOut(**rule) for rule in rule_documents(plan.rules, only_broken_cells=True)]
        if plan is not None
        else [],
        progress=progress_out(record.progress) if record.progress is not None else None,
        warnings=[FaultOut(**fault_document(fault)) for fault in record.warnings],
        faults=[FaultOut(**fault_document(fault)) for fault in record.faults],
        conflict=[ConflictOut(rule=rule, cell=dict(cell)) for rule, cell in record.conflict],
    )


def plan_listed(record: PlanRecord) -> PlanListed:
    policy = PolicyNamed(name=record.request.policy.name, digest=record.request.policy.digest)
    return PlanListed(
        id=record.id, dataset=record.request.dataset_id, policy=policy, state=record.state, status=record.status,
        created=record.created,
    )  # fmt: skip


def progress_out(progress: Progress) -> ProgressOut:
    return ProgressOut(
        phase=progress.phase,
        seconds=progress.seconds,
        tier=progress.tier,
        name=progress.name,
        incumbent=plain(progress.value),
        bound=plain(progress.bound),
        placements=progress.placements,
        note=progress.note,
    )


def placement_out(placement: Placement) -> PlacementOut:
    return PlacementOut(
        teacher=placement.teacher,
        home=placement.home,
        host=placement.host,
        hosts=list(placement.hosts),
        subject=placement.subject,
        mode=placement.mode,
        start_year=placement.start_year,
        years=placement.years,
        km=round(float(placement.km), 3),
        decided=placement.decided,
    )
