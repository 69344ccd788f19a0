"""Files that are either whole or not there: temporary file, fsync, rename."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLONE_BYTES = 1 << 30
COPY_BYTES = 1 << 20


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


def clone_file(source: Path, target: Path) -> None:
    """Write the bytes of ``source`` to ``target``, sharing blocks where the file system can.

    ``copy_file_range`` clones on Btrfs, XFS, bcachefs and between files of one NFS 4.2 server, and
    copies inside the kernel elsewhere. The two files are independent: each has its own mode, owner
    and times. Not synced. Raises OSError, as no space left.
    """
    with source.open("rb") as reader:
        size_bytes = os.fstat(reader.fileno()).st_size
        try:
            with target.open("wb", buffering=0) as writer:
                if _cloned(reader.fileno(), writer.fileno()) != size_bytes or not size_bytes:
                    # Two kinds of file system, or one without the call.
                    reader.seek(0)
                    writer.seek(0)
                    shutil.copyfileobj(reader, writer, COPY_BYTES)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(target)) from None


def _cloned(source: int, target: int) -> int:
    """How many bytes the kernel copied by itself."""
    count = 0
    try:
        while done := os.copy_file_range(source, target, CLONE_BYTES):
            count += done
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
    return count


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


def test_a_clone_is_a_file_of_its_own(tmp_path: Path) -> None:
    import pytest

    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(300_000))
    source.chmod(0o444)
    target.write_text("old and longer" * 50_000)
    clone_file(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_ino != source.stat().st_ino
    assert target.stat().st_mode & 0o200
    with pytest.raises(FileNotFoundError):
        clone_file(tmp_path / "none", target)
    # A file of the kernel says that it is empty, and is not.
    clone_file(Path("/proc/self/status"), target)
    assert target.read_text().startswith("Name:")


def test_a_full_disk_is_named() -> None:
    import pytest

    with pytest.raises(OSError, match=r"No space left on device: '/dev/full'"):
        clone_file(Path(__file__), Path("/dev/full"))
