"""``/docs`` and the OpenAPI document that it shows; nothing of it comes from elsewhere.

Swagger UI comes from the package ``fastapi-offline``, whose files alone are used. The page is open
where keys are set, and asks for one; the document is not.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from components.serve.examples import with_examples
from components.serve.route import Routes, own
from components.serve.services import Services
from components.serve.snapshot import Snapshot

OPENAPI_PATH = "/openapi.json"
FOLDER = Path(__file__).resolve().parents[1] / "docs_page"
# Swagger UI sets styles as it goes and draws its signs from data addresses.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)

routes = Routes("docs")


class Description:
    """The OpenAPI document with examples of the snapshot that answers, made once for it."""

    def __init__(self, services: Services) -> None:
        self._families = [each["name"] for each in services.families["families"]]

    def of(self, document: dict[str, Any], snapshot: Snapshot | None) -> dict[str, Any]:
        if snapshot is None:
            return document
        return snapshot.kept(Description, lambda: with_examples(document, snapshot, self._families))


@routes.get(OPENAPI_PATH, label="docs", include_in_schema=False)
def openapi(request: Request, description: Annotated[Description, own(Description)]) -> Response:
    found = description.of(request.app.openapi(), request.scope.get("snapshot"))
    return JSONResponse(found)


@routes.get("/docs", label="docs", include_in_schema=False, is_open=True)
def docs() -> HTMLResponse:
    headers = {"content-security-policy": POLICY, "x-content-type-options": "nosniff"}
    return HTMLResponse((FOLDER / "index.html").read_text(), headers=headers)


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None, f"{name} is locked in envs/runtime.txt"
    return Path(spec.origin).parent


routes.files("/docs/page", FOLDER, label="docs", is_open=True)
routes.files(
    "/docs/swagger", _package_folder("fastapi_offline") / "static", label="docs", is_open=True
)
