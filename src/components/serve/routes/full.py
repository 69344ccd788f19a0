"""``POST /v1/components/full``: whole parts and their bundle, as ``multipart/mixed``.

The bundle is built into an unlinked temporary file first, since its hash and size stand in the
JSON part before it; memory stays bounded by the largest object. What clients have not taken yet
counts against ``serve.max_bundles_bytes``.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import IO, Annotated, Any, Literal

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from components.artifacts import ARTIFACT_TYPES
from components.serve.bundling import Builders, Job, Made, path_of
from components.serve.http.asgi import Refusal, Scope
from components.serve.http.budget import Budget
from components.serve.json_body import read_object
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.routes.bundle import MEDIA_TYPE
from components.serve.routes.lcsc_id import LcscId
from components.serve.services import Services
from components.serve.snapshot import Snapshot

FULL_PATH = "/v1/components/full"
IDS_MAX = 1000
# A thousand of the longest numbers, and the types' names, with room for spaces.
BODY_MAX_BYTES = 65536
_CHUNK_BYTES = 1 << 18

ArtifactType = Literal[ARTIFACT_TYPES]  # type: ignore[valid-type]


class FullRequest(BaseModel):
    """Which parts, and which of their artifacts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    component_ids: list[LcscId] = Field(
        min_length=1, max_length=IDS_MAX, description="LCSC part numbers"
    )
    artifact_types: list[ArtifactType] | None = Field(
        None, max_length=100, description="Which artifacts to bundle; default: all there are"
    )


_SIZE_SQL = """
SELECT COALESCE(sum(size_bytes), 0) FROM (
    SELECT max(raw_size_bytes) AS size_bytes FROM component_assets
    WHERE lcsc_id IN (SELECT value FROM json_each(?))
        AND artifact_type IN (SELECT value FROM json_each(?))
    GROUP BY stored_key
)
"""
# What is stored of a part beside its artifacts, at most about.
_PART_BYTES = 8192


class FullAnswers:
    """Builds bundles beside the event loop, a few at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tables = {each["name"]: each["table"] for each in services.families["families"]}
        self._max_bundle_bytes = services.serve.max_bundle_bytes
        self._budget = Budget(services.serve.max_bundles_bytes, "bundles")
        self._builders = Builders()

    async def answer(
        self, request: FullRequest, snapshot: Snapshot, scope: Scope, *, bare: bool
    ) -> Response:
        """The reply; with ``bare`` the bundle alone. Raises :class:`Refusal` (413, 429, 503)."""
        closing: ExitStack = scope["closing"]
        size_bytes = await asyncio.to_thread(_size_bytes, request, snapshot)
        if size_bytes > self._max_bundle_bytes:
            raise Refusal(
                413,
                f"component_ids: their artifacts have {size_bytes} bytes, more than "
                f"{self._max_bundle_bytes}; ask for fewer parts or artifact_types",
            )
        taken_bytes = size_bytes + _PART_BYTES * len(request.component_ids)
        closing.enter_context(self._budget.held(scope, taken_bytes))
        bundle, text = _unnamed(closing), _unnamed(closing)
        job = Job(
            snapshot.folder,
            self._services.store.root,
            self._services.layout.library,
            self._tables,
            frozenset(request.component_ids),
            None if request.artifact_types is None else tuple(request.artifact_types),
            path_of(bundle),
            path_of(text),
        )
        made = await self._builders.build(job, size_bytes)
        self._services.metrics.damaged(made.damaged)
        return _bare(made, bundle) if bare else _multipart(made, text, bundle)

    def close(self) -> None:
        self._builders.close()


def _unnamed(closing: ExitStack) -> IO[bytes]:
    """A file without a name, which ends with the reply."""
    return closing.enter_context(tempfile.TemporaryFile(prefix="bundle-"))


def _size_bytes(request: FullRequest, snapshot: Snapshot) -> int:
    """Of all that is asked for, each object once; found without an object of Python a row."""
    types = ARTIFACT_TYPES if request.artifact_types is None else request.artifact_types
    arguments = (json.dumps(request.component_ids), json.dumps(list(types)))
    with snapshot.database() as detail:
        (size_bytes,) = detail.execute(_SIZE_SQL, arguments).fetchone()
    return int(size_bytes)


routes = Routes("parts")

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_HEADERS: dict[str, Any] = {
    "X-Bundle-SHA256": {
        "description": "SHA-256 of the tar.zst",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
}
_CONTENT: dict[str, Any] = {"multipart/mixed": _BINARY, MEDIA_TYPE: _BINARY}


@routes.post(
    FULL_PATH,
    label="full",
    body_max_bytes=BODY_MAX_BYTES,
    body=FullRequest,
    summary="Whole parts, with everything stored for them",
    response_class=Response,
    responses={200: {"content": _CONTENT, "headers": _HEADERS}},
)
async def full(
    request: Request, snapshot: CurrentSnapshot, answers: Annotated[FullAnswers, own(FullAnswers)]
) -> Response:
    """Two parts: JSON, then a `tar.zst`. With `Accept: application/zstd` the second alone.

    Ids that are unknown, and artifacts that are missing or damaged, are told in the JSON.
    """
    # Parsed here, as the query routes do, whatever content type a client gives.
    body = FullRequest.model_validate(read_object(await request.body(), FullRequest.model_fields))
    bare = request.headers.get("accept", "").split(";")[0].strip() == MEDIA_TYPE
    return await answers.answer(body, snapshot, request.scope, bare=bare)


def _multipart(made: Made, text: IO[bytes], bundle: IO[bytes]) -> Response:
    boundary = f"bundle-{made.sha256[:32]}"
    first = [
        f"--{boundary}",
        "Content-Type: application/json",
        f"Content-Length: {made.content_bytes}",
        "",
        "",
    ]
    second = [
        "",
        f"--{boundary}",
        f"Content-Type: {MEDIA_TYPE}",
        f'Content-Disposition: attachment; filename="{made.filename}"',
        f"Content-Length: {made.size_bytes}",
        f"X-Bundle-SHA256: {made.sha256}",
        "",
        "",
    ]
    parts = (_lines(first), text, _lines(second), bundle, _lines(["", f"--{boundary}--", ""]))
    framed_bytes = sum(len(part) for part in parts if isinstance(part, bytes))
    headers = {
        "content-length": str(framed_bytes + made.content_bytes + made.size_bytes),
        "content-type": f"multipart/mixed; boundary={boundary}",
        "x-bundle-sha256": made.sha256,
    }
    return StreamingResponse(_stream(*parts), headers=headers)


def _bare(made: Made, bundle: IO[bytes]) -> Response:
    headers = {
        "content-length": str(made.size_bytes),
        "content-type": MEDIA_TYPE,
        "content-disposition": f'attachment; filename="{made.filename}"',
        "x-bundle-sha256": made.sha256,
    }
    return StreamingResponse(_stream(bundle), headers=headers)


async def _stream(*parts: bytes | IO[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
        else:
            while chunk := await asyncio.to_thread(part.read, _CHUNK_BYTES):
                yield chunk


def _lines(lines: list[str]) -> bytes:
    # Joined, not ended: what follows stands right behind.
    return "\r\n".join(lines).encode("ascii")
