"""Ways out of conflicts: for each smallest set of rules that meets every conflict, the plan that breaks those rules least,
and the changed policies under which that plan keeps every rule.

The plan is found by solving the policy with those rules made soft (the ones about who may move: open, each placement that
they would refuse counting one), and the checker confirms it under the changed policy. So a way out is never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from rotation.check import Report, check
from rotation.county import County
from rotation.facts import Facts
from rotation.faults import InputError
from rotation.plan import Placement
from rotation.policy import Policy
from rotation.rules.budget import Budget
from rotation.rules.frame import Rule
from rotation.rules.term import TermRule
from rotation.tally import Tally
from solver.diagnosis.answer import Price, WayOut
from solver.diagnosis.easing import (
    broken_cells,
    can_ease,
    eased,
    eased_at,
    is_liftable,
    schools_in_breach,
)
from solver.diagnosis.openings import Openings, widest
from solver.diagnosis.searching import searched
from solver.diagnosis.sentences import changes_of, way_words
from solver.diagnosis.system import RuleCell, Undecided
from solver.formulate import formulate
from solver.index import Index
from solver.options import Options, build_options
from solver.program import Program, TierCost
from solver.search import Found
from solver.stopping import Stopped
from solver.terms import NoTerms, assign_years

MOST_SETS = 8
MOST_TOGETHER = 3
FARTHER = 100_000
"""Kilometres in all that weigh as much as one person."""
Replaced = dict[str, tuple[Rule, ...]]
Stop = Callable[[], bool]


class Menu:
    """Looks for ways out until ``stop``; what was found by then stays.

    ``conflicts``: the rule ids of each; ``cells``: the cells of all of them.
    """

    def __init__(
        self, openings: Openings, conflicts: Sequence[Collection[str]], cells: Sequence[RuleCell], stop: Stop
    ) -> None:
        self.cells = cells
        self.openings = openings
        self.policy = openings.policy
        self.county: County = openings.index.county
        self.facts: Facts = openings.index.facts
        self.conflicts = [frozenset(rules) for rules in conflicts]
        self.stop = stop
        self.ways: dict[str, WayOut] = {}
        self.complete = True
        self._solved: set[str] = set()
        self._taken = {rule.id for rule in self.policy.rules}

    def run(self) -> list[WayOut]:
        """The ways out, the cheapest first."""
        try:
            for levers in self._lever_sets():
                if self._hopeless(levers):
                    continue
                found = self._repaired(levers)
                if found is not None:
                    self._add_all(levers, *found)
                    # Their prices come before other ways are looked for.
                    self._price_all()
        except Stopped:
            self.complete = False
        self._price_all()
        return self._ranked()

    def _price_all(self) -> None:
        for way in self._ranked():
            if way.policy.digest not in self._solved:
                self.ways[way.policy.digest] = self._priced(way)

    def _ranked(self) -> list[WayOut]:
        def key(way: WayOut) -> tuple[Any, ...]:
            values = tuple(price.value for price in way.prices)
            return way.cost, len(way.replaced), KINDS.index(way.kind), values, way.policy.digest

        return sorted(self.ways.values(), key=key)

    # -- which rules to touch ---------------------------------------------------------------------------------------

    def _lever_sets(self) -> Iterator[frozenset[str]]:
        """Smallest sets of rules that meet every conflict, then everything that is in any conflict together."""
        rules = {rule.id: rule for rule in self.policy.rules if rule.is_must and can_ease(rule)}
        movable = [conflict & set(rules) for conflict in self.conflicts]
        listed = [rule for rule in rules if any(rule in conflict for conflict in movable)]
        found: list[frozenset[str]] = []
        for size in range(1, MOST_TOGETHER + 1):
            for some in combinations(listed, size):
                chosen = frozenset(some)
                if any(smaller <= chosen for smaller in found):
                    continue
                if all(chosen & conflict for conflict in movable):
                    found.append(chosen)
        refusing = self.openings.ids
        yield from sorted(found, key=lambda some: (len(some), len(some & refusing)))[:MOST_SETS]
        if listed and frozenset(listed) not in found:
            yield frozenset(listed)

    def _hopeless(self, levers: frozenset[str]) -> bool:
        """Do the cells of the conflicts clash even without these rules? Quick to see, and saves a search."""
        others = [cell for cell in self.cells if cell.rule not in levers]
        try:
            return not self.openings.feasible(others, levers & self.openings.ids)
        except Undecided:
            return False

    # -- the plan that breaks them least ----------------------------------------------------------------------------

    def _repaired(self, levers: frozenset[str]) -> tuple[tuple[Placement, ...], float] | None:
        open_ = levers & self.openings.ids
        policy = Policy(self.policy.name, tuple(self._softened(rule, levers) for rule in self._kept()))
        options, refused = self.openings.options(open_, policy)

        def tiers(program: Program) -> tuple[TierCost, ...]:
            return (_exceptions(program, refused),)

        found = sought(options, tiers, self.stop)
        if found is None:
            return None
        placements, search = found
        value = (search.certificates[0].value or 0) * search.certificates[0].tier.step
        return placements, float(value - Fraction(sum(p.metres // 1000 for p in placements), FARTHER))

    def _kept(self) -> Iterable[Rule]:
        return (rule for rule in self.policy.rules if rule.is_must or rule.rule == "itinerant")

    def _softened(self, rule: Rule, levers: Collection[str]) -> Rule:
        if not rule.is_must:
            return rule.model_copy(update={"priority": 9})
        if rule.id not in levers:
            return rule
        if isinstance(rule, TermRule):
            return widest(rule, self.policy) or rule
        if rule.always_must:
            return rule
        weight = 1.0
        if isinstance(rule, Budget):
            weight = 1 / max(1, *(float(yuan) for _, yuan in rule.bands))
        return rule.model_copy(update={"priority": 1, "weight": weight})

    # -- the policies under which it is a plan ----------------------------------------------------------------------

    def _add_all(self, levers: frozenset[str], placements: tuple[Placement, ...], cost: float) -> None:
        tally = Tally(self.county, placements)
        broken = [rule for rule in self.policy.rules if rule.is_must and broken_cells(rule, self.facts, tally)]
        at_schools = self._at_schools(broken, tally)
        everywhere = self._everywhere(broken, tally)
        if at_schools is not None:
            self._add("schools", at_schools, placements, cost)
        if everywhere is not None:
            tighter = self._tightened(broken, everywhere, placements)
            if tighter is None:
                self._add("number", everywhere, placements, cost)
            else:
                self._add("number", *tighter, cost, least=True)
        simple = len(levers) == 1 or (at_schools is None and everywhere is None)
        if broken and simple and not any(rule.always_must for rule in broken):
            self._add("soft", made_soft(self.policy, [rule.id for rule in broken]), placements, cost)

    def _everywhere(self, broken: Sequence[Rule], tally: Tally) -> Replaced | None:
        found: Replaced = {}
        for rule in broken:
            loose = eased(rule, self.facts, tally)
            if loose is None and not is_liftable(rule):
                return None
            found[rule.id] = () if loose is None else (loose,)
        return found

    def _at_schools(self, broken: Sequence[Rule], tally: Tally) -> Replaced | None:
        """Rules replaced at some schools only where they can be, everywhere where not; None: nowhere at some only."""
        found: Replaced = {}
        some_only = False
        for rule in broken:
            schools = schools_in_breach(rule, self.facts, broken_cells(rule, self.facts, tally))
            split = None if schools is None else eased_at(rule, schools, self.facts, tally, self._taken)
            if split is not None:
                found[rule.id], some_only = split, True
                continue
            loose = eased(rule, self.facts, tally)
            if loose is None and not is_liftable(rule):
                return None
            found[rule.id] = () if loose is None else (loose,)
        return found if some_only else None

    def _tightened(
        self, broken: Sequence[Rule], everywhere: Replaced, known: tuple[Placement, ...]
    ) -> tuple[Replaced, tuple[Placement, ...]] | None:
        """The least change of one rule's one number, between none and what is known to be enough; None: not that simple."""
        if len(broken) != 1 or len(everywhere[broken[0].id]) != 1:
            return None
        rule = broken[0]
        changed = [change for change in changes_of(self.policy, everywhere, self.county) if change.parameter]
        if len(changed) != 1 or not _is_number(changed[0].before) or not _is_number(changed[0].after):
            return None
        parameter = changed[0].parameter
        scale = 100 if isinstance(changed[0].after, float) and changed[0].after <= 1 else 1
        # From the stricter end (known not to do) to the looser one (known to do), in whole steps.
        strict, enough = round(changed[0].before * scale), round(changed[0].after * scale)
        best: tuple[Replaced, tuple[Placement, ...]] | None = None
        first = True
        while abs(enough - strict) > 1:
            # The neighbour first: often nothing less will do, and that is one question.
            middle = enough + (1 if strict > enough else -1) if first else (strict + enough) // 2
            first = False
            value = middle / scale if scale > 1 else type(changed[0].after)(middle)
            tried = rule.model_copy(update={parameter: value})
            placements = plan_under(self.county, replaced_in(self.policy, {rule.id: (tried,)}), self.stop)
            if placements is None:
                strict = middle
                continue
            enough = middle
            best = {rule.id: (tried,)}, placements
        return best or (everywhere, known)

    def _add(
        self, kind: str, change: Replaced | Policy, placements: tuple[Placement, ...], cost: float, least: bool = False
    ) -> None:
        """Keep the way out if the checker accepts ``placements`` under it; what else gave way is loosened too."""
        replaced: Replaced = {} if isinstance(change, Policy) else dict(change)
        policy = change if isinstance(change, Policy) else replaced_in(self.policy, replaced)
        for _ in range(3):
            report = accepted(self.county, policy, placements)
            if report is None:
                return
            if report.holds:
                break
            facts, tally = Facts(self.county, policy), Tally(self.county, placements)
            for broken in report.broken:
                rule = next((rule for rule in self.policy.rules if rule.id == broken.id), None)
                loose = None if rule is None or kind == "soft" or rule.id in replaced else eased(rule, facts, tally)
                if rule is None or loose is None:
                    return
                replaced[rule.id] = (loose,)
            policy = replaced_in(self.policy, replaced)
        else:
            return
        if kind == "soft":
            replaced = {
                rule.id: (policy.rule(rule.id),)
                for rule in self.policy.rules
                if rule.is_must and not policy.rule(rule.id).is_must
            }
        changes = changes_of(self.policy, replaced, self.county)
        prices = _prices(policy, report)
        words = way_words(changes, self.facts, Tally(self.county, placements), self.policy)
        way = WayOut(kind, changes, round(cost, 6), policy, replaced, placements, words, prices, least)
        self.ways.setdefault(policy.digest, way)

    # -- what it costs ----------------------------------------------------------------------------------------------

    def _priced(self, way: WayOut) -> WayOut:
        """The tiers of the best plan under the changed policy; the proving plan's where there is no time for it."""
        if self.stop():
            self.complete = False
            return way
        try:
            options = build_options(Index(Facts(self.county, way.policy)))
            found = sought(options, lambda program: program.tiers, self.stop, gap=0.001)
        except (Stopped, InputError):
            self.complete = False
            return way
        if found is None:
            return way
        placements, search = found
        report = accepted(self.county, way.policy, placements)
        if report is None or not report.holds:
            return way
        bounds = {c.tier.priority: c.bound for c in search.certificates}
        steps = {c.tier.priority: c.tier for c in search.certificates}
        prices = []
        for price in _prices(way.policy, report):
            bound = bounds.get(price.priority)
            if bound is not None:
                tier = steps[price.priority]
                bound = min(price.value, bound * float(tier.step) + float(tier.constant))
            prices.append(replace(price, bound=bound))
        self._solved.add(way.policy.digest)
        return replace(way, prices=tuple(prices), placements=placements)


