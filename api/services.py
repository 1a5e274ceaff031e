"""What can be asked of Rotation: the one interface behind HTTP, the pages and ``rotation demo``.

Every answer is a plain object of ``api.records`` or ``rotation``; how it is written is the asker's affair.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from api.bell import Bell
from api.jobs import Answer, Failure, Job, Jobs, Order
from api.memory import MemoryStore
from api.records import Dataset, News, PlanRecord, PlanRequest, State, Store
from rotation import files
from rotation.check import Report, check
from rotation.county import County
from rotation.faults import Fault, InputError
from rotation.plan import Placement, Plan
from rotation.policy import Policy, load_policy, parse_policy, preset_names
from rotation.policy_review import fit
from rotation.words import Words
from solver.outcome import Progress, SolveOptions

TABLES = ("schools", "posts", "groups", "teachers", "terms", "preferences", "decisions", "travel")


class NotFound(LookupError):
    """Nothing has this id. ``kind``: what was looked for; there is a problem ``{kind}_not_found``."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        super().__init__(f"no {kind} {name}")


class NotReady(Exception):
    """The plan has no placements (yet): it is still sought, or there is none."""

    def __init__(self, record: PlanRecord) -> None:
        self.record = record
        super().__init__(f"plan {record.id} is {record.state}")


class KeyReused(Exception):
    """An ``Idempotency-Key`` came again with another request."""


