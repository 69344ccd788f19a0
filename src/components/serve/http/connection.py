"""A connection: uvicorn's, with limits on what a client may send and how slowly.

uvicorn with httptools limits neither the bytes of headers, trailers and chunk headers nor the time
that any of it takes, and tells nothing apart by client; with h11 it limits headers, at a third of
the throughput. What it has serves here: its flow control pauses reading and writing, its timer ends
idle connections. Added are:

- What is no body counts against :data:`HEAD_MAX_BYTES` (431): headers, trailers, which are dropped,
  and the frames of chunks beyond what small chunks need.
- Headers or bodies that do not arrive in time get 408; a client that takes nothing of its reply for
  so long is cut off, however slow it is otherwise. One timer a connection watches that.
- ``Upgrade`` is ignored, as RFC 9110 (7.8) allows: the parser would take what follows for another
  protocol, so it gets the head again without those headers.
- What is pipelined behind a request that waits is not parsed yet.
- Connections of one client, and of all, are counted; those beyond get 429 and are closed.
- Exactly one ``Host``, no transfer coding but ``chunked``, no version but 1.0 and 1.1.

A request that has come whole and can be answered without waiting is answered on the spot, without
the task, the events and the messages that ASGI takes: that is half of a small reply's cost. All
others go the ordinary way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container
from typing import Any, ClassVar, Protocol, cast

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from components.serve.http.asgi import CLOSE, JSON, Header, Scope, detail
from components.serve.http.budget import client_of_address
from components.serve.http.watch import Watch

HEAD_MAX_BYTES = 65536
HEADERS_MAX = 128
# What a chunk may cost beside its content: `ffffffff\r\n` and `\r\n`.
_CHUNK_FRAME_BYTES = 16
# Parsed at once; behind a request that waits, no more than this is queued.
_PIECE_BYTES = 4096


Immediate = Callable[[Scope, bytes], tuple[int, bytes, Header] | None]
"""Status, JSON and the snapshot's header for a request; ``None``: it goes the ordinary way."""


class Application(Protocol):
    """What the application behind a connection does beside answering ASGI."""

    @property
    def immediate_paths(self) -> Container[str]: ...
    def immediate(self, scope: Scope, body: bytes, /) -> tuple[int, bytes, Header] | None:
        """Must not raise."""

    def refused(self, status: int, /) -> None:
        """A connection answered by itself, with this status."""

    def snapshot_header(self) -> Header: ...
    def connections(self, count: int, /) -> None:
        """So many are open now."""


