"""What a plan's pages need, computed once a plan and off the event loop."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nicegui import run

from api.pages.flows import Flow, Shortages, bundled, shortages
from api.pages.readings import RuleReading, read_rules
from api.pages.texts import Language
from api.records import PlanRecord
from api.services import Services
from rotation.county import County
from rotation.facts import Facts
from rotation.indicators import indicators
from rotation.plan import Plan
from rotation.policy import Policy
from rotation.tally import Tally

KEPT = 16


@dataclass(frozen=True)
class PlanView:
    """A finished plan with its county, counted."""

    record: PlanRecord
    plan: Plan
    county: County

    @property
    def policy(self) -> Policy:
        return self.record.request.policy

    @cached_property
    def tally(self) -> Tally:
        return Tally(self.county, self.plan.placements)

    @cached_property
    def found(self) -> dict[str, Any]:
        """The indicators."""
        return indicators(Facts(self.county, self.policy), self.tally)

    @cached_property
    def lacking(self) -> Shortages:
        return shortages(self.county, self.tally)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        return bundled(self.plan.placements)

    @cached_property
    def _rules(self) -> dict[Language, list[RuleReading]]:
        return {}

    def rules(self, language: Language) -> list[RuleReading]:
        if language not in self._rules:
            self._rules[language] = read_rules(self.county, self.policy, self.plan.rules, language)
        return self._rules[language]

    def warm(self, language: Language) -> None:
        """Compute everything now."""
        _ = self.found, self.lacking, self.flows, self.tally.arrived, self.tally.sent, self.rules(language)


class Views:
    """Views of the plans looked at last. Used from the event loop only."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: OrderedDict[str, PlanView] = OrderedDict()

    async def of(self, record: PlanRecord, language: Language) -> PlanView | None:
        """Warm in ``language``; None where the record has no plan."""
        if record.plan is None:
            return None
        view = self._kept.get(record.id)
        if view is None:
            county = self._services.dataset(record.request.dataset_id).county
            view = PlanView(record, record.plan, county)
            self._kept[record.id] = view
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(record.id)
        await run.io_bound(view.warm, language)
        return view
