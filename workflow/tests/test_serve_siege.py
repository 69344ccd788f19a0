"""Everything at once: floods, trickles, sockets that owe, replies left unread, beside honest load.

Each attacker has loopback addresses of its own, as it would have addresses of its own outside. The
server asks for keys or not; where it does, attackers come with a good one and without in turn. The
honest client must get every answer, right and whole; memory and disk come back to what they were.
Times are told, not judged: the machine runs both sides.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from statistics import quantiles

import pytest

from components.testing.extent import sized
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

pytestmark = pytest.mark.long
DURATION_S = sized(10.0, long=300.0)
ROWS = 200
PARTS, PART_BYTES = 8, 1 << 20
GROWTH_MAX_MIB = 200
SEARCH = "/v1/components/search?q=resistor-1"
BATCH = {"queries": [ANY_QUERY | {"limit": 500}] * 400}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("siege"))
    draw = random.Random(1)
    artifacts = [{"datasheet_pdf": draw.randbytes(PART_BYTES)} for _ in range(PARTS)]
    site.build("only", ROWS, artifacts)
    site.point("only")
    return site


Attack = Callable[[Server, "Siege"], None]


class Siege:
    """When it ends, and with which key its attackers come."""

    def __init__(self, seconds: float, key: str = "") -> None:
        self._end_s = time.monotonic() + seconds
        self._turns = itertools.cycle([{"X-API-Key": key}, {}] if key else [{}])

    def __bool__(self) -> bool:
        return time.monotonic() < self._end_s

    def key(self) -> dict[str, str]:
        """The next request's header: none, or a good key every other time."""
        return next(self._turns)

    def head(self, request: bytes) -> bytes:
        """The same behind the first line of a request."""
        line, end, rest = request.partition(b"\r\n")
        lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in self.key().items())
        return line + end + lines + rest


def endless_trailers(server: Server, goes_on: Siege) -> None:
    while goes_on:
        with connected(server, "127.0.1.1") as connection, suppress(OSError):
            chunks = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
            connection.sendall(goes_on.head(HEAD) + chunks)
            while goes_on:
                connection.sendall(b"X-Trailer: " + b"a" * 1000 + b"\r\n")


def replies_left_unread(server: Server, goes_on: Siege) -> None:
    while goes_on:
        with ExitStack() as stack, suppress(OSError):
            for number in range(12):
                source = f"127.0.2.{number % 4 + 1}"
                path = QUERY + "/batch"
                stack.enter_context(unread(server, path, BATCH, source, **goes_on.key()))
            time.sleep(2)


def bundles_abandoned(server: Server, goes_on: Siege) -> None:
    ids = [first_part("resistor", ROWS) + number for number in range(PARTS)]
    while goes_on:
        with ExitStack() as stack, suppress(OSError):
            for number in range(4):
                source = f"127.0.3.{number + 1}"
                body = {"component_ids": ids}
                stack.enter_context(unread(server, FULL, body, source, **goes_on.key()))
            time.sleep(0.5)


def bodies_owed(server: Server, goes_on: Siege) -> None:
    while goes_on:
        with ExitStack() as stack, suppress(OSError):
            for number in range(250):
                connection = stack.enter_context(connected(server, f"127.0.4.{number % 3 + 1}"))
                connection.sendall(goes_on.head(HEAD) + b"Content-Length: 100000\r\n\r\n{")
            time.sleep(3)


def noise(server: Server, goes_on: Siege) -> None:
    chance = random.Random(3)
    offer = b"Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    while goes_on:
        with connected(server, "127.0.5.1") as connection, suppress(OSError):
            asked = goes_on.head(WHOLE).replace(b"Host: x\r\n", offer)
            data = chance.choice((asked, chance.randbytes(3000)))
            connection.sendall(data[: chance.randrange(1, len(data))])
            connection.settimeout(0.2)
            connection.recv(1 << 16)


def pipelines(server: Server, goes_on: Siege) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    while goes_on:
        with connected(server, "127.0.6.1") as connection, suppress(OSError):
            connection.settimeout(0.5)
            connection.sendall(request * 20_000)
        # Thousands of connections a second are for a firewall or a proxy to limit: SECURITY.md.
        time.sleep(0.5)


