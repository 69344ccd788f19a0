"""How each artifact type is stored, and the limits that reading keeps to."""

from __future__ import annotations

from components.artifacts import ARTIFACTS, Storage

# An object larger than this is refused when written and when read: no model or datasheet comes
# near it, and a damaged or hostile header must not make a reader allocate without bound.
RAW_SIZE_MAX_BYTES = 256 << 20
# What a file system hands out: a file of one byte takes as much (the default of ext4 and XFS).
BLOCK_BYTES = 4096

Rule = Storage
# How a type is written stands with everything else about it.
POLICY: dict[str, Rule] = {name: artifact.storage for name, artifact in ARTIFACTS.items()}


def blocks(size_bytes: int) -> int:
    """How many blocks a file of this size takes on the disk."""
    return -(-size_bytes // BLOCK_BYTES)


def test_a_started_block_counts() -> None:
    assert [blocks(size) for size in (0, 1, 4096, 4097)] == [0, 1, 1, 2]
