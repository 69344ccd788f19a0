"""Objects on disk: ``<root>/<artifact type>/<sha256 of the raw bytes>.zst``.

Objects are written by temporary file, fsync and rename, and never changed. Any number of threads
and processes may use one store at the same time; two writers of one object write the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

from components.artifacts import ARTIFACT_TYPES
from components.core.errors import StoreError
from components.core.files import replacing, sync
from components.core.layout import Layout
from components.native.codecs import Codecs, default_library
from components.store import frame
from components.store.dictionaries import BUILTIN, Dictionaries
from components.store.header import is_headed
from components.store.policy import POLICY, RAW_SIZE_MAX_BYTES, plain

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
    ``None`` writes everything as plain zstd, and reads only that. ``quick`` puts texts by the first
    text codec, which takes a quarter of the time; ``components recompress`` makes them smaller.
    """

    def __init__(
        self,
        root: Path,
        library: Path | Literal["default"] | None = "default",
        *,
        quick: bool = False,
    ) -> None:
        self.root = root
        self.library = library
        self.quick = quick
        self._kept_tools: frame.Tools | None = None
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
        encoded = self.encode(artifact_type, data, quick=self.quick)
        self._write(self.path(key), encoded.data)
        return StoredObject(sha256, key, len(data), len(encoded.data), encoded.encoding)

    def encode(self, artifact_type: str, data: bytes, *, quick: bool = False) -> frame.Encoded:
        """What the policy makes of ``data``. Raises :class:`StoreError`."""
        rule = POLICY[_known(artifact_type)]
        if self.library is None:
            rule = plain(rule)
        tools = self._tools() if rule.native else None
        return frame.encode(data, artifact_type, rule, tools, quick=quick)

    def decode(self, stored: bytes) -> bytes:
        """The raw bytes of what :meth:`encode` wrote. Raises :class:`StoreError`."""
        return frame.decode(stored, self._tools() if is_headed(stored) else None)

    def _tools(self) -> frame.Tools | None:
        """The native codecs and dictionaries; None where the store does without."""
        if self.library is None:
            return None
        with self._lock:
            if self._kept_tools is None:
                cache_dir = self.root.absolute().parent
                path = default_library(cache_dir) if self.library == "default" else self.library
                found = Dictionaries(Layout(cache_dir).dictionaries, BUILTIN)
                self._kept_tools = frame.Tools(Codecs(Path(path)), found)
            return self._kept_tools

    def sync(self) -> None:
        """Make the names of all objects put so far durable."""
        with self._lock:
            folders, self._unsynced = self._unsynced, set()
        for folder in sorted(folders):
            sync(folder)

    def rewrite(self, key: str) -> tuple[int, int]:
        """Write an object as the policy now asks, where that is smaller; the old one goes when the
        new one is verified and on disk.

        The stored sizes before and after, in bytes. Raises :class:`StoreError` where the object is
        missing or damaged; it is then left as it is.
        """
        old, data = self.stored(key), self.get(key)
        new = self.encode(self.path(key).parent.name, data).data
        if len(new) >= len(old):
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
        stored = self.stored(key)
        try:
            data = self.decode(stored)
        except StoreError as error:
            raise StoreError(f"{key}: damaged object: {error}; fetch it again") from None
        if hashlib.sha256(data).hexdigest() != self.path(key).stem:
            raise StoreError(f"{key}: damaged object: its content has another hash; fetch it again")
        return data

    def stored(self, key: str) -> bytes:
        """An object as it lies on disk. Raises :class:`StoreError` where it cannot be read."""
        path = self.path(key)
        try:
            if path.stat().st_size > RAW_SIZE_MAX_BYTES:
                raise StoreError(f"{key}: damaged object: larger than any object; fetch it again")
            return path.read_bytes()
        except FileNotFoundError:
            raise StoreError(f"{key}: no such object; fetch it again") from None
        except OSError as error:
            raise StoreError(f"{key}: cannot be read: {error.strerror}") from None

    def contains(self, key: str) -> bool:
        """Whether the object is there; whether it is whole, only :meth:`get` tells."""
        return self.path(key).is_file()

    def stored_size_bytes(self, key: str) -> int:
        """What the object takes on disk. Raises :class:`StoreError` where it is missing."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            raise StoreError(f"{key}: no such object; fetch it again") from None

    def keys(self) -> Iterator[str]:
        """Every object's key, sorted; files that are no objects are passed over."""
        for artifact_type in sorted(ARTIFACT_TYPES):
            folder = self.root / artifact_type
            names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
            for name in names:
                if _KEY.fullmatch(key := f"objects/{artifact_type}/{name}"):
                    yield key

    def remove(self, key: str) -> None:
        """Remove an object that nothing refers to any more; it may be gone already."""
        self.path(key).unlink(missing_ok=True)

    def path(self, key: str) -> Path:
        """Where the object of ``key`` lies. Raises :class:`StoreError` where it is no key."""
        match = _KEY.fullmatch(key)
        if match is None or match[1] not in ARTIFACT_TYPES:
            raise StoreError(f"{key[:200]!r}: not an object's key")
        return self.root / match[1] / f"{match[2]}.zst"

    def _whole(self, key: str, data: bytes) -> bytes | None:
        """The object as stored, where it is there already and holds ``data``."""
        if not self.contains(key):
            return None
        try:
            stored = self.stored(key)
            return stored if self.decode(stored) == data else None
        except StoreError:
            return None


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
