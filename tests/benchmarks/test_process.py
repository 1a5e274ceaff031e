"""A run's end takes its whole tree with it, and what it said before it was killed is kept."""

from __future__ import annotations

import sys

import psutil

from benchmarks.process import run

PARENT = """
import json, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(json.dumps({"child": child.pid}), flush=True)
time.sleep(600)
"""


def test_a_run_over_its_limit_is_killed_with_its_children() -> None:
    ended = run([sys.executable, "-c", PARENT], seconds=2.0)
    assert ended.how == "limit"
    (news,) = ended.news
    assert not psutil.pid_exists(news["child"]) or psutil.Process(news["child"]).status() == psutil.STATUS_ZOMBIE
    assert ended.seconds < 30


def test_a_run_over_its_memory_is_killed() -> None:
    hungry = "import time; data = bytearray(300 * 2**20); time.sleep(600)"
    ended = run([sys.executable, "-c", hungry], seconds=60.0, most_bytes=200 * 2**20)
    assert ended.how == "memory"
    assert ended.peak_bytes > 200 * 2**20


def test_a_crash_has_its_last_words() -> None:
    ended = run([sys.executable, "-c", "raise ValueError('the reason')"], seconds=60.0)
    assert ended.how == "crashed"
    assert ended.said == "ValueError: the reason"


def test_chatter_is_no_news() -> None:
    ended = run(
        [sys.executable, "-c", "print('Set parameter Threads'); print('{\"x\": 1}'); print('[1]')"], seconds=60.0
    )
    assert (ended.how, ended.news) == ("done", ({"x": 1},))
