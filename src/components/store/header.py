"""The header of an object that is more than a plain zstd frame.

It is a zstd *skippable frame* (RFC 8878, 3.1.2), so that every tool sees a valid zstd stream:

====================  =========================================================
magic number          4 bytes, ``0x184D2A5C``, little endian
size of the content   4 bytes, little endian
codec                 1 byte, see :class:`Codec`; a changed codec gets another
raw size              varint (LEB128), bytes
checksum              4 bytes, little endian: CRC-32 of the raw bytes
dictionary            4 bytes, little endian, where the codec needs one
payload               the rest, where the codec does not put it in zstd frames
====================  =========================================================
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
    TEXT_1 = 2
    """The payload is the code of a text by the model, version 1, that has read a dictionary."""
    TEXT_2 = 3
    """The same by the model, version 2."""


TEXT_VERSIONS = {Codec.TEXT_1: 1, Codec.TEXT_2: 2}
"""Versions of the text model that objects are read with. They are written with the last, or with
the first, which takes a quarter of the time, where speed matters more."""


class Header(NamedTuple):
    codec: Codec
    raw_size_bytes: int
    checksum: int
    dictionary: int
    payload: bytes
    rest: bytes
    """What follows the skippable frame."""


def is_headed(stored: bytes) -> bool:
    """Whether an object begins with a header; otherwise it is plain zstd."""
    return len(stored) >= 4 and int.from_bytes(stored[:4], "little") == _MAGIC


def write(codec: Codec, raw: bytes, dictionary: int = 0, payload: bytes = b"") -> bytes:
    """The header of an object that holds ``raw``."""
    content = bytearray([codec])
    rest = len(raw)
    while rest >= 0x80:
        content.append(rest & 0x7F | 0x80)
        rest >>= 7
    content.append(rest)
    content += struct.pack("<I", zlib.crc32(raw))
    if codec in TEXT_VERSIONS:
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
    fields = "<II" if codec in TEXT_VERSIONS else "<I"
    if at + struct.calcsize(fields) > len(content):
        raise StoreError("its header is damaged")
    checksum, *dictionary = struct.unpack_from(fields, content, at)
    at += struct.calcsize(fields)
    return Header(codec, raw_size_bytes, checksum, sum(dictionary), content[at:], rest)


def test_headers_come_back_and_damage_is_told() -> None:
    import pytest
    import zstandard

    raw = b"v 1 2 3" * 60_000
    header = write(Codec.COLUMNS_1, raw)
    assert len(header) == 16
    checksum = zlib.crc32(raw)
    assert read(header + b"rest") == (Codec.COLUMNS_1, 420_000, checksum, 0, b"", b"rest")
    for codec in TEXT_VERSIONS:
        text = write(codec, b"{}", 0xFFFF_0001, b"code")
        assert read(text) == (codec, 2, zlib.crc32(b"{}"), 0xFFFF_0001, b"code", b"")
    frame = zstandard.ZstdCompressor().compress(b"after")
    reader = zstandard.ZstdDecompressor().stream_reader(header + frame, read_across_frames=True)
    assert reader.read(100) == b"after"
    newer, huge = bytearray(header), bytearray(header)
    newer[8] = 250
    huge[9:16] = b"\xff\xff\xff\xff\x07\0\0"
    for bad in (header[:9], header[:8], text[:-5], bytes(huge), bytes(newer)):
        assert is_headed(bad)
        with pytest.raises(StoreError):
            read(bad)
