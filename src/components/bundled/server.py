"""The bundled upstream as a process: started for a run or a test, gone with whoever started it."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from components.bundled.app import Upstream
from components.bundled.catalogue import DEFAULT_PARTS
from components.bundled.message import DOMAIN, SERVICES
from components.core.errors import UpstreamError
from components.core.project import PROJECT

HOST = "127.0.0.1"
START_LIMIT_S = 60.0
STOP_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    """A started upstream."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def resolve(self) -> dict[str, tuple[str, int]]:
        """Where each of its host names is: what an HTTP client needs instead of DNS."""
        return {f"{name}.{DOMAIN}": (HOST, self.port) for name in SERVICES}

    def stats(self) -> dict[str, Any]:
        """``services``: requests and their ``times_s`` by service; ``faults``: how many of each."""
        with urllib.request.urlopen(f"{self.address}/__stats", timeout=30) as reply:
            content: dict[str, Any] = json.load(reply)
        return content


@contextmanager
def running(
    *,
    parts: int = DEFAULT_PARTS,
    seed: int = 1,
    faults: Mapping[str, float] | None = None,
    latency_s: float = 0,
    slow_s: float = 2,
    answers: Path | None = None,
    port: int = 0,
) -> Iterator[Running]:
    """Start the upstream on a loopback port (0: any), wait until it answers, stop it afterwards.

    It also ends when this process ends, however that comes about: it reads a pipe that only this
    process holds open. Raises :class:`UpstreamError` where it does not start.
    """
    words = [f"--port={port}", f"--parts={parts}", f"--seed={seed}", "--until-stdin-closes"]
    words += [f"--latency-ms={latency_s * 1000}", f"--slow-ms={slow_s * 1000}"]
    words += [f"--faults={kind}={rate}" for kind, rate in (faults or {}).items()]
    words += [f"--answers={answers}"] if answers else []
    source = str(PROJECT / "src")
    path = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-m", "components", "upstream", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )
    try:
        yield Running(_announced_port(process), process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def _announced_port(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    deadline_s = time.monotonic() + START_LIMIT_S
    ready, _, _ = select.select([process.stdout], [], [], deadline_s - time.monotonic())
    line = process.stdout.readline().decode() if ready else ""
    port = line.rpartition(":")[2].strip()
    if not port.isdecimal():
        raise UpstreamError("the bundled upstream did not start; see its message above")
    return int(port)


def serve(app: Any, port: int, *, until_stdin_closes: bool = False) -> None:
    """Serve an ASGI application until a signal comes; prints where, once connections are accepted.

    Raises :class:`UpstreamError` where the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise UpstreamError(f"port {port} of {HOST} cannot be used: {error.strerror}") from None
    if until_stdin_closes:
        threading.Thread(target=_leave_with_stdin, daemon=True).start()
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    # Connections wait in the listener's queue from here on.
    print(f"the bundled upstream is at http://{HOST}:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def _leave_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _get(upstream: Running, host: str, path: str) -> tuple[int, bytes]:
    import http.client

    connection = http.client.HTTPConnection(HOST, upstream.port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def test_services_answer_by_name_and_by_folder() -> None:
    from components.bundled.catalogue import parts

    part = next(part for part in parts() if part.models == "both")
    path = f"/api/products/{part.code}/components?version=6.4.19.5"
    with running() as upstream:
        status, body = _get(upstream, f"easyeda.upstream.test:{upstream.port}", path)
        assert (status, json.loads(body)["result"]["lcsc"]["number"]) == (200, part.code)
        assert _get(upstream, "", "/easyeda" + path) == (status, body)
        assert _get(upstream, "", "/nowhere")[0] == 404
        stats = upstream.stats()
    assert stats["services"]["easyeda"]["requests"] == 2
    assert len(stats["services"]["easyeda"]["times_s"]) == 2


def test_broken_connections_are_broken_and_the_server_goes_on() -> None:
    import http.client

    from components.bundled.catalogue import parts

    sheets = [part.datasheet for part in parts() if part.datasheet_kind == "direct"][:12]
    paths = [sheet.removeprefix("http://datasheets.upstream.test") for sheet in sheets]
    for kind, wanted in (
        ("reset", (ConnectionResetError, http.client.RemoteDisconnected)),
        ("truncated", (http.client.IncompleteRead,)),
        ("wrong_length", (http.client.IncompleteRead,)),
    ):
        with running(faults={kind: 1.0}) as upstream:
            for path in paths:
                outcomes: list[object] = []
                for _ in range(3):
                    try:
                        outcomes.append(_get(upstream, "datasheets.upstream.test", path)[0])
                    except (OSError, http.client.HTTPException) as error:
                        assert isinstance(error, wanted), repr(error)
                        outcomes.append("broken")
                assert outcomes == ["broken", "broken", 200], kind
            assert upstream.stats()["faults"] == {f"datasheets/{kind}": 2 * len(paths)}


def test_it_dies_with_the_process_that_started_it() -> None:
    program = (
        "import os\nfrom components.bundled.server import running\n"
        "with running() as upstream:\n"
        "    print(upstream.port, flush=True)\n    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
    )
    port = int(done.stdout)
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                return
        time.sleep(0.02)
    raise AssertionError("the upstream outlived its parent")


def test_a_taken_port_is_named() -> None:
    import pytest

    from components.bundled.catalogue import parts

    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UpstreamError, match=f"port {port}"):
            serve(Upstream(parts()), port)
