"""A client of the soak: full load on some connections, every reply compared byte for byte.

``python -m components.testing.soak_client JOB PORT CONNECTIONS DURATION_S``; the result is JSON on
standard output. Times are of the monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import json
import select
import socket
import sys
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from components.testing.load import post

RECEIVE_BYTES = 1 << 20
WRONG_MAX = 20


class Client:
    """Sends the requests of ``job`` in turn on each connection, and judges what comes back."""

    def __init__(self, job: dict[str, Any], port: int, first: int) -> None:
        self._requests = [post(path, body.encode(), port) for path, body in job["requests"]]
        self._expected: dict[str, list[bytes]] = {
            variant: [text.encode() for text in texts] for variant, texts in job["expected"].items()
        }
        self._port = port
        self._turn = first
        self._poll = select.epoll()
        self._open: dict[int, _Exchange] = {}
        self.replies = 0
        self.wrong: list[str] = []
        self.lost_ns: list[int] = []
        self.seen: dict[str, int] = {}

    def run(self, connections: int, duration_s: float) -> None:
        for _ in range(connections):
            self._connect()
        end_ns = perf_counter_ns() + round(duration_s * 1e9)
        while perf_counter_ns() < end_ns:
            for handle, _ in self._poll.poll(0.1):
                self._receive(self._open[handle])

    def _connect(self) -> None:
        exchange = _Exchange(socket.create_connection(("127.0.0.1", self._port), timeout=30))
        self._open[exchange.socket.fileno()] = exchange
        self._poll.register(exchange.socket.fileno(), select.EPOLLIN)
        self._send(exchange)

    def _send(self, exchange: _Exchange) -> None:
        exchange.request = self._turn % len(self._requests)
        self._turn += 1
        exchange.received.clear()
        try:
            exchange.socket.sendall(self._requests[exchange.request])
        except OSError:
            self._lost(exchange)

    def _receive(self, exchange: _Exchange) -> None:
        try:
            data = exchange.socket.recv(RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            self._lost(exchange)
            return
        exchange.received += data
        reply = exchange.whole()
        if reply is not None:
            self._judge(exchange, *reply)
            self._send(exchange)

    def _lost(self, exchange: _Exchange) -> None:
        self.lost_ns.append(perf_counter_ns())
        handle = exchange.socket.fileno()
        self._poll.unregister(handle)
        self._open.pop(handle).socket.close()
        self._connect()

    def _judge(self, exchange: _Exchange, status: str, snapshot: str, body: bytes) -> None:
        now_ns = perf_counter_ns()
        self.replies += 1
        expected = self._expected.get(snapshot.partition("-")[0], [])
        right = bool(expected) and body == expected[exchange.request]
        if (status != "200" or not right) and len(self.wrong) < WRONG_MAX:
            self.wrong.append(f"{status} from {snapshot}: request {exchange.request}")
        self.seen.setdefault(snapshot, now_ns)
        number = int(snapshot.partition("-")[2] or -1)
        if number < exchange.newest and len(self.wrong) < WRONG_MAX:
            self.wrong.append(f"{snapshot} answered after snapshot {exchange.newest} had")
        exchange.newest = max(exchange.newest, number)


class _Exchange:
    """A connection with a request on the way."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connection
        self.received = bytearray()
        self.request = 0
        self.newest = -1
        """The number of the newest snapshot that has answered here: one worker has a connection."""

    def whole(self) -> tuple[str, str, bytes] | None:
        """Status, snapshot and body, once all of the reply is there."""
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.received[:end].decode("latin-1").lower()
        headers = dict(line.partition(": ")[::2] for line in head.split("\r\n")[1:])
        if len(self.received) < end + 4 + int(headers["content-length"]):
            return None
        body = bytes(self.received[end + 4 :])
        return head[9:12], headers.get("x-snapshot", ""), body


def main() -> None:
    job, port, connections, duration_s = sys.argv[1:]
    client = Client(json.loads(Path(job).read_text()), int(port), first=int(port) % 7)
    client.run(int(connections), float(duration_s))
    result = {
        "replies": client.replies,
        "wrong": client.wrong,
        "lost_ns": client.lost_ns,
        "seen": client.seen,
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
