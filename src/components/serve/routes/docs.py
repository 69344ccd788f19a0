"""``/docs`` and the OpenAPI document that it shows."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from components.serve.route import Routes

OPENAPI_PATH = "/openapi.json"

routes = Routes("docs")


@routes.get(OPENAPI_PATH, label="docs", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = request.app.openapi()
    return document


@routes.get("/docs", label="docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    return get_swagger_ui_html(openapi_url=OPENAPI_PATH, title=request.app.title)
