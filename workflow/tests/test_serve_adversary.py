"""Clients that flood, hold or trickle: what they cost is bounded, and others go on."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from components.testing.server import (
    ANY_QUERY,
    BODY,
    FULL,
    HEAD,
    QUERY,
    WHOLE,
    Server,
    Site,
    connected,
    deleted_bytes,
    first_part,
    resident_mib,
    serving,
    unread,
    wait_until,
)

ROWS = 500
PARTS, PART_BYTES = 12, 4 << 20
BATCH = {"queries": [ANY_QUERY | {"limit": 500}] * 1000}
KEY = "a key of this test"
KEYED = {"api_key_sha256": [hashlib.sha256(KEY.encode()).hexdigest()]}
GROWTH_MAX_MIB = 200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    import random

    site = Site(tmp_path_factory.mktemp("adversary"))
    draw = random.Random(1)
    artifacts = [{"datasheet_pdf": draw.randbytes(PART_BYTES)} for _ in range(PARTS)]
    site.build("only", ROWS, artifacts)
    site.point("only")
    return site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with serving(site.layout) as running:
        running.wait_for("only")
        yield running


def replied(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    try:
        while chunk := connection.recv(1 << 20):
            received += chunk
    except ConnectionError:
        pass
    return received


def flood(connection: socket.socket, data: bytes, seconds: float) -> None:
    """Send the same again and again until the server cuts the connection."""
    end_s = time.monotonic() + seconds
    try:
        while time.monotonic() < end_s:
            connection.sendall(data)
    except ConnectionError:
        return
    raise AssertionError("the server took it all")


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": KEY}], ids=["without a key", "with one"])
def test_endless_trailers_and_chunk_headers_are_cut(site: Site, headers: dict[str, str]) -> None:
    with serving(site.layout, **KEYED) as server:
        server.ask("GET", "/healthz")
        quiet_mib = resident_mib(server)
        key = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
        chunked = HEAD + key + b"Transfer-Encoding: chunked\r\n\r\n"
        for begin, endless in (
            (b"2\r\n{}\r\n0\r\n", b"X-Trailer: " + b"a" * 1000 + b"\r\n"),
            (b"2\r\n{}\r\n0\r\nX: ", b"a" * 10_000),
            (b"2;", b"extension=1;" * 1000),
            (b"", b"1;%b\r\nx\r\n" % (b"e" * 500)),
        ):
            with connected(server) as connection:
                connection.sendall(chunked + begin)
                flood(connection, endless, 60)
        assert resident_mib(server) < quiet_mib + 50


def test_a_trailer_is_no_header(site: Site) -> None:
    with serving(site.layout, **KEYED) as server:
        chunks = b"%x\r\n%b\r\n0\r\nX-API-Key: %b\r\n\r\n" % (len(BODY), BODY, KEY.encode())
        with connected(server) as connection:
            connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
            assert replied(connection).startswith(b"HTTP/1.1 401 ")


def test_a_body_in_the_smallest_chunks_is_taken(server: Server) -> None:
    body = BODY + b" " * 60_000
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    close = b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connected(server) as connection:
        connection.sendall(HEAD + close + chunks + b"0\r\n\r\n")
        assert replied(connection).startswith(b"HTTP/1.1 200 ")


def test_replies_that_nobody_reads_are_bounded(server: Server) -> None:
    whole = server.ask("POST", QUERY + "/batch", BATCH)
    assert whole.status == 200 and len(whole.body) > 50 << 20
    quiet_mib = resident_mib(server)
    with ExitStack() as stack:
        for number in range(40):
            stack.enter_context(unread(server, QUERY + "/batch", BATCH, f"127.0.0.{number % 8}"))
        highest_mib = 0.0
        end_s = time.monotonic() + 3
        while time.monotonic() < end_s:
            highest_mib = max(highest_mib, resident_mib(server))
            assert server.ask("POST", QUERY, ANY_QUERY).status == 200
        assert highest_mib < quiet_mib + GROWTH_MAX_MIB

        def refused() -> bool:
            answer = server.ask("POST", QUERY + "/batch", BATCH)
            return answer.status == 429 and "wait to be taken" in answer.json["detail"]

        wait_until(refused, "a refusal")
    wait_until(
        lambda: server.ask("POST", QUERY + "/batch", BATCH).body == whole.body, "room for a reply"
    )


def test_abandoned_bundles_give_their_room_back(site: Site) -> None:
    ids = [first_part("resistor", ROWS) + number for number in range(PARTS)]
    request = {"component_ids": ids}
    with serving(site.layout, max_bundles_bytes=3 * PARTS * PART_BYTES) as server:
        assert server.ask("POST", FULL, request).status == 200
        with ExitStack() as stack:
            for number in range(6):
                stack.enter_context(unread(server, FULL, request, f"127.0.0.{number + 1}"))

            def refused() -> bool:
                return server.ask("POST", FULL, request).status == 429

            wait_until(refused, "a refusal")
            wait_until(lambda: deleted_bytes(server) > PARTS * PART_BYTES, "a bundle")
            time.sleep(1)
            assert deleted_bytes(server) <= 3.2 * PARTS * PART_BYTES
        wait_until(lambda: server.ask("POST", FULL, request).status == 200, "room for a bundle")
        wait_until(lambda: deleted_bytes(server) == 0, "the files' end")


@pytest.mark.parametrize("keyed", [False, True], ids=["without keys", "with keys"])
def test_sockets_that_owe_their_body_shut_nobody_out(site: Site, keyed: bool) -> None:
    # They would hold for longer than the honest client waits.
    options = {"request_timeout_s": 300, **(KEYED if keyed else {})}
    with serving(site.layout, **options) as server, ExitStack() as stack:
        key = {"X-API-Key": KEY} if keyed else {}
        for number in range(300):
            connection = stack.enter_context(connected(server, f"127.0.1.{number % 3 + 1}"))
            connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n{")
        assert server.ask("POST", QUERY, ANY_QUERY, key).status == 200
        if keyed:
            assert connection.recv(100).startswith(b"HTTP/1.1 401 ")
            assert connection.recv(10_000) and not connection.recv(10_000)


def test_one_client_has_so_many_connections(site: Site) -> None:
    with serving(site.layout, max_connections_per_client=5) as server, ExitStack() as stack:
        held = [stack.enter_context(connected(server, "127.0.2.1")) for _ in range(5)]
        for connection in held:
            connection.sendall(WHOLE)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        with connected(server, "127.0.2.1") as sixth:
            assert replied(sixth).startswith(b"HTTP/1.1 429 ")
        assert server.ask("POST", QUERY, ANY_QUERY).status == 200
        held[0].close()

        def is_taken() -> bool:
            with connected(server, "127.0.2.1") as again:
                again.sendall(WHOLE)
                return again.recv(65536).startswith(b"HTTP/1.1 200 ")

        wait_until(is_taken, "a place")


def test_a_slow_honest_download_comes_whole(site: Site) -> None:
    ids = [first_part("resistor", ROWS) + number for number in range(PARTS)]
    # Longer than this client may lie still on a busy machine, and shorter than its download.
    with serving(site.layout, request_timeout_s=3.0) as server:
        whole = server.ask("POST", FULL, {"component_ids": ids})
        with unread(server, FULL, {"component_ids": ids}, Connection="close") as connection:
            received = 0
            started_s = time.monotonic()
            while chunk := connection.recv(1 << 19):
                received += len(chunk)
                time.sleep(0.08)
        assert time.monotonic() - started_s > 5
        assert received > len(whole.body) > PARTS * PART_BYTES
        # One that takes nothing is cut off all the same.
        with unread(server, FULL, {"component_ids": ids}) as connection:
            wait_until(lambda: deleted_bytes(server) > 0, "the reply's begin")
            wait_until(lambda: deleted_bytes(server) == 0, "its end")


@pytest.mark.parametrize(
    "connection", ["Upgrade", "Upgrade, HTTP2-Settings", "keep-alive, upgrade"]
)
def test_an_upgrade_is_ignored(server: Server, connection: str) -> None:
    offer = f"Connection: {connection}\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n".encode()
    whole = WHOLE.replace(b"Host: x\r\n", b"Host: x\r\n" + offer)
    last = WHOLE.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n")
    get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n"
    for pieces in ([whole + get + whole + last], [whole[:-9], whole[-9:] + get, whole, last]):
        with connected(server) as client:
            for piece in pieces:
                client.sendall(piece)
                time.sleep(0.02)
            statuses = [part[:3] for part in replied(client).split(b"HTTP/1.1 ")[1:]]
        assert statuses == [b"200"] * 4


@pytest.mark.parametrize(
    ("request_bytes", "named"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"Host"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", b"Host"),
        (b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", b"HTTP/1.1"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", b"Transfer-Encoding"),
        (HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"1.0"),
    ],
)
def test_what_a_strict_proxy_refuses_is_refused(
    server: Server, request_bytes: bytes, named: bytes
) -> None:
    with connected(server) as connection:
        connection.sendall(request_bytes)
        reply = replied(connection)
    assert reply.startswith(b"HTTP/1.1 400 ") and named in reply.partition(b"\r\n\r\n")[2]


def test_no_reply_repeats_the_client_s_host(server: Server) -> None:
    for path in ("/healthz/", "/v1/components/full/", "//x.test/healthz", "/docs/"):
        answer = server.ask("GET", path, headers={"Host": "evil.test"})
        assert answer.status == 404 and "location" not in answer.headers
        assert b"evil" not in answer.body


def test_a_long_name_is_not_repeated(server: Server) -> None:
    name = "k" * 60_000
    for path, body in ((FULL, {name: 1}), (QUERY, {name: 1}), (QUERY + "/batch", {name: 1})):
        answer = server.ask("POST", path, body)
        assert answer.status == 422 and len(answer.body) < 1000
    assert server.ask("POST", FULL, {"k" * 4_000_000: 1}).status == 413


def test_many_unknown_keys_do_not_stop_the_others(server: Server) -> None:
    fits = {"component_ids": [1]} | {f"k{number}": 1 for number in range(5000)}
    answer = server.ask("POST", FULL, {f"k{number}": 1 for number in range(300_000)})
    assert answer.status == 413
    # A complaint of each key would be work in which no other request is answered.
    answer = server.ask("POST", FULL, fits)
    assert answer.status == 422 and answer.body.count(b"is no field") == 1
    assert b"k0" in answer.body and len(answer.body) < 300
    assert server.ask("POST", FULL, b'{"component_ids": [1], "component_ids": [2]}').status == 422


def test_a_thousand_pipelined_requests_cost_little(server: Server) -> None:
    quiet_mib = resident_mib(server)
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as stack:
        for number in range(30):
            connection = stack.enter_context(connected(server, f"127.0.3.{number % 3 + 1}"))
            connection.settimeout(1)
            try:
                connection.sendall(request * 20_000)
            except TimeoutError:
                continue
        assert resident_mib(server) < quiet_mib + 60
    with connected(server) as connection:
        connection.sendall(request * 999)
        connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert replied(connection).count(b"HTTP/1.1 200 ") == 1000
