"""The page's addresses. Every view is open as a shell; data is shown as :mod:`.pages` says."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from components.serve.http.asgi import Refusal
from components.serve.page.families import FamiliesView
from components.serve.page.family import FamilyView
from components.serve.page.pages import Pages
from components.serve.page.search import SearchView
from components.serve.page.static_files import PATH, StaticFile
from components.serve.route import Routes, own

routes = Routes("page")

_SHOWN: dict[str, Any] = {"label": "page", "include_in_schema": False, "is_open": True}
CurrentPages = Annotated[Pages, own(Pages)]


@routes.get("/", **_SHOWN)
def search_page(
    request: Request, pages: CurrentPages, view: Annotated[SearchView, own(SearchView)]
) -> Response:
    return pages.answer(request, view)


@routes.get("/families", **_SHOWN)
def families_page(
    request: Request, pages: CurrentPages, view: Annotated[FamiliesView, own(FamiliesView)]
) -> Response:
    return pages.answer(request, view)


@routes.get("/families/{family}", **_SHOWN)
def family_page(
    family: str,
    request: Request,
    pages: CurrentPages,
    view: Annotated[FamilyView, own(FamilyView)],
) -> Response:
    return pages.answer(request, lambda ask: view(ask, family))


@routes.get(f"{PATH}/{{version}}/{{name}}", **_SHOWN)
def page_file(version: str, name: str, pages: CurrentPages) -> Response:
    file: StaticFile | None = pages.files.by_name.get(name)
    if file is None:
        raise Refusal(404, "path: the page has no such file")
    # An address with another version is of a page that was made by an older server.
    kept = "public, max-age=31536000, immutable" if version == pages.files.version else "no-cache"
    headers = {"cache-control": kept, "x-content-type-options": "nosniff"}
    return Response(file.content, headers=headers, media_type=file.media_type)


@routes.get("/favicon.ico", **_SHOWN)
def icon(pages: CurrentPages) -> Response:
    return RedirectResponse(pages.files.address("icon.svg"))
