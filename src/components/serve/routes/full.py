"""``POST /v1/components/full``: whole parts and their bundle, as ``multipart/mixed``.

The bundle is built into an unlinked temporary file first, since its hash and size stand in the
JSON part before it; memory stays bounded by the largest object.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Annotated, Any, Literal

from fastapi import HTTPException
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from components.artifacts import ARTIFACT_TYPES
from components.serve.http.metrics import Metrics
from components.serve.routes.bundle import MEDIA_TYPE, Bundle, build_bundle
from components.serve.routes.parts import read_assets, read_parameters, read_parts, to_json
from components.serve.snapshot import Snapshot
from components.store.object_store import ObjectStore

IDS_MAX = 1000
# The largest number that every JSON reader takes as it is.
LCSC_ID_MAX = 2**53 - 1
# Building keeps a core busy each; what waits beyond these is refused.
BUILDING_MAX = 2
WAITING_MAX = 16
_CHUNK_BYTES = 1 << 20

ArtifactType = Literal[ARTIFACT_TYPES]  # type: ignore[valid-type]


def _whole(value: Any) -> Any:
    # JSON has one kind of number: 5.0 is an integer.
    return int(value) if isinstance(value, float) and value.is_integer() else value


LcscId = Annotated[int, Field(ge=1, le=LCSC_ID_MAX), BeforeValidator(_whole)]


class FullRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"component_ids": [2040, 25804]}]},
    )

    component_ids: list[LcscId] = Field(
        min_length=1, max_length=IDS_MAX, description="LCSC part numbers without the C"
    )
    artifact_types: list[ArtifactType] | None = Field(
        None, max_length=100, description="Which artifacts to bundle; default: all there are"
    )


class FullAnswers:
    """Builds bundles beside the event loop, a few at a time."""

    def __init__(
        self, store: ObjectStore, tables: dict[str, str], metrics: Metrics, max_bundle_bytes: int
    ) -> None:
        self._store = store
        self._tables = tables
        self._metrics = metrics
        self._max_bundle_bytes = max_bundle_bytes
        self._threads = ThreadPoolExecutor(BUILDING_MAX, thread_name_prefix="bundle")
        self._asked = 0

    async def answer(self, request: FullRequest, snapshot: Snapshot, *, bare: bool) -> Response:
        """The reply; with ``bare`` the bundle alone. Raises HTTPException (413, 429, 503)."""
        if self._asked >= BUILDING_MAX + WAITING_MAX:
            raise HTTPException(429, "server: too many bundles at once; try again")
        self._asked += 1
        try:
            loop = asyncio.get_running_loop()
            build = loop.run_in_executor(self._threads, self._build, request, snapshot)
            content, bundle = await build
        except OSError as error:
            raise HTTPException(503, f"bundle: cannot be written: {error.strerror}") from None
        finally:
            self._asked -= 1
        self._metrics.damaged(bundle.damaged)
        return _bare(content, bundle) if bare else _multipart(content, bundle)

    def close(self) -> None:
        self._threads.shutdown()

    def _build(self, request: FullRequest, snapshot: Snapshot) -> tuple[dict[str, Any], Bundle]:
        wanted = set(request.component_ids)
        with snapshot.database() as detail:
            parts = read_parts(detail, wanted)
            assets = read_assets(detail, wanted, request.artifact_types)
        size_bytes = sum({asset.stored_key: asset.size_bytes for asset in assets}.values())
        if size_bytes > self._max_bundle_bytes:
            raise HTTPException(
                413,
                f"component_ids: their artifacts have {size_bytes} bytes, more than "
                f"{self._max_bundle_bytes}; ask for fewer parts or artifact_types",
            )
        with snapshot.database("fast.sqlite") as fast:
            parameters = read_parameters(fast, self._tables, parts)
        for part in parts:
            part["pick_parameters"] = parameters.get(part["lcsc_id"])
        unknown = sorted(wanted - {part["lcsc_id"] for part in parts})
        bundle = build_bundle(snapshot.name, parts, unknown, assets, self._store)
        return {
            "components": parts,
            "unknown_ids": unknown,
            "asset_manifest": bundle.artifacts,
            "bundle_filename": f"components-{snapshot.name}-{bundle.sha256[:12]}.tar.zst",
            "bundle_media_type": MEDIA_TYPE,
            "bundle_sha256": bundle.sha256,
            "bundle_size_bytes": bundle.size_bytes,
        }, bundle


def _multipart(content: dict[str, Any], bundle: Bundle) -> Response:
    boundary = f"bundle-{bundle.sha256[:32]}"
    text = to_json(content)
    first = [
        f"--{boundary}",
        "Content-Type: application/json",
        f"Content-Length: {len(text)}",
        "",
        "",
    ]
    second = [
        "",
        f"--{boundary}",
        f"Content-Type: {MEDIA_TYPE}",
        f'Content-Disposition: attachment; filename="{content["bundle_filename"]}"',
        f"Content-Length: {bundle.size_bytes}",
        f"X-Bundle-SHA256: {bundle.sha256}",
        "",
        "",
    ]
    head = _lines(first) + text + _lines(second)
    tail = _lines(["", f"--{boundary}--", ""])
    headers = {
        "content-length": str(len(head) + bundle.size_bytes + len(tail)),
        "content-type": f"multipart/mixed; boundary={boundary}",
        "x-bundle-sha256": bundle.sha256,
    }
    return StreamingResponse(_stream(head, bundle.file, tail), headers=headers)


def _bare(content: dict[str, Any], bundle: Bundle) -> Response:
    headers = {
        "content-length": str(bundle.size_bytes),
        "content-type": MEDIA_TYPE,
        "content-disposition": f'attachment; filename="{content["bundle_filename"]}"',
        "x-bundle-sha256": bundle.sha256,
    }
    return StreamingResponse(_stream(b"", bundle.file, b""), headers=headers)


async def _stream(head: bytes, file: IO[bytes], tail: bytes) -> AsyncIterator[bytes]:
    with file:
        if head:
            yield head
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield chunk
        if tail:
            yield tail


def _lines(lines: list[str]) -> bytes:
    # Joined, not ended: what follows stands right behind.
    return "\r\n".join(lines).encode("ascii")
