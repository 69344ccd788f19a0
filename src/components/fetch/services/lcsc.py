"""LCSC's product records (UPSTREAMS: LCSC)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.artifacts import media_type
from components.fetch.artifact import Fetched, Missing, Result, Shared
from components.fetch.manifest import Entry
from components.fetch.worklist import WorkItem
from components.net.answer import Answer, NotThere, Unfit
from components.net.endpoints import Endpoints
from components.net.http import Client

RECORD_MOST_BYTES = 4 << 20


class Lcsc:
    """The ``lcsc`` group; the base address has no slash at the end."""

    group = "lcsc"

    def __init__(self, client: Client, base: str) -> None:
        self._client = client
        self._base = base

    def asked(self, item: WorkItem, artifact_type: str = "lcsc_product") -> str:
        return f"{self._base}/ftps/wm/product/detail?productCode=C{item.lcsc_id}"

    def fetch(
        self, item: WorkItem, wanted: frozenset[str], known: Mapping[str, Entry], shared: Shared
    ) -> Iterator[Result]:
        url = self.asked(item)
        try:
            body = self._client.get(
                url,
                "lcsc",
                lambda answer: record(answer, item.lcsc_id),
                own=True,
                size_most_bytes=RECORD_MOST_BYTES,
            )
        except NotThere as error:
            yield Missing("lcsc_product", str(error))
        else:
            yield Fetched("lcsc_product", url, body, media_type("lcsc_product"))


def source(client: Client, services: Endpoints) -> Lcsc:
    """The group's source at these services."""
    return Lcsc(client, services.lcsc)


def record(answer: Answer, lcsc_id: int) -> bytes:
    """The answer's bytes, if it is the record of exactly this part.

    Raises :class:`NotThere` where LCSC has no such product, :class:`Unfit` for anything else.
    """
    content = answer.json()
    if not isinstance(content, dict) or content.get("code") != 200:
        raise Unfit("no product record")
    product = content.get("result")
    if product is None:
        raise NotThere(f"C{lcsc_id}: LCSC has no such product")
    number = product.get("productCode") if isinstance(product, dict) else None
    if number != f"C{lcsc_id}":
        raise Unfit(f"a record of another part, {str(number)[:20]}")
    return answer.body


def test_only_the_record_of_the_part_passes() -> None:
    import pytest

    def answer(text: str) -> Answer:
        return Answer("http://l/", 200, "application/json", text.encode(), {})

    good = '{"code": 200, "result": {"productCode": "C7", "paramVOList": null}}'
    assert record(answer(good), 7) == good.encode()
    with pytest.raises(NotThere, match="C7: LCSC has no such product"):
        record(answer('{"code": 200, "result": null}'), 7)
    for text in (
        good.replace("C7", "C77"),
        '{"code": 500}',
        "[]",
        '{"code": 200, "result": []}',
        "<",
    ):
        with pytest.raises(Unfit):
            record(answer(text), 7)
