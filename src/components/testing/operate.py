"""A site for tests: a cache directory of its own, its configuration, and the commands run on it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from components.bundled.catalogue import parts
from components.bundled.part import Part
from components.config.load import merge
from components.core.layout import Layout
from components.core.project import PROJECT
from components.source.origin import META
from components.testing.library import library, write_catalogue
from components.testing.ports import free_port

COMMAND_LIMIT_S = 900
READY_LIMIT_S = 60
# They are told everything on their command line.
WITHOUT_CONFIG = ("sync",)


class Server(NamedTuple):
    """A server that was started for a test."""

    port: int
    process: subprocess.Popen[bytes]

    def get(self, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, and body of one reply; errors are replies too."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                headers = {key.lower(): value for key, value in reply.headers.items()}
                return reply.status, headers, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                headers = {key.lower(): value for key, value in error.headers.items()}
                return error.code, headers, error.read()

    def is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def snapshot(self) -> str | None:
        """The snapshot that the server answers from."""
        return self.get("/healthz")[1].get("x-snapshot")

    def wait_for(self, snapshot: str | None) -> None:
        deadline_s = time.monotonic() + READY_LIMIT_S
        while self.snapshot() != snapshot:
            assert time.monotonic() < deadline_s, f"still serving {self.snapshot()}"
            time.sleep(0.05)


class Site:
    """Everything of one cache directory; ``config`` is laid over ``config.yaml``."""

    def __init__(self, root: Path, config: dict[str, Any] | None = None) -> None:
        self.root = root
        self.cache = root / "cache"
        self.layout = Layout(self.cache)
        self.source = root / "source.sqlite3"
        self.config: dict[str, Any] = {}
        self.configure({"paths": {"cache_dir": str(self.cache)}, **(config or {})})

    def configure(self, changes: dict[str, Any]) -> None:
        """Lay ``changes`` over the site's configuration."""
        self.config = merge(self.config, changes)
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "config.json").write_text(json.dumps(self.config))

    def use_ready_source(self, chosen: Iterable[Part]) -> None:
        """Build from a ready catalogue of ``chosen``, without stage 1."""
        write_ready_source(self.source, chosen)
        self.configure({"paths": {"source_sqlite": str(self.source)}, "stage1": {"enabled": False}})

    def take_library(self) -> None:
        """Put the compiled library where the workflow would, newer than its sources."""
        target = self.cache / "lib" / "liblookup.so"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library(), target)

    def start(self, verb: str, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command in a session of its own."""
        command = [sys.executable, "-m", "components", verb, *words]
        if verb not in WITHOUT_CONFIG:
            at = 4 if "--" not in words else 4 + words.index("--")
            command[at:at] = ["--configfile", str(self.root / "config.json")]
        return subprocess.Popen(
            command, cwd=PROJECT, env=environment(), start_new_session=True, **options
        )

    def run(self, verb: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; both outputs as text."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.start(verb, *words, **pipes) as process:
            try:
                out, err = process.communicate(timeout=COMMAND_LIMIT_S)
            except BaseException:
                os.killpg(process.pid, 9)
                raise
        return subprocess.CompletedProcess(
            process.args, process.returncode, out.decode(), err.decode()
        )

    def must(self, verb: str, *words: str) -> str:
        """Run a command that has to succeed; its standard output."""
        done = self.run(verb, *words)
        assert done.returncode == 0, f"{verb}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def status(self) -> dict[str, Any]:
        """What ``components status --json`` says."""
        content: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return content

    def current(self) -> str | None:
        return self.layout.current.readlink().name if self.layout.current.is_symlink() else None

    @contextmanager
    def serving(self) -> Iterator[Server]:
        """A server on a free port; ended, and its exit code checked, afterwards."""
        process = self.start("serve", "--port", "0", "--print-port", stdout=subprocess.PIPE)
        assert process.stdout is not None
        with ended_well(process), process.stdout:
            server = Server(int(process.stdout.readline()), process)
            self.configure({"serve": {"port": server.port}})
            yield server

    @contextmanager
    def applying_to_serve(self) -> Iterator[Server]:
        """`apply` of a host whose mode is `serve`, as :meth:`serving`."""
        port = free_port()
        self.configure({"serve": {"port": port}, "workflow": {"mode": "serve"}})
        with ended_well(self.start("apply")) as process:
            server = Server(port, process)
            deadline_s = time.monotonic() + READY_LIMIT_S
            while not server.is_listening():
                assert process.poll() is None and time.monotonic() < deadline_s
                time.sleep(0.05)
            yield server

    def copy(self, root: Path) -> Site:
        """The same site elsewhere, times of files included."""
        twin = Site(root, self.config | {"paths": {}})
        shutil.copytree(self.cache, twin.cache, symlinks=True)
        twin.configure({"paths": {"cache_dir": str(twin.cache)}})
        if self.source.exists():
            shutil.copy2(self.source, twin.source)
            twin.configure({"paths": {"source_sqlite": str(twin.source)}})
        return twin


@contextmanager
def ended_well(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Ask the process to end after the block; it has to, with exit code 0."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()
    assert process.returncode == 0


def environment() -> dict[str, str]:
    """This process's environment, with this checkout's code first."""
    path = os.pathsep.join(filter(None, (str(PROJECT / "src"), os.environ.get("PYTHONPATH"))))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ATOPILE_")}
    return kept | {"PYTHONPATH": path}


def source_row(part: Part) -> dict[str, Any]:
    """A part of the generated catalogue as a source has it."""
    return {
        "lcsc": part.lcsc,
        "category": part.category,
        "subcategory": part.subcategory,
        "mfr": part.mfr,
        "manufacturer": part.manufacturer or "",
        "package": part.package,
        "joints": part.joints,
        "basic": int(part.is_basic),
        "preferred": int(part.is_preferred),
        "description": part.description,
        "datasheet": part.datasheet,
        "stock": part.stock,
        "price": [
            {
                "qFrom": price.start,
                "qTo": price.end if price.end > 0 else None,
                "price": price.unit_usd,
            }
            for price in part.prices
        ],
        "last_update": 1_795_132_800,
        "extra": {"number": part.code, "attributes": dict(part.attributes)},
    }


def write_ready_source(path: Path, chosen: Iterable[Part]) -> Path:
    """The generated catalogue's parts as a jlcparts-style ``cache.sqlite3``, which says so."""
    write_catalogue(path, map(source_row, chosen))
    with closing(sqlite3.connect(path)) as db:
        db.execute(META)
        db.execute("INSERT INTO meta VALUES ('origin', 'bundled')")
        db.commit()
    return path


def published_site(root: Path) -> Site:
    """A site with one snapshot of the bundled catalogue's parts, built by the workflow."""
    site = Site(root)
    site.use_ready_source(parts())
    site.take_library()
    site.must("apply", "--cores", "2")
    assert site.current() is not None
    return site
