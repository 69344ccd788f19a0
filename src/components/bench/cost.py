"""What a command costs: its time, its memory, and what it moved to and from the disk."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from components.core.project import PROJECT

IO = Path("/proc/self/io")
"""What this process and those that it has waited for have read and written."""


class Cost(NamedTuple):
    """What one process took, from its start to its end."""

    wall_s: float
    cpu_s: float
    peak_mib: float


class Traffic(NamedTuple):
    """What was read and written by system calls, from the file cache too; mapped files are not."""

    read_mb: float
    written_mb: float


def measure(command: Sequence[str]) -> Cost:
    """Run a command to its end. Raises ``CalledProcessError`` where it fails."""
    return measure_with_traffic(command)[0]


def measure_with_traffic(command: Sequence[str]) -> tuple[Cost, Traffic]:
    """As :func:`measure`, with what was read and written."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    before = _moved()
    said = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=said)
    cpu_s = usage.ru_utime + usage.ru_stime
    after = _moved()
    traffic = Traffic(*((now - then) / 1e6 for now, then in zip(after, before, strict=True)))
    return Cost(wall_s, cpu_s, usage.ru_maxrss / 1024), traffic


def _moved() -> tuple[int, int]:
    """Bytes that were read and written so far."""
    told = dict(line.split(": ") for line in IO.read_text().splitlines())
    return int(told["rchar"]), int(told["wchar"])


def test_what_a_child_moves_is_counted(tmp_path: Path) -> None:
    import sys

    path = tmp_path / "f"
    program = f"open({str(path)!r}, 'wb').write(b'x' * 9_000_000); open({str(path)!r}, 'rb').read()"
    traffic = measure_with_traffic([sys.executable, "-c", program])[1]
    assert 9 <= traffic.written_mb < 10 and 9 <= traffic.read_mb < 20
