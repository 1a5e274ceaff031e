"""What the rules about who may move refuse: the options there would be without them, and which of them refuses which.

A rule is "open" here when it refuses nothing: its widest form, which keeps what only other rules need of it (the detour,
the retirement ages). A conflict holds under a smallest set of these rules too; those are part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cached_property

import numpy as np

from rotation.county import MODES, County
from rotation.facts import Facts
from rotation.policy import Policy
from rotation.rules.decisions import Decisions
from rotation.rules.destination import Destination, Flow
from rotation.rules.distance import Distance
from rotation.rules.eligibility import Eligibility
from rotation.rules.fair_senders import FairSenders
from rotation.rules.frame import PlacementRule, Rule
from rotation.rules.preference_floor import PreferenceFloor
from rotation.rules.qualification import Qualification
from rotation.rules.rotation_quota import QuotaLimits
from rotation.rules.term import TermRule
from solver import encoding
from solver.diagnosis.system import RuleCell, System
from solver.encoding import decisions, destination, distance, preference_floor, term
from solver.index import NONE, Bools, Index, Ints
from solver.options import Options, Pairs, build_options
from solver.stopping import look, never
from solver.travel import ways_between


class Openings:
    """The options of a county with every refusing rule open, beside the ``actual`` ones."""

    def __init__(
        self, options: Options, cells: Iterable[RuleCell] = (), should_stop: Callable[[], bool] | None = None
    ) -> None:
        """``cells``: of a large county, only options that touch their schools and posts are added to the actual ones."""
        self.actual = options
        self.should_stop = should_stop or never
        self.cells = tuple(cells)
        self.index: Index = options.index
        self.policy: Policy = self.index.facts.policy
        self.rules: tuple[Rule, ...] = tuple(rule for rule in self.policy.rules if is_refusing(rule, self.index.county))

    @cached_property
    def wide(self) -> Options:
        """Every option under the open rules, the actual ones among them; ``years`` as the open ``term`` allows."""
        facts = Facts(without_forbidding(self.index.county), opened(self.policy, self.ids))
        found = build_options(Index(facts), self.should_stop)
        found = replace(found, index=self.index)
        touches = self._touching(found) if len(found) > MANY_OPTIONS else None
        return found if touches is None else _chosen(found, np.flatnonzero(touches | _among(found, self.actual)))

    def _touching(self, wide: Options) -> Bools | None:
        """(wide,) options that come to, or leave, a post or school of ``cells``; None: the cells are wider than schools."""
        posts = np.zeros((len(self.index.county.schools), len(self.index.subjects)), dtype=bool)
        for cell in self.cells:
            named = cell.document
            if "school" not in named:
                return None
            subject = self.index.subject_at.get(named.get("subject", ""), slice(None))
            posts[self.index.school_at[named["school"]], subject] = True
        option, school, _ = wide.stops()
        touches = posts[wide.home, wide.main]
        np.logical_or.at(touches, option, posts[school, wide.subject[option]])
        return touches

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(rule.id for rule in self.rules)

    @cached_property
    def pairs(self) -> tuple[tuple[Ints, Pairs], ...]:
        """A mode at a time: positions in ``wide``, and the pairs there (the subject does not matter to these rules)."""
        wide = self.wide
        found = []
        for mode in np.unique(wide.mode):
            look(self.should_stop)
            at = np.flatnonzero((wide.mode == mode) & (wide.circuit == NONE))
            teacher, host = wide.teacher[at].astype(np.int64), wide.host[at].astype(np.int64)
            km, minutes = ways_between(self.index, teacher, host)
            found.append((at, Pairs(teacher, host, 0, MODES[mode], km, minutes)))
        return tuple(found)

    @cached_property
    def allows(self) -> dict[str, Bools]:
        """Rule id → (wide,) what that rule, taken alone, does not refuse. Circuits stay as they are."""
        found = {}
        for rule in self.rules:
            look(self.should_stop)
            mask = np.zeros(len(self.wide), dtype=bool)
            for at, pairs in self.pairs:
                mask[at] = _allowed(rule, self.index, pairs)
            mask[self._circuits] = True
            found[rule.id] = mask
        return found

    @cached_property
    def _circuits(self) -> Ints:
        """Circuits of ``wide`` that are actual options; the others stay refused by every rule."""
        known = {
            (int(self.actual.teacher[at]), int(self.actual.subject[at]), self.actual.hosts_of(int(at)))
            for at in np.flatnonzero(self.actual.circuit != NONE)
        }
        mine = np.flatnonzero(self.wide.circuit != NONE)
        keys = [(int(self.wide.teacher[at]), int(self.wide.subject[at]), self.wide.hosts_of(int(at))) for at in mine]
        return mine[np.array([key in known for key in keys], dtype=bool)] if len(mine) else mine

    @cached_property
    def years(self) -> np.ndarray:
        """(wide,) bit masks of the terms that the policy's own ``term`` rules allow."""
        found = self.wide.years.copy()
        for at, pairs in self.pairs:
            found[at] = encoding.years_allowed(self.index, pairs)
        return found

    def mask(self, open_: Collection[str]) -> Bools:
        """(wide,) what may be used when the rules ``open_`` refuse nothing and the others all they do."""
        found: Bools = np.ones(len(self.wide), dtype=bool)
        for rule in self.rules:
            if rule.id not in open_:
                found &= self.allows[rule.id]
        return found

    def options(self, open_: Collection[str], policy: Policy | None = None) -> tuple[Options, Bools]:
        """The options when ``open_`` refuse nothing, under ``policy``; and which of them the policy's own rules refuse."""
        keep = np.flatnonzero(self.mask(open_))
        wide = self.wide
        opens_term = any(isinstance(rule, TermRule) and rule.id in open_ for rule in self.rules)
        years = np.where(self.years[keep] > 0, self.years[keep], wide.years[keep] if opens_term else 0)
        keep, years = keep[years > 0], years[years > 0]
        index = self.index if policy is None else Index(Facts(self.index.county, policy))
        found = replace(_chosen(wide, keep), index=index, years=years)
        return found, ~self.mask(())[keep]

    # -- which of them a conflict needs -----------------------------------------------------------------------------

    @cached_property
    def _system(self) -> System:
        years = np.where(self.years > 0, self.years, self.wide.years)
        return System(replace(self.wide, years=years), self.should_stop)

    @cached_property
    def _system_of_all(self) -> System:
        """As ``_system``, everybody counted as eligible: shares of the eligible are shares of more people."""
        ids = [rule.id for rule in self.rules if isinstance(rule, Eligibility)]
        policy = opened(self.policy, ids)
        return System(replace(self.wide, index=Index(Facts(self.index.county, policy))), self.should_stop)

    def feasible(self, cells: Iterable[RuleCell], open_: Collection[str]) -> bool:
        """Can ``cells`` hold together when the rules ``open_`` refuse nothing?"""
        cells = list(cells)
        counts_all = any(isinstance(rule, Eligibility) and rule.id in open_ for rule in self.rules)
        counts_all &= any(_counts_eligible(self.policy.rule(rule)) for rule in {cell.rule for cell in cells})
        system = self._system_of_all if counts_all else self._system
        return system.feasible([cell for cell in cells if cell in system.rows_of], self.mask(open_))

    def needed(self, cells: Collection[RuleCell]) -> tuple[str, ...]:
        """A smallest set of refusing rules under which ``cells`` cannot hold: open any one, the others kept, and they can.

        Empty where the cells cannot hold whoever may move. What is commonest to change is kept in the set if it can be.
        """
        # A ``term`` rule that ties the conflict's placements is in it already.
        ties = {cell.rule for cell in cells}
        own = {rule.id for rule in self.rules if isinstance(rule, TermRule)} & ties
        open_: set[str] = set()
        for rule in sorted(self.rules, key=_rank):
            if rule.id not in own and not self.feasible(cells, open_ | {rule.id}):
                open_.add(rule.id)
        return tuple(rule.id for rule in self.rules if rule.id not in open_ and rule.id not in own)


