"""Every object of a store re-hashed: loose ones and those in packs, in little memory.

A note of how far it came is kept in the store every few thousand objects, so that a check that was
stopped goes on from there. A store that cannot be written is checked from its beginning.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from components.artifacts import ARTIFACT_TYPES
from components.core.errors import StoreError
from components.core.files import sha256_file, write_text
from components.store.key_set import KeySet
from components.store.object_store import ObjectStore
from components.store.pack_file import SUFFIX, PackFile, prefix_of

NOTE = ".verify.json"
_BATCH = 2048


@dataclass
class Report:
    """What was looked at and what is wrong with it, one line each."""

    objects: int = 0
    packs: int = 0
    snapshots: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.problems


def check_objects(store: ObjectStore, pool: ThreadPoolExecutor, report: Report) -> KeySet:
    """Look at every object; what there is, with problems and counts added to ``report``."""
    present = KeySet()
    note = store.root / NOTE
    last, report.problems[len(report.problems) :] = _noted(note)
    for artifact_type in sorted(ARTIFACT_TYPES):
        keys = store.loose_keys(artifact_type)
        prefixes = [np.empty(0, np.uint64)]
        while batch := list(itertools.islice(keys, _BATCH)):
            report.objects += len(batch)
            prefixes.append(_prefixes(batch))
            unseen = [key for key in batch if key > last]
            found = pool.map(lambda key: _problem(store, key), unseen)
            report.problems += filter(None, found)
            if unseen:
                _write(note, batch[-1], report)
        present.add(artifact_type, np.concatenate(prefixes))
        for path in store.packs(artifact_type).paths():
            report.packs += 1
            key = path.relative_to(store.root.parent).as_posix()
            report.problems += _pack(path, artifact_type, present, report, skip=key <= last)
            _write(note, max(key, last), report)
    with suppress(OSError):
        note.unlink(missing_ok=True)
    return present


def _pack(
    path: Path, artifact_type: str, present: KeySet, report: Report, *, skip: bool
) -> Iterator[str]:
    try:
        with PackFile(path) as pack:
            present.add(artifact_type, pack.prefixes)
            report.objects += pack.objects
            if skip:
                return
            if sha256_file(path) != path.name.removesuffix(SUFFIX):
                yield f"{path}: damaged pack: its content has another hash; fetch its objects again"
            places = sorted((prefix_of(each.sha256), each.block) for each in pack.members())
            if places != list(zip(pack.prefixes.tolist(), pack.blocks.tolist(), strict=True)):
                yield f"{path}: damaged pack: its index leads elsewhere; fetch its objects again"
    except StoreError as error:
        yield str(error)


def _problem(store: ObjectStore, key: str) -> str | None:
    """What is wrong with a loose object; one that was packed meanwhile is whole there."""
    try:
        store.get(key)
    except StoreError as error:
        return str(error)
    return None


def _prefixes(keys: list[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([prefix_of(Path(key).stem) for key in keys], np.uint64)


def _write(note: Path, last: str, report: Report) -> None:
    content = {"last": last, "problems": report.problems}
    with suppress(OSError):
        write_text(note, json.dumps(content) + "\n", durable=False)


def _noted(note: Path) -> tuple[str, list[str]]:
    """The last key that was looked at, and what was found wrong up to there."""
    try:
        content = json.loads(note.read_bytes())
        return str(content["last"]), [str(line) for line in content["problems"]]
    except (OSError, ValueError, KeyError, TypeError):
        return "", []


def test_a_stopped_check_goes_on_and_forgets_nothing(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects", library=None)
    keys = sorted(store.put("model_obj", b"v %d" % number).key for number in range(9))
    store.path(keys[2]).write_bytes(b"damaged")
    store.path(keys[8]).write_bytes(b"damaged")
    report = Report(problems=["a problem"])
    _write(store.root / NOTE, keys[4], report)
    again = Report()
    with ThreadPoolExecutor(2) as pool:
        present = check_objects(store, pool, again)
        assert again.objects == 9 and all(key in present for key in keys)
        assert [line.split(":")[0] for line in again.problems] == ["a problem", keys[8]]
        assert not (store.root / NOTE).exists()
        from_start = Report()
        check_objects(store, pool, from_start)
    assert [line.split(":")[0] for line in from_start.problems] == [keys[2], keys[8]]
    assert hashlib.sha256(store.get(keys[0])).hexdigest() == Path(keys[0]).stem
