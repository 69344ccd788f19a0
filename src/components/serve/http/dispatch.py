"""The outermost application: limits, keys, counting, and the short way to the query routes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Awaitable, Callable
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
)
from components.serve.http.body import Bodies, busy, refuse
from components.serve.http.keys import Keys
from components.serve.http.metrics import ROUTES, Metrics
from components.serve.reload import Current
from components.serve.routes.query import BATCH_PATH, QUERY_PATH, Answers

FULL_PATH = "/v1/components/full"
MFR_PREFIX = "/v1/components/mfr/"
# A server that is too busy must still tell that it lives and how it fares.
_ALWAYS = frozenset({"/healthz", "/v1/status", "/metrics"})
_ROUTE_OF = {
    QUERY_PATH: "query",
    BATCH_PATH: "batch",
    FULL_PATH: "full",
    "/healthz": "healthz",
    "/v1/status": "status",
    "/metrics": "metrics",
    "/docs": "docs",
    "/redoc": "docs",
    "/openapi.json": "docs",
}
_NUMBER_OF = {path: ROUTES.index(route) for path, route in _ROUTE_OF.items()}
_QUERY, _MFR, _OTHER = (ROUTES.index(route) for route in ("query", "mfr", "other"))

Answer = Callable[[Scope, Receive, Send], Awaitable[tuple[int, int]]]


class Dispatcher:
    """Every request comes here first; ``app`` is the FastAPI application behind."""

    def __init__(
        self,
        app: App,
        answers: Answers,
        bodies: Bodies,
        current: Current,
        metrics: Metrics,
        keys: Keys,
        max_concurrency: int,
        access_log: AccessLog | None = None,
    ) -> None:
        self._app = app
        self._answers = answers
        self._hot: dict[str, Answer] = {QUERY_PATH: answers.query, BATCH_PATH: answers.batch}
        self._bodies = bodies
        self._current = current
        self._metrics = metrics
        self._keys = keys
        self._max_concurrency = max_concurrency
        self._access_log = access_log
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_ns = perf_counter_ns()
        path: str = scope["path"]
        status = size_bytes = 0
        self._in_flight += 1
        try:
            if self._keys:
                self._keys.check(scope)
            if self._in_flight > self._max_concurrency and path not in _ALWAYS:
                raise busy()
            if path in self._hot and scope["method"] == "POST":
                status, size_bytes = await self._hot[path](scope, receive, send)
            else:
                self._metrics.in_flight(self._in_flight)
                status, size_bytes = await self._ordinary(scope, receive, send)
        except Refusal as refusal:
            status = refusal.status
            size_bytes = await refuse(scope, receive, send, refusal, self.snapshot_header())
        except Disconnected:
            pass
        except Exception:
            traceback.print_exc(file=sys.stderr)
            status = 500
            error = Refusal(500, "server: internal error; its log tells more")
            size_bytes = await refuse(scope, receive, send, error, self.snapshot_header())
        finally:
            self._in_flight -= 1
            number = _NUMBER_OF.get(path)
            if number is None:
                number = _MFR if path.startswith(MFR_PREFIX) else _OTHER
            self._metrics.observe(number, status, size_bytes, perf_counter_ns() - started_ns)
            if self._access_log is not None:
                self._access_log.write(scope, status, size_bytes, started_ns)

    def immediate(self, scope: Scope, body: bytes) -> tuple[int, bytes, Header] | None:
        """Answer a query that has come whole, outside ASGI; ``None``: it goes through here.

        What refuses it, or fails, does so again on the ordinary way, where it is told.
        """
        if scope["method"] != "POST" or self._in_flight >= self._max_concurrency:
            return None
        started_ns = perf_counter_ns()
        try:
            if self._keys:
                self._keys.check(scope)
            answered = self._answers.at_once(body)
        except Exception:
            return None
        if answered is not None:
            size_bytes = len(answered[1])
            elapsed_ns = perf_counter_ns() - started_ns
            self._metrics.observe(_QUERY, answered[0], size_bytes, elapsed_ns)
            if self._access_log is not None:
                self._access_log.write(scope, answered[0], size_bytes, started_ns)
        return answered

    async def _ordinary(self, scope: Scope, receive: Receive, send: Send) -> tuple[int, int]:
        if scope["method"] not in ("GET", "HEAD"):
            receive = _replay(await self._bodies.read(scope, receive), receive)
        snapshot = await self._current.fresh()
        tracked = _Tracked(send, NO_SNAPSHOT if snapshot is None else snapshot.header)
        if snapshot is None:
            await self._app(scope, receive, tracked.send)
            return tracked.status, tracked.size_bytes
        scope["snapshot"] = snapshot.acquire()
        try:
            await self._app(scope, receive, tracked.send)
        except Exception:
            # FastAPI has answered 500 by then, or the reply has begun and cannot be mended.
            traceback.print_exc(file=sys.stderr)
        finally:
            snapshot.release()
        return tracked.status, tracked.size_bytes

    def snapshot_header(self) -> Header:
        """``X-Snapshot`` of a reply that no snapshot was needed for."""
        snapshot = self._current.snapshot
        return NO_SNAPSHOT if snapshot is None else snapshot.header


class _Tracked:
    """Notes what a reply was, and adds the snapshot's name to it."""

    def __init__(self, send: Send, snapshot: Header) -> None:
        self._send = send
        self._snapshot = snapshot
        self.status = 0
        self.size_bytes = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", []), self._snapshot]
        elif message["type"] == "http.response.body":
            self.size_bytes += len(message.get("body", b""))
        await self._send(message)


def _replay(body: bytes, receive: Receive) -> Receive:
    """``body`` as one message, then what comes after it."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
