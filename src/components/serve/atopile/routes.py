"""The routes of atopile's part picker."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from components.serve.atopile import describe
from components.serve.atopile.answers import LCSC_ID_MAX, TEXT_MAX, Answers
from components.serve.atopile.mapping import ENDPOINTS
from components.serve.atopile.questions import CANDIDATES_MAX
from components.serve.atopile.records import numbers_named
from components.serve.route import CurrentSnapshot, Routes, own

JSON = "application/json"
# Of both names of a part together, parted by slashes.
WORDS_MAX = 20

routes = Routes("atopile")

Own = Annotated[Answers, own(Answers)]


@routes.post(
    "/v0/query",
    label="atopile_query",
    summary="atopile: parts for each query",
    response_class=Response,
    responses=describe.replies("AtopileResults"),
    openapi_extra=describe.body(describe.queries()),
)
async def atopile_queries(request: Request, snapshot: CurrentSnapshot, answers: Own) -> Response:
    """By type with sets of values, by LCSC number, or by manufacturer and part number.

    Where a query is wrong, or names a part that does not exist, all are refused, and
    `detail.errors` has an entry for each.
    """
    body = await request.body()
    return _reply(*await run_in_threadpool(answers.queries, snapshot, body))


def _declare(name: str) -> None:
    @routes.post(
        f"/v0/query/{name}",
        label="atopile_query",
        summary=f"atopile: parts for one query for {name}",
        operation_id=f"atopile_{name}",
        response_class=Response,
        responses=describe.replies("AtopileComponents"),
        openapi_extra=describe.body(describe.query(name)),
    )
    async def atopile_query(request: Request, snapshot: CurrentSnapshot, answers: Own) -> Response:
        """Preferred parts first, then basic ones, then by stock downward."""
        body = await request.body()
        return _reply(*await run_in_threadpool(answers.query, snapshot, body, name))


for _name in ENDPOINTS:
    _declare(_name)


@routes.get(
    "/v0/component/lcsc/{lcsc_id}",
    label="atopile_component",
    summary="atopile: a part by its LCSC number",
    response_class=Response,
    responses=describe.found("AtopileComponents"),
)
def atopile_lcsc(
    lcsc_id: Annotated[int, Path(ge=1, le=LCSC_ID_MAX)], snapshot: CurrentSnapshot, answers: Own
) -> Response:
    """An empty list where there is none."""
    return _reply(200, answers.parts(snapshot, [lcsc_id]))


@routes.get(
    "/v0/component/mfr/{manufacturer}/{part_number:anything}",
    label="atopile_component",
    summary="atopile: parts by the manufacturer's own number",
    response_class=Response,
    responses=describe.found("AtopileComponents"),
)
def atopile_mfr(
    manufacturer: str, part_number: str, snapshot: CurrentSnapshot, answers: Own
) -> Response:
    """Case does not matter, nor which of its names the manufacturer is given."""
    # The client escapes nothing, so that either name may hold a slash.
    words = f"{manufacturer}/{part_number}".split("/")
    found: dict[int, None] = {}
    if len(words) <= WORDS_MAX:
        for place in range(1, len(words)):
            names = "/".join(words[:place]), "/".join(words[place:])
            if all(0 < len(name) <= TEXT_MAX for name in names):
                found.update(dict.fromkeys(numbers_named(snapshot, *names)))
    return _reply(200, answers.parts(snapshot, list(found)[:CANDIDATES_MAX]))


def _reply(status: int, body: bytes) -> Response:
    return Response(body, status, media_type=JSON)
