"""What the ways in remember: data sets, plans, and the news of a solve; and the one interface behind which it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from rotation.county import County
from rotation.faults import Fault
from rotation.plan import Plan, Status
from rotation.policy import Policy
from rotation.words import Words
from solver.outcome import Progress


class State(StrEnum):
    """Where a plan's solve stands; ``done`` has an answer (which may be `infeasible`), ``failed`` has none."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (State.DONE, State.FAILED)


@dataclass(frozen=True)
class Dataset:
    """A checked data set. ``counts``: table → rows."""

    id: str
    digest: str
    county: County
    counts: Mapping[str, int]
    warnings: tuple[Fault, ...]
    created: datetime


@dataclass(frozen=True)
class PlanRequest:
    """What a plan was asked with. ``baseline`` is the id of another plan to stay close to."""

    dataset_id: str
    policy: Policy
    time_limit_seconds: float | None = None
    gap: float = 0.001
    seed: int = 1
    baseline: str | None = None

    @property
    def fingerprint(self) -> tuple[Any, ...]:
        """Two requests are the same when this is: a repeated ``Idempotency-Key`` must bring the same one."""
        return (self.dataset_id, self.policy.digest, self.time_limit_seconds, self.gap, self.seed, self.baseline)


@dataclass(frozen=True)
class PlanRecord:
    """A plan on its way: what was asked, where it stands, and (when done) the answer.

    ``warnings`` name rules that select nothing or contradict each other. ``plan`` is there exactly when ``status`` is optimal or feasible; ``message`` says the rest; ``faults`` say why data
    and policy do not fit together; ``conflict`` names the rules (id, cell) that cannot hold together.
    """

    id: str
    request: PlanRequest
    created: datetime
    key: str | None = None
    warnings: tuple[Fault, ...] = ()
    state: State = State.QUEUED
    status: Status | None = None
    plan: Plan | None = None
    message: Words | None = None
    stopped_by: str | None = None
    faults: tuple[Fault, ...] = ()
    conflict: tuple[tuple[str, Mapping[str, str]], ...] = ()
    progress: Progress | None = None
    started: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """One line of a solve's news; ``number`` counts from 1 within the plan."""

    number: int
    progress: Progress


class Store(Protocol):
    """Where state lives. Every method may be called from any thread; ids are unknown → None."""

    def add_dataset(self, dataset: Dataset) -> None: ...

    def dataset(self, dataset_id: str) -> Dataset | None: ...

    def datasets(self) -> tuple[Dataset, ...]:
        """Oldest first."""

    def add_plan(self, record: PlanRecord) -> PlanRecord:
        """Keep ``record`` and return it; or return the one already kept under the same ``key``."""

    def plan(self, plan_id: str) -> PlanRecord | None: ...

    def plans(self) -> tuple[PlanRecord, ...]:
        """Oldest first."""

    def change_plan(self, plan_id: str, **changes: Any) -> PlanRecord:
        """Replace fields of a record. A final record stays as it is."""

    def add_news(self, plan_id: str, progress: Progress) -> None:
        """Append to the plan's news and make it the record's ``progress``."""

    def news(self, plan_id: str, after: int = 0) -> tuple[News, ...]:
        """The news with a greater number than ``after``."""
