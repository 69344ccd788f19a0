"""Dictionaries: texts that a model reads before it codes others of their kind.

A dictionary's id is the first four bytes of the SHA-256 of its content, and its file is
``<id in hexadecimal>.dict``; ``current.json`` beside it names the dictionary that new objects of
each artifact type are written with. A dictionary is never changed or removed while an object needs
it. Those that were trained from a store (``<cache_dir>/dictionaries``) go before the built-in ones,
which were trained on what our own generators write.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from components.core.errors import StoreError
from components.core.files import write_bytes, write_text

BUILTIN = Path(__file__).with_name("dictionaries")
CURRENT = "current.json"
SIZE_MAX_BYTES = 256 << 10


def dictionary_id(content: bytes) -> int:
    """The id of a dictionary, an unsigned number of 32 bits."""
    return int.from_bytes(hashlib.sha256(content).digest()[:4], "big")


def file_name(identifier: int) -> str:
    """The name of a dictionary's file."""
    return f"{identifier:08x}.dict"


class Dictionaries:
    """The dictionaries of ``folders``, the first of which goes first. Thread-safe."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self._contents: dict[int, bytes] = {}
        self._current: dict[str, int] | None = None
        self._lock = threading.Lock()

    def current(self, artifact_type: str) -> int | None:
        """The dictionary that new objects of a type are written with."""
        with self._lock:
            if self._current is None:
                self._current = {}
                for folder in reversed(self.folders):
                    self._current.update(_read_current(folder))
        return self._current.get(artifact_type)

    def content(self, identifier: int) -> bytes:
        """Raises :class:`StoreError` where the dictionary is missing or damaged."""
        with self._lock:
            if identifier not in self._contents:
                self._contents[identifier] = self._read(identifier)
            return self._contents[identifier]

    def _read(self, identifier: int) -> bytes:
        name = file_name(identifier)
        for folder in self.folders:
            path = folder / name
            if not path.is_file():
                continue
            content = path.read_bytes()
            if dictionary_id(content) == identifier:
                return content
            raise StoreError(f"{path}: damaged dictionary; put the right file back")
        places = " nor ".join(map(str, self.folders))
        raise StoreError(f"its dictionary {name} is neither in {places}; put it back there")


def save(folder: Path, trained: Mapping[str, bytes]) -> None:
    """Write a dictionary for each artifact type, and make them the current ones of ``folder``."""
    for content in trained.values():
        write_bytes(folder / file_name(dictionary_id(content)), content)
    current = _read_current(folder) | {
        artifact_type: dictionary_id(content) for artifact_type, content in trained.items()
    }
    names = {key: file_name(value).removesuffix(".dict") for key, value in sorted(current.items())}
    write_text(folder / CURRENT, json.dumps(names, indent=1) + "\n")


def _read_current(folder: Path) -> dict[str, int]:
    path = folder / CURRENT
    if not path.is_file():
        return {}
    try:
        return {key: int(value, 16) for key, value in json.loads(path.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError):
        raise StoreError(f"{path}: damaged; train the dictionaries again") from None


def test_dictionaries_are_found_by_their_content(tmp_path: Path) -> None:
    import pytest

    ours, builtin = tmp_path / "ours", tmp_path / "builtin"
    save(builtin, {"lcsc_product": b"old", "model_obj": b"obj"})
    save(ours, {"lcsc_product": b"new"})
    found = Dictionaries(ours, builtin)
    assert found.current("lcsc_product") == dictionary_id(b"new")
    assert found.content(dictionary_id(b"old")) == b"old"
    assert found.content(found.current("model_obj") or 0) == b"obj"
    assert found.current("part_image") is None
    with pytest.raises(StoreError, match=r"dictionary 00000007\.dict is neither in"):
        found.content(7)
    (ours / file_name(dictionary_id(b"new"))).write_bytes(b"other")
    with pytest.raises(StoreError, match="damaged dictionary"):
        found.content(dictionary_id(b"new"))
    (ours / CURRENT).write_text("[1]")
    with pytest.raises(StoreError, match=r"current\.json: damaged"):
        Dictionaries(ours).current("model_obj")


def test_the_builtin_dictionaries_are_whole() -> None:
    builtin = Dictionaries(BUILTIN)
    files = sorted(BUILTIN.glob("*.dict"))
    assert files
    for path in files:
        content = builtin.content(int(path.stem, 16))
        assert 0 < len(content) <= SIZE_MAX_BYTES
    from components.store.policy import POLICY

    for artifact_type, rule in POLICY.items():
        assert rule.text == (builtin.current(artifact_type) is not None), artifact_type
