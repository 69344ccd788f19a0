"""The two query routes: request bytes in, one library call, reply bytes out.

Plain ASGI callables, which the dispatcher calls without FastAPI.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter_ns
from typing import Any

from components.serve import schema
from components.serve.http.asgi import JSON, Header, Scope, Send
from components.serve.http.metrics import ENGINE_ROUTES
from components.serve.http.reply import send_json
from components.serve.packages import PackageCheck
from components.serve.route import Routes, no_snapshot
from components.serve.services import Services
from components.serve.snapshot import Snapshot

QUERY_PATH = "/v1/components/parameters/query"
BATCH_PATH = "/v1/components/parameters/query/batch"
# Some ten queries take less time than handing them to a thread.
_INLINE_MAX_BYTES = 2048

# What a batch holds until its reply is taken: its rows, a piece, and a piece in the transport.
_OPEN_BATCH_BYTES = 4 << 20

_QUERY, _BATCH = map(ENGINE_ROUTES.index, ("query", "batch"))


class Answers:
    """Answers queries from the snapshot that is current."""

    def __init__(self, services: Services) -> None:
        self._current = services.current
        self._size_max_bytes = services.bodies.size_max_bytes
        self._replies = services.replies
        self._metrics = services.metrics
        self._packages = services.own(PackageCheck)
        # A batch uses several cores by itself; two at once fill its gaps.
        self._threads = ThreadPoolExecutor(
            max_workers=max(2, os.cpu_count() or 1), thread_name_prefix="batch"
        )

    def at_once(self, body: bytes) -> tuple[int, bytes, Header] | None:
        """Status, reply and the snapshot's header of one query, where nothing must be waited for.

        ``None`` where there is no snapshot yet, or the query cannot be answered.
        """
        current = self._current
        snapshot = current.ready()
        if snapshot is None or len(body) > self._size_max_bytes:
            return None
        started_ns = perf_counter_ns()
        status, reply = snapshot.query(body)
        self._metrics.engine(_QUERY, perf_counter_ns() - started_ns)
        if not self._packages.passes(snapshot, body, status, reply):
            return None
        return status, reply, snapshot.header

    async def query(self, _: Scope, body: bytes, send: Send) -> tuple[int, int]:
        """One query, answered on the event loop, since it takes microseconds.

        Returns the reply's status and size; raises :class:`Refusal`.
        """
        answered = self.at_once(body)
        if answered is None:
            snapshot = await self._snapshot()
            status, reply = snapshot.query(body)
            await self._packages.check(snapshot, body, status, reply)
            answered = status, reply, snapshot.header
        return await send_json(send, *answered)

    async def batch(self, scope: Scope, body: bytes, send: Send) -> tuple[int, int]:
        """Up to 1,000 queries by one library call, beside the event loop where it takes long.

        A long reply is written piece by piece, as the client takes it.
        """
        snapshot = await self._snapshot()
        with self._replies.held(scope, _OPEN_BATCH_BYTES):
            started_ns = perf_counter_ns()
            if len(body) <= _INLINE_MAX_BYTES:
                status, reply = snapshot.open_batch(body)
            else:
                status, reply = await self._in_thread(snapshot, body)
            self._metrics.engine(_BATCH, perf_counter_ns() - started_ns)
            if isinstance(reply, bytes):
                return await send_json(send, status, reply, snapshot.header)
            size_bytes, next_piece = reply
            headers = [JSON, (b"content-length", b"%d" % size_bytes), snapshot.header]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            while piece := next_piece():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return status, size_bytes

    def close(self) -> None:
        self._threads.shutdown()

    async def _in_thread(self, snapshot: Snapshot, body: bytes) -> tuple[int, Any]:
        loop = asyncio.get_running_loop()
        snapshot.acquire()

        def release(_: object) -> None:
            # The call ends when it ends, also for a request that was cancelled meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(snapshot.release)

        call = self._threads.submit(snapshot.open_batch, body)
        call.add_done_callback(release)
        return await asyncio.wrap_future(call)

    async def _snapshot(self) -> Snapshot:
        snapshot = await self._current.fresh()
        if snapshot is None:
            raise no_snapshot()
        return snapshot


routes = Routes("parts")
routes.direct(
    "POST",
    QUERY_PATH,
    label="query",
    answer=lambda services: services.own(Answers).query,
    at_once=lambda services: services.own(Answers).at_once,
    describe=schema.describe_query,
)
routes.direct(
    "POST",
    BATCH_PATH,
    label="batch",
    answer=lambda services: services.own(Answers).batch,
    describe=schema.describe_batch,
)
