"""The forms of misbehaviour: what goes over the wire in place of a good answer."""

from __future__ import annotations

import json
from typing import Any

from components.bundled.documents import HOME, withdrawn
from components.bundled.jlc import LISTS
from components.bundled.message import DOMAIN, HTML, Reply, Request, json_reply, redirect

RETRY_AFTER_S = 1
# These break the connection or its framing, below HTTP.
RAW = frozenset(("reset", "truncated", "wrong_length"))
_BUSY = b"<!DOCTYPE html><html><body>The service is busy, please try again later.</body></html>"


def altered(kind: str, request: Request, reply: Reply) -> Reply:
    """The answer in place of ``reply``; kinds that do not fit the request leave it as it is."""
    match kind:
        case "unauthorized":
            return json_reply({"success": False, "code": 401, "message": "Unauthorized"}, 401)
        case "forbidden":
            return Reply(403, b"", HTML)
        case "forbidden_message":
            message = "No permission to access this interface"
            return json_reply({"success": False, "code": 403, "message": message}, 403)
        case "throttled":
            return Reply(429, b"", HTML)
        case "throttled_code":
            return json_reply({"success": False, "code": 429, "message": "Too many requests"})
        case "refused_key":
            return _refused_key(request, reply)
        case "no_such_route":
            return json_reply({"success": False, "code": 401, "message": "API not exists"}, 401)
        case "withdrawn":
            return Reply(200, withdrawn("C0"), "application/pdf")
        case "throttled_retry_after":
            return Reply(429, b"", HTML, (("retry-after", str(RETRY_AFTER_S)),))
        case "server_error":
            return Reply(500, b"<html><body>Internal Server Error</body></html>", HTML)
        case "wrong_type":
            return Reply(200, _BUSY, HTML)
        case "html_for_pdf":
            return Reply(200, HOME, "application/pdf")
        case "redirect_home":
            return redirect(f"http://datasheets.{DOMAIN}/")
        case "repeated_last_key":
            return _repeated(request, reply)
    return reply


def _repeated(request: Request, reply: Reply) -> Reply:
    """A page whose ``lastKey`` is the one asked with; the first page has none to repeat."""
    if request.path not in LISTS or reply.status != 200:
        return reply
    asked, answer = json.loads(request.body), json.loads(reply.body)
    if not answer["data"] or "lastKey" not in asked:
        return reply
    answer["data"]["lastKey"] = asked["lastKey"]
    return json_reply(answer, 200, *reply.headers)


def _refused_key(request: Request, reply: Reply) -> Reply:
    """A cursor that the service has forgotten; the first page needs none."""
    if request.path not in LISTS or b"lastKey" not in request.body:
        return reply
    return json_reply({"success": False, "code": 400, "message": "invalid lastKey", "data": None})


async def break_off(kind: str, reply: Reply, transport: Any, receive: Any) -> None:
    """Write a broken answer on the connection and drop it.

    ``truncated`` sends half of what it announces; ``wrong_length`` announces more than there is;
    ``reset`` sends nothing.
    """
    body, length = reply.body, len(reply.body)
    if kind == "truncated":
        body = body[: length // 2]
        # Without a byte missing there would be no fault.
        length = max(length, 1)
    elif kind == "wrong_length":
        length += 64
    head = f"HTTP/1.1 {reply.status} OK\r\ncontent-type: {reply.media_type}\r\n"
    if kind == "reset":
        transport.abort()
    else:
        transport.write(f"{head}content-length: {length}\r\n\r\n".encode() + body)
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def test_a_repeated_key_is_the_one_asked_with() -> None:
    path = sorted(LISTS)[0]
    page = json_reply({"data": {"componentInfos": [], "lastKey": "b"}})
    asked = Request("POST", path, body=b'{"lastKey": "a"}')
    assert json.loads(altered("repeated_last_key", asked, page).body)["data"]["lastKey"] == "a"
    first = Request("POST", path, body=b"{}")
    assert altered("repeated_last_key", first, page) == page


def test_each_plain_kind_changes_a_datasheet() -> None:
    from components.bundled.faults import KINDS

    good, asked = Reply(200, b"%PDF", "application/pdf"), Request("GET", "/pdf/C1.pdf")
    changed = {kind: altered(kind, asked, good) for kind in KINDS}
    same = {kind for kind, reply in changed.items() if reply == good}
    assert same == RAW | {"slow", "another_part", "repeated_last_key", "refused_key"}
    assert changed["throttled_retry_after"].headers == (("retry-after", "1"),)
    assert changed["forbidden"].body == b"" and b"permission" in changed["forbidden_message"].body
