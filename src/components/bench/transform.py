"""Stage 2, cold, from a ready source to a published snapshot: time, rows a second and memory.

Each step is the command that the workflow runs, in a process of its own, so that the start of
Python is in the figures and nothing is warm but the file cache.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from components.bench.cost import Cost, measure
from components.bench.report import Table
from components.bench.sources import replicate_source
from components.families import rooms
from components.source.catalogue import open_catalogue

REPLICAS = (1, 4, 12)
GENERATED_ROWS = 2_000  # of each family, where no source is given


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-transform-") as name:
        folder = Path(name)
        library = folder / "liblookup.so"
        measure(_components("build-library", "--output", str(library)))
        source = args.source or generated_source(folder / "source.sqlite3")
        whole = stages(source, library, folder)
        yield whole
        yield growth(source, library, folder, args.replicas or REPLICAS, whole)


def stages(source: Path, library: Path, folder: Path) -> Table:
    """A row for each step of stage 2 over ``source``, working in ``folder``."""
    with closing(open_catalogue(source)) as connection:
        (parts,) = connection.execute("SELECT count(*) FROM part_rows").fetchone()
    steps = _commands(source, library, folder / "cache")
    cores = len(os.sched_getaffinity(0))
    table = Table(
        "transform",
        f"Stage 2 over {parts:,} parts ({source.stat().st_size / 1e6:,.0f} MB), {cores} cores",
        ("step", "wall s", "CPU s", "rows/s", "peak MiB"),
    )
    total = Cost(0.0, 0.0, 0.0)
    for name, group in steps:
        started = time.perf_counter()
        with ThreadPoolExecutor(cores) as pool:
            costs = list(pool.map(measure, group))
        wall_s = time.perf_counter() - started
        cpu_s = sum(cost.cpu_s for cost in costs)
        peak_mib = max(cost.peak_mib for cost in costs)
        table.add(name, wall_s, cpu_s, parts / wall_s, peak_mib)
        total = Cost(total.wall_s + wall_s, total.cpu_s + cpu_s, max(total.peak_mib, peak_mib))
    table.add("all", total.wall_s, total.cpu_s, parts / total.wall_s, total.peak_mib)
    table.notes.append(
        "Every step is a process of its own, started when the one before has ended; the workflow"
        " runs search beside detail, fast and index. Peak is of the largest single process. The"
        " library is compiled beforehand."
    )
    return table


def growth(
    source: Path, library: Path, folder: Path, replicas: Sequence[int], once: Table
) -> Table:
    """A row for each number of ``replicas`` of ``source``; ``once`` is what one took."""
    table = Table(
        "transform_growth",
        "Stage 2 as the catalogue grows",
        ("parts", "wall s", "CPU s", "µs CPU a part", "peak MiB"),
    )
    larger = folder / "larger.sqlite3"
    for count in replicas:
        stage = once
        with closing(open_catalogue(source)) as connection:
            (parts,) = connection.execute("SELECT count(*) FROM part_rows").fetchone()
        if count > 1:
            print(f"transform: {count} × {parts:,} parts", file=sys.stderr)
            parts = replicate_source(source, larger, count)
            stage = stages(larger, library, folder)
            larger.unlink()
        _, wall_s, cpu_s, _, peak_mib = stage.rows[-1]
        assert isinstance(cpu_s, float)
        table.add(parts, wall_s, cpu_s, cpu_s / parts * 1e6, peak_mib)
    table.notes.append("The same parts again under other numbers.")
    return table


def fast_database(source: Path, folder: Path) -> Path:
    """``fast.sqlite`` of ``source``, by the first steps, below ``folder``."""
    for _, group in _commands(source, folder / "liblookup.so", folder)[:2]:
        for command in group:
            measure(command)
    return folder / "build" / "fast.sqlite"


def _components(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "components", *map(str, arguments)]


def _commands(source: Path, library: Path, cache: Path) -> list[tuple[str, list[list[str]]]]:
    """The steps in order; the commands of one step run side by side."""
    build = cache / "build"
    picks = [build / "pick" / f"{room}.sqlite" for room in rooms()]
    fast, detail, search, index = (
        build / n for n in ("fast.sqlite", "detail.sqlite", "search.sqlite", "lookup.idx")
    )
    metadata, validated = build / "metadata.json", build / "validated.json"
    of_all: tuple[str | Path, ...] = ("--source", source, "--pick", *picks)
    made = (
        *("--fast", fast, "--detail", detail, "--search", search),
        *("--index", index, "--metadata", metadata),
    )
    sealed = ("--build", build, "--cache-dir", cache)
    # The plan has the digest; how long that takes is in the whole workflow's figures.
    told = ("--source-digest", "0" * 64)
    single: dict[str, tuple[str | Path, ...]] = {
        "pick tables": ("build-pick", "--source", source, "--output", build / "pick"),
        "fast.sqlite": ("build-fast", "--pick", *picks, "--output", fast),
        "detail.sqlite": ("build-detail", *of_all, "--output", detail),
        "lookup.idx": (
            *("build-index", "--fast", fast, "--prices", detail),
            *("--library", library, "--output", index),
        ),
        "search.sqlite": (*("build-search", *of_all, "--output", search),),
        "metadata.json": (
            "build-metadata",
            *of_all,
            "--detail",
            detail,
            *told,
            "--output",
            metadata,
        ),
        "validate": ("validate-snapshot", *made, "--output", validated),
        "publish": ("publish", *sealed, "--output", cache / "publish" / "receipt.json"),
    }
    return [(name, [_components(*arguments)]) for name, arguments in single.items()]


def generated_source(path: Path, rows: int = GENERATED_ROWS) -> Path:
    """A catalogue of our own with ``rows`` pickable parts a family, where none is given."""
    from components.testing.transform import write_source

    return write_source(path, rows)


def test_every_step_is_measured(tmp_path: Path) -> None:
    from components.families import FAMILIES
    from components.testing.library import library
    from components.testing.transform import write_source

    source = write_source(tmp_path / "source.sqlite3", rows=3)
    table = stages(source, library(), tmp_path)
    assert [row[0] for row in table.rows] == [
        *("pick tables", "fast.sqlite", "detail.sqlite", "lookup.idx", "search.sqlite"),
        "metadata.json",
        *("validate", "publish", "all"),
    ]
    assert all(isinstance(row[1], float) and row[1] > 0 for row in table.rows)
    current = tmp_path / "cache" / "snapshots" / "current"
    with closing(sqlite3.connect(current / "detail.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM components_full").fetchone() == (4 * len(FAMILIES),)
    grown = growth(source, library(), tmp_path, (1, 3), table)
    assert [row[0] for row in grown.rows] == [4 * len(FAMILIES), 12 * len(FAMILIES)]
    assert grown.rows[0][1] == table.rows[-1][1]


def test_a_failing_step_is_not_measured() -> None:
    import pytest

    with pytest.raises(subprocess.CalledProcessError) as caught:
        measure(_components("build-fast", "--pick", "/nonexistent", "--output", "/nonexistent/x"))
    assert "/nonexistent: no such file" in caught.value.stderr
