"""The evidence table for the evaluation of balanced compulsory education (``rotation.indicators``), for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.cli.output import both, table
from rotation.words import Words

SHARES: Mapping[str, Words] = {
    "moved_share": Words("交流教师占符合条件教师", "moved, of the eligible"),
    "backbone_share": Words("骨干占交流教师", "backbone, of the moved"),
}
LEVELS: Mapping[str, Words] = {"primary": Words("小学", "primary"), "junior": Words("初中", "junior")}
MEASURES: Mapping[str, Words] = {
    "teachers": Words("教师", "teachers"),
    "backbone": Words("骨干教师", "backbone"),
    "arts_pe": Words("体音美教师", "arts and PE"),
}
COLUMNS = ("指标 indicator", "前 before", "后 after", "标准 standard", "达到 holds")


def show_evidence(metrics: Mapping[str, Any]) -> None:
    """The table, from what ``indicators`` returns; nothing where a plan file carries no such figures."""
    rows = list(evidence_rows(metrics))
    if rows:
        title = Words(
            "均衡评估依据(差异系数: 校际, 每百名学生)", "evidence of balance (CV: between schools, per 100 pupils)"
        )
        table(both(title), COLUMNS, rows)


def evidence_rows(metrics: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """Shares moved against their standards, then coefficients of variation; schools of neither level give no rows."""
    for row in metrics.get("evidence") or ():
        after = "" if row["share"] is None else f"{row['share']:.1%} ({row['count']}/{row['of']})"
        standard = f"≥ {row['standard']:.0%} ({row['least']})"
        yield both(SHARES[row["indicator"]]), "", after, standard, row["holds"]
    for level, found in (metrics.get("variation") or {}).items():
        for measure in MEASURES if found["schools"] else ():
            cv, name = found[measure], Words("差异系数", "CV")
            label = (both(words) for words in (name, LEVELS[level], MEASURES[measure]))
            yield (
                ", ".join(label),
                _decimals(cv["before"]),
                _decimals(cv["after"]),
                f"≤ {found['most']:.2f}",
                cv["holds"],
            )


def _decimals(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
