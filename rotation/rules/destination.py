"""交流范围 / destination: from which schools to which, and in which mode.

Source: 荔波县 小学教育集团: 交流范围原则上只在集团内部; 西宁城中区: 支教 and 跟班进修 as flows in both directions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from rotation.county import School
from rotation.rules.frame import Parameters, PlacementRule, Selected, Selector, means, several
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement


class Flow(Parameters):
    """A permitted stream of teachers; a missing end is any school. ``max_km`` replaces the distance rule's."""

    model_config = ConfigDict(populate_by_name=True)

    from_: Annotated[Selector, Field(alias="from")] = Selector()
    to: Selector = Selector()
    mode: Literal["secondment", "attachment", "itinerant"] = "secondment"
    max_km: Annotated[float, Field(ge=0)] | None = None

    def matches(self, home: School, host: School, mode: str) -> bool:
        return self.mode == mode and self.from_.selects(home) and self.to.selects(host)


class Destination(PlacementRule):
    """Home and host lie in the same unit, and some flow of the placement's mode joins them.

    A school without group (township) shares that unit with no school. Without ``flows`` every way and mode is allowed.
    Each host of a circuit has to fit.
    """

    rule: Literal["destination"] = "destination"
    within: Annotated[
        Literal["county", "township", "group"], means("在什么范围内交流", "the unit in which home and host lie")
    ] = "county"
    flows: Annotated[
        several(Flow),  # type: ignore[valid-type]
        means(
            "准许的流向; 不写则不限。每条: from、to 为学校条件(不写为任何学校), mode 为交流形式"
            "(默认 secondment), max_km 代替距离规则的上限",
            "the allowed flows; none given: any. Each has `from` and `to` (selectors; missing: any school), `mode` "
            "(secondment unless given) and `max_km`, which replaces the distance rule's",
        ),
    ] = ()

    title: ClassVar[Words] = Words("交流范围", "Destination")
    selects: ClassVar[Selected] = "homes"
    codes: ClassVar[tuple[str, ...]] = (
        "outside_township",
        "outside_group",
        "no_flow",
    )
    zh: ClassVar[str] = (
        "派出校与接收校在同一单位(县、乡镇或集团)内；若列出流向，还须有一条流向同时符合派出校、"
        "接收校和交流形式。没有集团(乡镇)的学校不与任何学校同集团(乡镇)。"
    )

    def in_unit(self, home: School, host: School) -> bool:
        if self.within == "county":
            return True
        unit = getattr(home, self.within)
        return unit is not None and unit == getattr(host, self.within)

    def refusal(self, facts: Facts, placement: Placement) -> str | None:
        county = facts.county
        home = county.school[placement.home]
        if not self.selector.selects(home):
            return None
        for host_id in placement.hosts:
            host = county.school[host_id]
            if not self.in_unit(home, host):
                return f"outside_{self.within}"
            if self.flows and not any(flow.matches(home, host, placement.mode) for flow in self.flows):
                return "no_flow"
        return None

    def sentence(self) -> Words:
        unit = {
            "county": Words("县域", "county"),
            "township": Words("乡镇", "township"),
            "group": Words("教育集团", "group"),
        }
        zh, en = f"在本{unit[self.within].zh}内交流", f"Moves stay within the {unit[self.within].en}"
        if self.flows:
            zh += f", 只按所列的{len(self.flows)}条流向"
            en += f", along the {len(self.flows)} listed flow(s) only"
        return Words(zh, en)
