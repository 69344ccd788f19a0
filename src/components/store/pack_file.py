"""One pack: many objects of a type in one file, which ``tar --zstd -xf`` unpacks.

``<sha256 of the file>.tar.zst`` is a tar in the seekable format of zstd (contrib/seekable_format
of its sources, version 0.1.0):

=============  ==================================================================================
data frames    each some whole members of the tar, named by the first 16 digits of their SHA-256;
               the last one also holds the tar's end
index          a skippable frame, ``0x184D2A5B``: the first 8 bytes of each object's hash, sorted,
               then where the member of each stands in the tar, in blocks of 512 bytes; numbers of
               8 and of 4 bytes, little endian
seek table     a skippable frame, ``0x184D2A5E``: compressed and raw size of each frame above
=============  ==================================================================================

Packs are never changed, so that a reader needs no lock.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import zstandard

from components.core.errors import StoreError
from components.store import frame
from components.store.policy import RAW_SIZE_MAX_BYTES

SUFFIX = ".tar.zst"
TAR_BLOCK_BYTES = 512
INDEX_MAGIC, TABLE_MAGIC, FOOTER_MAGIC = 0x184D2A5B, 0x184D2A5E, 0x8F92EAB1
HEAD, FOOTER = struct.Struct("<II"), struct.Struct("<IBI")
_ENTRY_BYTES = 12
# More than FRAME_BYTES of a writer and its largest object; a hostile table must not ask for more.
_FRAME_MAX_BYTES = RAW_SIZE_MAX_BYTES + (2 << 20)


class Member(NamedTuple):
    """An object as it stands in a pack."""

    sha256: str
    block: int
    data: bytes


def prefix_of(sha256: str) -> int:
    """What an index holds of a hash. Two objects that share it are as good as impossible."""
    return int(sha256[:16], 16)


def member_name(sha256: str) -> str:
    """An object's name in the tar: the whole hash would take more of a pack than its records do."""
    return sha256[:16]