class Connection(HttpToolsProtocol):
    """See the module; :func:`limited` makes the class for a server."""

    timeout_s: ClassVar[float] = 30.0
    application: ClassVar[Application]
    immediate: ClassVar[Immediate] = staticmethod(lambda scope, body: None)
    immediate_paths: ClassVar[Container[str]] = ()
    heads: ClassVar[Heads]
    clients: ClassVar[Counter[str]]
    per_client_max: ClassVar[int] = 0
    all_max: ClassVar[int] = 0

    _client = ""
    _postponed: RequestResponseCycle | None = None
    _watch: Watch | None = None
    # Bytes of the message on its way that are no body; headers are complete; what the head is
    # without an upgrade; Host headers; why the message is refused as it stands.
    overhead_bytes = 0
    _in_body = False
    _plain_head: bytes | None = None
    _hosts = 0
    _bad = ""
    _unparsed: memoryview | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._client = client_of_address(str(self.client[0]) if self.client else "")
        self.clients[self._client] += 1
        self.application.connections(len(self.connections))
        self._watch = Watch(self)
        of_client, limit = self.clients[self._client], self.per_client_max
        if (limit and of_client > limit) or len(self.connections) > self.all_max > 0:
            self.refuse(429, "server: too many connections; close some, or try again")

    def connection_lost(self, exc: Exception | None) -> None:
        self.clients[self._client] -= 1
        if not self.clients[self._client]:
            del self.clients[self._client]
        if self._watch is not None:
            self._watch.cancel()
        self._unparsed = None
        super().connection_lost(exc)
        self.application.connections(len(self.connections))

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._unparsed is not None:
            # Reading is paused; this was on its way.
            self._unparsed = memoryview(bytes(self._unparsed) + data)
        elif len(data) <= _PIECE_BYTES:
            self._parse(data)
        else:
            self._parse_pieces(memoryview(data))
        if self._postponed is not None:
            # Its body is still on the way.
            self._start_ordinary()

    def _parse_pieces(self, data: memoryview) -> None:
        self._unparsed = None
        while data and not self.transport.is_closing():
            if self.pipeline:
                self._unparsed = data
                self.flow.pause_reading()
                return
            self._parse(data[:_PIECE_BYTES])
            data = data[_PIECE_BYTES:]

    def _parse(self, data: bytes | memoryview) -> None:
        self.overhead_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = bytes(data[upgrade.args[0] :])
            head, self._plain_head = self._plain_head, None
            if head is None:
                self.refuse(405, "method: CONNECT is not served")
                return
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self.overhead_bytes = 0
            self._parse(head + rest)
        except httptools.HttpParserError:
            self.refuse(400, self._bad or "request: not valid HTTP/1.1")
        else:
            if self.overhead_bytes > HEAD_MAX_BYTES:
                self.refuse(431, "headers: too large; send fewer")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # Of what came behind another request at once, the rest is not counted; it is short.
        self.overhead_bytes = self.overhead_bytes or 1
        self._in_body = False
        self._hosts = 0
        self._bad = ""

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body:
            return  # a trailer, which nobody asked for
        name = name.lower()
        if name == b"host":
            self._hosts += 1
        elif name == b"expect":
            self.expect_100_continue = value.lower() == b"100-continue"
        elif name == b"transfer-encoding" and value.lower() != b"chunked":
            self._bad = "Transfer-Encoding: must be chunked, or none"
        self.headers.append((name, value))
        if len(self.headers) > HEADERS_MAX:
            self.refuse(431, "headers: too many; send fewer")
            raise ValueError(HEADERS_MAX)

    def on_headers_complete(self) -> None:
        self._in_body = True
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._bad = "request: must be HTTP/1.1"
        elif self._hosts != 1 and (self._hosts or version == "1.1"):
            self._bad = "Host: must be there once"
        elif version == "1.0" and any(name == b"transfer-encoding" for name, _ in self.headers):
            self._bad = "Transfer-Encoding: is not of HTTP/1.0"
        if self._bad:
            raise ValueError(self._bad)
        if self.parser.should_upgrade():
            if self.parser.get_method() != b"CONNECT":
                self._plain_head = self._without_upgrade(version)
            return
        super().on_headers_complete()

    def _without_upgrade(self, version: str) -> bytes:
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version.encode())]
        for name, value in self.headers:
            if name == b"connection":
                tokens = [token.strip() for token in value.lower().split(b",")]
                value = b", ".join(token for token in tokens if token != b"upgrade")
            if name != b"upgrade":
                lines.append(b"%b: %b" % (name, value))
        return b"\r\n".join([*lines, b"", b""])

    def on_body(self, body: bytes) -> None:
        left = self.overhead_bytes - len(body) - _CHUNK_FRAME_BYTES
        self.overhead_bytes = max(left, 0)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.overhead_bytes = 0
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        cycle = self._postponed
        if cycle is not None and not self._answer(cycle):
            self._start_ordinary()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._unparsed is not None and not self.pipeline:
            # Not from within the application's send.
            self.loop.call_soon(self._parse_on)

    def _parse_on(self) -> None:
        data = self._unparsed
        if data is not None and not self.transport.is_closing():
            self._parse_pieces(data)
            if self._postponed is not None:
                self._start_ordinary()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["path"] in self.immediate_paths and cycle.more_body:
            self._postponed = cycle
        else:
            super()._start_asgi_task(cycle, app)

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
        # Without a keep-alive timer for each request: the watch sees idle connections too.
        return True

    def send_400_response(self, msg: str) -> None:
        self.refuse(400, "request: not valid HTTP/1.1")

    def refuse(self, status: int, text: str) -> None:
        """Answer on the connection itself, which no request may have reached yet, and close it."""
        if self.transport.is_closing():
            return
        cycle = self.cycle
        answerable = cycle is None or cycle.response_complete or not cycle.response_started
        # With requests queued behind another, an answer now would be taken for the first one's.
        if answerable and not self.pipeline:
            self.application.refused(status)
            body = detail(text)
            snapshot = self.application.snapshot_header()
            headers = (JSON, snapshot, CLOSE, (b"content-length", b"%d" % len(body)))
            lines = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in headers)]
            if cycle is not None:
                # Its own reply must not follow this one.
                cycle.disconnected = True
                cycle.message_event.set()
            self.transport.write(b"".join([*lines, b"\r\n", body]))
        self._postponed = None
        self.transport.close()


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


def limited(
    application: Application, timeout_s: float, per_client_max: int, all_max: int
) -> type[Connection]:
    """The connection class of a server that waits ``timeout_s`` for a client.

    ``per_client_max`` and ``all_max`` are connections at once; 0: any number.
    """
    members = {
        "application": application,
        "immediate": staticmethod(application.immediate),
        "immediate_paths": application.immediate_paths,
        "timeout_s": timeout_s,
        "per_client_max": per_client_max,
        "all_max": all_max,
        "clients": Counter(),
        "heads": Heads(),
    }
    return type("LimitedConnection", (Connection,), members)
