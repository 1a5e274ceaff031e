"""From records to a report: Markdown with ratios, and SVG charts of growth beside it. Earlier results are shown as what was before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.chart import Point, log_log, slope
from benchmarks.peers import BOUNDLESS
from benchmarks.phases import PHASES
from benchmarks.reaches import GROWING_FROM, missed_and_met, published
from benchmarks.records import OURS, Record

HOW_TO_READ = """\
## How to read this

- One row is one run in a process of its own, under the limit named; a run that overruns is killed with all its children.
- Every peer gets the **very same program**: the arrays that our own search gets (terms are already out of the columns), the same
  tiers in the same order, the same seconds (in *mixes* and *programmes* ten times ours: `limit`), the same gap, two workers. A tier that is
  reached becomes a row for the next, and the plan at hand is the next start (CBC takes none). Whole tiers have their bounds rounded up for
  everybody.
- **tiers**: how many tiers were proved within the gap. A peer whose tier is not proved in time stops there.
- **search**: seconds from the program to the end of the search (for us without building it; for a peer from the arrays on). **whole**: for
  us `solve` as a user calls it: options, program, search, check and indicators. A run without an answer counts with its limit, however long
  it went on past it.
- **ratio**: the peer's search seconds ÷ ours. `>` before it: the peer had not proved all tiers when it ended, so the true ratio is larger.
  Ratios below 2 on a busy machine say little; `load` is the machine's load average before the session. **commit** names the session of the
  table above that the row is from. The newest run of each engine counts; a peer's only if it was on the same kind of machine, a day away at
  most, so that a ratio may be of two sessions: then their commits differ.
- **memory**: the largest sum of resident sizes over a run's process tree, sampled every 50 ms, the interpreter and libraries included
  (a Python process with numpy and an engine takes 60–90 MiB before it does anything).
- **worst gap**: the largest (value − bound) ÷ max(1, |value|) over the tiers that have a bound.
- Phases are on the clock of `solve` (read: before it): when each was over. `bound`: the first bound by a tier's own LP; `first plan`: a
  plan by hand where one is made, before there is a program; `1 %`: every tier was within 1 % of its bound; `proof`: the search was over;
  `checked`, `recounted`: the checker had passed the plan, and bounds were recomputed from their duals. What follows until `done` is indicators
  and the digest. `-`: it never came.
- Growth is of whole seconds for us, and of search seconds for peers.
"""


def write_report(records: Sequence[Record], path: Path) -> None:
    """Write ``path`` (Markdown) and, where sizes grow, charts beside it. Of a case's runs the newest counts, the one
    before it is compared with.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    newest = latest(records)
    account = path.with_name(f"{path.stem}-missed.md")
    beside = (
        f"\n\nWhat is missed, by how much, and what was tried: [{account.name}]({account.name})."
        if account.exists()
        else ""
    )
    parts = [f"# Benchmarks{beside}\n\n{_settings(newest)}", HOW_TO_READ]
    by_suite: dict[str, list[Record]] = defaultdict(list)
    for record in newest:
        by_suite[record.case.split("/")[0]].append(record)
    for suite, own in by_suite.items():
        parts.append(f"## {suite}\n\n{_runs(own)}")
        phases = _phases(own)
        if phases:
            parts.append(f"### Phases of {suite} (seconds)\n\n{phases}")
        if suite == "public":
            parts.append(f"### Distance to the best known bounds and values\n\n{_public(own)}")
    growth = _growth(newest, path)
    if growth:
        parts.append(f"## Growth\n\n{growth}")
    reaches = missed_and_met(newest)
    if reaches:
        parts.append("## What was aimed at, and what was reached\n\n" + _table(("aim", "reached", "measured"), reaches))
    before = _before(records, newest)
    if before:
        parts.append(f"## Against the run before\n\n{before}")
    path.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")


