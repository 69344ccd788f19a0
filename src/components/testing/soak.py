"""A soak: full load while snapshots are published and workers are killed.

``python -m components.testing.soak --duration 300``. It ends with 0 when no reply was wrong or came
from a snapshot that was not current yet, no connection went back to an older one, no request failed
but on connections of a worker that was killed, and a worker that lived through it all neither grew
nor kept files open.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from components.native.lookup import Lookup
from components.publish.publish import publish
from components.publish.retention import retain
from components.publish.snapshots import Snapshots
from components.serve.routes.query import BATCH_PATH, QUERY_PATH
from components.testing.library import library
from components.testing.server import Server, Site, serving

WORKERS = 3
CLIENTS = 2
CONNECTIONS = 8  # of each client
# A killed worker's connections are found dead when they are next used.
LOST_WITHIN_S = 2.0
GROWTH_MAX_SHARE, GROWTH_MAX_MIB = 0.1, 4.0
FILES_MORE_MAX = CLIENTS * CONNECTIONS + 8  # those of a dead worker come to the others
SETTLED_SWAPS = 6
VARIANTS = {"even": 40, "odd": 44}  # parts a family


@dataclass
class Report:
    """What happened; :meth:`faults` are what must not."""

    replies: int = 0
    wrong: list[str] = field(default_factory=list)
    lost_ns: list[int] = field(default_factory=list)
    killed_ns: list[int] = field(default_factory=list)
    swaps: list[tuple[str, int, int]] = field(default_factory=list)
    """Each snapshot with the times before and after the publish that made it current."""
    seen: dict[str, int] = field(default_factory=dict)
    """By snapshot: when its first reply came."""
    private_mib: list[float] = field(default_factory=list)
    open_files: list[int] = field(default_factory=list)

    def faults(self) -> list[str]:
        found = self.wrong[:10]
        for name, answered_ns in self.seen.items():
            place = [swap[0] for swap in self.swaps].index(name)
            if answered_ns < self.swaps[place][1]:
                found.append(f"{name} answered before it was current")
        for lost_ns in self.lost_ns:
            if not any(0 <= lost_ns - ns <= LOST_WITHIN_S * 1e9 for ns in self.killed_ns):
                found.append("a connection was lost, and no worker had been killed")
        if len(self.lost_ns) > CLIENTS * CONNECTIONS * max(1, len(self.killed_ns)):
            found.append(f"{len(self.lost_ns)} connections lost")
        for what, values, more_max in (
            ("MiB of its own", self.private_mib, GROWTH_MAX_MIB),
            ("open files", list(map(float, self.open_files)), FILES_MORE_MAX),
        ):
            # The first quarter fills caches and pools, and opens the connections.
            quarter = len(values) // 4
            early, late = values[quarter : 2 * quarter], values[-quarter:]
            if quarter and median(late) > median(early) * (1 + GROWTH_MAX_SHARE) + more_max:
                found.append(f"a worker had {median(early):.1f}, then {median(late):.1f} {what}")
        return found

    def text(self) -> str:
        memory = self.private_mib or [0.0]
        return (
            f"{self.replies:,} replies, {len(self.wrong)} wrong, {len(self.swaps)} publishes, "
            f"{len(self.killed_ns)} workers killed and {len(self.lost_ns)} connections with them, "
            f"the surviving worker had {memory[0]:.1f} MiB of its own, then {memory[-1]:.1f}"
        )


def soak(root: Path, duration_s: float, publish_every_s: float, kill_every_s: float) -> Report:
    """Run it in ``root``; a server with a survivor and workers that are killed in turn."""
    site = Site(root / "cache")
    builds = {name: _build(site, root, name, rows) for name, rows in VARIANTS.items()}
    bodies = _bodies()
    expected = {name: _expected(folder, bodies) for name, folder in builds.items()}
    job = {"requests": [[path, body.decode()] for path, body in bodies], "expected": expected}
    (root / "job.json").write_text(json.dumps(job))
    report = Report()
    snapshots = Snapshots(site.layout.snapshots)
    _publish(report, builds, snapshots)
    with serving(site.layout, workers=WORKERS) as server:
        server.wait_for(report.swaps[0][0])
        with _clients(root / "job.json", server.port, duration_s, report):
            _disturb(report, builds, snapshots, server, duration_s, publish_every_s, kill_every_s)
    return report


def _disturb(
    report: Report,
    builds: dict[str, Path],
    snapshots: Snapshots,
    server: Server,
    duration_s: float,
    publish_every_s: float,
    kill_every_s: float,
) -> None:
    started_s = time.monotonic()
    survivor = workers_of(server)[0]
    publishes = kills = 0
    while (now_s := time.monotonic() - started_s) < duration_s:
        if now_s >= (publishes + 1) * publish_every_s:
            publishes += 1
            _publish(report, builds, snapshots)
            # The next one comes when this one has been taken up.
            server.wait_for(report.swaps[-1][0])
        if now_s >= (kills + 1) * kill_every_s:
            kills += 1
            others = [pid for pid in workers_of(server) if pid != survivor]
            report.killed_ns.append(time.perf_counter_ns())
            os.kill(others[kills % len(others)], signal.SIGKILL)
        # Memory has its size only when both makes of snapshot were opened and let go a few times.
        if len(report.swaps) > SETTLED_SWAPS:
            report.private_mib.append(private_mib(survivor))
            report.open_files.append(len(list(Path(f"/proc/{survivor}/fd").iterdir())))
        time.sleep(min(0.5, publish_every_s / 2))


def _publish(report: Report, builds: dict[str, Path], snapshots: Snapshots) -> None:
    number = len(report.swaps)
    name = f"{list(VARIANTS)[number % 2]}-{number}"
    build = builds[name.partition("-")[0]]
    before_ns = time.perf_counter_ns()
    publish(build, build / "validated.json", snapshots, name, False)
    report.swaps.append((name, before_ns, time.perf_counter_ns()))
    retain(snapshots, 2)


def _build(site: Site, root: Path, name: str, rows: int) -> Path:
    """A validated build, as the workflow leaves it."""
    folder = site.build(f"build-{name}", rows)
    build = root / f"build-{name}"
    folder.rename(build)
    files = ("fast", "detail", "search", "index", "metadata")
    names = ("fast.sqlite", "detail.sqlite", "search.sqlite", "lookup.idx", "metadata.json")
    flags = [x for file, n in zip(files, names, strict=True) for x in (f"--{file}", str(build / n))]
    command = [sys.executable, "-m", "components", "validate-snapshot", *flags]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(
        [*command, "--output", str(build / "validated.json")], env=environment, check=True
    )
    return build


def _bodies() -> list[tuple[str, bytes]]:
    from components.families import FAMILIES

    queries: list[dict[str, Any]] = [
        {"component_type": family.name, "limit": limit, "package": package}
        for family in FAMILIES
        for limit, package in ((1, "0402"), (43, "0402"), (500, "0402"))
    ]
    single = [(QUERY_PATH, json.dumps(query).encode()) for query in queries]
    batch = json.dumps({"queries": queries}).encode()
    return [*single, (BATCH_PATH, batch)]


def _expected(build: Path, bodies: list[tuple[str, bytes]]) -> list[str]:
    lookup = Lookup.open(library(), build / "lookup.idx")
    try:
        replies = [
            lookup.query(body) if path == QUERY_PATH else lookup.query_batch(body)
            for path, body in bodies
        ]
    finally:
        lookup.close()
    assert {reply.status for reply in replies} == {200}
    return [reply.body.decode() for reply in replies]


@contextmanager
def _clients(job: Path, port: int, duration_s: float, report: Report) -> Iterator[None]:
    command = [sys.executable, "-m", "components.testing.soak_client", str(job), str(port)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    clients = [
        subprocess.Popen(
            [*command, str(CONNECTIONS), str(duration_s)], stdout=subprocess.PIPE, env=environment
        )
        for _ in range(CLIENTS)
    ]
    try:
        yield
        for client in clients:
            output, _ = client.communicate(timeout=60)
            if client.returncode:
                report.wrong.append(f"a client ended with {client.returncode}")
                continue
            found = json.loads(output)
            report.replies += found["replies"]
            report.wrong += found["wrong"]
            report.lost_ns += found["lost_ns"]
            for name, answered_ns in found["seen"].items():
                report.seen[name] = min(report.seen.get(name, answered_ns), answered_ns)
    finally:
        for client in clients:
            client.kill()
            client.wait()


def workers_of(server: Server) -> list[int]:
    """The worker processes, the longest-lived first."""
    pid = server.process.pid
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return sorted(map(int, text.split()), key=_started)


def private_mib(pid: int) -> float:
    """Memory that this process alone has and has written to."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has no smaps_rollup")


def _started(pid: int) -> tuple[int, int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]), pid


def main() -> int:
    parser = argparse.ArgumentParser(prog="components.testing.soak", description=__doc__)
    parser.add_argument("--duration", type=float, default=300.0, help="seconds")
    parser.add_argument("--publish-every", type=float, default=5.0, help="seconds")
    parser.add_argument("--kill-every", type=float, default=30.0, help="seconds")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        report = soak(Path(name), args.duration, args.publish_every, args.kill_every)
    print(report.text())
    faults = report.faults()
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
