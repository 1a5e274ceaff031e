"""The indicators of a plan (``rotation.indicators``) as cards: one figure each, before → after, and its standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.numbers import percent, share, show
from api.pages.texts import LEVEL, Language, say
from rotation.words import Words


@dataclass(frozen=True)
class Card:
    """``holds`` is None where there is no standard to meet; ``before`` is empty where nothing was before."""

    name: str
    figure: str
    before: str
    note: str
    holds: bool | None = None


MEASURE = {
    "teachers": Words("教师", "teachers"),
    "backbone": Words("骨干教师", "backbone teachers"),
    "arts_pe": Words("体音美教师", "arts and PE teachers"),
}


def cards(found: Mapping[str, Any], language: Language) -> list[Card]:
    """The six figures that an office is asked for first; ``found`` is what ``indicators`` returns."""
    evidence = {row["indicator"]: row for row in found["evidence"]}

    def words(zh: str, en: str) -> str:
        return say(Words(zh, en), language)

    required = found["rural_posts_required"]
    filled = [found["rural_posts_filled_before"], found["rural_posts_filled_after"]]
    listed = [
        Card(
            words("交流人数", "Teachers who move"),
            show(found["moved"]),
            "",
            words(
                f"占符合条件 {show(found['eligible'])} 人的 {percent(found['moved_share'], 1)}, 标准 10%",
                f"{percent(found['moved_share'], 1)} of {show(found['eligible'])} eligible, standard 10%",
            ),
            evidence["moved_share"]["holds"],
        ),
        Card(
            words("骨干教师占比", "Backbone share"),
            percent(found["backbone_share"], 1),
            "",
            words(
                f"{show(found['backbone_moved'])} 人, 标准 20%",
                f"{show(found['backbone_moved'])} teachers, standard 20%",
            ),
            evidence["backbone_share"]["holds"],
        ),
        Card(
            words("乡村岗位满足", "Rural posts filled"),
            percent(share(filled[1], required), 1),
            percent(share(filled[0], required), 1),
            words(
                f"{show(filled[0])} → {show(filled[1])}, 需要 {show(required)}",
                f"{show(filled[0])} → {show(filled[1])} of {show(required)} required",
            ),
            filled[1] >= required,
        ),
        Card(
            words("里程中位数", "Median distance"),
            f"{show(found['km_median'])} km",
            "",
            words(f"最远 {show(found['km_max'])} km", f"longest {show(found['km_max'])} km"),
        ),
    ]
    if found["first_choice_of"]:
        listed.append(
            Card(
                words("第一志愿满足", "First choice met"),
                percent(found["first_choice_share"]),
                "",
                words(
                    f"{show(found['first_choice_of'])} 人填报了志愿", f"of {show(found['first_choice_of'])} with a list"
                ),
            )
        )
    if found["subsidy_yearly"] is not None:
        listed.append(
            Card(
                words("年度补贴", "Yearly subsidy"),
                f"¥ {show(found['subsidy_yearly'], 0)}",
                f"¥ {show(found['subsidy_yearly_before'], 0)}",
                words("含在轮岗期内的教师", "running terms included"),
            )
        )
    return listed


@dataclass(frozen=True)
class Spread:
    """A coefficient of variation between schools, before → after, against the most that passes."""

    level: str
    measure: str
    before: str
    after: str
    most: str
    holds: bool | None


def spreads(found: Mapping[str, Any], language: Language) -> list[Spread]:
    """差异系数: a row for every level and measure that can be computed."""
    return [
        Spread(
            say(LEVEL[level], language),
            say(MEASURE[measure], language),
            show(row[measure]["before"], 3),
            show(row[measure]["after"], 3),
            show(row["most"], 2),
            row[measure]["holds"],
        )
        for level, row in found["variation"].items()
        for measure in MEASURE
        if row[measure]["after"] is not None
    ]
