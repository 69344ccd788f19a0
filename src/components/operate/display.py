"""What a run shows: a line for each stage that is done, every warning, and the cause of a failure.

A logger plugin of Snakemake (https://github.com/snakemake/snakemake-interface-logger-plugins).
Everything that Snakemake has to say stands in its own log all the same. On a terminal a last line
tells what is being worked on; it is written over by what comes next.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

CAUSES_SHOWN = 5
FULL_BYTES = 1 << 20
LINE_MAX = 400
MAKE_ROOM = "; make room, then run again"
# A failed job is told by its cause; Snakemake adds its command with all settings.
SAID_OTHERWISE = (
    *("RuleException", "Exiting because a job execution failed", "Shutting down, this might take"),
    # What a rule would have updated was not there yet.
    *("Finished jobid", "Cannot restore "),
)
AT_LEAST_ONE = ("At least one job did not complete successfully.",)
NOT_A_CAUSE = ("Traceback ", "During handling", "The above exception")


class Stages:
    """Which jobs run and have run. ``now_s`` is any clock.

    A rule is a stage, and it is done when what follows begins while none of its jobs runs: a
    checkpoint adds jobs on the way, so that nobody can count them before.
    """

    def __init__(self) -> None:
        self.done = self.total = 0
        self.running: dict[int, tuple[str, str]] = {}
        self._finished: dict[str, list[str]] = {}
        self._outputs: dict[str, set[str]] = {}
        self._started_s: dict[str, float] = {}
        self._ended_s: dict[str, float] = {}

    def begin(self, job: int, told: Mapping[str, Any], now_s: float) -> list[str]:
        """A job has started; a line for each stage that it takes from, which is done then."""
        rule, inputs = told["rule_name"], set(told.get("input") or ())
        self.running[job] = rule, told.get("rule_msg") or ""
        self._started_s.setdefault(rule, now_s)
        self._outputs.setdefault(rule, set()).update(told.get("output") or ())
        running = {each for each, _ in self.running.values()}
        return [
            self._line(other)
            for other in list(self._finished)
            if other not in running and not inputs.isdisjoint(self._outputs[other])
        ]

    def end(self, job: int, now_s: float) -> None:
        """A job is done."""
        rule, message = self.running.pop(job, ("all", ""))
        if rule != "all":
            self._finished.setdefault(rule, []).append(message)
            self._ended_s[rule] = now_s

    def rest(self) -> list[str]:
        """Lines for the stages that nothing followed."""
        return [self._line(rule) for rule in list(self._finished)]

    def _line(self, rule: str) -> str:
        messages = self._finished.pop(rule)
        duration_s = self._ended_s[rule] - self._started_s.pop(rule)
        many = len(messages) > 1
        what = f"{rule.replace('_', ' ')}, {len(messages)} jobs" if many else messages[0]
        return f"{self._place()}  {what or rule}, {duration_s:.1f} s"

    def status(self) -> str:
        """What is being worked on."""
        messages = sorted({message or rule for rule, message in self.running.values()})
        return f"{self._place()}  {'; '.join(messages)} …" if messages else ""

    def _place(self) -> str:
        return f"{self.done:4} of {self.total}"


class LogHandler(LogHandlerBase):
    """Writes to the error stream. Snakemake calls it from one thread."""

    def __post_init__(self) -> None:
        self._stages = Stages()
        self._causes: list[str] = []
        self._out: TextIO = sys.stderr
        self._is_terminal = self._out.isatty()

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return True

    @property
    def has_formatter(self) -> bool:
        return True

    @property
    def needs_rulegraph(self) -> bool:
        return False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._take(record)
        except Exception:
            self.handleError(record)

    def _take(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        told: dict[str, Any] = record.__dict__
        if event == LogEvent.RUN_INFO:
            stats = told.get("stats") or {}
            # `all` is a job of Snakemake's, and its statistics count themselves.
            self._stages.total = sum(n for rule, n in stats.items() if rule != "total")
        elif event == LogEvent.PROGRESS:
            self._stages.done, self._stages.total = told["done"], told["total"]
        elif event == LogEvent.JOB_INFO:
            for line in self._stages.begin(told["jobid"], told, time.monotonic()):
                self._say(line)
        elif event == LogEvent.JOB_FINISHED:
            self._stages.end(told["job_id"], time.monotonic())
        elif event in (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR):
            self._fail(told.get("rule_name") or "a group of jobs", told.get("log") or ())
        elif record.levelno >= logging.WARNING:
            self._say(_plain(record.getMessage()))
        elif "Nothing to be done" in str(record.msg):
            self._say("nothing to do: every product is up to date")
        self._show_status()

    def _fail(self, rule: str, logs: Iterable[object]) -> None:
        reason = cause(map(Path, map(str, logs)))
        line = f"{rule.replace('_', ' ')} failed: {reason}"
        # A job that is tried again may fail again for the same reason.
        if line not in self._causes:
            self._causes.append(line)
            self._say(f"FAILED  {line}")

    def _say(self, line: str) -> None:
        if line:
            clear = "\r\x1b[K" if self._is_terminal else ""
            print(f"{clear}{line}", file=self._out, flush=True)

    def _show_status(self) -> None:
        if self._is_terminal and (status := self._stages.status()):
            columns = shutil.get_terminal_size().columns
            print(f"\r\x1b[K{status[: columns - 1]}", end="", file=self._out, flush=True)

    def close(self) -> None:
        """The last words: what failed, once more, since much may have been said after it."""
        if self._is_terminal:
            print("\r\x1b[K", end="", file=self._out, flush=True)
        for line in self._stages.rest():
            self._say(line)
        if len(self._causes) > 1:
            for line in self._causes[:CAUSES_SHOWN]:
                print(line, file=self._out)
        super().close()


def cause(logs: Iterable[Path]) -> str:
    """Why a job failed: the last line of its log, or a full disk where the log could not tell.

    A log that stands on a full disk is empty.
    """
    where = Path()
    for log in logs:
        where = log
        try:
            lines = log.read_text(errors="replace").strip().splitlines()
        except OSError:
            continue
        ours = [line for line in lines if line.startswith("components ")]
        for line in reversed(ours or lines):
            if line.strip() and not line.startswith(NOT_A_CAUSE):
                remedy = MAKE_ROOM if line.strip().endswith(os.strerror(errno.ENOSPC)) else ""
                return line.strip()[:LINE_MAX] + remedy
    folder = next(path for path in (where.absolute(), *where.absolute().parents) if path.is_dir())
    if shutil.disk_usage(folder).free < FULL_BYTES:
        return f"{folder}: {os.strerror(errno.ENOSPC)}{MAKE_ROOM}"
    return f"it said nothing; was it killed? ({where})"


def _plain(message: str) -> str:
    """A message of Snakemake without what only its developers need."""
    lines = [line for line in message.strip().splitlines() if line.strip()]
    # Where in a Snakefile an error of ours came up helps nobody.
    lines = [line for line in lines if not line.startswith('  File "')]
    if lines and lines[0].startswith("WorkflowError"):
        lines = lines[1:]
    if not lines or lines[0].startswith(SAID_OTHERWISE) or lines[0] in AT_LEAST_ONE:
        return ""
    return "\n".join(lines)


def test_a_stage_is_one_line_once_what_follows_begins() -> None:
    stages = Stages()

    def begin(job: int, rule: str, inputs: Iterable[str], outputs: Iterable[str]) -> list[str]:
        told = {"rule_name": rule, "rule_msg": f"{rule} {job}"}
        return stages.begin(job, told | {"input": inputs, "output": outputs}, float(job))

    stages.total = 3
    assert begin(1, "compile", [], ["lib"]) == []
    assert begin(2, "pick", [], ["a"]) == []
    assert stages.status() == "   0 of 3  compile 1; pick 2 …"
    stages.end(2, 3.0)
    assert begin(4, "pick", [], ["b"]) == []
    stages.end(4, 5.5)
    stages.done = 2
    assert begin(6, "join", ["a", "b"], ["fast"]) == ["   2 of 3  pick, 2 jobs, 3.5 s"]
    stages.end(1, 9.0)
    stages.end(6, 9.0)
    assert stages.rest() == ["   2 of 3  compile 1, 8.0 s", "   2 of 3  join 6, 3.0 s"]
    assert stages.rest() == [] and stages.status() == ""


def test_what_follows_one_job_of_a_stage_does_not_end_it() -> None:
    stages = Stages()

    def begin(job: int, rule: str, inputs: Iterable[str], outputs: Iterable[str]) -> list[str]:
        told = {"rule_name": rule, "input": inputs, "output": outputs}
        return stages.begin(job, told, float(job))

    begin(1, "fetch", [], ["a"])
    begin(2, "fetch", [], ["b"])
    stages.end(1, 3.0)
    assert begin(4, "draw", ["a"], ["drawn"]) == []
    stages.end(2, 5.0)
    assert begin(6, "fold", ["b", "drawn"], []) == ["   0 of 0  fetch, 2 jobs, 4.0 s"]
    stages.end(4, 7.0)
    stages.end(6, 8.0)
    assert stages.rest() == ["   0 of 0  draw, 3.0 s", "   0 of 0  fold, 2.0 s"]


def test_the_cause_is_our_last_line(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("fetching\ncomponents fold-manifests: 9 of 9 failed\nsh: broken pipe\n")
    assert cause([log]) == "components fold-manifests: 9 of 9 failed"
    log.write_text("Traceback (most recent call last):\n  x\nKeyError: 'a'\n")
    assert cause([log]) == "KeyError: 'a'"
    log.write_text("")
    assert cause([log]).startswith("it said nothing")
    assert "it said nothing" in cause([])


def test_a_log_on_a_full_disk_is_explained() -> None:
    from unittest import mock

    full = mock.Mock(free=0)
    with mock.patch("shutil.disk_usage", return_value=full):
        assert "No space left on device" in cause([Path("/nowhere/logs/a.log")])


def test_what_a_workflow_error_says_is_kept() -> None:
    text = 'WorkflowError in file "Snakefile":\nanother run is active\n  File "c.smk", line 3'
    assert _plain(text) == "another run is active"
    assert _plain("WorkflowError:\nAt least one job did not complete successfully.") == ""
    assert _plain("Exiting because a job execution failed. Look below") == ""
