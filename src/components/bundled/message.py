"""What a service is asked and what it answers, apart from how it travels."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs

SERVICES = ("jlc", "easyeda", "modules", "lcsc", "datasheets", "images")
DOMAIN = "upstream.test"
JSON = "application/json;charset=UTF-8"
HTML = "text/html; charset=utf-8"


class Request(NamedTuple):
    """One request; ``path`` lacks the service's prefix, ``target`` is as it was sent."""

    method: str
    path: str
    query: str = ""
    target: str = ""
    authorization: str = ""
    body: bytes = b""

    def argument(self, name: str) -> str:
        """The first value of a query argument; empty where there is none."""
        return parse_qs(self.query).get(name, [""])[0]


class Reply(NamedTuple):
    """One answer."""

    status: int
    body: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()


Service = Callable[[Request], Reply]


def json_reply(content: Any, status: int = 200, *headers: tuple[str, str]) -> Reply:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, body, JSON, headers)


def not_found(what: str) -> Reply:
    page = f"<!DOCTYPE html><html><body><h1>404</h1><p>{what} is not here</p></body></html>"
    return Reply(404, page.encode(), HTML)


def redirect(address: str) -> Reply:
    return Reply(302, b"", HTML, (("location", address),))


def part_number(text: str) -> int | None:
    """The number in ``C123``; None for anything else.

    >>> part_number("C2040"), part_number("C02"), part_number("2040"), part_number("C1x")
    (2040, None, None, None)
    """
    digits = text[1:]
    well_formed = text[:1] == "C" and digits.isascii() and digits.isdecimal() and digits[0] != "0"
    return int(digits) if well_formed and len(digits) < 12 else None
