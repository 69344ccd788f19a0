"""Request bodies: within a size, within a budget for all that are being received.

How long a body may take is watched by the connection (:mod:`components.serve.http.connection`).
"""

from __future__ import annotations

import asyncio

from components.serve.http.asgi import (
    CLOSE,
    JSON,
    Disconnected,
    Header,
    Message,
    Receive,
    Refusal,
    Scope,
    Send,
    detail,
    header,
)

# What a refused client may still send before the connection is cut. It is read and thrown away,
# since cutting at once resets the connection, and the client would not see the answer.
DRAIN_MAX_BYTES = 64 << 20
DRAIN_MAX_S = 10.0
# A body that is not read at all is cheap to discard up to here.
_SMALL_BYTES = 65536


class Bodies:
    """Collects bodies; ``size_max_bytes`` each, ``total_max_bytes`` being received at once."""

    def __init__(self, size_max_bytes: int, total_max_bytes: int = 32 << 20) -> None:
        self.size_max_bytes = size_max_bytes
        self.total_max_bytes = max(total_max_bytes, size_max_bytes)
        self._held_bytes = 0

    async def read(
        self, scope: Scope, receive: Receive, size_max_bytes: int | None = None
    ) -> bytes:
        """The whole body, of at most ``size_max_bytes`` where that is less than the general limit.

        Raises :class:`Refusal` (413, 429) or :class:`Disconnected`.
        """
        limit_bytes = min(self.size_max_bytes, size_max_bytes or self.size_max_bytes)
        announced = header(scope, b"content-length")
        if announced is not None and int(announced) > limit_bytes:
            # Before a client that asks for leave (Expect: 100-continue) gets it.
            raise _too_large(limit_bytes)
        first = await receive()
        if first["type"] == "http.disconnect":
            raise Disconnected
        if first.get("more_body"):
            return await self._rest(receive, first, limit_bytes)
        body: bytes = first.get("body", b"")
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
        return body

    async def _rest(self, receive: Receive, first: Message, limit_bytes: int) -> bytes:
        """The whole body, of which ``first`` has come."""
        parts: list[bytes] = []
        size_bytes = 0
        message = first
        try:
            while True:
                part: bytes = message.get("body", b"")
                parts.append(part)
                size_bytes += len(part)
                self._held_bytes += len(part)
                if size_bytes > limit_bytes:
                    raise _too_large(limit_bytes)
                if self._held_bytes > self.total_max_bytes:
                    raise busy()
                if not message.get("more_body"):
                    return b"".join(parts)
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
        finally:
            self._held_bytes -= size_bytes


def _too_large(limit_bytes: int) -> Refusal:
    return Refusal(413, f"body: larger than {limit_bytes} bytes; send less at once")


def busy() -> Refusal:
    """The answer beyond what the server takes on at once."""
    return Refusal(429, "server: too many requests at once; try again", (b"retry-after", b"1"))


async def refuse(
    scope: Scope, receive: Receive, send: Send, refusal: Refusal, snapshot: Header
) -> int:
    """Answer with an error, then let the client finish sending; returns the reply's size.

    Who has no key is not waited for.
    """
    body = detail(str(refusal))
    length = b"%d" % len(body)
    headers = [JSON, snapshot, (b"content-length", length), *refusal.headers]
    closes = _is_coming(scope, refusal)
    if closes:
        headers.append(CLOSE)
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    if closes and refusal.status != 401:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await _drain(receive)
        body = b""
    await send({"type": "http.response.body", "body": body})
    return int(length)


def _is_coming(scope: Scope, refusal: Refusal) -> bool:
    """Whether more of the body may be on its way than is cheap to discard."""
    announced = header(scope, b"content-length")
    if announced is not None:
        return int(announced) > (0 if refusal.status == 401 else _SMALL_BYTES)
    return header(scope, b"transfer-encoding") is not None


async def _drain(receive: Receive) -> None:
    try:
        async with asyncio.timeout(DRAIN_MAX_S):
            drained_bytes = 0
            while drained_bytes < DRAIN_MAX_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
                drained_bytes += len(message.get("body", b""))
    except TimeoutError:
        return


def _arriving(*parts: bytes) -> Receive:
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages[-1]["more_body"] = False
    pending = iter(messages)

    async def receive() -> Message:
        return next(pending, {"type": "http.disconnect"})

    return receive


def test_a_body_is_put_together_within_its_size() -> None:
    import asyncio

    import pytest

    bodies = Bodies(size_max_bytes=10)
    scope: Scope = {"headers": []}
    assert asyncio.run(bodies.read(scope, _arriving(b"12345", b"67890"))) == b"1234567890"
    announced: Scope = {"headers": [(b"content-length", b"11")]}
    for refused, parts in (
        (scope, (b"12345", b"678901")),
        (scope, (b"12345678901",)),
        (announced, (b"1", b"2")),
    ):
        with pytest.raises(Refusal, match="larger than 10 bytes") as caught:
            asyncio.run(bodies.read(refused, _arriving(*parts)))
        assert caught.value.status == 413


def test_bodies_on_the_way_share_a_budget_and_give_it_back() -> None:
    import asyncio

    import pytest

    bodies = Bodies(size_max_bytes=10, total_max_bytes=15)
    scope: Scope = {"headers": []}
    gate = asyncio.Event()

    async def stalled() -> Message:
        if not gate.is_set():
            gate.set()
            return {"type": "http.request", "body": b"123456789", "more_body": True}
        await asyncio.sleep(3600)
        raise AssertionError

    async def both() -> None:
        first = asyncio.create_task(bodies.read(scope, stalled))
        await gate.wait()
        with pytest.raises(Refusal) as caught:
            await bodies.read(scope, _arriving(b"12345", b"67"))
        assert caught.value.status == 429
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert await bodies.read(scope, _arriving(b"12345", b"67")) == b"1234567"

    asyncio.run(both())
    with pytest.raises(Disconnected):
        asyncio.run(bodies.read(scope, _arriving_never))


async def _arriving_never() -> Message:
    return {"type": "http.disconnect"}
