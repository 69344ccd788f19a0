"""Writing a pack: frames in parallel, then read back and compared before it gets its name."""

from __future__ import annotations

import os
import tarfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from components.core.errors import StoreError
from components.core.files import sha256_file, sync
from components.store import frame
from components.store.pack_file import (
    FOOTER,
    FOOTER_MAGIC,
    HEAD,
    INDEX_MAGIC,
    SUFFIX,
    TABLE_MAGIC,
    TAR_BLOCK_BYTES,
    PackFile,
    member_name,
    prefix_of,
)

LEVEL = 19
# A larger frame is smaller on the disk and slower to read from.
FRAME_BYTES = 1 << 20
_IN_FLIGHT = 4

Place = tuple[int, int]
"""A hash's prefix, and the block of the tar where its member stands."""


class Written(NamedTuple):
    path: Path
    objects: int
    size_bytes: int


def write_pack(
    folder: Path, members: Iterable[tuple[str, bytes]], pool: ThreadPoolExecutor
) -> Written:
    """Write ``members`` (hash and content, in the order in which they shall lie) as a pack.

    It is on the disk, under its name, when this returns. The same members give the same bytes,
    whatever number of threads ``pool`` has. Raises :class:`StoreError` where it does not come back
    as it was written; nothing is left then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".tmp-{os.getpid()}{SUFFIX}"
    try:
        with temporary.open("wb") as file:
            places = _write(file, members, pool)
        temporary.chmod(0o644)
        sync(temporary)
        _compare(temporary, places)
        path = folder / f"{sha256_file(temporary)}{SUFFIX}"
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(folder)
    return Written(path, len(places), path.stat().st_size)


def _write(
    file: BinaryIO, members: Iterable[tuple[str, bytes]], pool: ThreadPoolExecutor
) -> list[Place]:
    sizes: list[tuple[int, int]] = []
    places: list[Place] = []
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    for content, found in _frames(members):
        places += found
        waiting.append((len(content), pool.submit(frame.compress, content, LEVEL)))
        if len(waiting) > _IN_FLIGHT:
            sizes.append(_take(file, *waiting.popleft()))
    sizes += [_take(file, *each) for each in waiting]
    places.sort()
    index = np.array([prefix for prefix, _ in places], "<u8").tobytes()
    index += np.array([block for _, block in places], "<u4").tobytes()
    sizes.append((HEAD.size + len(index), 0))
    table = b"".join(HEAD.pack(*pair) for pair in sizes)
    file.write(HEAD.pack(INDEX_MAGIC, len(index)) + index)
    file.write(HEAD.pack(TABLE_MAGIC, len(table) + FOOTER.size) + table)
    file.write(FOOTER.pack(len(sizes), 0, FOOTER_MAGIC))
    return places


def _take(file: BinaryIO, raw_size_bytes: int, done: Future[bytes]) -> tuple[int, int]:
    stored = done.result()
    file.write(stored)
    return len(stored), raw_size_bytes


def _frames(members: Iterable[tuple[str, bytes]]) -> Iterator[tuple[bytes, list[Place]]]:
    content, at = bytearray(), 0
    places: list[Place] = []
    for sha256, data in members:
        if len(content) >= FRAME_BYTES:
            yield bytes(content), places
            content, places = bytearray(), []
        places.append((prefix_of(sha256), at // TAR_BLOCK_BYTES))
        # A new TarInfo has time, owner and group 0, and no names.
        member = tarfile.TarInfo(member_name(sha256))
        member.size, member.mode = len(data), 0o644
        piece = member.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % TAR_BLOCK_BYTES)
        content += piece
        at += len(piece)
    # Two empty blocks end a tar.
    yield bytes(content) + bytes(2 * TAR_BLOCK_BYTES), places


def _compare(path: Path, places: list[Place]) -> None:
    """Raise :class:`StoreError` unless every object is there, whole, and where the index says."""
    with PackFile(path) as pack:
        found = sorted((prefix_of(member.sha256), member.block) for member in pack.members())
        index = list(zip(pack.prefixes.tolist(), pack.blocks.tolist(), strict=True))
    if not found == index == places:
        raise StoreError(f"{path}: came back from the disk changed; check the disk")
