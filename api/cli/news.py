"""Live progress of a solve: a small table on a terminal, plain lines (at most one a second) elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.live import Live
from rich.table import Table
from rich.text import Text

from api.cli.output import console, say
from rotation.words import Words
from solver.outcome import Progress

SECONDS_BETWEEN_LINES = 1.0
PHASES = {
    "options": Words("列出可选安排", "options"),
    "program": Words("建立模型", "program"),
    "first plan": Words("初始方案", "first plan"),
    "tier": Words("逐级优化", "tier"),
    "conflicts": Words("查找冲突", "conflicts"),
    "ways": Words("寻找出路", "ways out"),
    "shortfalls": Words("查找缺口原因", "shortfalls"),
    "check": Words("独立核验", "check"),
}


class Ticker:
    """A context in which ``show`` brings news to the person, on standard error."""

    def __init__(self) -> None:
        self._tiers: dict[int, Progress] = {}
        self._latest: Progress | None = None
        self._printed = ("", -1)
        self._printed_at = 0.0
        self._live = Live(console=console(sys.stderr), transient=True) if sys.stderr.isatty() else None

    def __enter__(self) -> Ticker:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, progress: Progress) -> None:
        self._latest = progress
        if progress.tier is not None:
            self._tiers[progress.tier] = progress
        if self._live is not None:
            self._live.update(self._table())
            return
        place = (progress.phase, progress.tier if progress.tier is not None else -1)
        now = time.monotonic()
        if place != self._printed or now - self._printed_at >= SECONDS_BETWEEN_LINES:
            self._printed, self._printed_at = place, now
            say(line(progress))

    def _table(self) -> Table:
        latest = self._latest
        assert latest is not None
        words = PHASES.get(latest.phase, Words(latest.phase, latest.phase))
        table = Table(title=f"{words.zh} {words.en} · {latest.seconds:.1f} s {latest.note}", title_justify="left")
        for name in ("级 tier", "目标 objective", "值 value", "界 bound", "秒 s"):
            table.add_column(name)
        for tier, news in sorted(self._tiers.items()):
            cells = (str(tier), news.name or "", _number(news.value), _number(news.bound), f"{news.seconds:.1f}")
            table.add_row(*(Text(cell) for cell in cells))
        return table


def line(progress: Progress) -> str:
    """One line of news in plain text."""
    words = PHASES.get(progress.phase, Words(progress.phase, progress.phase))
    parts = [f"{progress.seconds:8.1f} s", f"{words.zh} {words.en}"]
    if progress.tier is not None:
        parts.append(f"{progress.tier} {progress.name or ''}".strip())
    if progress.value is not None:
        parts.append(f"值 value {_number(progress.value)}")
    if progress.bound is not None:
        parts.append(f"界 bound {_number(progress.bound)}")
    if progress.placements is not None:
        parts.append(f"{progress.placements} 人 placements")
    return "  ".join([*parts, progress.note] if progress.note else parts)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
