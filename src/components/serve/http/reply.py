"""Replies on their way: noted, and within the budget for what clients have not taken yet."""

from __future__ import annotations

from contextlib import ExitStack

from components.serve.http.asgi import JSON, Header, Message, Scope, Send
from components.serve.http.budget import Budget

# As much as the connection holds back for any client; larger bodies count against the budget.
SMALL_BYTES = 65536


class Reply:
    """What an application sends, with the snapshot's name added."""

    def __init__(
        self, scope: Scope, send: Send, snapshot: Header, budget: Budget, stack: ExitStack
    ) -> None:
        self._scope = scope
        self._send = send
        self._snapshot = snapshot
        self._budget = budget
        self._stack = stack
        self._start: Message | None = None
        self.status = 0
        self.size_bytes = 0

    async def send(self, message: Message) -> None:
        """As ASGI's; the first large body raises :class:`Refusal` (429) where there is no room."""
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), self._snapshot]
            # Not before it is known that the body may follow.
            self._start = message
            return
        size_bytes = len(message.get("body", b""))
        if self._start is not None:
            if size_bytes > SMALL_BYTES:
                self._stack.enter_context(self._budget.held(self._scope, size_bytes))
            start, self._start = self._start, None
            self.status = start["status"]
            await self._send(start)
        self.size_bytes += size_bytes
        if size_bytes > SMALL_BYTES and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            # Sent when nearly all of it is taken, so that the budget's bytes are held as long.
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)


async def send_json(send: Send, status: int, body: bytes, snapshot: Header) -> tuple[int, int]:
    """A whole reply; gives its status and size."""
    size_bytes = len(body)
    headers = [JSON, (b"content-length", b"%d" % size_bytes), snapshot]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return status, size_bytes


def test_a_large_body_is_held_until_it_is_taken_and_refused_where_there_is_no_room() -> None:
    import asyncio
    from typing import Any

    import pytest

    from components.serve.http.asgi import Refusal

    budget = Budget(200_000, "replies")
    scope: Scope = {"client": ("10.0.0.1", 1)}
    body = b"x" * 100_000
    sent: list[Any] = []

    async def send(message: Message) -> None:
        sent.append((message["type"][14:], len(message.get("body", b"")), budget.held_bytes))

    async def reply(size: int) -> None:
        with ExitStack() as stack:
            one = Reply(scope, send, (b"x-snapshot", b"s"), budget, stack)
            await one.send({"type": "http.response.start", "status": 200})
            await one.send({"type": "http.response.body", "body": body[:size]})
            assert (one.status, one.size_bytes) == (200, size)

    asyncio.run(reply(100_000))
    asyncio.run(reply(60_000))
    assert sent == [
        ("start", 0, 100_000),
        ("body", 100_000, 100_000),
        ("body", 0, 100_000),
        ("start", 0, 0),
        ("body", 60_000, 0),
    ]
    sent.clear()
    with budget.held(scope, 150_000), pytest.raises(Refusal):
        asyncio.run(reply(100_000))
    assert not sent
