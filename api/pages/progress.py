"""A solve while it runs: where it stands, how far from proved, and a button that keeps the best so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nicegui import ui

from api.pages import html, shell
from api.pages.numbers import percent, show
from api.pages.readings import tier_name
from api.pages.texts import Language, say
from api.records import News, PlanRecord, State
from api.services import Services
from solver.outcome import Progress

PHASES = ("options", "program", "tier", "check")
POINTS = 300
SMALLEST = 0.0001
"""Gaps below are drawn as this: the axis is logarithmic."""
REFRESH_SECONDS = 0.5
COLORS = ("#1d5b8c", "#c77700", "#0f6b6b", "#7a52a0", "#b3261e", "#566573")


def gap_of(progress: Progress) -> float | None:
    """|value − bound| / max(1, |value|), as in a plan's tiers; None while one of the two is not known."""
    if progress.value is None or progress.bound is None:
        return None
    return abs(progress.value - progress.bound) / max(1.0, abs(progress.value))


def phase_of(news: Sequence[News]) -> str:
    """The phase to show: a large county's first plan comes before its program, everybody else's after it."""
    latest = news[-1].progress.phase
    if latest in PHASES:
        return latest
    return "tier" if any(line.progress.phase == "program" for line in news) else "program"


def latest_by_tier(news: Iterable[News]) -> dict[int, Progress]:
    """Tier → its latest line of news, in the order of the tiers."""
    found = {line.progress.tier: line.progress for line in news if line.progress.tier is not None}
    return dict(sorted(found.items()))


def gap_points(news: Iterable[News]) -> dict[int, list[tuple[float, float]]]:
    """Tier → (seconds, gap in per cent, at least ``SMALLEST``), thinned to some ``POINTS`` a tier."""
    found: dict[int, list[tuple[float, float]]] = {}
    for line in news:
        gap = gap_of(line.progress)
        if gap is not None and line.progress.tier is not None:
            point = (round(line.progress.seconds, 2), round(100 * max(gap, SMALLEST), 4))
            found.setdefault(line.progress.tier, []).append(point)
    return {tier: _thinned(points) for tier, points in found.items()}


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    step = -(-len(points) // POINTS)
    return points if step <= 1 else [*points[:-1:step], points[-1]]


def gap_chart(points: Mapping[int, Sequence[tuple[float, float]]], language: Language) -> dict[str, Any]:
    """Gap (per cent, logarithmic) over seconds, a line a tier; every tier has a series from the start."""
    return {
        "animation": False,
        "grid": {"left": 64, "right": 24, "top": 40, "bottom": 36},
        "legend": {"top": 4, "left": 60},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "value",
            "min": 0,
            "axisLabel": {":formatter": "v => v + ' s'"},
            "splitLine": {"show": False},
        },
        "yAxis": {"type": "log", "max": 100, "min": 100 * SMALLEST, "axisLabel": {":formatter": "v => v + ' %'"}},
        "series": [
            {
                "type": "line",
                "step": "end",
                "name": say("tier", language).format(n=tier),
                "data": [list(point) for point in line],
                "showSymbol": len(line) < 3,
                "lineStyle": {"width": 2},
                "itemStyle": {"color": COLORS[index % len(COLORS)]},
            }
            for index, (tier, line) in enumerate(sorted(points.items()))
        ],
    }


class ProgressPanel:
    """Follows a plan's record until it is final, then loads the page again."""

    def __init__(self, services: Services, record: PlanRecord, language: Language) -> None:
        self.services, self.plan_id, self.language = services, record.id, language
        self.policy = record.request.policy
        self.news: list[News] = []
        with shell.card("stack"):
            with ui.element("div").classes("line spread"):
                with ui.element("div").classes("line"):
                    ui.spinner(size="28px")
                    self.title = ui.label().classes("message-title").props('aria-live="polite"')
                self.stop = ui.button(say("stop", language), icon="stop_circle", on_click=self.ask_to_stop)
                self.stop.props("outline no-caps color=negative")
            self.phases = ui.element("div").classes("phases")
            with ui.element("div").classes("figures"):
                self.figures = {name: self._figure(name) for name in ("elapsed", "moved", "value", "bound", "gap")}
            ui.label(say("reload_hint", language)).classes("quiet")
        with shell.card():
            shell.heading("gap_over_time", language)
            self.chart = ui.echart(gap_chart({}, language)).classes("gap-chart")
        with shell.card():
            shell.heading("tiers", language)
            self.tiers = ui.element("div")
        self.timer = ui.timer(REFRESH_SECONDS, self.refresh)

    def _figure(self, name: str) -> ui.label:
        with ui.element("div"):
            ui.label(say(name, self.language)).classes("quiet")
            return ui.label("–").classes("figure")

    def ask_to_stop(self) -> None:
        self.services.stop(self.plan_id)
        self.stop.set_text(say("stopping", self.language))
        self.stop.disable()

    def refresh(self) -> None:
        record = self.services.plan(self.plan_id)
        if record.state.is_final:
            self.timer.cancel()
            ui.navigate.reload()
            return
        fresh = self.services.news(self.plan_id, self.news[-1].number if self.news else 0)
        self.news.extend(fresh)
        self.title.set_text(say("waiting" if record.state == State.QUEUED else "solving", self.language))
        if record.started is not None:
            elapsed = (datetime.now(UTC) - record.started).total_seconds()
            self.figures["elapsed"].set_text(say("seconds", self.language).format(n=show(elapsed, 0)))
        if fresh:
            self._show_news(fresh[-1].progress)

    def _show_news(self, last: Progress) -> None:
        if last.tier is not None and last.name:
            name = tier_name(self.policy, last.name, self.language)
            self.title.set_text(
                f"{say('solving', self.language)} · {say('tier', self.language).format(n=last.tier)}: {name}"
            )
        self._show_phase(phase_of(self.news))
        tiers = [line.progress for line in self.news if line.progress.tier is not None]
        if tiers:
            self.figures["moved"].set_text(show(tiers[-1].placements))
            self.figures["value"].set_text(show(tiers[-1].value, 2))
            self.figures["bound"].set_text(show(tiers[-1].bound, 2))
            self.figures["gap"].set_text(percent(gap_of(tiers[-1]), 1))
        self.chart.options.clear()
        self.chart.options.update(gap_chart(gap_points(self.news), self.language))
        self.chart.update()
        self.tiers.clear()
        with self.tiers:
            self._tier_table()

    def _tier_table(self) -> None:
        rows: list[list[html.Content]] = [
            [
                str(tier),
                tier_name(self.policy, news.name or "", self.language),
                show(news.value, 3),
                show(news.bound, 3),
                percent(gap_of(news), 1),
            ]
            for tier, news in latest_by_tier(self.news).items()
        ]
        columns: list[tuple[str, html.Align]] = [("#", "left"), (say("goal", self.language), "left")]
        columns += [(say(name, self.language), "right") for name in ("value", "bound", "gap")]
        shell.table(columns, rows)

    def _show_phase(self, phase: str) -> None:
        now = PHASES.index(phase)
        self.phases.clear()
        with self.phases:
            for index, name in enumerate(PHASES):
                state = "past" if index < now else "now" if index == now else "next"
                with ui.element("div").classes(f"phase {state}"):
                    ui.icon({"past": "check", "now": "autorenew", "next": "radio_button_unchecked"}[state])
                    ui.label(say(f"phase_{name}", self.language))
