"""A plan in terms of its program: which columns it takes, and one ladder for all that is asked about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

import numpy as np

from rotation.check import Report, check
from rotation.county import County
from rotation.facts import Facts
from rotation.faults import Fault, InputError
from rotation.plan import Placement, Plan
from rotation.policy import Policy
from rotation.rules.frame import Number
from rotation.rules.term import TermRule
from rotation.tally import Tally
from rotation.words import Words
from solver.formulate import formulate
from solver.index import Floats, Index, Ints
from solver.ladder import Ladder, Question, Reached
from solver.options import Options, build_options
from solver.prices import Change, Price, TierPrice
from solver.program import Program
from solver.solve import refuse_faults
from solver.terms import NoTerms, assign_years


class Planned:
    """``plan`` of ``county`` under ``policy``, checked. Building the ladder takes about as long as a solve; asking little.

    Raises InputError where data, policy and plan do not belong together or the plan breaks a `must` rule.
    """

    def __init__(
        self, county: County, policy: Policy, plan: Plan, baseline: Mapping[str, Placement] | None = None
    ) -> None:
        self.county, self.policy, self.plan = county, policy, plan
        self.baseline = baseline or {}
        self.facts = Facts(county, policy)
        refuse_faults(self.facts)
        self.report = check(county, policy, plan.placements, self.baseline, self.facts)
        require_kept(self.report)
        self.placed: Mapping[str, Placement] = {placement.teacher: placement for placement in plan.placements}
        self.tally = Tally(county, plan.placements)
        self._staggered: frozenset[int] = frozenset()

    # -- the program ------------------------------------------------------------------------------------------------

    @cached_property
    def index(self) -> Index:
        return Index(self.facts)

    @cached_property
    def options(self) -> Options:
        return build_options(self.index)

    @cached_property
    def program(self) -> Program:
        return formulate(self.options, self.baseline, staggered=self._staggered)

    @cached_property
    def chosen(self) -> Ints:
        """The plan's options, ascending."""
        return np.sort(np.array([self.option_of(p) for p in self.plan.placements], dtype=np.int64))

    def option_of(self, placement: Placement) -> int:
        options, index = self.options, self.index
        for option in options.of_teacher(index.teacher_at[placement.teacher]).tolist():
            if options.is_placement(option, placement):
                return int(option)
        raise InputError([_breaks(placement.teacher)])

    @cached_property
    def disturbed(self) -> Floats:
        """Cost of each column: people whose placement differs from the plan's, less their number."""
        return self.distance(self.chosen)

    def distance(self, chosen: Ints) -> Floats:
        """Cost of each column: people who are placed differently in the plan of options ``chosen``, less their number."""
        cost = np.zeros(self.program.shape[1])
        cost[: len(self.options)] = 1.0
        for option in chosen:
            cost[self.options.of_teacher(int(self.options.teacher[option]))] = 0.0
            cost[option] = -1.0
        return cost

    @cached_property
    def ladder(self) -> Ladder:
        tiers = [tier.cost.astype(np.float64) for tier in self.program.tiers]
        return Ladder(self.program, [*tiers, self.disturbed], self.chosen)

    @cached_property
    def nearest(self) -> Ladder:
        """The ladder that disturbs the fewest people first, and asks for the tiers then."""
        tiers = [tier.cost.astype(np.float64) for tier in self.program.tiers]
        return Ladder(self.program, [self.disturbed, *tiers], self.chosen)

    # -- asking -----------------------------------------------------------------------------------------------------

    def ask(self, question: Question, *, nearest: bool = False) -> Reached | None:
        """The best plan under ``question`` (or the nearest), whose terms work out too; None: there is none."""
        while True:
            reached = (self.nearest if nearest else self.ladder).ask(question)
            if reached is None or not self._stagger(self.options_in(reached.x)):
                return reached

    def _stagger(self, chosen: Ints) -> bool:
        """Whether hosts had to be given the rows of staggered ends: the question is then asked once more."""
        if not any(isinstance(rule, TermRule) and rule.end_share_max is not None for rule in self.policy.rules):
            return False
        try:
            assign_years(self.options, chosen, self.baseline)
        except NoTerms as error:
            self.stagger(error.hosts)
            return True
        return False

    def stagger(self, hosts: Collection[int]) -> None:
        self._staggered |= frozenset(hosts)
        for name in ("program", "disturbed", "ladder", "nearest"):
            self.__dict__.pop(name, None)

    def options_in(self, x: Floats) -> Ints:
        return np.flatnonzero(x[: len(self.options)] > 0.5)

    def price(self, reached: Reached) -> Price:
        """What the plan of ``reached`` costs more than this plan, tier by tier."""
        used = np.flatnonzero(reached.x)
        x = np.rint(reached.x[used]).astype(np.int64)
        tiers = []
        for tier in self.program.tiers:
            value: Number = tier.step * int((tier.cost[used] * x).sum()) + tier.constant
            tiers.append(TierPrice(tier.priority, tier.name, self.report.values[tier.priority], value))
        return Price(tuple(tiers), reached.exact, reached.proof)

    def changes(self, x: Floats, first: str | None = None) -> tuple[Change, ...]:
        """Everybody whose placement differs from the plan's; ``first`` leads, then in the order of the data."""
        options, index = self.options, self.index
        after = self.options_in(x)
        differ = np.setxor1d(after, self.chosen)
        taken = {int(options.teacher[option]): int(option) for option in np.intersect1d(differ, after)}
        given = {int(options.teacher[option]): int(option) for option in np.intersect1d(differ, self.chosen)}
        found = []
        for teacher in sorted(taken.keys() | given.keys()):
            old, new = given.get(teacher), taken.get(teacher)
            shown = new if new is not None else old
            assert shown is not None
            found.append(
                Change(
                    index.county.teachers[teacher].id,
                    None if old is None else options.hosts_of(old),
                    None if new is None else options.hosts_of(new),
                    index.subjects[options.subject[shown]],
                    int(options.metres[shown]) / 1000,
                )
            )
        return tuple(sorted(found, key=lambda change: change.teacher != first))


def require_kept(report: Report) -> None:
    """Raises InputError for a plan that breaks a `must` rule."""
    if not report.holds:
        raise InputError([_breaks(", ".join(rule.id for rule in report.broken))])


def _breaks(what: str) -> Fault:
    advice = Words(
        f"方案不符合必须规则({what}), 无从解释; 请先用 rotation check 核验",
        f"the plan breaks `must` rules ({what}); run rotation check first",
    )
    return Fault("plan", None, None, what, "plan_breaks_rules", advice)
