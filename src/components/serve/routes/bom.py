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
from components.serve.routes.lcsc_id import LCSC_ID_MAX, whole
from components.serve.searching import Searches
from components.serve.services import Services

BOM_PATH = "/v1/components/bom"
CSV = "text/csv"
# A large bill keeps a core busy for a tenth of a second.
MATCHING_MAX = 2
Text = Annotated[str, Field(max_length=500)]

routes = Routes("parts")


def _with_its_c(value: Any) -> Any:
    """A number alone is LCSC's here; in a file it may be another distributor's."""
    value = whole(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"C{value}" if 1 <= value <= LCSC_ID_MAX else value
    digits = isinstance(value, str) and len(value) < 16 and value.isascii() and value.isdecimal()
    return f"C{value}" if digits else value


_LCSC_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "maxLength": 500},
        {"type": "integer", "minimum": 1, "maximum": LCSC_ID_MAX},
    ]
}


class BomLine(BaseModel):
    """One line: parts of one kind on a board."""

    model_config = ConfigDict(extra="forbid", strict=True)

    designators: list[Annotated[str, Field(max_length=100)]] = Field(
        [], max_length=2000, description="Such as R1; ranges as R1-R4 are read"
    )
    value: Text = Field("", description="As people write it: 4k7, 100n/50V, or a part number")
    footprint: Text = Field("", description="A package, or a footprint's name as in KiCad")
    mpn: Text = Field("", description="The manufacturer's part number")
    manufacturer: Text = Field("", description="Where several make a part of that number")
    lcsc: Annotated[Text, BeforeValidator(_with_its_c)] = Field(
        "", description="The LCSC part number", json_schema_extra=_LCSC_SCHEMA
    )
    quantity: Annotated[int | None, BeforeValidator(whole)] = Field(
        None, ge=0, le=1_000_000, description="On a board; default: the number of designators"
    )


class BomRequest(BaseModel):
    """A bill of materials."""

    model_config = ConfigDict(extra="forbid", strict=True)

    boards: Annotated[int, BeforeValidator(whole)] = Field(
        1, ge=1, le=BOARDS_MAX, description="How many are to be assembled"
    )
    lines: list[BomLine] = Field(
        min_length=1, max_length=LINES_MAX, description="In the order of the reply"
    )


class BomPart(BaseModel):
    """A part that a line can take."""

    lcsc_id: int = Field(description="The LCSC part number without its C")
    manufacturer: str = Field(description="As the catalogue writes it")
    part_number: str = Field(description="The manufacturer's own")
    package: str = Field(description="As the catalogue or its family stores it")
    description: str = Field(description="The catalogue's")
    stock: int = Field(description="How many there are")
    is_basic: bool = Field(description="Of JLCPCB's basic library, which costs no setup")
    is_preferred: bool = Field(description="Of JLCPCB's preferred parts")
    unit_price: float | None = Field(description="At this line's quantity")


class BomAnswer(BaseModel):
    """A line, and the part for it."""

    designators: list[str] = Field(description="As they were read")
    value: str = Field(description="As it was given")
    footprint: str = Field(description="As it was given")
    quantity: int = Field(description="For all boards")
    part: BomPart | None = Field(description="null: none was chosen")
    why: Literal["lcsc", "mpn", "value"] | None = Field(description="What it was chosen by")
    reason: str | None = Field(description="Why no part was chosen")
    unit_price: float | None = Field(description="Of one piece at this quantity")
    line_price: float | None = Field(description="Of the line for all boards")
    alternates: list[BomPart] = Field(description="Others that fit, best first")
    notes: list[str] = Field(description="What was taken for granted")


class BomTotals(BaseModel):
    """Counts of lines, and what those with a price cost."""

    lines: int = Field(description="Of the bill")
    matched: int = Field(description="With a part")
    not_placed: int = Field(description="Marked as not to be placed")
    unmatched: int = Field(description="Without a part")
    without_price: int = Field(description="With a part whose price is not known")
    price: float = Field(description="For all boards")


class BomReply(BaseModel):
    """Every line of the bill, answered."""

    boards: int = Field(description="That quantities and prices are for")
    lines: list[BomAnswer] = Field(description="In the order of the request")
    totals: BomTotals = Field(description="Over all lines")


class Matching:
    """Matches a few bills at a time."""

    def __init__(self, services: Services) -> None:
        self.searches = services.own(Searches)
        self.free = threading.BoundedSemaphore(MATCHING_MAX)


# A CSV file is told of in words alone: what may stand in one no schema can say.
@routes.post(
    BOM_PATH,
    label="bom",
    body=BomRequest,
    summary="A bill of materials: parts, prices, alternates",
    response_class=Response,
    responses={
        200: {
            "model": BomReply,
            "description": "Every line; with `Accept: text/csv` the file for JLCPCB's assembly",
            "content": {CSV: {"schema": {"type": "string"}}},
        }
    },
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
