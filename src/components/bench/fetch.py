"""Stage 1 against the bundled upstream: how many artifacts a second, from request to manifest.

The upstream is a process beside ours and has its share of the same cores.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from components.bench.report import Table
from components.bundled.catalogue import parts
from components.bundled.server import Running, running
from components.core.layout import Layout
from components.fetch.shard import fetch_parts, make_source
from components.fetch.worklist import WorkItem
from components.native.load import built_library
from components.net.endpoints import endpoints, parse_settings
from components.net.http import Client

PARTS = 1600
WORKERS = 32
# Addresses that lead to a document; the others measure patience.
KINDS = ("direct", "octet", "wrapped", "redirected")
CASES = ((0.0, 400), (0.1, 250))


def run(args: argparse.Namespace) -> Iterable[Table]:
    table = Table(
        "fetch",
        f"Fetching {PARTS:,} parts with {WORKERS} workers",
        (
            *("latency ms", "group", "artifacts", "requests", "time s", "artifacts/s"),
            *("CPU ms/artifact", "wanted artifacts/s"),
        ),
        notes=["CPU is that of the fetching process; the upstream needs the same cores."],
    )
    library = built_library()
    chosen = parts(PARTS)
    cad = [WorkItem(part.lcsc) for part in chosen]
    datasheets = [
        WorkItem(part.lcsc, part.datasheet) for part in chosen if part.datasheet_kind in KINDS
    ]
    for latency_s, wanted in CASES:
        with running(parts=PARTS, latency_s=latency_s) as upstream:
            _measure(upstream, "cad", cad[:100], library)  # makes the models, once
            rows = [
                _measure(upstream, group, items, library)
                for group, items in (("cad", cad), ("datasheet", datasheets))
            ]
            both = Measured(*(sum(values) for values in zip(*rows, strict=True)))
            for name, row in zip(("cad", "datasheet", "both"), (*rows, both), strict=True):
                rate, cost = row.artifacts / row.duration_s, row.cpu_s * 1000 / row.artifacts
                table.add(round(latency_s * 1000), name, *row[:3], rate, cost, wanted)
    yield table


class Measured(NamedTuple):
    """What one group took."""

    artifacts: int
    requests: int
    duration_s: float
    cpu_s: float


def _measure(upstream: Running, group: str, items: list[WorkItem], library: Path) -> Measured:
    chosen = {"bundled_port": upstream.port, "bundled_parts": PARTS}
    settings = parse_settings(json.dumps({"upstream": chosen, "stage1": {"workers": WORKERS}}))
    with tempfile.TemporaryDirectory() as folder, endpoints(settings) as services:
        layout = Layout(Path(folder))
        client = Client(settings, services, layout.limits)
        source = make_source(group, client, services)
        asked = _requests(upstream)
        cpu_s, start_s = _cpu_s(), time.perf_counter()
        live = layout.shards / "bench.live.sqlite3"
        entries, _, _ = fetch_parts(group, items, source, settings, layout, live, library)
        duration_s, used_s = time.perf_counter() - start_s, _cpu_s() - cpu_s
    return Measured(len(entries), _requests(upstream) - asked, duration_s, used_s)


def _requests(upstream: Running) -> int:
    return sum(service["requests"] for service in upstream.stats()["services"].values())


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system
