"""How a shard is getting on: a bar on a terminal, a plain line every few seconds in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Any

LINE_INTERVAL_S = 5.0


class Progress:
    """A context manager; any thread may count. ``total`` is in parts."""

    def __init__(self, title: str, total: int) -> None:
        self.title = title
        self.total = total
        self.parts = 0
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._start_s = self._told_s = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[words]}"),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task(self.title, total=self.total, words="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def count(self, status: str, artifacts: int = 1) -> None:
        """So many artifacts have reached ``status``; fewer than none have left it."""
        with self._lock:
            self.counts[status] += artifacts

    def part_done(self) -> None:
        """One part is through."""
        with self._lock:
            self.parts += 1
            now_s = time.monotonic()
            due = now_s - self._told_s >= (0.2 if self._bar is not None else LINE_INTERVAL_S)
            if due:
                self._told_s = now_s
        if due:
            self._tell()

    def line(self) -> str:
        """Where things stand, for a log."""
        duration_s = max(time.monotonic() - self._start_s, 1e-3)
        done = self.counts["success"] + self.counts["missing"] + self.counts["failed"]
        return (
            f"{self.title}: {self.parts:,} of {self.total:,} parts, {self._words()}, "
            f"{done / duration_s:.0f} a second"
        )

    def _words(self) -> str:
        names = {"success": "stored", "missing": "missing", "failed": "failed", "skipped": "had"}
        return ", ".join(
            f"{self.counts[status]:,} {word}"
            for status, word in names.items()
            if self.counts[status] or status == "success"
        )

    def _tell(self) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self.parts, words=self._words())
        else:
            print(self.line(), file=sys.stderr, flush=True)


def test_a_line_says_what_has_happened() -> None:
    progress = Progress("cad 0003", 5000)
    for status in ("success", "success", "missing", "skipped"):
        progress.count(status)
    progress.part_done()
    assert progress.line().startswith("cad 0003: 1 of 5,000 parts, 2 stored, 1 missing, 1 had, ")
