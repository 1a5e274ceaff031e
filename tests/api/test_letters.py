"""Letters: complete, one page each, and readable after LibreOffice has made a PDF of them."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from api.letters import Office, letter, letters, letters_zip
from rotation.files.plandigest import plan_digest
from rotation.policy import load_policy
from rotation.words import Words
from scenarios.generate import sample_county
from solver.explanation import Explainer
from solver.outcome import SolveOptions
from solver.solve import solve

RARE = "𠮷㛃"


@pytest.fixture(scope="module")
def explainer() -> Explainer:
    county, policy = sample_county(), load_policy("national-2014")
    plan = solve(county, policy, SolveOptions(workers=1)).plan
    assert plan is not None
    moved = plan.placements[0].teacher
    named = tuple(replace(t, name=f"王{RARE}") if t.id == moved else t for t in county.teachers)
    return Explainer(replace(county, teachers=named), policy, plan)


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_a_letter_says_it_all(explainer: Explainer) -> None:
    placement = explainer.plan.placements[0]
    office = Office(Words("青溪县教育局", "Qingxi education bureau"), 10, "0871-000")
    text = text_of(letter(explainer, placement.teacher, office=office))
    school = explainer.county.school
    for part in (
        f"王{RARE}", placement.teacher, school[placement.home].name, school[placement.host].name, f"{placement.km:g}",
        f"{placement.start_year + placement.years}年8月", plan_digest(explainer.plan), "10个工作日", "0871-000",
        "青溪县教育局", "Why you, and why this school", "其他可能及其代价",
    ):  # fmt: skip
        assert part in text
    stay = explainer.teacher(placement.teacher).stay
    assert stay is not None
    others = [change.teacher for change in stay.instead if change.teacher != placement.teacher]
    assert others and not any(other in text for other in others)


def test_one_language_alone(explainer: Explainer) -> None:
    teacher = explainer.plan.placements[1].teacher
    english = text_of(letter(explainer, teacher, language="en"))
    chinese = text_of(letter(explainer, teacher, language="zh"))
    assert "How to object" in english and "如有异议" not in english
    assert "如有异议" in chinese and "How to object" not in chinese


def test_chinese_text_has_a_chinese_font(explainer: Explainer) -> None:
    packed = zipfile.ZipFile(io.BytesIO(letter(explainer, explainer.plan.placements[0].teacher)))
    assert 'w:eastAsia="SimSun"' in packed.read("word/styles.xml").decode()


def test_a_zip_of_all(explainer: Explainer) -> None:
    teachers = [placement.teacher for placement in explainer.plan.placements[:3]]
    packed = zipfile.ZipFile(io.BytesIO(letters_zip(explainer, teachers)))
    assert [name.split("-", 1)[1] for name in packed.namelist()] == [f"{teacher}.docx" for teacher in teachers]
    assert f"王{RARE}" in text_of(packed.read(packed.namelist()[0]))


def test_the_digest_is_of_who_goes_where(explainer: Explainer) -> None:
    plan = explainer.plan
    assert plan_digest(replace(plan, run={}, placements=plan.placements[::-1])) == plan_digest(plan)
    assert plan_digest(replace(plan, placements=plan.placements[1:])) != plan_digest(plan)


def test_libreoffice_reads_a_page_a_teacher(explainer: Explainer, tmp_path: Path) -> None:
    soffice, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if soffice is None or reader is None:
        pytest.skip("needs LibreOffice (soffice) and pdftotext")
    path = tmp_path / "letters.docx"
    path.write_bytes(letters(explainer))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    read = subprocess.run([reader, "-layout", str(tmp_path / "letters.pdf"), "-"], check=True, capture_output=True)
    pages = read.stdout.decode().rstrip("\f").split("\f")
    assert len(pages) == len(explainer.plan.placements)
    for page, placement in zip(pages, explainer.plan.placements, strict=True):
        assert placement.teacher in page and explainer.county.school[placement.host].name in page
    assert RARE in pages[0]
