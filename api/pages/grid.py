"""The table of placements: AG Grid that fetches its rows from the API, in the page's language."""

from __future__ import annotations

import json
from typing import Any

from api.pages.texts import BACKBONE, MODE, SUBJECT, Language, label, say
from api.pages.view import PlanView

GRID_ZH = {
    "contains": "包含", "notContains": "不包含", "equals": "等于", "notEqual": "不等于", "startsWith": "开头是",
    "endsWith": "结尾是", "blank": "为空", "notBlank": "不为空", "lessThan": "小于", "greaterThan": "大于",
    "lessThanOrEqual": "不大于", "greaterThanOrEqual": "不小于", "inRange": "介于", "inRangeStart": "从",
    "inRangeEnd": "到", "filterOoo": "筛选…", "andCondition": "并且", "orCondition": "或者", "applyFilter": "应用",
    "resetFilter": "重置", "clearFilter": "清除", "noRowsToShow": "没有符合的记录", "loadingOoo": "正在读取…",
    "page": "页", "more": "更多", "to": "至", "of": "共", "next": "下一页", "last": "末页", "first": "首页",
    "previous": "上一页", "pageSizeSelectorLabel": "每页", "sortAscending": "升序", "sortDescending": "降序",
    "pinColumn": "固定列", "pinLeft": "固定在左", "pinRight": "固定在右", "noPin": "不固定", "autosizeThisColumn": "自动列宽",
    "autosizeAllColumns": "全部自动列宽", "resetColumns": "还原列", "noMatchingRows": "没有符合的记录",
    "footerTotal": "合计", "totalRows": "共", "ariaFilterInput": "筛选", "ariaFilterFromValue": "从", "ariaFilterToValue": "到",
}  # fmt: skip


def names(view: PlanView) -> dict[str, dict[str, str]]:
    """Names behind the ids of the rows: schools of the county, teachers of the plan."""
    county = view.county
    teachers = (county.teacher[placement.teacher] for placement in view.plan.placements)
    return {
        "school": {school.id: school.name for school in county.schools},
        "teacher": {teacher.id: teacher.name for teacher in teachers if teacher.name},
        "backbone": {
            placement.teacher: county.teacher[placement.teacher].backbone
            for placement in view.plan.placements
            if county.teacher[placement.teacher].backbone != "none"
        },
    }


def grid_options(view: PlanView, language: Language) -> dict[str, Any]:
    """Options of the grid; functions are JavaScript under keys that begin with a colon."""

    def words(labels: dict[str, Any]) -> str:
        return json.dumps({key: label(labels, key, language) for key in labels}, ensure_ascii=False)

    known = json.dumps(names(view), ensure_ascii=False)
    text = {"filter": "agTextColumnFilter", "filterParams": {"buttons": ["reset"]}}
    number = {"filter": "agNumberColumnFilter", "filterParams": {"buttons": ["reset"]}, "type": "numericColumn"}
    yes, no = json.dumps(say("yes", language)), json.dumps(say("no", language))
    joined = "、" if language == "zh" else ", "
    columns: list[dict[str, Any]] = [
        {"headerName": say("teacher", language), "pinned": "left", "minWidth": 130, "flex": 1.1,
         ":valueGetter": "p => p.context.teacher[p.data.teacher] || p.data.teacher", **text},
        {"headerName": "ID", "field": "teacher", "minWidth": 110, "flex": 0.8, **text},
        {"headerName": say("home_school", language), "minWidth": 150, "flex": 1.5,
         ":valueGetter": "p => p.context.school[p.data.home] || p.data.home", **text},
        {"headerName": say("host_school", language), "minWidth": 150, "flex": 1.5,
         ":valueGetter": f"p => (p.data.hosts || [p.data.host]).map(h => p.context.school[h] || h).join('{joined}')", **text},
        {"headerName": say("subject", language), "minWidth": 112, "flex": 0.7,
         ":valueGetter": f"p => ({words(SUBJECT)})[p.data.subject] || p.data.subject", **text},
        {"headerName": say("backbone", language), "minWidth": 112, "flex": 0.7,
         ":valueGetter": f"p => ({words(BACKBONE)})[p.context.backbone[p.data.teacher]] || '–'", **text},
        {"headerName": say("mode", language), "minWidth": 112, "flex": 0.7,
         ":valueGetter": f"p => ({words(MODE)})[p.data.mode] || p.data.mode", **text},
        {"headerName": say("term", language), "field": "years", "minWidth": 92, "flex": 0.5, **number},
        {"headerName": say("km", language), "field": "km", "minWidth": 125, "flex": 0.7,
         ":valueFormatter": "p => p.value == null ? '–' : p.value.toFixed(1)", **number},
        {"headerName": say("decided", language), "minWidth": 105, "flex": 0.6,
         ":valueGetter": f"p => p.data.decided ? {yes} : {no}", **text},
    ]  # fmt: skip
    path = json.dumps(f"/v1/plans/{view.record.id}/placements?limit=1000")
    return {
        "columnDefs": columns,
        "defaultColDef": {"sortable": True, "resizable": True, "wrapHeaderText": True, "autoHeaderHeight": True},
        "rowData": [],
        "loading": True,
        ":context": known,
        "localeText": GRID_ZH if language == "zh" else {},
        "pagination": True,
        "paginationPageSize": 50,
        "paginationPageSizeSelector": [20, 50, 200, 1000],
        ":isExternalFilterPresent": "() => rotation.only !== null",
        ":doesExternalFilterPass": "n => n.data.home === rotation.only || n.data.hosts.includes(rotation.only)",
        ":onGridReady": f"p => rotation.rows({path}).then(rows => p.api.setGridOption('rowData', rows))"
        ".finally(() => p.api.setGridOption('loading', false))",
        "suppressCellFocus": True,
        "enableCellTextSelection": True,
    }
