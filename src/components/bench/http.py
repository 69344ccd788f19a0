"""The server against a bare ASGI application that returns the same bytes, side by side.

Load comes from a closed loop in a process of its own. Short rounds of both alternate, and each
ratio is the median of those of neighbouring rounds, since whatever else the machine does then slows
both.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from components.bench import transform
from components.bench.report import Table
from components.core.layout import Layout
from components.publish.hold import hold
from components.serve.routes.query import BATCH_PATH, QUERY_PATH
from components.serve.server import open_engine
from components.serve.snapshot import Snapshot
from components.testing.library import library
from components.testing.load import Result, post, run_apart
from components.testing.server import Server, Site, serving

GENERATED_ROWS = 2000  # of each family, where no source is given
QUERIES = 500
CANDIDATES = 40
BATCH = 1000
ROUNDS = 11
ROUND_S = 0.6


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-http-") as name:
        folder = Path(name)
        layout = published(args.source, folder)
        queries = workload(layout.current / "fast.sqlite")
        with serving(layout) as server:
            yield single(server, queries, folder)
            yield batches(server, queries)
        yield start(layout, queries)
        yield memory(layout, queries)


def published(source: Path | None, folder: Path) -> Layout:
    """A snapshot of ``source``, or where there is none of parts that are all alike."""
    if source is None:
        site = Site(folder / "cache")
        site.build("generated", GENERATED_ROWS)
        site.point("generated")
        return site.layout
    transform.stages(source, library(), folder)
    layout = Layout(folder / "cache")
    layout.library.parent.mkdir(exist_ok=True)
    shutil.copy(library(), layout.library)
    return layout


def workload(fast: Path, count: int = QUERIES, seed: int = 1) -> list[dict[str, object]]:
    """Queries as a layout tool asks: a resistor or capacitor of about a value, mostly in a package.

    Values and packages are those of random parts, so that every query finds something.
    """
    draw = random.Random(seed)
    queries: list[dict[str, object]] = []
    with closing(sqlite3.connect(f"file:{fast}?mode=ro&immutable=1", uri=True)) as db:
        rows = {
            (family, column): db.execute(
                f"SELECT package, {column} FROM {family}_pick WHERE {column} > 0 ORDER BY lcsc_id"
            ).fetchall()
            for family, column in (("resistor", "resistance_ohm"), ("capacitor", "capacitance_f"))
        }
    for number in range(count):
        (family, column), parts = list(rows.items())[number % 2]
        package, value = draw.choice(parts)
        width = draw.choice((0.02, 0.1, 0.3))
        bounds = {"minimum": value * (1 - width), "maximum": value * (1 + width)}
        query = {"component_type": family, "qty": 10, "limit": CANDIDATES}
        query |= {"ranges": {column: bounds}}
        queries.append(query | ({"package": package} if draw.random() < 0.8 else {}))
    return queries


def single(server: Server, queries: list[dict[str, object]], folder: Path) -> Table:
    """Throughput and latency of single queries, and of the bare application."""
    replies = [server.ask("POST", QUERY_PATH, query).body.decode() for query in queries]
    table = Table(
        "http",
        "Single queries over HTTP, one worker, closed loop, medians of "
        f"{ROUNDS} rounds; replies of {sum(map(len, replies)) / len(replies):,.0f} bytes",
        (
            *("connections", "bare requests/s", "server requests/s", "throughput ratio"),
            *("bare p50 µs", "server p50 µs", "bare p99 µs", "server p99 µs", "p99 ratio"),
            *("bare CPU µs", "server CPU µs"),
        ),
    )
    bodies = [json.dumps(query).encode() for query in queries]
    with _bare(replies, folder) as (bare_port, bare_pid):
        for connections in (1, 16, 64):
            rounds: dict[str, list[tuple[Result, float]]] = {"bare": [], "server": []}
            for _ in range(ROUNDS):
                for name, port, pid in (
                    ("bare", bare_port, bare_pid),
                    ("server", server.port, server.process.pid),
                ):
                    requests = [post(QUERY_PATH, body, port) for body in bodies]
                    before_s = _cpu_s(pid)
                    result = run_apart(port, requests, connections, ROUND_S)
                    assert set(result.statuses) == {"200"} and not result.lost, result
                    cpu_us = (_cpu_s(pid) - before_s) / sum(result.statuses.values()) * 1e6
                    rounds[name].append((result, cpu_us))
            table.add(connections, *_compared(rounds["bare"], rounds["server"]))
    return table


def batches(server: Server, queries: list[dict[str, object]]) -> Table:
    """Throughput of batches of 1,000 queries."""
    table = Table(
        "http_batch",
        f"Batches of {BATCH:,} queries over HTTP, one worker, closed loop",
        ("connections", "queries/s", "p50 ms", "p99 ms", "MB a reply"),
    )
    batch = {"queries": [queries[number % len(queries)] for number in range(BATCH)]}
    request = post(BATCH_PATH, json.dumps(batch).encode(), server.port)
    for connections in (1, 2, 4):
        results = [run_apart(server.port, [request], connections, ROUND_S) for _ in range(ROUNDS)]
        assert all(set(result.statuses) == {"200"} for result in results)
        table.add(
            connections,
            BATCH * median(result.per_second for result in results),
            median(result.p50_us for result in results) / 1e3,
            median(result.p99_us for result in results) / 1e3,
            median(r.response_bytes / sum(r.statuses.values()) for r in results) / 1e6,
        )
    return table


def start(layout: Layout, queries: list[dict[str, object]], rounds: int = ROUNDS) -> Table:
    """From nothing to the first answer."""
    table = Table("http_start", "Start, files in the page cache", ("what", "median ms"))
    folder = layout.current.resolve()
    body = json.dumps(queries[0]).encode()
    opener = open_engine(layout.library)
    opening = []
    for _ in range(rounds):
        started = time.perf_counter()
        snapshot = Snapshot.open(folder, opener, hold)
        status, _reply = snapshot.query(body)
        opening.append(time.perf_counter() - started)
        assert status == 200
        snapshot.retire()
    table.add("open a snapshot, answer a query", median(opening) * 1e3)
    process = []
    for _ in range(rounds):
        started = time.perf_counter()
        with serving(layout) as server:
            assert server.ask("POST", QUERY_PATH, queries[0]).status == 200
            process.append(time.perf_counter() - started)
    table.add("start the server, answer a query", median(process) * 1e3)
    return table


def memory(
    layout: Layout, queries: list[dict[str, object]], counts: Sequence[int] = (1, 2, 3)
) -> Table:
    """What each worker has for itself, after load."""
    table = Table(
        "http_memory",
        "Memory by worker, after load",
        ("workers", "private MiB, each", "shared MiB, each"),
    )
    bodies = [json.dumps(query).encode() for query in queries]
    for workers in counts:
        with serving(layout, workers=workers) as server:
            server.wait_for(layout.current.resolve().name)
            requests = [post(QUERY_PATH, body, server.port) for body in bodies]
            run_apart(server.port, requests, 16 * workers, ROUND_S)
            pids = [server.process.pid] if workers == 1 else children(server.process.pid)
            sizes = [private_and_shared_mib(pid) for pid in pids]
            private, shared = (max(size[index] for size in sizes) for index in (0, 1))
            table.add(workers, private, shared)
    return table


def private_and_shared_mib(pid: int) -> tuple[float, float]:
    """Memory that only this process maps, and memory that others map too."""
    found = {"Private": 0, "Shared": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        kind = line.partition("_")[0]
        if kind in found and "Hugetlb" not in line:
            found[kind] += int(line.split()[1])
    return found["Private"] / 1024, found["Shared"] / 1024


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started."""
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def _compared(bare: list[tuple[Result, float]], server: list[tuple[Result, float]]) -> list[float]:
    def middle(rounds: list[tuple[Result, float]], name: str) -> float:
        return median(float(getattr(result, name)) for result, _ in rounds)

    def ratio(name: str) -> float:
        pairs = zip(server, bare, strict=True)
        ratios = [getattr(ours, name) / getattr(floor, name) for (ours, _), (floor, _) in pairs]
        return float(median(ratios))

    return [
        *(middle(bare, "per_second"), middle(server, "per_second"), ratio("per_second")),
        *(middle(bare, "p50_us"), middle(server, "p50_us")),
        *(middle(bare, "p99_us"), middle(server, "p99_us"), ratio("p99_us")),
        *(median(cpu_us for _, cpu_us in bare), median(cpu_us for _, cpu_us in server)),
    ]


@contextmanager
def _bare(replies: list[str], folder: Path) -> Iterator[tuple[int, int]]:
    content, port_file = folder / "replies.json", folder / "bare.port"
    content.write_text(json.dumps(replies))
    command = [sys.executable, "-m", "components.testing.bare", str(content), str(port_file)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment)
    try:
        while not port_file.exists() or not port_file.read_text():
            if process.poll() is not None:
                raise RuntimeError("the bare application did not start")
            time.sleep(0.05)
        yield int(port_file.read_text()), process.pid
    finally:
        process.terminate()
        process.wait()


def _cpu_s(pid: int) -> float:
    """Processor time of a process's main thread so far, to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def test_every_figure_is_measured(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.build("small", rows=30)
    site.point("small")
    queries = workload(site.layout.current / "fast.sqlite", count=4)
    assert [query["component_type"] for query in queries] == ["resistor", "capacitor"] * 2
    table = memory(site.layout, queries, counts=(2,))
    assert [row[0] for row in table.rows] == [2]
    assert all(isinstance(cell, float) and cell > 1 for row in table.rows for cell in row[1:])
    assert len(start(site.layout, queries, rounds=1).rows) == 2
