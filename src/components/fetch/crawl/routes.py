"""JLC OpenAPI's two component routes: what is asked, and what the answers say (UPSTREAMS).

HTTP 200 is transport success only: what counts is ``code`` and ``success`` in the body. The list
(``getComponentInfos``) ends in any of several ways; the details (``getComponentDetailByCode``) come
as a bare list or within an object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from components.config.upstream import Upstream
from components.core.errors import UpstreamError
from components.net.answer import Answer, Unfit, shown, trace

LIST_SETTING = "upstream.jlc_component_infos_path"
DETAIL_SETTING = "upstream.jlc_component_detail_path"
ITEM_LISTS = ("componentInfos", "componentLibraryInfoVOS")
DETAIL_LIST = "componentDetailResponseVOList"
BATCH_SIZE = 1000
"""Parts that one request for details may name."""
_KEY_WORDS = re.compile(r"last.?key|cursor|page.?key", re.IGNORECASE)


class Denied(UpstreamError):
    """The account, or the configuration, lacks something: no other attempt will do better."""


class Refused(UpstreamError):
    """The service does not take this question, a cursor that it has forgotten for instance."""


class Throttled(Exception):
    """Asked too often; ``str()`` is how the service said so."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: the answer as it came, its parts, and the key of the next page."""

    answer: Answer
    items: list[dict[str, Any]]
    last_key: str | None

    @property
    def date_s(self) -> int | None:
        """When the service says that it answered, in Unix seconds."""
        try:
            return int(parsedate_to_datetime(self.answer.headers["date"]).timestamp())
        except (KeyError, ValueError):
            return None


class Routes:
    """The addresses of an account's routes; ``base`` has no slash at the end."""

    def __init__(self, base: str, upstream: Upstream) -> None:
        self.list_url = base + upstream.jlc_component_infos_path
        self.detail_url = base + upstream.jlc_component_detail_path
        last = upstream.jlc_component_detail_path.rpartition("/")[2]
        self.batch_size = BATCH_SIZE if "bycode" in last.lower() else 1

    @staticmethod
    def page_question(last_key: str | None) -> bytes:
        """The body that asks for the page after ``last_key``."""
        return _body({} if last_key is None else {"lastKey": last_key})

    def detail_question(self, codes: Sequence[str]) -> bytes:
        """The body that asks for the details of up to ``batch_size`` parts."""
        if self.batch_size == 1:
            return _body({"componentCode": codes[0]})
        return _body({"componentCodes": list(codes)})


def _body(question: dict[str, Any]) -> bytes:
    return json.dumps(question, separators=(",", ":")).encode()


def data_of(answer: Answer, setting: str) -> Any:
    """``data`` of a successful answer; ``setting`` is the key that names the route.

    Raises :class:`Denied`, :class:`Refused`, :class:`Throttled`, and :class:`Unfit` for what
    another attempt may mend.
    """
    if answer.status == 200:
        content = answer.json()
        if not isinstance(content, dict):
            raise Unfit(f"not an object{trace(answer)}")
        code = _code(content.get("code"))
        success = content.get("success", content.get("successful"))
        if code == 200 and success not in (False, "false"):
            return content.get("data")
        how = f"business code {content.get('code')!r}"[:60]
    else:
        content, code, how = _said(answer), answer.status, f"HTTP {answer.status}"
    words = content.get("message") or content.get("msg") or "no message"
    message = " ".join(str(words).split())[:200]
    reason = f"{how}: {message}{trace(answer)}"
    raise _refusal(code, reason, message, shown(answer.url), setting)


def _code(code: Any) -> Any:
    return int(code) if isinstance(code, str) and code.isascii() and code.isdecimal() else code


def _said(answer: Answer) -> dict[str, Any]:
    try:
        content = answer.json()
    except Unfit:
        return {}
    return content if isinstance(content, dict) else {}


def _refusal(code: Any, reason: str, message: str, url: str, setting: str) -> Exception:
    if code == 429:
        return Throttled(reason)
    if (code == 401 and "not exist" in message.lower()) or code in (404, 405):
        return Denied(f"{url}: JLC has no such route ({reason}); check {setting}")
    if code == 401:
        return Denied(
            f"JLC does not accept the credentials ({reason}); check JLC_APP_ID, JLC_ACCESS_KEY "
            "and JLC_SECRET_KEY, and this machine's clock"
        )
    if code == 403:
        return Denied(
            f"{url}: JLC knows the credentials and refuses ({reason}): the account is under "
            "review, its scope for parts is not granted, or this address is not on its allow list"
        )
    if isinstance(code, int) and 300 <= code < 400:
        return UpstreamError(f"{url}: redirects a signed request ({reason}); refused")
    client_error = isinstance(code, int) and 400 <= code < 500 and code != 408
    if client_error or _KEY_WORDS.search(message):
        return Refused(f"{url}: {reason}")
    return Unfit(reason)


