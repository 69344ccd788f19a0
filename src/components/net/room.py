"""Memory for large answers: so much in all, however many requests are under way.

An answer of a few hundred kilobytes needs no room; one of a hundred megabytes waits until others
have been written. Room is taken within :func:`part`, the work on one part of the catalogue, and
given back at its end, when what was fetched is in the store. Who holds some already never waits for
more, so that no two can wait for each other; the total may then be passed by what they still fetch.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

TOTAL_BYTES = 256 << 20
SMALL_BYTES = 1 << 20
"""Answers up to this size are not counted."""


class NoRoom(Exception):
    """An answer of ``size_bytes`` has to wait."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"no room for {size_bytes} bytes yet")
        self.size_bytes = size_bytes


class Room:
    """So many bytes, shared by all threads."""

    def __init__(self, total_bytes: int = TOTAL_BYTES) -> None:
        self._total_bytes = total_bytes
        self._free_bytes = total_bytes
        self._changed = threading.Condition()
        self._own = threading.local()

    @contextmanager
    def part(self) -> Iterator[None]:
        """What this thread takes from now on is given back at the end."""
        self._own.held_bytes = 0
        self._own.is_granted = False
        try:
            yield
        finally:
            with self._changed:
                self._free_bytes += self._own.held_bytes
                self._changed.notify_all()
            del self._own.held_bytes

    def take(self, size_bytes: int) -> None:
        """Raises :class:`NoRoom` where others hold too much; nothing is taken outside of a part.

        What :meth:`wait_for` took before is this.
        """
        if getattr(self._own, "is_granted", False):
            self._own.is_granted = False
            return
        with self._changed:
            if not self._may_take(size_bytes):
                raise NoRoom(size_bytes)
            self._hold(size_bytes)

    def wait_for(self, size_bytes: int) -> None:
        """As :meth:`take`, once there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._may_take(size_bytes))
            self._hold(size_bytes)
            self._own.is_granted = True

    @property
    def held_bytes(self) -> int:
        """What this thread holds."""
        return getattr(self._own, "held_bytes", 0)

    def _may_take(self, size_bytes: int) -> bool:
        # What is larger than all of it gets it alone.
        wanted = min(size_bytes, self._total_bytes)
        return (
            not hasattr(self._own, "held_bytes")
            or self.held_bytes > 0
            or (wanted <= self._free_bytes)
        )

    def _hold(self, size_bytes: int) -> None:
        if hasattr(self._own, "held_bytes"):
            taken = min(size_bytes, self._total_bytes)
            self._own.held_bytes += taken
            self._free_bytes -= taken


ROOM = Room()
"""Of this process."""


def test_who_holds_none_waits_and_who_holds_some_does_not() -> None:
    import pytest

    room = Room(100)
    room.take(1000)  # not within a part
    order: list[str] = []
    begun = threading.Event()

    def other() -> None:
        with room.part():
            with pytest.raises(NoRoom):
                room.take(30)
            begun.set()
            room.wait_for(30)
            room.take(30)
            assert room.held_bytes == 30
            order.append("other")

    with room.part():
        room.take(80)
        room.take(80)
        thread = threading.Thread(target=other)
        thread.start()
        assert begun.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "other"]
    with room.part():
        room.take(5000)
        assert room.held_bytes == 100
