"""A connection: uvicorn's, with limits on what a client may send and how slowly.

Headers beyond :data:`HEADERS_MAX_BYTES` get 431, headers or bodies that do not arrive in time 408,
a client that does not read its reply in time is cut off. One timer a connection watches all that,
so that a request costs no more than without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from components.serve.asgi import JSON, Header, Send, detail

HEADERS_MAX_BYTES = 65536


class Connection(HttpToolsProtocol):
    """See the module; :func:`limited` makes the class for a server."""

    timeout_s: ClassVar[float] = 30.0
    refused: ClassVar[Callable[[int], None]] = staticmethod(lambda status: None)

    _watcher: asyncio.TimerHandle | None = None
    _waiting_for: tuple[str, object] | None = None
    _waiting_since_s = 0.0
    _header_bytes = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._header_bytes = 0
        elif before is None or before.response_complete:
            self._header_bytes += len(data)
            if self._header_bytes > HEADERS_MAX_BYTES:
                self._refuse(431, "headers: too large; send fewer")

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "request: not valid HTTP/1.1")

    def _refuse(self, status: int, text: str) -> None:
        """Answer on the connection itself, which no request may have reached yet, and close it."""
        if self.transport.is_closing():
            return
        cycle = self.cycle
        answerable = cycle is None or cycle.response_complete or not cycle.response_started
        # With requests queued behind another, an answer now would be taken for the first one's.
        if answerable and not self.pipeline:
            type(self).refused(status)
            body = detail(text)
            lines = [
                STATUS_LINE[status],
                b"content-type: application/json\r\nx-snapshot: none\r\nconnection: close\r\n",
                b"content-length: %d\r\n\r\n" % len(body),
                body,
            ]
            if cycle is not None:
                # Its own reply must not follow this one.
                cycle.disconnected = True
                cycle.message_event.set()
            self.transport.write(b"".join(lines))
        self.transport.close()

    def _watch(self) -> None:
        now_s = self.loop.time()
        waiting_for = self._awaited()
        if waiting_for != self._waiting_for:
            self._waiting_for, self._waiting_since_s = waiting_for, now_s
        elif waiting_for is not None and now_s - self._waiting_since_s >= self.timeout_s:
            # Until the connection is lost: a close waits for what the client does not read.
            self._late(waiting_for)
        self._watcher = self.loop.call_later(self.timeout_s / 4, self._watch)

    def _awaited(self) -> tuple[str, object] | None:
        """What the client owes, and for which request."""
        if self.transport.is_closing() or self.flow.write_paused:
            return "reading", self.cycle
        if self.cycle is None:
            return "headers", None
        if self.cycle.response_complete:
            # Between requests uvicorn's keep-alive timer runs; it stops at the first byte.
            return ("headers", self.cycle) if self.timeout_keep_alive_task is None else None
        return ("body", self.cycle) if self.cycle.more_body else None

    def _late(self, waiting_for: tuple[str, object]) -> None:
        if waiting_for[0] == "reading":
            self.transport.abort()
        else:
            self._refuse(408, f"request: did not arrive within {self.timeout_s:g} s")


class Replies:
    """Writes whole JSON replies straight to uvicorn's connections.

    It does what ``http.response.start`` and ``http.response.body`` do, without checking headers
    that are known to be good; that takes a third off a small reply.
    """

    def __init__(self) -> None:
        self._default_headers: list[Header] = []
        self._snapshot: Header | None = None
        self._head = b""

    def write(self, send: Send, body: bytes, snapshot: Header) -> bool:
        """Answer 200 by ``send``; ``False`` where the ordinary way must be taken instead.

        That is for another server's ``send``, and where there is more to it than writing.
        """
        cycle = getattr(send, "__self__", None)
        if (
            type(cycle) is not RequestResponseCycle
            or cycle.response_started
            or not cycle.keep_alive
            or cycle.disconnected
            or cycle.flow.write_paused
        ):
            return False
        if cycle.default_headers is not self._default_headers or snapshot is not self._snapshot:
            self._default_headers, self._snapshot = cycle.default_headers, snapshot
            headers = (*cycle.default_headers, JSON, snapshot)
            lines = [b"%b: %b\r\n" % header for header in headers]
            self._head = b"".join([STATUS_LINE[200], *lines, b"content-length: %d\r\n\r\n"])
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(self._head % len(body) + body)
        cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True


def limited(timeout_s: float, refused: Callable[[int], None]) -> type[Connection]:
    """The connection class of a server that waits ``timeout_s`` for a client.

    ``refused`` gets the status of each answer that the application does not see.
    """
    members = {"timeout_s": timeout_s, "refused": staticmethod(refused)}
    return type("LimitedConnection", (Connection,), members)
