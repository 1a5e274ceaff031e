"""Diagnoses that were asked for: where each stands, and its answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any

from api.diagnoses.work import Diagnosed, diagnosed
from api.jobs import Answer, Failure, Job, Jobs, Order
from api.records import State
from api.services import NotFound, Services, TooBusy, new_id, now
from rotation.facts import Facts
from rotation.faults import Fault, InputError
from rotation.plan import Status
from rotation.policy import Policy
from rotation.words import Words
from solver.outcome import Progress, SolveOptions

MOST_KEPT = 200
"""Finished diagnoses beyond this many are forgotten, the oldest first."""


@dataclass(frozen=True)
class DiagnosisRecord:
    """A diagnosis on its way; ``document`` is there when it is done."""

    id: str
    dataset_id: str
    policy: Policy
    created: datetime
    state: State = State.QUEUED
    status: Status | None = None
    message: Words | None = None
    faults: tuple[Fault, ...] = ()
    document: Mapping[str, Any] | None = None
    phase: str | None = None
    finished: datetime | None = None


class Diagnoses:
    """Takes and remembers diagnoses, beside ``services``; one at a time is worked on."""

    def __init__(self, services: Services, jobs: Jobs | None = None) -> None:
        self.services = services
        self.jobs = jobs or Jobs(1, diagnosed)
        self._records: OrderedDict[str, DiagnosisRecord] = OrderedDict()
        self._handles: dict[str, Job] = {}
        self._lock = Lock()

    def close(self) -> None:
        self.jobs.close()

    def start(self, dataset_id: str, policy: Policy, time_limit_seconds: float | None) -> DiagnosisRecord:
        """Queue a diagnosis. Raises NotFound, InputError, TooBusy."""
        county = self.services.dataset(dataset_id).county
        facts = Facts(county, policy)
        faults = [fault for rule in policy.rules for fault in rule.faults(facts)]
        if any(fault.severity == "error" for fault in faults):
            raise InputError(faults)
        with self._lock:
            if sum(not record.state.is_final for record in self._records.values()) >= self.services.limits.most_waiting:
                raise TooBusy
            record = DiagnosisRecord(new_id("g"), dataset_id, policy, now())
            self._records[record.id] = record
            self._forget()
            order = Order(county, policy, SolveOptions(time_limit_seconds=time_limit_seconds))
            self._handles[record.id] = self.jobs.submit(order, _Recorder(self, record.id))
            return record

    def diagnosis(self, diagnosis_id: str) -> DiagnosisRecord:
        record = self._records.get(diagnosis_id)
        if record is None:
            raise NotFound("diagnosis", diagnosis_id)
        return record

    def stop(self, diagnosis_id: str) -> DiagnosisRecord:
        """End it with what was found so far; harmless when it is done."""
        record = self.diagnosis(diagnosis_id)
        job = self._handles.get(diagnosis_id)
        if job is not None:
            job.stop()
        return record

    def change(self, diagnosis_id: str, **changes: Any) -> None:
        with self._lock:
            record = self._records.get(diagnosis_id)
            if record is not None and not record.state.is_final:
                record = self._records[diagnosis_id] = replace(record, **changes)
                if record.state.is_final:
                    self._handles.pop(diagnosis_id, None)

    def _forget(self) -> None:
        done = [name for name, record in self._records.items() if record.state.is_final]
        for name in done[: max(0, len(self._records) - MOST_KEPT)]:
            del self._records[name]


class _Recorder:
    """Writes down what becomes of a job."""

    def __init__(self, diagnoses: Diagnoses, diagnosis_id: str) -> None:
        self._diagnoses, self._id = diagnoses, diagnosis_id

    def started(self) -> None:
        self._diagnoses.change(self._id, state=State.RUNNING)

    def news(self, progress: Progress) -> None:
        self._diagnoses.change(self._id, phase=progress.phase)

    def finished(self, answer: Answer) -> None:
        if isinstance(answer, Failure):
            self._diagnoses.change(
                self._id, state=State.FAILED, message=answer.message, faults=answer.faults, finished=now()
            )
            return
        document = answer.document if isinstance(answer, Diagnosed) else None
        self._diagnoses.change(
            self._id, state=State.DONE, status=answer.status, message=answer.message, document=document, finished=now()
        )
