"""What the pages say, always in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rotation.files import tables
from rotation.labels import REFUSAL, SUBJECT
from rotation.objectives import WORDS as OBJECTIVE
from rotation.words import Words

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def language_of(value: str | None) -> Language:
    """The language an address asks for; Chinese unless English is asked for."""
    return "en" if value == "en" else "zh"


def say(text: str | Words, language: Language) -> str:
    """A text of this file by its key, or any words, in one language."""
    words = TEXT[text] if isinstance(text, str) else text
    return words.zh if language == "zh" else words.en


def _labels(choices: tables.Choices) -> dict[str, Words]:
    return {value: Words(names[0], value.replace("_", " ")) for value, names in choices.items()}


AREA = {
    "urban": Words("城区", "Urban"),
    "town": Words("镇区", "Town"),
    "rural": Words("乡村", "Rural"),
    "teaching_point": Words("教学点", "Teaching point"),
}
LEVEL = _labels(tables.LEVELS)
MODE = _labels(tables.MODES)
BACKBONE = _labels(tables.BACKBONE_RANKS)
TITLE = _labels(tables.TITLES)


def subject(name: str, language: Language) -> str:
    """Subjects are free text: a known one gets its label, another stays as it was written."""
    return say(SUBJECT[name], language) if name in SUBJECT else name


def label(labels: Mapping[str, Words], value: str, language: Language) -> str:
    return say(labels[value], language) if value in labels else value


PRESET: Mapping[str, Words] = {
    "national-2014": Words("全国意见(2014)", "National opinion (2014)"),
    "handan-close": Words("邯郸 紧密合作型", "Handan, close groups"),
    "handan-semi": Words("邯郸 半紧密合作型", "Handan, semi-close groups"),
    "handan-loose": Words("邯郸 深度联盟型", "Handan, loose alliances"),
    "libo": Words("荔波县 小学教育集团", "Libo county primary groups"),
    "linzi": Words("临淄区 教育集团 1+N", "Linzi district groups 1+N"),
    "kaihua": Words("开化县 教共体", "Kaihua county communities"),
    "county-1plus3": Words("城乡学校发展共同体 1+3", "Urban-rural communities 1+3"),
    "zhangdian": Words("张店区 联盟式共同体", "Zhangdian district alliances"),
    "yuzhong": Words("渝中区 教育集团", "Yuzhong district groups"),
    "chengzhong": Words("城中区 城校+农校", "Chengzhong district, town and village schools"),
    "beijing-xicheng": Words("西城区 集团化办学", "Xicheng district groups"),
    "town-ring": Words("街圈内教师与农村教师轮岗制", "Town ring and villages"),
}

STATUS: Mapping[str, Words] = {
    "optimal": Words("已证明最优", "Proved optimal"),
    "feasible": Words("可行方案", "Feasible plan"),
    "infeasible": Words("无可行方案", "No plan is possible"),
    "unknown": Words("尚无结论", "No answer yet"),
    "failed": Words("求解失败", "The solve failed"),
    "queued": Words("排队中", "Queued"),
    "running": Words("求解中", "Solving"),
    "done": Words("已完成", "Done"),
}

TEXT: Mapping[str, Words] = {
    "product": Words("教师交流轮岗", "Teacher Rotation"),
    "home": Words("首页", "Home"),
    "teachers": Words("名教师", "teacher(s)"),
    "flows": Words("交流流向", "Flows"),
    "arrivals": Words("接收", "Arrivals"),
    "departures": Words("派出", "Departures"),
    "shortage": Words("缺员", "Shortage"),
    "before": Words("交流前", "Before"),
    "after": Words("交流后", "After"),
    # start
    "start_title": Words("编制轮岗方案", "Make a rotation plan"),
    "start_lead": Words(
        "三步完成: 提交数据, 选择方案规则, 开始求解。每个方案都附带最优性证明。",
        "Three steps: bring the data, choose a programme, solve. Every plan comes with a proof.",
    ),
    "step_data": Words("数据", "Data"),
    "step_policy": Words("方案规则", "Programme"),
    "step_solve": Words("求解", "Solve"),
    "drop_here": Words("将工作簿拖到这里, 或点击选择", "Drop a workbook here, or click to choose"),
    "drop_formats": Words("Excel 工作簿 (.xlsx) 或 JSON", "Excel workbook (.xlsx) or JSON"),
    "use_sample": Words("使用该方案的示例县", "Use the programme's sample county"),
    "no_data": Words("还没有数据", "No data yet"),
    "other_data": Words("换一份数据", "Use other data"),
    "rejected": Words("文件过大或不是支持的格式", "The file is too large or not of a known kind"),
    "reading": Words("正在读取…", "Reading…"),
    "year": Words("学年", "School year"),
    "schools": Words("学校", "Schools"),
    "teachers_count": Words("教师", "Teachers"),
    "posts": Words("岗位", "Posts"),
    "choose_policy": Words("选择方案", "Choose a programme"),
    "must_rules": Words("必须遵守", "Must hold"),
    "soft_rules": Words("尽量满足, 按优先级", "As far as possible, in order"),
    "goals": Words("优化目标", "Optimised"),
    "tier": Words("第 {n} 级", "Tier {n}"),
    "priority": Words("优先级", "Priority"),
    "time_limit": Words("最长用时", "Time limit"),
    "until_proved": Words("直到证明最优", "Until proved"),
    "minutes": Words("{n} 分钟", "{n} min"),
    "start_solve": Words("开始求解", "Start solving"),
    "first_data": Words("请先提交数据", "Bring the data first"),
    "earlier_plans": Words("已有方案", "Earlier plans"),
    "no_plans": Words("还没有方案, 完成上面三步即可生成。", "No plans yet: the three steps above make one."),
    "created": Words("创建时间", "Created"),
    "county": Words("县区", "County"),
    "policy": Words("方案规则", "Programme"),
    "status": Words("状态", "Status"),
    "moved": Words("交流人数", "Placements"),
    "open": Words("打开", "Open"),
    # faults
    "faults_title": Words("发现 {n} 处问题, 请修改后重新提交", "{n} faults found: correct them and upload again"),
    "warnings_title": Words("{n} 条提醒(不影响求解)", "{n} warnings (the data can be used)"),
    "fault_table": Words("表", "Sheet"),
    "fault_cell": Words("位置", "Cell"),
    "fault_column": Words("列", "Column"),
    "fault_value": Words("内容", "Value"),
    "fault_kind": Words("类别", "Kind"),
    "fault_advice": Words("怎么改", "What to do"),
    "error": Words("错误", "Error"),
    "warning": Words("提醒", "Warning"),
    "row": Words("第 {n} 行", "row {n}"),
    "download_faults": Words("下载问题清单", "Download the list"),
    "first_shown": Words("这里显示前 {n} 条, 全部见下载文件。", "The first {n} are shown; the download has all."),
    # progress
    "solving": Words("正在求解", "Solving"),
    "waiting": Words("排队等待中", "Waiting for a free place"),
    "phase_options": Words("列出可能的安排", "Listing possible placements"),
    "phase_program": Words("建立模型", "Building the model"),
    "phase_tier": Words("逐级优化", "Optimising tier by tier"),
    "phase_check": Words("独立核验", "Independent check"),
    "seconds": Words("{n} 秒", "{n} s"),
    "elapsed": Words("已用时间", "Elapsed"),
    "value": Words("当前值", "Value"),
    "bound": Words("已证明的界", "Proved bound"),
    "gap": Words("差距", "Gap"),
    "gap_over_time": Words("差距随时间的变化", "Gap over time"),
    "stop": Words("停止并保留当前最好方案", "Stop and keep the best so far"),
    "stopping": Words("正在停止…", "Stopping…"),
    "reload_hint": Words("可以关闭本页, 求解不会中断。", "You may close this page; the solve goes on."),
    # plan
    "plan": Words("轮岗方案", "Rotation plan"),
    "not_found": Words("没有找到", "Not found"),
    "not_found_plan": Words(
        "没有这个方案, 可能服务已重新启动。", "There is no such plan; the server may have restarted."
    ),
    "not_found_page": Words("没有这个页面, 请检查地址。", "There is no such page; check the address."),
    "template": Words("下载空白模板", "Download an empty template"),
    "not_found_school": Words("本方案的数据中没有这所学校。", "The plan's data have no such school."),
    "back_home": Words("返回首页", "Back to the start"),
    "indicators": Words("主要指标", "Indicators"),
    "map": Words("流向地图", "Map"),
    "map_hint": Words(
        "拖动平移, Ctrl+滚轮或按钮缩放, 点击学校查看其派出与接收。点越大缺员越多, 线越粗人数越多。",
        "Drag to move, Ctrl+wheel or buttons to zoom, tap a school for its arrivals and departures. "
        "Larger dots lack more teachers, thicker lines carry more.",
    ),
    "mesh": Words("每格 {n} 公里", "One mesh = {n} km"),
    "no_coordinates": Words("{n} 所学校没有坐标, 未画出。", "{n} school(s) without coordinates are not drawn."),
    "zoom_in": Words("放大", "Zoom in"),
    "zoom_out": Words("缩小", "Zoom out"),
    "zoom_reset": Words("全图", "Whole county"),
    "busiest": Words("人数最多的流向", "Largest flows"),
    "show_all": Words("显示全部学校", "Show all schools"),
    "school_page": Words("学校详情", "School page"),
    "rules": Words("规则执行情况", "Rules"),
    "rules_summary": Words("{kept} 条全部满足, {short} 条未完全满足", "{kept} hold, {short} fall short"),
    "kept": Words("满足", "Holds"),
    "near": Words("接近", "Nearly"),
    "short": Words("不足", "Falls short"),
    "broken": Words("违反", "Broken"),
    "must": Words("必须", "Must"),
    "measured": Words("实际", "Measured"),
    "least": Words("至少", "Least"),
    "most": Words("至多", "Most"),
    "shortfall": Words("差额", "Shortfall"),
    "cells_kept": Words("{kept}/{all} 处满足", "{kept} of {all} hold"),
    "no_breach": Words("没有违反的安排", "No placement breaks it"),
    "whole_county": Words("全部范围", "All together"),
    "lacks": Words("缺 {n}", "{n} missing"),
    "exceeds": Words("超 {n}", "{n} over"),
    "more_cells": Words("另有 {n} 处", "{n} more"),
    "worst": Words("差额最大的地方", "Where it falls short most"),
    "all_kept": Words("所有地方都满足。", "It holds everywhere."),
    "tiers": Words("逐级证明", "Proof, tier by tier"),
    "proof": Words("证明", "Proof"),
    "proved": Words("已证明", "Proved"),
    "not_proved": Words("未证明", "Not proved"),
    "goal": Words("目标", "Goal"),
    "missing_rule": Words("缺口: {rule}", "Shortfall: {rule}"),
    "placements": Words("交流名单", "Placements"),
    "only_school": Words("只显示: {name}", "Only: {name}"),
    "teacher": Words("教师", "Teacher"),
    "home_school": Words("派出校", "Home school"),
    "host_school": Words("接收校", "Host school"),
    "subject": Words("学科", "Subject"),
    "mode": Words("形式", "Mode"),
    "term": Words("年限", "Years"),
    "km": Words("里程(公里)", "Distance (km)"),
    "decided": Words("人工指定", "Decided"),
    "yes": Words("是", "yes"),
    "no": Words("否", "no"),
    "search": Words("查找姓名、学校、学科…", "Find a name, school, subject…"),
    "export_excel": Words("导出 Excel", "Excel"),
    "export_csv": Words("导出 CSV", "CSV"),
    "print": Words("打印", "Print"),
    "run_facts": Words(
        "用时 {seconds} 秒 · 随机种子 {seed} · {workers} 个线程", "{seconds} s · seed {seed} · {workers} workers"
    ),
    "stopped_user": Words(
        "由用户停止, 保留了当时最好的方案。", "Stopped by a user; the best plan of that moment was kept."
    ),
    "stopped_time": Words("到达时间上限。", "The time limit was reached."),
    "stopped_work": Words("到达计算量上限。", "The work limit was reached."),
    "checked": Words("已由独立核验程序逐条复核", "Every rule re-checked by the independent checker"),
    "conflict": Words("不能同时成立的规则", "Rules that cannot hold together"),
    "what_now": Words("可以怎么办", "What you can do"),
    "what_now_infeasible": Words(
        "请放宽上列规则之一(例如改为带优先级的软规则), 或补充数据后重新求解。",
        "Relax one of these rules (for example give it a priority instead of `must`), or extend the data, and solve again.",
    ),
    "what_now_unknown": Words(
        "时间内既没有找到方案, 也没有证明不存在。请延长用时后重新求解。",
        "Neither a plan nor a proof was found in time. Allow more time and solve again.",
    ),
    "again": Words("重新求解", "Solve again"),
    # school
    "posts_table": Words("岗位: 需要与实有", "Posts: required and at work"),
    "required": Words("需要", "Required"),
    "capacity": Words("容量", "Capacity"),
    "nobody": Words("无", "Nobody"),
    "to_plan": Words("返回方案", "Back to the plan"),
    "filled": Words("已满足", "Filled"),
    "from": Words("来自", "From"),
    "to": Words("前往", "To"),
    "backbone": Words("骨干级别", "Backbone rank"),
    "spread": Words("校际差异系数", "Differences between schools"),
    "level": Words("学段", "Level"),
    "per_100": Words("每百名学生", "Per 100 pupils"),
    "standard": Words("标准", "Standard"),
    "met": Words("达标", "Met"),
    "not_met": Words("未达标", "Not met"),
    "policy_says": Words("规定", "What it says"),
    "where": Words("范围", "Where"),
    "not_needed": Words("不需要", "Not needed"),
    "covers": Words("范围", "covers"),
    "rule": Words("规则", "Rule"),
    "refused": Words(
        "未通过独立核验: 有必须遵守的规则没有满足, 此方案不能采用。",
        "Refused by the independent checker: a rule that must hold does not; this plan cannot be used.",
    ),
    "broke": Words("页面出错", "This page broke"),
    "broke_text": Words(
        "请刷新页面; 如仍出错, 请将时间告知管理员, 服务日志中有记录。",
        "Reload the page; if it breaks again, tell the administrator when: the server's log has the details.",
    ),
    "about_tiers": Words(
        "按优先级逐级优化, 后一级不损害前一级", "Tier after tier; a later one never harms an earlier one"
    ),
    "about_proof": Words("每一级都给出当前值与可证明的界", "Every tier comes with its value and a proved bound"),
    "about_check": Words(
        "方案由独立程序逐条核验后才显示", "A plan is shown only after an independent check of every rule"
    ),
    "about_stop": Words("可随时停止, 保留当时最好的方案", "Stop at any time and keep the best plan so far"),
    "met_of": Words("满足 {met} / 至少 {least}", "{met} met of at least {least}"),
    "other_schools": Words("选择学校", "Choose a school"),
}

__all__ = ["AREA", "BACKBONE", "LANGUAGES", "LEVEL", "MODE", "OBJECTIVE", "PRESET", "REFUSAL", "STATUS", "SUBJECT",
           "TEXT", "TITLE", "Language", "label", "language_of", "say", "subject"]  # fmt: skip
