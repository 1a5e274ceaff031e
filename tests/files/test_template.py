"""The empty workbook: opened by another program, filled in, and read back."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import openpyxl
import pytest

from files.dresses import as_json, good
from rotation.faults import InputError
from rotation.files import digest, read, read_bytes, write_template
from rotation.files.tables import TABLES

LANGUAGES: list[Literal["zh", "en"]] = ["zh", "en"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_looks(lang: Literal["zh", "en"], tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, lang)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == {"zh": "说明", "en": "Guide"}[lang]
    assert book["_lists"].sheet_state == "hidden"
    guide = "\n".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell)
    for table in TABLES:
        sheet = book[table.zh if lang == "zh" else table.name]
        assert sheet.freeze_panes == "A2"
        ruled = {str(rule.sqref).split(":")[0] for rule in sheet.data_validations.dataValidation}
        for cell, column in zip(sheet[1], table.columns, strict=True):
            assert cell.value == ("★" if column.required else "") + (column.zh if lang == "zh" else column.name)
            assert (
                cell.comment is not None and column.says.zh in cell.comment.text and column.says.en in cell.comment.text
            )
            assert column.says.zh in guide and column.says.en in guide
            assert (f"{cell.column_letter}2" in ruled) == (column.kind in ("choice", "choices", "flag"))
            if column.kind == "id":
                widths = sheet.column_dimensions.values()  # neighbours alike are one of them
                assert next(w for w in widths if w.min <= cell.column <= w.max).number_format == "@"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_empty_is_refused_filled_in_is_read(lang: Literal["zh", "en"], tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, lang)
    with pytest.raises(InputError) as caught:
        read(path)
    assert {(f.code, f.table) for f in caught.value.faults} == {
        ("empty_table", name) for name in ("county", "schools", "posts", "teachers")
    }
    book = openpyxl.load_workbook(path)
    for table in TABLES:
        sheet = book[table.zh if lang == "zh" else table.name]
        for number, row in enumerate(good()[table.name], start=2):
            for place, column in enumerate(table.columns, start=1):
                value = row.get(column.name)
                if lang == "zh":
                    value = (column.choices or {}).get(value, (value,))[0]  # type: ignore[call-overload]
                sheet.cell(number, place, value)
    book.save(path)
    county, warnings = read(path)
    assert warnings == ()
    assert digest(county) == digest(read_bytes("d.json", as_json(good()))[0])
