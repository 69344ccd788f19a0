"""The page's addresses. Every view is open as a shell; data is shown as :mod:`.pages` says."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from components.serve.http.asgi import Refusal
from components.serve.page.archive import archive
from components.serve.page.bill import BillView
from components.serve.page.compare import CompareView
from components.serve.page.coverage import SnapshotView
from components.serve.page.families import FamiliesView
from components.serve.page.family import FamilyView
from components.serve.page.pages import Pages
from components.serve.page.part import PartView
from components.serve.page.search import SearchView
from components.serve.page.static_files import PATH, StaticFile
from components.serve.page.view import Ask
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.routes.artifact import Artifacts
from components.serve.routes.lcsc_id import LcscNumber, number_of
from components.serve.routes.parts import read_assets

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


@routes.get("/compare", **_SHOWN)
def compare_page(
    request: Request, pages: CurrentPages, view: Annotated[CompareView, own(CompareView)]
) -> Response:
    return pages.answer(request, view)


@routes.get("/parts/{lcsc_id}", **_SHOWN)
def part_page(
    lcsc_id: str, request: Request, pages: CurrentPages, view: Annotated[PartView, own(PartView)]
) -> Response:
    return pages.answer(request, lambda ask: view(ask, lcsc_id))


@routes.get("/parts/{lcsc_id}/files.zip", label="page", include_in_schema=False)
def part_files(
    lcsc_id: LcscNumber,
    snapshot: CurrentSnapshot,
    artifacts: Annotated[Artifacts, own(Artifacts)],
) -> Response:
    number = number_of(lcsc_id)
    with snapshot.database() as detail:
        assets = read_assets(detail, [number], None)
    headers = {"content-disposition": f'attachment; filename="C{number}.zip"'}
    return Response(archive(number, assets, artifacts), 200, headers, "application/zip")


@routes.get("/bom", **_SHOWN)
def bom_page(
    request: Request, pages: CurrentPages, view: Annotated[BillView, own(BillView)]
) -> Response:
    return pages.answer(request, view.empty)


@routes.post("/bom", **_SHOWN)
async def bom_priced(
    request: Request, pages: CurrentPages, view: Annotated[BillView, own(BillView)]
) -> Response:
    body, kind = await request.body(), request.headers.get("content-type", "")
    return await run_in_threadpool(pages.answer, request, lambda ask: view.priced(ask, body, kind))


@routes.post("/bom/assembly.csv", label="page", include_in_schema=False)
async def bom_assembly(
    request: Request, snapshot: CurrentSnapshot, view: Annotated[BillView, own(BillView)]
) -> Response:
    body = await request.body()
    text = await run_in_threadpool(view.assembly, Ask(snapshot, request.query_params), body)
    headers = {"content-disposition": 'attachment; filename="bom.csv"'}
    return Response(text, 200, headers, "text/csv; charset=utf-8")


@routes.get("/snapshot", **_SHOWN)
def snapshot_page(
    request: Request, pages: CurrentPages, view: Annotated[SnapshotView, own(SnapshotView)]
) -> Response:
    return pages.answer(request, view)


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
