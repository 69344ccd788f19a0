"""Dead objects in packs: what there is of them, and packs written anew without them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.artifacts import ARTIFACT_TYPES
from components.store.key_set import KeySet
from components.store.object_store import ObjectStore
from components.store.pack_file import TAR_BLOCK_BYTES, PackFile, prefix_of
from components.store.pack_write import write_pack

DEAD_SHARE = 0.3


class PrunedPack(NamedTuple):
    """A pack that is worth writing anew."""

    path: Path
    artifact_type: str
    objects: int
    dead: int
    freed: int
    """Bytes of the file, estimated by the dead share of its raw bytes."""


def dead_packs(
    store: ObjectStore, kept: KeySet, newest_s: float, dead_share: float
) -> list[PrunedPack]:
    """Packs older than ``newest_s`` with more than ``dead_share`` of their bytes, or all, dead.

    What another pack has as well is dead in the later one. Raises :class:`StoreError` for a
    damaged pack.
    """
    found = []
    for artifact_type in ARTIFACT_TYPES:
        packs = store.packs(artifact_type)
        seen = np.zeros(len(kept.of(artifact_type)), np.bool_)
        for path in packs.paths():
            with PackFile(path) as pack:
                alive = _alive(pack, kept, artifact_type, seen)
                dead_bytes = int(_sizes(pack)[~alive].sum())
                size_bytes, raw_bytes = pack.size_bytes, max(pack.raw_size_bytes, 1)
            share = dead_bytes / raw_bytes
            is_worth = share > dead_share or not alive.any()
            if is_worth and path.stat().st_mtime <= newest_s:
                freed = int(size_bytes * share) if alive.any() else size_bytes
                dead = len(alive) - int(alive.sum())
                found.append(PrunedPack(path, artifact_type, len(alive), dead, freed))
    return found


def rewrite(store: ObjectStore, pack: PrunedPack, kept: KeySet) -> None:
    """Write the pack anew without what is dead, then remove it. Raises :class:`StoreError`."""
    packs = store.packs(pack.artifact_type)
    seen = np.zeros(len(kept.of(pack.artifact_type)), np.bool_)
    for path in packs.paths():
        if path < pack.path:
            with PackFile(path) as other:
                _alive(other, kept, pack.artifact_type, seen)
    with PackFile(pack.path) as old:
        alive = old.prefixes[_alive(old, kept, pack.artifact_type, seen)]
        members = (
            (member.sha256, member.data)
            for member in old.members()
            if np.isin(np.uint64(prefix_of(member.sha256)), alive)
        )
        if len(alive):
            with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
                written = write_pack(packs.folder, members, pool)
            if written.path == pack.path:
                return
    pack.path.unlink()


def _alive(
    pack: PackFile, kept: KeySet, artifact_type: str, seen: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which objects of the pack, in the order of its index, are kept and not ``seen`` before.

    ``seen`` has a mark for each kept object, in their order; those of the pack are added.
    """
    places = kept.places(artifact_type, pack.prefixes)
    alive = places >= 0
    alive[alive] = ~seen[places[alive]]
    seen[places[alive]] = True
    return alive


def _sizes(pack: PackFile) -> npt.NDArray[np.int64]:
    """Bytes of the tar that each member takes, in the order of the index."""
    order = np.argsort(pack.blocks)
    ends = np.append(pack.blocks[order][1:].astype("i8"), pack.raw_size_bytes // TAR_BLOCK_BYTES)
    sizes = np.empty(pack.objects, "i8")
    sizes[order] = (ends - pack.blocks[order]) * TAR_BLOCK_BYTES
    return sizes