KINDS = ("schools", "number", "soft")
"""Of two that cost the same, first the one that touches fewer schools."""


# -- solving and checking ---------------------------------------------------------------------------------------------


def sought(
    options: Options, tiers: Callable[[Program], tuple[TierCost, ...]], stop: Stop, gap: float = 0.0
) -> tuple[tuple[Placement, ...], Found] | None:
    """The best plan over ``options`` by ``tiers`` and how it was found; None: there is none. Raises Stopped."""
    staggered: frozenset[int] = frozenset()
    while True:
        program = formulate(options, staggered=staggered)
        program = replace(program, tiers=tiers(program))
        found = searched(program, stop, gap)
        if found.infeasible:
            return None
        if found.x is None:
            raise Stopped
        chosen = np.flatnonzero(found.x[: len(options)] > 0.5)
        try:
            years = assign_years(options, chosen, {})
        except NoTerms as error:
            staggered |= error.hosts
            continue
        return tuple(options.placement(int(option), years[int(option)]) for option in chosen), found


def plan_under(county: County, policy: Policy, stop: Stop) -> tuple[Placement, ...] | None:
    """Some plan that keeps the `must` rules; None: there is none (or the data do not fit). Raises Stopped."""
    try:
        options = build_options(Index(Facts(county, replace(policy, objectives=()))))
    except InputError:
        return None
    found = sought(options, lambda program: (), stop)
    return None if found is None else found[0]


