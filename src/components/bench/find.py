"""Finding parts: searches and bills over HTTP, the order of prices, the changes of a night.

Latencies are what a client on loopback sees, one request after the other on one connection; beside
each stands the bare round trip (``/healthz``) of the same run, which is the floor.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

from components.bench.http import published, workload
from components.bench.report import Table
from components.core.layout import Layout
from components.native.lookup import Lookup
from components.testing.server import Server, ask, serving
from components.transform.changes import Comparison

SEARCHES = 2000
LINES = 1000
BILLS = 15
QUERIES = 2000
WORDS = (
    *("usb c connector", "tactile switch", "schottky diode SMA", "ldo SOT-23", "murata 0402"),
    *("texas instruments buck", "smd", "connector", "n-channel mosfet", "resistor thick film"),
)
VALUES = ("10k 0402 1%", "100n 50V X7R 0603", "SOT-23 LDO 3.3V", "8MHz crystal", "red led 0603")


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-find-") as name:
        folder = Path(name)
        layout = published(args.source, folder)
        with serving(layout) as server:
            yield searches(server, layout)
            yield bills(server, layout)
        yield prices(layout)
        yield changes(layout, folder / "new")


def searches(server: Server, layout: Layout) -> Table:
    """A row for each way to ask."""
    chance = random.Random(7)
    with closing(sqlite3.connect(layout.current / "detail.sqlite")) as db:
        rows = db.execute("SELECT lcsc_id, part_number FROM components_full").fetchall()
    parts = chance.sample(rows, min(len(rows), SEARCHES))
    asked = {
        "LCSC numbers": [f"C{number}" for number, _ in parts],
        "part numbers": [text for _, text in parts],
        "part numbers, cut": [text[: -chance.randrange(1, 5)] for _, text in parts],
        "values": [VALUES[place % len(VALUES)] for place in range(len(parts))],
        "words": [WORDS[place % len(WORDS)] for place in range(len(parts))],
        "nonsense": [f"{text[::-1]} frobnicator" for _, text in parts],
    }
    table = Table(
        "find_search",
        f"Searches over HTTP, one worker, {len(rows):,} parts",
        ("asked", "p50 ms", "p99 ms", "times the bare round trip, p50"),
    )
    floor = [_healthz(server) for _ in range(300)]
    whole: list[float] = []
    with _connected(server) as connection:
        for name, texts in asked.items():
            taken = [
                _timed(connection, "GET", f"/v1/components/search?q={quote(text)}")
                for text in texts
                if text
            ]
            whole += taken
            _add(table, name, taken, floor)
    _add(table, "all", whole, floor)
    size = {name: _size(layout, name) for name in ("search.sqlite", "detail.sqlite")}
    table.notes.append(
        f"search.sqlite has {size['search.sqlite'] / 1e6:.1f} MB,"
        f" {size['search.sqlite'] / size['detail.sqlite']:.3f} of detail.sqlite."
    )
    return table


def bills(server: Server, layout: Layout) -> Table:
    """Bills of :data:`LINES` lines, all different."""
    chance = random.Random(4)
    with closing(sqlite3.connect(layout.current / "detail.sqlite")) as db:
        sql = "SELECT lcsc_id, part_number FROM components_full WHERE stock > 0"
        parts = db.execute(sql).fetchall()
    lines = [_line(place, chance, parts) for place in range(LINES)]
    body = json.dumps({"boards": 10, "lines": lines}).encode()
    with _connected(server) as connection:
        path = "/v1/components/bom"
        answer = ask(connection, "POST", path, body)
        assert answer.status == 200, answer.body[:300]
        taken = [_timed(connection, "POST", path, body) for _ in range(BILLS)]
    table = Table(
        "find_bom",
        f"A bill of materials of {LINES:,} lines over HTTP: a fifth by part number, a fifth by LCSC"
        " number, the rest by value",
        ("lines matched", "fastest ms", "p50 ms", "slowest ms"),
    )
    low, middle, high = min(taken), sorted(taken)[len(taken) // 2], max(taken)
    table.add(answer.json["totals"]["matched"], low * 1e3, middle * 1e3, high * 1e3)
    return table


def _line(place: int, chance: random.Random, parts: Sequence[tuple[int, str]]) -> dict[str, object]:
    number, text = chance.choice(parts)
    digits = chance.choice((10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82))
    size = chance.choice(("0402_1005", "0603_1608", "0805_2012"))
    kinds: tuple[dict[str, object], ...] = (
        {"designators": [f"R{place}"], "value": f"{digits}{chance.choice('Rk')} 1%"},
        {"designators": [f"C{place}"], "value": f"{digits}{chance.choice('np')} 16V"},
        {"designators": [f"L{place}"], "value": f"{digits / 10}uH"},
        {"designators": [f"U{place}"], "mpn": text},
        {"designators": [f"U{place}"], "lcsc": f"C{number}"},
    )
    line = kinds[place % len(kinds)]
    letter = str(line["designators"])[2]
    return line | {"footprint": f"{letter}_{size}Metric"} if letter in "RCL" else line


def prices(layout: Layout) -> Table:
    """The engine's own time for the cheapest parts at a quantity, beside the usual order."""
    lookup = Lookup.open(layout.library, layout.current / "lookup.idx")
    queries = workload(layout.current / "fast.sqlite", QUERIES)
    table = Table(
        "find_price",
        f"{QUERIES:,} queries of the engine, bytes to bytes, in turns",
        ("order", "p50 µs", "p99 µs"),
    )
    bodies = {
        "usual": [json.dumps(query).encode() for query in queries],
        "price": [json.dumps(query | {"order": "price"}).encode() for query in queries],
    }
    best = {name: [float("inf")] * QUERIES for name in bodies}
    for _ in range(5):
        for name, texts in bodies.items():
            for place, text in enumerate(texts):
                started = time.perf_counter()
                lookup.query(text)
                best[name][place] = min(best[name][place], time.perf_counter() - started)
    for name, taken in best.items():
        cut = quantiles(taken, n=100)
        table.add(name, cut[49] * 1e6, cut[98] * 1e6)
    table.notes.append("Of each query the fastest of five.")
    return table


