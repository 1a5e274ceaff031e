"""The empty workbook to fill in, in Chinese or English: one sheet a table, drop-downs, text format for ids, a guide."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import xlsxwriter

from rotation.files.tables import TABLES, Column, Table
from rotation.files.workbookout import DATE, HEAD, TEXT, format_of, width_of
from rotation.files.write import replacing
from rotation.words import Words

Language = Literal["zh", "en"]
ROWS = 20_000
"""Rows that have drop-downs."""
LISTS = "_lists"

GUIDE = {"zh": "说明", "en": "Guide"}
FLAGS = {"zh": ("是", "否"), "en": ("yes", "no")}
KINDS = {
    "id": Words("编号（文本，最多 64 个字符）", "id (text, at most 64 characters)"),
    "text": Words("文本", "text"),
    "list": Words("文本，多个用分号隔开", "text, several separated by ;"),
    "choice": Words("从列表中选", "one of the list"),
    "choices": Words("从列表中选，多个用分号隔开", "of the list, several separated by ;"),
    "flag": Words("是/否", "yes/no"),
    "whole": Words("整数", "whole number"),
    "number": Words("数", "number"),
    "date": Words("日期，如 1980-03-05", "date such as 1980-03-05"),
}
INTRODUCTION = (
    Words("带 ★ 的列必填，其余可空。表头和表名请勿改动；列的顺序可以变，多余的列不会读取。",
          "Columns with ★ are required, the others may stay empty. Keep headings and sheet names; "
          "the order of columns is free, further columns are not read."),
    Words("编号列已设为文本格式：请勿改为数字，以免丢失前导零和长编号的末位。请填数值，不要填公式。",
          "Id columns are formatted as text: keep it so, or leading zeros and last digits are lost. Values, no formulas."),
)  # fmt: skip


def write_template(path: Path, lang: Language) -> None:
    """Write the empty workbook to ``path`` (``.xlsx``); ``lang``: language of headings, sheet names and choices."""
    with replacing(Path(path)) as fresh, xlsxwriter.Workbook(str(fresh)) as book:
        _guide(book, lang)
        lists = book.add_worksheet(LISTS)
        lists.hide()
        used = 0
        for table in TABLES:
            used = _sheet(book, lists, table, lang, used)


def heading_of(column: Column, lang: Language) -> str:
    """The heading as the template shows it."""
    return ("★" if column.required else "") + (column.zh if lang == "zh" else column.name)


def labels_of(column: Column, lang: Language) -> tuple[str, ...]:
    """What a drop-down of the column offers; empty where there is none."""
    if column.kind == "flag":
        return FLAGS[lang]
    return tuple(names[0] if lang == "zh" else value for value, names in (column.choices or {}).items())


def _guide(book: xlsxwriter.Workbook, lang: Language) -> None:
    sheet = book.add_worksheet(GUIDE[lang])
    head, wrap = book.add_format(HEAD), book.add_format({"text_wrap": True, "valign": "top"})
    for row, words in enumerate(INTRODUCTION):
        sheet.merge_range(row, 0, row, 6, f"{words.zh}\n{words.en}", wrap)
        sheet.set_row(row, 48)
    top = len(INTRODUCTION) + 1
    sheet.write_row(
        top, 0, ["表 table", "列 column", "英文列名 name", "必填 ★", "内容 holds", "说明", "description"], head
    )
    sheet.freeze_panes(top + 1, 0)
    row = top
    for table in TABLES:
        for column in table.columns:
            row += 1
            offers = " / ".join(f"{zh}={en}" if zh != en else zh for zh, en in _pairs(column))
            kind = KINDS[column.kind]
            holds = f"{kind.zh}\n{kind.en}" + (f"\n{offers}" if offers else "")
            mark = "★" if column.required else ""
            name = f"{table.name}.{column.name}"
            sheet.write_row(row, 0, [f"{table.zh} {table.name}", column.zh, name, mark, holds], wrap)
            sheet.write_row(row, 5, [column.says.zh, column.says.en], wrap)
    for place, width in enumerate((20, 16, 28, 8, 40, 44, 50)):
        sheet.set_column(place, place, width)


def _pairs(column: Column) -> list[tuple[str, str]]:
    return list(zip(labels_of(column, "zh"), labels_of(column, "en"), strict=True))


def _sheet(
    book: xlsxwriter.Workbook, lists: xlsxwriter.worksheet.Worksheet, table: Table, lang: Language, used: int
) -> int:
    """One table's sheet; its choices go into columns of the hidden sheet from ``used`` on. Returns the next free one."""
    text, day, head = book.add_format(TEXT), book.add_format(DATE), book.add_format(HEAD)
    must = book.add_format({**HEAD, "bg_color": "#FCE4D6"})
    sheet = book.add_worksheet(table.zh if lang == "zh" else table.name)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, width_of(column), format_of(column, text, day))
        sheet.write_string(0, place, heading_of(column, lang), must if column.required else head)
        says, kind = column.says, KINDS[column.kind]
        mark = Words("必填。" if column.required else "", "Required. " if column.required else "")
        sheet.write_comment(
            0,
            place,
            f"{mark.zh}{says.zh}。{kind.zh}\n{mark.en}{says.en}; {kind.en}",
            {"x_scale": 2, "author": "Rotation"},
        )
        if labels := labels_of(column, lang):
            name = f"list_{table.name}_{column.name}"
            lists.write_column(0, used, labels)
            where = xlsxwriter.utility.xl_range_abs(0, used, len(labels) - 1, used)
            book.define_name(name, f"={LISTS}!{where}")
            rule = {"validate": "list", "source": f"={name}", "show_error": not column.is_list}
            sheet.data_validation(1, place, ROWS, place, rule)
            used += 1
    return used
