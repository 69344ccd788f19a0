"""Queries answered by the compiled library from a mapped ``lookup.idx``.

What a query means, as SQL over ``fast.sqlite``, is written down in
:mod:`components.serve.reference`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from components.shared import native
from components.shared.errors import LookupIndexError

# zig/src/lookup/status.zig
REASONS = {
    2: "not enough memory",
    3: "cannot be read; is it there?",
    5: "is not a lookup index",
    6: "is of another version; build it again with `components build-index`",
    7: "is damaged; build it again with `components build-index`",
}
REPLY_BYTES = 1 << 18
# Larger buffers go with their reply, so that one large batch does not stay in memory.
POOLED_BYTES_MAX = 1 << 24
LENGTH_MASK = (1 << 48) - 1

Answer = Callable[[int, bytes, int, int, int], int]


class Reply(NamedTuple):
    """What a server sends: an HTTP status and a JSON body."""

    status: int
    body: bytes


class _Index:
    """A native handle that closes when the last call that uses it has returned."""

    def __init__(self, library: ctypes.CDLL, path: Path) -> None:
        self._close = library.lookup_close
        self._close.argtypes = [ctypes.c_void_p]
        self._close.restype = None
        self.handle = 0
        handle = ctypes.c_void_p()
        status = library.lookup_open(str(path.absolute()).encode(), ctypes.byref(handle))
        self.handle = handle.value or 0
        if status:
            raise LookupIndexError(f"{path}: {REASONS.get(status, f'failure {status}')}")

    def __del__(self) -> None:  # when the last call that uses the index has returned
        self._close(self.handle)


class _Buffer:
    """Room for a reply; the native side writes to ``address``."""

    __slots__ = ("address", "capacity", "content")

    def __init__(self, capacity: int) -> None:
        self.content: Any = ctypes.create_string_buffer(capacity)
        self.address = ctypes.addressof(self.content)
        self.capacity = capacity


class Lookup:
    """An open index. Any number of threads may ask at once; calls release the GIL."""

    def __init__(self, library: ctypes.CDLL, index: Path) -> None:
        self._index: _Index | None = _Index(library, index)
        self._query = _bound(library.lookup_query)
        self._query_batch = _bound(library.lookup_query_batch)
        self._buffers: list[_Buffer] = []

    @classmethod
    def open(cls, library: Path, index: Path) -> Lookup:
        """Map ``index`` and verify all of it.

        Raises :class:`LookupIndexError` where the library or the index is missing, damaged,
        truncated, foreign or of another version.
        """
        return cls(native.load(library), index)

    def query(self, body: bytes) -> Reply:
        """Answer one query: the body of ``POST /v1/components/parameters/query``.

        A bad request gives 400 (not JSON) or 422 with ``{"detail": …}`` naming the field.
        """
        return self._ask(self._query, body)

    def query_batch(self, body: bytes) -> Reply:
        """Answer ``{"queries": [1 to 1000]}`` in one native call, on all cores where it pays."""
        return self._ask(self._query_batch, body)

    def close(self) -> None:
        """End the use of the index; calls that run finish, later ones raise."""
        self._index = None
        self._buffers.clear()

    def _ask(self, answer: Answer, body: bytes) -> Reply:
        # While this reference lives, the handle does, even when `close` is called meanwhile.
        index = self._index
        if index is None:
            raise LookupIndexError("the lookup is closed")
        try:
            # list.pop and append are atomic: two threads never get the same buffer.
            buffer = self._buffers.pop()
        except IndexError:
            buffer = _Buffer(REPLY_BYTES)
        packed = answer(index.handle, body, len(body), buffer.address, buffer.capacity)
        length = packed & LENGTH_MASK
        while length > buffer.capacity:
            # Half as much again: the next large reply fits too.
            buffer = _Buffer(length + length // 2)
            packed = answer(index.handle, body, len(body), buffer.address, buffer.capacity)
            length = packed & LENGTH_MASK
        # As Reply(…), in half the time.
        reply: Reply = tuple.__new__(Reply, (packed >> 48, buffer.content[:length]))
        if buffer.capacity <= POOLED_BYTES_MAX:
            self._buffers.append(buffer)
        return reply


def _bound(function: Any) -> Answer:
    size, pointer = ctypes.c_size_t, ctypes.c_void_p
    function.argtypes = [pointer, ctypes.c_char_p, size, pointer, size]
    function.restype = ctypes.c_uint64
    answer: Answer = function
    return answer
