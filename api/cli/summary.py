"""What a plan does, as tables for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from api.cli.evidence import show_evidence
from api.cli.output import table
from rotation.labels import proof_words
from rotation.plan import Plan, RuleReport, TierReport
from rotation.policy import Policy
from rotation.words import Words
from solver.outcome import Outcome

MOST_CELLS = 20

FIGURES: Mapping[str, Words] = {
    "moved": Words("交流教师", "teachers moved"),
    "eligible": Words("符合交流条件", "eligible"),
    "moved_share": Words("交流比例", "share of eligible moved"),
    "backbone_share": Words("交流中骨干比例", "backbone among the moved"),
    "rural_posts_required": Words("乡村岗位需要数", "rural posts required"),
    "rural_posts_filled_before": Words("乡村岗位在岗(前)", "rural posts filled before"),
    "rural_posts_filled_after": Words("乡村岗位在岗(后)", "rural posts filled after"),
    "km_total": Words("总里程(公里)", "km in all"),
    "km_median": Words("里程中位数(公里)", "km, median"),
    "km_max": Words("最远(公里)", "km, longest"),
    "subsidy_yearly": Words("年度补贴(元)", "subsidy a year (yuan)"),
    "first_choice_share": Words("第一志愿比例", "first choices"),
}
STATUS: Mapping[str, Words] = {
    "optimal": Words("已证明最优", "proved optimal"),
    "feasible": Words("可行", "feasible"),
    "infeasible": Words("无可行方案", "infeasible"),
    "unknown": Words("未知", "unknown"),
    "failed": Words("失败", "failed"),
}


def show_plan(plan: Plan, policy: Policy) -> None:
    """Status, figures, evidence of balance, tiers with their bounds, and the rules."""
    words = STATUS[plan.status]
    seconds = plan.run.get("seconds")
    took = f" · {seconds:.1f} s" if isinstance(seconds, int | float) else ""
    figures = [(f"{FIGURES[key].zh} {FIGURES[key].en}", _figure(key, plan.metrics[key])) for key in FIGURES
               if plan.metrics.get(key) is not None]  # fmt: skip
    title = f"{plan.policy_name} · {words.zh} {words.en}{took}"
    table(title, ("指标 indicator", "数值 value"), figures or [("交流教师 teachers moved", len(plan.placements))])
    show_evidence(plan.metrics)
    show_tiers(plan)
    show_rules(plan.rules, policy)


def show_tiers(plan: Plan) -> None:
    rows = [(t.priority, t.name, f"{t.value:.10g}", "" if t.bound is None else f"{t.bound:.10g}",
             "" if t.gap is None else f"{t.gap:.4%}", t.proved, _proof(t)) for t in plan.tiers]  # fmt: skip
    table(
        "目标层级 · tiers",
        ("级 tier", "目标 objective", "值 value", "界 bound", "差距 gap", "已证 proved", "依据 proof"),
        rows,
    )


def _proof(tier: TierReport) -> str:
    words = proof_words(tier)
    return "" if words is None else f"{words.zh} {words.en}"


def show_rules(reports: tuple[RuleReport, ...], policy: Policy) -> None:
    """A line a rule, in words."""
    said = {rule.id: rule.sentence() for rule in policy.rules}
    rows = [
        (
            report.id,
            "必须 must" if report.priority == "must" else report.priority,
            report.holds,
            report.shortfall if report.shortfall else "",
            f"{said[report.id].zh}\n{said[report.id].en}" if report.id in said else report.rule,
        )
        for report in reports
    ]
    table("规则 · rules", ("规则 rule", "优先级 priority", "成立 holds", "差额 shortfall", "内容 what it says"), rows)


def show_broken(reports: tuple[RuleReport, ...]) -> None:
    """The cells in which rules do not hold, the first of each rule."""
    for report in reports:
        short = [cell for cell in report.cells if cell["shortfall"]]
        if not short:
            continue
        rows = [
            (_cell(cell["cell"]), cell["measured"], cell["least"], cell["most"], cell["shortfall"], cell.get("code"))
            for cell in short[:MOST_CELLS]
        ]
        more = (
            f" (前 {MOST_CELLS} 项, 共 {len(short)} · first {MOST_CELLS} of {len(short)})"
            if len(short) > MOST_CELLS
            else ""
        )
        columns = ("单元 cell", "实际 measured", "至少 least", "至多 most", "差额 shortfall", "代码 code")
        table(f"{report.id}{more}", columns, rows)


def show_conflict(outcome: Outcome, policy: Policy) -> None:
    """The rules that cannot hold together, in words."""
    cells: dict[str, list[str]] = defaultdict(list)
    for rule_id, cell in outcome.conflict:
        cells[rule_id].append(_cell(cell))
    said = {rule.id: rule.sentence() for rule in policy.rules}
    rows = [
        (rule_id, "; ".join(cell for cell in listed if cell),
         f"{said[rule_id].zh}\n{said[rule_id].en}" if rule_id in said else "")
        for rule_id, listed in cells.items()
    ]  # fmt: skip
    if rows:
        columns = ("规则 rule", "单元 cells", "内容 what it says")
        table("这些规则不能同时成立 · these rules cannot hold together", columns, rows)


def _cell(cell: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in cell.items()) or "全县 county"


def _figure(key: str, value: Any) -> str:
    if key.endswith("_share"):
        return f"{value:.1%}"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
