"""Files that are either whole or not there: temporary file, fsync, rename."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it takes the place of ``path`` atomically.

    The temporary name starts with ``.tmp-``, holds the process id, and is gone after a failure.
    ``durable`` syncs the file and its folder, for what must survive a power cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".tmp-{os.getpid()}-", suffix=path.suffix, dir=path.parent
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        if durable:
            sync(temporary)
        temporary.replace(path)
        if durable:
            sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write ``data`` so that a reader of ``path`` sees the old file or the new one, whole."""
    with replacing(path, durable=durable) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """As :func:`write_bytes`, for UTF-8 text."""
    write_bytes(path, text.encode(), durable=durable)


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write only where the content differs, so that the modification time tells of a change."""
    if path.is_file() and path.read_bytes() == data:
        return False
    write_bytes(path, data)
    return True


def sync(path: Path) -> None:
    """Flush a file, or a folder's entries, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    import pytest

    target = tmp_path / "deep" / "file.json"
    write_text(target, "old")
    with pytest.raises(RuntimeError), replacing(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [path.name for path in target.parent.iterdir()] == ["file.json"]


def test_unchanged_content_keeps_its_time(tmp_path: Path) -> None:
    target = tmp_path / "list.txt"
    assert write_if_changed(target, b"1\n")
    os.utime(target, (1, 1))
    assert not write_if_changed(target, b"1\n")
    assert target.stat().st_mtime == 1
    assert write_if_changed(target, b"2\n")
    assert sha256_file(target) == hashlib.sha256(b"2\n").hexdigest()