class PackFile:
    """A pack that is open for reading, by any number of threads at once.

    Every method raises :class:`StoreError` where the file is no pack, or damaged where it is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last_number = -1
        self._last: tuple[int, bytes] = (-1, b"")
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror}") from None
        try:
            self._read_tables()
        except (struct.error, ValueError, StoreError) as error:
            self.close()
            raise self._damaged(str(error)) from None

    def _read_tables(self) -> None:
        self.size_bytes = os.fstat(self._file).st_size
        footer = self._bytes(self.size_bytes - FOOTER.size, FOOTER.size)
        count, descriptor, magic = FOOTER.unpack(footer)
        length = HEAD.size * (1 + count) + FOOTER.size
        if magic != FOOTER_MAGIC or descriptor or not 0 < count < length < self.size_bytes:
            raise StoreError("it has no seek table")
        end = self.size_bytes - length
        table = self._bytes(end, length)
        sizes = np.frombuffer(table, "<u4", 2 * count, HEAD.size).reshape(-1, 2)
        self._ends = np.cumsum(sizes, axis=0, dtype="i8")
        if HEAD.unpack_from(table)[0] != TABLE_MAGIC or self._ends[-1, 0] != end or sizes[-1, 1]:
            raise StoreError("its seek table is damaged")
        index_bytes = int(sizes[-1, 0])
        index = self._bytes(end - index_bytes, index_bytes)
        self.objects, rest = divmod(index_bytes - HEAD.size, _ENTRY_BYTES)
        if HEAD.unpack_from(index) != (INDEX_MAGIC, index_bytes - HEAD.size) or rest:
            raise StoreError("its index is damaged")
        self.prefixes = np.frombuffer(index, "<u8", self.objects, HEAD.size)
        self.blocks = np.frombuffer(index, "<u4", self.objects, HEAD.size + 8 * self.objects)

    @property
    def raw_size_bytes(self) -> int:
        """The tar's size."""
        return int(self._ends[-1, 1])

    def read(self, block: int) -> Member:
        """The member that stands at ``block``. No more of a frame is unpacked than needed; one
        that is asked twice in a row is kept whole, for those who read in order."""
        at = block * TAR_BLOCK_BYTES
        number = int(np.searchsorted(self._ends[:, 1], at, side="right"))
        if number >= len(self._ends) - 1:
            raise self._damaged("a place in its index is behind its end")
        if number == self._last_number:
            return self._read_whole(number, block)
        self._last_number = number
        stored, start = self._frame(number)
        try:
            # Frames are of whole members, so that nothing else has to be unpacked.
            with zstandard.ZstdDecompressor().stream_reader(stored) as reader:
                _skip(reader, at - start)
                member = _header(reader.read(TAR_BLOCK_BYTES))
                data = reader.read(member.size)
        except (zstandard.ZstdError, tarfile.TarError, ValueError) as error:
            raise self._damaged(str(error)) from None
        return self._checked(member.name, block, data)

    def _read_whole(self, number: int, block: int) -> Member:
        kept, content = self._last
        start = int(self._ends[number - 1, 1]) if number else 0
        at = block * TAR_BLOCK_BYTES - start
        try:
            if kept != number:
                content = frame.decompress(self._frame(number)[0], _FRAME_MAX_BYTES)
                self._last = (number, content)
            member = _header(content[at : at + TAR_BLOCK_BYTES])
        except (StoreError, tarfile.TarError, ValueError) as error:
            raise self._damaged(str(error)) from None
        first = at + TAR_BLOCK_BYTES
        return self._checked(member.name, block, content[first : first + member.size])

    def members(self) -> Iterator[Member]:
        """Every member, in order; a frame is in memory at a time."""
        for number in range(len(self._ends) - 1):
            stored, start = self._frame(number)
            try:
                content = frame.decompress(stored, _FRAME_MAX_BYTES)
            except StoreError as error:
                raise self._damaged(str(error)) from None
            at = 0
            while at < len(content) and content[at]:
                try:
                    member = _header(content[at : at + TAR_BLOCK_BYTES])
                except (tarfile.TarError, ValueError) as error:
                    raise self._damaged(str(error)) from None
                first = at + TAR_BLOCK_BYTES
                data = content[first : first + member.size]
                yield self._checked(member.name, (start + at) // TAR_BLOCK_BYTES, data)
                at = first + member.size + -member.size % TAR_BLOCK_BYTES

    def _frame(self, number: int) -> tuple[bytes, int]:
        """A frame, and where its content begins in the tar."""
        start, raw_start = self._ends[number - 1] if number else (0, 0)
        size_bytes, raw_bytes = self._ends[number] - (start, raw_start)
        if raw_bytes > _FRAME_MAX_BYTES:
            raise self._damaged(f"a frame declares {raw_bytes} bytes")
        return self._bytes(int(start), int(size_bytes)), int(raw_start)

    def _checked(self, name: str, block: int, data: bytes) -> Member:
        sha256 = hashlib.sha256(data).hexdigest()
        if member_name(sha256) != name:
            raise self._damaged(f"the content of {name} has another hash")
        return Member(sha256, block, data)

    def _bytes(self, start: int, count: int) -> bytes:
        found = os.pread(self._file, count, start) if start >= 0 else b""
        if len(found) != count:
            raise StoreError("it is cut short")
        return found

    def _damaged(self, reason: str) -> StoreError:
        return StoreError(f"{self.path}: damaged pack: {reason}; fetch its objects again")

    def __enter__(self) -> PackFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """No method may be called afterwards."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        # A pack that was replaced stays open for as long as some thread reads it.
        if hasattr(self, "_file"):
            self.close()


def _skip(reader: zstandard.ZstdDecompressionReader, count: int) -> None:
    if len(reader.read(count)) != count:
        raise ValueError("a frame is cut short")


def _header(block: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    if not 0 <= member.size <= RAW_SIZE_MAX_BYTES:
        raise ValueError(f"{member.name} declares {member.size} bytes")
    return member