def many_keys(server: Server, goes_on: Siege) -> None:
    body = json.dumps({"component_ids": [1]} | {f"k{number}": 1 for number in range(6000)})
    while goes_on:
        with (
            suppress(OSError),
            unread(server, FULL, body.encode(), "127.0.7.1", **goes_on.key()) as connection,
        ):
            connection.recv(1 << 16)


ATTACKS: tuple[Attack, ...] = (
    *(endless_trailers, replies_left_unread, bundles_abandoned, bodies_owed, noise),
    *(pipelines, many_keys),
)


def honestly(
    server: Server, goes_on: Siege, expected: dict[str, bytes], key: dict[str, str]
) -> Iterator[float]:
    """Ask all the time; the seconds that each query took. Wrong or refused answers are failures."""
    bundle = json.dumps({"component_ids": [first_part("resistor", ROWS)]}).encode()
    turn = 0
    while goes_on:
        turn += 1
        started_s = time.perf_counter()
        answer = server.ask("POST", QUERY, BODY, key)
        yield time.perf_counter() - started_s
        assert (answer.status, answer.body) == (200, expected["query"])
        if turn % 20 == 0:
            answer = server.ask("POST", FULL, bundle, key)
            # Where attackers hold all room for bundles, that is said, as documented.
            is_refused = answer.status == 429 and "retry-after" in answer.headers
            assert is_refused or (answer.status == 200 and expected["bundle"] in answer.body)
            answer = server.ask("GET", SEARCH, headers=key)
            assert (answer.status, answer.body) == (200, expected["search"])


@pytest.mark.parametrize("keys", [(), ("honest", "attacker")], ids=["open", "keys"])
def test_honest_clients_are_served_whatever_others_do(
    site: Site, keys: tuple[str, ...], record_property: Callable[[str, object], None]
) -> None:
    digests = [hashlib.sha256(key.encode()).hexdigest() for key in keys]
    key, attackers_key = ({"X-API-Key": keys[0]}, keys[1]) if keys else ({}, "")
    with serving(site.layout, api_key_sha256=digests) as server:
        server.wait_for("only")
        part = first_part("resistor", ROWS)
        assert server.ask("POST", QUERY, BODY).status == (401 if keys else 200)
        bundle = server.ask("POST", FULL, {"component_ids": [part]}, key)
        expected = {
            "query": server.ask("POST", QUERY, BODY, key).body,
            "bundle": bundle.headers["x-bundle-sha256"].encode(),
            "search": server.ask("GET", SEARCH, headers=key).body,
        }
        quiet = list(honestly(server, Siege(2), expected, key))
        quiet_mib = resident_mib(server)
        highest_mib = [quiet_mib]
        goes_on = Siege(DURATION_S, attackers_key)
        watcher = threading.Thread(target=_watch, args=(server, goes_on, highest_mib))
        watcher.start()
        attackers = [_started(attack, server, goes_on) for attack in ATTACKS]
        busy = list(honestly(server, goes_on, expected, key))
        for attacker in attackers:
            attacker.join(60)
            assert attacker.exitcode == 0, attacker.name
        watcher.join()
        assert max(highest_mib) < quiet_mib + GROWTH_MAX_MIB
        wait_until(lambda: deleted_bytes(server) == 0, "the bundles' end")
        wait_until(lambda: server.ask("POST", QUERY, BODY, key).body == expected["query"], "quiet")
        assert server.process.poll() is None
    figures = {
        "honest answers": len(busy),
        "p99 quiet ms": round(quantiles(quiet, n=100)[98] * 1e3, 2),
        "p99 besieged ms": round(quantiles(busy, n=100)[98] * 1e3, 2),
        "MiB quiet": round(quiet_mib, 1),
        "MiB highest": round(max(highest_mib), 1),
    }
    figures |= {"keys": len(keys)}
    record_property("siege", figures)
    print(json.dumps(figures))


def _started(attack: Attack, server: Server, goes_on: Siege) -> ForkProcess:
    """In a process of its own, behind the server and the honest client: it has another machine."""

    def run() -> None:
        os.nice(15)
        attack(server, goes_on)

    process = get_context("fork").Process(target=run, name=attack.__name__)
    process.start()
    return process


def _watch(server: Server, goes_on: Siege, highest_mib: list[float]) -> None:
    while goes_on:
        highest_mib.append(resident_mib(server))
        time.sleep(0.2)
