"""The timer of one connection: what its client owes, and since when."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
from typing import Any, Protocol

IDLE, HEADERS, BODY, READING = "idle", "headers", "body", "reading"


class Watched(Protocol):
    """What the timer asks of a connection, most of it uvicorn's."""

    loop: asyncio.AbstractEventLoop
    transport: Any
    flow: Any
    cycle: Any
    overhead_bytes: int
    timeout_keep_alive: int
    timeout_keep_alive_task: asyncio.TimerHandle | None

    @property
    def timeout_s(self) -> float: ...
    def refuse(self, status: int, text: str, /) -> None:
        """Answer so and close."""


class Watch:
    """Looks four times in each ``timeout_s``; costs nothing between."""

    def __init__(self, connection: Watched) -> None:
        self._connection = connection
        self._owed: tuple[str, object, object] | None = None
        self._since_s = 0.0
        self._timer = self._later()

    def cancel(self) -> None:
        self._timer.cancel()

    def _later(self) -> asyncio.TimerHandle:
        connection = self._connection
        return connection.loop.call_later(connection.timeout_s / 4, self._look)

    def _look(self) -> None:
        now_s = self._connection.loop.time()
        owed = self._what()
        if owed != self._owed:
            self._owed, self._since_s = owed, now_s
        elif owed is not None and now_s - self._since_s >= self._limit_s(owed[0]):
            self._late(owed[0])
        # Until the connection is lost: a close waits for what the client does not read.
        self._timer = self._later()

    def _what(self) -> tuple[str, object, object] | None:
        """What is waited for, in which request, and how far it has come."""
        it = self._connection
        cycle = it.cycle
        if it.transport.is_closing() or it.flow.write_paused:
            return READING, cycle, self._untaken()
        if cycle is None:
            return HEADERS, None, None
        if cycle.response_complete:
            if it.overhead_bytes:
                return HEADERS, cycle, None
            # uvicorn's keep-alive timer runs after requests that went the ordinary way.
            return (IDLE, cycle, None) if it.timeout_keep_alive_task is None else None
        return (BODY, cycle, None) if cycle.more_body else None

    def _untaken(self) -> tuple[int, int]:
        """Bytes that wait in the transport, and in the kernel: tcp(7), SIOCOUTQ.

        The kernel takes from the transport in steps of up to megabytes, so that a slow client's
        progress shows only in its own queue.
        """
        transport = self._connection.transport
        socket = transport.get_extra_info("socket")
        try:
            answer = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4))
        except (AttributeError, OSError):
            answer = bytes(4)
        return transport.get_write_buffer_size(), struct.unpack("i", answer)[0]

    def _limit_s(self, owed: str) -> float:
        return self._connection.timeout_keep_alive if owed == IDLE else self._connection.timeout_s

    def _late(self, owed: str) -> None:
        it = self._connection
        if owed == READING:
            it.transport.abort()
        elif owed == IDLE:
            it.transport.close()
        else:
            it.refuse(408, f"request: did not arrive within {it.timeout_s:g} s")
