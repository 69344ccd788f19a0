"""The FastAPI application: what runs a handler, reports its errors and documents all routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from components.serve import document as documents
from components.serve.http.asgi import Receive, Refusal, Scope, Send
from components.serve.json_body import shown
from components.serve.route import Declared
from components.serve.services import Services

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build_app(
    services: Services, declared: Iterable[Declared], *, lifespan: Lifespan, needs_key: bool
) -> FastAPI:
    """An application that hands a request to the route that the dispatcher found for it."""
    app = FastAPI(
        title="Electronics parts",
        version="1",
        description=documents.INTRODUCTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.services = services
    app.add_exception_handler(RequestValidationError, _wrong_field)
    app.add_exception_handler(ValidationError, _wrong_field)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(Exception, _internal)
    routes = list(declared)
    # Only the documentation reads them there.
    app.router.routes.extend(each.route for each in routes if each.answer is None)
    app.router.middleware_stack = _handed_over(app.router.middleware_stack)
    app.openapi = _documented(app, routes, services, needs_key)  # type: ignore[method-assign]
    return app


def _handed_over(router: Any) -> Any:
    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        found = scope.get("found")
        if found is None:  # the lifespan
            await router(scope, receive, send)
        else:
            await found.handle(scope, receive, send)

    return handle


def _documented(
    app: FastAPI, routes: list[Declared], services: Services, needs_key: bool
) -> Callable[[], dict[str, Any]]:
    generate = app.openapi
    open_paths = [each.path for each in routes if each.is_open]

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            for each in routes:
                if each.describe is not None:
                    each.describe(document, each.path, services.families)
            documents.add_models(document, [each.body for each in routes if each.body])
            documents.complete(document, open_paths, needs_key=needs_key)
            app.openapi_schema = document
        return app.openapi_schema

    return openapi


async def _wrong_field(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError | ValidationError)
    complaints = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"] if part != "body") or "body"
        complaints.append(f"{shown(field)}: {item['msg']}")
    return JSONResponse({"detail": "; ".join(complaints[:10])}, 422)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    headers = {name.decode(): value.decode() for name, value in error.headers}
    return JSONResponse({"detail": str(error)}, error.status, headers)


async def _internal(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "server: internal error; its log tells more"}, 500)