def latest(records: Iterable[Record]) -> list[Record]:
    """The newest record of every case and engine, cases in their first order; of peers only what was measured on the machine
    of our own newest run and at most a day before or after it, as ratios between machines say nothing.
    """
    found: dict[tuple[str, str], Record] = {}
    for record in records:
        found[record.case, record.engine] = record
    for (case, engine), record in list(found.items()):
        ours = found.get((case, OURS))
        if ours is not None and engine != OURS and not _comparable(record, ours):
            del found[case, engine]
    cases = list(dict.fromkeys(case for case, _ in found))
    return sorted(found.values(), key=lambda record: (cases.index(record.case), record.engine != OURS))


def _comparable(one: Record, other: Record) -> bool:
    """Whether both were measured on the same machine, at most a day apart."""
    if one.setting is None or other.setting is None:
        return one.setting is other.setting
    apart = datetime.fromisoformat(one.setting.date) - datetime.fromisoformat(other.setting.date)
    return one.setting.machine == other.setting.machine and abs(apart) <= timedelta(days=1)


def _question(record: Record) -> tuple[str, float, float, int]:
    """What two runs must have in common for their seconds to be compared."""
    return record.case, record.limit_seconds, record.gap, record.seed


def ratio(peer: Record, ours: Record) -> str:
    """The peer's search ÷ ours; ``>`` where the peer did not finish, nothing where we did not."""
    if not ours.proved:
        return "-"
    times = peer.search_seconds / max(1e-3, ours.search_seconds)
    return f"{'' if peer.proved else '> '}{times:.1f}"


def _settings(records: Sequence[Record]) -> str:
    rows = {record.setting.date: record.setting for record in records if record.setting is not None}
    return _table(
        ("date (UTC)", "commit", "machine", "versions", "load", "command"),
        [
            (
                s.date,
                s.commit,
                s.machine,
                ", ".join(f"{k} {v}" for k, v in s.versions.items()),
                s.load_before,
                f"`{s.command}`",
            )
            for s in rows.values()
        ],
    )


def _runs(records: Sequence[Record]) -> str:
    ours = {record.case: record for record in records if record.engine == OURS}
    rows = []
    for record in records:
        mine = ours.get(record.case)
        is_peer = record.engine not in (OURS, "prepare")
        gaps = [tier["gap"] for tier in record.tiers if tier["gap"] is not None]
        rows.append(
            (
                record.case.partition("/")[2],
                record.engine,
                _state(record),
                f"{sum(bool(t['proved']) for t in record.tiers)}/{len(record.tiers)}" if record.tiers else "-",
                f"{max(gaps):.5%}" if gaps else "-",
                f"{record.search_seconds:.2f}",
                f"{record.whole_seconds:.2f}" if record.engine == OURS else "",
                f"{record.peak_bytes / 2**20:.0f} MiB",
                ratio(record, mine) if is_peer and mine is not None and record.engine not in BOUNDLESS else "",
                f"{record.limit_seconds:.0f} s, {record.gap:g}, {record.seed}",
                record.sizes.get("columns", ""),
                "" if record.setting is None else record.setting.commit,
            )
        )
    heads = (
        "case",
        "engine",
        "state",
        "tiers",
        "worst gap",
        "search s",
        "whole s",
        "memory",
        "ratio",
        "limit, gap, seed",
        "columns",
        "commit",
    )
    return _table(heads, rows)


def _state(record: Record) -> str:
    state = f"{record.how} {record.said}".strip() if record.answer is None else str(record.answer["status"])
    broken = (record.answer or {}).get("broken_rows")
    return f"{state} ({broken} rows)" if broken else state


def _phases(records: Sequence[Record]) -> str:
    rows = []
    for record in records:
        if record.engine == OURS and record.phases:
            cells = [f"{record.phases[name]:.2f}" if name in record.phases else "-" for name in PHASES]
            rows.append((record.case.partition("/")[2], *cells, _speed(record)))
    return _table(("case", *PHASES, "options/s, columns/s"), rows) if rows else ""


