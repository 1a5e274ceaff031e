"""距离限制 / distance: nobody travels too far.

Chinese documents give no kilometre limit that could be found; the number is the office's to set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from rotation.county import School
from rotation.rules.destination import Destination
from rotation.rules.frame import PlacementRule, Selected, Selector, means
from rotation.travel import DEFAULT_DETOUR
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement


class Distance(PlacementRule):
    """km (minutes) from residence to host ≤ the limit and ≤ the teacher's own ``max_km``.

    km = the travel table's entry for the teacher; else, when no residence is given, for the home school; else great
    circle × detour. An entry is taken as it stands. A way that is not known is refused. The ``max_km`` of a flow that
    the placement follows replaces the rule's. Each host of a circuit has to fit.
    """

    model_config = ConfigDict(populate_by_name=True)

    rule: Literal["distance"] = "distance"
    max_km: Annotated[Annotated[float, Field(ge=0)] | None, means("公里上限", "the most kilometres")] = None
    max_minutes: Annotated[
        Annotated[float, Field(ge=0)] | None,
        means("分钟上限; 只有里程表知道分钟数", "the most minutes; only the travel table knows minutes"),
    ] = None
    respect_personal: Annotated[bool, means("遵守教师本人填报的公里上限", "the teacher's own max_km holds too")] = True
    detour: Annotated[
        float,
        Field(ge=1),
        means(
            "绕行系数: 球面距离乘以它; 全部规则都用第一条距离规则的系数",
            "great-circle distance is multiplied by it; the first distance rule's is used wherever km are needed",
        ),
    ] = DEFAULT_DETOUR
    from_: Annotated[
        Selector, Field(alias="from"), means("只对来自这些派出校的教师", "only for teachers of these home schools")
    ] = Selector()

    title: ClassVar[Words] = Words("距离限制", "Distance")
    selects: ClassVar[Selected] = "hosts"
    codes: ClassVar[tuple[str, ...]] = (
        "no_distance",
        "too_far",
        "too_far_for_teacher",
        "minutes_unknown",
        "too_long",
    )
    zh: ClassVar[str] = (
        "从住处到接收校的公里数(分钟数)不超过上限，也不超过教师本人的上限。公里数取里程表中教师的一行；"
        "教师没有住处坐标时取派出校的一行；都没有则为球面距离乘以绕行系数；仍无从得知的不准许。走教的每一所接收校都要符合。"
    )

    def limit_km(self, facts: Facts, home: School, host: School, mode: str) -> float | None:
        """The kilometres allowed on this way: the rule's, or those of the flows that carry their own."""
        limits = [
            self.max_km if flow.max_km is None else flow.max_km
            for rule in facts.policy.rules
            if isinstance(rule, Destination) and rule.selector.selects(home)
            for flow in rule.flows
            if flow.matches(home, host, mode)
        ] or [self.max_km]
        # Several flows may match: the placement needs only one of them.
        return None if None in limits else max(limit for limit in limits if limit is not None)

    def refusal(self, facts: Facts, placement: Placement) -> str | None:
        county = facts.county
        teacher, home = county.teacher[placement.teacher], county.school[placement.home]
        if not self.from_.selects(home):
            return None
        for host_id in placement.hosts:
            host = county.school[host_id]
            if not self.selector.selects(host):
                continue
            way = facts.way(teacher, host)
            if way is None:
                return "no_distance"
            limit = self.limit_km(facts, home, host, placement.mode)
            if limit is not None and way.km > limit:
                return "too_far"
            if self.respect_personal and teacher.max_km is not None and way.km > teacher.max_km:
                return "too_far_for_teacher"
            if self.max_minutes is not None and way.minutes is None:
                return "minutes_unknown"
            if self.max_minutes is not None and way.minutes is not None and way.minutes > self.max_minutes:
                return "too_long"
        return None

    def sentence(self) -> Words:
        zh, en = [], []
        if self.max_km is not None:
            zh.append(f"不超过{self.max_km:g}公里")
            en.append(f"at most {self.max_km:g} km")
        if self.max_minutes is not None:
            zh.append(f"不超过{self.max_minutes:g}分钟")
            en.append(f"at most {self.max_minutes:g} minutes")
        if self.respect_personal:
            zh.append("不超过教师本人填报的上限")
            en.append("at most the teacher's own limit")
        return Words(
            f"从住处到接收校: {'; '.join(zh) or '不限'}", f"From residence to host: {'; '.join(en) or 'no limit'}"
        )
