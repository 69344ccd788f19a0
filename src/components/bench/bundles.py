"""Bundles: what one of footprints takes, and what queries take while large ones are built.

A bundle of footprints is asked for over HTTP beside what Python's tarfile takes for the same files
with zstd at level 3. For the queries, two clients ask for one bundle of 1,000 parts after the
other, and another process for single queries over a few connections, beside a quiet server. Rounds
alternate, since whatever else the machine does then slows both.
"""

from __future__ import annotations

import argparse
import io
import json
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import zstandard

from components.bench.compression import shared_data
from components.bench.corpora import corpora
from components.bench.report import Table
from components.serve.routes.query import QUERY_PATH
from components.testing.load import post, run_apart
from components.testing.server import FULL, Server, Site, ask, first_part, serving

PARTS = 1000
FOOTPRINT = "kicad_footprint_mod"
TYPES = (FOOTPRINT, "model_step", "easyeda_cad_json")
FOOTPRINTS, FOOTPRINT_ROUNDS = 200, 31
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
        site.build("bundles", PARTS, _artifacts(PARTS, TYPES))
        site.point("bundles")
        with serving(site.layout) as server:
            server.wait_for("bundles")
            measure(server, table, ROUNDS, ROUND_S)
        yield table
        files = [one[FOOTPRINT] for one in _artifacts(FOOTPRINTS, (FOOTPRINT,))]
        site.build("footprints", FOOTPRINTS, [{FOOTPRINT: data} for data in files])
        site.point("footprints")
        with serving(site.layout) as server:
            server.wait_for("footprints")
            yield footprints(server, files, FOOTPRINT_ROUNDS)


def footprints(server: Server, files: Sequence[bytes], rounds: int) -> Table:
    """A bundle of footprints beside the same bytes through tarfile; medians of rounds."""
    first = first_part("resistor", len(files))
    request = {"component_ids": list(range(first, first + len(files)))}
    times: dict[str, list[float]] = {"tarfile, zstd -3": [], "POST /full": []}
    sizes = dict.fromkeys(times, 0)
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=BUNDLE_MAX_S)) as connection:
        for _ in range(rounds):
            for name, made in times.items():
                started = time.perf_counter()
                if name == "POST /full":
                    answer = ask(connection, "POST", FULL, request)
                    if answer.status != 200:
                        raise RuntimeError(f"a bundle was answered with {answer.status}")
                    size = len(answer.body)
                else:
                    size = len(_tarred(files))
                made.append((time.perf_counter() - started) * 1e3)
                sizes[name] = size
    columns = ("what makes it", "ms, median", "ms, best", "times tarfile", "kB")
    table = Table("bundles_footprints", f"A bundle of {len(files)} real footprints", columns)
    floor = median(times["tarfile, zstd -3"])
    for name, made in times.items():
        table.add(name, median(made), min(made), median(made) / floor, sizes[name] / 1e3)
    return table


def _tarred(files: Sequence[bytes]) -> bytes:
    stored = io.BytesIO()
    packer = zstandard.ZstdCompressor(level=3)
    with (
        packer.stream_writer(stored, closefd=False) as stream,
        tarfile.open(fileobj=stream, mode="w|") as archive,
    ):
        for number, data in enumerate(files):
            member = tarfile.TarInfo(f"{number}.kicad_mod")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stored.getvalue()


def _artifacts(parts: int, types: Sequence[str]) -> list[dict[str, bytes]]:
    """Each part's artifacts of these types, none the same as another's."""
    found: dict[str, list[bytes]] = {}
    for corpus in corpora(shared_data()):
        if corpus.artifact_type in types:
            found.setdefault(corpus.artifact_type, []).extend(corpus.files)
    return [
        {
            name: files[number % len(files)] + b"\n" * (number // len(files))
            for name, files in found.items()
        }
        for number in range(parts)
    ]


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


def test_a_bundle_is_measured_beside_tarfile(tmp_path: Path) -> None:
    files = [b"(footprint %d)" % number for number in range(3)]
    site = Site(tmp_path)
    site.build("small", len(files), [{FOOTPRINT: data} for data in files])
    site.point("small")
    with serving(site.layout) as server:
        server.wait_for("small")
        table = footprints(server, files, 1)
    names = [row[0] for row in table.rows]
    assert names == ["tarfile, zstd -3", "POST /full"] and table.rows[0][3] == 1
    assert all(isinstance(cell, float) and cell > 0 for row in table.rows for cell in row[1:])
