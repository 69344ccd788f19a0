"""Loose objects of a type into packs: what is alike stands together, and nothing is ever lost.

A pack is on the disk, compared and under its name before a loose copy goes; killed at any moment,
the same call again goes on. Small packs of earlier calls are gathered anew, so that a call each
night leaves few.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.core.errors import StoreError
from components.store.object_store import ObjectStore
from components.store.pack_file import PackFile, prefix_of
from components.store.pack_write import write_pack

# Of raw bytes: some MiB of a pack, and minutes of work that a kill costs at most.
PACK_RAW_BYTES = 128 << 20
SMALL_RAW_BYTES = PACK_RAW_BYTES // 4
# What like records have in common, first where they are most alike: of JLC's list and details, of
# LCSC, of EasyEDA. Read without parsing, since strangers wrote the text.
_FIELDS = (
    (b"firstCategory", b"firstTypeName", b"parentCatalogName"),
    (b"secondCategory", b"secondTypeName", b"catalogName", b"packageDetail"),
    (b"package", b"componentSpecification", b"encapStandard"),
    (b"mfrPart", b"componentModel", b"productModel", b"title"),
)
_PATTERNS = tuple(
    re.compile(
        b'"(?:' + b"|".join(names) + rb')"\s*:\s*(?:\{.{0,200}?"title"\s*:\s*)?"([^"]*)"', re.S
    )
    for names in _FIELDS
)
_PLAN = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;
CREATE TABLE plan (sha256 BLOB PRIMARY KEY, likeness BLOB NOT NULL) WITHOUT ROWID;
"""


class Gathered(NamedTuple):
    """Objects that went into packs, and bytes of the files before and after."""

    objects: int = 0
    packs: int = 0
    before_bytes: int = 0
    after_bytes: int = 0


Tell = Callable[[str], None]


def gather(store: ObjectStore, artifact_type: str, damaged: list[str], tell: Tell) -> Gathered:
    """Pack what is loose of ``artifact_type``; ``damaged`` gets a line for each that stays as it
    is because it cannot be read. One call at a time: the caller holds the run lock.

    Raises :class:`StoreError` where a pack does not come back from the disk as it was written.
    """
    folder = store.packs(artifact_type).folder
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".tmp-*"):
        leftover.unlink()
    plan = folder / f".tmp-{os.getpid()}.sqlite"
    threads = len(os.sched_getaffinity(0))
    try:
        with closing(sqlite3.connect(plan)) as db, ThreadPoolExecutor(threads) as pool:
            db.executescript(_PLAN)
            small = _plan(store, artifact_type, db, damaged)
            return _pack(store, artifact_type, db, small, pool, tell)
    finally:
        plan.unlink(missing_ok=True)


def likeness(data: bytes) -> bytes:
    """By which objects are sorted, so that like stands by like.

    >>> likeness(b'{"componentSpecification": "0402", "secondTypeName": "Chip Resistor"}')
    b'\\x00Chip Resistor\\x000402\\x00'
    """
    found = (pattern.search(data) for pattern in _PATTERNS)
    words = b"\0".join(match[1][:60] if match else b"" for match in found)
    return words if words.strip(b"\0") else data[:200]


def _plan(
    store: ObjectStore, artifact_type: str, db: sqlite3.Connection, damaged: list[str]
) -> list[Path]:
    """Write down every object to be packed; the packs that are then not needed any more."""
    packs = store.packs(artifact_type)
    view = packs.view()
    small = {
        pack.path: pack.prefixes for pack in packs.open() if pack.raw_size_bytes < SMALL_RAW_BYTES
    }
    numbers = [number for number, name in enumerate(view.names) if packs.folder / name in small]
    large = view.prefixes[~np.isin(view.packs, numbers)]
    for key in store.loose_keys(artifact_type):
        sha256 = _sha256(key)
        try:
            if _has(large, sha256) and packs.get(sha256) is not None:
                # Packed by a call that was killed before it removed the loose copy.
                store.remove(key)
            else:
                _note(db, sha256, store.get(key))
        except StoreError as error:
            damaged.append(str(error))
    done = [path for path, prefixes in small.items() if np.isin(prefixes, large).all()]
    again = small.keys() - done
    if len(again) < 2 and not db.execute("SELECT 1 FROM plan LIMIT 1").fetchone():
        return done
    for path in sorted(again):
        with PackFile(path) as pack:
            for member in pack.members():
                if not _has(large, member.sha256):
                    _note(db, member.sha256, member.data)
    return list(small)


def _note(db: sqlite3.Connection, sha256: str, data: bytes) -> None:
    row = bytes.fromhex(sha256), likeness(data)
    db.execute("INSERT OR IGNORE INTO plan VALUES (?, ?)", row)


def _has(prefixes: npt.NDArray[np.uint64], sha256: str) -> bool:
    prefix = np.uint64(prefix_of(sha256))
    at = int(prefixes.searchsorted(prefix))
    return at < len(prefixes) and bool(prefixes[at] == prefix)


def _pack(
    store: ObjectStore,
    artifact_type: str,
    db: sqlite3.Connection,
    small: list[Path],
    pool: ThreadPoolExecutor,
    tell: Tell,
) -> Gathered:
    total: int = db.execute("SELECT count(*) FROM plan").fetchone()[0]
    result = Gathered()
    kept: set[Path] = set()
    rows = db.execute("SELECT sha256 FROM plan ORDER BY likeness, sha256")
    source = (f"objects/{artifact_type}/{row[0].hex()}.zst" for row in rows)
    while True:
        keys: list[str] = []
        first = next(source, None)
        if first is None:
            break
        members = _batch(store, chain([first], source), keys)
        written = write_pack(store.packs(artifact_type).folder, members, pool)
        kept.add(written.path)
        before = 0
        for key in keys:
            with suppress(FileNotFoundError):
                before += store.path(key).stat().st_size
            store.remove(key)
        result = Gathered(
            result.objects + written.objects,
            result.packs + 1,
            result.before_bytes + before,
            result.after_bytes + written.size_bytes,
        )
        tell(f"{artifact_type}: {result.objects:,} of {total:,} objects in {result.packs} packs")
    for path in set(small) - kept:
        result = result._replace(before_bytes=result.before_bytes + path.stat().st_size)
        path.unlink()
    return result


def _batch(
    store: ObjectStore, source: Iterator[str], keys: list[str]
) -> Iterator[tuple[str, bytes]]:
    """One pack's objects; their keys gather in ``keys``."""
    raw_bytes = 0
    while raw_bytes < PACK_RAW_BYTES and (key := next(source, None)):
        data = store.get(key)
        keys.append(key)
        raw_bytes += len(data)
        yield _sha256(key), data


def _sha256(key: str) -> str:
    return Path(key).stem
