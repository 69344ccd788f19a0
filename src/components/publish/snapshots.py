"""The folder of sealed snapshots: its lock, its names, its links, and what dead runs left there.

Whole snapshots stand under their names. What is not whole has a name that starts with a dot:
``.build-<pid>`` while it is sealed, ``.trash-<name>`` while it is removed, ``.link-<name>`` a link
about to be renamed over ``current`` or ``previous``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.core.errors import ConfigError, SnapshotError
from components.core.files import sync
from components.core.locks import open_lock, try_lock

LINKS = ("current", "previous")
LEFTOVERS = (".build-", ".trash-", ".link-")
PATIENCE_S = 60.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Snapshots:
    """The snapshots below ``root``, which is ``<cache_dir>/snapshots``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """Alone change the folder; first what dead runs left is swept away.

        The lock is an ``flock`` on ``.lock``, which dies with its process. Raises
        :class:`SnapshotError` where another process still has it after ``patience_s``.
        """
        handle = open_lock(self.root / ".lock")
        try:
            deadline_s = time.monotonic() + patience_s
            while not try_lock(handle):
                if time.monotonic() > deadline_s:
                    raise SnapshotError(
                        f"{self.root}: another publish, prune or sync is running; wait for it"
                    )
                time.sleep(0.05)
            self._sweep()
            yield
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """The sealed snapshots, oldest first by the time of sealing."""
        if not self.root.is_dir():
            return []
        sealed = []
        for entry in self.root.iterdir():
            # Without the lock, a snapshot may be removed while we look.
            with contextlib.suppress(FileNotFoundError):
                status = entry.lstat()
                if _NAME.fullmatch(entry.name) and stat.S_ISDIR(status.st_mode):
                    sealed.append((status.st_mtime_ns, entry.name))
        return [name for _, name in sorted(sealed)]

    def linked(self, link: str) -> str | None:
        """The name that ``current`` or ``previous`` holds; None where there is none to open."""
        path = self.root / link
        try:
            name = str(path.readlink())
        except OSError:
            return None
        return name if _NAME.fullmatch(name) and (self.root / name).is_dir() else None

    def folder(self, name: str) -> Path:
        """A snapshot's folder. Raises :class:`ConfigError` for what cannot be a name."""
        check_name(name)
        return self.root / name

    def point(self, link: str, name: str) -> None:
        """Let ``current`` or ``previous`` name a sealed snapshot, by one rename.

        Raises :class:`SnapshotError` where something that is no link stands in the way.
        """
        temporary = self.root / f".link-{link}"
        temporary.unlink(missing_ok=True)
        # Relative, so that the whole folder can be moved, mounted elsewhere or copied.
        temporary.symlink_to(name)
        try:
            temporary.replace(self.root / link)
        except OSError as error:
            temporary.unlink()
            raise SnapshotError(
                f"{self.root / link}: not a link, cannot be swapped ({error.strerror});"
                " move it away"
            ) from None
        sync(self.root)

    def swap(self, name: str) -> None:
        """Let ``current`` name a snapshot, and ``previous`` what it named before.

        A reader at any moment between finds both links whole. Swapping to what is current already
        changes nothing.
        """
        current = self.linked("current")
        if current == name:
            return
        if current is not None:
            self.point("previous", current)
        self.point("current", name)

    def exchange(self, name: str) -> None:
        """As :meth:`swap`, but ``current`` first: a half-done rollback must not forget its aim."""
        current = self.linked("current")
        self.point("current", name)
        if current is not None:
            self.point("previous", current)

    def remove(self, name: str) -> None:
        """Remove a snapshot: out of sight by one rename, then file by file."""
        trash = self.root / f".trash-{name}"
        self.folder(name).rename(trash)
        sync(self.root)
        shutil.rmtree(trash)

    def _sweep(self) -> None:
        """Whoever left these is dead, for we hold the lock."""
        for entry in list(self.root.iterdir()):
            if entry.name.startswith(LEFTOVERS):
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()


def check_name(name: str) -> None:
    """Raise :class:`ConfigError` for a name that no snapshot can have."""
    if not _NAME.fullmatch(name) or name in LINKS:
        raise ConfigError(
            f"workflow.snapshot_name: {name!r} cannot name a snapshot; use letters, digits, . _ -"
        )


def test_links_are_relative_and_swapped_whole(tmp_path: Path) -> None:
    import pytest

    snapshots = Snapshots(tmp_path / "snapshots")
    assert snapshots.names() == [] and snapshots.linked("current") is None
    with snapshots.locked():
        for name in ("a", "b"):
            snapshots.folder(name).mkdir()
            snapshots.swap(name)
    assert (snapshots.linked("current"), snapshots.linked("previous")) == ("b", "a")
    assert (snapshots.root / "current").readlink() == Path("b")
    snapshots.swap("b")
    assert snapshots.linked("previous") == "a"
    snapshots.remove("a")
    assert snapshots.names() == ["b"]
    assert snapshots.linked("previous") is None
    (snapshots.root / "current").unlink()
    (snapshots.root / "current").mkdir()
    with pytest.raises(SnapshotError, match="not a link"):
        snapshots.point("current", "b")


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    import pytest

    for name in ("", ".", "..", "../x", "a/b", ".hidden", "current", "previous", "x" * 101, "a\n"):
        with pytest.raises(ConfigError, match="cannot name a snapshot"):
            Snapshots(tmp_path).folder(name)
    (tmp_path / "current").symlink_to("../elsewhere")
    assert Snapshots(tmp_path).linked("current") is None


def test_leftovers_of_the_dead_go_and_the_living_are_waited_for(tmp_path: Path) -> None:
    import pytest

    snapshots = Snapshots(tmp_path)
    (tmp_path / ".build-77").mkdir()
    (tmp_path / ".build-77" / "fast.sqlite").touch()
    (tmp_path / ".link-current").symlink_to("gone")
    (tmp_path / "kept").mkdir()
    with snapshots.locked():
        assert sorted(entry.name for entry in tmp_path.iterdir()) == [".lock", "kept"]
        with pytest.raises(SnapshotError, match="another publish"), snapshots.locked(0):
            pass
