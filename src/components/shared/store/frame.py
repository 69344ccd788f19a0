"""The bytes of a stored object: zstd frames, bounded when read.

An object of plain zstd is one ordinary frame, readable by any zstd tool. Its size stands in its
header, so that a reader knows what it will allocate before it does.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import zstandard

from components.shared.errors import StoreError
from components.shared.store.policy import RAW_SIZE_MAX_BYTES, Rule

PLAIN = "zstd"


class Encoded(NamedTuple):
    data: bytes
    encoding: str


class _Contexts(threading.local):
    """zstd contexts are costly to make and must not be shared between threads."""

    def __init__(self) -> None:
        self.compressors: dict[int, zstandard.ZstdCompressor] = {}
        self.decompressor = zstandard.ZstdDecompressor()


_contexts = _Contexts()


def encode(data: bytes, rule: Rule) -> Encoded:
    """``data`` as a stored object. Raises :class:`StoreError` where it is too large."""
    if len(data) > RAW_SIZE_MAX_BYTES:
        raise StoreError(f"{len(data)} bytes are more than an object holds ({RAW_SIZE_MAX_BYTES})")
    return Encoded(compress(data, rule.level), PLAIN)


def decode(stored: bytes) -> bytes:
    """The raw bytes of a stored object.

    Raises :class:`StoreError` where ``stored`` is no object, is cut short, or declares more than
    :data:`RAW_SIZE_MAX_BYTES`.
    """
    return decompress(stored)


def compress(data: bytes, level: int) -> bytes:
    """One zstd frame with its content size and without checksum (the key is a stronger one)."""
    compressor = _contexts.compressors.get(level)
    if compressor is None:
        compressor = zstandard.ZstdCompressor(level=level, write_content_size=True)
        _contexts.compressors[level] = compressor
    return compressor.compress(data)


def decompress(frame: bytes, size_max_bytes: int = RAW_SIZE_MAX_BYTES) -> bytes:
    """The content of exactly one zstd frame, of a declared size within the limit."""
    try:
        size_bytes = zstandard.frame_content_size(frame)
        if size_bytes < 0:
            raise StoreError("not a zstd frame that declares its size")
        if size_bytes > size_max_bytes:
            raise StoreError(f"declares {size_bytes} bytes, more than {size_max_bytes}")
        return _contexts.decompressor.decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise StoreError(f"not a whole zstd frame: {error}") from None


def test_plain_objects_come_back_and_are_ordinary_zstd() -> None:
    for data in (b"", b"a", b"solid\n" * 1000):
        encoded = encode(data, Rule(level=12))
        assert encoded.encoding == "zstd"
        assert zstandard.ZstdDecompressor().decompress(encoded.data) == data
        assert decode(encoded.data) == data


def test_what_is_no_object_is_refused() -> None:
    import pytest

    whole = compress(b"solid\n" * 1000, 3)
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(b"solid\n" * 1000)
    bomb = b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00"
    for bad in (b"", b"junk", whole[:-1], whole + b"x", whole + whole, unsized, bomb):
        with pytest.raises(StoreError):
            decode(bad)
