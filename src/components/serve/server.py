"""A server process put together: snapshot, routes, limits; and how uvicorn runs it."""

from __future__ import annotations

import asyncio
import gc
import math
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from components.config.load import Config
from components.core.layout import Layout
from components.families.schema import lookup_schema
from components.native.lookup import Lookup
from components.publish.hold import hold
from components.serve.all_routes import declared
from components.serve.app import build_app
from components.serve.http.access_log import AccessLog
from components.serve.http.body import Bodies
from components.serve.http.budget import Budget
from components.serve.http.compress import Compressed
from components.serve.http.connection import limited
from components.serve.http.cors import CrossOrigin
from components.serve.http.dispatch import Dispatcher
from components.serve.http.keys import Keys
from components.serve.http.metrics import Metrics
from components.serve.reload import Current
from components.serve.services import Services
from components.serve.snapshot import OpenEngine, Snapshot
from components.serve.table import Table
from components.serve.warm import Warming
from components.store.object_store import ObjectStore

FILES_MAX = 65536
# For databases, the index, bundles and their workers; the rest may be connections.
FILES_RESERVED = 200


def open_engine(library: Path) -> OpenEngine:
    """How a snapshot opens its index; the library is loaded once a process."""
    return partial(Lookup.open, library)


def assemble(config: Config, metrics: Metrics, engine: OpenEngine | None = None) -> Dispatcher:
    """The application of one worker, which nothing has been opened for yet.

    The snapshot is opened at the lifespan's start; without one, queries get 503 until it appears.
    """
    layout = Layout(config.paths.cache_dir.absolute())
    serve = config.serve
    opener = partial(
        Snapshot.open,
        open_engine=engine or open_engine(layout.library),
        hold=hold,
        verify_hashes=serve.verify_hashes,
    )
    services = Services(
        serve,
        layout,
        Current(layout.current, opener, metrics),
        metrics,
        Bodies(serve.max_body_bytes),
        Budget(serve.max_reply_bytes, "replies"),
        ObjectStore(layout.objects, layout.library),
        lookup_schema(),
    )
    services.current.warm = Warming(services)
    keys = Keys(serve.api_key_sha256)
    routes = declared()
    app = build_app(services, routes, lifespan=_lifespan(services), needs_key=bool(keys))
    table = Table(routes, metrics.routes, services)
    return Dispatcher(app, table, services, keys, AccessLog() if serve.access_log else None)


def raise_file_limit() -> int:
    """Let this process open as many files as it may; that number."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = min(hard, FILES_MAX) if hard != resource.RLIM_INFINITY else FILES_MAX
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def uvicorn_config(config: Config, app: Dispatcher) -> uvicorn.Config:
    """uvicorn with its fast loop and parser, our limits, and nothing that tells versions."""
    serve = config.serve
    origins = serve.cors_origins
    return uvicorn.Config(
        Compressed(CrossOrigin(app, origins) if origins else app),
        host=serve.host,
        port=serve.port,
        loop="uvloop",
        http=limited(
            app,
            serve.request_timeout_s,
            serve.max_connections_per_client,
            raise_file_limit() - FILES_RESERVED,
        ),
        ws="none",
        lifespan="on",
        log_config=None,
        # Anybody can send what is not HTTP: it is counted, not written to the log line by line.
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=math.ceil(serve.keep_alive_s),
        timeout_graceful_shutdown=max(1, round(serve.stop_timeout_s)),
    )


def _lifespan(services: Services) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await services.current.fresh()
        # What is there now stays: a full collection need not walk it while requests wait.
        gc.collect()
        gc.freeze()
        watcher = asyncio.create_task(services.current.watch(services.serve.reload_interval_s))
        try:
            yield
        finally:
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher
            services.close()

    return lifespan
