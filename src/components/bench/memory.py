"""The memory of a running command's processes: all of it, and what is their own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

INTERVAL_S = 0.2
PROC = Path("/proc")
KIB = 1024


class Memory(NamedTuple):
    """The most that one process had at a look; pages of mapped files count in ``resident``."""

    resident_mib: float = 0.0
    own_mib: float = 0.0
    """Anonymous pages: what no file stands behind."""


Peaks = dict[str, Memory]


@contextmanager
def watched(interval_s: float = INTERVAL_S) -> Iterator[Peaks]:
    """Fill what it gives, until the block ends: peaks of this process's descendants by name.

    A process of ours is named by its verb (``build-detail``), another one by its program. A peak
    between two looks is missed.
    """
    peaks: Peaks = {}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(interval_s):
            for pid in _descendants(os.getpid()):
                _note(peaks, pid)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        ended.set()
        watcher.join()


def _note(peaks: Peaks, pid: int) -> None:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        fields = dict(
            line.split(":", 1) for line in (PROC / str(pid) / "status").read_text().splitlines()
        )
        resident, own = (int(fields[name].split()[0]) / KIB for name in ("VmRSS", "RssAnon"))
    except (OSError, KeyError, ValueError):
        return  # it has ended
    name = _name(words)
    before = peaks.get(name, Memory())
    peaks[name] = Memory(max(before.resident_mib, resident), max(before.own_mib, own))


def _name(words: list[str]) -> str:
    for module in ("components", "snakemake"):
        if module in words[1:3]:
            place = words.index(module)
            return words[place + 1] if module == "components" else module
    return Path(words[0]).name


def _descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                # The name in brackets may hold anything.
                told = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(told[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [root]
    while waiting:
        waiting += (mine := children.get(waiting.pop(), []))
        found += mine
    return found


def test_what_a_process_holds_is_seen() -> None:
    import subprocess
    import sys

    program = "held = bytearray(64 << 20); print(flush=True); input()"
    with watched(0.01) as peaks:
        child = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdin is not None and child.stdout is not None
        child.stdout.readline()
        name = Path(sys.executable).name
        # It holds the memory until it is told to end: a look comes, however late.
        while peaks.get(name, Memory()).own_mib < 64:
            assert child.poll() is None
        child.communicate(b"\n")
    assert peaks[name].resident_mib >= peaks[name].own_mib >= 64


def test_a_process_is_named_by_its_verb() -> None:
    assert _name(["/usr/bin/python", "-m", "components", "build-fast", "--pick"]) == "build-fast"
    assert _name(["/usr/bin/python", "-m", "snakemake", "--cores", "2"]) == "snakemake"
    assert _name(["/bin/bash", "-c", "set -e"]) == "bash"
