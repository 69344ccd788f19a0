"""Dictionaries that zstd frames are written with, beside the objects that need them.

``objects/dictionaries/<artifact type>-<version>-<number>.dict`` is a zstd dictionary (RFC 8878, 5);
``<number>`` is the one that frames name (``zstd -lv`` shows it) and that stands in the dictionary
itself, so that ``zstd -d -D FILE`` unpacks such an object. New objects of a type are written with
its last version. A dictionary is never changed or removed.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

import zstandard

from components.core.errors import StoreError
from components.core.files import write_bytes

FOLDER = "dictionaries"
SIZE_MAX_BYTES = 1 << 20
NAME = re.compile(r"([a-z_]+)-(\d{1,9})-(\d{1,10})\.dict")


class Dictionaries:
    """The dictionaries in ``folder``, which may not be there. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._contents: dict[int, zstandard.ZstdCompressionDict] = {}
        self._current: dict[str, Path] | None = None
        self._lock = threading.Lock()

    def current(self, artifact_type: str) -> zstandard.ZstdCompressionDict | None:
        """What new objects of a type are written with."""
        with self._lock:
            if self._current is None:
                self._current = _current(self.folder)
            path = self._current.get(artifact_type)
            return self._read(path) if path else None

    def named(self, number: int) -> zstandard.ZstdCompressionDict:
        """The dictionary that a frame names. Raises :class:`StoreError` where it is missing."""
        with self._lock:
            if found := self._contents.get(number):
                return found
            for path in sorted(self.folder.glob(f"*-{number}.dict")):
                return self._read(path)
        raise StoreError(f"its dictionary {number} is not in {self.folder}; put it back there")

    def add(self, artifact_type: str, content: bytes) -> Path:
        """Write a dictionary, and make it the type's current one."""
        with self._lock:
            self._current = _current(self.folder)
            before = self._current.get(artifact_type)
            version = 1 + (_version(before) if before else 0)
            number = zstandard.ZstdCompressionDict(content).dict_id()
            path = self.folder / f"{artifact_type}-{version}-{number}.dict"
            write_bytes(path, content)
            self._current[artifact_type] = path
            return path

    def _read(self, path: Path) -> zstandard.ZstdCompressionDict:
        number = int(path.stem.rpartition("-")[2])
        if number not in self._contents:
            try:
                if path.stat().st_size > SIZE_MAX_BYTES:
                    raise StoreError(f"{path}: larger than any dictionary")
                content = path.read_bytes()
                found = zstandard.ZstdCompressionDict(
                    content, dict_type=zstandard.DICT_TYPE_FULLDICT
                )
            except (OSError, zstandard.ZstdError) as error:
                raise StoreError(f"{path}: cannot be read: {error}") from None
            if found.dict_id() != number:
                raise StoreError(f"{path}: damaged dictionary; put the right file back")
            self._contents[number] = found
        return self._contents[number]


def _current(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.dict")):
        if match := NAME.fullmatch(path.name):
            known = found.get(match[1])
            if known is None or _version(known) < int(match[2]):
                found[match[1]] = path
    return found


def _version(path: Path) -> int:
    return int(path.stem.split("-")[1])


def is_numbered(name: str, content: bytes) -> bool:
    """Whether a file of this name and content is a dictionary, and the one that it is named as."""
    match = NAME.fullmatch(name)
    try:
        number = zstandard.ZstdCompressionDict(content, zstandard.DICT_TYPE_FULLDICT).dict_id()
    except (ValueError, zstandard.ZstdError):
        return False
    return match is not None and int(match[3]) == number > 0


def trained(texts: list[bytes], size_bytes: int = 16 << 10) -> bytes:
    """A dictionary of what ``texts`` share. Raises :class:`zstandard.ZstdError` for too few."""
    samples: list[bytes | bytearray | memoryview] = list(texts)
    return zstandard.train_dictionary(size_bytes, samples, level=12).as_bytes()


def test_dictionaries_are_found_by_type_and_by_number(tmp_path: Path) -> None:
    import pytest

    texts = [b'{"productCode":"C%d","productModel":"R%04d"}' % (n, n * 7) for n in range(4000)]
    first, second = trained(texts, 1000), trained(texts, 2000)
    folder = tmp_path / FOLDER
    assert Dictionaries(folder).current("lcsc_product") is None
    written = [Dictionaries(folder).add("lcsc_product", content) for content in (first, second)]
    assert [path.name.split("-")[:2] for path in written] == [
        ["lcsc_product", "1"],
        ["lcsc_product", "2"],
    ]
    found = Dictionaries(folder)
    current = found.current("lcsc_product")
    assert current is not None and current.as_bytes() == second
    number = zstandard.ZstdCompressionDict(first).dict_id()
    assert found.named(number).as_bytes() == first
    with pytest.raises(StoreError, match="dictionary 7 is not in"):
        found.named(7)
    written[0].write_bytes(second)
    with pytest.raises(StoreError, match="damaged dictionary"):
        Dictionaries(folder).named(number)
    written[0].write_bytes(b"junk")
    with pytest.raises(StoreError, match="damaged dictionary"):
        Dictionaries(folder).named(number)
