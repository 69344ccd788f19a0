"""What a command costs: its time, its memory, and what it moved to and from the disk."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from typing import NamedTuple

from components.core.project import PROJECT

BLOCK_BYTES = 512
"""The unit of ``getrusage``'s counts of blocks, whatever the file system's own."""


class Cost(NamedTuple):
    """What one process took, from its start to its end."""

    wall_s: float
    cpu_s: float
    peak_mib: float


class Traffic(NamedTuple):
    """What reached the disk, not what the file cache answered."""

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
    said = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=said)
    cpu_s = usage.ru_utime + usage.ru_stime
    traffic = Traffic(
        usage.ru_inblock * BLOCK_BYTES / 1_000_000, usage.ru_oublock * BLOCK_BYTES / 1_000_000
    )
    return Cost(wall_s, cpu_s, usage.ru_maxrss / 1024), traffic
