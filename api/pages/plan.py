"""The page of a finished plan: verdict, indicators, map, rules, proof, placements."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from nicegui import events, ui

from api.pages import html, shell
from api.pages.cards import Card, cards, spreads
from api.pages.flows import Plane, When, map_options, without_coordinates
from api.pages.grid import grid_options
from api.pages.numbers import show
from api.pages.readings import RuleReading, headline, read_tiers, standing
from api.pages.school import post_rows
from api.pages.texts import AREA, PRESET, STATUS, Language, label, say
from api.pages.view import PlanView

BUSIEST = 14
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VERDICT_ICON = {"good": "verified", "warn": "task_alt", "bad": "report"}
STANDING_ICON = {"kept": "check_circle", "near": "error_outline", "short": "warning", "broken": "cancel"}


class PlanPage:
    """One visitor's page of a plan. The school that is looked at stands in the address: ``?school=…``."""

    def __init__(self, view: PlanView, request: Request, language: Language, school: str | None) -> None:
        self.view, self.language = view, language
        self.school = school if school in view.county.school else None
        self.when: When = "after"
        self.path = f"/plans/{view.record.id}"
        title = f"{view.county.name or ''} {view.plan.year}".strip()
        with shell.page(request, language, title, school=self.school):
            self._top(title)
            self._verdict()
            with ui.element("div").classes("indicator-row").props(f'aria-label="{say("indicators", language)}"'):
                for one in cards(view.found, language):
                    _indicator(one, language)
            self._map_card()
            with ui.element("div").classes("cols wide-narrow"):
                self._rules_card()
                with ui.element("div").classes("stack"):
                    self._tiers_card()
                    self._spread_card()
            self._placements_card()

    def say(self, key: str) -> str:
        return say(key, self.language)

    # -- top ----------------------------------------------------------------------------------------------------------

    def _top(self, title: str) -> None:
        api = f"/v1/plans/{self.view.record.id}/placements"
        with ui.element("div").classes("line spread"):
            with ui.element("div"):
                with ui.element("h1").classes("heading"):
                    ui.label(f"{title} {self.say('plan')}").classes("main")
                    ui.label(say("plan", "en" if self.language == "zh" else "zh")).classes("other")
                ui.label(label(PRESET, self.view.plan.policy_name, self.language)).classes("quiet")
            with ui.element("div").classes("line no-print"):
                for name, accept, ending in (("export_excel", XLSX, "xlsx"), ("export_csv", "text/csv", "csv")):
                    button = ui.button(self.say(name), icon="download").props("outline no-caps")
                    call = ", ".join(json.dumps(text) for text in (api, accept, f"{self.view.record.id}.{ending}"))
                    button.on("click", js_handler=f"() => rotation.save({call})")
                ui.button(self.say("print"), icon="print").props("outline no-caps").on(
                    "click", js_handler="() => window.print()"
                )

    def _verdict(self) -> None:
        plan = self.view.plan
        tone: html.Tone = "good" if plan.status == "optimal" else "warn"
        words = f"{say(STATUS[plan.status], self.language)} — {headline(plan, self.language)}"
        if any(standing(report) == "broken" for report in plan.rules):  # never by our own solver
            tone, words = "bad", self.say("refused")
        with ui.element("section").classes(f"verdict {tone}").props('id="verdict"'):
            ui.icon(VERDICT_ICON[tone])
            with ui.element("div"):
                ui.label(words).classes("status")
                ui.label(" · ".join(self._run_facts())).classes("small")

    def _run_facts(self) -> list[str]:
        run = self.view.plan.run
        found = [self.say("checked")]
        if run.get("seconds") is not None:
            found.append(
                self.say("run_facts").format(
                    seconds=show(run["seconds"]), seed=run.get("seed", "–"), workers=run.get("workers", "–")
                )
            )
        stopped = self.view.record.stopped_by or run.get("stopped_by")
        return [*found, self.say(f"stopped_{stopped}")] if stopped in ("user", "time", "work") else found

    # -- map ----------------------------------------------------------------------------------------------------------

    def _map_card(self) -> None:
        view = self.view
        with shell.card():
            with ui.element("div").classes("line spread"):
                shell.heading("map", self.language)
                ui.toggle(
                    {"before": self.say("before"), "after": self.say("after")}, value=self.when, on_change=self._switch
                ).props("dense no-caps unelevated toggle-color=primary").classes("no-print map-switch")
            with ui.element("div").classes("cols map-cols"):
                with ui.element("div"):
                    with ui.element("div").classes("map-box"):
                        self.chart = ui.echart(self._map(), on_point_click=self._tapped).classes("map-chart")
                        with ui.element("div").classes("map-tools"):
                            for name, icon, factor in (
                                ("zoom_in", "add", 1.5), ("zoom_out", "remove", 1 / 1.5), ("zoom_reset", "fit_screen", 0)
                            ):  # fmt: skip
                                button = ui.button(icon=icon).props(
                                    f'outline dense size=sm color=primary aria-label="{self.say(name)}"'
                                )
                                button.tooltip(self.say(name))
                                button.on(
                                    "click",
                                    js_handler=f"() => rotation.zoom(getElement({self.chart.id}).chart, {factor})",
                                )
                        step = Plane.around(view.county.schools).step
                        ui.label(self.say("mesh").format(n=show(step))).classes("map-mesh")
                    hint = self.say("map_hint")
                    if missing := without_coordinates(view.county):
                        hint += " " + self.say("no_coordinates").format(n=missing)
                    ui.label(hint).classes("quiet map-hint")
                self.side = ui.element("aside").classes("side").props('aria-live="polite"')
                self._show_side()

    def _map(self) -> dict[str, Any]:
        view = self.view
        return map_options(view.county, view.tally, view.lacking, self.language, self.school, self.when)

    def _switch(self, event: events.ValueChangeEventArguments[When]) -> None:
        self.when = event.value
        self._draw()

    def _draw(self) -> None:
        self.chart.options.clear()
        self.chart.options.update(self._map())
        self.chart.update()

    def _tapped(self, event: events.EChartPointClickEventArguments) -> None:
        school = event.data.get("id") if isinstance(event.data, dict) else None
        if school in self.view.county.school:
            self._select(None if school == self.school else school)

    def _select(self, school: str | None) -> None:
        """Look at one school, or at all again: map, side panel, table and address."""
        self.school = school
        self._draw()
        self._show_side()
        self._narrow()
        ui.navigate.history.replace(shell.within(shell.address(self.path, self.language, school=school)))

    def _show_side(self) -> None:
        self.side.clear()
        with self.side:
            if self.school is None:
                self._busiest()
            else:
                self._one_school(self.school)

    def _busiest(self) -> None:
        county = self.view.county
        ui.label(self.say("busiest")).classes("title")
        rows: list[list[html.Content]] = [
            [f"{county.school[flow.home].name} → {county.school[flow.host].name}", show(flow.count)]
            for flow in self.view.flows[:BUSIEST]
        ]
        with ui.element("div").classes("scroll"):
            shell.table([(self.say("flows"), "left"), (self.say("moved"), "right")], rows)

    def _one_school(self, school_id: str) -> None:
        county, tally = self.view.county, self.view.tally
        school = county.school[school_id]
        with ui.element("div"):
            ui.label(school.name).classes("title")
            ui.label(" · ".join(filter(None, [label(AREA, school.area, self.language), school.township]))).classes(
                "quiet"
            )
        with ui.element("div").classes("figures"):
            for name, figure in (
                ("arrivals", show(len(tally.arrived.get(school_id, ())))),
                ("departures", show(len(tally.sent.get(school_id, ())))),
                ("shortage", " → ".join(show(lacks) for lacks in self.view.lacking[school_id])),
            ):
                with ui.element("div"):
                    ui.label(figure).classes("figure")
                    ui.label(self.say(name)).classes("quiet")
        with ui.element("div").classes("scroll"):
            rows = [
                [row[0], row[1], row[3], row[6], row[8]] for row in post_rows(county, tally, school_id, self.language)
            ]
            columns: list[tuple[str, html.Align]] = [(self.say("subject"), "left")]
            columns += [(self.say(name), "right") for name in ("required", "before", "after")]
            shell.table([*columns, ("", "left")], rows)
        with ui.element("div").classes("line"):
            ui.link(
                f"{self.say('school_page')} →",
                shell.address(f"/schools/{self.view.record.id}/{school_id}", self.language),
            )
            ui.button(self.say("show_all"), icon="close", on_click=lambda: self._select(None)).props(
                "flat dense no-caps"
            )

    # -- rules and proof ----------------------------------------------------------------------------------------------

    def _rules_card(self) -> None:
        view = self.view
        readings = view.rules(self.language)
        kept = sum(reading.standing == "kept" for reading in readings)
        with shell.card("long", "rules"):
            with ui.element("div").classes("line spread"):
                shell.heading("rules", self.language)
                summary = self.say("rules_summary").format(kept=kept, short=len(readings) - kept)
                ui.label(summary).classes("quiet")
            for reading in readings:
                self._rule(reading)

    def _rule(self, reading: RuleReading) -> None:
        opens = bool(reading.worst)
        box = ui.expansion().props("dense") if opens else ui.element("div")
        box.classes(f"rule {reading.standing}").props(f'data-rule="{html.escape(reading.id)}"')
        with box:
            slot = box.add_slot("header") if opens else ui.element("div").classes("q-item")
            with slot, ui.element("div").classes("rule-head"):
                ui.icon(STANDING_ICON[reading.standing]).classes("state")
                with ui.element("div"):
                    with ui.element("div"):
                        tags = [reading.priority, *([reading.id] if reading.id != reading.kind else [])]
                        ui.html(
                            f'<span class="title">{html.escape(reading.title)}</span>'
                            + "".join(f'<span class="tag">{html.escape(tag)}</span>' for tag in tags),
                            sanitize=False,
                        )
                    ui.label(reading.sentence).classes("text")
                    if reading.figures:
                        ui.label(reading.figures).classes("figures-text")
                with ui.element("div"):
                    ui.label(self.say(reading.standing)).classes("verdict-word")
                    if reading.gap:
                        ui.label(f"− {reading.gap}").classes("verdict-word")
            if opens:
                self._worst(reading)

    def _worst(self, reading: RuleReading) -> None:
        rows: list[list[html.Content]] = [
            [cell.where, cell.measured, cell.least or "–", cell.most or "–", html.Mark(cell.gap, "bad")]
            for cell in reading.worst
        ]
        columns: list[tuple[str, html.Align]] = [(self.say("worst"), "left")]
        columns += [(self.say(name), "right") for name in ("measured", "least", "most")]
        shell.table([*columns, (self.say("shortfall"), "left")], rows)
        if reading.failing > len(reading.worst):
            ui.label(self.say("more_cells").format(n=reading.failing - len(reading.worst))).classes("quiet")

    def _tiers_card(self) -> None:
        with shell.card("tiers"):
            shell.heading("tiers", self.language)
            rows: list[list[html.Content]] = [
                [
                    str(tier.priority),
                    tier.name,
                    tier.value,
                    tier.bound,
                    tier.gap,
                    html.Mark(
                        " · ".join(filter(None, (self.say("proved" if tier.proved else "not_proved"), tier.proof))),
                        "good" if tier.proved else "warn",
                    ),
                ]
                for tier in read_tiers(self.view.policy, self.view.plan.tiers, self.language)
            ]
            columns: list[tuple[str, html.Align]] = [("#", "left"), (self.say("goal"), "left")]
            columns += [(self.say(name), "right") for name in ("value", "bound", "gap")]
            shell.table([*columns, (self.say("proof"), "left")], rows)

    def _spread_card(self) -> None:
        rows: list[list[html.Content]] = [
            [one.level, one.measure, one.before, one.after, f"≤ {one.most}", _holds(one.holds, self.language)]
            for one in spreads(self.view.found, self.language)
        ]
        if rows:
            with shell.card():
                shell.heading("spread", self.language)
                columns: list[tuple[str, html.Align]] = [(self.say("level"), "left"), (self.say("per_100"), "left")]
                columns += [(self.say(name), "right") for name in ("before", "after", "standard")]
                shell.table([*columns, ("", "left")], rows)

    # -- placements ---------------------------------------------------------------------------------------------------

    def _placements_card(self) -> None:
        with shell.card("long"):
            with ui.element("div").classes("line spread"):
                shell.heading("placements", self.language)
                with ui.element("div").classes("line no-print"):
                    self.only = ui.chip(removable=True, icon="filter_alt", color="primary", text_color="white").classes(
                        "chip-only"
                    )
                    self.only.on("remove", lambda: self._select(None))
                    search = ui.input(placeholder=self.say("search")).props("outlined dense clearable debounce=200")
                    search.classes("search")
                    with search.add_slot("prepend"):
                        ui.icon("search")
            options = grid_options(self.view, self.language)
            self.grid = ui.aggrid(options, auto_size_columns=False).classes("placements-grid")
            search.on_value_change(
                lambda event: self.grid.run_grid_method("setGridOption", "quickFilterText", event.value or "")
            )
            self._narrow()

    def _narrow(self) -> None:
        """The table shows the school that is looked at only."""
        name = self.view.county.school[self.school].name if self.school else ""
        self.only.set_text(self.say("only_school").format(name=name))
        self.only.set_value(self.school is not None)
        ui.run_javascript(f"rotation.narrow(getElement({self.grid.id}), {json.dumps(self.school)})")


def _holds(holds: bool | None, language: Language) -> html.Content:
    if holds is None:
        return ""
    return html.Mark(say("kept" if holds else "short", language), "good" if holds else "bad")


def _indicator(one: Card, language: Language) -> None:
    with ui.element("div").classes("indicator"):
        with ui.element("div").classes("name"):
            ui.label(one.name)
            if one.holds is not None:
                shell.mark(say("met" if one.holds else "not_met", language), "good" if one.holds else "warn")
        with ui.element("div").classes("figure"):
            if one.before:
                ui.html(
                    f'<span class="was">{html.escape(one.before)} → </span>{html.escape(one.figure)}', sanitize=False
                )
            else:
                ui.label(one.figure)
        ui.label(one.note).classes("note")
