"""What the project aims at, judged on the records at hand: each aim, whether it was reached, and by how much not."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from benchmarks.chart import slope
from benchmarks.public import NEAR
from benchmarks.records import OURS, Record

MIPS = ("highs", "scip", "cbc", "cpsat", "cpsat-tuned")
LARGE = 1_000_000
"""Columns from which on memory and seconds are the columns', not the teachers'."""
RATES = "≥ 5 million options/s, ≥ 1 million columns/s into an engine, ≤ 400 bytes a column at the peak, of a million columns or more"
READING = "a folder of 100 000 teachers is read, validated and indexed in less time than its bound takes"
GROWING_FROM = 6_000
"""Teachers: of fewer, seconds are those that any process takes."""
NEVER_WORSE = "no tier worse than an independent MIP's with ten times the time"
COMPARED = {"mixes/": f"random mixes: {NEVER_WORSE}", "programmes/": f"programmes of bureaus: {NEVER_WORSE}"}
Row = tuple[str, str, str]


def missed_and_met(records: Sequence[Record]) -> list[Row]:
    """One row an aim and case; an aim without records is said not to be measured. Nothing at all without records of ours."""
    if not _of(records, ""):
        return []
    parts: list[tuple[str, list[Row]]] = [
        ("a county under national-2014, whole solve faster than HiGHS", _national(records))
    ]
    for size, times, of_memory in (("M", 5, 0.25), ("L", 10, None)):
        what = f"{size} group, every tier to 0.01 %"
        parts.append((what, _speed(records, f"scale/{size} group seed", what, times, of_memory)))
    for size in ("M", "L"):
        what = f"{size} county, budget at 0.9 of the free spend"
        parts.append((what, _speed(records, f"tight/{size} budget county seed", what, 25, None)))
    for scope in ("group", "county"):
        what = f"XL {scope}, one weighted sum: a third of HiGHS's LP relaxation, under 2 GB"
        parts.append((what, _relaxation(records, scope, what)))
        what = f"XL {scope}, every tier to 0.05 %"
        parts.append((what, _every_tier(records, f"scale/XL {scope} seed", what, 5e-4)))
    parts.append(("all tiers at most 3 × one weighted sum", _weighted(records)))
    parts.append((RATES, _rates(records)))
    parts.append((READING, _reading(records)))
    parts.append(("first plan within 5 % of the time to 0.1 %", _first_plan(records)))
    parts.append(("growth: time 1.15 (group), 1.35 (county); memory 1.05", _growth(records)))
    parts.append(("public: within 0.15 % of the best known bound, no worse than HiGHS and CP-SAT", _public(records)))
    parts += [(what, _never_worse(records, start, what)) for start, what in COMPARED.items()]
    what = "every county of a school list at once, every tier to 0.01 %"
    parts.append((what, _every_tier(records, "counties/all at once", what, 1e-4)))
    found: list[Row] = []
    for what, rows in parts:
        found += rows or [(what, "not measured", "")]
    return found


def _national(records: Sequence[Record]) -> list[Row]:
    """``solve`` as a whole, from data to checked plan, against HiGHS on the finished program."""
    rows = []
    for ours in _of(records, "national/"):
        for highs in (r for r in records if r.case == ours.case and r.engine == "highs"):
            measured = f"{ours.case}: {ours.whole_seconds:.1f} s, HiGHS {highs.search_seconds:.1f} s"
            measured += "" if highs.proved else " without proving every tier"
            holds = ours.proved and ours.whole_seconds < highs.search_seconds
            rows.append(("a county under national-2014 to 0.1 %, whole solve faster than HiGHS", _yes(holds), measured))
    return rows


def _of(records: Sequence[Record], start: str, engine: str = OURS) -> list[Record]:
    return [record for record in records if record.case.startswith(start) and record.engine == engine]


def _speed(records: Sequence[Record], start: str, what: str, times: float, of_memory: float | None) -> list[Row]:
    """Against the best peer of each case: seconds of the search, and memory."""
    rows = []
    for ours in _of(records, start):
        peers = [record for record in records if record.case == ours.case and record.engine in MIPS]
        if not peers:
            continue
        best = min(peers, key=lambda peer: (not peer.proved, peer.search_seconds))
        ratio = best.search_seconds / max(1e-3, ours.search_seconds)
        least = "" if best.proved else "at least "
        measured = f"{ours.case}: {least}{ratio:.1f} × (best peer: {best.engine})"
        if not ours.proved:
            measured += "; not every tier proved by us"
        rows.append((f"{what}: ≥ {times} × faster than the best peer", _yes(ours.proved and ratio >= times), measured))
        if of_memory is not None:
            least_memory = min(peer.peak_bytes for peer in peers if peer.proved) if any(p.proved for p in peers) else 0
            if least_memory:
                share = ours.peak_bytes / least_memory
                rows.append(
                    (
                        f"{what}: at most {of_memory:g} of a peer's memory",
                        _yes(share <= of_memory),
                        f"{ours.case}: {share:.2f} of the leanest",
                    )
                )
    return rows


def _relaxation(records: Sequence[Record], scope: str, what: str) -> list[Row]:
    rows = []
    for ours in _of(records, f"scale/XL weighted-{scope}"):
        for lp in (r for r in records if r.case == ours.case and r.engine == "highs-lp"):
            theirs, recount = max(1e-3, lp.search_seconds), ours.recount_seconds
            # A certificate that nobody has worked out again is half of one.
            share = (ours.search_seconds + (recount or 0.0)) / theirs
            done = lp.answer is not None and lp.answer["status"] == "relaxed"
            measured = f"{ours.case}: {share:.2f} of its time{'' if done else ' (it did not finish)'}"
            if recount is not None:
                measured += f", {ours.search_seconds / theirs:.2f} without the recount"
            measured += f"; {ours.peak_bytes / 2**30:.2f} GiB"
            rows.append((what, _yes(ours.proved and share <= 1 / 3 and ours.peak_bytes < 2e9), measured))
    return rows


def _every_tier(records: Sequence[Record], start: str, what: str, gap: float) -> list[Row]:
    rows = []
    for record in _of(records, start):
        gaps = [tier["gap"] for tier in record.tiers]
        known = [far for far in gaps if far is not None]
        good = bool(gaps) and len(known) == len(gaps) and max(known) <= gap + 1e-9
        worst = f"worst gap {max(known):.4%}" if known else "no bound"
        measured = f"{worst}, {sum(far is not None and far <= gap for far in gaps)} of {len(gaps)} tiers, "
        rows.append((what, _yes(good), f"{measured}{record.whole_seconds:.1f} s, {record.peak_bytes / 2**30:.2f} GiB"))
    return rows


def _growth(records: Sequence[Record]) -> list[Row]:
    rows = []
    for scope, most in (("group", 1.15), ("county", 1.35)):
        own = [
            r
            for r in _of(records, "scale/")
            if f" {scope} seed" in r.case and r.proved and r.sizes["teachers"] >= GROWING_FROM
        ]
        seconds = slope([(r.sizes["teachers"], max(1e-2, r.whole_seconds)) for r in own])
        memory = slope([(r.sizes["teachers"], r.peak_bytes) for r in own])
        if seconds is not None and memory is not None:
            largest = max(r.sizes["teachers"] for r in own)
            measured = f"time {seconds:.2f}, memory {memory:.2f} up to {largest} teachers (proved runs)"
            rows.append(
                (
                    f"growth from 6 000 teachers, {scope}: time {most}, memory 1.05",
                    _yes(seconds <= most and memory <= 1.05),
                    measured,
                )
            )
    return rows


def _public(records: Sequence[Record]) -> list[Row]:
    known = published()
    over: dict[str, float] = {}
    worse: list[str] = []
    compared: set[str] = set()
    limits: set[float] = set()
    for ours in _of(records, "public/"):
        name = ours.case.partition("/")[2].partition(" ")[0]
        if name not in known:
            continue
        value = ours.tiers[0]["value"] if ours.tiers else float("inf")
        over[name] = min(value / known[name][0] - 1, over.get(name, float("inf")))
        theirs = [r.tiers[0]["value"] for r in records if r.case == ours.case and r.engine in MIPS and r.tiers]
        compared |= {name} if theirs else set()
        limits |= {ours.limit_seconds} if theirs else set()
        if theirs and min(theirs) < value:
            worse.append(name)
    if not over:
        return []
    farthest = max(over, key=lambda name: over[name])
    near = sum(part <= NEAR for part in over.values())
    measured = f"{near} of {len(over)} instances, at most {over[farthest]:.3%} over the best known bound ({farthest})"
    measured += f"; {len(compared)} with a peer beside for as long"
    measured += f" ({', '.join(f'{seconds:.0f} s' for seconds in sorted(limits))})" if limits else ""
    measured += f", worse than it: {', '.join(worse) or 'none'}"
    return [
        (
            "public: within 0.15 % of the best known bound, no worse than HiGHS and CP-SAT",
            _yes(near == len(over) == len(compared) and not worse),
            measured,
        )
    ]


def _never_worse(records: Sequence[Record], start: str, what: str) -> list[Row]:
    """Tier before tier: a later one is only compared where all before it are equal within the gap.

    What we proved needs no peer: nobody is better.
    """
    worse: list[str] = []
    better: list[str] = []
    compared = without = alone = in_doubt = 0
    for ours in _of(records, start):
        peers = [r for r in records if r.case == ours.case and r.engine in MIPS]
        alone, in_doubt = alone + (not peers and ours.settled), in_doubt + (not peers and not ours.settled)
        for peer in peers:
            said = [record.answer["status"] if record.answer else record.how for record in (ours, peer)]
            compared, without = compared + 1, without + (said == ["infeasible", "infeasible"])
            found = first_apart(ours, peer)
            if found is not None:
                (worse if found[1] > 0 else better).append(f"{ours.case.partition('/')[2]} ({found[0]})")
    if not compared + alone:
        return []
    measured = f"{compared} compared, {without} without a plan for both, {len(better)} better, worse: "
    measured = f"{alone} proved, and no peer asked; {measured}" if alone else measured
    measured = f"{in_doubt} neither proved nor compared; {measured}" if in_doubt else measured
    return [(what, _yes(not worse and not in_doubt), measured + (", ".join(worse) or "none"))]


def first_apart(ours: Record, peer: Record) -> tuple[str, float] | None:
    """The first tier whose values differ by more than the gap, and by how much ours is worse; None: none does.

    No tiers at all are worse than any.
    """
    if bool(ours.tiers) != bool(peer.tiers):
        return "no plan", -1.0 if ours.tiers else 1.0
    for mine, theirs in zip(ours.tiers, peer.tiers, strict=False):
        far = mine["value"] - theirs["value"]
        if abs(far) > ours.gap * max(1.0, abs(theirs["value"])):
            return mine["name"], far
    return None


def published() -> dict[str, tuple[int, int]]:
    """Name → best known lower and upper bound of the instances (`published.tsv`, where its origin is told)."""
    with (Path(__file__).parent / "published.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")]
    return {name: (int(lower), int(upper)) for name, lower, upper in rows}


def _weighted(records: Sequence[Record]) -> list[Row]:
    rows = []
    for one in _of(records, "scale/"):
        if " weighted-" not in one.case:
            continue
        for every in _of(records, one.case.replace("weighted-", "")):
            if every.case == one.case.replace("weighted-", ""):
                times = every.search_seconds / max(1e-3, one.search_seconds)
                rows.append(
                    (
                        "all tiers at most 3 × one weighted sum",
                        _yes(every.proved and times <= 3),
                        f"{every.case}: {times:.1f} ×",
                    )
                )
    return rows


def _rates(records: Sequence[Record]) -> list[Row]:
    rows = []
    for record in _of(records, "scale/L") + _of(records, "scale/XL"):
        seconds = record.sizes.get("seconds", {})
        if "options" in seconds and " weighted-" not in record.case:
            options = record.sizes["options"] / max(1e-6, seconds["options"])
            pairs = record.sizes.get("pairs", 0) / max(1e-6, seconds["options"])
            columns = record.sizes["columns"] / max(1e-6, seconds["program"])
            into = record.sizes["columns"] / max(1e-6, seconds.get("engine", seconds["program"]))
            measured = (
                f"{record.case}: {options:,.0f} options/s (of {pairs:,.0f} pairs/s), {columns:,.0f} columns/s made, "
            )
            measured += f"{into:,.0f} columns/s into the engine, " if "engine" in seconds else ""
            measured += f"{record.peak_bytes / max(1, record.sizes['columns']):,.0f} bytes a column in all"
            if record.sizes["columns"] < LARGE:
                # What teachers and a process take anyway says nothing about a column.
                rows.append((RATES, f"fewer columns ({record.sizes['columns']:,})", measured))
                continue
            good = min(columns, into) >= 1e6 and options >= 5e6 and record.peak_bytes <= 400 * record.sizes["columns"]
            rows.append((RATES, _yes(good), measured))
    return rows


def _reading(records: Sequence[Record]) -> list[Row]:
    rows = []
    for record in _of(records, "scale/XL"):
        own, phases = record.sizes.get("seconds", {}), record.phases
        if "index" in own and {"read", "bound"} <= phases.keys() and " weighted-" not in record.case:
            first = phases["read"] + own["index"]
            then = phases["bound"] - own["index"]
            lp = phases["bound"] - phases.get("program", 0.0)
            measured = (
                f"{record.case}: {first:.2f} s; its first bound takes {then:.2f} s more ({lp:.2f} from the program on)"
            )
            rows.append((READING, _yes(first < then), measured))
    return rows


def _first_plan(records: Sequence[Record]) -> list[Row]:
    rows = []
    for record in records:
        if (
            record.engine == OURS
            and {"first plan", "0.1 %"} <= record.phases.keys()
            and record.case.startswith(("scale", "tight"))
        ):
            share = record.phases["first plan"] / max(1e-9, record.phases["0.1 %"])
            rows.append((share, record.case))
    if not rows:
        return []
    worst, best = max(rows), min(rows)
    measured = f"{best[0]:.0%} ({best[1]}) to {worst[0]:.0%} ({worst[1]})"
    return [("first plan within 5 % of the time to 0.1 %", _yes(worst[0] <= 0.05), measured)]


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"
