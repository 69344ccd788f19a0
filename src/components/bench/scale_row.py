"""A row of ``bench scale``: what was done, to how much, and what it took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from components.bench.cost import measure_with_traffic

SOURCE = "source.sqlite3"
"""Below the folder that ``rows`` is given: a ready catalogue of as many parts as were asked for."""
MB = 1_000_000


class Row(NamedTuple):
    """None: not measured. I/O is what system calls moved, from the file cache too."""

    what: str
    size: str
    """Of how many, with the unit: ``300,000 objects``."""
    wall_s: float | None = None
    cpu_s: float | None = None
    peak_mib: float | None = None
    """Of the largest process."""
    read_mb: float | None = None
    written_mb: float | None = None
    disk_mb: float | None = None
    """What lies there afterwards."""


COLUMNS = (*("what", "of", "wall s", "CPU s", "peak MiB", "MB read", "MB written", "MB on disk"),)


def measured(what: str, size: str, command: Sequence[str], *made: Path) -> Row:
    """Run a command to its end; ``made`` are files or folders whose size afterwards is told.

    Raises ``CalledProcessError`` where it fails.
    """
    cost, traffic = measure_with_traffic(command)
    on_disk_mb = sum(map(disk_bytes, made)) / MB if made else None
    return Row(what, size, *cost, traffic.read_mb, traffic.written_mb, on_disk_mb)


def disk_bytes(path: Path) -> int:
    """What a file, or all files below a folder, take on disk; a shared block counts each time."""
    if not path.is_dir() or path.is_symlink():
        return path.lstat().st_blocks * 512 if path.is_symlink() or path.exists() else 0
    return sum(map(disk_bytes, path.iterdir()))


def test_a_command_is_measured(tmp_path: Path) -> None:
    import subprocess
    import sys

    import pytest

    made = tmp_path / "made"
    program = f"open({str(made)!r}, 'wb').write(b'x' * 3_000_000)"
    row = measured("write", "1 file", [sys.executable, "-c", program], tmp_path)
    assert row[:2] == ("write", "1 file") and len(row) == len(COLUMNS)
    assert row.disk_mb is not None and row.disk_mb >= 3
    assert row.cpu_s and row.peak_mib and row.peak_mib > 3
    with pytest.raises(subprocess.CalledProcessError):
        measured("fail", "", [sys.executable, "-c", "raise SystemExit(3)"])