def _chosen(options: Options, at: Ints) -> Options:
    arrays = ("teacher", "host", "subject", "mode", "metres", "years", "circuit")
    return replace(options, **{name: getattr(options, name)[at] for name in arrays})


def _counts_eligible(rule: Rule) -> bool:
    return isinstance(rule, FairSenders) or (isinstance(rule, QuotaLimits) and rule.of == "eligible")


def _among(wide: Options, actual: Options) -> Bools:
    """(wide,) the options that are actual ones too; every circuit."""

    def key(options: Options) -> Ints:
        schools, subjects = len(options.index.county.schools), len(options.index.subjects)
        first = options.teacher.astype(np.int64) * schools + options.host
        found: Ints = (first * subjects + options.subject) * len(MODES) + options.mode
        return found

    found: Bools = np.isin(key(wide), key(actual)) | (wide.circuit != NONE)
    return found


MANY_OPTIONS = 20_000
ORDER = (Decisions, PreferenceFloor, TermRule, Destination, Eligibility, Distance)


def _rank(rule: Rule) -> int:
    return next(i for i, kind in enumerate(ORDER) if isinstance(rule, kind))


def is_refusing(rule: Rule, county: County) -> bool:
    """Does the rule refuse placements, and could it be written otherwise? Qualification cannot."""
    if isinstance(rule, Decisions):
        return any(decision.kind == "forbid" for decision in county.decisions)
    return isinstance(rule, PlacementRule | TermRule) and not isinstance(rule, Qualification)


