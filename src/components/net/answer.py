"""What a service answered, and how to speak of it without showing what must not be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from components.core.errors import UpstreamError
from components.net.connect import RefusedAddress

TRACE, TRACE_WORD = "j-trace-id", "J-Trace-ID"


class NotThere(UpstreamError):
    """The service answered that it has no such thing: recorded as missing, not as a failure."""


class Forbidden(UpstreamError):
    """This address is refused while its host answers others: asking again will not help."""


class NoAnswer(UpstreamError):
    """An attempt ended without an answer; another may have one."""


class Unfit(Exception):
    """What a check raises: the answer is not what was asked for, but another try may help."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        # Whether the thing counts as missing if every try ends like this.
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. ``mime`` is lower case without parameters, ``url`` where it came from."""

    url: str
    status: int
    mime: str
    body: bytes
    headers: Mapping[str, str]
    hops: int = 0

    def json(self) -> Any:
        """The body as JSON. Raises :class:`Unfit`."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Unfit(f"not JSON but {self.mime or 'nothing'}") from None


def checked_host(url: str) -> str:
    """The host that may be asked for ``url``. Raises :class:`RefusedAddress`."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise RefusedAddress(f"{shown(url)}: refused: not an address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise RefusedAddress(f"{shown(url)}: refused: only http and https are fetched from")
    if "@" in parts.netloc:
        raise RefusedAddress(f"{host}: refused: an address with a user name or a password")
    return host


def shown(url: str) -> str:
    """An address for a message: on one line, not too long, without what stands before an ``@``."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    text = f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return clean if len(clean) <= 200 else clean[:199] + "…"


def explained(answer: Answer) -> str:
    """What a JSON answer says in words, as ``": words"``; empty for pages and for silence."""
    try:
        content = json.loads(answer.body[:65536])
    except (ValueError, RecursionError):
        return ""
    words = (
        [content.get(key) for key in ("message", "msg", "error", "detail")]
        if isinstance(content, dict)
        else []
    )
    found = next((word for word in words if isinstance(word, str) and word.strip()), "")
    return f": {' '.join(found.split())[:200]}" if found else ""


def trace(answer: Answer) -> str:
    """JLC's name of this exchange, which its support asks for, as `` (J-Trace-ID …)``.

    Empty for services that give none.
    """
    name = answer.headers.get(TRACE, "")
    return f" ({TRACE_WORD} {shown(name)})" if name else ""


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110, 10.2.3), in either of its forms.

    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> retry_after_s("120", noon), retry_after_s("Thu, 01 Jan 2026 12:00:30 GMT", noon)
    (120.0, 30.0)
    >>> retry_after_s("Thu, 01 Jan 2026 11:00:00 GMT", noon), retry_after_s("soon", noon)
    (0.0, None)
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def test_messages_show_no_secret_and_stay_on_one_line() -> None:
    import pytest

    url = "http://user:secret@host/a\nb" + "c" * 500
    assert "secret" not in shown(url) and "\n" not in shown(url) and len(shown(url)) == 200
    for url in (
        "http://user:secret@host/",
        "file:///etc/passwd",
        "ftp://h/",
        "//h/x",
        "http://",
        "x",
    ):
        with pytest.raises(RefusedAddress) as caught:
            checked_host(url)
        assert "secret" not in str(caught.value)
    with pytest.raises(RefusedAddress):
        checked_host("http://h:port/")
    assert checked_host("https://Host.example:443/x") == "host.example"


def test_only_words_are_a_reason() -> None:
    def answer(body: bytes) -> Answer:
        return Answer("http://h/", 403, "text/html", body, {})

    assert explained(answer(b'{"message": "no\\n scope"}')) == ": no scope"
    for body in (b"", b"<html>Forbidden</html>", b'{"message": ""}', b"[1]", b"[" * 100_000):
        assert explained(answer(body)) == ""
