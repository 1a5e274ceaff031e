"""The suites: which cases make up each, from a few seconds in CI to a night on a city."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case, Listed, MadeUp, counties_of
from benchmarks.mixes import Size, farther, mixed, wider
from benchmarks.programmes import programmes as asked_for
from benchmarks.public import instances

SIZES = {"S": (30, 1_000, 1), "M": (150, 6_000, 1), "L": (400, 20_000, 1), "XL": (2_000, 100_000, 13)}
"""Schools, teachers, districts."""
SCOPES = ("group", "county")
SEEDS = (1, 2, 3)
MIXES = range(1, 41)
"""Seeds of each kind."""
DRAWN_SHARE = 0.05
"""Of the teachers, in the plan that a mix is near to."""
SCHOOLS_VARIABLE = "ROTATION_BENCH_SCHOOLS"
PUBLIC_VARIABLE = "ROTATION_BENCH_PUBLIC"


@dataclass(frozen=True)
class Given:
    """What a suite is made of besides its own: where data lie that are not in the project (a school list, CSV; a folder of assignment
    instances), and for mixes their ``seeds`` and one ``size`` (schools, teachers) instead of what they draw.
    """

    schools: Path | None = None
    public: Path | None = None
    seeds: Sequence[int] = MIXES
    size: Size | None = None

    @staticmethod
    def of_environment() -> Given:
        schools, public = os.environ.get(SCHOOLS_VARIABLE), os.environ.get(PUBLIC_VARIABLE)
        return Given(Path(schools) if schools else None, Path(public) if public else None)


class Missing(Exception):
    """A suite cannot run: what it needs is not there (the message says what, in both languages)."""


def smoke(given: Given, seconds: float | None) -> Sequence[Case]:
    """Tiny: does every engine come to the same values? Nothing is said about seconds."""
    size = MadeUp(8, 120, 1)
    return [
        Case("smoke", "group", size, "group", seconds=seconds or 60),
        Case("smoke", "county", size, "county", seconds=seconds or 60),
        Case("smoke", "tight", size, "tight-county", spend_share=0.9, seconds=seconds or 60),
    ]


def scale(given: Given, seconds: float | None) -> Sequence[Case]:
    """S to XL, group and county scope, three seeds; and the same in one weighted sum."""
    return [
        Case(
            "scale",
            f"{size} {policy} seed {seed}",
            _made_up(size, seed),
            policy,
            seconds=seconds or _patience(size),
        )
        for size in SIZES
        for scope in SCOPES
        for policy in (scope, f"weighted-{scope}")
        for seed in SEEDS
    ]


def tight(given: Given, seconds: float | None) -> Sequence[Case]:
    """A budget at 0.9 of the free spend, equal exchange, staggered ends."""
    kinds = [("budget group", "tight-group", 0.9), ("budget county", "tight-county", 0.9)]
    kinds += [("exchange", "exchange", 0.0), ("stagger", "stagger", 0.0)]
    return [
        Case("tight", f"{size} {name} seed 1", _made_up(size, 1), policy, share or None, seconds or _patience(size))
        for size in ("S", "M", "L")
        for name, policy, share in kinds
    ]


def rules(given: Given, seconds: float | None) -> Sequence[Case]:
    """What makes an LP say little: points of fairness, pairs of people, levels that people cross, the longest way, circuits."""
    kinds = ("fair", "mentors", "balance", "longest", "circuits")
    return [
        Case("rules", f"{size} {kind} seed 1", _made_up(size, 1), kind, seconds=seconds or _patience(size))
        for size in ("S", "M")
        for kind in kinds
    ]


def mixes(given: Given, seconds: float | None) -> Sequence[Case]:
    """Random mixes of rules and objectives; a peer has ten times our seconds."""
    kinds = (("", mixed, 0.0), ("wide ", wider, 0.0), ("far ", farther, DRAWN_SHARE))
    size = "" if given.size is None else " {}/{}".format(*given.size)
    return [
        Case("mixes", f"{kind}{seed}{size}", county, document, seconds=seconds or 4, times=10.0, baseline=share)
        for kind, mix, share in kinds
        for seed in given.seeds
        for county, document in [mix(seed, given.size)]
    ]


def programmes(given: Given, seconds: float | None) -> Sequence[Case]:
    """Every preset, and the national rules with one more rule or other objectives, S to XL; a peer has ten times our seconds."""
    limits = {"S": 20, "M": 60, "L": 60, "XL": 150}
    return [
        Case("programmes", f"{size} {name}", _made_up(size, 1), document, seconds=seconds or limits[size], times=10.0)
        for size in SIZES
        for name, document in asked_for().items()
    ]


def counties(given: Given, seconds: float | None) -> Sequence[Case]:
    """Every county of a real school list, and all of it at once with moves inside each county."""
    path = _needed(given.schools, "--schools", SCHOOLS_VARIABLE, "学校名单", "a school list")
    names = sorted(set(counties_of(path).values()))
    cases = [Case("counties", name, Listed(path, name, 1), "national-2014", seconds=seconds or 120) for name in names]
    return [*cases, Case("counties", "all at once", Listed(path, None, 1), "everywhere", seconds=seconds or 600)]


def national(given: Given, seconds: float | None) -> Sequence[Case]:
    """The main job: a made-up county and, with a school list, three real ones under national-2014, each tier to 0.1 %."""
    made_up = Case("national", "150/6000", _made_up("M", 1), "national-2014", seconds=seconds or 120, gap=1e-3)
    if given.schools is None:
        return [made_up]
    real = [name for name in ("南投縣", "雲林縣", "花蓮縣") if name in counties_of(given.schools).values()]
    return [
        made_up,
        *(
            Case("national", name, Listed(given.schools, name, 1), "national-2014", seconds=seconds or 120, gap=1e-3)
            for name in real
        ),
    ]


def public(given: Given, seconds: float | None) -> Sequence[Case]:
    """Generalized assignment of type D, against published bounds."""
    folder = _needed(given.public, "--public", PUBLIC_VARIABLE, "公开算例文件夹", "a folder of instances")
    if not (folder / "bounds.tsv").is_file():
        raise Missing(f"{folder} 中没有 bounds.tsv · {folder} has no bounds.tsv")
    return instances(folder, seconds or 600)


SUITES: dict[str, Callable[[Given, float | None], Sequence[Case]]] = {
    "smoke": smoke,
    "national": national,
    "scale": scale,
    "tight": tight,
    "rules": rules,
    "mixes": mixes,
    "programmes": programmes,
    "counties": counties,
    "public": public,
}


def _made_up(size: str, seed: int) -> MadeUp:
    schools, teachers, districts = SIZES[size]
    return MadeUp(schools, teachers, seed, districts)


def _patience(size: str) -> float:
    return {"S": 60, "M": 120, "L": 300, "XL": 1200}[size]


def _needed(path: Path | None, option: str, variable: str, zh: str, en: str) -> Path:
    if path is None:
        raise Missing(
            f"需要{zh}: {option} 或环境变量 {variable} · {en} is needed: {option}, or the variable {variable}"
        )
    if not path.exists():
        raise Missing(f"{zh}不存在: {path} · there is no such file or folder: {path}")
    return path
