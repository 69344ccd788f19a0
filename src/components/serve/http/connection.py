"""A connection: uvicorn's, with limits on what a client may send and how slowly.

Headers beyond :data:`HEADERS_MAX_BYTES` get 431, headers or bodies that do not arrive in time 408,
a client that does not read its reply in time is cut off. One timer a connection watches all that,
so that a request costs no more than without.

A request that has come whole and can be answered without waiting is answered on the spot, without
the task, the events and the messages that ASGI takes: that is half of a small reply's cost. All
others go the ordinary way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from typing import Any, ClassVar, Protocol, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from components.serve.http.asgi import CLOSE, JSON, NO_SNAPSHOT, Header, Scope, detail

HEADERS_MAX_BYTES = 65536


Immediate = Callable[[Scope, bytes], tuple[int, bytes, Header] | None]
"""Status, JSON and the snapshot's header for a request; ``None``: it goes the ordinary way."""


class Connection(HttpToolsProtocol):
    """See the module; :func:`limited` makes the class for a server."""

    timeout_s: ClassVar[float] = 30.0
    refused: ClassVar[Callable[[int], None]] = staticmethod(lambda status: None)
    immediate: ClassVar[Immediate] = staticmethod(lambda scope, body: None)
    immediate_paths: ClassVar[Container[str]] = ()
    snapshot: ClassVar[Callable[[], Header]] = staticmethod(lambda: NO_SNAPSHOT)
    heads: ClassVar[Heads]

    _postponed: RequestResponseCycle | None = None
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
        if self._postponed is not None:
            # Its body is still on the way.
            self._start_ordinary()
        if self.cycle is not before:
            self._header_bytes = 0
        elif before is None or before.response_complete:
            self._header_bytes += len(data)
            if self._header_bytes > HEADERS_MAX_BYTES:
                self._refuse(431, "headers: too large; send fewer")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["path"] in self.immediate_paths and cycle.more_body:
            self._postponed = cycle
        else:
            super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        cycle = self._postponed
        if cycle is not None and not self._answer(cycle):
            self._start_ordinary()

    def _start_ordinary(self) -> None:
        cycle, self._postponed = self._postponed, None
        assert cycle is not None
        super()._start_asgi_task(cycle, self.app)

    def _answer(self, cycle: RequestResponseCycle) -> bool:
        """Answer a whole request now, as ``cycle.send`` would, where nothing stands against it."""
        if (
            not cycle.keep_alive
            or cycle.waiting_for_100_continue
            or self.flow.write_paused
            or self.flow.read_paused
            or self.pipeline
        ):
            return False
        scope = cast("Scope", cycle.scope)
        reply = type(self).immediate(scope, bytes(cycle.body))
        if reply is None:
            return False
        status, body, snapshot = reply
        self._postponed = None
        cycle.response_started = True
        head = self.heads.head(status, cycle.default_headers, snapshot)
        self.transport.write(head + b"%d\r\n\r\n" % len(body) + body)
        cycle.response_complete = True
        cycle.message_event.set()
        self.server_state.total_requests += 1
        # Without a keep-alive timer for each request: the watcher sees idle connections too.
        return True

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
            headers = (JSON, type(self).snapshot(), CLOSE, (b"content-length", b"%d" % len(body)))
            lines = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in headers)]
            if cycle is not None:
                # Its own reply must not follow this one.
                cycle.disconnected = True
                cycle.message_event.set()
            self.transport.write(b"".join([*lines, b"\r\n", body]))
        self.transport.close()

    def _watch(self) -> None:
        now_s = self.loop.time()
        waiting_for = self._awaited()
        if waiting_for != self._waiting_for:
            self._waiting_for, self._waiting_since_s = waiting_for, now_s
        elif waiting_for is not None and now_s - self._waiting_since_s >= self._limit_s():
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
            if self._header_bytes:
                return "headers", self.cycle
            # uvicorn's keep-alive timer runs after requests that went the ordinary way.
            return ("idle", self.cycle) if self.timeout_keep_alive_task is None else None
        return ("body", self.cycle) if self.cycle.more_body else None

    def _limit_s(self) -> float:
        idle = self._waiting_for is not None and self._waiting_for[0] == "idle"
        return self.timeout_keep_alive if idle else self.timeout_s

    def _late(self, waiting_for: tuple[str, object]) -> None:
        if waiting_for[0] == "reading":
            self.transport.abort()
        elif waiting_for[0] == "idle":
            self.transport.close()
        else:
            self._refuse(408, f"request: did not arrive within {self.timeout_s:g} s")


class Heads:
    """The heads of JSON replies, up to the length; made once a second, as uvicorn's date is."""

    def __init__(self) -> None:
        self._default_headers: list[Header] = []
        self._heads: dict[tuple[int, Header], bytes] = {}

    def head(self, status: int, default_headers: list[Header], snapshot: Header) -> bytes:
        if default_headers is not self._default_headers:
            self._default_headers = default_headers
            self._heads.clear()
        head = self._heads.get((status, snapshot))
        if head is None:
            headers = (*default_headers, JSON, snapshot)
            lines = [b"%b: %b\r\n" % header for header in headers]
            head = b"".join([STATUS_LINE[status], *lines, b"content-length: "])
            self._heads[status, snapshot] = head
        return head


class Application(Protocol):
    """What the application behind a connection does beside answering ASGI."""

    @property
    def immediate_paths(self) -> Container[str]: ...
    def immediate(self, scope: Scope, body: bytes, /) -> tuple[int, bytes, Header] | None: ...
    def refused(self, status: int, /) -> None: ...
    def snapshot_header(self) -> Header: ...


def limited(timeout_s: float, app: Application) -> type[Connection]:
    """The connection class of a server that waits ``timeout_s`` for a client.

    ``app.refused`` gets the status of each answer that the application does not see, which
    ``app.snapshot_header`` gives the header for; requests to ``app.immediate_paths`` are offered to
    ``app.immediate`` first, which must not raise.
    """
    members = {
        "timeout_s": timeout_s,
        "refused": staticmethod(app.refused),
        "immediate": staticmethod(app.immediate),
        "immediate_paths": app.immediate_paths,
        "snapshot": staticmethod(app.snapshot_header),
        "heads": Heads(),
    }
    return type("LimitedConnection", (Connection,), members)
