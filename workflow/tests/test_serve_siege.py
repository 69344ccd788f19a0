"""Everything at once: floods, trickles, sockets that owe, replies left unread, beside honest load.

Each attacker has loopback addresses of its own, as it would have addresses of its own outside. The
honest client must get every answer, right and whole; memory and disk come back to what they were.
Times are told, not judged: the machine runs both sides.
"""

from __future__ import annotations

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
BATCH = {"queries": [ANY_QUERY | {"limit": 500}] * 400}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("siege"))
    draw = random.Random(1)
    artifacts = [{"datasheet_pdf": draw.randbytes(PART_BYTES)} for _ in range(PARTS)]
    site.build("only", ROWS, artifacts)
    site.point("only")
    return site


Attack = Callable[[Server, "Until"], None]


class Until:
    """When the siege ends."""

    def __init__(self, seconds: float) -> None:
        self._end_s = time.monotonic() + seconds

    def __bool__(self) -> bool:
        return time.monotonic() < self._end_s


def endless_trailers(server: Server, goes_on: Until) -> None:
    while goes_on:
        with connected(server, "127.0.1.1") as connection, suppress(OSError):
            chunks = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
            connection.sendall(HEAD + chunks)
            while goes_on:
                connection.sendall(b"X-Trailer: " + b"a" * 1000 + b"\r\n")


def replies_left_unread(server: Server, goes_on: Until) -> None:
    while goes_on:
        with ExitStack() as stack, suppress(OSError):
            for number in range(12):
                stack.enter_context(
                    unread(server, QUERY + "/batch", BATCH, f"127.0.2.{number % 4 + 1}")
                )
            time.sleep(2)


def bundles_abandoned(server: Server, goes_on: Until) -> None:
    ids = [first_part("resistor", ROWS) + number for number in range(PARTS)]
    while goes_on:
        with ExitStack() as stack, suppress(OSError):
            for number in range(4):
                source = f"127.0.3.{number + 1}"
                stack.enter_context(unread(server, FULL, {"component_ids": ids}, source))
            time.sleep(0.5)


def bodies_owed(server: Server, goes_on: Until) -> None:
    while goes_on:
        with ExitStack() as stack, suppress(OSError):
            for number in range(250):
                connection = stack.enter_context(connected(server, f"127.0.4.{number % 3 + 1}"))
                connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n{")
            time.sleep(3)


def noise(server: Server, goes_on: Until) -> None:
    chance = random.Random(3)
    offer = b"Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    while goes_on:
        with connected(server, "127.0.5.1") as connection, suppress(OSError):
            data = chance.choice((WHOLE.replace(b"Host: x\r\n", offer), chance.randbytes(3000)))
            connection.sendall(data[: chance.randrange(1, len(data))])
            connection.settimeout(0.2)
            connection.recv(1 << 16)


def pipelines(server: Server, goes_on: Until) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    while goes_on:
        with connected(server, "127.0.6.1") as connection, suppress(OSError):
            connection.settimeout(0.5)
            connection.sendall(request * 20_000)
        # Thousands of connections a second are for a firewall or a proxy to limit: SECURITY.md.
        time.sleep(0.5)


def many_keys(server: Server, goes_on: Until) -> None:
    body = json.dumps({"component_ids": [1]} | {f"k{number}": 1 for number in range(6000)})
    while goes_on:
        with suppress(OSError), unread(server, FULL, body.encode(), "127.0.7.1") as connection:
            connection.recv(1 << 16)


ATTACKS: tuple[Attack, ...] = (
    *(endless_trailers, replies_left_unread, bundles_abandoned, bodies_owed, noise),
    *(pipelines, many_keys),
)


def honestly(server: Server, goes_on: Until, expected: dict[str, bytes]) -> Iterator[float]:
    """Ask all the time; the seconds that each query took. Wrong or refused answers are failures."""
    bundle = json.dumps({"component_ids": [first_part("resistor", ROWS)]}).encode()
    turn = 0
    while goes_on:
        turn += 1
        started_s = time.perf_counter()
        answer = server.ask("POST", QUERY, BODY)
        yield time.perf_counter() - started_s
        assert (answer.status, answer.body) == (200, expected["query"])
        if turn % 20 == 0:
            answer = server.ask("POST", FULL, bundle)
            # Where attackers hold all room for bundles, that is said, as documented.
            is_refused = answer.status == 429 and "retry-after" in answer.headers
            assert is_refused or (answer.status == 200 and expected["bundle"] in answer.body)
            answer = server.ask("GET", "/v1/components/search?q=resistor-1")
            assert (answer.status, answer.body) == (200, expected["search"])


def test_honest_clients_are_served_whatever_others_do(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    with serving(site.layout) as server:
        server.wait_for("only")
        part = first_part("resistor", ROWS)
        bundle = server.ask("POST", FULL, {"component_ids": [part]})
        expected = {
            "query": server.ask("POST", QUERY, BODY).body,
            "bundle": bundle.headers["x-bundle-sha256"].encode(),
            "search": server.ask("GET", "/v1/components/search?q=resistor-1").body,
        }
        quiet = list(honestly(server, Until(2), expected))
        quiet_mib = resident_mib(server)
        highest_mib = [quiet_mib]
        goes_on = Until(DURATION_S)
        watcher = threading.Thread(target=_watch, args=(server, goes_on, highest_mib))
        watcher.start()
        attackers = [_started(attack, server, goes_on) for attack in ATTACKS]
        busy = list(honestly(server, goes_on, expected))
        for attacker in attackers:
            attacker.join(60)
            assert attacker.exitcode == 0, attacker.name
        watcher.join()
        assert max(highest_mib) < quiet_mib + GROWTH_MAX_MIB
        wait_until(lambda: deleted_bytes(server) == 0, "the bundles' end")
        wait_until(lambda: server.ask("POST", QUERY, BODY).body == expected["query"], "quiet")
        assert server.process.poll() is None
    figures = {
        "honest answers": len(busy),
        "p99 quiet ms": round(quantiles(quiet, n=100)[98] * 1e3, 2),
        "p99 besieged ms": round(quantiles(busy, n=100)[98] * 1e3, 2),
        "MiB quiet": round(quiet_mib, 1),
        "MiB highest": round(max(highest_mib), 1),
    }
    record_property("siege", figures)
    print(json.dumps(figures))


def _started(attack: Attack, server: Server, goes_on: Until) -> ForkProcess:
    """In a process of its own, behind the server and the honest client: it has another machine."""

    def run() -> None:
        os.nice(15)
        attack(server, goes_on)

    process = get_context("fork").Process(target=run, name=attack.__name__)
    process.start()
    return process


def _watch(server: Server, goes_on: Until, highest_mib: list[float]) -> None:
    while goes_on:
        highest_mib.append(resident_mib(server))
        time.sleep(0.2)
