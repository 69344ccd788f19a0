"""Objects on disk: ``<root>/<artifact type>/<sha256 of the raw bytes>.zst``.

Objects are written by temporary file, fsync and rename, and never changed. Any number of threads
and processes may use one store at the same time; two writers of one object write the same bytes.
What ``components pack`` gathered lies in ``<root>/<artifact type>/packs`` instead
(:mod:`components.store.pack_file`); reading by key does not care.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

from components.artifacts import ARTIFACT_TYPES
from components.core.errors import StoreError
from components.core.files import replacing, sync
from components.native.codecs import Codecs, default_library
from components.store import dictionaries, frame, loose, packs
from components.store.header import is_headed
from components.store.policy import POLICY, RAW_SIZE_MAX_BYTES, blocks

_KEY = re.compile(r"objects/([a-z_]+)/([0-9a-f]{64})\.zst")


class StoredObject(NamedTuple):
    """What a manifest records of an object."""

    sha256: str
    key: str
    """``objects/<artifact type>/<sha256>.zst``, relative to the cache directory."""
    raw_size_bytes: int
    stored_size_bytes: int
    encoding: str
    """How the object is compressed, such as ``zstd``; for people, reading does not need it."""


class ObjectStore:
    """The objects below ``root``, which is ``<cache_dir>/objects``.

    ``library`` is the native library; by default the pipeline's, see
    :func:`components.native.codecs.default_library`, looked for when it is first needed.
    ``None`` writes models as plain zstd too, and reads only that.
    """

    def __init__(self, root: Path, library: Path | Literal["default"] | None = "default") -> None:
        self.root = root
        self.library = library
        self.dictionaries = dictionaries.Dictionaries(root / dictionaries.FOLDER)
        self._packs = {name: packs.Packs(root / name / packs.FOLDER) for name in ARTIFACT_TYPES}
        self._kept_codecs: Codecs | None = None
        self._unsynced: set[Path] = set()
        self._lock = threading.Lock()

    def put(self, artifact_type: str, data: bytes) -> StoredObject:
        """Store ``data``; where it is stored already and whole, nothing is written.

        The object's content is on disk when this returns; its name is after :meth:`sync`, which
        must come before a record that promises the object (a manifest's commit). One sync for
        many objects costs what one for each would.

        Raises :class:`StoreError` where the type is unknown or ``data`` too large.
        """
        _known(artifact_type)
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"objects/{artifact_type}/{sha256}.zst"
        if (there := self._whole(key, data)) is not None:
            return StoredObject(sha256, key, len(data), len(there), frame.encoding(there))
        if self._is_packed(key, data):
            return StoredObject(sha256, key, len(data), 0, frame.PLAIN)
        encoded = self.encode(artifact_type, data)
        self._write(self.path(key), encoded.data)
        return StoredObject(sha256, key, len(data), len(encoded.data), encoded.encoding)

    def encode(self, artifact_type: str, data: bytes) -> frame.Encoded:
        """What the policy makes of ``data``. Raises :class:`StoreError`."""
        rule = POLICY[_known(artifact_type)]
        codecs = self._codecs() if rule.columns else None
        dictionary = self.dictionaries.current(artifact_type) if rule.dictionary else None
        return frame.encode(data, rule, codecs, dictionary)

    def decode(self, stored: bytes) -> bytes:
        """The raw bytes of what :meth:`encode` wrote. Raises :class:`StoreError`."""
        codecs = self._codecs() if is_headed(stored) else None
        return frame.decode(stored, codecs, self.dictionaries)

    def _codecs(self) -> Codecs | None:
        """The native codecs; None where the store does without."""
        if self.library is None:
            return None
        with self._lock:
            if self._kept_codecs is None:
                cache_dir = self.root.absolute().parent
                path = default_library(cache_dir) if self.library == "default" else self.library
                self._kept_codecs = Codecs(Path(path))
            return self._kept_codecs

    def sync(self) -> None:
        """Make the names of all objects put so far durable."""
        with self._lock:
            folders, self._unsynced = self._unsynced, set()
        for folder in sorted(folders):
            sync(folder)

    def rewrite(self, key: str) -> tuple[int, int]:
        """Write a loose object as the policy now asks, where that takes fewer blocks; the old one
        goes when the new one is verified and on disk.

        The stored sizes before and after, in bytes. Raises :class:`StoreError` where the object is
        missing or damaged; it is then left as it is.
        """
        old, data = self.stored(key), self.get(key)
        new = self.encode(self.path(key).parent.name, data).data
        if blocks(len(new)) >= blocks(len(old)):
            return len(old), len(old)
        if self.decode(new) != data:
            raise StoreError(f"{key}: does not come back from its new form; it is left as it was")
        self._write(self.path(key), new)
        return len(old), len(new)

    def _write(self, path: Path, stored: bytes) -> None:
        # The folder is not synced here: that is what costs, and `sync` does it for many at once.
        with replacing(path, durable=False) as temporary:
            temporary.write_bytes(stored)
            sync(temporary)
        with self._lock:
            self._unsynced.add(path.parent)

    def get(self, key: str) -> bytes:
        """The raw bytes of an object, checked against its key.

        Raises :class:`StoreError`, which names the object, where it is missing or damaged.
        """
        artifact_type, sha256 = checked_parts(key)
        try:
            stored = self.stored(key)
        except MissingObject:
            data = self.packs(artifact_type).get(sha256)
            if data is None:
                raise
            return data
        return self.check(key, stored)

    def check(self, key: str, stored: bytes) -> bytes:
        """The raw bytes of what is stored, or is about to be, under ``key``; as :meth:`get`."""
        _, sha256 = checked_parts(key)
        try:
            data = self.decode(stored)
        except StoreError as error:
            raise StoreError(f"{key}: damaged object: {error}; fetch it again") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreError(f"{key}: damaged object: its content has another hash; fetch it again")
        return data

    def stored(self, key: str) -> bytes:
        """A loose object as it lies on disk.

        Raises :class:`MissingObject` where there is none, :class:`StoreError` where it cannot be
        read.
        """
        try:
            with open(self._name(key), "rb") as file:  # noqa: PTH123 - of every object
                if os.fstat(file.fileno()).st_size > RAW_SIZE_MAX_BYTES:
                    raise StoreError(
                        f"{key}: damaged object: larger than any object; fetch it again"
                    )
                return file.read()
        except FileNotFoundError:
            raise MissingObject(f"{key}: no such object; fetch it again") from None
        except OSError as error:
            raise StoreError(f"{key}: cannot be read: {error.strerror}") from None

    def packs(self, artifact_type: str) -> packs.Packs:
        """The packs of a type."""
        return self._packs[_known(artifact_type)]

    def contains(self, key: str) -> bool:
        """Whether the object is there; whether it is whole, only :meth:`get` tells."""
        path = self.path(key)
        return path.is_file() or self.packs(path.parent.name).find(path.stem) is not None

    def place(self, key: str) -> tuple[int, int]:
        """A number pair by which to sort keys before many are read: packs are then read in order,
        after what is loose."""
        path = self.path(key)
        return self.packs(path.parent.name).find(path.stem) or (-1, 0)

    def stored_size_bytes(self, key: str) -> int:
        """The size of a loose object's file. Raises :class:`StoreError` where it is missing."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            raise MissingObject(f"{key}: no such object; fetch it again") from None

    def keys(self) -> Iterator[str]:
        """Every object's key, those of a type together; files that are no objects are passed over.

        Packs are read through for it: see :meth:`loose_keys` where they need not be.
        """
        for artifact_type in sorted(ARTIFACT_TYPES):
            yield from self.loose_keys(artifact_type)
            for pack in self.packs(artifact_type).open():
                for member in pack.members():
                    key = f"objects/{artifact_type}/{member.sha256}.zst"
                    if not self.path(key).is_file():
                        yield key

    def loose_keys(self, artifact_type: str) -> Iterator[str]:
        """Keys of a type's objects that are files of their own, sorted; little memory for many."""
        for sha256 in loose.sorted_hashes(self.root / artifact_type):
            yield f"objects/{artifact_type}/{sha256}.zst"

    def remove(self, key: str) -> None:
        """Remove a loose object that nothing refers to any more; it may be gone already."""
        self.path(key).unlink(missing_ok=True)

    def path(self, key: str) -> Path:
        """Where the loose object of ``key`` lies. Raises :class:`StoreError` for what is no key."""
        return Path(self._name(key))

    def _name(self, key: str) -> str:
        # Of a bundle's thousands of objects, joining a Path's parts takes longer than reading.
        artifact_type, sha256 = checked_parts(key)
        return f"{self.root}/{artifact_type}/{sha256}.zst"

    def _whole(self, key: str, data: bytes) -> bytes | None:
        """The loose object as stored, where it is there already and holds ``data``."""
        try:
            stored = self.stored(key)
            return stored if self.decode(stored) == data else None
        except StoreError:
            return None

    def _is_packed(self, key: str, data: bytes) -> bool:
        """Whether a pack has the object, and its content is ``data``."""
        path = self.path(key)
        try:
            return self.packs(path.parent.name).get(path.stem) == data
        except StoreError:
            return False


def key_parts(key: str) -> tuple[str, str] | None:
    """Artifact type and hash of a key; None for what is none."""
    match = _KEY.fullmatch(key)
    return None if match is None or match[1] not in ARTIFACT_TYPES else (match[1], match[2])


def checked_parts(key: str) -> tuple[str, str]:
    """As :func:`key_parts`. Raises :class:`StoreError` for what is no key."""
    if (parts := key_parts(key)) is None:
        raise StoreError(f"{key[:200]!r}: not an object's key")
    return parts


class MissingObject(StoreError):
    """There is no object of that key."""


def _known(artifact_type: str) -> str:
    if artifact_type not in POLICY:
        raise StoreError(f"{artifact_type}: no artifact type; there are {', '.join(POLICY)}")
    return artifact_type


def test_objects_come_back_under_the_hash_of_their_bytes(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects", library=None)
    data = b"v 1 2 3\n" * 500
    stored = store.put("model_obj", data)
    store.sync()
    sha256 = hashlib.sha256(data).hexdigest()
    assert stored.key == f"objects/model_obj/{sha256}.zst"
    assert (tmp_path / stored.key).stat().st_size == stored.stored_size_bytes < 100
    assert (stored.sha256, stored.raw_size_bytes) == (sha256, 4000)
    assert store.get(stored.key) == data
    assert store.put("model_obj", data) == stored
    assert list(store.keys()) == [stored.key]
    assert store.contains(stored.key)
    store.remove(stored.key)
    assert not store.contains(stored.key)


def test_a_damaged_object_is_named_and_put_again(tmp_path: Path) -> None:
    import pytest

    store = ObjectStore(tmp_path / "objects")
    key = store.put("datasheet_pdf", b"%PDF-1.4").key
    other = store.put("datasheet_pdf", b"%PDF-1.5").key
    store.path(key).write_bytes(store.path(other).read_bytes())
    with pytest.raises(StoreError, match=f"{key}: damaged object"):
        store.get(key)
    for damage in (b"", b"junk", store.path(other).read_bytes()[:-1]):
        store.path(key).write_bytes(damage)
        with pytest.raises(StoreError, match=f"{key}: damaged object"):
            store.get(key)
    store.put("datasheet_pdf", b"%PDF-1.4")
    assert store.get(key) == b"%PDF-1.4"
    with pytest.raises(StoreError, match="no such object"):
        store.get(key.replace(store.path(key).stem, "0" * 64))


def test_a_key_cannot_leave_the_store(tmp_path: Path) -> None:
    import pytest

    store = ObjectStore(tmp_path / "objects")
    name = "0" * 64
    for key in ("", f"objects/../{name}.zst", f"objects/model_obj/../{name}.zst", f"/{name}.zst"):
        with pytest.raises(StoreError, match="not an object's key"):
            store.get(key)
    with pytest.raises(StoreError, match="no artifact type"):
        store.put("../etc", b"")


def test_many_writers_of_the_same_objects_are_harmless(tmp_path: Path) -> None:
    payloads = [bytes([n]) * 1000 for n in range(8)] * 25
    stores = [ObjectStore(tmp_path / "objects") for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        keys = pool.map(lambda n: stores[n % 2].put("part_image", payloads[n]).key, range(200))
    assert sorted(set(keys)) == list(stores[0].keys())
    assert len(list((tmp_path / "objects" / "part_image").iterdir())) == 8
    assert all(stores[0].get(key) for key in stores[0].keys())  # noqa: SIM118
