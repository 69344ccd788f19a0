"""A view as HTML, as the part of it that a script swaps in, or as JSON; with its headers.

The shell of every page is open. Where API keys are set, what a snapshot holds is shown to a request
with a key alone: the page then asks for one, which its script sends as a header.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from components.serve.http.asgi import Refusal
from components.serve.http.keys import Keys
from components.serve.page import figures
from components.serve.page.filters import address
from components.serve.page.static_files import StaticFiles
from components.serve.page.view import Ask, View
from components.serve.route import no_snapshot
from components.serve.routes.parts import to_json
from components.serve.services import Services
from components.serve.snapshot import Snapshot

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    # One address has the page, its part and its JSON; what a snapshot says may change at any time.
    "vary": "Accept, X-Part, X-API-Key, Authorization",
    "cache-control": "no-cache",
}
PART_HEADER = "x-part"


class Pages:
    """Renders; one a worker."""

    def __init__(self, services: Services) -> None:
        # Here, since a server that nobody looks at need not know of it.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        self._keys = Keys(services.serve.api_key_sha256)
        self.files = StaticFiles()
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters |= {
            "money": figures.money,
            "count": figures.count,
            "size": figures.size,
        }
        self._templates.globals |= {"static": self.files.address, "has_keys": bool(self._keys)}

    def answer(self, request: Request, view: Callable[[Ask], View]) -> Response:
        """The reply to a request for a view; what goes wrong is a page too."""
        wants_json = (
            prefers_json(request.headers.get("accept", ""))
            or request.query_params.get("format") == "json"
        )
        try:
            self._keys.check(request.scope)
            snapshot = request.scope.get("snapshot")
            if not isinstance(snapshot, Snapshot):
                raise no_snapshot()
            found = view(Ask(snapshot, request.query_params))
        except Refusal as refusal:
            if wants_json:
                raise
            return self._refused(request, refusal)
        if wants_json:
            headers = {name: HEADERS[name] for name in ("vary", "cache-control")}
            return Response(to_json(found.data), found.status, headers, "application/json")
        return self._html(request, found, snapshot)

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        needs_key = refusal.status == 401
        title = "A key is needed" if needs_key else _TITLES.get(refusal.status, "Not possible")
        data = {"detail": str(refusal)}
        view = View("refused.html", title, data, {"needs_key": needs_key}, status=refusal.status)
        return self._html(request, view, None)

    def _html(self, request: Request, view: View, snapshot: Snapshot | None) -> Response:
        is_part = request.headers.get(PART_HEADER) is not None
        context: dict[str, Any] = {
            **view.data,
            **view.shown,
            "title": view.title,
            "path": request.url.path,
            "json_at": view.json_at,
            "here_as_json": address(request.query_params.multi_items(), format="json"),
            "frame": "part.html" if is_part else "base.html",
            "snapshot_name": snapshot.name if snapshot else "",
            "data_date": _date(snapshot),
        }
        text = self._templates.get_template(view.template).render(context)
        headers = dict(HEADERS)
        if is_part:
            headers["cache-control"] = "no-store"
        # Half a surrogate, which JSON may hold, has no UTF-8.
        body = text.encode("utf-8", "replace")
        return Response(body, view.status, headers, "text/html; charset=utf-8")


_TITLES = {404: "There is no such page", 503: "Nothing is published yet"}


def prefers_json(accept: str) -> bool:
    """Whether a client asks for JSON and not for a page.

    >>> prefers_json("application/json"), prefers_json("text/html,*/*"), prefers_json("*/*")
    (True, False, False)
    """
    return "application/json" in accept and "text/html" not in accept


def _date(snapshot: Snapshot | None) -> str:
    source = snapshot.metadata.get("source") if snapshot else None
    date = source.get("data_date") if isinstance(source, dict) else None
    return date[:10] if isinstance(date, str) else ""
