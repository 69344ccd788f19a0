"""The lookup: against SQLite, DuckDB and NumPy on the same questions, and as the catalogue grows.

Each question is asked several times in short rounds and its fastest time counts, for every engine
alike, since whatever else the machine does only ever slows one down.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from components.bench import transform
from components.bench.http import workload
from components.bench.lookup_rivals import FAMILIES, Duckdb, Numpy, Request, Sqlite
from components.bench.replicas import drop_incomplete, replicate
from components.bench.report import Table
from components.serve.lookup import Lookup
from components.shared.testing import library
from components.transform.lookup_testing import write_fast

GENERATED_ROWS = 2_000  # of each family, where no source is given
QUERIES = 300
ROUNDS = 7
HARD_QUERIES = 300
# Replicas of the real catalogue's 107,000 rows: 0.2, 1 and 10 million.
GROWTH = (2, 10, 94)
GROWTH_GENERATED = (1, 5)


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-lookup-") as name:
        folder = Path(name)
        if args.source:
            transform.stages(args.source, library(), folder)
            fast = next((folder / "cache").rglob("fast.sqlite"))
        else:
            fast = drop_incomplete(write_fast(folder / "fast.sqlite", GENERATED_ROWS))
        yield engines(fast, folder)
        yield growth(fast, GROWTH if args.source else GROWTH_GENERATED, folder)


def engines(fast: Path, folder: Path) -> Table:
    """Latency of single questions, in process, ratios to the library."""
    requests: list[Request] = [*workload(fast, QUERIES)]
    lookup, _ = _built(fast, folder / "lookup.idx")
    bodies = {id(request): json.dumps(request).encode() for request in requests}
    sqlite, covering = Sqlite(fast, requests), Sqlite(fast, requests, covering=True)
    for request in requests:
        sqlite.prepare(request)
        covering.prepare(request)
    asked: dict[str, Callable[[Request], Any]] = {
        "library, bytes to bytes": _asking(lookup, bodies),
        "SQLite, the index of its choice, whole rows": sqlite.planned,
        "SQLite, each question's best index, whole rows": sqlite,
        "SQLite, indexes made for these questions, numbers only": covering,
        "NumPy scan, numbers only": Numpy(fast, requests),
        "DuckDB, whole rows": Duckdb(fast, requests),
    }
    _check(requests, asked)
    with closing(sqlite3.connect(fast)) as db:
        counts = [db.execute(f"SELECT count(*) FROM {f['table']}") for f in FAMILIES.values()]
        rows = sum(count.fetchone()[0] for count in counts)
    table = Table(
        "lookup",
        f"{QUERIES} mixed questions over {rows:,} rows, 40 candidates each",
        ("engine", "p50 µs", "p95 µs", "p99 µs", "p50 ratio", "p99 ratio"),
        notes=["The library reads JSON and writes the whole reply as JSON; no other engine does."],
    )
    first: list[float] = []
    for name, engine in asked.items():
        figures = _percentiles_us(fastest_s(engine, requests))
        first = first or figures
        table.add(name, *figures, figures[0] / first[0], figures[2] / first[2])
    return table


def _asking(lookup: Lookup, bodies: dict[int, bytes]) -> Callable[[Request], bytes]:
    return lambda request: lookup.query(bodies[id(request)]).body


def _check(requests: list[Request], asked: dict[str, Callable[[Request], Any]]) -> None:
    """Every engine must find the same rows, or its speed means nothing."""
    for request in requests:
        reply, *others = [engine(request) for engine in asked.values()]
        rows = [candidate["lcsc_id"] for candidate in json.loads(reply)["candidates"]]
        assert all([row[0] for row in found] == rows for found in others), request


def fastest_s(engine: Callable[[Request], Any], requests: list[Request]) -> list[float]:
    """The fastest of some rounds, for each request."""
    took = [float("inf")] * len(requests)
    for _ in range(ROUNDS):
        for place, request in enumerate(requests):
            started = time.perf_counter()
            engine(request)
            took[place] = min(took[place], time.perf_counter() - started)
    return took


def _percentiles_us(took_s: list[float]) -> list[float]:
    cuts = quantiles(took_s, n=100, method="inclusive")
    return [cuts[place - 1] * 1e6 for place in (50, 95, 99)]


def growth(fast: Path, replicas: tuple[int, ...], folder: Path) -> Table:
    """Building, opening, memory and latency, from the catalogue as it is to many times that."""
    table = Table(
        "lookup_growth",
        "The index as the catalogue grows: rows repeated, with other numbers and stocks",
        (
            *("rows", "build s", "build peak MiB", "index MB", "of fast.sqlite"),
            *(
                "open and answer ms",
                "of it CPU ms",
                "private MiB",
                "p50 µs",
                "p99 µs",
                "hardest ms",
            ),
        ),
        notes=[
            "Hardest: of many questions with limit 500 whose filters each pass at least a third "
            "of the rows, but together fewer than 500."
        ],
    )
    for count in replicas:
        larger = folder / f"fast-{count}.sqlite"
        rows = replicate(fast, larger, count)
        requests: list[Request] = [*workload(larger, QUERIES)]
        index = folder / f"lookup-{count}.idx"
        lookup, cost = _built(larger, index)
        bodies = {id(request): json.dumps(request).encode() for request in requests}
        figures = _percentiles_us(fastest_s(_asking(lookup, bodies), requests))
        size = index.stat().st_size
        table.add(
            *(rows, *cost, size / 1e6, size / larger.stat().st_size),
            *opened(index, json.dumps(requests[0]).encode()),
            *(figures[0], figures[2], hardest_s(lookup, larger) * 1e3),
        )
        lookup.close()
        larger.unlink()
        index.unlink()
    return table


def _built(fast: Path, index: Path) -> tuple[Lookup, tuple[float, float]]:
    """The opened index of ``fast``, with the seconds and the peak memory that its build took."""
    arguments = ["--fast", fast, "--library", library(), "--output", index]
    command = [sys.executable, "-m", "components", "build-index", *map(str, arguments)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    took_s = time.perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Lookup.open(library(), index), (took_s, peak_mib)


OPEN = """
import json, sys, time
from pathlib import Path
from components.serve.lookup import Lookup
from components.shared import native
def private_kib():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
loaded = native.load(Path(sys.argv[1]))
before_kib = private_kib()
started, started_cpu = time.perf_counter(), time.process_time()
lookup = Lookup(loaded, Path(sys.argv[2]))
assert lookup.query(sys.argv[3].encode()).status == 200
took_s = time.perf_counter() - started
took_cpu_s = time.process_time() - started_cpu
print(json.dumps([took_s * 1e3, took_cpu_s * 1e3, (private_kib() - before_kib) / 1024]))
"""


def opened(index: Path, body: bytes) -> list[float]:
    """Milliseconds to the first answer, those of all cores, and MiB that a worker has alone."""
    command = [sys.executable, "-c", OPEN, str(library()), str(index), body.decode()]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(5)
    ]
    return [median(figures) for figures in zip(*runs, strict=True)]


def hardest_s(lookup: Lookup, fast: Path) -> float:
    """The slowest of questions of which no single filter is selective, yet few rows match."""
    slowest_s = 0.0
    for request in _hard(fast):
        body = json.dumps(request).encode()
        took: list[float] = []
        for _ in range(3):
            started = time.perf_counter()
            reply = lookup.query(body)
            took.append(time.perf_counter() - started)
        if json.loads(reply.body)["total"] < request["limit"]:
            slowest_s = max(slowest_s, min(took))
    return slowest_s


def _hard(fast: Path) -> Iterator[Request]:
    """Questions with a half-open range on every column of the largest families."""
    draw = random.Random(9)
    with closing(sqlite3.connect(f"file:{fast}?mode=ro&immutable=1", uri=True)) as db:
        for name in ("resistor", "inductor"):
            family = FAMILIES[name]
            values: dict[str, list[float]] = {}
            for column in family["columns"]:
                found = db.execute(
                    f"SELECT {column['name']} FROM {family['table']}"
                    f" WHERE {column['name']} IS NOT NULL LIMIT 50000"
                ).fetchall()
                values[column["name"]] = sorted(value for (value,) in found)
            for _ in range(HARD_QUERIES // 2):
                ranges = {}
                for column, known in values.items():
                    # A third to two thirds of the known values pass.
                    end = draw.choice(("minimum", "maximum"))
                    share = draw.uniform(0.33, 0.67)
                    ranges[column] = {end: known[int(share * (len(known) - 1))]}
                yield {"component_type": name, "limit": 500, "ranges": ranges}
