"""Locks between processes: files under ``flock``, which dies with its process."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_lock(path: Path) -> int:
    """A handle of a file that is locked or kept open for its whole use, made where missing.

    Raises OSError where ``path`` is a link or a pipe: what it leads to is not ours to write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(path, flags, 0o644)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise OSError(errno.ELOOP, "is no regular file", str(path))


def try_lock(handle: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Lock an open file, or say at once that another process has it."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(path: Path, *, quiet: bool = False) -> Iterator[None]:
    """Hold the lock file ``path``; who must wait for it says so, unless ``quiet``.

    Raises OSError as :func:`open_lock` does.
    """
    handle = open_lock(path)
    try:
        if not try_lock(handle):
            if not quiet:
                print(f"{path.stem}: held by another process; waiting", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def test_a_lock_is_no_link_and_no_pipe(tmp_path: Path) -> None:
    import pytest

    os.close(open_lock(tmp_path / "deep" / "lock"))
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(OSError, match=r"regular file|symbolic links"):
            open_lock(tmp_path / name)


def test_one_holds_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    other = open_lock(path)
    with alone(path):
        assert not try_lock(other)
    assert try_lock(other)
    os.close(other)
