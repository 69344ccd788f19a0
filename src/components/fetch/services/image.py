"""Photographs of parts: the catalogue has the address, their bytes say what kind they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.core.errors import ComponentsError
from components.fetch.artifact import Fetched, Missing, Result, Shared, failed
from components.fetch.manifest import Entry
from components.fetch.services.datasheet import absolute
from components.fetch.worklist import WorkItem
from components.net.answer import Answer, NotThere, Unfit
from components.net.endpoints import Endpoints
from components.net.http import Client

IMAGE_MOST_BYTES = 32 << 20
PNG_END = b"IEND\xaeB`\x82"
_TAIL_BYTES = 1024


class Images:
    """The ``image`` group."""

    group = "image"

    def __init__(self, client: Client) -> None:
        self._client = client

    def asked(self, item: WorkItem, artifact_type: str = "part_image") -> str:
        return absolute(item.image_url)

    def fetch(
        self, item: WorkItem, wanted: frozenset[str], known: Mapping[str, Entry], shared: Shared
    ) -> Iterator[Result]:
        url = self.asked(item)
        with shared.once("part_image", url) as turn:
            yield turn.had or turn.settle(self._fetched(url))

    def _fetched(self, url: str) -> Result:
        try:
            answer = self._client.get(url, "lcsc", picture, size_most_bytes=IMAGE_MOST_BYTES)
        except NotThere as error:
            return Missing("part_image", str(error))
        except ComponentsError as error:
            return failed("part_image", error)
        meta = {"resolved_url": answer.url, "content_type": answer.mime, "status": answer.status}
        return Fetched("part_image", url, answer.body, kind(answer.body), meta)


def source(client: Client, services: Endpoints) -> Images:
    """The group's source at these services."""
    return Images(client)


def kind(data: bytes) -> str:
    """The media type of a whole picture; empty for anything else.

    >>> kind(b"GIF89a..;"), kind(b"RIFF\\x08\\0\\0\\0WEBPVP8 "), kind(b"<svg/>")
    ('image/gif', 'image/webp', '')
    """
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data[-_TAIL_BYTES:]:
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n") and PNG_END in data[-_TAIL_BYTES:]:
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")) and data.rstrip(b"\0").endswith(b";"):
        return "image/gif"
    riff = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if riff and int.from_bytes(data[4:8], "little") + 8 <= len(data):
        return "image/webp"
    return ""


def picture(answer: Answer) -> Answer:
    """A whole picture. Raises :class:`Unfit`."""
    if not kind(answer.body):
        raise Unfit(f"{answer.mime or 'something'} in place of a picture, or a part of one")
    return answer


def test_a_picture_must_be_whole() -> None:
    import pytest

    from components.bundled.images import picture as drawn

    for png, media_type in ((True, "image/png"), (False, "image/jpeg")):
        data = drawn("C1-front", 96, png=png)
        assert kind(data) == media_type
        for damaged in (data[:-9], data[1:], b""):
            with pytest.raises(Unfit):
                picture(Answer("http://i/", 200, media_type, damaged, {}))
