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
    """A text, and how many parts have it."""

    value: str = Field(description="As queries may ask for it")
    parts: int = Field(description="Pickable parts")


class ColumnSummary(BaseModel):
    """One column of a family."""

    name: str = Field(description="Its unit is its last word")
    kind: str = Field(description="real or text")
    unit: str = Field(description="Its sign; empty for texts and plain numbers")
    description: str = Field(description="What it says of a part")
    aliases: list[str] = Field(description="Short names that queries may use")
    known: int = Field(description="In how many parts it is known")
    minimum: float | None = Field(None, description="Of numbers: the least that is known")
    maximum: float | None = Field(None, description="Of numbers: the greatest that is known")
    vocabulary: list[Word] | None = Field(None, description="Of texts: the most frequent first")


class FamilySummary(BaseModel):
    """One family, and what the snapshot has of it."""

    name: str = Field(description="What `component_type` takes")
    title: str = Field(description="For people")
    parts: int = Field(description="Pickable parts")
    package_prefixes: list[str] = Field(description="Left out of packages: R of R0402")
    packages: list[Word] = Field(description="The most frequent first")
    columns: list[ColumnSummary] = Field(description="In the order of the table")


class FamiliesReply(BaseModel):
    """All families."""

    families: list[FamilySummary] = Field(description="By name")
    total: int = Field(description="How many there are")


class Summaries:
    """Computed once a snapshot."""

    def __init__(self, services: Services) -> None:
        self._families = services.families["families"]

    def of(self, snapshot: Snapshot) -> dict[str, Any]:
        return snapshot.kept(Summaries, lambda: self._read(snapshot))

    def _read(self, snapshot: Snapshot) -> dict[str, Any]:
        with snapshot.database("fast.sqlite") as fast:
            families = describe_families(fast, self._families)
        return {"families": families, "total": len(families)}


@routes.get(
    FAMILIES_PATH,
    label="families",
    summary="Families, columns, units, counts, ranges, vocabularies",
    response_model=FamiliesReply,
)
def families(snapshot: CurrentSnapshot, summaries: Annotated[Summaries, own(Summaries)]) -> Any:
    """What the query routes can be asked, and what the present snapshot has of it."""
    return summaries.of(snapshot)
