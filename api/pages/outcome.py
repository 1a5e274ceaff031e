"""A plan that is not there: still sought, or proved impossible, or not found in time."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from api.pages import html, shell
from api.pages.faults import show_faults
from api.pages.progress import ProgressPanel
from api.pages.readings import cell_words
from api.pages.texts import PRESET, STATUS, Language, label, say
from api.records import PlanRecord
from api.services import Services
from rotation.plan import Status


def _title(services: Services, record: PlanRecord) -> str:
    county = services.dataset(record.request.dataset_id).county
    return f"{county.name or ''} {county.year}".strip()


def show_running(services: Services, record: PlanRecord, request: Request, language: Language) -> None:
    title = _title(services, record)
    with shell.page(request, language, title):
        _head(title, record, language)
        ProgressPanel(services, record, language)


def _head(title: str, record: PlanRecord, language: Language) -> None:
    with ui.element("div"):
        with ui.element("h1").classes("heading"):
            ui.label(f"{title} {say('plan', language)}").classes("main")
            ui.label(say("plan", "en" if language == "zh" else "zh")).classes("other")
        ui.label(label(PRESET, record.request.policy.name, language)).classes("quiet")


def show_outcome(services: Services, record: PlanRecord, request: Request, language: Language) -> None:
    """Infeasible, unknown or failed: the message, what is in conflict, and what can be done."""
    status = record.status or Status.FAILED
    title = _title(services, record)
    county = services.dataset(record.request.dataset_id).county
    unknown = status == Status.UNKNOWN
    again = shell.address("/", language, data=record.request.dataset_id, policy=record.request.policy.name)
    with shell.page(request, language, title):
        _head(title, record, language)
        with (
            ui.element("section").classes(f"verdict {'warn' if unknown else 'bad'}").props('id="verdict" role="alert"')
        ):
            ui.icon("hourglass_empty" if unknown else "report")
            with ui.element("div"):
                ui.label(say(STATUS[status], language)).classes("status")
                if record.message is not None:
                    ui.label(say(record.message, language))
        if record.conflict:
            rules = {rule.id: rule for rule in record.request.policy.rules}
            with shell.card():
                shell.heading("conflict", language)
                rows: list[list[html.Content]] = [
                    [
                        say(type(rules[rule_id]).title, language) if rule_id in rules else rule_id,
                        say(rules[rule_id].sentence(), language) if rule_id in rules else "",
                        cell_words(county, cell, language),
                    ]
                    for rule_id, cell in record.conflict
                ]
                names = ("rule", "policy_says", "where")
                shell.table([(say(name, language), "left") for name in names], rows)
        if record.faults:
            show_faults(record.faults, language)
        with shell.card():
            shell.heading("what_now", language)
            if status in (Status.INFEASIBLE, Status.UNKNOWN):
                ui.label(say(f"what_now_{status}", language))
            ui.link(say("again", language), again).classes("button-link")
