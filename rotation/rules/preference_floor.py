"""志愿底线 / preference floor: nobody is placed at a host that they marked unacceptable (rank 0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from rotation.rules.frame import PlacementRule, Selected
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement


class PreferenceFloor(PlacementRule):
    """rank(teacher, host) ≠ 0 for every placement; ``where`` selects the hosts."""

    rule: Literal["preference_floor"] = "preference_floor"

    title: ClassVar[Words] = Words("志愿底线", "Preference floor")
    selects: ClassVar[Selected] = "hosts"
    codes: ClassVar[tuple[str, ...]] = ("unacceptable",)
    zh: ClassVar[str] = "不把教师派到本人志愿表中标为不接受(志愿序号0)的学校。"

    def refusal(self, facts: Facts, placement: Placement) -> str | None:
        ranks = facts.county.ranks_of.get(placement.teacher, {})
        for host in placement.hosts:
            if ranks.get(host) == 0 and self.selector.selects(facts.county.school[host]):
                return "unacceptable"
        return None

    def sentence(self) -> Words:
        return Words(
            "不把教师派到本人标明不接受的学校", "Nobody is placed at a school that they marked as unacceptable"
        )
