"""``GET /v1/components/packages/allowlist``: the packages that queries of a family can find."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.services import Services
from components.serve.snapshot import Snapshot

ALLOWLIST_PATH = "/v1/components/packages/allowlist"

routes = Routes("parts")


class AllowlistSummary(BaseModel):
    """How much there is."""

    component_types: int = Field(description="Families")
    selected_package_entries: int = Field(description="Packages of all families, one by one")
    selected_unique_packages: int = Field(description="Different packages")


class Allowlist(BaseModel):
    """The packages of every family."""

    available: bool = Field(description="Always true")
    allowlists: dict[str, list[str]] = Field(
        description="By family: every package that a pickable part has"
    )
    summary: AllowlistSummary = Field(description="How much there is")


class Packages:
    """Read once a snapshot."""

    def __init__(self, services: Services) -> None:
        self._tables = {each["name"]: each["table"] for each in services.families["families"]}

    def of(self, snapshot: Snapshot) -> dict[str, Any]:
        return snapshot.kept(Packages, lambda: self._read(snapshot))

    def _read(self, snapshot: Snapshot) -> dict[str, Any]:
        found: dict[str, list[str]] = {}
        with snapshot.database("fast.sqlite") as fast:
            present = {row[0] for row in fast.execute("SELECT name FROM sqlite_schema")}
            for family, table in sorted(self._tables.items()):
                if table in present:
                    rows = fast.execute(f"SELECT DISTINCT package FROM {table} ORDER BY package")
                    found[family] = [row[0] for row in rows]
        summary = {
            "component_types": len(found),
            "selected_package_entries": sum(map(len, found.values())),
            "selected_unique_packages": len(set().union(*found.values())),
        }
        return {"available": True, "allowlists": found, "summary": summary}


@routes.get(
    ALLOWLIST_PATH,
    label="families",
    summary="The packages that queries of a family can find",
    response_model=Allowlist,
)
def packages(snapshot: CurrentSnapshot, read: Annotated[Packages, own(Packages)]) -> Any:
    """For clients that refuse other packages before they ask."""
    return read.of(snapshot)
