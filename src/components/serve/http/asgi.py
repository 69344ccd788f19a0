"""The vocabulary of ASGI, and replies that are ready to send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
CLOSE: Header = (b"connection", b"close")
NO_SNAPSHOT: Header = (b"x-snapshot", b"none")


class Refusal(Exception):
    """A request that is answered with an error; ``detail`` names the field and the remedy."""

    def __init__(self, status: int, detail: str, *headers: Header) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


class Disconnected(Exception):
    """The client went away; there is nobody to answer."""


def detail(text: str) -> bytes:
    """The body of an error.

    >>> detail("limit: must be at most 500")
    b'{"detail":"limit: must be at most 500"}'
    """
    return orjson.dumps({"detail": text})


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first value of a request's header; names are lower case, as servers give them."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None
