"""Snapshots and servers for tests: real builders, a real process, real sockets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from components.core.layout import SNAPSHOT_FILES, Layout
from components.core.sums import FILES, SUMS, make_sums
from components.families import FAMILIES
from components.fetch import manifest
from components.fetch.frozen import write_frozen
from components.store.object_store import ObjectStore
from components.testing.library import library
from components.testing.transform import FIRST_PART, write_picks, write_source
from components.transform.detail import build_detail
from components.transform.fast import build_fast
from components.transform.index import build_index
from components.transform.metadata import build_metadata
from components.transform.search import build_search

QUERY = "/v1/components/parameters/query"
FULL = "/v1/components/full"
# Of every family in the catalogue of `write_picks`, all in the package 0402.
ANY_QUERY = {"component_type": "resistor", "package": "0402"}
# The same as bytes on a socket; behind HEAD further headers may stand.
BODY = json.dumps(ANY_QUERY).encode()
HEAD = b"POST /v1/components/parameters/query HTTP/1.1\r\nHost: x\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
WAIT_MAX_S = 60.0


def first_part(family: str, rows: int) -> int:
    """The number of a family's first part in a snapshot of ``rows`` parts a family."""
    names = [found.name for found in FAMILIES]
    return FIRST_PART + names.index(family) * (rows + 1)


class Site:
    """A cache directory with snapshots, which need no pipeline run."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self._work = root / "work"
        (root / "lib").mkdir(parents=True)
        (root / "lib" / "liblookup.so").symlink_to(library())
        self.layout.snapshots.mkdir()

    def build(self, name: str, rows: int, artifacts: Iterable[dict[str, bytes]] = ()) -> Path:
        """A sealed snapshot with ``rows`` parts a family; its resistors have ``artifacts``."""
        work = self._work / name
        work.mkdir(parents=True)
        source = write_source(work / "source.sqlite3", rows)
        picks = write_picks(work / "pick", rows)
        entries = [
            self._store(first_part("resistor", rows) + number, artifact_type, data)
            for number, each in enumerate(artifacts)
            for artifact_type, data in each.items()
        ]
        fetched = work / "manifest.sqlite3"
        write_frozen(fetched, entries, [])
        build_fast(picks, work / "fast.sqlite")
        build_detail(source, picks, work / "detail.sqlite", fetched)
        build_search(source, picks, work / "search.sqlite")
        metadata = build_metadata(source, picks, work / "detail.sqlite")
        (work / "metadata.json").write_text(json.dumps(metadata))
        build_index(
            work / "fast.sqlite", library(), work / "lookup.idx", prices=work / "detail.sqlite"
        )
        (work / SUMS).write_bytes(make_sums({found: work / found for found in FILES}))
        folder = self.layout.snapshots / name
        folder.mkdir()
        for found in SNAPSHOT_FILES:
            (work / found).rename(folder / found)
        return folder

    def copy(self, name: str, to: str) -> Path:
        """The same snapshot under another name."""
        return Path(
            shutil.copytree(
                self.layout.snapshots / name, self.layout.snapshots / to, copy_function=shutil.copy
            )
        )

    def point(self, name: str) -> None:
        """Swap ``current`` as publishing does."""
        link = self.layout.snapshots / ".swap"
        link.unlink(missing_ok=True)
        link.symlink_to(name)
        link.rename(self.layout.current)

    def _store(self, lcsc_id: int, artifact_type: str, data: bytes) -> manifest.Entry:
        stored = ObjectStore(self.layout.objects).put(artifact_type, data)
        return manifest.Entry(
            lcsc_id,
            artifact_type,
            f"http://x.test/{artifact_type}",
            stored.sha256,
            len(data),
            "application/octet-stream",
            stored.encoding,
            stored.key,
            "2026-01-01",
            "{}",
            1,
        )


@dataclass
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own; ``body`` is sent as JSON unless it is bytes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return ask(connection, method, path, body, headers)
        finally:
            connection.close()

    def wait_for(self, snapshot: str) -> None:
        """Until replies come from this snapshot. Raises TimeoutError."""
        wait_until(lambda: self.ask("GET", "/healthz").snapshot == snapshot, f"serving {snapshot}")


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Ask until it holds. Raises TimeoutError, which says ``what``, after a minute."""
    deadline_s = time.monotonic() + WAIT_MAX_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"waited in vain for: {what}")
        time.sleep(0.01)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def snapshot(self) -> str:
        return self.headers["x-snapshot"]


def ask(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request on an open connection."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, data, headers or {})
    response: HTTPResponse = connection.getresponse()
    found = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, found, response.read())


def unread(
    server: Server, path: str, body: object, source: str = "127.0.0.1", **headers: str
) -> socket.socket:
    """A request whose reply nobody reads, from the loopback address ``source``."""
    connection = socket.create_connection(
        ("127.0.0.1", server.port), timeout=30, source_address=(source, 0)
    )
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + data)
    return connection


@contextmanager
def serving(layout: Layout, **serve: object) -> Iterator[Server]:
    """``components serve`` on a free port; ``serve`` are keys of that section."""
    folder = layout.root / f"server-{time.monotonic_ns()}"
    folder.mkdir()
    config = folder / "config.yaml"
    options = {"reload_interval_s": 0.1} | serve
    config.write_text(json.dumps({"paths": {"cache_dir": str(layout.root)}, "serve": options}))
    command = [sys.executable, "-m", "components", "serve", "--configfile", str(config)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ATOPILE_")}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    log = folder / "log.txt"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--port", "0", "--print-port"],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"no server: {log.read_text()}")
        yield Server(int(line), process, log)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def connected(server: Server, source: str = "127.0.0.1") -> socket.socket:
    """A bare connection, from the loopback address ``source``."""
    return socket.create_connection(
        ("127.0.0.1", server.port), timeout=30, source_address=(source, 0)
    )


def resident_mib(server: Server) -> float:
    """Of the server and what it started."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_rss_mib(each) for each in [str(pid), *children])


def _rss_mib(pid: str) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / (1 << 20)


def deleted_bytes(server: Server) -> int:
    """Of files without a name that the server holds open."""
    total = 0
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            if "bundle-" in str(link.readlink()) or "/#" in str(link.readlink()):
                total += link.stat().st_size
        except OSError:
            continue
    return total
