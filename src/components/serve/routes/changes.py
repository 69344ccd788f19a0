"""``GET /v1/changes``: what changed between a kept snapshot and the one that answers."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from components.core.errors import ConfigError, SnapshotError
from components.publish.hold import hold
from components.publish.snapshots import Snapshots
from components.serve.http.asgi import Refusal
from components.serve.route import CurrentServices, CurrentSnapshot, Routes, own
from components.serve.routes.part import NOT_FOUND
from components.serve.services import Services
from components.transform.changes import KINDS, PRICE_SHARE, Change, Comparison

CHANGES_PATH = "/v1/changes"
LIMIT_MAX = 1000
# One walks both databases from end to end at most.
COMPARING_MAX = 2

routes = Routes("parts")


class ChangeOfPart(BaseModel):
    """One thing that changed about one part."""

    kind: Literal[KINDS] = Field(description="What changed")  # type: ignore[valid-type]
    lcsc_id: int = Field(description="The LCSC part number without its C")
    manufacturer: str = Field(description="As the catalogue writes it")
    part_number: str = Field(description="The manufacturer's own")
    before: Any = Field(description="Stock, price, library type, or values by column")
    after: Any = Field(description="The same in the snapshot that answers")


class ChangesReply(BaseModel):
    """A page of what changed."""

    since: str = Field(description="The snapshot that is compared with")
    snapshot: str = Field(description="The snapshot that answers")
    changes: list[ChangeOfPart] = Field(description="By kind and part")
    total: int = Field(description="How many there are in this reply")
    next: str | None = Field(description="Given as `after`, the next page; null: that was all")


class Comparing:
    """A few comparisons at a time."""

    def __init__(self, services: Services) -> None:
        self.free = threading.BoundedSemaphore(COMPARING_MAX)


@routes.get(
    CHANGES_PATH,
    label="changes",
    summary="New, gone, out of stock, back, dearer, cheaper, differently read",
    response_model=ChangesReply,
    responses=NOT_FOUND,
)
def changes(
    snapshot: CurrentSnapshot,
    services: CurrentServices,
    comparing: Annotated[Comparing, own(Comparing)],
    since: Annotated[str, Query(max_length=100, examples=["previous"])] = "previous",
    after: Annotated[str | None, Query(max_length=100, description="`next` of a reply")] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 200,
    price_share: Annotated[float, Query(ge=0, le=1000)] = PRICE_SHARE,
) -> dict[str, Any]:
    """`since` is a snapshot that is still kept, or `previous`. A part's changes stay together."""
    snapshots = Snapshots(services.layout.snapshots)
    try:
        name = snapshots.linked(since) if since == "previous" else since
        folder = snapshots.folder(name) if name else None
    except ConfigError:
        folder = None
    if folder is None or not folder.is_dir():
        raise Refusal(404, f"since: no snapshot {since} is kept")
    try:
        with (
            comparing.free,
            hold(folder),
            Comparison(folder, snapshot.folder, price_share) as comparison,
        ):
            found: list[Change] = []
            more = False
            for change in comparison.changes(after):
                if len(found) >= limit and change.cursor != found[-1].cursor:
                    more = True
                    break
                found.append(change)
    except ConfigError as error:
        raise Refusal(422, str(error)) from None
    except SnapshotError as error:
        raise Refusal(503, f"since: {error}") from None
    return {
        "since": folder.name,
        "snapshot": snapshot.name,
        "changes": [one.told() for one in found],
        "total": len(found),
        "next": found[-1].cursor if more else None,
    }
