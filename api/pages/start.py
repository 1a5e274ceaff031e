"""The start page: bring data, choose a programme, solve; and the plans made so far."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import Request
from nicegui import events, run, ui

from api.pages import html, shell
from api.pages.faults import show_faults
from api.pages.numbers import show
from api.pages.texts import OBJECTIVE, PRESET, STATUS, Language, label, say
from api.records import Dataset, PlanRecord, PlanRequest, State
from api.services import NotFound, Services, TooBusy
from rotation import files
from rotation.faults import InputError
from rotation.policy import Policy
from rotation.policy_words import rule_words
from rotation.rules.frame import Rule
from scenarios.samples import SAMPLES, sample_for

MOST_BYTES = 50_000_000
TIME_LIMITS: Sequence[int | None] = (60, 300, 1800, None)
SOLVE_STEPS = (
    ("tune", "about_tiers"),
    ("verified", "about_proof"),
    ("fact_check", "about_check"),
    ("pan_tool", "about_stop"),
)
MOST_PLANS = 50
DEFAULT_POLICY = "national-2014"


def policy_lines(policy: Policy, language: Language) -> list[tuple[str, list[str]]]:
    """The policy read out: (heading, sentences) for what must hold, what is soft, and what is optimised."""

    def line(rule: Rule) -> str:
        return f"{say(rule.title, language)}: {say(rule_words(rule), language)}"

    soft = sorted((rule for rule in policy.rules if not rule.is_must), key=lambda rule: rule.priority)
    parts = sorted(policy.objectives, key=lambda part: part.priority)
    tier = say("tier", language)
    goals = [f"{tier.format(n=part.priority)}: {label(OBJECTIVE, part.objective, language)}" for part in parts]
    groups = (
        ("must_rules", [line(rule) for rule in policy.rules if rule.is_must]),
        ("soft_rules", [line(rule) for rule in soft]),
        ("goals", goals),
    )
    return [(say(name, language), lines) for name, lines in groups if lines]


def plan_row(record: PlanRecord, dataset: Dataset | None, language: Language) -> list[html.Content]:
    """One line of the list of plans."""
    county = dataset.county.name or dataset.id if dataset else "–"
    year = str(dataset.county.year) if dataset else "–"
    if record.status is not None:
        status = say(STATUS[record.status], language)
        tone: html.Tone = {"optimal": "good", "feasible": "warn", "unknown": "warn"}.get(record.status, "bad")  # type: ignore[assignment]
    else:
        status = say(STATUS[record.state], language)
        tone = "bad" if record.state == State.FAILED else "quiet"
    moved = show(len(record.plan.placements)) if record.plan else "–"
    return [
        record.created.astimezone().strftime("%Y-%m-%d %H:%M"),
        county,
        year,
        label(PRESET, record.request.policy.name, language),
        html.Mark(status, tone),
        moved,
        html.Link(say("open", language), shell.within(shell.address(f"/plans/{record.id}", language))),
    ]


def sample_dataset(services: Services, preset: str) -> Dataset:
    """The sample county of a preset as a data set, the same one every time."""
    county = sample_for(preset if preset in SAMPLES else DEFAULT_POLICY)
    digest = files.digest(county)
    known = next((one for one in services.datasets() if one.digest == digest), None)
    return known or services.add_dataset(county)


def template_bytes(language: Language) -> bytes:
    """The empty workbook to fill in."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        files.write_template(path, language)
        return path.read_bytes()