@dataclass(frozen=True)
class Limits:
    """``at_once``: solves that run together; ``workers``: threads of each; ``most_waiting``: unfinished plans."""

    at_once: int = max(1, (os.cpu_count() or 2) // 2)
    workers: int = 2
    most_waiting: int = 100


class TooBusy(Exception):
    """As many plans wait as may wait."""


class Services:
    """Data sets in, plans out. May be used from any thread; nothing here waits for a solve but ``watch``."""

    def __init__(self, store: Store | None = None, jobs: Jobs | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.store: Store = store or MemoryStore()
        self.jobs = jobs or Jobs(self.limits.at_once)
        self._handles: WeakValueDictionary[str, Job] = WeakValueDictionary()
        self._bell = Bell()
        self._lock = Lock()

    def close(self) -> None:
        """End every solve."""
        self.jobs.close()

    # -- data sets ------------------------------------------------------------------------------------------------

    def add_dataset(self, county: County, warnings: tuple[Fault, ...] = ()) -> Dataset:
        counts = {table: len(getattr(county, table)) for table in TABLES}
        dataset = Dataset(new_id("d"), files.digest(county), county, counts, warnings, now())
        self.store.add_dataset(dataset)
        return dataset

    def read_dataset(self, name: str, content: bytes) -> Dataset:
        """A data set from an uploaded file (workbook or JSON). Raises InputError with every fault."""
        return self.add_dataset(*files.read_bytes(name, content))

    def dataset(self, dataset_id: str) -> Dataset:
        dataset = self.store.dataset(dataset_id)
        if dataset is None:
            raise NotFound("dataset", dataset_id)
        return dataset

    def datasets(self) -> tuple[Dataset, ...]:
        return self.store.datasets()

    # -- policies -------------------------------------------------------------------------------------------------

    def policies(self) -> tuple[Policy, ...]:
        return tuple(load_policy(name) for name in preset_names())

    def policy(self, name: str) -> Policy:
        """A preset by name; never a file."""
        if name not in preset_names():
            raise NotFound("policy", name)
        return load_policy(name)

    def policy_of(self, name_or_document: str | Mapping[str, Any]) -> Policy:
        """A preset's name or a whole policy. Raises InputError."""
        if not isinstance(name_or_document, str):
            return parse_policy(dict(name_or_document))
        with suppress(NotFound):
            return self.policy(name_or_document)
        listed = ", ".join(preset_names())
        advice = Words(f"没有这个方案, 可用的有: {listed}", f"there is no such preset; known: {listed}")
        raise InputError([Fault("policy", None, "name", name_or_document, "unknown_policy", advice)])

    # -- plans ----------------------------------------------------------------------------------------------------

    def start_plan(self, request: PlanRequest, key: str | None = None) -> PlanRecord:
        """Queue a solve; the same ``key`` gives the same plan. Raises NotFound, InputError, KeyReused, TooBusy."""
        county = self.dataset(request.dataset_id).county
        baseline = {p.teacher: p for p in self.placements(request.baseline)} if request.baseline is not None else {}
        warnings = fit(request.policy, county)
        with self._lock:
            if key is None or all(plan.key != key for plan in self.store.plans()):
                self.require_room()
            mine = PlanRecord(new_id("p"), request, now(), key, warnings=warnings)
            record = self.store.add_plan(mine)
            if record is not mine:
                if record.request.fingerprint != request.fingerprint:
                    raise KeyReused
                return record
            options = SolveOptions(request.time_limit_seconds, request.gap, request.seed, self.limits.workers, baseline)
            order = Order(county, request.policy, options)
            self._handles[record.id] = self.jobs.submit(order, _Recorder(self, record.id))
            return record

    def require_room(self) -> None:
        """Raises TooBusy when no further plan is taken."""
        if sum(not plan.state.is_final for plan in self.store.plans()) >= self.limits.most_waiting:
            raise TooBusy

    def add_plan(self, dataset_id: str, policy: Policy, plan: Plan) -> PlanRecord:
        """Keep a plan that was found elsewhere."""
        self.dataset(dataset_id)
        record = PlanRecord(new_id("p"), PlanRequest(dataset_id, policy), now())
        done = replace(record, state=State.DONE, status=plan.status, plan=plan, finished=now())
        return self.store.add_plan(done)

    def plan(self, plan_id: str) -> PlanRecord:
        record = self.store.plan(plan_id)
        if record is None:
            raise NotFound("plan", plan_id)
        return record

    def plans(self) -> tuple[PlanRecord, ...]:
        return self.store.plans()

    def stop(self, plan_id: str) -> PlanRecord:
        """Ask for the best plan so far; the record changes when the solver has answered."""
        record = self.plan(plan_id)
        job = self._handles.get(plan_id)
        if job is not None:
            job.stop()
        return record

    def placements(self, plan_id: str) -> tuple[Placement, ...]:
        """Raises NotFound or NotReady."""
        return self.finished_plan(plan_id).placements

    def finished_plan(self, plan_id: str) -> Plan:
        record = self.plan(plan_id)
        if record.plan is None:
            raise NotReady(record)
        return record.plan

    def check(self, plan_id: str) -> Report:
        """The independent checker on a finished plan. Raises NotFound or NotReady."""
        plan, request = self.finished_plan(plan_id), self.plan(plan_id).request
        baseline = {p.teacher: p for p in self.placements(request.baseline)} if request.baseline else None
        return check(self.dataset(request.dataset_id).county, request.policy, plan.placements, baseline)

    # -- news -----------------------------------------------------------------------------------------------------

    def news(self, plan_id: str, after: int = 0) -> tuple[News, ...]:
        self.plan(plan_id)
        return self.store.news(plan_id, after)

    async def watch(self, plan_id: str, after: int = 0) -> AsyncIterator[News | PlanRecord]:
        """News as it comes (also what came before, from number ``after`` on), and the final record last."""
        self.plan(plan_id)
        with self._bell.listening(plan_id) as rung:
            while True:
                record = self.plan(plan_id)
                for line in self.store.news(plan_id, after):
                    after = line.number
                    yield line
                if record.state.is_final:
                    yield record
                    return
                await rung.wait()
                rung.clear()

    def ring(self, plan_id: str) -> None:
        self._bell.ring(plan_id)


class _Recorder:
    """Writes down what becomes of a job."""

    def __init__(self, services: Services, plan_id: str) -> None:
        self._services, self._store, self._plan_id = services, services.store, plan_id

    def started(self) -> None:
        self._store.change_plan(self._plan_id, state=State.RUNNING, started=now())
        self._services.ring(self._plan_id)

    def news(self, progress: Progress) -> None:
        self._store.add_news(self._plan_id, progress)
        self._services.ring(self._plan_id)

    def finished(self, answer: Answer) -> None:
        changes = final_changes(answer)
        self._store.change_plan(self._plan_id, **changes, finished=now())
        self._services.ring(self._plan_id)


def final_changes(answer: Answer) -> dict[str, Any]:
    """The fields of a record that a job's answer settles."""
    if isinstance(answer, Failure):
        return {"state": State.FAILED, "message": answer.message, "faults": answer.faults}
    return {
        "state": State.DONE if answer.status != "failed" else State.FAILED,
        "status": answer.status,
        "plan": answer.plan,
        "message": answer.message,
        "stopped_by": answer.stopped_by,
        "conflict": answer.conflict,
    }


def new_id(letter: str) -> str:
    """An id nobody guesses."""
    return f"{letter}-{secrets.token_hex(8)}"


def now() -> datetime:
    return datetime.now(UTC)
