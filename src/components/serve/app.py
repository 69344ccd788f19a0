"""The FastAPI application: the ordinary routes, and the documentation of all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, ValidationError
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Route

from components.serve import schema
from components.serve.http.asgi import Receive, Refusal, Scope, Send
from components.serve.http.dispatch import FULL_PATH, MFR_PREFIX
from components.serve.http.metrics import CONTENT_TYPE, Metrics
from components.serve.routes.bundle import MEDIA_TYPE
from components.serve.routes.full import FullAnswers, FullRequest
from components.serve.routes.query import BATCH_PATH, QUERY_PATH, Answers, no_snapshot
from components.serve.routes.status import Status
from components.serve.snapshot import Snapshot

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_MFR_SQL = """
SELECT lcsc_id FROM components_full
WHERE part_number = ? COLLATE NOCASE AND manufacturer = ? COLLATE NOCASE
ORDER BY lcsc_id
"""


_BINARY = {"schema": {"type": "string", "format": "binary"}}
FULL_BODY = {"schema": FullRequest.model_json_schema()}
FULL_CONTENT: dict[str, Any] = {"multipart/mixed": _BINARY, MEDIA_TYPE: _BINARY}
FULL_HEADERS: dict[str, Any] = {
    "X-Bundle-SHA256": {
        "description": "SHA-256 of the tar.zst",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
}


class _Anything(Convertor[str]):
    """The rest of a path whatever it holds; Starlette's own ``path`` stops at a line break."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


class Matches(BaseModel):
    component_ids: list[int]
    total: int


class Health(BaseModel):
    status: str


def snapshot_of(request: Request) -> Snapshot:
    """The snapshot that this request is answered from. Raises HTTPException (503)."""
    snapshot = request.scope.get("snapshot")
    if snapshot is None:
        refusal = no_snapshot()
        raise HTTPException(refusal.status, str(refusal))
    assert isinstance(snapshot, Snapshot)
    return snapshot


CurrentSnapshot = Annotated[Snapshot, Depends(snapshot_of)]


def build_app(
    answers: Answers,
    full_answers: FullAnswers,
    status: Status,
    metrics: Metrics,
    lookup_schema: dict[str, Any],
    *,
    lifespan: Lifespan,
    needs_key: bool,
) -> FastAPI:
    """All routes; the dispatcher stands before it and is what a server runs."""
    app = FastAPI(
        title="Electronics parts",
        version="1",
        description="Which part fits, is it in stock, and where are its footprint and model.",
        lifespan=lifespan,
        redoc_url=None,
    )
    app.add_exception_handler(RequestValidationError, _wrong_field)
    app.add_exception_handler(ValidationError, _wrong_field)
    app.add_exception_handler(Exception, _internal)
    app.router.routes.append(Route(QUERY_PATH, _Asgi(answers.query), methods=["POST"]))
    app.router.routes.append(Route(BATCH_PATH, _Asgi(answers.batch), methods=["POST"]))
    _add_lookups(app)
    _add_full(app, full_answers)
    _add_operations(app, status, metrics)
    app.openapi = _documented(app, lookup_schema, needs_key)  # type: ignore[method-assign]
    return app


def _add_lookups(app: FastAPI) -> None:
    @app.get(
        MFR_PREFIX + "{manufacturer}/{part_number:anything}",
        tags=["parts"],
        summary="Parts by the manufacturer's own number",
        operation_id="mfr",
    )
    def mfr(
        manufacturer: str, part_number: str, request: Request, snapshot: CurrentSnapshot
    ) -> Matches:
        """Case does not matter; a number that nobody knows gives an empty list."""
        manufacturer, part_number = _raw_names(request, manufacturer, part_number)
        with snapshot.database() as connection:
            rows = connection.execute(_MFR_SQL, (part_number, manufacturer)).fetchall()
        return Matches(component_ids=[row[0] for row in rows], total=len(rows))


def _add_full(app: FastAPI, full_answers: FullAnswers) -> None:
    @app.post(
        FULL_PATH,
        tags=["parts"],
        summary="Whole parts, with everything stored for them",
        operation_id="full",
        response_class=Response,
        responses={200: {"content": FULL_CONTENT, "headers": FULL_HEADERS}},
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": FULL_BODY}}
        },
    )
    async def full(request: Request, snapshot: CurrentSnapshot) -> Response:
        """Two parts: JSON, then a `tar.zst`. With `Accept: application/zstd` the second alone.

        Ids that are unknown, and artifacts that are missing or damaged, are told in the JSON.
        """
        # Parsed here, as the query routes do, whatever content type a client gives.
        body = FullRequest.model_validate_json(await request.body())
        bare = request.headers.get("accept", "").split(";")[0].strip() == MEDIA_TYPE
        return await full_answers.answer(body, snapshot, bare=bare)


def _raw_names(request: Request, manufacturer: str, part_number: str) -> tuple[str, str]:
    """Both names as they were before decoding, since either may hold an escaped slash."""
    raw = request.scope.get("raw_path")
    if not isinstance(raw, bytes) or not raw.startswith(MFR_PREFIX.encode()):
        return manufacturer, part_number
    first, _, second = raw[len(MFR_PREFIX) :].decode("ascii", "replace").partition("/")
    return unquote(first), unquote(second)


def _add_operations(app: FastAPI, status: Status, metrics: Metrics) -> None:
    @app.get("/healthz", tags=["operation"], summary="Whether queries can be answered")
    async def healthz(_: CurrentSnapshot) -> Health:
        return Health(status=status.word())

    @app.get("/v1/status", tags=["operation"], summary="Snapshot, counts, limits")
    async def report() -> dict[str, Any]:
        return status.report()

    @app.get(
        "/metrics",
        tags=["operation"],
        summary="Prometheus metrics of all workers",
        response_class=PlainTextResponse,
    )
    async def metrics_text() -> PlainTextResponse:
        return PlainTextResponse(metrics.text(status.gauges()), media_type=CONTENT_TYPE)


class _Asgi:
    """An answer as an endpoint, for servers that run the application without the dispatcher."""

    def __init__(self, answer: Callable[[Scope, Receive, Send], Any]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, receive, send)
        except Refusal as refusal:
            raise HTTPException(refusal.status, str(refusal)) from None


def _documented(
    app: FastAPI, lookup_schema: dict[str, Any], needs_key: bool
) -> Callable[[], dict[str, Any]]:
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            schema.add_query_routes(document, lookup_schema)
            schema.complete(document, needs_key=needs_key)
            app.openapi_schema = document
        return app.openapi_schema

    return openapi


async def _wrong_field(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError | ValidationError)
    complaints = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"] if part != "body") or "body"
        complaints.append(f"{field}: {item['msg']}")
    return JSONResponse({"detail": "; ".join(complaints[:10])}, 422)


async def _internal(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "server: internal error; its log tells more"}, 500)