def _speed(record: Record) -> str:
    """Options kept and columns written, each per second of its own phase."""
    seconds, sizes = record.sizes.get("seconds", {}), record.sizes
    speeds = [sizes["options"] / max(1e-6, seconds["options"]), sizes["columns"] / max(1e-6, seconds["program"])] if (
        "options" in seconds and "program" in seconds
    ) else []  # fmt: skip
    return ", ".join(f"{speed:,.0f}" for speed in speeds)


def _public(records: Sequence[Record]) -> str:
    known = published()
    rows = []
    for record in records:
        case = record.case.partition("/")[2]
        name = case.partition(" ")[0]
        holds = record.answer is not None and record.answer["status"] != "broken"
        if name not in known or not holds or not record.tiers or record.tiers[0]["value"] is None:
            continue
        value, bound = record.tiers[0]["value"], record.tiers[0]["bound"]
        lower, upper = known[name]
        rows.append(
            (
                case,
                record.engine,
                f"{record.search_seconds:.0f}",
                f"{value:.0f}",
                "-" if bound is None else f"{bound:.0f}",
                lower,
                upper,
                f"{value / lower - 1:.3%}",
                f"{value / upper - 1:.3%}",
            )
        )
    return _table(
        (
            "instance",
            "engine",
            "s",
            "value",
            "its bound",
            "known bound",
            "known value",
            "over the bound",
            "over the known value",
        ),
        rows,
    )


def _growth(records: Sequence[Record], path: Path) -> str:
    seconds: dict[str, list[Point]] = defaultdict(list)
    memory: dict[str, list[Point]] = defaultdict(list)
    for record in records:
        suite, _, name = record.case.partition("/")
        if suite != "scale" or not record.proved or record.sizes.get("teachers", 0) < GROWING_FROM:
            continue
        series = f"{record.engine} {name.split()[1]}"
        teachers = float(record.sizes["teachers"])
        seconds[series].append((teachers, max(1e-2, record.whole_seconds)))
        memory[series].append((teachers, record.peak_bytes / 2**20))
    series_found = {name: points for name, points in seconds.items() if slope(points) is not None}
    if not series_found:
        return ""
    rows, links = [], []
    for title, label, data in (("time", "seconds", seconds), ("memory", "MiB", memory)):
        kept = {name: data[name] for name in series_found}
        file = path.with_name(f"{path.stem}-{title}.svg")
        file.write_text(log_log(f"{title.capitalize()} to all tiers proved", "teachers", label, kept), encoding="utf-8")
        links.append(f"![{title}]({file.name})")
    for name, points in series_found.items():
        rows.append(
            (
                name,
                len(points),
                f"{slope(points):.2f}",
                f"{slope(memory[name]):.2f}",
                f"{min(points)[0]:.0f} – {max(points)[0]:.0f}",
            )
        )
    text = "Proved runs only; the slope k of y ≈ c · teachers^k, fitted on logarithms (1: twice the teachers, twice the time).\n\n"
    return (
        text
        + _table(("engine, scope", "runs", "time slope", "memory slope", "teachers"), rows)
        + "\n\n"
        + "\n".join(links)
    )


def _before(records: Sequence[Record], newest: Sequence[Record]) -> str:
    earlier: dict[tuple[str, float, float, int], Record] = {}
    current = {id(record) for record in newest}
    for record in records:
        if record.engine == OURS and id(record) not in current:
            earlier[_question(record)] = record
    rows = []
    for record in newest:
        old = earlier.get(_question(record))
        if record.engine != OURS or old is None or old.setting is None:
            continue
        change = record.whole_seconds / max(1e-3, old.whole_seconds) - 1
        worse = "**slower**" if change > 0.25 else ""
        if record.setting is not None and record.setting.machine != old.setting.machine:
            worse = "another machine"
        lost = "**proves less**" if old.proved and not record.proved else ""
        rows.append(
            (
                record.case,
                f"{old.whole_seconds:.2f}",
                f"{record.whole_seconds:.2f}",
                f"{change:+.0%}",
                old.setting.commit,
                f"{worse} {lost}".strip(),
            )
        )
    return _table(("case", "before s", "now s", "change", "commit before", ""), rows) if rows else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
