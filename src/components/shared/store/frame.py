"""The bytes of a stored object: zstd frames, bounded when read.

An object of plain zstd is one ordinary frame, readable by any zstd tool. Its size stands in its
header, so that a reader knows what it will allocate before it does. Other objects begin with the
header of :mod:`components.shared.store.header`.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import zstandard

from components.shared.errors import StoreError
from components.shared.store import header
from components.shared.store.codecs import Codecs
from components.shared.store.header import Codec
from components.shared.store.policy import RAW_SIZE_MAX_BYTES, Rule

PLAIN = "zstd"
_ENCODINGS = {Codec.COLUMNS_1: "zstd+columns/1"}


class Encoded(NamedTuple):
    data: bytes
    encoding: str


class _Contexts(threading.local):
    """zstd contexts are costly to make and must not be shared between threads."""

    def __init__(self) -> None:
        self.compressors: dict[int, zstandard.ZstdCompressor] = {}
        self.decompressor = zstandard.ZstdDecompressor()


_contexts = _Contexts()


def encode(data: bytes, rule: Rule, codecs: Codecs | None) -> Encoded:
    """``data`` as a stored object, the smaller of what ``rule`` asks for and plain zstd.

    Raises :class:`StoreError` where it is too large, or ``rule`` needs ``codecs`` and has none.
    """
    if len(data) > RAW_SIZE_MAX_BYTES:
        raise StoreError(f"{len(data)} bytes are more than an object holds ({RAW_SIZE_MAX_BYTES})")
    if rule.columns:
        if codecs is None:
            raise StoreError("its policy needs the native library; run `components build-library`")
        container = codecs.columns_encode(rule.columns, data)
        if container is not None:
            head = header.write(Codec.COLUMNS_1, len(data))
            return Encoded(head + compress(container, rule.level), _ENCODINGS[Codec.COLUMNS_1])
    return Encoded(compress(data, rule.level), PLAIN)


def decode(stored: bytes, codecs: Codecs | None) -> bytes:
    """The raw bytes of a stored object.

    Raises :class:`StoreError` where ``stored`` is no object, is cut short, declares more than
    :data:`RAW_SIZE_MAX_BYTES`, or needs ``codecs`` and there are none.
    """
    if not header.is_headed(stored):
        return decompress(stored)
    head = header.read(stored)
    if codecs is None:
        raise StoreError("it needs the native library; run `components build-library`")
    # A container is never longer than its file: an encoder writes plain zstd then.
    return codecs.columns_decode(decompress(head.rest, head.raw_size_bytes), head.raw_size_bytes)


def encoding(stored: bytes) -> str:
    """How a stored object is compressed, as :func:`encode` told."""
    return _ENCODINGS[header.read(stored).codec] if header.is_headed(stored) else PLAIN


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
        encoded = encode(data, Rule(level=12), None)
        assert encoded.encoding == "zstd"
        assert zstandard.ZstdDecompressor().decompress(encoded.data) == data
        assert decode(encoded.data, None) == data


def test_columns_come_back_and_need_the_library() -> None:
    import pytest

    from components.shared.testing import library

    codecs, rule = Codecs(library()), Rule(level=12, columns="obj")
    data = b"".join(b"v %d.5 0.25 -%d.125\nf 1 2 %d\n" % (n, n % 9, n) for n in range(500))
    encoded = encode(data, rule, codecs)
    assert encoded.encoding == "zstd+columns/1"
    assert len(encoded.data) < len(compress(data, 19)) / 2
    assert decode(encoded.data, codecs) == data
    assert encode(b"\0" * 100, rule, codecs).encoding == "zstd"
    with pytest.raises(StoreError, match="native library"):
        encode(data, rule, None)
    with pytest.raises(StoreError, match="native library"):
        decode(encoded.data, None)
    for bad in (encoded.data[:12], encoded.data[:-1], encoded.data + b"x"):
        with pytest.raises(StoreError):
            decode(bad, codecs)


def test_what_is_no_object_is_refused() -> None:
    import pytest

    whole = compress(b"solid\n" * 1000, 3)
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(b"solid\n" * 1000)
    bomb = b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00"
    for bad in (b"", b"junk", whole[:-1], whole + b"x", whole + whole, unsized, bomb):
        with pytest.raises(StoreError):
            decode(bad, None)
