"""Every question of "why" answered by solving: the choice forced, the ladder still warm, the difference is the price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from rotation.county import County, Teacher
from rotation.faults import Fault, InputError
from rotation.plan import Placement, Plan
from rotation.policy import Policy
from rotation.rules.eligibility import Eligibility, age_on_first_september
from rotation.rules.frame import PlacementRule
from rotation.words import Words
from solver.explanation.answers import (
    Alternative,
    Bounded,
    Kind,
    PostExplanation,
    Reason,
    SchoolExplanation,
    Served,
    TeacherExplanation,
)
from solver.index import Ints
from solver.ladder import Question, Row
from solver.options import why_not
from solver.planned import Planned
from solver.prices import Price

ONE_PLACEMENT = "one-placement"
ALTERNATIVES = 3
"""Hosts whose price is solved for; the others get a bound."""


def explain(
    county: County, policy: Policy, plan: Plan, teacher: str, *, alternatives: int = ALTERNATIVES
) -> TeacherExplanation:
    """One explanation. For several of one plan keep an ``Explainer``: all but the first then take milliseconds."""
    return Explainer(county, policy, plan).teacher(teacher, alternatives=alternatives)


class Explainer(Planned):
    """Explanations of one plan. See ``Planned`` for what is refused."""

    # -- teachers ---------------------------------------------------------------------------------------------------

    def teacher(self, teacher: str, *, alternatives: int = ALTERNATIVES) -> TeacherExplanation:
        """Why ``teacher`` (an id) moves or stays; ``alternatives`` hosts are priced exactly. Raises InputError."""
        person = self.county.teacher.get(teacher)
        if person is None:
            raise InputError([_unknown("teachers", teacher, "数据中没有这位教师", "the data have no such teacher")])
        placement = self.placed.get(teacher)
        if placement is not None:
            return self._mover(person, placement, alternatives)
        excluded = self._excluded(person)
        if excluded:
            return TeacherExplanation(teacher, person.school, None, False, excluded=excluded)
        return self._stayer(person)

    def _mover(self, person: Teacher, placement: Placement, alternatives: int) -> TeacherExplanation:
        here = self.option_of(placement)
        own = self._own(person)
        solved, others = self._hosts(person, np.setdiff1d(own, self._at(placement.hosts, own)), alternatives)
        return TeacherExplanation(
            person.id,
            person.school,
            placement,
            placement.decided,
            eligible=self._eligible(person),
            allowed=self._allowed(placement),
            serves=self._serves(here),
            stay=self._stay(person, own),
            alternatives=solved,
            others=others,
        )

    def _stayer(self, person: Teacher) -> TeacherExplanation:
        own = self._own(person)
        if not len(own):
            return TeacherExplanation(
                person.id, person.school, None, False, eligible=self._eligible(person), refused=self._refused(person)
            )
        move = self._alternative("move", person, self._some(own))
        _, others = self._hosts(person, np.setdiff1d(own, self._at(move.hosts, own)), 0)
        return TeacherExplanation(
            person.id,
            person.school,
            None,
            False,
            eligible=self._eligible(person),
            move=move,
            others=others,
        )

    def at(self, teacher: str, host: str) -> Alternative | tuple[Reason, ...]:
        """The price of ``teacher`` at ``host``, or every rule that refuses it."""
        own = self._own(self.county.teacher[teacher])
        there = own[[host in self.options.hosts_of(int(option)) for option in own]]
        if not len(there):
            found = why_not(self.index, teacher, host)
            return tuple(Reason(rule, self._sentence(rule), code) for rule, code in found)
        return self._alternative("host", self.county.teacher[teacher], self._some(there), there)

    def _own(self, person: Teacher) -> Ints:
        return self.options.of_teacher(self.index.teacher_at[person.id])

    def _at(self, hosts: Iterable[str], own: Ints) -> Ints:
        wanted = set(hosts)
        return own[[set(self.options.hosts_of(int(option))) == wanted for option in own]]

    def _stay(self, person: Teacher, own: Ints) -> Alternative:
        if person.id in self._required:
            # The office's own decision: without lifting it there is no plan in which they stay.
            return Alternative("stay", (), None, None, None)
        return self._alternative("stay", person, Question.closing(own))

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(row.teacher for row in self.county.decisions if row.kind == "require")

    # -- alternatives -----------------------------------------------------------------------------------------------

    def _hosts(self, person: Teacher, options: Ints, most: int) -> tuple[tuple[Alternative, ...], tuple[Bounded, ...]]:
        """The hosts of ``options``, cheapest by reduced cost first: ``most`` of them solved, the others bounded."""
        if not len(options):
            return (), ()
        rungs = np.array([reduced[options] for reduced in self._reduced])
        # A host alone is served by whoever goes there, on a circuit too, as a decision of the office is read.
        by_host: dict[tuple[str, ...], list[int]] = {}
        for place in np.lexsort((self.options.metres[options], *np.round(rungs, 4)[::-1])):
            hosts = self.options.hosts_of(int(options[place]))
            for key in dict.fromkeys((hosts, *((host,) for host in hosts))):
                by_host.setdefault(key, []).append(int(place))
        solved, others = [], []
        for number, (hosts, places) in enumerate(by_host.items()):
            there = options[np.sort(places)]
            if number < most:
                solved.append(self._alternative("host", person, self._some(there), there))
            else:
                others.append(self._bounded(hosts, int(options[places[0]]), rungs[:, places[0]]))
        return tuple(sorted(solved, key=_by_price)), tuple(others)

    @cached_property
    def _reduced(self) -> list[np.ndarray]:
        return [self.ladder.reduced(k) for k in range(len(self.ladder.costs))]

    def _bounded(self, hosts: tuple[str, ...], option: int, rungs: np.ndarray) -> Bounded:
        tiers = self.program.tiers
        at_least: list[tuple[int, Any]] = []
        tier = 0
        for k, reduced in enumerate(rungs.tolist()):
            parts = self.ladder.parts(k, reduced)
            named = [(tiers[t], part) for t, part in enumerate(parts, tier) if t < len(tiers)]
            tier += len(parts)
            if any(part for _, part in named):
                at_least = [(one.priority, one.step * part) for one, part in named if part]
                break
        shown = self.options
        return Bounded(
            hosts, self.index.subjects[shown.subject[option]], int(shown.metres[option]) / 1000,
            tuple(at_least),
        )  # fmt: skip

    def _alternative(self, kind: Kind, person: Teacher, question: Question, there: Ints | None = None) -> Alternative:
        reached = self.ask(question)
        hosts = () if there is None else self.options.hosts_of(int(there[0]))
        subject = None if there is None else self.index.subjects[self.options.subject[there[0]]]
        km = None if there is None else int(self.options.metres[there[0]]) / 1000
        if reached is None:
            return Alternative(kind, hosts, subject, km, None)
        instead = self.changes(reached.x, person.id)
        mine = next((change for change in instead if change.teacher == person.id), None)
        if mine is not None and mine.after is not None:
            hosts, subject, km = mine.after, mine.subject, mine.km
        return Alternative(kind, hosts, subject, km, self.price(reached), instead)

    def _some(self, options: Ints) -> Question:
        """At least one of ``options``, which are one teacher's, is taken."""
        if len(options) == 1:
            return Question({int(options[0]): (1.0, 1.0)})
        own = self.options.of_teacher(int(self.options.teacher[options[0]]))
        rows = self.program.matrix[:, [int(options[0])]].tocoo().coords[0].tolist()
        single = [row for row in rows if self.program.names[row][0].rule == ONE_PLACEMENT]
        if not single:
            return Question(rows=(Row(options, np.ones(len(options)), lower=1.0),))
        closed = {int(option): (0.0, 0.0) for option in np.setdiff1d(own, options)}
        return Question(closed, limits={single[0]: (1.0, 1.0)})

    # -- rules in words and figures -----------------------------------------------------------------------------------

    def _sentence(self, rule_id: str) -> Words:
        for rule in self.policy.rules:
            if rule.id == rule_id:
                return rule.sentence()
        return Words("正在轮岗期内的教师不再安排新的交流", "Who is on a running term gets no new placement")

    def _person(self, person: Teacher) -> dict[str, Any]:
        county = self.county
        back = county.returned.get(person.id)
        found: dict[str, Any] = {
            "years_at_school": county.year - person.joined_year,
            "age": None if person.birth_date is None else age_on_first_september(person.birth_date, county.year),
            "role": person.role,
            "title": person.title,
            "volunteer": person.volunteer,
            "exempt": list(person.exempt),
            "years_since_last_rotation": None if back is None else county.year - back,
        }
        return {key: value for key, value in found.items() if value not in (None, [])}

    def _eligible(self, person: Teacher) -> tuple[Reason, ...]:
        """The eligibility rules that cover the home, all of them passed."""
        home = self.county.school[person.school]
        rules = [r for r in self.policy.rules if isinstance(r, Eligibility) and r.selector.selects(home)]
        return tuple(Reason(rule.id, rule.sentence(), None, self._person(person)) for rule in rules)

    def _excluded(self, person: Teacher) -> tuple[Reason, ...]:
        """Every rule or decision that keeps ``person`` at home; empty: none does."""
        found = []
        terms = self.county.running.get(person.id)
        if terms:
            figures: dict[str, Any] = {"host": ";".join(term.host for term in terms), "until": terms[0].end_year}
            found.append(Reason("eligibility", self._sentence(""), "on_running_term", figures))
        for rule in self.policy.rules:
            if isinstance(rule, Eligibility):
                code = rule.teacher_refusal(self.facts, person)
                if code is not None:
                    found.append(Reason(rule.id, rule.sentence(), code, self._person(person)))
        for decision in self.county.decisions:
            if decision.teacher == person.id and decision.kind == "forbid" and decision.host is None:
                said = {"reason": decision.reason} if decision.reason else None
                found.append(Reason("decisions", self._sentence("decisions"), "forbidden", said))
        return tuple(found)

    def _allowed(self, placement: Placement) -> tuple[Reason, ...]:
        """The other rules about one placement, each with what it was measured on."""
        figures: dict[str, dict[str, Any]] = {
            "distance": {"km": placement.km},
            "term": {"years": placement.years},
            "qualification": {"subject": placement.subject},
        }
        rank = self.county.ranks_of.get(placement.teacher, {}).get(placement.host)
        if rank is not None:
            figures["preference_floor"] = {"rank": rank}
        skipped = ("eligibility",)
        return tuple(
            Reason(rule.id, rule.sentence(), None, figures.get(rule.rule))
            for rule in self.policy.rules
            if (isinstance(rule, PlacementRule) or rule.rule == "term") and rule.rule not in skipped
        )

    def _refused(self, person: Teacher) -> tuple[tuple[str, str, int], ...]:
        """How many hosts each rule refuses for somebody who has no option at all."""
        count: Counter[tuple[str, str]] = Counter()
        for school in self.county.schools:
            if school.id != person.school:
                count.update(why_not(self.index, person.id, school.id)[:1])
        return tuple((rule, code, number) for (rule, code), number in count.most_common())

    # -- what a placement is good for -------------------------------------------------------------------------------

    def _serves(self, option: int) -> tuple[Served, ...]:
        """The cells that fall (further) short when this option alone is dropped."""
        program = self.program
        column = program.columns([option]).tocoo()
        rows, values = column.coords[0], column.data
        found: dict[tuple[str, str], Served] = {}
        for row, value in zip(rows.tolist(), values.tolist(), strict=True):
            activity = self._activity[row]
            before = max(0.0, program.row_lower[row] - activity, activity - program.row_upper[row])
            after = activity - value
            without = max(0.0, program.row_lower[row] - after, after - program.row_upper[row])
            if without <= before + 1e-9:
                continue
            for name in program.names[row]:
                if name.rule in self._cells:
                    rule = self.policy.rule(name.rule)
                    cell = self._cells[name.rule].get(_key(name.cell), {})
                    side = "least" if after < program.row_lower[row] else "most"
                    if cell and cell.get(side) is None:
                        continue
                    found[name.rule, _key(name.cell)] = Served(
                        name.rule, rule.priority, dict(name.cell), cell.get("measured"), cell.get("least"),
                        cell.get("most"), round(without - before, 6),
                    )  # fmt: skip
        return tuple(sorted(found.values(), key=lambda one: (one.priority != "must", str(one.priority))))

    @cached_property
    def _activity(self) -> np.ndarray:
        """Every row's value for the plan, slacks and helpers at nothing."""
        return np.asarray(self.program.columns(self.chosen).sum(axis=1))

    @cached_property
    def _cells(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """Rule id → cell → the checker's figures."""
        return {report.id: {_key(cell["cell"]): cell for cell in report.cells} for report in self.report.rules}

    # -- schools ----------------------------------------------------------------------------------------------------

    def school(self, school: str) -> SchoolExplanation:
        """Why these arrivals at ``school`` (an id), and why not more. Raises InputError."""
        if school not in self.county.school:
            raise InputError([_unknown("schools", school, "数据中没有这所学校", "the data have no such school")])
        arrived, sent = self.tally.arrived.get(school, ()), self.tally.sent.get(school, ())
        posts = [self._post(school, post.subject) for post in self.county.posts_of.get(school, ())]
        arrivals = tuple((placement, self._serves(self.option_of(placement))) for placement in arrived)
        return SchoolExplanation(school, arrivals, sent, tuple(posts))

    def _post(self, school: str, subject: str) -> PostExplanation:
        county = self.county
        post = county.post[school, subject]
        before, after = county.staff_before.get((school, subject), 0), self.tally.staff_after(school, subject)
        arrivals = [p.teacher for p in self.tally.arrived.get(school, ()) if p.subject == subject]
        departures = [
            p.teacher for p in self.tally.sent.get(school, ()) if county.teacher[p.teacher].main_subject == subject
        ]
        coming = self._coming(school, subject)
        more = None
        refused: tuple[tuple[str, str, int], ...] = ()
        if len(coming) and after < post.capacity:
            row = Row(coming, np.ones(len(coming)), lower=float(len(arrivals) + 1))
            reached = self.ask(Question(rows=(row,)))
            more = Alternative(
                "more", (school,), subject, None, None if reached is None else self.price(reached),
                () if reached is None else self.changes(reached.x),
            )  # fmt: skip
        elif not len(coming) and after < post.required:
            refused = self._who_cannot(school, subject)
        people = len(np.unique(self.options.teacher[coming]))
        return PostExplanation(
            subject, post.required, post.capacity, before, after, tuple(arrivals), tuple(departures), people, more, refused
        )  # fmt: skip

    def _coming(self, school: str, subject: str) -> Ints:
        """The options that bring somebody to a post."""
        option, stop, _ = self.options.stops()
        here = (stop == self.index.school_at[school]) & (
            self.options.subject[option] == self.index.subject_at.get(subject, -2)
        )
        return np.sort(option[here])

    def _who_cannot(self, school: str, subject: str) -> tuple[tuple[str, str, int], ...]:
        """Why nobody can come: each teacher of the subject counted under the first rule that stands against it."""
        count: Counter[tuple[str, str]] = Counter()
        for person in self.county.teachers:
            if subject in person.subjects and person.school != school:
                known = self.facts.ineligible.get(person.id)
                reasons = [known] if known else why_not(self.index, person.id, school, subject)
                count.update(reasons[:1])
        return tuple((rule, code, number) for (rule, code), number in count.most_common())


def _by_price(alternative: Alternative) -> tuple[Any, ...]:
    price: Price | None = alternative.price
    return (price is None, () if price is None else tuple(tier.price for tier in price.tiers))


def _key(cell: Mapping[str, str]) -> str:
    return repr(sorted(cell.items()))


def _unknown(table: str, value: str, zh: str, en: str) -> Fault:
    return Fault(table, None, "id", value, "unknown_reference", Words(zh, en))
