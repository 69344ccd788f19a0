"""``/kicad/v1/…``: the routes of KiCad's HTTP library.

KiCad asks for the root, the categories and each category's parts when a schematic is opened, and
for single parts afterwards.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from pydantic import BaseModel, Field

from components.serve.http.asgi import Refusal
from components.serve.kicad.library import Listings, read_part
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.routes.lcsc_id import number_of
from components.serve.routes.part import NOT_FOUND
from components.serve.routes.parts import to_json

ROOT = "/kicad/v1/"
JSON = "application/json"

routes = Routes("KiCad HTTP library")


class Addresses(BaseModel):
    """KiCad wants the keys; the addresses it knows itself."""

    categories: str
    parts: str


class CategoryName(BaseModel):
    id: str
    name: str
    description: str


class FieldText(BaseModel):
    value: str
    visible: str = Field(description="Whether the schematic shows it: True or False")


class LibraryPart(BaseModel):
    id: str = Field(description="LCSC part number")
    name: str
    description: str
    symbolIdStr: str = Field(description="Library:Symbol; empty where no library draws it")
    exclude_from_bom: str
    exclude_from_board: str
    exclude_from_sim: str
    fields: dict[str, FieldText] = Field(
        description="value, footprint, datasheet, LCSC, MPN, Manufacturer, Stock, Price, JLCPCB"
    )


def _reply(model: object, description: str) -> dict[int | str, dict[str, object]]:
    return {200: {"model": model, "description": description}}


@routes.get(
    ROOT,
    label="kicad",
    summary="Whether this is an HTTP library",
    response_model=Addresses,
)
def kicad_root() -> dict[str, str]:
    """`root_url` of a `.kicad_httplib` file is what stands before `/v1/`."""
    return {"categories": "", "parts": ""}


@routes.get(
    f"{ROOT}categories.json",
    label="kicad",
    summary="Families by package, each of at most 2,000 parts",
    response_class=Response,
    responses=_reply(list[CategoryName], "The categories that the symbol chooser shows"),
)
def kicad_categories(
    snapshot: CurrentSnapshot, listings: Annotated[Listings, own(Listings)]
) -> Response:
    """Together at most `serve.kicad_parts_max` parts, since KiCad holds all of them in memory."""
    return Response(listings.of(snapshot).categories, media_type=JSON)


@routes.get(
    f"{ROOT}parts/category/{{category}}.json",
    label="kicad",
    summary="The parts of a category, whole",
    response_class=Response,
    responses={
        **_reply(list[LibraryPart], "Basic and preferred parts, then by stock"),
        **NOT_FOUND,
    },
)
def kicad_category(
    category: Annotated[str, Path(max_length=200, examples=["resistor-0402"])],
    snapshot: CurrentSnapshot,
    listings: Annotated[Listings, own(Listings)],
) -> Response:
    """With symbol and fields, so that KiCad asks for no part by itself."""
    body = listings.of(snapshot).parts.get(category)
    if body is None:
        raise Refusal(404, "category: there is none of this id")
    return Response(body, media_type=JSON)


@routes.get(
    f"{ROOT}parts/{{part}}.json",
    label="kicad",
    summary="One part, listed or not",
    response_class=Response,
    responses={**_reply(LibraryPart, "As in a listing"), **NOT_FOUND},
)
def kicad_part(
    part: Annotated[str, Path(pattern=r"^[cC]?[0-9]{1,15}$", examples=["C25744"])],
    snapshot: CurrentSnapshot,
    listings: Annotated[Listings, own(Listings)],
) -> Response:
    """Of every pickable part, by its LCSC number."""
    number = number_of(part)
    found = read_part(snapshot, listings.drawings(snapshot), number)
    if found is None:
        raise Refusal(404, f"part: C{number} is not in the catalogue, or cannot be picked")
    return Response(to_json(found), media_type=JSON)
