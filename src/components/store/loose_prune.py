"""Dead loose objects: what there is of them, in memory of 32 bytes for each that is dead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from components.artifacts import ARTIFACT_TYPES
from components.store.key_set import KeySet, Prefixes
from components.store.loose import HASH_BYTES, hashes, sort
from components.store.object_store import ObjectStore

# Names that are looked up at once.
_BATCH = 4096


@dataclass
class DeadObjects:
    """Keys of objects, by type, sorted; hashes of a type stand one after the other."""

    hashes: dict[str, bytearray] = field(default_factory=dict)
    size_bytes: int = field(default=0, compare=False)
    """Of their files, when they were looked at."""

    def __len__(self) -> int:
        return sum(map(len, self.hashes.values())) // HASH_BYTES

    def __iter__(self) -> Iterator[str]:
        for artifact_type, found in self.hashes.items():
            for at in range(0, len(found), HASH_BYTES):
                yield f"objects/{artifact_type}/{found[at : at + HASH_BYTES].hex()}.zst"

    def without(self, kept: KeySet) -> DeadObjects:
        """Those that are not ``kept``."""
        left = {}
        for artifact_type, found in self.hashes.items():
            if dead := _without(kept, artifact_type, found):
                left[artifact_type] = dead
        return DeadObjects(left)


def dead_objects(store: ObjectStore, kept: KeySet, newest_s: float) -> DeadObjects:
    """Loose objects that are not ``kept`` and whose files are not younger than ``newest_s``."""
    found = DeadObjects()
    for artifact_type in ARTIFACT_TYPES:
        folder = store.root / artifact_type
        dead = bytearray()
        names = hashes(folder)
        while batch := b"".join(islice(names, _BATCH)):
            unkept = _without(kept, artifact_type, batch)
            for at in range(0, len(unkept), HASH_BYTES):
                sha256 = unkept[at : at + HASH_BYTES]
                # One that was packed meanwhile is looked at there, the next time.
                with suppress(FileNotFoundError):
                    stat = (folder / f"{sha256.hex()}.zst").stat()
                    if stat.st_mtime <= newest_s:
                        dead += sha256
                        found.size_bytes += stat.st_size
        if dead:
            sort(dead)
            found.hashes[artifact_type] = dead
    return found


def _without(kept: KeySet, artifact_type: str, found: bytes | bytearray) -> bytearray:
    words: Prefixes = np.frombuffer(found, ">u8")[:: HASH_BYTES // 8].astype(np.uint64)
    rows = np.frombuffer(found, f"V{HASH_BYTES}")
    return bytearray(rows[~kept.has(artifact_type, words)].tobytes())


def test_what_is_dead_is_found_in_little_memory(tmp_path: Path) -> None:
    import hashlib
    import os
    import tracemalloc

    store = ObjectStore(tmp_path / "objects", library=None)
    types = ("model_obj", "part_image")
    keys = []
    for name in types:
        (store.root / name).mkdir(parents=True)
        for number in range(6000):
            sha256 = hashlib.sha256(b"%d" % number).hexdigest()
            keys.append(f"objects/{name}/{sha256}.zst")
            (tmp_path / keys[-1]).write_bytes(b"1234")
    alive = [key for number, key in enumerate(keys) if number % 7]
    dead = sorted(set(keys).difference(alive))
    # Another type's object of that hash does not keep this one.
    young, dead[-1:] = dead[-1], []
    newest_s = (tmp_path / young).stat().st_mtime + 100
    os.utime(tmp_path / young, (newest_s + 1, newest_s + 1))
    tracemalloc.start()
    kept = KeySet(alive * 3)
    found = dead_objects(store, kept, newest_s)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sorted(found) == dead and len(found) == len(dead)
    assert found.size_bytes == 4 * len(dead)
    for name in types:
        of_type = [key for key in found if name in key]
        assert of_type == sorted(of_type)
    # A list of what is in a folder, or of keys, takes hundreds of bytes an object.
    assert peak_bytes < 100 * len(keys)
    held = dead[:5]
    assert sorted(found.without(KeySet(held))) == dead[5:]
    assert found.without(KeySet()) == found and not len(found.without(KeySet(dead)))
