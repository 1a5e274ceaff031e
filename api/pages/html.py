"""Small tables as one piece of HTML. Every text is escaped: names come from users' workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape as escape
from typing import Literal

Align = Literal["left", "right"]
Tone = Literal["good", "warn", "bad", "quiet"]

ICON: dict[Tone, str] = {"good": "check_circle", "warn": "error_outline", "bad": "cancel", "quiet": "remove"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A text with an icon and a colour, so that the colour never says it alone."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Teachers at work as a bar against what is required (a tick); all in the unit of ``scale``, the full width."""

    value: float
    required: float
    scale: float
    tone: Tone


Content = str | Mark | Link | Bar


def content(value: Content) -> str:
    if isinstance(value, Mark):
        icon = f'<i class="material-icons" aria-hidden="true">{ICON[value.tone]}</i>'
        return f'<span class="mark {value.tone}">{icon}{escape(value.text)}</span>'
    if isinstance(value, Link):
        return f'<a href="{escape(value.href)}">{escape(value.text)}</a>'
    if isinstance(value, Bar):
        scale = max(value.scale, 1e-9)
        width, tick = (min(100.0, 100 * part / scale) for part in (value.value, value.required))
        needed = f'<b style="left:{tick:.1f}%"></b>' if value.required else ""
        return f'<span class="bar {value.tone}" aria-hidden="true"><i style="width:{width:.1f}%"></i>{needed}</span>'
    return escape(value)


def table(columns: Sequence[tuple[str, Align]], rows: Iterable[Sequence[Content]], caption: str = "") -> str:
    """An HTML table; ``columns`` are (heading, alignment)."""
    head = "".join(f'<th scope="col" class="{align}">{escape(title)}</th>' for title, align in columns)
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{align}">{content(value)}</td>' for (_, align), value in zip(columns, row, strict=True))
        + "</tr>"
        for row in rows
    )
    titled = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<table class="plain">{titled}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
