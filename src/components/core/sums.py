"""``SHA256SUMS``: the hashes of a snapshot's files, in the format that ``sha256sum -c`` reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from components.core.errors import SnapshotError
from components.core.files import sha256_file
from components.core.layout import LATER_FILES, SNAPSHOT_FILES

SUMS = "SHA256SUMS"
FILES = tuple(name for name in SNAPSHOT_FILES if name != SUMS)
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([A-Za-z0-9._-]+)")
SUMS_SIZE_MAX_BYTES = 64 << 10


def make_sums(files: Mapping[str, Path]) -> bytes:
    """The content of ``SHA256SUMS`` for the paths of :data:`FILES`, sorted by name.

    Raises :class:`SnapshotError` where one is missing.
    """
    lines = []
    for name in sorted(FILES):
        try:
            lines.append(f"{sha256_file(files[name])}  {name}\n")
        except OSError as error:
            raise SnapshotError(f"{files[name]}: {error.strerror}; build it again") from None
    return "".join(lines).encode()


def content_digest(sums: bytes) -> str:
    """The digest of a snapshot's whole content, in hexadecimal."""
    return hashlib.sha256(sums).hexdigest()


def read_sums(folder: Path) -> dict[str, str]:
    """Hashes by file name. Raises :class:`SnapshotError` where the snapshot is not whole."""
    try:
        with (folder / SUMS).open("rb") as file:
            data = file.read(SUMS_SIZE_MAX_BYTES)
    except OSError as error:
        raise SnapshotError(f"{folder}: not a whole snapshot: {SUMS}: {error.strerror}") from None
    found: dict[str, str] = {}
    for line in data.decode("ascii", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            raise SnapshotError(f"{folder / SUMS}: not a list of hashes")
        found[match[2]] = match[1]
    if missing := sorted({*FILES} - {*LATER_FILES} - {*found}):
        raise SnapshotError(f"{folder / SUMS}: lacks {', '.join(missing)}")
    if strange := sorted({*found} - {*FILES}):
        raise SnapshotError(f"{folder / SUMS}: names {', '.join(strange)}, no file of a snapshot")
    return found


def check_present(folder: Path) -> None:
    """Raise :class:`SnapshotError` unless every file is there and has bytes; reads none of them."""
    for name in sorted(read_sums(folder)):
        path = folder / name
        if not path.is_file() or not path.stat().st_size:
            raise SnapshotError(f"{path}: is missing or empty; the snapshot is not whole")


def problems(folder: Path) -> list[str]:
    """What is wrong with a sealed snapshot, reading every byte; empty where it is whole."""
    try:
        sums = read_sums(folder)
    except SnapshotError as error:
        return [str(error)]
    found = []
    for name, expected in sorted(sums.items()):
        try:
            actual = sha256_file(folder / name)
        except OSError as error:
            found.append(f"{folder / name}: {error.strerror}")
        else:
            if actual != expected:
                found.append(f"{folder / name}: damaged, its hash is not that of {SUMS}")
    return found


def check_whole(folder: Path) -> None:
    """Raise :class:`SnapshotError`, naming the first bad file, unless the snapshot is whole."""
    if found := problems(folder):
        raise SnapshotError(found[0])


def test_each_damage_is_named(tmp_path: Path) -> None:
    import pytest

    files = {name: tmp_path / name for name in FILES}
    for name in FILES:
        files[name].write_text(name)
    sums = make_sums(files)
    assert sums.splitlines()[0].endswith(b"  detail.sqlite")
    assert problems(tmp_path) == [
        f"{tmp_path}: not a whole snapshot: {SUMS}: No such file or directory"
    ]
    (tmp_path / SUMS).write_bytes(sums)
    assert problems(tmp_path) == []
    assert read_sums(tmp_path)["lookup.idx"] == hashlib.sha256(b"lookup.idx").hexdigest()
    (tmp_path / "lookup.idx").write_text("x")
    (tmp_path / "fast.sqlite").unlink()
    assert [text.removeprefix(f"{tmp_path}/") for text in problems(tmp_path)] == [
        "fast.sqlite: No such file or directory",
        "lookup.idx: damaged, its hash is not that of SHA256SUMS",
    ]
    for text, reason in (
        (b"\xff", "not a list"),
        (sums.splitlines(True)[0], "lacks fast.sqlite"),
        (sums + b"0" * 64 + b"  ..\n", r"names \.\., no file"),
    ):
        (tmp_path / SUMS).write_bytes(text)
        with pytest.raises(SnapshotError, match=reason):
            read_sums(tmp_path)
    with pytest.raises(SnapshotError, match=r"fast\.sqlite: No such file"):
        make_sums(files)
