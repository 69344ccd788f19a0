"""``GET /v1/components/search``: parts by number, part number, words or values."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from components.families import FAMILIES
from components.find.search import LIMIT_DEFAULT, LIMIT_MAX, TEXT_MAX
from components.serve.http.asgi import Refusal
from components.serve.route import CurrentServices, CurrentSnapshot, Routes, own
from components.serve.routes.identity import Identity
from components.serve.searching import Searches

SEARCH_PATH = "/v1/components/search"

routes = Routes("parts")


class Brief(Identity):
    """A part as lists show it."""

    unit_price: float | None = Field(description="Of one piece bought alone; null: not known")


class ReadAs(BaseModel):
    """The query that words with values were read as."""

    component_type: str = Field(description="The family")
    package: str | None = Field(description="null: any")
    exact: dict[str, float | str] = Field(description="Values by column")
    ranges: dict[str, dict[str, float]] = Field(description="minimum, maximum or both by column")
    words: list[str] = Field(description="What was no value; it must stand in the part's texts")


class Found(BaseModel):
    """What a search found, and how it was read."""

    components: list[Brief] = Field(description="Best first")
    total: int = Field(description="How many parts there are in this reply")
    read_as: ReadAs | None = Field(description="null where nothing was read as a value")
    left_out: list[str] = Field(
        description="Words without which these were found, where no part has them all"
    )


FAMILY_NAMES: list[Any] = [family.name for family in FAMILIES]
EXAMPLES = {
    "number": {"value": "C25804"},
    "part number": {"value": "TPS71733DRV"},
    "values": {"value": "10k 0402 1%"},
    "words": {"value": "SOT-23 LDO 3.3V"},
}


@routes.get(
    SEARCH_PATH,
    label="search",
    summary="Parts by number, part number, words or values",
    response_model=Found,
)
def search(
    snapshot: CurrentSnapshot,
    services: CurrentServices,
    searches: Annotated[Searches, own(Searches)],
    q: Annotated[str, Query(max_length=TEXT_MAX, openapi_examples=EXAMPLES)],
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    family: Annotated[str | None, Query(json_schema_extra={"enum": FAMILY_NAMES})] = None,
    package: Annotated[str | None, Query(max_length=60, examples=["0402"])] = None,
    in_stock: bool = False,
    basic: Annotated[bool, Query(description="Basic or preferred parts alone")] = False,
) -> Any:
    """Exact number, then exact part number, then part numbers that begin so, then words.

    Punctuation and case do not matter, and a reel suffix may be missing. Values are read as people
    write them where that is certain; `read_as` says how. Stock breaks ties.
    """
    if family is not None and all(family != each["name"] for each in services.families["families"]):
        raise Refusal(422, "family: unknown; /v1/components/families lists all")
    found = searches.of(snapshot)
    return found.find(
        q, limit, family=family or None, package=package or None, in_stock=in_stock, basic=basic
    )
