"""What a benchmark case is: where its data come from, under which policy, how long, how exact."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

from rotation.county import County
from rotation.faults import Fault, InputError
from rotation.words import Words
from scenarios.generate import county_for_schools, synthetic_county

POLICIES = Path(__file__).parent / "policies"


@dataclass(frozen=True)
class MadeUp:
    """A made-up county of so many schools and teachers."""

    schools: int
    teachers: int
    seed: int

    def county(self) -> County:
        return synthetic_county(self.schools, self.teachers, self.seed, name=f"{self.schools}/{self.teachers}")


@dataclass(frozen=True)
class Listed:
    """Made-up teachers for the real schools of one county of a list; ``only`` None: all of them, each county apart."""

    path: Path
    only: str | None
    seed: int

    def county(self) -> County:
        made = county_for_schools(self.path, self.seed, county=self.only)
        if self.only is not None:
            return made
        counties = counties_of(self.path)
        return replace(made, schools=tuple(replace(school, township=counties[school.id]) for school in made.schools))


@dataclass(frozen=True)
class Published:
    """A generalized assignment instance in OR-Library's format, zipped, and its published bounds."""

    path: Path
    lower: int
    upper: int


Source = MadeUp | Listed | Published


@dataclass(frozen=True)
class Case:
    """``policy``: a file in ``policies/`` or a preset. ``spend_share``: the budget's amount as a share of what a plan
    without a budget spends. ``seconds``: the limit of each run; ``gap``: when a tier counts as proved.
    """

    suite: str
    name: str
    source: Source
    policy: str = ""
    spend_share: float | None = None
    seconds: float = 120.0
    gap: float = 1e-4
    seed: int = 1

    @property
    def key(self) -> str:
        """Names the case among all results."""
        return f"{self.suite}/{self.name}"

    def policy_path(self) -> str:
        own = POLICIES / f"{self.policy}.toml"
        return str(own) if own.is_file() else self.policy


def counties_of(path: Path) -> dict[str, str]:
    """School id → county of a school list. Raises InputError where the list cannot be read or has no counties."""
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([_fault(path, "unreadable", f"无法读取: {error}", f"cannot be read: {error}")]) from error
    found = {row.get("school_id") or row.get("id") or "": row.get("county") or "" for row in rows}
    if not found or not all(found.values()):
        raise InputError([_fault(path, "missing_column", "缺少 county 列", "has no column `county`")])
    return found


def _fault(path: Path, code: str, zh: str, en: str) -> Fault:
    return Fault("schools", None, None, str(path), code, Words(f"学校名单 {path} {zh}", f"the school list {path} {en}"))
