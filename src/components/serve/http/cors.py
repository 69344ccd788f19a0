"""Pages of other origins: which of them may read replies (``serve.cors_origins``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.middleware.cors import CORSMiddleware

from components.serve.http.asgi import Header, Message, Receive, Scope, Send, header

METHODS = ("GET", "HEAD", "POST")
HEADERS = ("Authorization", "X-API-Key", "Range", "If-Range", "If-None-Match")
EXPOSED = ("X-Snapshot", "X-Bundle-SHA256", "ETag", "Content-Range", "Retry-After")


class Application(Protocol):
    """What is asked, and what counts an answer that it did not give itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...
    def refused(self, status: int, /) -> None: ...
    def snapshot_header(self) -> Header: ...


class CrossOrigin:
    """The application, readable by pages of ``origins``; ``*``: of any."""

    def __init__(self, app: Application, origins: Sequence[str]) -> None:
        self._app = app
        self._middleware = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=HEADERS,
            expose_headers=EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._app.refused(message["status"])
                message["headers"] = [*message["headers"], self._app.snapshot_header()]
            await send(message)

        # A preflight is answered here: it carries no key, whatever the request after it will.
        is_preflight = (
            scope["type"] == "http"
            and scope["method"] == "OPTIONS"
            and header(scope, b"origin") is not None
            and header(scope, b"access-control-request-method") is not None
        )
        await self._middleware(scope, receive, counted if is_preflight else send)
