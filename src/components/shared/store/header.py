"""The header of an object that is more than a plain zstd frame.

It is a zstd *skippable frame* (RFC 8878, 3.1.2), so that every tool sees a valid zstd stream:

====================  =========================================================
magic number          4 bytes, ``0x184D2A5C``, little endian
size of the content   4 bytes, little endian
codec                 1 byte, see :class:`Codec`; a changed codec gets another
raw size              varint (LEB128), bytes
dictionary            4 bytes, little endian, where the codec needs one
payload               the rest, where the codec does not put it in zstd frames
====================  =========================================================
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from components.shared.errors import StoreError
from components.shared.store.policy import RAW_SIZE_MAX_BYTES

_MAGIC = 0x184D2A5C


class Codec(IntEnum):
    """How an object's bytes are read. Numbers are never used again for something else."""

    COLUMNS_1 = 1
    """A zstd frame follows, which holds a container of columns, version 1."""


_WITH_DICTIONARY: frozenset[Codec] = frozenset()


class Header(NamedTuple):
    codec: Codec
    raw_size_bytes: int
    dictionary: int
    payload: bytes
    rest: bytes
    """What follows the skippable frame."""


def is_headed(stored: bytes) -> bool:
    """Whether an object begins with a header; otherwise it is plain zstd."""
    return len(stored) >= 4 and int.from_bytes(stored[:4], "little") == _MAGIC


def write(codec: Codec, raw_size_bytes: int, dictionary: int = 0, payload: bytes = b"") -> bytes:
    content = bytearray([codec])
    rest = raw_size_bytes
    while rest >= 0x80:
        content.append(rest & 0x7F | 0x80)
        rest >>= 7
    content.append(rest)
    if codec in _WITH_DICTIONARY:
        content += struct.pack("<I", dictionary)
    content += payload
    return struct.pack("<II", _MAGIC, len(content)) + content


def read(stored: bytes) -> Header:
    """Raises :class:`StoreError` where the header is cut short, or is of a newer codec."""
    size_bytes = int.from_bytes(stored[4:8], "little")
    content, rest = stored[8 : 8 + size_bytes], stored[8 + size_bytes :]
    if len(content) != size_bytes or not content:
        raise StoreError("its header is cut short")
    if content[0] not in Codec.__members__.values():
        raise StoreError(f"it needs codec {content[0]}, which this version does not have")
    codec = Codec(content[0])
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
    dictionary = 0
    if codec in _WITH_DICTIONARY:
        if at + 4 > len(content):
            raise StoreError("its header is damaged")
        dictionary = int.from_bytes(content[at : at + 4], "little")
        at += 4
    return Header(codec, raw_size_bytes, dictionary, content[at:], rest)


def test_headers_come_back_and_damage_is_told() -> None:
    import pytest
    import zstandard

    header = write(Codec.COLUMNS_1, 300_000)
    assert len(header) == 12
    assert read(header + b"rest") == (Codec.COLUMNS_1, 300_000, 0, b"", b"rest")
    frame = zstandard.ZstdCompressor().compress(b"after")
    reader = zstandard.ZstdDecompressor().stream_reader(header + frame, read_across_frames=True)
    assert reader.read(100) == b"after"
    newer = bytearray(header)
    newer[8] = 250
    for bad in (header[:9], header[:8], write(Codec.COLUMNS_1, 1 << 40), bytes(newer)):
        assert is_headed(bad)
        with pytest.raises(StoreError):
            read(bad)
