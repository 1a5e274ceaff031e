"""One school in a plan: who comes, who goes, and its posts before and after against what they need."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from fastapi import Request
from nicegui import events, ui

from api.pages import html, shell
from api.pages.numbers import show
from api.pages.texts import AREA, BACKBONE, LEVEL, MODE, Language, label, say, subject
from api.pages.view import PlanView
from rotation.county import County, Exact
from rotation.plan import Placement
from rotation.tally import Tally


def post_rows(county: County, tally: Tally, school: str, language: Language) -> list[list[html.Content]]:
    """Subject, required, capacity, before, departures, arrivals, after, a bar, and how the post stands."""
    posts = county.posts_of.get(school, ())
    widest = max((max(post.required, float(tally.staff_after(school, post.subject))) for post in posts), default=1)
    rows: list[list[html.Content]] = []
    for post in posts:
        key = (school, post.subject)
        after = tally.staff_after(*key)
        lacks = post.required - after
        rows.append(
            [
                subject(post.subject, language),
                show(post.required),
                show(post.capacity),
                show(county.staff_before.get(key, Fraction(0))),
                show(tally.out.get(key, 0)),
                show(tally.into.get(key, Fraction(0))),
                show(after),
                html.Bar(float(after), post.required, widest, "bad" if lacks > 0 else "good"),
                _post_mark(post.required, lacks, language),
            ]
        )
    return rows


def _post_mark(required: int, lacks: Exact, language: Language) -> html.Mark:
    if lacks > 0:
        return html.Mark(say("lacks", language).format(n=show(lacks)), "bad")
    return html.Mark(say("filled", language), "good") if required else html.Mark(say("not_needed", language), "quiet")


def placement_rows(
    county: County, placements: Iterable[Placement], school: str, language: Language
) -> list[list[html.Content]]:
    """Teacher, the other school, subject, rank, mode, years and km of a school's arrivals or departures."""
    rows: list[list[html.Content]] = []
    for placement in placements:
        teacher = county.teacher[placement.teacher]
        others = placement.hosts if placement.home == school else (placement.home,)
        rows.append(
            [
                teacher.name or teacher.id,
                "、".join(county.school[other].name for other in others),
                subject(placement.subject, language),
                label(BACKBONE, teacher.backbone, language) if teacher.backbone != "none" else "–",
                label(MODE, placement.mode, language),
                show(placement.years),
                show(placement.km),
            ]
        )
    return rows


def show_school(view: PlanView, school_id: str, request: Request, language: Language) -> None:
    county, tally = view.county, view.tally
    school = county.school[school_id]
    with shell.page(request, language, school.name):
        with ui.element("div").classes("line spread"):
            with ui.element("div"):
                ui.link(
                    f"← {say('to_plan', language)}",
                    shell.address(f"/plans/{view.record.id}", language, school=school_id),
                ).classes("no-print")
                with ui.element("h1").classes("heading"):
                    ui.label(school.name).classes("main")
                    ui.label(school.id).classes("other")
                facts = [label(AREA, school.area, language), *(label(LEVEL, one, language) for one in school.levels)]
                facts += [school.township] if school.township else []
                facts += (
                    [county.group[school.group].name]
                    if school.group is not None and school.group in county.group
                    else []
                )
                ui.label(" · ".join(facts)).classes("quiet")
            ui.select(
                {one.id: one.name for one in county.schools},
                value=school_id,
                label=say("other_schools", language),
                with_input=True,
                on_change=lambda event: _go(event, view, language),
            ).props("outlined dense options-dense").classes("no-print")
        with shell.card("long"):
            shell.heading("posts_table", language)
            names = ("required", "capacity", "before", "departures", "arrivals", "after")
            columns: list[tuple[str, html.Align]] = [(say("subject", language), "left")]
            columns += [(say(name, language), "right") for name in names]
            shell.table(
                [*columns, ("", "left"), (say("status", language), "left")],
                post_rows(county, tally, school_id, language),
            )
        with ui.element("div").classes("cols two"):
            for title, other, placements in (
                ("arrivals", "from", tally.arrived.get(school_id, ())),
                ("departures", "to", tally.sent.get(school_id, ())),
            ):
                with shell.card("long"):
                    shell.heading(title, language)
                    if not placements:
                        ui.label(say("nobody", language)).classes("quiet")
                        continue
                    columns = [
                        (say(name, language), "left") for name in ("teacher", other, "subject", "backbone", "mode")
                    ]
                    columns += [(say(name, language), "right") for name in ("term", "km")]
                    shell.table(columns, placement_rows(county, placements, school_id, language))


def _go(event: events.ValueChangeEventArguments[str], view: PlanView, language: Language) -> None:
    if event.value in view.county.school:
        ui.navigate.to(shell.address(f"/schools/{view.record.id}/{event.value}", language))
