"""人工指定 / decisions: the office's own word, row by row of the ``decisions`` table. Always on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from rotation.county import Decision
from rotation.rules.frame import Cell, Rule, Selected
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally


class Decisions(Rule):
    """``require``: the teacher moves (to that host). ``forbid``: not to that host, or not at all without one.

    A required teacher whom no rule of §3 lets go is an input error; finding that takes the list of options, so
    ``solver.options`` raises it, naming the decision and the rules that refuse.
    """

    rule: Literal["decisions"] = "decisions"

    title: ClassVar[Words] = Words("人工指定", "Decisions")
    selects: ClassVar[Selected] = "nothing"
    codes: ClassVar[tuple[str, ...]] = (
        "require",
        "forbid",
    )
    zh: ClassVar[str] = (
        "人工指定表的每一行都执行。require：该教师必须交流(到该校)；forbid：该教师不到该校，"
        "没有写学校的则不交流。指定与本组规则矛盾时是输入错误，并指明双方。始终生效。"
    )
    always_must: ClassVar[bool] = True
    always_on: ClassVar[bool] = True
    ties: ClassVar[str] = "teacher"

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        hosts = {placement.teacher: placement.hosts for placement in tally.placements}
        for decision in facts.county.decisions:
            placed_at = hosts.get(decision.teacher, ())
            meets = bool(placed_at) if decision.host is None else decision.host in placed_at
            holds = meets == (decision.kind == "require")
            yield Cell(decision_cell(decision), int(meets), shortfall=int(not holds), code=decision.kind)

    def sentence(self) -> Words:
        return Words("逐条执行人工指定表(指定或禁止)", "Every row of the decisions table is obeyed (require or forbid)")


def decision_cell(decision: Decision) -> dict[str, str]:
    return {"teacher": decision.teacher} | ({"host": decision.host} if decision.host is not None else {})
