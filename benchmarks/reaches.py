"""What the project aims at, judged on the records at hand: each aim, whether it was reached, and by how much not."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.records import OURS, Record

MIPS = ("highs", "scip", "cbc", "cpsat", "cpsat-tuned")
Row = tuple[str, str, str]


def missed_and_met(records: Sequence[Record]) -> list[Row]:
    """One row an aim for which there are records."""
    found: list[Row] = _national(records)
    for size, scope, times, of_memory in (("M", "group", 5, 0.25), ("L", "group", 10, None)):
        found += _speed(
            records, f"scale/{size} {scope} seed", f"{size} {scope}, every tier to 0.01 %", times, of_memory
        )
    for size in ("M", "L"):
        found += _speed(
            records, f"tight/{size} budget county seed", f"{size} county, budget at 0.9 of the free spend", 25, None
        )
    found += _relaxation(records)
    found += _weighted(records)
    found += _rates(records)
    found += _first_plan(records)
    found += _everywhere(records)
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


def _relaxation(records: Sequence[Record]) -> list[Row]:
    rows = []
    for scope in ("group", "county"):
        for ours in _of(records, f"scale/XL weighted-{scope}"):
            for lp in (r for r in records if r.case == ours.case and r.engine == "highs-lp"):
                share = ours.search_seconds / max(1e-3, lp.search_seconds)
                done = lp.answer is not None and lp.answer["status"] == "relaxed"
                measured = f"{share:.2f} of its time{'' if done else ' (it did not finish)'}, {ours.peak_bytes / 2**30:.2f} GiB"
                good = ours.proved and share <= 1 / 3 and ours.peak_bytes < 2e9
                rows.append(
                    (
                        f"XL {scope}, one weighted sum: a third of HiGHS's LP relaxation, under 2 GB",
                        _yes(good),
                        measured,
                    )
                )
    return rows


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
            measured = f"{record.case}: {options:,.0f} options/s (of {pairs:,.0f} pairs/s), {columns:,.0f} columns/s, "
            measured += f"{record.peak_bytes / max(1, record.sizes['columns']):,.0f} bytes a column in all"
            good = options >= 5e6 and columns >= 1e6
            rows.append(("≥ 5 million options/s, ≥ 1 million columns/s", _yes(good), measured))
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


def _everywhere(records: Sequence[Record]) -> list[Row]:
    return [
        (
            "every county of a school list at once, every tier to 0.01 %",
            _yes(record.proved),
            f"{record.whole_seconds:.1f} s, {record.peak_bytes / 2**30:.2f} GiB",
        )
        for record in _of(records, "counties/all at once")
    ]


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"
