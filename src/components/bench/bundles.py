"""Queries' latency while bundles of 1,000 parts are built, beside that of a quiet server.

Two clients ask for one bundle after the other, another process for single queries over a few
connections. Rounds with and without bundles alternate, since whatever else the machine does then
slows both.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from components.bench.compression import shared_data
from components.bench.corpora import Corpus, corpora
from components.bench.report import Table
from components.serve.routes.query import QUERY_PATH
from components.testing.load import post, run_apart
from components.testing.server import FULL, Server, Site, ask, first_part, serving

PARTS = 1000
BUNDLES = 2
CONNECTIONS = 4
ROUNDS = 5
ROUND_S = 3.0
BUNDLE_MAX_S = 900
_COLUMNS = ("bundles at once", "queries/s", "p50 ms", "p99 ms", "bundles", "bundle MB")


def run(args: argparse.Namespace) -> Iterator[Table]:
    table = Table("bundles", f"Queries while bundles of {PARTS:,} parts are built", _COLUMNS)
    with tempfile.TemporaryDirectory(prefix="bench-bundles-") as name:
        site = Site(Path(name))
        site.build("bundles", PARTS, _artifacts())
        site.point("bundles")
        with serving(site.layout) as server:
            server.wait_for("bundles")
            measure(server, table, ROUNDS, ROUND_S)
    yield table


def _artifacts() -> list[dict[str, bytes]]:
    """Each part's footprint and model, none the same as another's."""
    found: dict[str, list[bytes]] = {}
    for corpus in corpora(shared_data()):
        if _is_bundled(corpus):
            found.setdefault(corpus.artifact_type, []).extend(corpus.files)
    return [
        {
            name: files[number % len(files)] + b"\n" * (number // len(files))
            for name, files in found.items()
        }
        for number in range(PARTS)
    ]


def _is_bundled(corpus: Corpus) -> bool:
    return corpus.artifact_type in ("kicad_footprint_mod", "model_step", "easyeda_cad_json")


def measure(server: Server, table: Table, rounds: int, round_s: float) -> None:
    """A row without and one with bundles; each figure is the median of its rounds."""
    first = first_part("resistor", PARTS)
    request = {"component_ids": list(range(first, first + PARTS))}
    query = {"component_type": "resistor", "qty": 1, "limit": 20}
    asked = post(QUERY_PATH, json.dumps(query).encode(), server.port)
    rows: dict[int, list[tuple[float, ...]]] = {0: [], BUNDLES: []}
    for _ in range(rounds):
        for count, found in rows.items():
            sizes: list[int] = []
            stop = threading.Event()
            with ThreadPoolExecutor(BUNDLES) as pool:
                clients = [
                    pool.submit(_bundles, server, request, sizes, stop) for _ in range(count)
                ]
                try:
                    result = run_apart(server.port, [asked], CONNECTIONS, round_s)
                finally:
                    stop.set()
                for client in clients:
                    client.result()
            size_mb = max(sizes, default=0) / 1e6
            times = (result.per_second, result.p50_us / 1e3, result.p99_us / 1e3)
            found.append((*times, len(sizes), size_mb))
    for count, found in rows.items():
        table.add(count, *(median(column) for column in zip(*found, strict=True)))


def _bundles(server: Server, request: object, sizes: list[int], stop: threading.Event) -> None:
    while not stop.is_set():
        # Builds give way to whatever else the machine does, so that one may take minutes.
        connection = HTTPConnection("127.0.0.1", server.port, timeout=BUNDLE_MAX_S)
        with closing(connection):
            answer = ask(connection, "POST", FULL, request)
        if answer.status != 200:
            raise RuntimeError(f"a bundle was answered with {answer.status}")
        sizes.append(len(answer.body))
