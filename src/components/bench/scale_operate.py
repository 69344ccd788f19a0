"""Rows of ``bench scale``: an operator's commands over a full store and a full snapshot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from components.bench import transform
from components.bench.scale_row import SOURCE, Row, measured
from components.core.layout import Layout
from components.fetch.manifest import connect, example_entry, write
from components.publish.snapshots import Snapshots
from components.store.object_store import ObjectStore
from components.testing.library import library

OBJECTS_MAX = 300_000
A_WRITE = 5_000


def rows(parts: int, folder: Path) -> Iterator[Row]:
    """``verify`` and ``prune`` of a store, and ``rollback`` of a snapshot of the catalogue."""
    layout = Layout(folder / "cache")
    count = fill(layout, min(OBJECTS_MAX, parts))
    config = folder / "config.json"
    config.write_text(json.dumps({"paths": {"cache_dir": str(layout.root)}}))
    size = f"{count:,} objects"
    for verb in ("verify", "prune"):
        yield measured(f"components {verb}", size, _command(verb, config), layout.objects)
    shutil.rmtree(layout.root)
    transform.stages(folder / SOURCE, library(), folder)
    yield from _rollback(layout, config, parts)


def fill(layout: Layout, count: int) -> int:
    """A store of so many small objects, each of which the manifest refers to."""
    store = ObjectStore(layout.objects, library=None)
    with closing(connect(layout.manifest)) as manifest:
        for first in range(0, count, A_WRITE):
            entries = []
            for number in range(first, min(first + A_WRITE, count)):
                stored = store.put("model_obj", b"v %d 0 0\n" % number)
                entry = example_entry(number + 1, stored.sha256)
                entries.append(
                    entry._replace(
                        artifact_type="model_obj", stored_key=stored.key, raw_size_bytes=1
                    )
                )
            write(manifest, entries, [])
    return count


def _rollback(layout: Layout, config: Path, parts: int) -> Iterator[Row]:
    """To a snapshot that was verified when it was sealed: until it is current, and until all is."""
    snapshots = Snapshots(layout.snapshots)
    name = snapshots.names()[0]
    twin = layout.snapshots / f"{name}-twin"
    twin.mkdir()
    for file in (layout.snapshots / name).iterdir():
        (twin / file.name).hardlink_to(file)
    with snapshots.locked():
        snapshots.swap(twin.name)
    size = f"{parts:,} parts"
    started = time.perf_counter()
    process = subprocess.Popen(_command("rollback", config), stdout=subprocess.DEVNULL)
    while snapshots.linked("current") != name and process.poll() is None:
        time.sleep(0.002)
    swapped_s = time.perf_counter() - started
    if process.wait():
        raise RuntimeError(f"rollback ended with {process.returncode}")
    yield Row("rollback, until it is current", size, swapped_s)
    yield Row("rollback, with every byte verified", size, time.perf_counter() - started)


def _command(verb: str, config: Path) -> list[str]:
    return [sys.executable, "-m", "components", verb, "--configfile", str(config)]


def test_each_command_is_measured(tmp_path: Path) -> None:
    source = transform.generated_source(tmp_path / SOURCE, rows=3)
    assert source.exists()
    found = list(rows(20, tmp_path))
    assert [row.what for row in found] == [
        *("components verify", "components prune", "rollback, until it is current"),
        "rollback, with every byte verified",
    ]
    assert found[0].size == "20 objects" and all(row.wall_s for row in found)
