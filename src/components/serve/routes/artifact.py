"""``GET /v1/components/{lcsc_id}/{artifact_type}``: one artifact itself.

Its name is the hash of its bytes, which is a strong ``ETag``; ranges are RFC 9110, section 14.
"""

from __future__ import annotations

import re
import threading
from typing import Annotated, Literal, NamedTuple

from fastapi import Request
from fastapi.responses import Response

from components.artifacts import ARTIFACT_TYPES, ARTIFACTS, extension_of
from components.core.errors import StoreError
from components.serve.http.asgi import Refusal
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.routes.lcsc_id import LcscNumber, number_of
from components.serve.routes.part import NOT_FOUND
from components.serve.routes.parts import Asset, read_assets
from components.serve.services import Services
from components.serve.snapshot import Snapshot

ARTIFACT_PATH = "/v1/components/{lcsc_id}/{artifact_type}"
# Each holds a whole object in memory.
READING_MAX = 4
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_HEADERS = {
    name: {"schema": {"type": "string"}}
    for name in ("ETag", "Accept-Ranges", "Content-Disposition")
}
_BINARY = {
    media_type: {"schema": {"type": "string", "format": "binary"}}
    for media_type in sorted(
        {"image/png", "image/webp", "image/gif", *(one.media_type for one in ARTIFACTS.values())}
    )
}

routes = Routes("parts")

ArtifactType = Literal[ARTIFACT_TYPES]  # type: ignore[valid-type]


class Artifacts:
    """Reads objects, a few at a time."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._metrics = services.metrics
        self._free = threading.BoundedSemaphore(READING_MAX)

    def find(self, snapshot: Snapshot, lcsc_id: int, artifact_type: str) -> Asset:
        """Raises Refusal (404) where the part has none."""
        with snapshot.database() as detail:
            found = read_assets(detail, [lcsc_id], [artifact_type])
        if not found:
            text = f"artifact_type: C{lcsc_id} has no {artifact_type}, or there is no such part"
            raise Refusal(404, text)
        return found[0]

    def read(self, asset: Asset) -> bytes:
        """The whole artifact. Raises Refusal (503) where the store's object is damaged."""
        with self._free:
            try:
                return self._store.get(asset.stored_key)
            except StoreError as error:
                self._metrics.damaged(1)
                raise Refusal(503, f"artifact: {error}") from None


@routes.get(
    ARTIFACT_PATH,
    label="artifact",
    summary="One artifact of a part",
    response_class=Response,
    responses={
        200: {"description": "The artifact", "content": _BINARY, "headers": _HEADERS},
        206: {"description": "The range that was asked for", "content": _BINARY},
        304: {"description": "It is what `If-None-Match` names"},
        416: {
            "description": "The range lies behind its end",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        },
        **NOT_FOUND,
    },
)
def artifact(
    lcsc_id: LcscNumber,
    artifact_type: ArtifactType,
    request: Request,
    snapshot: CurrentSnapshot,
    artifacts: Annotated[Artifacts, own(Artifacts)],
) -> Response:
    """With `ETag` and `Range`; a file name is suggested, since its address has none."""
    asset = artifacts.find(snapshot, number_of(lcsc_id), artifact_type)
    etag = f'"{asset.sha256}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": "public, max-age=86400",
        "content-disposition": _disposition(asset),
        # Strangers made it: it is shown as what it is, and runs nothing.
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    data = artifacts.read(asset)
    wanted = request.headers.get("range", "")
    if request.headers.get("if-range", etag) != etag:
        wanted = ""
    found = ranged(wanted, len(data))
    media_type = _media_type(asset)
    if found is None:
        return Response(data, headers=headers, media_type=media_type)
    if found.begin >= len(data):
        unsatisfied = (b"content-range", f"bytes */{len(data)}".encode())
        raise Refusal(416, f"range: the artifact has {len(data)} bytes", unsatisfied)
    headers["content-range"] = f"bytes {found.begin}-{found.end - 1}/{len(data)}"
    return Response(data[found.begin : found.end], 206, headers, media_type)


class Span(NamedTuple):
    begin: int
    end: int


def ranged(header: str, size_bytes: int) -> Span | None:
    """The span that a ``Range`` asks for; None for the whole, as for what is no single range.

    A span that begins behind the end cannot be satisfied.

    >>> ranged("bytes=2-3", 10), ranged("bytes=-4", 10), ranged("bytes=1-0", 10)
    (Span(begin=2, end=4), Span(begin=6, end=10), None)
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        count = int(match[2])
        return Span(max(0, size_bytes - count), size_bytes) if count else Span(size_bytes, 0)
    begin = int(match[1])
    end = min(int(match[2]) + 1, size_bytes) if match[2] else size_bytes
    if match[2] and int(match[2]) < begin:
        return None
    return Span(begin, end)


def _names(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in tags or "*" in tags


def _media_type(asset: Asset) -> str:
    """The type of the table; a picture's own, where it is one that we know."""
    if asset.artifact_type == "part_image" and asset.mime in _BINARY:
        return asset.mime
    return ARTIFACTS[asset.artifact_type].media_type


def _disposition(asset: Asset) -> str:
    extension = extension_of(asset.artifact_type, asset.mime)
    shown = {"pdf", "svg", "jpg", "png", "webp", "gif", "img"}
    how = "inline" if extension in shown else "attachment"
    return f'{how}; filename="C{asset.lcsc_id}_{asset.artifact_type}.{extension}"'


def test_ranges_beside_the_plain_ones() -> None:
    for header, wanted in (
        *(("", None), ("bytes=", None), ("bytes=-", None), ("bytes=0-1,3-4", None)),
        *(("items=0-1", None), ("bytes=0-", Span(0, 10)), ("bytes=0-99", Span(0, 10))),
        *(("bytes=9-9", Span(9, 10)), ("bytes=10-", Span(10, 10)), ("bytes=-99", Span(0, 10))),
        *(
            ("bytes=-0", Span(10, 0)),
            (" bytes=1-2 ", Span(1, 3)),
            ("bytes=" + "9" * 16 + "-", None),
        ),
    ):
        assert ranged(header, 10) == wanted, header
    assert _names('W/"a", "b"', '"a"') and not _names('"c"', '"a"') and _names("*", '"a"')
