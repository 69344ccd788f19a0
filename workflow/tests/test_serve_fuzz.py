"""Raw HTTP against a model: what a strict proxy in front would see is what the server answers.

The model is h11, which the server does not run. Every message carries a number of its own, which a
right reply repeats; so it shows where one side sees a request, a body or an end that the other does
not. The server may refuse what the model takes, and then closes; it may not answer what the model
refuses, nor see other requests than it.
"""

from __future__ import annotations

import json
import random
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import h11
import pytest

from components.testing.extent import sized
from components.testing.server import ANY_QUERY, QUERY, Server, Site, serving

pytestmark = pytest.mark.long
CASES = sized(4000, long=200_000)
NUMBERS = 60
SPICES = (
    *(b"\n", b"\r", b"\r\n", b" ", b"\t", b"\0", b":", b",", b";", b"\x0b", b"\x80", b"-", b"+"),
    *(b"0", b"1", b"f", b"0\r\n\r\n", b"\r\n\r\n", b"\n\n", b" HTTP/1.1\r\n", b"chunked"),
    *(b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"content-length:+4\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n"),
    *(b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding:\tchunked\r\n"),
    *(b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: chunked, chunked\r\n"),
    *(b"Host: y\r\n", b"X: a\r\n b\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n"),
    *(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"Upgrade: websocket\r\n"),
    *(b"Expect: 100-continue\r\n", b"X-API-Key: a\r\n", b"Trailer: Content-Length\r\n"),
)
# What the server's parser takes and h11 does not, and what it makes of it: several blanks in a
# request line. So it does with line ends before one. Neither moves the end of a message.
LENIENT = (
    (re.compile(rb"([A-Z]) {2,}/"), rb"\1 /"),
    (re.compile(rb"(/[a-z0-9/]*) {2,}HTTP"), rb"\1 HTTP"),
)
ANY = -1
"""The number of a query that damage has made another one."""
METHODS = (b"GET", b"PUT", b"POST ", b"post", b"PRI", b"CONNECT", b"OPTIONS")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    site = Site(tmp_path_factory.mktemp("fuzz"))
    site.build("only", NUMBERS)
    site.point("only")
    with serving(site.layout, request_timeout_s=5) as running:
        running.wait_for("only")
        yield running


def message(number: int, chance: random.Random, *, is_last: bool = False) -> bytes:
    """A whole request for ``number`` parts, framed in one of many right ways."""
    body = json.dumps(ANY_QUERY | {"limit": number}).encode()
    lines = [b"POST %b HTTP/1.1" % QUERY.encode(), b"Host: x"]
    if is_last:
        lines.append(b"Connection: close")
    if chance.random() < 0.3:
        lines.append(chance.choice(SPICES[-5:]).strip())
    if is_last or chance.random() < 0.5:
        lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join([*lines, b"", body])
    lines.append(chance.choice((b"Transfer-Encoding: chunked", b"transfer-encoding:chunked")))
    chunks = b""
    while body:
        size = chance.randrange(1, len(body) + 1)
        more = chance.choice((b"", b"", b";a=b", b';x="y"'))
        chunks += b"%b%b\r\n%b\r\n" % (b"%x" % size, more, body[:size])
        body = body[size:]
    trailer = chance.choice((b"", b"", b"X: y\r\n", b"Content-Length: 9\r\n", b"Host: z\r\n"))
    return b"\r\n".join([*lines, b"", chunks + b"0\r\n" + trailer + b"\r\n"])


def damaged(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randrange(0, 4)):
        at = chance.randrange(len(data) + 1)
        kind = chance.random()
        if kind < 0.6:
            lines = [place + 2 for place in range(len(data)) if data[place : place + 2] == b"\r\n"]
            at = chance.choice(lines) if lines and chance.random() < 0.7 else at
            data = data[:at] + chance.choice(SPICES) + data[at:]
        elif kind < 0.75:
            data = data[:at] + data[at + chance.randrange(1, 4) :]
        elif kind < 0.85:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif kind < 0.95:
            data = data.replace(b"POST", chance.choice(METHODS), 1)
        else:
            data = data[:at] + data[: chance.randrange(len(data) + 1)] + data[at:]
    return data


def case(seed: int) -> bytes:
    """What one connection sends: requests, mostly damaged, and a right one that closes it."""
    chance = random.Random(seed)
    numbers = chance.sample(range(1, NUMBERS), 4)
    sent = b"".join(message(number, chance) for number in numbers[: chance.randrange(1, 4)])
    return damaged(sent, chance) + message(numbers[3], chance, is_last=True)


def modelled(data: bytes) -> list[int | None]:
    """The requests that h11 sees until it refuses or the connection ends: the number of each whole
    query that is one, None for any other request."""
    for pattern, plain in LENIENT:
        data = pattern.sub(plain, data)
    model = _begun(data)
    seen: list[int | None] = []
    request, body = None, b""
    while True:
        try:
            event = model.next_event()
        except h11.RemoteProtocolError:
            return seen
        if isinstance(event, h11.Request):
            request, body = event, b""
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            seen.append(_number(request, body))
            if request.method == b"CONNECT":
                return seen
            model.send(h11.Response(status_code=200, headers=[(b"Content-Length", b"0")]))
            model.send(h11.EndOfMessage())
            if model.our_state is not h11.DONE or model.their_state is not h11.DONE:
                return seen
            model = _begun(model.trailing_data[0])
        else:
            return seen


def _begun(data: bytes) -> h11.Connection:
    """A model before a request, which has got all that will come."""
    model = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    model.receive_data(data.lstrip(b"\r\n"))
    model.receive_data(b"")
    return model


def _number(request: h11.Request, body: bytes) -> int | None:
    if (request.method, request.target) != (b"POST", QUERY.encode()):
        return None
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    if not isinstance(asked, dict):
        return None
    is_whole = asked == ANY_QUERY | {"limit": asked.get("limit")}
    return asked["limit"] if is_whole and 0 < asked["limit"] <= NUMBERS else ANY


def answered(
    server: Server, data: bytes, chance: random.Random, quiet_s: float = 0.05
) -> list[tuple[int, int | None]]:
    """Status and number of each reply, in order; the data is sent in pieces."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        try:
            cut = chance.randrange(len(data))
            for piece in (data[:cut], data[cut:]) if chance.random() < 0.3 else (data,):
                connection.sendall(piece)
            connection.settimeout(quiet_s)
            with suppress(TimeoutError):
                while chunk := connection.recv(1 << 16):
                    received += chunk
                return list(_replies(received))
            # Nothing more is said: the server waits for the rest of something.
            connection.settimeout(20)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(1 << 16):
                received += chunk
        except TimeoutError:
            raise
        except OSError:
            pass
    return list(_replies(received))


def _replies(received: bytes) -> Iterator[tuple[int, int | None]]:
    while received:
        head, end, received = received.partition(b"\r\n\r\n")
        assert end and head.startswith(b"HTTP/1.1 "), head[:80]
        status = int(head[9:12])
        if status == 100:
            continue
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        size = int(headers.get(b"content-length", b"0"))
        body, received = received[:size], received[size:]
        yield status, json.loads(body)["total"] if status == 200 and b"total" in body else None


def fault(server: Server, seed: int) -> str | None:
    """How the server and the model differ, if they do."""
    data = case(seed)
    wanted = modelled(data)
    got = answered(server, data, random.Random(seed))
    for place, (status, number) in enumerate(got):
        # A refusal that closes ends what there is to compare.
        if status >= 400 and place == len(got) - 1:
            break
        if place < len(wanted) and wanted[place] == ANY:
            continue
        if place >= len(wanted) or (number if status == 200 else None) != wanted[place]:
            return f"case {seed}: {data!r}\n  model {wanted}\n  server {got}"
    return None


def test_requests_are_what_a_strict_proxy_sees(server: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        faults = [one for one in pool.map(lambda seed: fault(server, seed), range(CASES)) if one]
    assert not faults, f"{len(faults)} of {CASES}:\n" + "\n".join(faults[:25])
    assert server.process.poll() is None


def test_the_model_and_the_messages_agree(server: Server) -> None:
    """Whole messages are all answered: the comparison above would pass with no reply at all."""
    for seed in range(300):
        chance = random.Random(seed)
        numbers = chance.sample(range(1, NUMBERS), 4)
        data = b"".join(message(number, chance) for number in numbers[:3])
        if b"Connection: close" in data or b"Content-Length: 9" in data:
            continue
        data += message(numbers[3], chance, is_last=True)
        got = [number for _, number in answered(server, data, chance, quiet_s=10)]
        assert got == numbers, (data, got)
        assert modelled(data) == numbers
