"""What the server says of itself: health, status, gauges."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from components.serve.http.metrics import CONTENT_TYPE, label
from components.serve.route import CurrentServices, CurrentSnapshot, Routes, own
from components.serve.services import Services
from components.serve.snapshot import Snapshot

routes = Routes("operation")


StatusWord = Literal["ok", "degraded", "unavailable"]


class Health(BaseModel):
    """Whether queries can be answered."""

    status: StatusWord = Field(description="ok, or degraded: not what is published is served")


class Counts(BaseModel):
    """Of the snapshot that answers."""

    parts: int | None = Field(description="All parts; null without a snapshot")
    pickable: dict[str, int | None] = Field(description="By family, those that queries find")
    assets: dict[str, int | None] = Field(description="By artifact type, those that parts have")


class Limits(BaseModel):
    """What a request may ask for."""

    max_body_bytes: int = Field(description="Of a request's body")
    max_concurrency: int = Field(description="Requests answered at once by a worker")
    request_timeout_s: float = Field(description="In which a request's body must have come")
    queries_in_a_batch: int = Field(description="At most")
    components_in_a_bundle: int = Field(description="At most")
    candidates_in_a_reply: int = Field(description="At most, to each query")


class StatusReply(BaseModel):
    """How this server fares; counters are of all workers."""

    status: StatusWord = Field(description="degraded: what is served is not what is published")
    snapshot: str | None = Field(description="The one that answers")
    current: str | None = Field(description="The one that is published")
    snapshot_mismatch_vs_cache_dir: bool = Field(description="Whether these two differ")
    snapshot_error: str | None = Field(description="Why the published one cannot be opened")
    data_age_s: float | None = Field(description="Since the date of the snapshot's data")
    is_partial: bool | None = Field(description="Whether it holds a part of the catalogue alone")
    counts: Counts = Field(description="What the snapshot holds")
    uptime_s: float = Field(description="Of the worker that answers")
    workers: int = Field(description="Server processes")
    reloads: int = Field(description="Snapshots opened")
    reload_failures: int = Field(description="Attempts to open one that failed")
    requests: dict[str, int] = Field(description="Answered, by route")
    requests_in_flight: int = Field(description="Of the worker that answers")
    limits: Limits = Field(description="What a request may ask for")


class Status:
    """Of this worker; counters are of all workers."""

    def __init__(self, services: Services) -> None:
        self._current = services.current
        self._metrics = services.metrics
        self._serve = services.serve
        self._started_s = time.time()

    def report(self) -> dict[str, Any]:
        """The body of ``GET /v1/status``."""
        current, snapshot = self._current, self._current.snapshot
        target = current.target()
        metadata = {} if snapshot is None else snapshot.metadata
        return {
            "status": self.word(),
            "snapshot": None if snapshot is None else snapshot.name,
            "current": None if target is None else Path(target).name,
            "snapshot_mismatch_vs_cache_dir": current.is_mismatched,
            "snapshot_error": current.error,
            "data_age_s": None if snapshot is None else data_age_s(snapshot),
            "is_partial": metadata.get("is_partial"),
            "counts": counts(metadata),
            "uptime_s": round(time.time() - self._started_s, 3),
            "workers": self._metrics.workers,
            "reloads": self._metrics.single("reloads"),
            "reload_failures": self._metrics.single("reload_failures"),
            "requests": self._metrics.requests(),
            "requests_in_flight": self._metrics.single("in_flight"),
            "limits": {
                "max_body_bytes": self._serve.max_body_bytes,
                "max_concurrency": self._serve.max_concurrency,
                "request_timeout_s": self._serve.request_timeout_s,
                "queries_in_a_batch": 1000,
                "components_in_a_bundle": 1000,
                "candidates_in_a_reply": 500,
            },
        }

    def word(self) -> StatusWord:
        """``ok``; ``degraded`` when what is served is not what is published; ``unavailable``."""
        if self._current.snapshot is None:
            return "unavailable"
        return "degraded" if self._current.error or self._current.is_mismatched else "ok"

    def gauges(self) -> Iterator[tuple[str, str, str, float]]:
        """For :meth:`Metrics.text`: of the worker that answers."""
        yield "components_workers", "Server processes.", "", self._metrics.workers
        yield "components_up_seconds", "Since the start.", "", time.time() - self._started_s
        mismatch = float(self._current.is_mismatched)
        text = "1 where another snapshot is served than `current` names."
        yield "components_snapshot_mismatch", text, "", mismatch
        snapshot = self._current.snapshot
        if snapshot is None:
            return
        labels = f'{{snapshot="{label(snapshot.name)}"}}'
        yield "components_snapshot_info", "The snapshot that answers.", labels, 1
        if (age_s := data_age_s(snapshot)) is not None:
            yield "components_snapshot_age_seconds", "Age of the data.", "", age_s


CurrentStatus = Annotated[Status, own(Status)]


@routes.get(
    "/healthz",
    label="healthz",
    summary="Whether queries can be answered",
    is_always=True,
    # A load balancer's or a container's health check has no key.
    is_open=True,
)
async def healthz(_: CurrentSnapshot, status: CurrentStatus) -> Health:
    """503 while there is no snapshot to answer from."""
    return Health(status=status.word())


@routes.get("/v1/status", label="status", summary="Snapshot, counts, limits", is_always=True)
async def report(status: CurrentStatus) -> StatusReply:
    """Answered however busy the server is."""
    return StatusReply.model_validate(status.report())


@routes.get(
    "/metrics",
    label="metrics",
    summary="Prometheus metrics of all workers",
    response_class=PlainTextResponse,
    is_always=True,
)
async def metrics(services: CurrentServices, status: CurrentStatus) -> PlainTextResponse:
    """Requests by route and status, times, sizes, age of the data; docs/grafana.json shows them."""
    return PlainTextResponse(services.metrics.text(status.gauges()), media_type=CONTENT_TYPE)


def counts(metadata: dict[str, Any]) -> dict[str, Any]:
    """Of a snapshot's metadata: parts, pickable ones by family, assets by type."""
    families = metadata.get("families") or {}
    assets = metadata.get("assets") or {}
    return {
        "parts": metadata.get("parts"),
        "pickable": {name: entry.get("pickable") for name, entry in families.items()},
        "assets": {name: entry.get("references") for name, entry in assets.items()},
    }


def data_age_s(snapshot: Snapshot) -> float | None:
    """Seconds since the day or moment that the snapshot's metadata gives for its data."""
    source = snapshot.metadata.get("source")
    text = source.get("data_date") if isinstance(source, dict) else None
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(time.time() - moment.timestamp(), 3)


def test_counts_are_those_of_the_metadata() -> None:
    metadata = {
        "parts": 9,
        "families": {"led": {"pickable": 4, "parts": 5}},
        "assets": {"model_obj": {"references": 3}},
    }
    expected = {"parts": 9, "pickable": {"led": 4}, "assets": {"model_obj": 3}}
    assert counts(metadata) == expected
    assert counts({}) == {"parts": None, "pickable": {}, "assets": {}}
