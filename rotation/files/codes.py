"""Every code that a fault of a file can carry, and the sentence that says what to do about it.

Codes are stable: programs rely on them. ``{…}`` is filled in by whoever finds the fault, never with a person's name.
"""

from __future__ import annotations

from collections.abc import Mapping

from rotation.words import Words

CODES: Mapping[str, Words] = {
    # -- the file itself
    "not_found": Words("找不到该文件或文件夹，请检查路径。", "No such file or folder: check the path."),
    "unreadable": Words("无法读取：{why_zh}。请重新保存后再试。", "Cannot be read: {why}. Save it again and retry."),
    "unknown_kind": Words("不认识这种文件，请提供 .xlsx 工作簿、CSV 文件夹或 .json 文件。",
                          "Unknown kind of file: give an .xlsx workbook, a folder of CSV files or a .json file."),
    "empty_file": Words("文件是空的，请填写后再提交。", "The file is empty: fill it in first."),
    "too_large": Words("文件过大（{what_zh}），请拆分或删去无关内容。", "Too large ({what}): split it or remove what is not needed."),
    "zip_bomb": Words("文件解压后异常庞大，已拒绝打开。请用 Excel 另存为新的 .xlsx 文件。",
                      "The file unpacks to an absurd size and was not opened: save it anew as .xlsx from Excel."),
    "encrypted": Words("工作簿设有密码，请取消密码后再提交。", "The workbook has a password: remove it and save again."),
    "macros": Words("工作簿含有宏，请另存为不含宏的 .xlsx 文件。", "The workbook carries macros: save it as .xlsx without macros."),
    "old_workbook": Words("不支持这种旧的或二进制工作簿，请另存为 .xlsx 文件。",
                          "An old or binary workbook: save it as .xlsx."),
    "wrong_encoding": Words("文字编码无法识别，请另存为 UTF-8（或 GB18030）。", "Unknown text encoding: save it as UTF-8 (or GB18030)."),
    "not_csv": Words("不是有效的 CSV：{why_zh}。", "Not valid CSV: {why}."),
    "not_json": Words("不是有效的 JSON（第 {line} 行附近）。", "Not valid JSON (near line {line})."),
    "too_deep": Words("JSON 嵌套过深，请按表格格式提供。", "The JSON is nested too deeply: tables are arrays of flat objects."),
    "duplicate_key": Words("JSON 中同一个键出现了两次，请只保留一个。", "A key occurs twice in one JSON object: keep one."),
    "wrong_shape": Words("此处应为{what_zh}。", "Expected {what} here."),
    # -- tables and columns
    "unknown_table": Words("不认识的表，未读取。{hint_zh}", "Unknown table, not read.{hint}"),
    "unknown_column": Words("不认识的列，未读取。{hint_zh}", "Unknown column, not read.{hint}"),
    "duplicate_table": Words("同一张表出现了两次，请合并为一张。", "The same table occurs twice: merge the two."),
    "duplicate_column": Words("同一列出现了两次，请只保留一列。", "The same column occurs twice: keep one."),
    "empty_table": Words("此表不能为空，请至少填写一行。", "This table may not be empty: fill in at least one row."),
    "one_row_only": Words("此表只能有一行，请删去多余的行。", "This table has one row only: remove the others."),
    "missing_column": Words("缺少必填列“{label_zh}”，请补上。", "The required column '{label}' is missing: add it."),
    "extra_cells": Words("该行单元格多于表头，可能是文字中的逗号未加引号。",
                         "The row has more cells than headings: perhaps a comma in a text without quotes."),
    # -- values
    "missing_value": Words("必填，请填写。", "Required: fill it in."),
    "wrong_type": Words("此处应为{what_zh}。", "Expected {what} here."),
    "unknown_choice": Words("只能填写：{choices_zh}。", "One of: {choices}."),
    "out_of_range": Words("超出范围，应在 {least} 至 {most} 之间。", "Out of range: from {least} to {most}."),
    "not_finite": Words("不是有限的数，请填写实际数值或留空。", "Not a finite number: give a real one or leave it empty."),
    "numeric_id": Words("编号须为文本：请将该列设为“文本”格式后重新输入（JSON 中加引号），以免丢失前导零。",
                        "Ids are text: set the column's format to Text and type it again (in JSON, quote it), "
                        "or leading zeros are lost."),
    "digits_lost": Words("长编号以数字保存会丢失末尾数字（如 18 位身份证号）。请将该列设为“文本”格式，并从原始资料重新录入。",
                         "A long id kept as a number has lost its last digits (as 18-digit identity numbers do): "
                         "set the column's format to Text and enter it again from the source."),
    "too_long": Words("内容过长，最多 {most} 个字符。", "Too long: at most {most} characters."),
    "bad_characters": Words("含有换行、控制字符或无效字符，请删除后重新输入。", "Holds line breaks, control or invalid characters: type it again."),
    "several_values": Words("此处只能填一个，请每行写一个。", "One value only: write one a row."),
    "repeated_item": Words("同一内容写了两遍，只保留一个。", "The same item is listed twice; it counts once."),
    "formula": Words("此处是公式，请复制后“选择性粘贴为数值”。", "A formula: copy the cells and paste them as values."),
    "error_cell": Words("单元格是错误值（如 #REF!），请改为实际内容。", "An error cell (such as #REF!): replace it with its value."),
    # -- rows, and what they say of each other
    "duplicate_id": Words("编号与第 {other} 行重复，编号须唯一。", "The same id as row {other}: ids are unique."),
    "duplicate_row": Words("与第 {other} 行重复（{key}），请只保留一行。", "The same {key} as row {other}: keep one row."),
    "unknown_reference": Words("在{tables_zh}表中找不到该编号。", "No such id in {tables}."),
    "self_reference": Words("不能指向自己。", "May not point to itself."),
    "ambiguous_origin": Words("该编号既是学校又是教师，请更改其中一个。", "Both a school and a teacher have this id: change one."),
    "lat_lon_swapped": Words("经度和纬度似乎填反了，请对调。", "Longitude and latitude look swapped: exchange them."),
    "half_coordinates": Words("经度和纬度要么都填，要么都不填。", "Give both longitude and latitude, or neither."),
    "zero_coordinates": Words("坐标为 (0, 0)，通常表示未知，请留空或填写实际位置。",
                              "The coordinates are (0, 0), which usually means unknown: leave them empty."),
    "required_over_capacity": Words("需要人数大于容量，请更正其一。", "More required than the capacity: correct one of them."),
    "before_birth": Words("早于出生年份，请更正其一。", "Before the year of birth: correct one of them."),
    "after_year": Words("晚于本数据的学年（{year}），请更正。", "After the school year of this data set ({year}): correct it."),
    "term_not_started": Words("轮岗记录须早于本学年（{year}）开始；新的安排由计划产生。",
                              "A term must have begun before this school year ({year}); new placements come from the plan."),
    "terms_overlap": Words("与第 {other} 行的轮岗时间重叠，请更正。", "Overlaps with the term in row {other}: correct one of them."),
    "home_is_host": Words("接收校就是派出校，请更正。", "The host is the home school: correct it."),
    "spouse_not_mutual": Words("对方填写的配偶是别人，请核对双方。", "The other teacher names somebody else: check both."),
    "spouse_one_sided": Words("只有一方填写了配偶，按夫妻对待。", "Only one of the two names the other; they count as a couple."),
    "parent_cycle": Words("中心校互相指向，成了循环。", "Schools are each other's centre school in a circle."),
    "several_cores": Words("该集团已有核心校（第 {other} 行），通常只有一所。", "The group has a core school already (row {other})."),
    "role_without_group": Words("填写了集团角色但没有集团编号。", "A role in a group, but no group."),
    "decisions_contradict": Words("与第 {other} 行的决定矛盾，请保留一个。", "Contradicts the decision in row {other}: keep one."),
    # -- plan files
    "unknown_format": Words("计划格式不是 {expected}，本版本无法读取。", "The plan's format is not {expected}: this version cannot read it."),
    "bad_plan_value": Words("计划文件中的该值无效（{what_zh}），请使用本系统写出的文件。",
                            "Not valid in a plan file ({what}): use a file as this program wrote it."),
    "edited_plan": Words("“轮岗安排”表被手工改动过，证明已不适用。请在“人工指定”表中写明要求后重新求解。",
                         "The placements sheet was changed by hand, so its proofs no longer apply: "
                         "put the wish into the table decisions and solve again."),
    "not_a_plan": Words("这不是本系统写出的计划文件。", "Not a plan written by this program."),
}  # fmt: skip
