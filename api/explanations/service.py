"""Explainers that stay warm: the first question of a plan takes about as long as its solve, the others milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from api.services import NotFound, Services

if TYPE_CHECKING:
    from solver.explanation import Explainer

MOST_KEPT = 4
_T = TypeVar("_T")


class Explanations:
    """One explainer a plan, the last few kept; one question at a time each, for its linear programs are shared."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[threading.Lock, list[Explainer]]] = OrderedDict()

    def ask(self, plan_id: str, question: Callable[[Explainer], _T]) -> _T:
        """``question`` answered by the plan's explainer. Raises NotFound or NotReady."""
        self._services.finished_plan(plan_id)
        with self._lock:
            lock, made = self._kept.setdefault(plan_id, (threading.Lock(), []))
            self._kept.move_to_end(plan_id)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        with lock:
            if not made:
                made.append(self._explainer(plan_id))
            return question(made[0])

    def _explainer(self, plan_id: str) -> Explainer:
        # Only who asks pays for the engine: a server that explains nothing never loads it.
        from solver.explanation import Explainer

        plan, request = self._services.finished_plan(plan_id), self._services.plan(plan_id).request
        county = self._services.dataset(request.dataset_id).county
        near = {p.teacher: p for p in self._services.placements(request.baseline)} if request.baseline else None
        return Explainer(county, request.policy, plan, near)


def known_teacher(explainer: Explainer, teacher: str) -> str:
    """``teacher``, if the data have it. Raises NotFound."""
    if teacher not in explainer.county.teacher:
        raise NotFound("teacher", teacher)
    return teacher


def placed_teacher(explainer: Explainer, teacher: str) -> str:
    """``teacher``, if the plan places them. Raises NotFound."""
    if teacher not in explainer.placed:
        raise NotFound("placement", teacher)
    return teacher


def known_school(explainer: Explainer, school: str) -> str:
    """``school``, if the data have it. Raises NotFound."""
    if school not in explainer.county.school:
        raise NotFound("school", school)
    return school
