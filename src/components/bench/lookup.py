"""The lookup: against SQLite, DuckDB and NumPy on the same questions, and as the catalogue grows.

All engines take turns, in short rounds of all questions twice over, so that none finds what the one
before it left in the processor's caches. Each question's fastest time counts, for every engine
alike, since whatever else the machine does only ever slows one down.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from components.bench import transform
from components.bench.http import workload
from components.bench.lookup_index import COLUMNS, HARDEST, build, figures
from components.bench.lookup_rivals import Call, Duckdb, Numpy, Request, rows_of
from components.bench.lookup_sqlite import Kind, Sqlite
from components.bench.replicas import drop_incomplete, replicate
from components.bench.report import Table
from components.native.lookup import Lookup
from components.testing.lookup import write_fast

if TYPE_CHECKING:
    import pytest

GENERATED_ROWS = 2_000  # of each family, where no source is given
QUERIES = 300
ROUNDS = 7
# Replicas of the real catalogue's 107,000 rows: 0.2, 1 and 10 million.
REPLICAS = (2, 10, 94)
REPLICAS_GENERATED = (1, 5)
QUERIES_GROWTH = 100
ROUNDS_GROWTH = 3

ENGINE = ("p50 µs", "p95 µs", "p99 µs", "p50 ratio", "p99 ratio")
OURS = "library, bytes to bytes"
LIKE_FOR_LIKE = (
    "The library reads JSON and writes the whole reply as JSON; no other engine does. SQLite is in"
    " memory; each question takes the index that was found fastest for it, of up to twelve."
)
REWRITTEN = (
    "Rewritten: the nominal value is asked for too, since it lies within the band. Covering: every"
    " column that is asked of is in the index, and only part numbers are given."
)


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-lookup-") as name:
        folder = Path(name)
        if args.source:
            say("the catalogue's pick tables")
            fast = transform.fast_database(args.source, folder)
        else:
            fast = drop_incomplete(write_fast(folder / "fast.sqlite", GENERATED_ROWS))
        yield compare(fast, folder)
        replicas = args.replicas or (REPLICAS if args.source else REPLICAS_GENERATED)
        yield from growth(fast, replicas, folder)


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} lookup: {what}", file=sys.stderr, flush=True)


def compare(fast: Path, folder: Path) -> Table:
    """Latency of single questions, in process, ratios to the library."""
    requests: list[Request] = [*workload(fast, QUERIES)]
    rows = rows_of(fast)
    table = Table(
        "lookup",
        f"{QUERIES} mixed questions over {rows:,} rows, 40 candidates each",
        ("engine", *ENGINE),
        notes=[LIKE_FOR_LIKE, REWRITTEN],
    )
    say(f"{rows:,} rows: indexes of every engine")
    with_index, _ = build(fast, folder / "lookup.idx")
    rivals: dict[str, Callable[[Request], Call]] = {
        f"SQLite, {kind.value}": Sqlite(fast, requests, kind).call for kind in Kind
    }
    rivals["NumPy scan, numbers only"] = Numpy(fast, requests).call
    rivals["DuckDB, whole rows"] = Duckdb(fast, requests).call
    for name, cells in measure(with_index, rivals, requests, ROUNDS):
        table.add(name, *cells)
    with_index.close()
    return table


def growth(fast: Path, replicas: Sequence[int], folder: Path) -> Iterator[Table]:
    """The engines, then the index itself, from the catalogue as it is to many times that."""
    engines = Table(
        "lookup_growth",
        f"{QUERIES_GROWTH} such questions as the catalogue grows",
        ("rows", "engine", *ENGINE),
        notes=["Rows are repeated with other numbers and stocks. All give whole rows but NumPy."],
    )
    index = Table("lookup_index", "The index as the catalogue grows", COLUMNS, notes=[HARDEST])
    for count in replicas:
        larger = folder / f"fast-{count}.sqlite"
        say(f"the catalogue {count} times over")
        rows = replicate(fast, larger, count)
        requests: list[Request] = [*workload(larger, QUERIES_GROWTH)]
        say(f"{rows:,} rows: the index")
        lookup, cost = build(larger, folder / "growth.idx")
        index.add(rows, *figures(lookup, cost, larger, folder / "growth.idx", requests[0]))
        say(f"{rows:,} rows: the other engines")
        best = Kind.BEST
        rivals: dict[str, Callable[[Request], Call]] = {
            f"SQLite, {best.value}": Sqlite(larger, requests, best).call,
            "NumPy scan, numbers only": Numpy(larger, requests).call,
            "DuckDB, whole rows": Duckdb(larger, requests).call,
        }
        say(f"{rows:,} rows: questions")
        for name, cells in measure(lookup, rivals, requests, ROUNDS_GROWTH):
            engines.add(rows, name, *cells)
        lookup.close()
        larger.unlink()
    yield engines
    yield index


def measure(
    lookup: Lookup,
    rivals: Mapping[str, Callable[[Request], Call]],
    requests: Sequence[Request],
    rounds: int,
) -> list[tuple[str, list[float]]]:
    """Microseconds at p50, p95 and p99 of each engine, and how many times the library's."""
    bodies = [json.dumps(request).encode() for request in requests]
    calls: dict[str, list[Call]] = {OURS: [partial(lookup.query, body) for body in bodies]}
    for name, prepare in rivals.items():
        calls[name] = [prepare(request) for request in requests]
    _check(requests, calls)
    found = {name: _percentiles_us(took) for name, took in fastest_s(calls, rounds).items()}
    ours = found[OURS]
    return [(name, [*us, us[0] / ours[0], us[2] / ours[2]]) for name, us in found.items()]


