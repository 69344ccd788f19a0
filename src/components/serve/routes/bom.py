"""``POST /v1/components/bom``: a bill of materials matched against the snapshot."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from components.find.bom.match import BOARDS_MAX, match_bom
from components.find.bom.read import LINES_MAX, BomError, Line, expand, read_bom
from components.find.bom.write import assembly_csv
from components.serve.http.asgi import Refusal
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.routes.full import whole
from components.serve.searching import Searches
from components.serve.services import Services

BOM_PATH = "/v1/components/bom"
CSV = "text/csv"
# A large bill keeps a core busy for a tenth of a second.
MATCHING_MAX = 2
Text = Annotated[str, Field(max_length=500)]

routes = Routes("parts")


class BomLine(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    designators: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=2000)
    value: Text = Field("", description="As people write it: 4k7, 100n/50V, or a part number")
    footprint: Text = Field("", description="A package, or a footprint's name as in KiCad")
    mpn: Text = Field("", description="The manufacturer's part number")
    manufacturer: Text = ""
    lcsc: Text = Field("", description="C and the LCSC part number")
    quantity: Annotated[int | None, BeforeValidator(whole)] = Field(
        None, ge=0, le=1_000_000, description="On a board; default: the number of designators"
    )


class BomRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "boards": 10,
                    "lines": [
                        {
                            "designators": ["R1", "R2"],
                            "value": "10k",
                            "footprint": "R_0402_1005Metric",
                        },
                        {"designators": ["U1"], "mpn": "TPS71733DRV"},
                        {"designators": ["C1"], "lcsc": "C1525"},
                    ],
                }
            ]
        },
    )

    boards: Annotated[int, BeforeValidator(whole)] = Field(1, ge=1, le=BOARDS_MAX)
    lines: list[BomLine] = Field(min_length=1, max_length=LINES_MAX)


class BomPart(BaseModel):
    lcsc_id: int
    manufacturer: str
    part_number: str
    package: str
    description: str
    stock: int
    is_basic: bool
    is_preferred: bool
    unit_price: float | None = Field(description="At this line's quantity")


class BomAnswer(BaseModel):
    designators: list[str]
    value: str
    footprint: str
    quantity: int = Field(description="For all boards")
    part: BomPart | None
    why: Literal["lcsc", "mpn", "value"] | None
    reason: str | None = Field(description="Why no part was chosen")
    unit_price: float | None
    line_price: float | None
    alternates: list[BomPart]
    notes: list[str] = Field(description="What was taken for granted")


class BomTotals(BaseModel):
    lines: int
    matched: int
    not_placed: int
    unmatched: int
    without_price: int
    price: float


class BomReply(BaseModel):
    boards: int
    lines: list[BomAnswer]
    totals: BomTotals


class Matching:
    """Matches a few bills at a time."""

    def __init__(self, services: Services) -> None:
        self.searches = Searches(services)
        self.free = threading.BoundedSemaphore(MATCHING_MAX)


# A file is told of in words alone: what may stand in one no schema can say.
def _body() -> dict[str, Any]:
    definitions = BomRequest.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions.pop("$defs", None)
    line = BomLine.model_json_schema()
    definitions["properties"]["lines"]["items"] = line
    return {
        "required": True,
        "content": {
            "application/json": {"schema": definitions},
        },
    }


@routes.post(
    BOM_PATH,
    label="bom",
    summary="A bill of materials: parts, prices, alternates",
    response_class=Response,
    responses={
        200: {
            "model": BomReply,
            "description": "Every line; with `Accept: text/csv` the file for JLCPCB's assembly",
            "content": {CSV: {"schema": {"type": "string"}}},
        }
    },
    openapi_extra={"requestBody": _body()},
)
async def bom(
    request: Request,
    snapshot: CurrentSnapshot,
    matching: Annotated[Matching, own(Matching)],
    boards: Annotated[int | None, Query(ge=1, le=BOARDS_MAX)] = None,
) -> Response:
    """A line is matched by LCSC number, else part number, else value and package; basic and
    preferred parts first, then the cheapest at the quantity. What is not certain is not chosen.

    The body is JSON; or, with `Content-Type: text/csv`, a file as KiCad, EAGLE, Altium,
    JLCPCB or a spreadsheet write it.
    """
    from starlette.concurrency import run_in_threadpool

    body = await request.body()
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if kind.startswith("text/") or kind == "application/octet-stream":
        lines, count = _read(body), boards or 1
    else:
        asked = BomRequest.model_validate_json(body)
        lines, count = [_line(one) for one in asked.lines], boards or asked.boards

    def answer() -> Response:
        search = matching.searches.of(snapshot)
        with matching.free:
            found = match_bom(search, snapshot, lines, count)
        if CSV in request.headers.get("accept", ""):
            return Response(
                assembly_csv(found),
                media_type="text/csv; charset=utf-8",
                headers={"content-disposition": 'attachment; filename="bom.csv"'},
            )
        return Response(BomReply(**found).model_dump_json(), media_type="application/json")

    return await run_in_threadpool(answer)


def _read(body: bytes) -> list[Line]:
    try:
        return read_bom(body)
    except BomError as error:
        raise Refusal(422, f"body: {error}") from None


def _line(one: BomLine) -> Line:
    try:
        designators = expand(" ".join(one.designators))
    except BomError as error:
        raise Refusal(422, f"lines: {error}") from None
    rest = one.model_dump(exclude={"designators"})
    return Line(designators, **rest)
