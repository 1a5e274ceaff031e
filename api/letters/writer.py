"""Letters as docx: A4, one page a teacher, fonts named for Chinese text so that no character falls back to boxes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from api.letters.content import Letter, Office, letter_of
from rotation.words import Words
from solver.explanation import Explainer

Language = Literal["zh", "en", "both"]
LATIN, CHINESE = "Times New Roman", "SimSun"
SIZES = {"zh": 10.5, "en": 10.0, "both": 9.0}
WHEN = (1980, 1, 1, 0, 0, 0)


def letters(
    explainer: Explainer,
    teachers: Iterable[str] | None = None,
    *,
    language: Language = "both",
    office: Office | None = None,
) -> bytes:
    """All letters of a plan (or those of ``teachers``, ids) in one docx, a page each."""
    return _document([_of(explainer, teacher, office) for teacher in _listed(explainer, teachers)], language)


def letter(explainer: Explainer, teacher: str, *, language: Language = "both", office: Office | None = None) -> bytes:
    """One letter as docx."""
    return _document([_of(explainer, teacher, office)], language)


def letters_zip(
    explainer: Explainer,
    teachers: Iterable[str] | None = None,
    *,
    language: Language = "both",
    office: Office | None = None,
) -> bytes:
    """A zip of one docx a teacher, named by the teacher's id; the same plan gives the same bytes inside."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, teacher in enumerate(_listed(explainer, teachers), 1):
            safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in teacher)
            name = zipfile.ZipInfo(f"{number:04d}-{safe}.docx", WHEN)
            archive.writestr(name, letter(explainer, teacher, language=language, office=office))
    return packed.getvalue()


def _listed(explainer: Explainer, teachers: Iterable[str] | None) -> list[str]:
    return [placement.teacher for placement in explainer.plan.placements] if teachers is None else list(teachers)


def _of(explainer: Explainer, teacher: str, office: Office | None) -> Letter:
    return letter_of(explainer, teacher, office or Office())


def _document(made: Sequence[Letter], language: Language) -> bytes:
    document = Document()
    _dress(document, SIZES[language])
    for number, one in enumerate(made):
        _write(document, one, language, last=number == len(made) - 1)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _dress(document: Any, size: float) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(1.6)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(size)
    # python-docx sets the Latin font only; a Chinese run takes the eastAsia one.
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
    normal.paragraph_format.space_after = Pt(2)


def _write(document: Any, one: Letter, language: Language, *, last: bool) -> None:
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(_joined(one.title, language, " · "))
    run.bold, run.font.size = True, Pt(15)
    for text in _said(one.greeting, language):
        document.add_paragraph(_clean(text))
    table = document.add_table(rows=0, cols=2)
    table.style, table.autofit = "Table Grid", False
    for label, value in one.facts:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(4.6), Cm(12)
        cells[0].paragraphs[0].add_run(_joined(label, language, " ")).bold = True
        cells[1].paragraphs[0].add_run(_joined(value, language, " · "))
    for section in one.sections:
        heading = document.add_paragraph()
        heading.paragraph_format.space_before = Pt(5)
        heading.add_run(_joined(section.heading, language, " · ")).bold = True
        for line in section.lines:
            for text in _said(line, language):
                document.add_paragraph(_clean(text)).paragraph_format.left_indent = Cm(0.5)
    sender = document.add_paragraph()
    sender.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    sender.add_run(_joined(one.sender, language, " · "))
    footer = document.add_paragraph()
    run = footer.add_run(_clean(f"方案校验码 plan digest: {one.digest}"))
    run.font.size = Pt(7.5)
    if not last:
        footer.add_run().add_break(WD_BREAK.PAGE)


def _said(words: Words, language: Language) -> Iterator[str]:
    if language != "en":
        yield words.zh
    if language != "zh" and (language == "en" or words.en != words.zh):
        yield words.en


def _joined(words: Words, language: Language, between: str) -> str:
    return _clean(between.join(_said(words, language)))


def _clean(text: str) -> str:
    """Without control characters, which XML cannot carry."""
    return "".join(c for c in text if c >= " " or c in "\t\n")
