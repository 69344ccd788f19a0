"""The outermost application: it finds a request's route, admits the request, and counts it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from time import perf_counter_ns

from components.serve.http.access_log import AccessLog
from components.serve.http.asgi import (
    NO_SNAPSHOT,
    App,
    Disconnected,
    Header,
    Message,
    Receive,
    Refusal,
    Scope,
    Send,
    header,
)
from components.serve.http.body import busy, refuse
from components.serve.http.compress import MIN_BYTES, takes_gzip
from components.serve.http.keys import Keys, without_key, without_path
from components.serve.http.reply import Reply
from components.serve.services import Services
from components.serve.table import Found, Table


class Dispatcher:
    """Every request comes here first; ``app`` runs the handlers of routes that are not direct."""

    def __init__(
        self,
        app: App,
        table: Table,
        services: Services,
        keys: Keys,
        access_log: AccessLog | None = None,
    ) -> None:
        self._app = app
        self._table = table
        self._bodies = services.bodies
        self._replies = services.replies
        self._current = services.current
        self._metrics = services.metrics
        self._keys = keys
        self._max_concurrency = services.serve.max_concurrency
        self._access_log = access_log
        self._has_origins = bool(services.serve.cors_origins)
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_ns = perf_counter_ns()
        scope = without_key(scope)
        found = self._table.find(scope)
        status = size_bytes = 0
        try:
            body = await self._admitted(found, scope, receive)
            # What waits for its client, before this and after, is no work.
            self._at_work(1)
            try:
                if self._in_flight > self._max_concurrency and not found.is_always:
                    raise busy()
                if found.answer is not None:
                    status, size_bytes = await found.answer(scope, body, send)
                else:
                    status, size_bytes = await self._ordinary(found, scope, body, receive, send)
            finally:
                self._at_work(-1)
        except Refusal as refusal:
            status = refusal.status
            if status == 401:
                scope = without_path(scope)
            size_bytes = await refuse(scope, receive, send, refusal, self.snapshot_header())
        except Disconnected:
            pass
        except Exception:
            traceback.print_exc(file=sys.stderr)
            status = 500
            error = Refusal(500, "server: internal error; its log tells more")
            size_bytes = await refuse(scope, receive, send, error, self.snapshot_header())
        finally:
            self._count(found.number, scope, status, size_bytes, started_ns)

    async def _admitted(self, found: Found, scope: Scope, receive: Receive) -> bytes:
        """The request's body. Raises :class:`Refusal` where it is not to be answered."""
        if self._keys and not found.is_open:
            self._keys.check(scope)
        if found.refusal is not None:
            raise found.refusal
        if scope["method"] in ("GET", "HEAD"):
            return b""
        self._metrics.add("receiving", 1)
        try:
            return await self._bodies.read(scope, receive, found.body_max_bytes)
        finally:
            self._metrics.add("receiving", -1)

    def _at_work(self, change: int) -> None:
        self._in_flight += change
        self._metrics.put("in_flight", self._in_flight)

    @property
    def immediate_paths(self) -> Mapping[str, object]:
        """Where :meth:`immediate` may answer."""
        return self._table.at_once

    def immediate(self, scope: Scope, body: bytes) -> tuple[int, bytes, Header] | None:
        """Answer a request that has come whole, outside ASGI; ``None``: it goes the ordinary way.

        What refuses it, or fails, does so again there, where it is told.
        """
        found, at_once = self._table.at_once[scope["path"]]
        if scope["method"] != found.method or self._in_flight >= self._max_concurrency:
            return None
        if self._has_origins and header(scope, b"origin") is not None:
            return None
        started_ns = perf_counter_ns()
        try:
            if self._keys:
                self._keys.check(scope)
            answered = at_once(body)
        except Exception:
            return None
        if answered is not None:
            if len(answered[1]) >= MIN_BYTES and takes_gzip(scope):
                return None
            self._count(found.number, scope, answered[0], len(answered[1]), started_ns)
        return answered

    def refused(self, status: int) -> None:
        """Count an answer that the connection gave by itself."""
        self._metrics.count(self._table.other, status)

    def connections(self, count: int) -> None:
        """Note how many there are."""
        self._metrics.put("connections", count)

    def snapshot_header(self) -> Header:
        """``X-Snapshot`` of a reply that no snapshot was needed for."""
        snapshot = self._current.snapshot
        return NO_SNAPSHOT if snapshot is None else snapshot.header

    def _count(
        self, number: int, scope: Scope, status: int, size_bytes: int, started_ns: int
    ) -> None:
        self._metrics.observe(number, status, size_bytes, perf_counter_ns() - started_ns)
        if self._access_log is not None:
            self._access_log.write(scope, status, size_bytes, started_ns)

    async def _ordinary(
        self, found: Found, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> tuple[int, int]:
        snapshot = await self._current.fresh()
        header = NO_SNAPSHOT if snapshot is None else snapshot.header
        # A handler sees GET for HEAD too; the connection leaves the body out.
        handled = {**scope, **found.scope, "method": found.method, "found": found.route}
        with ExitStack() as stack:
            handled["closing"] = stack
            if snapshot is not None:
                handled["snapshot"] = snapshot.acquire()
                stack.callback(snapshot.release)
            reply = Reply(scope, send, header, self._replies, stack)
            try:
                await self._app(handled, _replay(body, receive), reply.send)
            except Exception:
                # FastAPI has answered 500 by then, or the reply has begun and cannot be mended.
                traceback.print_exc(file=sys.stderr)
        return reply.status, reply.size_bytes


def _replay(body: bytes, receive: Receive) -> Receive:
    """``body`` as one message, then what comes after it."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
