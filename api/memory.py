"""State in memory: gone with the process."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from threading import Lock
from typing import Any

from api.records import Dataset, News, PlanRecord
from solver.outcome import Progress

MOST_NEWS = 2_000
"""Lines of news kept a plan; the oldest go first."""


class MemoryStore:
    """A ``Store`` of plain dictionaries under one lock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._datasets: dict[str, Dataset] = {}
        self._plans: dict[str, PlanRecord] = {}
        self._plan_of_key: dict[str, str] = {}
        self._news: dict[str, deque[News]] = {}

    def add_dataset(self, dataset: Dataset) -> None:
        with self._lock:
            self._datasets[dataset.id] = dataset

    def dataset(self, dataset_id: str) -> Dataset | None:
        return self._datasets.get(dataset_id)

    def datasets(self) -> tuple[Dataset, ...]:
        with self._lock:
            return tuple(self._datasets.values())

    def add_plan(self, record: PlanRecord) -> PlanRecord:
        with self._lock:
            if record.key is not None:
                known = self._plan_of_key.setdefault(record.key, record.id)
                if known != record.id:
                    return self._plans[known]
            self._news[record.id] = deque(maxlen=MOST_NEWS)
            self._plans[record.id] = record
            return record

    def plan(self, plan_id: str) -> PlanRecord | None:
        return self._plans.get(plan_id)

    def plans(self) -> tuple[PlanRecord, ...]:
        with self._lock:
            return tuple(self._plans.values())

    def change_plan(self, plan_id: str, **changes: Any) -> PlanRecord:
        with self._lock:
            record = self._plans[plan_id]
            if not record.state.is_final:
                record = self._plans[plan_id] = replace(record, **changes)
            return record

    def add_news(self, plan_id: str, progress: Progress) -> None:
        with self._lock:
            news = self._news[plan_id]
            news.append(News(news[-1].number + 1 if news else 1, progress))
            record = self._plans[plan_id]
            if not record.state.is_final:
                self._plans[plan_id] = replace(record, progress=progress)

    def news(self, plan_id: str, after: int = 0) -> tuple[News, ...]:
        with self._lock:
            return tuple(line for line in self._news.get(plan_id, ()) if line.number > after)
