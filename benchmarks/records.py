"""What was measured, one JSON line a run, never rewritten: a later report shows a regression beside what was before."""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

OURS = "rotation"
PACKAGES = ("highspy", "ortools", "numpy", "scipy", "timefold")


@dataclass(frozen=True)
class Setting:
    """Where and when a session of runs happened; all its records share it."""

    date: str
    commit: str
    command: str
    machine: str
    versions: dict[str, str]
    load_before: float


@dataclass(frozen=True)
class Record:
    """One engine on one case. ``how`` it ended (``process.Ended``), ``answer`` as the run gave it (None: it gave none),
    ``phases`` in seconds, ``sizes`` of the case.
    """

    case: str
    engine: str
    seed: int
    limit_seconds: float
    gap: float
    how: str
    wall_seconds: float
    peak_bytes: int
    answer: dict[str, Any] | None
    phases: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, Any] = field(default_factory=dict)
    said: str = ""
    setting: Setting | None = None

    @property
    def tiers(self) -> list[dict[str, Any]]:
        return list((self.answer or {}).get("tiers", []))

    @property
    def proved(self) -> bool:
        """Every tier within the gap that was asked."""
        return bool(self.tiers) and all(tier["proved"] for tier in self.tiers)

    @property
    def settled(self) -> bool:
        """Every tier proved, or proved to have no plan."""
        return self.proved or (self.answer is not None and self.answer["status"] == "infeasible")

    @property
    def search_seconds(self) -> float:
        """The search alone: for us without options and program, for a peer all of it. A run cut short: its limit, however long it
        went on without hearing of it.
        """
        if self.answer is None:
            return self.limit_seconds
        seconds = float(self.answer["seconds"])
        if self.engine == OURS:
            return self.phases.get("proof", seconds) - self.phases.get("program", 0.0)
        return seconds

    @property
    def recount_seconds(self) -> float | None:
        """What it takes after our search to work its bounds out again; None: not measured apart."""
        if "checked" in self.phases and "recounted" in self.phases:
            return self.phases["recounted"] - self.phases["checked"]
        return None

    @property
    def whole_seconds(self) -> float:
        """For us ``solve`` as a user calls it: options, program, search and check."""
        return self.search_seconds if self.answer is None else float(self.answer["seconds"])

    @property
    def line(self) -> str:
        """For the terminal."""
        state = self.how if self.answer is None else str(self.answer["status"])
        proved = sum(bool(tier["proved"]) for tier in self.tiers)
        tiers = f"{proved}/{len(self.tiers)}" if self.tiers else "-"
        return (
            f"  {self.engine:12} {state:11} 层级 tiers {tiers:5} {self.search_seconds:8.2f} s "
            f"{self.peak_bytes / 2**20:8.0f} MiB {self.said}"
        )


def setting_of(command: Sequence[str]) -> Setting:
    return Setting(
        datetime.now(UTC).isoformat(timespec="seconds"),
        _commit(),
        shlex.join(_without_results(command)),
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs ({_processor()}), "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, Python {platform.python_version()}",
        {name: _version(name) for name in PACKAGES},
        round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0,
    )


def _without_results(command: Sequence[str]) -> list[str]:
    """Where somebody kept them says nothing of them."""
    before = ("", *command)
    return [
        word for last, word in zip(before, command, strict=False) if "--results" not in (last, word.partition("=")[0])
    ]


def append(path: Path, record: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def read(paths: Iterable[Path]) -> list[Record]:
    """All records of the files, in the order they were written. Lines that are no record (a run cut short) are left out."""
    found = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                document = json.loads(line)
                setting = Setting(**document.pop("setting"))
                found.append(Record(**document, setting=setting))
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
    return found


def _commit() -> str:
    root = Path(__file__).parent.parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"
