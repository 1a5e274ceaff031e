"""经费上限 / budget: what the yearly subsidies may cost.

Source: 城乡学校发展共同体: 与交流地教师同等交通补贴. Chinese documents give no yearly amount a teacher that could be found; amount and
bands are the office's to set.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from rotation.county import School, Term
from rotation.rules.frame import Cell, Rule, Selected, Single, exact, means
from rotation.words import Words

if TYPE_CHECKING:
    from rotation.facts import Facts
    from rotation.tally import Tally

Amount = int | Annotated[float, Field(allow_inf_nan=False)]
"""Yuan, or kilometres, as written."""


def _as_pairs(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(tuple(pair) if isinstance(pair, list) else pair for pair in value)
    return value


def _as_unit(value: Any) -> Any:
    return "county" if value in ([], ()) else value


Band = tuple[Annotated[Amount, Field(ge=0)], Annotated[Amount, Field(ge=0)]]


class Budget(Rule):
    """Σ yearly(km) over new placements and running terms ≤ amount, in the county or in each host's group.

    yearly(km) = the yuan of the first band with km ≤ its limit (limits included); beyond the last, the last's. km is the
    way from residence to host in whole metres, as plans show it; a circuit's farthest host; a running term whose way
    is not known takes the last band. A circuit belongs to the group of its first host; a host without group to none.
    ``where`` selects hosts.
    """

    rule: Literal["budget"] = "budget"
    amount: Annotated[Amount, Field(ge=0), means("每学年上限, 元", "the most a school year may cost, yuan")]
    bands: Annotated[
        tuple[Band, ...],
        BeforeValidator(_as_pairs),
        Field(min_length=1),
        means(
            "补贴分档: [公里上限, 每人每学年元], 公里递增, 含上限",
            "[km limit, yuan a teacher and school year], ascending, limits included",
        ),
    ]
    per: Annotated[
        Literal["county", "group"],
        Single,
        BeforeValidator(_as_unit),
        means("全县合计, 或按集团", "one sum for the county, or one a group"),
    ] = "county"

    title: ClassVar[Words] = Words("经费上限", "Budget")
    selects: ClassVar[Selected] = "hosts"
    zh: ClassVar[str] = (
        "新安排和未期满交流的年度补贴合计不超过 amount，全县合计或按接收校的集团分别合计。"
        "每人每学年补贴为第一个不小于其公里数的档；超过最后一档按最后一档。走教按最远的接收校计，"
        "属第一所接收校的集团。"
    )
    unit: ClassVar[Words] = Words("元", "yuan")
    ties: ClassVar[str] = "county"

    @model_validator(mode="after")
    def _bands_ascend(self) -> Budget:
        limits = [km for km, _ in self.bands]
        if any(later <= earlier for earlier, later in pairwise(limits)):
            raise ValueError("the kilometres of `bands` must ascend")
        return self

    def yearly(self, km: float | None) -> int | float:
        """Yuan per school year for a way of ``km``; None, a way that is not known, costs as the farthest."""
        if km is not None:
            metres = round(km * 1000)
            for limit, yuan in self.bands:
                if metres <= 1000 * exact(limit):
                    return yuan
        return self.bands[-1][1]

    def running_cost(self, facts: Facts, terms: tuple[Term, ...]) -> int | float:
        """Yuan per school year of one running term (several rows: a circuit)."""
        county = facts.county
        ways = [facts.way(county.teacher[term.teacher], county.school[term.host]) for term in terms]
        known = [way.km for way in ways if way is not None]
        return self.yearly(max(known) if len(known) == len(ways) else None)

    def costs(self, facts: Facts, tally: Tally) -> Iterator[tuple[School, Fraction]]:
        """(host, yuan per school year) of every covered running term and new placement."""
        school = facts.county.school
        for terms in facts.county.running.values():
            if self.selector.selects(school[terms[0].host]):
                yield school[terms[0].host], exact(self.running_cost(facts, terms))
        for placement in tally.placements:
            if self.selector.selects(school[placement.host]):
                yield school[placement.host], exact(self.yearly(placement.km))

    def check(self, facts: Facts, tally: Tally) -> Iterator[Cell]:
        spent: dict[str | None, Fraction] = {}
        if self.per == "group":
            spent = {
                s.group: Fraction(0) for s in facts.county.schools if s.group is not None and self.selector.selects(s)
            }
        else:
            spent = {None: Fraction(0)}
        for host, yuan in self.costs(facts, tally):
            key = host.group if self.per == "group" else None
            if key in spent:
                spent[key] += yuan
        for key, total in spent.items():
            yield Cell.between({"group": key} if key is not None else {}, total, None, exact(self.amount))

    def sentence(self) -> Words:
        unit = Words("全县", "The county's") if self.per == "county" else Words("每个集团", "Each group's")
        bands = [(f"{km:g}", f"{yuan:g}") for km, yuan in self.bands]
        zh = "、".join(f"{km}公里以内{yuan}元" for km, yuan in bands)
        en = ", ".join(f"{yuan} within {km} km" for km, yuan in bands)
        return Words(
            f"{unit.zh}每学年交流补贴不超过{self.amount:,}元(每人每学年: {zh}, 更远按最后一档; 含未期满的交流)",
            f"{unit.en} subsidies stay within {self.amount:,} yuan a school year (a teacher and year: {en}, beyond that the "
            "last; running terms included)",
        )