class StartPage:
    """One visitor's start page. What is chosen so far stands in the address: ``?data=…&policy=…``."""

    def __init__(
        self, services: Services, request: Request, language: Language, data: str | None, policy: str | None
    ) -> None:
        self.services, self.language = services, language
        try:
            self.dataset: Dataset | None = services.dataset(data) if data else None
        except NotFound:
            self.dataset = None
        self.policies = {one.name: one for one in services.policies()}
        known = policy if policy in self.policies else DEFAULT_POLICY
        self.policy = self.policies.get(known) or next(iter(self.policies.values()))
        self.limit: int | None = TIME_LIMITS[1]
        with shell.page(request, language, say("start_title", language), data=data, policy=policy):
            with ui.element("div"):
                shell.heading("start_title", language, 1)
                ui.label(say("start_lead", language)).classes("lead")
            with ui.element("div").classes("cols three"):
                self._data_card()
                self._policy_card()
                self._solve_card()
            self.faults = ui.element("div").props('id="faults"')
            if self.dataset and self.dataset.warnings:
                with self.faults:
                    show_faults(self.dataset.warnings, language)
            self._plans_card()

    def _address(self) -> str:
        data = self.dataset.id if self.dataset else None
        name = self.policy.name if self.policy.name != DEFAULT_POLICY else None
        return shell.address("/", self.language, data=data, policy=name)

    def _step(self, number: int, title: str, done: bool) -> None:
        with ui.element("div").classes("step-title" + (" done" if done else "")):
            with ui.element("div").classes("number"):
                ui.icon("check") if done else ui.label(str(number))
            shell.heading(title, self.language)

    # -- 1 data -------------------------------------------------------------------------------------------------------

    def _data_card(self) -> None:
        with shell.card("step"):
            self._step(1, "step_data", self.dataset is not None)
            if self.dataset is not None:
                county = self.dataset.county
                ui.label(county.name or self.dataset.id).classes("data-name")
                with ui.element("div").classes("figures"):
                    for name, figure in (
                        ("year", str(county.year)),
                        ("schools", show(len(county.schools))),
                        ("teachers_count", show(len(county.teachers))),
                        ("posts", show(len(county.posts))),
                    ):
                        with ui.element("div"):
                            ui.label(figure).classes("figure")
                            ui.label(say(name, self.language)).classes("quiet")
                ui.link(
                    say("other_data", self.language), shell.address("/", self.language, policy=self.policy.name)
                ).classes("push")
                return
            with ui.element("div").classes("drop") as drop:
                upload = ui.upload(
                    max_file_size=MOST_BYTES,
                    max_files=1,
                    auto_upload=True,
                    on_upload=self._uploaded,
                    on_rejected=lambda: ui.notify(say("rejected", self.language), type="negative"),
                ).props('accept=".xlsx,.json" flat')
                with ui.element("div").classes("drop-text") as text:
                    ui.icon("upload_file")
                    ui.label(say("drop_here", self.language))
                    ui.label(say("drop_formats", self.language)).classes("quiet")
                text.props("role=button tabindex=0").on(
                    "click", js_handler=f"() => getElement({upload.id}).$refs.qRef.pickFiles()"
                ).on("keydown.enter", js_handler=f"() => getElement({upload.id}).$refs.qRef.pickFiles()")
                # Files dropped on the text fall through to the uploader below it; a mouse moves only when nothing is dragged.
                text.on("dragenter", js_handler="e => { e.currentTarget.style.pointerEvents = 'none' }")
            drop.on("mousemove", js_handler="e => { e.currentTarget.lastElementChild.style.pointerEvents = '' }")
            self.reading = ui.label(say("reading", self.language)).classes("quiet")
            self.reading.set_visibility(False)
            with ui.element("div").classes("line push"):
                for name, icon, act in (
                    ("use_sample", "science", self._use_sample),
                    ("template", "description", self._template),
                ):
                    ui.button(say(name, self.language), icon=icon, on_click=act).props("flat dense no-caps")

    async def _template(self) -> None:
        content = await run.io_bound(template_bytes, self.language)
        if content is not None:
            ui.download.content(content, f"rotation-{self.language}.xlsx")

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        self.faults.clear()
        self.reading.set_visibility(True)
        content = await event.file.read()
        try:
            self.dataset = await run.io_bound(self.services.read_dataset, event.file.name, content)
        except InputError as error:
            with self.faults:
                show_faults(error.faults, self.language)
            event.sender.run_method("reset")
            return
        finally:
            self.reading.set_visibility(False)
        ui.navigate.to(self._address())

    async def _use_sample(self) -> None:
        self.dataset = await run.io_bound(sample_dataset, self.services, self.policy.name)
        ui.navigate.to(self._address())

    # -- 2 programme --------------------------------------------------------------------------------------------------

    def _policy_card(self) -> None:
        with shell.card("step"):
            self._step(2, "step_policy", False)
            names = {name: label(PRESET, name, self.language) for name in self.policies}
            ui.select(
                names, value=self.policy.name, label=say("choose_policy", self.language), on_change=self._choose
            ).props("outlined dense options-dense").classes("full-width")
            self.lines = ui.element("div").classes("rule-list").props("tabindex=0")
            self._show_policy()

    def _choose(self, event: events.ValueChangeEventArguments[str]) -> None:
        self.policy = self.policies[event.value]
        self._show_policy()
        ui.navigate.history.replace(shell.within(self._address()))

    def _show_policy(self) -> None:
        self.lines.clear()
        with self.lines:
            if self.policy.source:
                ui.label(self.policy.source).classes("quiet")
            for title, lines in policy_lines(self.policy, self.language):
                ui.label(title).classes("group")
                for line in lines:
                    with ui.element("div").classes("item"):
                        ui.icon("chevron_right")
                        ui.label(line)

    # -- 3 solve ------------------------------------------------------------------------------------------------------

    def _solve_card(self) -> None:
        with shell.card("step"):
            self._step(3, "step_solve", False)
            options = {
                str(limit): say("until_proved", self.language)
                if limit is None
                else say("minutes", self.language).format(n=limit // 60)
                for limit in TIME_LIMITS
            }
            ui.select(
                options, value=str(self.limit), label=say("time_limit", self.language), on_change=self._limit
            ).props("outlined dense options-dense").classes("full-width")
            with ui.element("div").classes("rule-list"):
                for icon, name in SOLVE_STEPS:
                    with ui.element("div").classes("item"):
                        ui.icon(icon)
                        ui.label(say(name, self.language))
            start = ui.button(say("start_solve", self.language), icon="play_arrow", on_click=self._start)
            start.props("unelevated no-caps size=lg color=primary").classes("full-width push")
            if self.dataset is None:
                start.disable()
                ui.label(say("first_data", self.language)).classes("quiet")

    def _limit(self, event: events.ValueChangeEventArguments[str]) -> None:
        self.limit = None if event.value == "None" else int(event.value)

    async def _start(self) -> None:
        if self.dataset is None:
            return
        request = PlanRequest(self.dataset.id, self.policy, self.limit)
        try:
            record = await run.io_bound(self.services.start_plan, request)
        except InputError as error:
            self.faults.clear()
            with self.faults:
                show_faults(error.faults, self.language)
            return
        except TooBusy:
            ui.notify(say("waiting", self.language), type="warning")
            return
        if record is not None:  # None: the server is closing
            ui.navigate.to(shell.address(f"/plans/{record.id}", self.language))

    # -- plans --------------------------------------------------------------------------------------------------------

    def _plans_card(self) -> None:
        with shell.card():
            shell.heading("earlier_plans", self.language)
            records = self.services.plans()
            if not records:
                ui.label(say("no_plans", self.language)).classes("quiet")
                return
            columns: list[tuple[str, html.Align]] = [
                (say(name, self.language), "left") for name in ("created", "county", "year", "policy", "status")
            ]
            columns += [(say("moved", self.language), "right"), ("", "right")]
            rows = [
                plan_row(record, self.services.store.dataset(record.request.dataset_id), self.language)
                for record in records[: -MOST_PLANS - 1 : -1]
            ]
            shell.table(columns, rows)
