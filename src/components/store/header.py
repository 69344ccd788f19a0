"""The header of an object that is more than a plain zstd frame: a model in columns.

It is a zstd *skippable frame* (RFC 8878, 3.1.2), so that every tool sees a valid zstd stream:

====================  =========================================================
magic number          4 bytes, ``0x184D2A5C``, little endian
size of the content   4 bytes, little endian
codec                 1 byte, see :class:`Codec`; a changed codec gets another
raw size              varint (LEB128), bytes
checksum              4 bytes, little endian: CRC-32 of the raw bytes
====================  =========================================================

The frame that follows holds what the codec says.
"""

from __future__ import annotations

import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

from components.core.errors import StoreError
from components.store.policy import RAW_SIZE_MAX_BYTES

_MAGIC = 0x184D2A5C


class Codec(IntEnum):
    """How an object's bytes are read. Numbers are never used again for something else."""

    COLUMNS_1 = 1
    """A zstd frame follows, which holds a container of columns, version 1."""


# Text models, which versions up to 0.2 wrote.
_REMOVED = (2, 3)


class Header(NamedTuple):
    codec: Codec
    raw_size_bytes: int
    checksum: int
    rest: bytes
    """What follows the skippable frame."""


def is_headed(stored: bytes) -> bool:
    """Whether an object begins with a header; otherwise it is plain zstd."""
    return len(stored) >= 4 and int.from_bytes(stored[:4], "little") == _MAGIC


def write(codec: Codec, raw: bytes) -> bytes:
    """The header of an object that holds ``raw``."""
    content = bytearray([codec])
    rest = len(raw)
    while rest >= 0x80:
        content.append(rest & 0x7F | 0x80)
        rest >>= 7
    content.append(rest)
    content += struct.pack("<I", zlib.crc32(raw))
    return struct.pack("<II", _MAGIC, len(content)) + content


def read(stored: bytes) -> Header:
    """Raises :class:`StoreError` where the header is damaged, or of a codec that is not known."""
    size_bytes = int.from_bytes(stored[4:8], "little")
    content, rest = stored[8 : 8 + size_bytes], stored[8 + size_bytes :]
    if len(content) != size_bytes or not content:
        raise StoreError("its header is cut short")
    if content[0] in _REMOVED:
        raise StoreError(
            "it was written by the text codec of an earlier version, which is gone; "
            "move objects/ and fetch/ away and run again"
        )
    if content[0] not in Codec.__members__.values():
        raise StoreError(f"it needs codec {content[0]}, which this version does not have")
    at, shift, raw_size_bytes = 1, 0, 0
    while True:
        if at >= len(content) or shift > 28:
            raise StoreError("its header is damaged")
        raw_size_bytes |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 0x80:
            break
    if raw_size_bytes > RAW_SIZE_MAX_BYTES:
        raise StoreError(f"declares {raw_size_bytes} bytes, more than {RAW_SIZE_MAX_BYTES}")
    if at + 4 != len(content):
        raise StoreError("its header is damaged")
    (checksum,) = struct.unpack_from("<I", content, at)
    return Header(Codec(content[0]), raw_size_bytes, checksum, rest)


def test_headers_come_back_and_damage_is_told() -> None:
    import pytest
    import zstandard

    raw = b"v 1 2 3" * 60_000
    header = write(Codec.COLUMNS_1, raw)
    assert len(header) == 16
    assert read(header + b"rest") == (Codec.COLUMNS_1, 420_000, zlib.crc32(raw), b"rest")
    frame = zstandard.ZstdCompressor().compress(b"after")
    reader = zstandard.ZstdDecompressor().stream_reader(header + frame, read_across_frames=True)
    assert reader.read(100) == b"after"
    newer, huge, old = bytearray(header), bytearray(header), bytearray(header)
    newer[8], old[8] = 250, 3
    huge[9:16] = b"\xff\xff\xff\xff\x07\0\0"
    for bad, reason in (
        (header[:9], "cut short"),
        (header[:8], "cut short"),
        (bytes(huge), "declares"),
        (bytes(newer), "codec 250"),
        (bytes(old), "text codec of an earlier version, which is gone; move objects/"),
    ):
        assert is_headed(bad)
        with pytest.raises(StoreError, match=reason):
            read(bad)
