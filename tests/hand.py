"""Short words for counties small enough to be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rotation.county import County, Post, School, Teacher, Term
from rotation.facts import Facts
from rotation.plan import Placement, Plan, Status
from rotation.policy import Objective, Policy
from rotation.rules.decisions import Decisions
from rotation.rules.frame import Cell, Rule
from rotation.rules.qualification import Qualification
from rotation.rules.rotation_quota import RotationQuota
from rotation.tally import Tally
from solver.solve import solve

YEAR = 2026


def school(name: str, area: str = "urban", levels: tuple[str, ...] = ("primary",), **more: Any) -> School:
    return School(name, name, levels, area, **more)


def group(*members: str, core: str = "C", name: str = "G") -> tuple[School, ...]:
    """A core school and its members, all of group ``name``."""
    schools = [school(core, group=name, group_role="core")]
    return (*schools, *(school(member, group=name, group_role="member") for member in members))


def teacher(name: str, home: str, *subjects: str, **more: Any) -> Teacher:
    return Teacher(name, home, subjects or ("maths",), ("primary",), more.pop("joined_year", 2016), **more)


def post(host: str, subject: str = "maths", required: int = 1, capacity: int = 9) -> Post:
    return Post(host, subject, required, capacity)


def term(who: str, host: str, start: int, years: int, subject: str = "maths", mode: str = "secondment") -> Term:
    return Term(who, host, subject, start, years, mode)


def county(schools: Iterable[School], teachers: Iterable[Teacher] = (), **more: Any) -> County:
    return County(more.pop("year", YEAR), None, tuple(schools), teachers=tuple(teachers), **more)


def place(
    data: County, who: str, *hosts: str, subject: str | None = None, km: float = 0.0, years: int = 1
) -> Placement:
    """A new placement; several hosts make a circuit."""
    person = data.teacher[who]
    mode = "itinerant" if len(hosts) > 1 else "secondment"
    return Placement(
        who, person.school, hosts[0], subject or person.main_subject, data.year, years, km, mode, tuple(hosts)
    )


def facts_of(data: County, *rules: Rule) -> Facts:
    return Facts(data, Policy("by hand", rules))


def cells(rule: Rule, data: County, *placements: Placement, beside: tuple[Rule, ...] = ()) -> dict[str, Cell]:
    """Every cell of ``rule`` on the plan, under its cell's values joined with ``/``; ``beside``: the policy's others."""
    facts = facts_of(data, rule, *beside)
    found = list(rule.check(facts, Tally(data, placements)))
    named = {"/".join(cell.cell.values()): cell for cell in found}
    assert len(named) == len(found)
    return named


def numbers(found: dict[str, Cell]) -> dict[str, tuple[Any, Any, Any, Any]]:
    """(measured, least, most, shortfall) of every cell."""
    return {name: (cell.measured, cell.least, cell.most, cell.shortfall) for name, cell in found.items()}


def along_a_road(*places: School) -> tuple[School, ...]:
    """The schools one after the other on a meridian, 1.4456 km of road (0.01 degrees) between each two."""
    return tuple(replace(place, lon=110.0, lat=30 + k / 100) for k, place in enumerate(places))


def at_least(count: int, **where: list[str]) -> RotationQuota:
    """A quota that makes ``count`` teachers move (from the schools that ``where`` selects)."""
    return RotationQuota.model_validate({"id": "at-least", "count_min": count, "where": where})


def best(data: County, *rules: Rule, first: str = "distance_total") -> Plan | None:
    """The plan of least ``first``, then of the fewest moves, proved; None where there is none."""
    objectives = (Objective(objective=first, priority=8), Objective(objective="moves", priority=9))
    outcome = solve(data, Policy("by hand", (Qualification(), Decisions(), *rules), objectives))
    assert outcome.status in (Status.OPTIMAL, Status.INFEASIBLE), outcome.message.en
    return outcome.plan


def moves(plan: Plan | None) -> set[tuple[str, ...]]:
    """(teacher, host, …) of every placement."""
    assert plan is not None
    return {(placement.teacher, *placement.hosts) for placement in plan.placements}
