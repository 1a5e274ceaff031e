"""Runs cases: prepares each once, then one engine after another, each in a process of its own under the same limit."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks import records
from benchmarks.cases import Case
from benchmarks.codes import case_document
from benchmarks.peers import PEERS
from benchmarks.phases import phases_of
from benchmarks.prepare import Prepared
from benchmarks.process import run as run_process
from benchmarks.records import OURS, Record, Setting

GRACE_SECONDS = 20.0
"""Reading, building and finishing, on top of a run's own limit: what overruns this is killed."""
GRACE_SHARE = 1.0
PREPARE_SECONDS = 1800.0
MOST_BYTES = 12 * 2**30

OnRecord = Callable[[Record], None]


def run_cases(
    cases: Iterable[Case],
    engines: Sequence[str],
    setting: Setting,
    on_record: OnRecord,
    on_case: Callable[[Case], None],
    doubted: bool = False,
) -> None:
    """``engines`` (`OURS` and peers) on every case; each finished run is told at once, so that nothing measured is lost.

    ``doubted``: peers only where `OURS` proved neither every tier nor that there is no plan.
    """
    for case in cases:
        on_case(case)
        with tempfile.TemporaryDirectory(prefix="rotation-bench-") as folder:
            for record in run_case(case, engines, Path(folder), setting):
                on_record(record)
                if doubted and record.engine == OURS and record.settled:
                    break


def run_case(case: Case, engines: Sequence[str], folder: Path, setting: Setting) -> Iterable[Record]:
    document = folder / "case.json"
    document.write_text(json.dumps(case_document(case)), encoding="utf-8")
    python = [sys.executable, "-m"]
    prepared = run_process([*python, "benchmarks.prepare", str(document), str(folder)], PREPARE_SECONDS, MOST_BYTES)
    sizes = next((line["prepared"] for line in prepared.news if "prepared" in line), None)
    if sizes is None:
        yield Record(
            case.key, "prepare", case.seed, case.seconds, case.gap, prepared.how, prepared.seconds, prepared.peak_bytes,
            None, said=prepared.said, setting=setting,
        )  # fmt: skip
        return
    ours = [*python, "benchmarks.engine", str(document), str(folder)]
    program = str(Prepared(folder).program)
    for name in engines:
        seconds = case.seconds * (1.0 if name == OURS else case.times)
        theirs = [*python, "benchmarks.peers", name, program, str(seconds), str(case.gap), str(case.seed)]
        command = ours if name == OURS else theirs
        ended = run_process(command, seconds * (1 + GRACE_SHARE) + GRACE_SECONDS, MOST_BYTES)
        answer = next((line["answer"] for line in ended.news if "answer" in line), None)
        yield Record(
            case.key, name, case.seed, seconds, case.gap, ended.how, ended.seconds, ended.peak_bytes, answer,
            phases_of(ended.news, len(sizes["tiers"])), sizes, ended.said, setting,
        )  # fmt: skip


def known_peers(names: Iterable[str]) -> list[str]:
    """``names`` in order, each once; ``all`` stands for all of them. Raises KeyError with the first unknown one."""
    found: dict[str, None] = {}
    for name in names:
        for one in PEERS if name == "all" else [name]:
            if one not in PEERS:
                raise KeyError(one)
            found[one] = None
    return list(found)


def results_file(folder: Path, suite: str) -> Path:
    return folder / f"{suite}.jsonl"


__all__ = ["known_peers", "records", "results_file", "run_case", "run_cases"]
