"""Replies compressed by gzip, where the client takes that and it pays."""

from __future__ import annotations

from starlette.middleware.gzip import GZipResponder

from components.serve.http.asgi import App, Message, Receive, Scope, Send, header

MIN_BYTES = 8192
"""Shorter replies are sent as they are."""
# JSON shrinks to an eighth; a higher level takes three times as long for a tenth of that.
_LEVEL = 3
_COMPRESSIBLE = (b"application/json", b"text/", b"image/svg+xml", b"application/javascript")


class Compressed:
    """The application with its replies compressed for who asks for it."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and takes_gzip(scope):
            app = _Responder(app, MIN_BYTES, _LEVEL)
        await app(scope, receive, send)


class _Responder(GZipResponder):
    """Leaves alone what has an ``ETag``, since a range of it must fit, and what is compressed."""

    _is_plain = False

    async def send_with_compression(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._is_plain = not _is_compressible(message)
        if self._is_plain:
            await self.send(message)
        else:
            await super().send_with_compression(message)


def takes_gzip(scope: Scope) -> bool:
    """Whether the client says that it reads gzip, and can be sent a reply of unknown length."""
    accepted = header(scope, b"accept-encoding")
    if accepted is None or scope.get("http_version") == "1.0":
        return False
    for each in accepted.lower().split(b","):
        coding, _, weight = each.replace(b" ", b"").partition(b";")
        if coding == b"gzip":
            return weight.rstrip(b"0") not in (b"q=", b"q=0.")
    return False


def _is_compressible(message: Message) -> bool:
    is_text = False
    for name, value in message["headers"]:
        if name == b"etag":
            return False
        if name == b"content-type":
            is_text = value.startswith(_COMPRESSIBLE)
    return is_text


def test_what_a_client_takes_is_read_by_weight() -> None:
    for text, taken in (
        (b"gzip", True),
        (b"deflate, GZIP;q=0.5", True),
        (b"br, gzip;q=0", False),
        (b"gzip; q=0.00", False),
        (b"identity", False),
        (b"*", False),
    ):
        scope: Scope = {"headers": [(b"accept-encoding", text)]}
        assert takes_gzip(scope) is taken, text
        assert not takes_gzip({**scope, "http_version": "1.0"})
    assert not takes_gzip({"headers": []})


def test_only_long_texts_without_an_etag_are_compressed() -> None:
    import asyncio
    import gzip
    from typing import Any

    body = b'{"a": 1}' * 4096

    def reply(headers: list[tuple[bytes, bytes]], size: int = len(body)) -> tuple[Any, bytes]:
        sent: list[Message] = []

        async def app(_: Scope, __: Receive, send: Send) -> None:
            start = {"type": "http.response.start", "status": 200, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": body[:size]})

        async def keep(message: Message) -> None:
            sent.append(message)

        scope: Scope = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}
        asyncio.run(Compressed(app)(scope, None, keep))  # type: ignore[arg-type]
        return dict(sent[0]["headers"]), b"".join(each.get("body", b"") for each in sent[1:])

    json = (b"content-type", b"application/json")
    headers, found = reply([json])
    assert gzip.decompress(found) == body and len(found) < len(body) / 50
    assert headers[b"content-encoding"] == b"gzip" and headers[b"vary"] == b"Accept-Encoding"
    for plain, size in (
        ([json], MIN_BYTES - 1),
        ([json, (b"etag", b'"x"')], len(body)),
        ([(b"content-type", b"model/step")], len(body)),
        ([(b"content-type", b"application/zstd")], len(body)),
        ([json, (b"content-encoding", b"br")], len(body)),
    ):
        assert reply(list(plain), size)[1] == body[:size], plain
