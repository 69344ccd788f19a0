"""``POST /v1/components/full``: whole parts and their bundle, as ``multipart/mixed``.

The bundle is built into an unlinked temporary file first, since its hash and size stand in the
JSON part before it; memory stays bounded by the largest object.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Annotated, Any, Literal

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from components.artifacts import ARTIFACT_TYPES
from components.serve.http.asgi import Refusal
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.routes.bundle import MEDIA_TYPE, Bundle, build_bundle
from components.serve.routes.parts import read_assets, read_parameters, read_parts, to_json
from components.serve.services import Services
from components.serve.snapshot import Snapshot

FULL_PATH = "/v1/components/full"
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

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._tables = {each["name"]: each["table"] for each in services.families["families"]}
        self._metrics = services.metrics
        self._max_bundle_bytes = services.serve.max_bundle_bytes
        self._threads = ThreadPoolExecutor(BUILDING_MAX, thread_name_prefix="bundle")
        self._asked = 0

    async def answer(self, request: FullRequest, snapshot: Snapshot, *, bare: bool) -> Response:
        """The reply; with ``bare`` the bundle alone. Raises Refusal (413, 429, 503)."""
        if self._asked >= BUILDING_MAX + WAITING_MAX:
            raise Refusal(429, "server: too many bundles at once; try again")
        self._asked += 1
        try:
            loop = asyncio.get_running_loop()
            build = loop.run_in_executor(self._threads, self._build, request, snapshot)
            content, bundle = await build
        except OSError as error:
            raise Refusal(503, f"bundle: cannot be written: {error.strerror}") from None
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
            raise Refusal(
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


routes = Routes("parts")

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_HEADERS: dict[str, Any] = {
    "X-Bundle-SHA256": {
        "description": "SHA-256 of the tar.zst",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
}
_CONTENT: dict[str, Any] = {"multipart/mixed": _BINARY, MEDIA_TYPE: _BINARY}
_BODY = {"application/json": {"schema": FullRequest.model_json_schema()}}


@routes.post(
    FULL_PATH,
    label="full",
    summary="Whole parts, with everything stored for them",
    response_class=Response,
    responses={200: {"content": _CONTENT, "headers": _HEADERS}},
    openapi_extra={"requestBody": {"required": True, "content": _BODY}},
)
async def full(
    request: Request, snapshot: CurrentSnapshot, answers: Annotated[FullAnswers, own(FullAnswers)]
) -> Response:
    """Two parts: JSON, then a `tar.zst`. With `Accept: application/zstd` the second alone.

    Ids that are unknown, and artifacts that are missing or damaged, are told in the JSON.
    """
    # Parsed here, as the query routes do, whatever content type a client gives.
    body = FullRequest.model_validate_json(await request.body())
    bare = request.headers.get("accept", "").split(";")[0].strip() == MEDIA_TYPE
    return await answers.answer(body, snapshot, bare=bare)


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