def _check(requests: Sequence[Request], calls: Mapping[str, list[Call]]) -> None:
    """Every engine must find the same rows, or its speed means nothing."""
    for place, request in enumerate(requests):
        reply, *others = [asked[place]() for asked in calls.values()]
        rows = [candidate["lcsc_id"] for candidate in json.loads(reply.body)["candidates"]]
        assert all([row[0] for row in found] == rows for found in others), request


def fastest_s(calls: Mapping[str, Sequence[Call]], rounds: int) -> dict[str, list[float]]:
    """The fastest of some rounds of all engines, for each engine and call."""
    took = {name: [float("inf")] * len(asked) for name, asked in calls.items()}
    for _ in range(rounds):
        for name, asked in calls.items():
            best = took[name]
            for place, call in [*enumerate(asked)] * 2:
                started = time.perf_counter()
                call()
                elapsed_s = time.perf_counter() - started
                if elapsed_s < best[place]:
                    best[place] = elapsed_s
    return took


def _percentiles_us(took_s: list[float]) -> list[float]:
    cuts = quantiles(took_s, n=100, method="inclusive")
    return [cuts[place - 1] * 1e6 for place in (50, 95, 99)]


def test_every_engine_and_size_has_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in {
        "QUERIES": 20,
        "ROUNDS": 1,
        "QUERIES_GROWTH": 10,
        "ROUNDS_GROWTH": 1,
    }.items():
        monkeypatch.setattr(f"{__name__}.{name}", count)
    fast = drop_incomplete(write_fast(tmp_path / "fast.sqlite", 60))
    rows = rows_of(fast)
    found: dict[str, Any] = {"lookup": compare(fast, tmp_path)}
    found |= {table.name: table for table in growth(fast, (1, 2), tmp_path)}
    assert [row[0] for row in found["lookup"].rows] == [
        OURS,
        *(f"SQLite, {kind.value}" for kind in Kind),
        "NumPy scan, numbers only",
        "DuckDB, whole rows",
    ]
    assert found["lookup"].rows[0][4:] == (1.0, 1.0)
    assert [row[0] for row in found["lookup_growth"].rows] == [rows] * 4 + [2 * rows] * 4
    assert [row[0] for row in found["lookup_index"].rows] == [rows, 2 * rows]
    assert not (tmp_path / "fast-2.sqlite").exists()
