"""``GET /v1/components/{lcsc_id}``: one part with everything that is known of it."""

from __future__ import annotations

import json
from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel, Field

from components.serve.http.asgi import Refusal
from components.serve.route import CurrentServices, CurrentSnapshot, Routes
from components.serve.routes.identity import Identity
from components.serve.routes.lcsc_id import LcscNumber, number_of
from components.serve.routes.parts import read_assets, read_parameters, read_parts, to_json
from components.serve.snapshot import Snapshot
from components.source.prices import tiers

PART_PATH = "/v1/components/{lcsc_id}"

routes = Routes("parts")


class Price(BaseModel):
    """One tier."""

    quantity: int = Field(description="From so many pieces on")
    unit_price: float = Field(description="Of one piece, in the catalogue's currency")


class AssetLink(BaseModel):
    """One artifact of a part."""

    artifact_type: str = Field(description="Such as kicad_footprint_mod or datasheet_pdf")
    media_type: str = Field(description="What it is served as")
    size_bytes: int = Field(description="Of the artifact itself")
    sha256: str = Field(description="Of its bytes, in hexadecimal; also its ETag")
    path: str = Field(description="Where this server has it")
    source_url: str = Field(description="Where it was fetched")


class Part(Identity):
    """One part."""

    subcategory: str = Field(description="As the catalogue names it, within the category")
    joints: int = Field(description="Solder joints; 0 where they are not told")
    datasheet_url: str = Field(description="As the catalogue gives it; empty where it gives none")
    last_update: int | None = Field(description="Of the catalogue's entry, in seconds since 1970")
    pickable: bool = Field(description="Whether queries find it")
    reason: str | None = Field(description="Why it is not pickable")
    prices: list[Price] = Field(description="By quantity upward; empty where none is known")
    parameters: dict[str, float | str | None] | None = Field(
        description="Package and columns of its family; null: not pickable"
    )
    assets: list[AssetLink] = Field(description="What was fetched and made for it")
    attributes: Any = Field(description="As the catalogue writes them")
    extra: Any = Field(description="What else the catalogue's record holds")


NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {
        "description": "There is no such part, or it has no such artifact",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
}


@routes.get(
    PART_PATH,
    label="component",
    summary="One part: parameters, prices, assets",
    response_class=Response,
    responses={
        200: {
            "model": Part,
            "description": "What the catalogue knows, beside what is told of it here",
        },
        **NOT_FOUND,
    },
)
def component(
    lcsc_id: LcscNumber, snapshot: CurrentSnapshot, services: CurrentServices
) -> Response:
    """Prices are tiers; `parameters` are what the query routes call `pick_parameters`."""
    number = number_of(lcsc_id)
    tables = {each["name"]: each["table"] for each in services.families["families"]}
    part = read_part(snapshot, number, tables)
    if part is None:
        raise Refusal(404, f"lcsc_id: C{number} is not in the catalogue")
    return Response(to_json(part), media_type="application/json")


def read_part(snapshot: Snapshot, lcsc_id: int, tables: dict[str, str]) -> dict[str, Any] | None:
    """All that is known of a part, as :class:`Part` says and more; None where there is none.

    ``tables`` are the pick tables by family.
    """
    with snapshot.database() as detail:
        parts = read_parts(detail, [lcsc_id])
        assets = read_assets(detail, [lcsc_id], None)
    if not parts:
        return None
    with snapshot.database("fast.sqlite") as fast:
        parameters = read_parameters(fast, tables, parts).get(lcsc_id)
    part = parts[0]
    prices = tiers(json.dumps(part.pop("price")))
    return part | {
        "prices": [{"quantity": tier.quantity, "unit_price": tier.unit_price} for tier in prices],
        "parameters": parameters,
        "assets": [
            {
                "artifact_type": asset.artifact_type,
                "media_type": asset.mime,
                "size_bytes": asset.size_bytes,
                "sha256": asset.sha256,
                "path": f"/v1/components/C{lcsc_id}/{asset.artifact_type}",
                "source_url": asset.source_url,
            }
            for asset in assets
        ],
    }