def changes(layout: Layout, folder: Path) -> Table:
    """All changes between two snapshots; one part in a hundred is gone, dearer or out of stock."""
    old = layout.current.resolve()
    folder.mkdir()
    for name in ("detail.sqlite", "fast.sqlite"):
        shutil.copyfile(old / name, folder / name)
    with closing(sqlite3.connect(folder / "detail.sqlite")) as db:
        for sql, rest in (
            ("DELETE FROM components_full", 1),
            ("UPDATE components_full SET stock = 0", 2),
            ("UPDATE components_full SET price_json = replace(price_json, ':0.', ':9.')", 3),
        ):
            db.execute(f"{sql} WHERE lcsc_id % 300 = {rest}")
        db.commit()
    taken, found = [], 0
    for _ in range(3):
        started = time.perf_counter()
        with Comparison(old, folder) as comparison:
            found = sum(1 for _ in comparison.changes())
        taken.append(time.perf_counter() - started)
    table = Table("find_changes", "Changes between two snapshots", ("changes", "fastest s"))
    table.add(found, min(taken))
    return table


def _add(table: Table, name: str, taken: Sequence[float], floor: Sequence[float]) -> None:
    cut = quantiles(taken, n=100)
    table.add(name, cut[49] * 1e3, cut[98] * 1e3, cut[49] / quantiles(floor, n=100)[49])


def _size(layout: Layout, name: str) -> int:
    return (layout.current / name).stat().st_size


def _healthz(server: Server) -> float:
    with _connected(server) as connection:
        _timed(connection, "GET", "/healthz")
        return _timed(connection, "GET", "/healthz")


def _connected(server: Server) -> closing[HTTPConnection]:
    return closing(HTTPConnection("127.0.0.1", server.port, timeout=30))


def _timed(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> float:
    started = time.perf_counter()
    answer = ask(connection, method, path, body)
    taken = time.perf_counter() - started
    assert answer.status == 200, (path, answer.body[:200])
    return taken
