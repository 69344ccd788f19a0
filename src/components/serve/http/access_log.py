"""The access log: a line of JSON a request, off by default."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter_ns

import orjson

from components.serve.http.asgi import Scope, header

_TEXT_MAX = 500


class AccessLog:
    """Writes to standard output, or where ``write_line`` takes it."""

    def __init__(self, write_line: Callable[[bytes], object] | None = None) -> None:
        self._write_line = write_line or _to_stdout

    def write(self, scope: Scope, status: int, size_bytes: int, started_ns: int) -> None:
        """One line. No header but ``User-Agent`` is written, since others may hold keys."""
        client = scope.get("client")
        agent = header(scope, b"user-agent") or b""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": client[0] if client else None,
            "method": scope["method"],
            "path": scope["path"][:_TEXT_MAX],
            "status": status,
            "size_bytes": size_bytes,
            "duration_ms": round((perf_counter_ns() - started_ns) / 1e6, 3),
            "user_agent": agent[:_TEXT_MAX].decode("latin-1"),
        }
        self._write_line(orjson.dumps(line) + b"\n")


def _to_stdout(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def test_a_line_holds_no_key_and_no_line_break() -> None:
    lines: list[bytes] = []
    scope = {
        "client": ("10.0.0.1", 5),
        "method": "GET",
        "path": "/a\nb",
        "headers": [(b"x-api-key", b"secret"), (b"user-agent", b"curl\xff")],
    }
    AccessLog(lines.append).write(scope, 404, 20, perf_counter_ns())
    assert lines[0].count(b"\n") == 1 and b"secret" not in lines[0]
    written = orjson.loads(lines[0])
    assert (written["path"], written["status"], written["user_agent"]) == ("/a\nb", 404, "curl\xff")
    AccessLog(lines.append).write(scope | {"path": "/" + "x" * 9000}, 404, 20, 0)
    assert len(lines[1]) < 1000
