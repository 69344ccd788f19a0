"""JLC OpenAPI, both generations of its endpoints (UPSTREAMS: JLC OpenAPI).

HTTP 200 is transport success only: what counts is ``code`` and ``success`` in the body. Every
answer's ``J-Trace-ID`` is kept, since JLC's support asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from components.config.upstream import Upstream
from components.core.errors import UpstreamError
from components.fetch.jlc_sign import Signer
from components.net.answer import Answer, Unfit
from components.net.http import Client

PAGE_SIZE = 100
ITEM_LISTS = ("componentInfos", "componentLibraryInfoVOS")
DETAIL_LIST = "componentDetailResponseVOList"
BATCH_SIZES = {"infos": 1, "library": 1000}
TRACE = "j-trace-id"
ANSWER_MOST_BYTES = 64 << 20
# The account lacks something: no other attempt will do better.
REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: the answer as it came, its parts, and the key of the next page."""

    answer: Answer
    items: list[dict[str, Any]]
    last_key: str | None

    @property
    def trace_id(self) -> str:
        return self.answer.headers.get(TRACE, "")

    @property
    def date_s(self) -> int | None:
        """When the service says that it answered, in Unix seconds."""
        try:
            return int(parsedate_to_datetime(self.answer.headers["date"]).timestamp())
        except (KeyError, ValueError):
            return None


class Jlc:
    """The list and the details, whichever generation the account has."""

    def __init__(self, client: Client, base: str, upstream: Upstream, sign: Signer) -> None:
        self._client = client
        self._sign = sign
        self.generation = upstream.jlc_api_generation
        library = self.generation == "library"
        self.list_url = base + (
            upstream.jlc_library_list_path if library else upstream.jlc_component_infos_path
        )
        self.detail_url = base + (
            upstream.jlc_library_detail_path if library else upstream.jlc_component_detail_path
        )
        self.batch_size = BATCH_SIZES[self.generation]

    def page(self, last_key: str | None, seen: set[str]) -> Page:
        """The page after ``last_key``; ``seen`` are the keys of this crawl so far.

        Raises :class:`UpstreamError`; a key that leads back is one, since a crawl would never end.
        """
        question: dict[str, Any] = {"pageSize": PAGE_SIZE} if self.generation == "library" else {}
        if last_key is not None:
            question["lastKey"] = last_key
        return self._client.post(
            self.list_url, "jlc", _body(question), self._sign, lambda a: read_page(a, seen)
        )

    def details(self, codes: Sequence[str]) -> Answer:
        """The answer that holds the details of up to ``batch_size`` parts."""
        question: dict[str, Any] = {"componentCodes": list(codes)}
        if self.generation == "infos":
            question = {"componentCode": codes[0]}

        def check(answer: Answer) -> Answer:
            data_of(answer)
            return answer

        return self._client.post(self.detail_url, "jlc", _body(question), self._sign, check)


def _body(question: dict[str, Any]) -> bytes:
    return json.dumps(question, separators=(",", ":")).encode()


def data_of(answer: Answer) -> Any:
    """``data`` of a successful answer.

    Raises :class:`UpstreamError` for what the account may not do, :class:`Unfit` for the rest.
    """
    content = answer.json()
    if not isinstance(content, dict):
        raise Unfit("not an object")
    code, success = content.get("code"), content.get("success", content.get("successful"))
    if code == 200 and success is not False:
        return content.get("data")
    message = " ".join(str(content.get("message") or content.get("msg") or "").split())[:200]
    trace = answer.headers.get(TRACE, "none")
    reason = f"business code {code!r}: {message or 'no message'} (J-Trace-ID {trace})"
    if code in REFUSED:
        raise UpstreamError(f"{answer.url}: {reason}; check the account's credentials and scope")
    raise Unfit(reason)


def read_page(answer: Answer, seen: set[str]) -> Page:
    """A page of either generation. Raises as :func:`data_of`, and for a repeated ``lastKey``."""
    data = data_of(answer)
    rows = None
    if isinstance(data, dict):
        rows = next((data[name] for name in ITEM_LISTS if isinstance(data.get(name), list)), None)
    if rows is None:
        raise Unfit("a page without a list of parts")
    key = data.get("lastKey")
    if key is not None and not isinstance(key, str | int):
        raise Unfit("a lastKey that is no text")
    last_key = None if key in (None, "") else str(key)
    if last_key in seen:
        raise Unfit(f"lastKey {last_key[:40]!r} repeats an earlier one" if last_key else "")
    return Page(answer, [row for row in rows if isinstance(row, dict)], last_key)


def detail_items(data: Any) -> list[dict[str, Any]]:
    """The parts in ``data`` of a detail answer: a list, an object of one, or one part itself."""
    if isinstance(data, dict):
        listed = data.get(DETAIL_LIST)
        data = listed if isinstance(listed, list) else [data]
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def _answer(content: Any) -> Answer:
    headers = {TRACE: "t-1", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    return Answer("http://j/x", 200, "application/json", json.dumps(content).encode(), headers)


def test_pages_of_both_generations() -> None:
    for name in ITEM_LISTS:
        data = {name: [{"a": 1}, None], "lastKey": "k2"}
        page = read_page(_answer({"code": 200, "success": True, "data": data}), {"k1"})
        assert (page.items, page.last_key, page.trace_id) == ([{"a": 1}], "k2", "t-1")
        assert page.date_s == 1_767_225_600
    last = {"code": 200, "successful": True, "data": {"componentInfos": [], "lastKey": None}}
    assert read_page(_answer(last), set()).last_key is None


def test_what_is_no_page_is_refused() -> None:
    import pytest

    rows = {"componentInfos": [], "lastKey": "k1"}
    for content, reason in (
        ({"code": 200, "success": True, "data": rows}, "repeats"),
        ({"code": 200, "success": True, "data": None}, "without a list"),
        ({"code": 500, "success": False, "message": "busy"}, "500: busy .J-Trace-ID t-1"),
        ({"code": 200, "success": False}, "no message"),
        ([], "not an object"),
    ):
        with pytest.raises(Unfit, match=reason):
            read_page(_answer(content), {"k1"})
    for code in REFUSED:
        with pytest.raises(UpstreamError, match=f"{code}: no scope .*credentials and scope"):
            read_page(_answer({"code": code, "success": False, "msg": "no scope"}), set())


def test_details_come_in_three_forms() -> None:
    part = {"componentCode": "C1"}
    for data in ([part], {DETAIL_LIST: [part, 3]}, part):
        assert detail_items(data) == [part]
    assert detail_items(None) == detail_items("x") == []