def accepted(county: County, policy: Policy, placements: tuple[Placement, ...]) -> Report | None:
    """The checker's report; None where data and policy do not fit together."""
    facts = Facts(county, policy)
    if any(fault.severity == "error" for rule in policy.rules for fault in rule.faults(facts)):
        return None
    return check(county, policy, placements, facts=facts)


def _exceptions(program: Program, refused: np.ndarray) -> TierCost:
    """Persons short of the softened rules, and one for every placement that is refused at present; nearness only decides
    between equals, so that few columns are as good as others.
    """
    soft = [tier for tier in program.tiers if tier.priority == 1]
    step = soft[0].step if soft else Fraction(1)
    scale = step.denominator * FARTHER
    cost = np.zeros(program.shape[1], dtype=np.int64)
    if soft:
        cost += soft[0].cost.astype(np.int64) * int(step * scale)
    count = len(refused)
    cost[:count] += (
        refused.astype(np.int64) * scale + (program.options.metres // 1000).astype(np.int64) * step.denominator
    )
    return TierCost(1, "exceptions", cost, Fraction(1, scale), Fraction(0))


def _prices(policy: Policy, report: Report) -> tuple[Price, ...]:
    return tuple(Price(tier.priority, tier.name, float(report.values[tier.priority])) for tier in policy.tiers)


# -- policies ---------------------------------------------------------------------------------------------------------


def replaced_in(policy: Policy, replaced: Mapping[str, tuple[Rule, ...]]) -> Policy:
    rules: list[Rule] = []
    for rule in policy.rules:
        rules.extend(replaced.get(rule.id, (rule,)))
    return replace(policy, rules=tuple(rules))


def made_soft(policy: Policy, ids: Collection[str]) -> Policy:
    """``policy`` with these rules in a first tier of their own."""
    rules = []
    taken = any(tier.priority == 1 for tier in policy.tiers)
    for rule in policy.rules:
        if rule.id in ids:
            rule = rule.model_copy(update={"priority": 1})
        elif taken and isinstance(rule.priority, int):
            rule = rule.model_copy(update={"priority": rule.priority + 1})
        rules.append(rule)
    parts = [part.model_copy(update={"priority": part.priority + 1}) if taken else part for part in policy.objectives]
    return replace(policy, rules=tuple(rules), objectives=tuple(parts))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
