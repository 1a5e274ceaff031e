"""任教资格 / qualification: the host has the post, and the teacher may teach it. Always on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from rotation.rules.frame import PlacementRule, Selected
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.plan import Placement


class Qualification(PlacementRule):
    """A post of the placed subject at each host, one of the teacher's subjects, a shared level, host ≠ home."""

    rule: Literal["qualification"] = "qualification"

    title: ClassVar[Words] = Words("任教资格", "Qualification")
    selects: ClassVar[Selected] = "nothing"
    codes: ClassVar[tuple[str, ...]] = (
        "subject_not_taught",
        "host_is_home",
        "no_post",
        "no_shared_level",
    )
    zh: ClassVar[str] = (
        "每个接收校都设有所任学科的岗位；该学科是教师能教的学科之一；教师与接收校有共同学段；接收校不是派出校(走教线"
        "路可以包含派出校)。始终生效。"
    )
    always_on: ClassVar[bool] = True

    def refusal(self, facts: Facts, placement: Placement) -> str | None:
        county = facts.county
        teacher = county.teacher[placement.teacher]
        if placement.subject not in teacher.subjects:
            return "subject_not_taught"
        for host_id in placement.hosts:
            # Only a circuit may serve the home school among others.
            if host_id == teacher.school and not placement.is_circuit:
                return "host_is_home"
            if (host_id, placement.subject) not in county.post:
                return "no_post"
            if not set(teacher.levels) & set(county.school[host_id].levels):
                return "no_shared_level"
        return None

    def sentence(self) -> Words:
        return Words(
            "接收校设有该学科岗位, 且学科、学段与教师任教资格相符",
            "The host has a post in the subject, and subject and level are among the teacher's",
        )
