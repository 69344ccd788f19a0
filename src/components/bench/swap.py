"""A publish under load: what clients notice when the server changes over to a new snapshot.

A closed loop asks single queries for some seconds, in which ``current`` is swapped to another
snapshot of the same size. The same without a swap stands beside it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from components.bench.http import published, workload
from components.bench.report import Table
from components.core.layout import Layout
from components.publish.snapshots import Snapshots
from components.serve.routes.query import QUERY_PATH
from components.testing.load import Result, post, run_apart
from components.testing.server import Server, serving

ROUNDS = 5
ROUND_S = 4.0
CONNECTIONS = 4
SAMPLE_S = 0.02


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-swap-", dir=args.folder) as name:
        layout = published(args.source, Path(name))
        yield swaps(layout, *twins(layout))


def twins(layout: Layout) -> tuple[str, str]:
    """The published snapshot, and the same under another name; their names."""
    name = layout.current.resolve().name
    twin = layout.snapshots / f"{name}-twin"
    twin.mkdir()
    for file in (layout.snapshots / name).iterdir():
        (twin / file.name).hardlink_to(file)
    return name, twin.name


def swaps(
    layout: Layout, name: str, twin: str, rounds: int = ROUNDS, round_s: float = ROUND_S
) -> Table:
    """Latency with and without a swap, how long it takes, and the memory that it needs."""
    index_mb = (layout.current / "lookup.idx").stat().st_size / 1e6
    table = Table(
        "swap",
        f"A swap under load: {CONNECTIONS} connections, an index of {index_mb:,.0f} MB,"
        f" medians of {rounds} rounds",
        (
            *("round", "requests/s", "p50 ms", "p99 ms", "longest ms", "failed"),
            *("s until it answers", "resident MiB before", "at most", "after"),
        ),
    )
    queries = workload(layout.current / "fast.sqlite")
    snapshots = Snapshots(layout.snapshots)
    with serving(layout, reload_interval_s=1.0) as server:
        server.wait_for(name)
        requests = [post(QUERY_PATH, json.dumps(q).encode(), server.port) for q in queries]
        found: dict[str, list[tuple[float, ...]]] = {"quiet": [], "with a swap": []}
        for turn in range(rounds):
            for kind, rows in found.items():
                target = (twin, name)[turn % 2] if kind != "quiet" else None
                rows.append(_round(server, requests, snapshots, target, round_s))
        for kind, rows in found.items():
            table.add(kind, *(median(values) for values in zip(*rows, strict=True)))
    table.notes.append(
        "Resident memory counts the mapped pages of both snapshots, which are the file cache's own."
        " The load runs on the same processors."
    )
    return table


def _round(
    server: Server, requests: list[bytes], snapshots: Snapshots, target: str | None, round_s: float
) -> tuple[float, ...]:
    before_mib, most_mib, until_s = resident_mib(server), 0.0, 0.0
    over = threading.Event()

    def watch() -> None:
        nonlocal most_mib
        while not over.wait(SAMPLE_S):
            most_mib = max(most_mib, resident_mib(server))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(1) as pool:
        loaded = pool.submit(run_apart, server.port, requests, CONNECTIONS, round_s)
        if target is not None:
            time.sleep(round_s / 4)
            started = time.perf_counter()
            snapshots.point("current", target)
            server.wait_for(target)
            until_s = time.perf_counter() - started
        result: Result = loaded.result()
    over.set()
    watcher.join()
    failed = result.lost + sum(n for status, n in result.statuses.items() if status != "200")
    return (
        *(result.per_second, result.p50_us / 1e3, result.p99_us / 1e3, result.max_us / 1e3),
        *(failed, until_s, before_mib, most_mib, resident_mib(server)),
    )


def resident_mib(server: Server) -> float:
    """What the server has in memory, mapped files included."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * 4096 / (1 << 20)


def test_a_swap_fails_no_request(tmp_path: Path) -> None:
    from components.testing.server import Site

    site = Site(tmp_path / "cache")
    site.build("small", rows=20)
    site.point("small")
    table = swaps(site.layout, *twins(site.layout), rounds=1, round_s=0.4)
    assert [row[0] for row in table.rows] == ["quiet", "with a swap"]
    assert [row[5] for row in table.rows] == [0, 0]
