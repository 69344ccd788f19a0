"""What the programs of others wait for: a request as large as theirs, answered over HTTP.

Each request is sent twice: first with parts that nobody has asked for yet, mostly, then again.
The server has been up for some seconds by then.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from components.bench.http import published
from components.bench.report import Table
from components.serve.jlcsearch.tables import TABLES
from components.testing.server import Server, ask, serving

QUERIES = 200
IDLE_S = 0.5
ROUNDS = 15
LISTS = 200
# As many names as atopile 0.15.7 sends along with every package: some 4 kB a query.
PACKAGES = 190
KINDS = (
    ("resistors", "resistor", "resistance", "resistance_ohm", "ohm"),
    ("capacitors", "capacitor", "capacitance", "capacitance_f", "farad"),
    ("inductors", "inductor", "inductance", "inductance_h", "henry"),
)


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-clients-") as name:
        layout = published(args.source, Path(name))
        with serving(layout) as server:
            server.wait_for(layout.current.resolve().name)
            _wait_until_warm(server)
            yield atopile(server, layout.current / "fast.sqlite")
            yield jlcsearch(server, layout.current / "fast.sqlite")


def _wait_until_warm(server: Server) -> None:
    """A server reads on after it has begun to answer: until it uses no processor any more."""
    stat = Path(f"/proc/{server.process.pid}/stat")
    used, before = _ticks(stat), -1
    while used > before:
        time.sleep(IDLE_S)
        used, before = _ticks(stat), used


def _ticks(stat: Path) -> int:
    """Hundredths of a second that a process's threads used so far (proc_pid_stat(5))."""
    fields = stat.read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def atopile(server: Server, fast: Path) -> Table:
    """``POST /v0/query`` with as many queries as a large board has different parts."""
    table = Table(
        "clients_atopile",
        f"atopile: {QUERIES} queries in one request, medians of {ROUNDS}, one client",
        ("queries", "kB sent", "kB answered", "parts", "first ms", "again ms", "worst again ms"),
    )
    for count in (1, 20, QUERIES):
        first, again, sizes = [], [], []
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
            for seed in range(ROUNDS):
                body = json.dumps({"queries": queries(fast, count, seed)}).encode()
                times = []
                for _ in range(2):
                    started = time.perf_counter()
                    reply = ask(connection, "POST", "/v0/query", body)
                    times.append((time.perf_counter() - started) * 1e3)
                    assert reply.status == 200, reply.body
                first.append(times[0])
                again.append(times[1])
                parts = sum(len(one["components"]) for one in reply.json["results"])
                sizes.append((len(body) / 1e3, len(reply.body) / 1e3, parts))
        told = (median(size[place] for size in sizes) for place in range(3))
        table.add(count, *told, median(first), median(again), max(again))
    return table


def jlcsearch(server: Server, fast: Path) -> Table:
    """Lists of jlcsearch: as tscircuit asks for passive parts, chips by package, and all lists."""
    table = Table(
        "clients_jlcsearch",
        "jlcsearch: one list of at most 100 parts, one client",
        ("lists", "asked", "first ms, median", "worst", "again ms, median", "worst again"),
    )
    with closing(sqlite3.connect(f"file:{fast}?mode=ro&immutable=1", uri=True)) as db:
        rows = db.execute("SELECT package, resistance_ohm FROM resistor_pick").fetchall()
    chosen = random.Random(1).sample(rows, min(len(rows), LISTS))
    asked = {
        "resistors by value and package": [
            f"resistors/list?{urlencode({'resistance': value, 'package': package})}"
            for package, value in chosen
        ],
        "chips by package": [
            f"chips/list?package={package}"
            for package in ("soic8", "soic14", "sot23", "sot235", "tssop16", "dip8")
        ],
        "every list, unfiltered": [f"{route}/list" for route in TABLES],
    }
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        for name, paths in asked.items():
            first = [_list_ms(connection, path) for path in paths]
            again = [min(_list_ms(connection, path) for _ in range(ROUNDS)) for path in paths]
            figures = (median(first), max(first), median(again), max(again))
            table.add(name, len(paths), *figures)
    return table


def _list_ms(connection: HTTPConnection, path: str) -> float:
    started = time.perf_counter()
    reply = ask(connection, "GET", f"/jlcsearch/{path}")
    assert reply.status == 200, reply.body
    return (time.perf_counter() - started) * 1e3


def queries(fast: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """Queries as atopile sends them, each of which some part answers."""
    draw = random.Random(seed)
    names = [f"{prefix}{number:04d}" for prefix in "RCL" for number in range(PACKAGES // 3)]
    enum = {"name": "BackendPackage", "values": {name: name for name in names}}
    found = []
    with closing(sqlite3.connect(f"file:{fast}?mode=ro&immutable=1", uri=True)) as db:
        rows = {
            family: db.execute(
                f"SELECT package, {column} FROM {family}_pick WHERE {column} > 0 ORDER BY lcsc_id"
            ).fetchall()
            for _, family, _, column, _ in KINDS
        }
    for number in range(count):
        endpoint, family, parameter, _, unit = KINDS[number % len(KINDS)]
        package, value = draw.choice(rows[family])
        elements = {"elements": [{"name": package}], "enum": enum}
        interval = {"type": "Numeric_Interval", "data": {"min": value * 0.8, "max": value * 1.2}}
        intervals = {"type": "Numeric_Interval_Disjoint", "data": {"intervals": [interval]}}
        found.append(
            {
                "package": {"type": "EnumSet", "data": elements} if draw.random() < 0.8 else None,
                "qty": 1,
                "endpoint": endpoint,
                parameter: {
                    "type": "Quantity_Interval_Disjoint",
                    "data": {"intervals": intervals, "unit": unit},
                },
            }
        )
    return found