def read_page(answer: Answer, seen: set[str]) -> Page:
    """A page; ``seen`` are the keys of this crawl so far.

    The end is an empty, null or absent list, with or without a key, ``data`` of null, or parts
    without a key. Raises as :func:`data_of`, and :class:`Unfit` for a key that leads back, since a
    crawl would never end.
    """
    data = data_of(answer, LIST_SETTING)
    if data is not None and not isinstance(data, dict):
        raise Unfit(f"a page that is no object{trace(answer)}")
    data = data or {}
    rows = next((data[name] for name in ITEM_LISTS if data.get(name)), None)
    if not rows:
        return Page(answer, [], None)
    if not isinstance(rows, list):
        raise Unfit(f"a page whose parts are no list{trace(answer)}")
    key = data.get("lastKey")
    if key is not None and not isinstance(key, str | int):
        raise Unfit(f"a lastKey that is no text{trace(answer)}")
    last_key = None if key in (None, "") else str(key)
    if last_key is not None and last_key in seen:
        raise Unfit(f"lastKey {last_key[:40]!r} repeats an earlier one{trace(answer)}")
    return Page(answer, [row for row in rows if isinstance(row, dict)], last_key)


def read_details(answer: Answer) -> list[dict[str, Any]]:
    """The parts of a detail answer. Raises as :func:`data_of`."""
    return detail_items(data_of(answer, DETAIL_SETTING))


def detail_items(data: Any) -> list[dict[str, Any]]:
    """The parts in ``data`` of a detail answer: a list, an object of one, or one part itself."""
    if isinstance(data, dict):
        listed = data.get(DETAIL_LIST)
        data = listed if isinstance(listed, list) else [data]
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def _answer(content: Any, status: int = 200) -> Answer:
    headers = {"j-trace-id": "t-1", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    return Answer("http://j/x", status, "application/json", json.dumps(content).encode(), headers)


def test_pages_of_parts() -> None:
    for name in ITEM_LISTS:
        data = {name: [{"a": 1}, None], "lastKey": "k2"}
        for code in (200, "200"):
            page = read_page(_answer({"code": code, "success": True, "data": data}), {"k1"})
            assert (page.items, page.last_key) == ([{"a": 1}], "k2")
            assert page.date_s == 1_767_225_600


def test_every_spelling_of_the_end_is_one() -> None:
    ends: tuple[Any, ...] = (
        None,
        {},
        {"componentInfos": None, "lastKey": "k1"},
        {"componentInfos": None, "lastKey": None},
        {"componentInfos": [], "lastKey": "k9"},
        {"componentInfos": []},
        {"lastKey": "k9"},
    )
    for data in ends:
        page = read_page(_answer({"code": 200, "successful": True, "data": data}), {"k1"})
        assert (page.items, page.last_key) == ([], None), data
    for key in ({"lastKey": None}, {"lastKey": ""}, {}):
        last = read_page(_answer({"code": 200, "data": {"componentInfos": [{}], **key}}), set())
        assert (len(last.items), last.last_key) == (1, None)


def test_each_refusal_has_its_own_words() -> None:
    import pytest

    rows = {"componentInfos": [{}], "lastKey": "k1"}
    cases: tuple[tuple[Any, int, type[Exception], str], ...] = (
        ({"code": 200, "data": rows}, 200, Unfit, "repeats an earlier one .J-Trace-ID t-1"),
        ({"code": 200, "data": [1]}, 200, Unfit, "no object"),
        ({"code": 500, "message": "busy"}, 200, Unfit, "500: busy .J-Trace-ID t-1"),
        ({"code": 200, "success": False}, 200, Unfit, "no message"),
        ([], 200, Unfit, "not an object"),
        ({"code": 429, "message": "slow"}, 200, Throttled, "429: slow .J-Trace-ID t-1"),
        ({}, 429, Throttled, "HTTP 429"),
        ({"code": 401, "message": "API not exists"}, 401, Denied, "no such route.*infos_path"),
        ({"code": 401, "message": "signature verify failed"}, 401, Denied, "JLC_SECRET_KEY"),
        ({"code": "403", "msg": "no"}, 200, Denied, "under review.*scope.*allow list"),
        ({"code": 400, "message": "x"}, 200, Refused, "400: x"),
        ({"code": 500, "message": "lastKey expired"}, 200, Refused, "expired"),
        ({}, 502, Unfit, "HTTP 502"),
        ({}, 302, UpstreamError, "redirects a signed request"),
    )
    for content, status, kind, words in cases:
        with pytest.raises(kind, match=words):
            read_page(_answer(content, status), {"k1"})


def test_details_come_in_three_forms() -> None:
    part = {"componentCode": "C1"}
    for data in ([part], {DETAIL_LIST: [part, 3]}, part):
        assert read_details(_answer({"code": 200, "data": data})) == [part]
    assert detail_items(None) == detail_items("x") == []


def test_a_route_that_takes_one_code_is_asked_for_one() -> None:
    assert Routes("http://j", Upstream()).batch_size == BATCH_SIZE
    routes = Routes("http://j", Upstream(jlc_component_detail_path="/my/getComponentDetail"))
    assert (routes.batch_size, routes.detail_url) == (1, "http://j/my/getComponentDetail")
    assert routes.detail_question(["C1"]) == b'{"componentCode":"C1"}'
    assert Routes.page_question(None) == b"{}"
