"""The lookup's index itself: what it costs to build, to open, to share and to search at worst."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from components.bench.cost import Cost, measure
from components.bench.lookup_rivals import FAMILIES, Request
from components.native.lookup import Lookup
from components.testing.library import library

HARD_QUERIES = 300
COLUMNS = (
    "rows",
    "build s",
    "build peak MiB",
    "index MB",
    "times fast.sqlite",
    "open and answer ms",
    "second worker's own MiB",
    "worst query ms",
)
HARDEST = (
    "Opening verifies every byte. Worst: of many questions with limit 500 whose filters each pass"
    " at least a third of the rows, but together fewer than 500."
)


def build(fast: Path, index: Path) -> tuple[Lookup, Cost]:
    """The opened index of ``fast``, and what its build took in a process of its own."""
    arguments = ["--fast", fast, "--library", library(), "--output", index]
    command = [sys.executable, "-m", "components", "build-index", *map(str, arguments)]
    cost = measure(command)
    return Lookup.open(library(), index), cost


def figures(lookup: Lookup, cost: Cost, fast: Path, index: Path, request: Request) -> list[float]:
    """What :data:`COLUMNS` names, without the rows."""
    size_bytes = index.stat().st_size
    opening_ms, private_mib = opened(index, json.dumps(request).encode())
    return [
        *(cost.wall_s, cost.peak_mib, size_bytes / 1e6, size_bytes / fast.stat().st_size),
        *(opening_ms, private_mib, hardest_s(lookup, fast) * 1e3),
    ]


OPEN = """
import json, sys, time
from pathlib import Path
from components.native.lookup import Lookup
from components.native import load as native
def private_kib():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
loaded = native.load(Path(sys.argv[1]))
before_kib = private_kib()
started = time.perf_counter()
lookup = Lookup(loaded, Path(sys.argv[2]))
assert lookup.query(sys.argv[3].encode()).status == 200
took_s = time.perf_counter() - started
print(json.dumps([took_s * 1e3, (private_kib() - before_kib) / 1024]))
"""


def opened(index: Path, body: bytes) -> tuple[float, float]:
    """Milliseconds to the first answer, and MiB that a worker has alone beside this process."""
    command = [sys.executable, "-c", OPEN, str(library()), str(index), body.decode()]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(5)
    ]
    took_ms, private_mib = (median(figures) for figures in zip(*runs, strict=True))
    return took_ms, private_mib


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
                if column["kind"] != "real":
                    continue
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


def test_what_an_index_costs_is_measured(tmp_path: Path) -> None:
    from components.testing.lookup import write_fast

    fast = write_fast(tmp_path / "fast.sqlite", 400)
    index = tmp_path / "lookup.idx"
    lookup, cost = build(fast, index)
    found = dict(
        zip(COLUMNS[1:], figures(lookup, cost, fast, index, {"component_type": "bjt"}), strict=True)
    )
    assert found["index MB"] * 1e6 == index.stat().st_size
    assert found["times fast.sqlite"] == index.stat().st_size / fast.stat().st_size
    assert 0 < found["worst query ms"] < found["open and answer ms"]
