"""Examples for the rule reference: one tiny county, a policy and a plan in one TOML file, run by the checker.

The tables are those of a data set (``rotation/files/tables.py``), the rules those of a policy file. What an example does
not say is filled in, so that it stays short: a school is an urban primary school and lies where the others lie, a post
requires 1 and takes 9, a teacher teaches maths in primary school and came ten years ago, a placement is a secondment
of one year in the main subject; groups are those that schools name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from rotation.check import Report, check
from rotation.county import County
from rotation.facts import Facts
from rotation.files.faultlist import FaultList
from rotation.files.jsonfile import sheets_of
from rotation.files.read import county_of
from rotation.plan import Placement
from rotation.policy import Policy, parse_policy

FOLDER = resources.files("rotation") / "rules" / "examples"
YEAR = 2026
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "schools": {"levels": ["primary"], "area": "urban", "lon": 110.0, "lat": 30.0},
    "posts": {"subject": "maths", "required": 1, "capacity": 9},
    "teachers": {"subjects": ["maths"], "levels": ["primary"], "joined_year": YEAR - 10},
    "terms": {"subject": "maths", "years": 2, "start_year": YEAR - 1},
}


@dataclass(frozen=True)
class Example:
    """``text`` as it is written; the county, policy and plan that it stands for."""

    text: str
    county: County
    policy: Policy
    placements: tuple[Placement, ...]

    def report(self) -> Report:
        """What the checker finds."""
        return check(self.county, self.policy, self.placements)


def example(name: str) -> Example | None:
    """The example of a rule, or ``objectives``; None where none is written. Raises InputError where it is faulty."""
    file = FOLDER / f"{name}.toml"
    return read_example(file.read_text(encoding="utf-8")) if file.is_file() else None


def read_example(text: str) -> Example:
    """The example that ``text`` (TOML) describes. Raises InputError."""
    document = tomllib.loads(text)
    policy = parse_policy({"name": "example"} | {key: document.pop(key, []) for key in ("rules", "objectives")})
    listed = document.pop("placements", [])
    county = _county(document)
    facts = Facts(county, policy)
    return Example(text, county, policy, tuple(_placement(facts, row) for row in listed))


def _county(document: Mapping[str, Sequence[Mapping[str, Any]]]) -> County:
    tables: dict[str, Any] = {
        name: [{**DEFAULTS.get(name, {}), **{key: _plain(value) for key, value in row.items()}} for row in rows]
        for name, rows in document.items()
    }
    for school in tables["schools"]:
        school.setdefault("name", school["id"])
    names = dict.fromkeys(school["group"] for school in tables["schools"] if "group" in school)
    tables.setdefault("groups", [{"id": name, "name": name} for name in names])
    faults = FaultList()
    return county_of(sheets_of({"year": YEAR, **tables}, faults), faults)[0]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _placement(facts: Facts, row: Mapping[str, Any]) -> Placement:
    county = facts.county
    teacher = county.teacher[row["teacher"]]
    hosts = tuple(row["hosts"]) if "hosts" in row else (row["host"],)
    ways = [facts.way(teacher, county.school[host]) for host in hosts]
    return Placement(
        teacher.id,
        teacher.school,
        hosts[0],
        row.get("subject", teacher.main_subject),
        county.year,
        row.get("years", 1),
        max(way.metres for way in ways if way is not None) / 1000,
        row.get("mode", "itinerant" if len(hosts) > 1 else "secondment"),
        hosts,
    )
