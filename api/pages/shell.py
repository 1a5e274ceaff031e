"""What every page has around it: style, header, the language switch, headings in both languages."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from nicegui import ui

from api.pages import html
from api.pages.texts import LANGUAGES, TEXT, Language, say
from rotation.words import Words

STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
QUASAR: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1d5b8c"/>'
    '<path d="M7 13h15l-4-4M25 19H10l4 4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" '
    'stroke-linejoin="round"/></svg>'
)


def address(path: str, language: Language, **query: str | None) -> str:
    """A page of ours with its state in the query; Chinese is the default and left out."""
    given = {key: value for key, value in query.items() if value}
    given |= {"lang": language} if language != "zh" else {}
    return quote(path) + (f"?{urlencode(given)}" if given else "")


@contextmanager
def page(request: Request, language: Language, title: str, **query: str | None) -> Iterator[None]:
    """The frame of a page. ``query``: the state to keep when the language is switched."""
    client = ui.context.client
    client.page = copy.copy(client.page)  # the page object is shared by all visitors, its language is not
    client.page.language = QUASAR[language]  # type: ignore[assignment]
    ui.add_head_html(f"<style>{STYLE}</style><script>{SCRIPT}</script>")
    ui.page_title(f"{title} · {say('product', language)}")
    ui.colors(primary="#1d5b8c", secondary="#0f6b6b", positive="#1b7f4b", negative="#b3261e", warning="#8a5a00")
    with ui.header().classes("top"):
        with ui.link(target=address("/", language)).classes("brand"):
            ui.html(FAVICON, sanitize=False).classes("logo")
            ui.label(TEXT["product"].zh if language == "zh" else TEXT["product"].en).classes("name")
            ui.label(TEXT["product"].en if language == "zh" else TEXT["product"].zh).classes("other")
        ui.space()
        with ui.element("nav").classes("languages").props('aria-label="语言 Language"'):
            for other, name in zip(LANGUAGES, ("中文", "English"), strict=True):
                link = ui.link(name, address(request.url.path, other, **query))
                link.props(f"lang={QUASAR[other]}")
                # What was chosen since the page came stands in the address, not in the link.
                link.on("click", js_handler=f"e => {{ e.preventDefault(); rotation.speak('{other}'); }}")
                if other == language:
                    link.classes("current").props("aria-current=true")
    with ui.element("main").classes("page"):
        yield


def heading(text: str | Words, language: Language, level: int = 2) -> None:
    """A heading in the page's language, the other one smaller beside it."""
    words = TEXT[text] if isinstance(text, str) else text
    main, other = (words.zh, words.en) if language == "zh" else (words.en, words.zh)
    with ui.element(f"h{level}").classes("heading"):
        ui.label(main).classes("main")
        ui.label(other).classes("other")


def table(columns: list[tuple[str, html.Align]], rows: list[list[html.Content]]) -> ui.html:
    return ui.html(html.table(columns, rows), sanitize=False).classes("table-box")


def mark(text: str, tone: html.Tone) -> ui.html:
    return ui.html(html.content(html.Mark(text, tone)), sanitize=False)


@contextmanager
def card(*classes: str) -> Iterator[None]:
    with ui.element("section").classes("card " + " ".join(classes)):
        yield


def message(request: Request, language: Language, title: str, text: str, status: int) -> Response:
    """A whole page that says one thing and leads back, with its HTTP status."""
    with page(request, language, title), card("centred"):
        ui.icon("search_off").classes("big-icon")
        ui.label(title).classes("message-title")
        ui.label(text).classes("quiet")
        ui.link(say("back_home", language), address("/", language)).classes("button-link")
    return ui.context.client.build_response(request, status)


def within(href: str) -> str:
    """``href`` below the path that a proxy serves us under; ``ui.link`` does this itself."""
    request = ui.context.client.request
    return f"{quote(request.headers.get('X-Forwarded-Prefix', ''))}{request.scope.get('root_path', '')}{href}"
