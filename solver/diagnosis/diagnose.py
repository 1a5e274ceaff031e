"""From a county and a policy to a diagnosis: conflicts, ways out, and what keeps soft rules short."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from rotation.county import County
from rotation.facts import Facts
from rotation.faults import InputError
from rotation.plan import Status
from rotation.policy import Policy
from rotation.rules.frame import Cell, Rule
from rotation.tally import Tally
from rotation.words import Words
from solver.diagnosis.answer import Conflict, Diagnosis, Member, Shortfall, WayOut
from solver.diagnosis.conflicts import CellSet, Finder, Found
from solver.diagnosis.openings import Openings
from solver.diagnosis.sentences import conflict_words, counting_words
from solver.diagnosis.system import Closeup, RuleCell, System, Undecided
from solver.diagnosis.ways import Menu, made_soft, replaced_in
from solver.index import Index
from solver.options import Options, build_options
from solver.outcome import OnProgress, Progress
from solver.stopping import ShouldStop, Stopped

MOST_TEACHERS = 100
PATIENCE = 10
"""The menu may take this many times the work of setting up the program, and ``LEAST_SECONDS`` of work at least."""
LEAST_SECONDS = 1.2


def diagnose(
    county: County,
    policy: Policy,
    *,
    should_stop: ShouldStop | None = None,
    on_progress: OnProgress | None = None,
    seconds: float | None = None,
    ways: bool = True,
) -> Diagnosis:
    """Why the `must` rules cannot hold together, and what would make them; or what keeps the soft rules short.

    ``seconds``: after that long, what was found so far (``complete`` says so); None: the conflicts to the end, the ways
    out in proportion. ``ways``: False leaves the menu out. Raises InputError where data and policy do not fit together.
    """
    return _Diagnosing(county, policy, should_stop or _never, on_progress or _silent, seconds).run(ways)


def apply(way: WayOut, policy: Policy) -> dict[str, Any]:
    """The document of ``policy`` with the changes of ``way``, ready to be written as a policy file."""
    changed = made_soft(policy, tuple(way.replaced)) if way.kind == "soft" else replaced_in(policy, dict(way.replaced))
    return changed.to_document()


class _Diagnosing:
    def __init__(
        self, county: County, policy: Policy, should_stop: ShouldStop, tell: OnProgress, seconds: float | None
    ) -> None:
        self.county = county
        self.policy = policy
        self.user_stop = should_stop
        self.tell = tell
        self.started = time.monotonic()
        self.deadline = None if seconds is None else self.started + seconds
        self.complete = True

    def run(self, with_ways: bool) -> Diagnosis:
        self._say("options")
        self.facts = Facts(self.county, self.policy)
        faults = [fault for rule in self.policy.rules for fault in rule.faults(self.facts)]
        errors = [fault for fault in dict.fromkeys(faults) if fault.severity == "error"]
        if errors:
            raise InputError(errors)
        working = time.process_time()
        options = build_options(Index(self.facts))
        system = System(options, self._stop)
        setting_up = time.process_time() - working
        self._say("conflicts")
        found = self._found(system)
        if found is None or (not found.conflicts and not found.complete):
            return self._answer(Status.UNKNOWN, UNKNOWN)
        if not found.conflicts:
            self._say("shortfalls")
            return self._answer(Status.FEASIBLE, FEASIBLE, shortfalls=self._shortfalls(options))
        openings = Openings(options, _cells_of(found), self._stop)
        conflicts = self._conflicts(system, openings, found)
        menu: list[WayOut] = []
        if with_ways:
            self._say("ways")
            # Work, not time: what the menu holds does not depend on who else is at work on the machine.
            limit = time.process_time() + max(LEAST_SECONDS, PATIENCE * setting_up)

            def enough() -> bool:
                return self._stop() or (self.deadline is None and time.process_time() > limit)

            looking = Menu(openings, [c.rules for c in conflicts], _cells_of(found), enough)
            menu = looking.run()
            self.complete &= looking.complete
        return self._answer(Status.INFEASIBLE, INFEASIBLE, tuple(conflicts), tuple(menu))

    def _answer(
        self,
        status: Status,
        message: Words,
        conflicts: tuple[Conflict, ...] = (),
        ways: tuple[WayOut, ...] = (),
        shortfalls: tuple[Shortfall, ...] = (),
    ) -> Diagnosis:
        seconds = time.monotonic() - self.started
        return Diagnosis(status, message, conflicts, ways, shortfalls, self.complete, seconds)

    def _found(self, system: System, most: int | None = None) -> Found | None:
        try:
            found = Finder(system, most).run()
        except (Stopped, Undecided):
            self.complete = False
            return None
        self.complete &= found.complete
        return found

    # -- conflicts in words -----------------------------------------------------------------------------------------

    def _conflicts(self, system: System, openings: Openings, found: Found) -> list[Conflict]:
        rules = {rule.id: rule for rule in system.index.facts.policy.rules}
        empty = _measured(rules.values(), system.index.facts)
        conflicts = []
        for cells in found.conflicts:
            irreducible, needed = cells.irreducible, tuple(openings.ids)
            try:
                needed = openings.needed(cells.cells)
            except (Stopped, Undecided):
                irreducible = self.complete = False
            conflicts.append(self._conflict(system, cells, [rules[i] for i in needed], empty, rules, irreducible))
        return sorted(conflicts, key=lambda conflict: (len(conflict.members), conflict.rules))

    def _conflict(
        self,
        system: System,
        cells: CellSet,
        refusals: list[Rule],
        empty: dict[RuleCell, list[Cell]],
        rules: dict[str, Rule],
        irreducible: bool,
    ) -> Conflict:
        alone = len(cells.cells) == 1
        members = [self._member(system, cell, rules[cell.rule], empty.get(cell, []), alone) for cell in cells.cells]
        if not alone:
            gains = dict[RuleCell, float]()
            with suppress(Stopped):  # then nobody waits for them
                gains = Closeup(system, cells.cells).gains(cells.cells)
            members = [
                replace(member, gain=round(gains[cell], 6)) if cell in gains and _in_persons(system, cell) else member
                for member, cell in zip(members, cells.cells, strict=True)
            ]
        members += [Member(rule.id, rule.rule, {}, "refusal", rule.sentence()) for rule in refusals]
        teachers, helpers = self._helpers(system, cells)
        schools = [value for cell in cells.cells for key, value in cell.cell if key in ("school", "host")]
        counted = alone and cells.counted
        if counted:
            statement = counting_words(self.county, members[0], helpers, refusals)
        else:
            statement = conflict_words(self.county, members, refusals, len(cells.likewise))
        return Conflict(
            tuple(members),
            "counting" if counted else "solved",
            statement,
            tuple(dict.fromkeys(schools)),
            tuple(teachers),
            tuple((cell.rule, cell.document) for cell in cells.likewise),
            irreducible,
        )

    def _member(self, system: System, cell: RuleCell, rule: Rule, measured: list[Cell], alone: bool) -> Member:
        """A cell with what it measures on the empty plan; ``reach`` is exact where the cell stands alone in its row."""
        own = next((c for c in measured if c.shortfall), measured[0] if measured else None)
        now = None if own is None else float(own.measured)
        reach = None
        rows = system.rows([cell])
        if alone and own is not None and own.least is not None and len(rows) == 1:
            row = int(rows[0])
            _, most = system.reachable
            scale = _scale(system, row, own)
            if scale is not None and np.isfinite(most[row]):
                reach = float(Fraction(own.measured) + Fraction(int(most[row])) / scale)
        least = None if own is None or own.least is None else float(own.least)
        highest = None if own is None or own.most is None else float(own.most)
        return Member(rule.id, rule.rule, cell.document, "cell", rule.sentence(), now, least, highest, reach)

    def _helpers(self, system: System, cells: CellSet) -> tuple[list[str], int]:
        """Teachers with an option that helps a cell which the empty plan breaks; ids of some, and how many."""
        rows = system.rows(cells.cells)
        program, n = system.program, len(system.options)
        found: list[np.ndarray] = []
        for row in rows:
            sign = 1 if program.row_lower[row] > 0 else -1 if program.row_upper[row] < 0 else 0
            if sign:
                start, end = system.by_row.indptr[row], system.by_row.indptr[row + 1]
                columns, values = system.by_row.indices[start:end], system.by_row.data[start:end]
                found.append(system.options.teacher[columns[(columns < n) & (values * sign > 0)]])
        teachers = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
        return [self.county.teachers[int(t)].id for t in teachers[:MOST_TEACHERS]], len(teachers)

    # -- soft rules -------------------------------------------------------------------------------------------------

    def _shortfalls(self, options: Options) -> tuple[Shortfall, ...]:
        """Each soft rule made `must`, alone: if that cannot be, the conflicts say what stops its last cells."""
        found: list[Shortfall] = []
        for rule in self.policy.rules:
            if rule.is_must or not rule.ties or self._stop():
                continue
            hard = replaced_in(self.policy, {rule.id: (rule.model_copy(update={"priority": "must"}),)})
            facts = Facts(self.county, hard)
            if any(fault.severity == "error" for fault in rule.faults(facts)):
                continue
            mine = replace(options, index=Index(facts))
            system = System(mine, self._stop)
            conflicts = self._found(system)
            if conflicts is not None and conflicts.conflicts:
                listed = self._conflicts(system, Openings(mine, _cells_of(conflicts), self._stop), conflicts)
                found += [Shortfall(rule.id, conflict) for conflict in listed]
        return tuple(found)

    # -- time and news ----------------------------------------------------------------------------------------------

    def _stop(self) -> bool:
        return self.user_stop() or (self.deadline is not None and time.monotonic() > self.deadline)

    def _say(self, phase: str) -> None:
        self.tell(Progress(phase, time.monotonic() - self.started))


def conflict_of(
    options: Options, should_stop: Callable[[], bool], seconds: float
) -> tuple[tuple[str, dict[str, str]], ...]:
    """One conflict, for a solve that found no plan: rule ids with their cells; empty where time ran out before there was one, and
    with more than it takes where it ran out later.
    """
    until = time.monotonic() + seconds

    def stop() -> bool:
        return should_stop() or time.monotonic() > until

    try:
        found = Finder(System(options, stop), most=1).run()
    except (Stopped, Undecided):
        return ()
    if not found.conflicts:
        return ()
    cells = min(found.conflicts, key=lambda some: len(some.cells)).cells
    openings = Openings(options, cells, stop)
    try:
        refusals: Collection[str] = openings.needed(cells)
    except (Stopped, Undecided):
        refusals = openings.ids
    return (*((cell.rule, cell.document) for cell in cells), *((rule, dict[str, str]()) for rule in refusals))


def _cells_of(found: Found) -> tuple[RuleCell, ...]:
    """Every cell of the conflicts, and those that stand in for one."""
    return tuple(dict.fromkeys(cell for some in found.conflicts for cell in (*some.cells, *some.likewise)))


def _measured(rules: Iterable[Rule], facts: Facts) -> dict[RuleCell, list[Cell]]:
    """What every cell of the `must` rules measures before any new placement."""
    tally = Tally(facts.county, ())
    found: dict[RuleCell, list[Cell]] = {}
    for rule in rules:
        if rule.is_must:
            for cell in rule.check(facts, tally):
                found.setdefault(RuleCell(rule.id, tuple(cell.cell.items())), []).append(cell)
    return found


def _scale(system: System, row: int, cell: Cell) -> Fraction | None:
    """Row units a person, from what the row and the cell say of the same distance; None: they do not speak alike."""
    assert cell.least is not None
    missing = Fraction(cell.least) - Fraction(cell.measured)
    low = system.program.row_lower[row]
    return Fraction(int(low)) / missing if missing > 0 and np.isfinite(low) and low > 0 else None


def _in_persons(system: System, cell: RuleCell) -> bool:
    """Does a unit of the cell's rows stand for a person?"""
    return bool(np.all(np.abs(system.by_row[system.rows([cell])].data) <= 1))


def _silent(progress: Progress) -> None:
    pass


def _never() -> bool:
    return False


FEASIBLE = Words("硬性规则可以同时满足", "the `must` rules can hold together")
INFEASIBLE = Words("硬性规则不能同时满足", "the `must` rules cannot hold together")
UNKNOWN = Words("时间用尽, 尚未得出结论", "time ran out before it was known whether the `must` rules can hold together")