def without_forbidding(county: County) -> County:
    return replace(county, decisions=tuple(d for d in county.decisions if d.kind != "forbid"))


def opened(policy: Policy, ids: Collection[str]) -> Policy:
    """``policy`` with the rules of these ids in their widest form."""
    rules = [widest(rule, policy) if rule.id in ids else rule for rule in policy.rules]
    return replace(policy, rules=tuple(rule for rule in rules if rule is not None))


def widest(rule: Rule, policy: Policy) -> Rule | None:
    """The rule's widest form in ``policy``; None: without the rule."""
    if isinstance(rule, Distance):
        return rule.model_copy(update={"max_km": None, "max_minutes": None, "respect_personal": False})
    if isinstance(rule, Eligibility):
        kept = {"id": rule.id, "where": rule.where, "min_years_at_school": 0}
        return Eligibility.model_validate({k: v for k, v in kept.items() if v is not None})
    if isinstance(rule, Destination):
        everywhere = tuple(Flow(mode=mode) for mode in dict.fromkeys(("secondment", *(f.mode for f in rule.flows))))
        return rule.model_copy(update={"within": "county", "flows": everywhere if rule.flows else ()})
    if isinstance(rule, TermRule):
        years = tuple(sorted({1, 2, *rule.years}))
        changes: dict[str, object] = {"years": years, "rural_min_years": 1, "end_share_max": None}
        if not any(isinstance(r, Eligibility) and r.min_years_to_retirement is not None for r in policy.rules):
            changes |= {"retirement_age_female": None, "retirement_age_male": None}
        return rule.model_copy(update=changes)
    return None if isinstance(rule, PreferenceFloor) else rule


def _allowed(rule: Rule, index: Index, pairs: Pairs) -> Bools:
    if isinstance(rule, Eligibility):
        refused = [rule.teacher_refusal(index.facts, teacher) is not None for teacher in index.county.teachers]
        return ~np.array(refused, dtype=bool)[pairs.teacher]
    if isinstance(rule, Destination):
        reach: Bools = destination.reach(rule, index, pairs.mode)[index.home[pairs.teacher], pairs.host]
        return reach
    if isinstance(rule, TermRule):
        years, covers = term.years_allowed(rule, index, pairs)
        found: Bools = (years > 0) | ~covers
        return found
    if isinstance(rule, Distance):
        return distance.allowed(rule, index, pairs)
    if isinstance(rule, PreferenceFloor):
        return preference_floor.allowed(rule, index, pairs)
    assert isinstance(rule, Decisions)
    return decisions.allowed(rule, index, pairs)
