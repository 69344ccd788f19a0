"""Queries answered by the compiled library from a mapped ``lookup.idx``.

What a query means, as SQL over ``fast.sqlite``, is written down in
:mod:`components.serve.reference`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from components.core.errors import LookupIndexError
from components.native import load as native

# zig/src/lookup/status.zig
REASONS = {
    2: "not enough memory",
    3: "cannot be read; is it there?",
    5: "is not a lookup index",
    6: "is of another version; build it again with `components build-index`",
    7: "is damaged; build it again with `components build-index`",
}


class Reply(NamedTuple):
    """What a server sends: an HTTP status and a JSON body."""

    status: int
    body: bytes

    def __hash__(self) -> int:
        # From Python 3.14 on a tuple keeps its hash, which the library cannot reset in a new one.
        return hash(tuple(self))


Answer = Callable[[bytes], Reply]


class Opened(NamedTuple):
    """A status and the reply, or for a long one its length and what gives it piece by piece.

    That function gives an empty piece after the last; pieces are some 256 KiB long.
    """

    status: int
    body: bytes | tuple[int, Callable[[], bytes]]


class Lookup:
    """An open index. Any number of threads may ask at once; calls release the GIL.

    The functions are the library's own, without a frame of Python between.
    """

    query: Answer
    """Answer one query: the body of ``POST /v1/components/parameters/query``.

    A bad request gives 400 (not JSON) or 422 with ``{"detail": …}`` naming the field.
    """
    query_batch: Answer
    """Answer ``{"queries": [1 to 1000]}`` in one native call, on all cores where it pays."""

    open_batch: Callable[[bytes], Opened]
    """As ``query_batch``, for a reply that is not to lie in memory whole."""

    def __init__(self, library: ctypes.CDLL, index: Path) -> None:
        self.query, self.query_batch, self.open_batch = _functions(library, index)

    @classmethod
    def open(cls, library: Path, index: Path) -> Lookup:
        """Map ``index`` and verify all of it.

        Raises :class:`LookupIndexError` where the library or the index is missing, damaged,
        truncated, foreign or of another version.
        """
        return cls(native.load(library), index)

    def close(self) -> None:
        """End the use of the index; calls that run finish, later ones raise."""
        self.query = self.query_batch = self.open_batch = _closed


def _functions(
    library: ctypes.CDLL, index: Path
) -> tuple[Answer, Answer, Callable[[bytes], Opened]]:
    """What answers from ``index``; it is closed when the last use of any has ended."""
    handle = ctypes.c_void_p()
    status = library.lookup_open(str(index.absolute()).encode(), ctypes.byref(handle))
    if status:
        raise LookupIndexError(f"{index}: {REASONS.get(status, f'failure {status}')}")
    # Unlike a function of a CDLL, this one is called with the GIL, for it makes objects.
    prototype = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object)
    functions: tuple[Any, Any, Any] = prototype(("lookup_python", library))(handle, Reply)
    return functions


def _closed(body: bytes) -> Any:
    raise LookupIndexError("the lookup is closed")


def _opened(folder: Path, rows: int = 50) -> Lookup:
    from components.testing.library import library
    from components.testing.lookup import write_fast
    from components.transform.index import build_index

    build_index(write_fast(folder / "fast.sqlite", rows), library(), folder / "lookup.idx")
    return Lookup.open(library(), folder / "lookup.idx")


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    import pytest

    from components.testing.library import library

    _opened(tmp_path).close()
    whole = (tmp_path / "lookup.idx").read_bytes()
    path = tmp_path / "bad.idx"
    other_version = whole[:16] + (7).to_bytes(4, "little") + whole[20:]
    for content, complaint in (
        (b"", "is not a lookup index"),
        (b"SQLite format 3\0" + whole[16:], "is not a lookup index"),
        (whole[:8], "is not a lookup index"),
        (whole[:4095], "is damaged"),
        (whole[:-1], "is damaged"),
        (whole + b"\0", "is damaged"),
        (other_version, "is of another version"),
    ):
        path.write_bytes(content)
        with pytest.raises(LookupIndexError, match=f"bad.idx: {complaint}"):
            Lookup.open(library(), path)
    with pytest.raises(LookupIndexError, match=r"none\.idx: cannot be read"):
        Lookup.open(library(), tmp_path / "none.idx")
    with pytest.raises(LookupIndexError, match=r"none\.so: cannot be loaded"):
        Lookup.open(tmp_path / "none.so", tmp_path / "lookup.idx")


def test_any_flipped_bit_is_found(tmp_path: Path) -> None:
    import random

    from components.testing.library import library

    _opened(tmp_path, rows=5).close()
    whole = (tmp_path / "lookup.idx").read_bytes()
    loaded = native.load(library())
    chance = random.Random(5)
    header = random.Random(6).sample(range(4096), 60)
    for place in [*header, *(chance.randrange(len(whole)) for _ in range(200))]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        (tmp_path / "bad.idx").write_bytes(damaged)
        try:
            Lookup(loaded, tmp_path / "bad.idx")
        except LookupIndexError:
            continue
        raise AssertionError(f"a flipped bit in byte {place} went unseen")


def test_threads_share_an_index_and_closing_waits_for_them(tmp_path: Path) -> None:
    import threading

    lookup = _opened(tmp_path)
    body = b'{"component_type":"resistor","limit":40}'
    wanted = lookup.query(body)
    assert wanted.status == 200
    wrong: list[object] = []
    started = threading.Barrier(5)

    def ask() -> None:
        started.wait()
        while True:
            try:
                reply = lookup.query(body)
            except LookupIndexError:
                return
            if reply != wanted:
                wrong.append(reply)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait()
    for _ in range(200):
        assert lookup.query_batch(b'{"queries":[%b]}' % body).status == 200
    lookup.close()
    for thread in threads:
        thread.join(timeout=30)
    assert not wrong


def test_a_reply_is_the_caller_s_alone_and_closing_gives_the_file_back(tmp_path: Path) -> None:
    import gc
    import sys

    import pytest

    def mapped() -> bool:
        return str(tmp_path / "lookup.idx") in Path("/proc/self/maps").read_text()

    lookup = _opened(tmp_path)
    for ask, body in (
        (lookup.query, b'{"component_type":"resistor","limit":40}'),
        (lookup.query, b""),
        (lookup.query_batch, b'{"queries":[{"component_type":"led"}]}'),
        (lookup.query_batch, b'{"queries":[]}'),
    ):
        references = sys.getrefcount(body)
        reply = ask(body)
        assert sys.getrefcount(body) == references
        ours = Reply(200, b"x" * len(reply.body))
        counts = [(sys.getrefcount(one), sys.getrefcount(one.body)) for one in (reply, ours)]
        assert counts[0] == counts[1]
        assert (type(reply), hash(reply)) == (Reply, hash((reply.status, reply.body)))
    for wrong in ("{}", bytearray(b"{}"), None):
        with pytest.raises(TypeError, match="bytes"):
            lookup.query(wrong)  # type: ignore[arg-type]
    assert mapped()
    lookup.close()
    gc.collect()
    del ask
    assert not mapped()
    with pytest.raises(LookupIndexError, match="the lookup is closed"):
        lookup.query(b"{}")


def test_a_large_reply_is_whole(tmp_path: Path) -> None:
    import json

    lookup = _opened(tmp_path, rows=500)
    query = b'{"component_type":"resistor","limit":500}'
    single = lookup.query(query).body
    reply = lookup.query_batch(b'{"queries":[%b]}' % b",".join([query] * 100))
    assert len(reply.body) > 10 * len(single) > 1 << 20
    assert reply.body.count(single) == 100
    assert json.loads(reply.body)["total_queries"] == 100


def test_a_long_reply_comes_in_pieces_that_are_the_whole(tmp_path: Path) -> None:
    import gc

    lookup = _opened(tmp_path, rows=500)
    query = b'{"component_type":"resistor","limit":%d}'
    for limits in ([500] * 100, [500] * 7, [1, 500] * 500, [500] * 33):
        body = b'{"queries":[%b]}' % b",".join(query % limit for limit in limits)
        whole = lookup.query_batch(body).body
        status, opened = lookup.open_batch(body)
        assert isinstance(opened, tuple)
        length, next_piece = opened
        pieces = list(iter(next_piece, b""))
        assert (status, length, b"".join(pieces)) == (200, len(whole), whole)
        assert next_piece() == b"" and max(map(len, pieces)) < 512 << 10 < len(whole)
    for short in (b'{"queries":[%b]}' % (query % 3), b'{"queries":[{}]}', b"{"):
        assert tuple(lookup.open_batch(short)) == tuple(lookup.query_batch(short))
    _, opened = lookup.open_batch(body)
    assert isinstance(opened, tuple)
    length, next_piece = opened
    lookup.close()
    gc.collect()
    assert len(b"".join(iter(next_piece, b""))) == length
    del next_piece, opened
    gc.collect()
    assert str(tmp_path / "lookup.idx") not in Path("/proc/self/maps").read_text()
