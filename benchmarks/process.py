"""One run in a process of its own: its news line by line, its peak memory by tree, and an end that takes the tree with it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

SAMPLE_SECONDS = 0.05
OWN_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""numpy's own threads would spoil what is measured."""


@dataclass(frozen=True)
class Ended:
    """``how``: done, limit (killed when its time was over), memory (killed over its limit) or crashed (``said``: its last words).

    ``news``: the JSON lines it wrote, in order; ``peak_bytes``: the largest sum of resident sizes over its tree.
    """

    how: str
    seconds: float
    peak_bytes: int
    news: tuple[dict[str, Any], ...] = ()
    said: str = ""


@dataclass
class _Watched:
    news: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def run(
    command: Sequence[str],
    seconds: float,
    most_bytes: int | None = None,
    tell: Callable[[dict[str, Any]], None] | None = None,
) -> Ended:
    """Run ``command``; after ``seconds`` of wall time, or over ``most_bytes``, kill it with all its children."""
    started = time.monotonic()
    root = Path(__file__).parent.parent
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        cwd=root,
        env=os.environ | OWN_ENVIRONMENT,
        text=True,
    )
    watched = _Watched()
    assert process.stdout is not None and process.stderr is not None
    readers = [
        threading.Thread(target=_read_news, args=(process.stdout, watched, tell), daemon=True),
        threading.Thread(target=_read_said, args=(process.stderr, watched), daemon=True),
    ]
    for reader in readers:
        reader.start()
    peak, how = 0, ""
    try:
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            now = _resident(tree)
            peak = max(peak, now)
            if time.monotonic() - started > seconds:
                how = "limit"
                break
            if most_bytes is not None and now > most_bytes:
                how = "memory"
                break
            time.sleep(SAMPLE_SECONDS)
    except psutil.NoSuchProcess:
        pass
    finally:
        kill_tree(process.pid)
        process.wait()
        for reader in readers:
            reader.join()
    took = time.monotonic() - started
    how = how or ("done" if process.returncode == 0 else "crashed")
    last = "".join(watched.said[-1:]).strip()
    return Ended(how, took, peak, tuple(watched.news), last if how == "crashed" else "")


def kill_tree(pid: int) -> None:
    """End ``pid`` and everything it started. Harmless when they are gone."""
    try:
        parent = psutil.Process(pid)
        members = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for member in members:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(members[:-1], timeout=5)


def _resident(tree: psutil.Process) -> int:
    total = 0
    for member in (tree, *tree.children(recursive=True)):
        try:
            total += int(member.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return total


def _read_news(pipe: IO[str], watched: _Watched, tell: Callable[[dict[str, Any]], None] | None) -> None:
    for line in pipe:
        try:
            message = json.loads(line)
        except ValueError:
            continue  # an engine's own chatter
        if isinstance(message, dict):
            watched.news.append(message)
            if tell is not None:
                tell(message)


def _read_said(pipe: IO[str], watched: _Watched) -> None:
    for line in pipe:
        if line.strip():
            watched.said.append(line)
            del watched.said[:-20]
