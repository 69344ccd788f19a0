"""Rows of ``bench scale``: a cold run without artifacts, the nights after it, and their disk.

Each night one part in a hundred has another stock, and is sold out every second time. Nothing is
fetched; what runs is what an operator's ``components apply`` runs.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.bench.scale_fetch import change_own_stocks
from components.bench.scale_row import MB, SOURCE, Row, disk_bytes, measured
from components.core.layout import Layout
from components.testing.library import library

SAMPLE_S = 0.5


def rows(parts: int, folder: Path) -> Iterator[Row]:
    layout = Layout(folder / "cache")
    config = folder / "config.json"
    content = {
        "paths": {"cache_dir": str(layout.root), "source_sqlite": str(folder / SOURCE)},
        "stage1": {"enabled": False},
        # Of parts that are there again and again, a family may lose a fifth.
        "stage2": {"max_row_loss_share": 1},
    }
    config.write_text(json.dumps(content))
    layout.library.parent.mkdir(parents=True)
    shutil.copy(library(), layout.library)
    command = [sys.executable, "-m", "components", "apply", "--configfile", str(config)]
    size = f"{parts:,} parts"
    yield measured("a cold run", size, command)
    one = sum(disk_bytes(path) for path in layout.current.resolve().iterdir())
    yield Row("its snapshot", size, disk_mb=one / MB)
    for night in (2, 3):
        changed = change_own_stocks(folder / SOURCE, night)
        with watched(layout.root) as most:
            yield measured(f"night {night}: other stocks", f"{changed:,} of {size}", command)
        yield Row(f"night {night}: disk at most", size, disk_mb=most[0] / MB)


@contextmanager
def watched(folder: Path) -> Iterator[list[int]]:
    """The most bytes that a folder takes on disk while the block runs, in a list of one."""
    most = [own_bytes(folder)]
    over = threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_S):
            most[0] = max(most[0], own_bytes(folder))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()
        most[0] = max(most[0], own_bytes(folder))


def own_bytes(folder: Path) -> int:
    """What the files below a folder take on disk; one of several names counts once."""
    found: dict[int, int] = {}
    for name, _, files in os.walk(folder):
        for file in files:
            try:
                status = os.lstat(Path(name, file))
            except FileNotFoundError:
                continue
            found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def test_a_cold_run_and_two_nights_are_measured(tmp_path: Path) -> None:
    from components.bench.sources import count_parts
    from components.bench.transform import generated_source

    generated_source(tmp_path / SOURCE, rows=30)
    found = list(rows(count_parts(tmp_path / SOURCE), tmp_path))
    assert [row.what for row in found] == [
        *("a cold run", "its snapshot", "night 2: other stocks", "night 2: disk at most"),
        *("night 3: other stocks", "night 3: disk at most"),
    ]
    assert all(row.cpu_s and row.written_mb for row in found if row.wall_s)
    assert len(list((tmp_path / "cache" / "snapshots").glob("2*"))) == 2


def test_the_most_that_was_there_is_told(tmp_path: Path) -> None:
    with watched(tmp_path) as most:
        (tmp_path / "a").write_bytes(b"x" * 1_000_000)
        (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert 1_000_000 <= most[0] < 1_100_000
