"""``GET /v1/components/families``: what can be asked for, and what there is of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from components.find.families import describe_families
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.services import Services
from components.serve.snapshot import Snapshot

FAMILIES_PATH = "/v1/components/families"

routes = Routes("parts")


class Word(BaseModel):
    value: str
    parts: int


class ColumnSummary(BaseModel):
    name: str
    kind: str
    unit: str
    description: str
    aliases: list[str] = Field(description="Short names that queries may use")
    known: int = Field(description="In how many parts it is known")
    minimum: float | None = None
    maximum: float | None = None
    vocabulary: list[Word] | None = Field(None, description="Of texts: the most frequent first")


class FamilySummary(BaseModel):
    name: str
    title: str
    parts: int = Field(description="Pickable parts")
    package_prefixes: list[str]
    packages: list[Word] = Field(description="The most frequent first")
    columns: list[ColumnSummary]


class FamiliesReply(BaseModel):
    families: list[FamilySummary]
    total: int


class Summaries:
    """Computed once a snapshot."""

    def __init__(self, services: Services) -> None:
        self._families = services.families["families"]
        self._last: tuple[Snapshot, dict[str, Any]] | None = None

    def of(self, snapshot: Snapshot) -> dict[str, Any]:
        last = self._last
        if last is None or last[0] is not snapshot:
            with snapshot.database("fast.sqlite") as fast:
                families = describe_families(fast, self._families)
            last = self._last = snapshot, {"families": families, "total": len(families)}
        return last[1]


@routes.get(
    FAMILIES_PATH,
    label="families",
    summary="Families, columns, units, counts, ranges, vocabularies",
    response_model=FamiliesReply,
)
def families(snapshot: CurrentSnapshot, summaries: Annotated[Summaries, own(Summaries)]) -> Any:
    """What the query routes can be asked, and what the present snapshot has of it."""
    return summaries.of(snapshot)
