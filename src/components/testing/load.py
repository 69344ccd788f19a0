"""A client that keeps connections busy and times each reply: for benchmarks and soaks.

It is one loop over epoll, so that one core of it can saturate a server on another. Run as a
process of its own (``python -m components.testing.load``): requests on standard input, result on
standard output, both JSON.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import subprocess
import sys
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter_ns
from typing import Any

_RECEIVE_BYTES = 1 << 20


@dataclass
class Result:
    """What a run saw; times in microseconds."""

    requests: int = 0
    seconds: float = 0.0
    response_bytes: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    """Connections that ended within a request, or could not be opened."""
    p50_us: float = 0.0
    p95_us: float = 0.0
    p99_us: float = 0.0
    max_us: float = 0.0

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


class _Connection:
    __slots__ = ("missing", "parts", "sent_ns", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_ns = 0
        self.missing = -1
        self.parts = b""


def post(path: str, body: bytes, port: int) -> bytes:
    """A whole request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(
    port: int, requests: Sequence[bytes], connections: int, duration_s: float, warmup_s: float = 0.2
) -> Result:
    """A closed loop: each connection sends its next request when the last reply is complete.

    Whole requests are sent in turn. Raises ConnectionError where the server is not there at all.
    """
    result = Result()
    times_ns = array("Q")
    poll = select.epoll()
    open_: dict[int, _Connection] = {}
    turn = 0

    def send(connection: _Connection) -> None:
        nonlocal turn
        request = requests[turn % len(requests)]
        turn += 1
        connection.sent_ns = perf_counter_ns()
        connection.socket.sendall(request)

    def connect() -> None:
        connection = _Connection(port)
        open_[connection.socket.fileno()] = connection
        poll.register(connection.socket.fileno(), select.EPOLLIN)
        send(connection)

    started_ns = perf_counter_ns()
    counted_from_ns = started_ns + round(warmup_s * 1e9)
    end_ns = counted_from_ns + round(duration_s * 1e9)
    for _ in range(connections):
        connect()
    now_ns = perf_counter_ns()
    while now_ns < end_ns:
        for handle, _ in poll.poll(0.1):
            connection = open_[handle]
            try:
                data = connection.socket.recv(_RECEIVE_BYTES)
                if not data:
                    raise ConnectionResetError
                if not _is_complete(connection, data, result):
                    continue
                now_ns = perf_counter_ns()
                if now_ns >= counted_from_ns:
                    times_ns.append(now_ns - connection.sent_ns)
                send(connection)
            except OSError:
                result.lost += 1
                poll.unregister(handle)
                open_.pop(handle).socket.close()
                connect()
        now_ns = perf_counter_ns()
    for connection in open_.values():
        connection.socket.close()
    poll.close()
    result.seconds = (now_ns - counted_from_ns) / 1e9
    _summarize(result, times_ns)
    return result


def run_apart(port: int, requests: Sequence[bytes], connections: int, duration_s: float) -> Result:
    """As :func:`run`, in a process of its own. Raises RuntimeError with what it said."""
    job = {
        "port": port,
        "requests": [request.decode() for request in requests],
        "connections": connections,
        "duration_s": duration_s,
    }
    done = subprocess.run(
        [sys.executable, "-m", "components.testing.load"],
        input=json.dumps(job).encode(),
        capture_output=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return Result(**json.loads(done.stdout))


def _is_complete(connection: _Connection, data: bytes, result: Result) -> bool:
    if connection.missing < 0:
        data = connection.parts + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            connection.parts = data
            return False
        connection.parts = b""
        at = data.find(b"content-length: ", 0, end) + 16
        length = int(data[at : data.find(b"\r", at)])
        connection.missing = length + end + 4
        result.response_bytes += length
        status = data[9:12].decode()
        result.statuses[status] = result.statuses.get(status, 0) + 1
    connection.missing -= len(data)
    if connection.missing > 0:
        return False
    connection.missing = -1
    return True


def _summarize(result: Result, times_ns: array[int]) -> None:
    ordered = sorted(times_ns)
    result.requests = len(ordered)
    if ordered:
        for share, name in ((0.5, "p50_us"), (0.95, "p95_us"), (0.99, "p99_us"), (1, "max_us")):
            index = min(len(ordered) - 1, int(share * len(ordered)))
            setattr(result, name, ordered[index] / 1e3)


def main() -> None:
    argparse.ArgumentParser(prog="components.testing.load", description=__doc__).parse_args()
    job: dict[str, Any] = json.load(sys.stdin)
    job["requests"] = [request.encode() for request in job["requests"]]
    json.dump(asdict(run(**job)), sys.stdout)


if __name__ == "__main__":
    main()
