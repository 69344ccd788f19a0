"""Readers hold a snapshot, so that retention leaves it alone.

A reader has a shared lock on the snapshot's ``SHA256SUMS``; whoever would remove the snapshot needs
the exclusive one. The kernel drops a lock with its process, so that no dead reader keeps a
snapshot forever, and the sealed folder gains no file. They are locks of the open file (fcntl(2),
``F_OFD_SETLK``), of which the exclusive one needs a file open for writing: somebody who may only
read the snapshots can hold one, but stop no reader, as with ``flock`` he could.
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.core.errors import SnapshotError

HELD_FILE = "SHA256SUMS"
# Neither through a link nor waiting for a pipe's other end.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep the snapshot in ``folder`` from being pruned while the block runs.

    Any number of readers may hold it, from any number of processes. ``folder`` must be the
    snapshot itself, not a link such as ``current`` (resolve that first, once). Raises
    :class:`SnapshotError` where the snapshot is gone, or goes before the hold takes effect.
    """
    path = folder / HELD_FILE
    try:
        handle = os.open(path, _READ)
    except OSError as error:
        raise SnapshotError(f"{folder}: not a whole snapshot: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise SnapshotError(f"{path}: is no regular file")
        _lock(handle, fcntl.F_RDLCK, fcntl.F_OFD_SETLKW)
        if not _is_same(handle, path):
            raise SnapshotError(f"{folder}: was removed meanwhile; open `current` again")
        yield
    finally:
        os.close(handle)


@contextmanager
def unheld(folder: Path) -> Iterator[bool]:
    """Whether nobody holds the snapshot; while the block runs, nobody new does.

    A file system that cannot tell counts as held.
    """
    try:
        handle = _open_to_lock(folder / HELD_FILE)
    except FileNotFoundError:
        yield True
        return
    except OSError:
        yield False
        return
    try:
        try:
            _lock(handle, fcntl.F_WRLCK, fcntl.F_OFD_SETLK)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _lock(handle: int, kind: int, command: int) -> None:
    # struct flock of fcntl(2): type, whence, start, length (0: all), and a process id of 0.
    fcntl.fcntl(handle, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 0, 0))


def _open_to_lock(path: Path) -> int:
    try:
        return os.open(path, _WRITE)
    except PermissionError:
        # Sealed: its owner opens it for writing all the same, and seals it again.
        path.chmod(0o644)
        try:
            return os.open(path, _WRITE)
        finally:
            path.chmod(0o444)


def _is_same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def test_a_hold_lasts_as_long_as_its_process(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / HELD_FILE).write_text("x")
    script = (
        "import sys; from pathlib import Path; from components.publish.hold import hold\n"
        "with hold(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"held\n"
        with hold(tmp_path), unheld(tmp_path) as free:
            assert not free
        with unheld(tmp_path) as free:
            assert not free
    finally:
        reader.kill()
        reader.communicate()
    with unheld(tmp_path) as free:
        assert free


def test_a_snapshot_that_is_gone_cannot_be_held(tmp_path: Path) -> None:
    import pytest

    with pytest.raises(SnapshotError, match="not a whole snapshot"), hold(tmp_path / "gone"):
        pass
    with unheld(tmp_path / "gone") as free:
        assert free


def test_a_folder_removed_under_a_waiting_reader_is_noticed(tmp_path: Path) -> None:
    import threading

    import pytest

    (tmp_path / HELD_FILE).write_text("x")
    errors: list[SnapshotError] = []
    opened = threading.Event()

    def read() -> None:
        opened.set()
        with pytest.raises(SnapshotError) as caught, hold(tmp_path):
            pass
        errors.append(caught.value)

    handle = os.open(tmp_path / HELD_FILE, os.O_RDWR)
    _lock(handle, fcntl.F_WRLCK, fcntl.F_OFD_SETLK)
    reader = threading.Thread(target=read)
    reader.start()
    opened.wait()
    (tmp_path / HELD_FILE).unlink()
    os.close(handle)
    reader.join()
    assert len(errors) == 1


def test_who_may_only_read_stops_no_reader(tmp_path: Path) -> None:
    import pytest

    path = tmp_path / HELD_FILE
    path.write_text("x")
    path.chmod(0o444)
    stranger = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(stranger, fcntl.LOCK_EX)
        with pytest.raises(OSError):
            _lock(stranger, fcntl.F_WRLCK, fcntl.F_OFD_SETLK)
        with hold(tmp_path), unheld(tmp_path) as free:
            assert not free
        with unheld(tmp_path) as free:
            assert free and stat.S_IMODE(path.stat().st_mode) == 0o444
    finally:
        os.close(stranger)
    for make in (os.mkfifo, lambda there: there.symlink_to("/dev/zero")):
        path.unlink()
        make(path)
        with pytest.raises(SnapshotError), hold(tmp_path):
            pass
