"""Hostile and unlucky clients: bad framing, endless headers, slow bodies; and an orderly stop."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from components.testing.server import (
    ANY_QUERY,
    BODY,
    HEAD,
    QUERY,
    WHOLE,
    Server,
    Site,
    ask,
    serving,
    wait_until,
)

# A client that is ready may lie still for some time on a busy machine.
TIMEOUT_S = 1.5
CASES = 400


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("sockets"))
    site.build("only", rows=2)
    site.point("only")
    return site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with serving(site.layout, max_body_bytes=1 << 20) as running:
        running.wait_for("only")
        yield running


@pytest.fixture(scope="module")
def impatient(site: Site) -> Iterator[Server]:
    """A server that cuts slow clients off at once; too strict for a busy machine's fast ones."""
    with serving(site.layout, request_timeout_s=TIMEOUT_S) as running:
        running.wait_for("only")
        yield running


@pytest.fixture(autouse=True)
def alive(server: Server) -> Iterator[None]:
    yield
    assert server.process.poll() is None
    assert server.ask("POST", QUERY, ANY_QUERY).status == 200


def exchange(server: Server, *chunks: bytes, half_close: bool = False) -> bytes:
    """Send, then read until the server closes or has nothing more to say."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        try:
            for chunk in chunks:
                connection.sendall(chunk)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            raise
        except OSError:
            pass  # The server may cut the connection as soon as it has seen enough.
    return received


def status_of(reply: bytes) -> int:
    return int(reply[9:12]) if reply.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00" * 100,
        b"GET / HTTP/9.9\r\n\r\n",
        b"nonsense\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Bad Header\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300,
    ],
    ids=lambda data: repr(data[-30:]),
)
def test_what_is_not_http_gets_400(server: Server, request_bytes: bytes) -> None:
    reply = exchange(server, request_bytes)
    assert status_of(reply) == 400
    assert b"\r\nx-snapshot: only\r\n" in reply
    assert json.loads(reply.partition(b"\r\n\r\n")[2])["detail"]


def test_endless_headers_get_431(server: Server) -> None:
    for endless in (b"GET /" + b"a" * (1 << 20), HEAD + b"X: " + b"y" * (1 << 20)):
        assert status_of(exchange(server, *_pieces(endless, 16384))) in {0, 400, 431}
    many = HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(100_000))
    assert status_of(exchange(server, *_pieces(many, 16384))) in {0, 431}
    # Slowly enough that the server reads each piece by itself, the answer is certain.
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(HEAD)
        for _ in range(5):
            connection.sendall(b"X: " + b"y" * 16000 + b"\r\n")
            time.sleep(0.02)
        assert status_of(connection.recv(65536)) == 431


def test_what_comes_too_slowly_gets_408(impatient: Server) -> None:
    for slow in (HEAD[:30], HEAD, HEAD + b"Content-Length: 100\r\n\r\n" + BODY[:5]):
        reply = exchange(impatient, slow)
        assert status_of(reply) == 408, slow
        assert b"did not arrive within 1.5 s" in reply
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=20) as connection:
        connection.sendall(WHOLE)
        assert status_of(connection.recv(65536)) == 200
        connection.sendall(HEAD)
        assert status_of(connection.recv(65536)) == 408


def test_a_connection_that_says_nothing_is_closed(impatient: Server) -> None:
    assert status_of(exchange(impatient)) == 408


def test_an_idle_connection_outlives_the_time_limit_of_requests(impatient: Server) -> None:
    connection = HTTPConnection("127.0.0.1", impatient.port, timeout=30)
    assert ask(connection, "POST", QUERY, ANY_QUERY).status == 200
    time.sleep(2.5 * TIMEOUT_S)
    assert ask(connection, "POST", QUERY, ANY_QUERY).status == 200
    connection.close()


def test_an_idle_connection_is_closed_in_time_after_either_kind_of_reply(site: Site) -> None:
    with serving(site.layout, request_timeout_s=TIMEOUT_S, keep_alive_s=1) as server:
        server.wait_for("only")
        for first in (WHOLE, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
            reply = exchange(server, first)
            assert status_of(reply) == 200
            assert reply.count(b"HTTP/1.1 ") == 1


def test_a_body_in_many_pieces_is_put_together(server: Server) -> None:
    chunked = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    pieces = [b"%x\r\n%b\r\n" % (1, BODY[n : n + 1]) for n in range(len(BODY))]
    assert status_of(exchange(server, chunked, *pieces, b"0\r\n\r\n")) == 200
    refused = exchange(
        server, chunked, *[b"%x\r\n%b\r\n" % (65536, b" " * 65536)] * 32, b"0\r\n\r\n"
    )
    assert status_of(refused) == 413


def test_a_large_body_is_told_before_it_is_sent(server: Server) -> None:
    head = HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (2 << 20)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head)
        assert status_of(connection.recv(65536)) == 413


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    bad = HEAD + b"Content-Length: 2\r\n\r\n{}"
    last = WHOLE.replace(b"Host: x", b"Host: x\r\nConnection: close")
    reply = exchange(server, WHOLE + bad + WHOLE + last)
    found = [int(part[:3]) for part in reply.split(b"HTTP/1.1 ")[1:]]
    assert found[0] == found[2] == found[3] == 200
    assert found[1] in {400, 422}


def test_random_bytes_leave_it_answering(server: Server) -> None:
    draw = random.Random(5)
    for _ in range(CASES):
        data = bytearray(WHOLE * draw.choice((1, 1, 3)))
        for _ in range(draw.randint(1, 8)):
            at = draw.randrange(len(data))
            kind = draw.randrange(3)
            if kind == 0:
                data[at] = draw.randrange(256)
            elif kind == 1:
                del data[at : at + draw.randint(1, 40)]
            else:
                data[at:at] = draw.randbytes(draw.randint(1, 40))
        reply = exchange(server, *_pieces(bytes(data), draw.randint(20, 500)), half_close=True)
        assert status_of(reply) in {0, 200, 400, 404, 405, 408, 413, 422, 431, 505}, bytes(data)


def test_a_stop_answers_what_runs_and_takes_nothing_new(site: Site) -> None:
    with serving(site.layout) as server:
        server.wait_for("only")
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY[:10])
            wait_until(lambda: _is_waiting_for_a_body(server), "a request in flight")
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: _is_refused(server.port), "a closed port")
            connection.sendall(BODY[10:])
            assert status_of(connection.recv(65536)) == 200
        assert server.process.wait(timeout=20) == 0


def test_a_dead_worker_is_replaced_and_the_others_answer(site: Site) -> None:
    with serving(site.layout, workers=2) as server:
        server.wait_for("only")
        assert server.ask("GET", "/v1/status").json["workers"] == 2
        for _ in range(20):
            assert server.ask("POST", QUERY, ANY_QUERY).status == 200
        before = server.ask("GET", "/v1/status").json["requests"]["query"]
        assert before == 20
        first = _workers(server)
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        wait_until(lambda: _has_replaced(server, first[0]), "another worker")
        now = _workers(server)
        assert first[1] in now
        assert server.ask("GET", "/v1/status").json["requests"]["query"] == before
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=20) == 0
        for pid in now:
            assert not Path(f"/proc/{pid}").exists()


def test_a_taken_port_and_a_missing_library_are_told(site: Site, server: Server) -> None:
    import subprocess
    import sys

    def start(cache_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "ATOPILE_COMPONENTS_CACHE_DIR": str(cache_dir),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        command = [sys.executable, "-m", "components", "serve", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    taken = start(site.layout.root, "--port", str(server.port))
    assert (taken.returncode, "is taken" in taken.stderr) == (1, True), taken.stderr
    missing = start(site.layout.root / "none", "--port", "0")
    assert (missing.returncode, "make run" in missing.stderr) == (1, True), missing.stderr
    assert taken.stderr.count("\n") == missing.stderr.count("\n") == 1


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _workers(server: Server) -> list[int]:
    pid = server.process.pid
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return sorted(map(int, text.split()))


def _has_replaced(server: Server, dead: int) -> bool:
    # Others answer meanwhile.
    assert server.ask("GET", "/healthz").status == 200
    found = _workers(server)
    return len(found) == 2 and dead not in found


def _is_waiting_for_a_body(server: Server) -> bool:
    return "components_requests_receiving 1" in server.ask("GET", "/metrics").body.decode()


def _is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False
