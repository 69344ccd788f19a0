"""How a route is declared: path, method, handler, metric label and documentation in one place.

A module of :mod:`components.serve.routes`, or the folder of an adapter, holds one :class:`Routes`;
:mod:`components.serve.all_routes` lists them all. Nothing else knows a path.

**A route**::

    routes = Routes("parts")

    @routes.get("/v1/components/{lcsc_id}", label="component", summary="One part")
    def component(lcsc_id: int, snapshot: CurrentSnapshot) -> Part:
        ...

``label`` is the route's name in the metrics; several routes may share one. What follows it is
handed to FastAPI (``response_class``, ``responses``, ``response_model`` …). By then the request has
been admitted (key, body within ``body_max_bytes``, concurrency), and its snapshot stays open until
the reply is sent; large replies count against ``serve.max_reply_bytes``; counting and the access
log come after. ``HEAD`` is answered wherever ``GET`` is. A handler
that is no coroutine runs on a thread, so that it may read databases.
A path without parameters goes before one with, whatever the order of declaration.

**What a handler needs** it takes as a parameter: ``CurrentSnapshot``, ``CurrentServices``, and with
``own(Kind)`` an object that every worker makes once (``Kind(services)``) and closes at its end.
What it refuses it raises as :class:`~components.serve.http.asgi.Refusal`. What must outlive the
handler until the reply is sent goes into ``request.scope["closing"]``, an ``ExitStack``.

**An adapter** is a folder ``serve/<name>/`` with such a module, and one line in
:mod:`components.serve.all_routes`.

**A static page**: ``routes.files("/page", FOLDER, label="page")`` gives the files of a folder with
``ETag`` and media type; ``is_open`` where it shall load without a key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from components.serve.http.asgi import Header, Refusal, Scope, Send
from components.serve.services import Services
from components.serve.snapshot import Snapshot

Handler = TypeVar("Handler", bound=Callable[..., Any])
T = TypeVar("T")
Json = dict[str, Any]

Answer = Callable[[Scope, bytes, Send], Awaitable[tuple[int, int]]]
"""Sends the reply to a body that has come whole; gives its status and size, or raises a Refusal."""
AtOnce = Callable[[bytes], tuple[int, bytes, Header] | None]
"""Status, JSON and the snapshot's header for a whole body; ``None``: not without waiting."""


class _Anything(Convertor[str]):
    """The rest of a path whatever it holds; Starlette's own ``path`` stops at a line break."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


@dataclass(frozen=True)
class Declared:
    """One declared route."""

    method: str
    path: str
    label: str
    route: BaseRoute
    """What matches the path; where there is no ``answer``, also what handles it."""
    is_always: bool = False
    """Answered however busy the server is: it must tell that it lives and how it fares."""
    is_open: bool = False
    """Answered without a key."""
    body_max_bytes: int | None = None
    """Larger bodies are refused (413); default: ``serve.max_body_bytes``."""
    body: type[BaseModel] | None = None
    """What the handler reads from the request's JSON by itself, for the documentation."""
    answer: Callable[[Services], Answer] | None = None
    at_once: Callable[[Services], AtOnce] | None = None
    describe: Callable[[Json, str, Json], None] | None = None
    """Adds itself to an OpenAPI document, given its path and the families' lookup schema."""


class Routes:
    """Routes that belong together; ``tag`` is their heading in the documentation."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.declared: list[Declared] = []

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare the function below as the handler of GET (and HEAD); see the module."""
        return self._handled("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """As :meth:`get`."""
        return self._handled("POST", path, **options)

    def direct(
        self,
        method: str,
        path: str,
        *,
        label: str,
        answer: Callable[[Services], Answer],
        describe: Callable[[Json, str, Json], None],
        at_once: Callable[[Services], AtOnce] | None = None,
    ) -> None:
        """Declare a route that is worth a way past FastAPI; ``path`` has no parameters.

        ``at_once`` answers a body that has come whole on the connection itself, past ASGI too.
        """
        route = Route(path, _nowhere, methods=[method])
        self.declared.append(
            Declared(method, path, label, route, answer=answer, at_once=at_once, describe=describe)
        )

    def files(self, path: str, folder: Path, *, label: str, is_open: bool = False) -> None:
        """Declare the files of ``folder`` as what lies below ``path``."""
        mount = Mount(path, StaticFiles(directory=folder))
        self.declared.append(Declared("GET", path, label, mount, is_open=is_open))

    def _handled(
        self,
        method: str,
        path: str,
        *,
        label: str,
        is_always: bool = False,
        is_open: bool = False,
        body_max_bytes: int | None = None,
        body: type[BaseModel] | None = None,
        **docs: Any,
    ) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            given: dict[str, Any] = {"operation_id": handler.__name__, "tags": [self.tag]} | docs
            if body is not None:
                reference = {"schema": {"$ref": f"#/components/schemas/{body.__name__}"}}
                content = {"application/json": reference}
                given["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
            route = APIRoute(path, handler, methods=[method], **given)
            self.declared.append(
                Declared(method, path, label, route, is_always, is_open, body_max_bytes, body)
            )
            return handler

        return declare


def _services(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


CurrentServices = Annotated[Services, Depends(_services)]


def _snapshot(request: Request) -> Snapshot:
    """The snapshot that this request is answered from."""
    snapshot = request.scope.get("snapshot")
    if snapshot is None:
        raise no_snapshot()
    assert isinstance(snapshot, Snapshot)
    return snapshot


CurrentSnapshot = Annotated[Snapshot, Depends(_snapshot)]


def own(kind: Callable[[Services], T]) -> Any:
    """A handler's parameter: ``answers: Annotated[Kind, own(Kind)]``."""

    def find(services: CurrentServices) -> T:
        return services.own(kind)

    return Depends(find)


def no_snapshot() -> Refusal:
    """The answer while nothing has been published, or nothing that can be opened."""
    text = "snapshot: none is published yet; `make run` publishes one"
    return Refusal(503, text, (b"retry-after", b"1"))


async def _nowhere(request: Request) -> None:
    raise AssertionError("direct routes are answered by the dispatcher")
