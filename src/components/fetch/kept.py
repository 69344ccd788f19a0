"""What the jobs of shards have finished, by what it was made from.

The engine deletes all outputs of a job before it starts and when it fails, and all artifact groups
of a shard are one job's. So a frozen manifest has a second name, ``<shard>.<group>.<key>``, whose
key tells what it was made from: what is still right is put back, byte for byte, and nothing is
asked for. A conversion of a shard, a job of its own, leaves a mark: an empty file of such a name.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from components.core.files import clone_file, replacing

if TYPE_CHECKING:
    from pytest import MonkeyPatch


class Key(NamedTuple):
    """What one group of a shard is made from, each as a short digest."""

    parts: str
    """The work list."""
    code: str
    identity: str
    """What it depends on in the configuration: see :func:`components.net.endpoints.identity`."""
    tries: int
    """How often what failed for a passing reason was tried again."""

    def __str__(self) -> str:
        return "-".join(map(str, self))

    @classmethod
    def read(cls, text: str) -> Key:
        """Raises ValueError where ``text`` is none."""
        parts, code, identity, tries = text.split("-")
        return cls(parts, code, identity, int(tries))


class Kept:
    """The names in one folder, as they were when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: dict[tuple[str, str], set[str]] | None = None

    def keys(self, shard: str, group: str) -> set[str]:
        """What is there of one shard and group: a key, or none; two after a run was cut short."""
        if self._keys is None:
            self._keys = {}
            with suppress(FileNotFoundError):
                for path in self.folder.iterdir():
                    # Temporary names begin with a dot.
                    of_shard, of_group, key = ([*path.name.split(".", 2), "", ""])[:3]
                    if of_shard and key:
                        self._keys.setdefault((of_shard, of_group), set()).add(key)
        return self._keys.get((shard, group), set())


def kept_path(folder: Path, shard: str, group: str, key: str) -> Path:
    """Where what was made from ``key`` is kept."""
    return folder / f"{shard}.{group}.{key}"


def keep(file: Path, path: Path) -> None:
    """Give ``file`` the name ``path`` too; names of the same shard and group go."""
    _link(file, path)
    _forget_others(path)


def put_back(path: Path, file: Path) -> bool:
    """Give what is kept as ``path`` the name ``file`` again; False where there is nothing."""
    if not path.is_file():
        return False
    _link(path, file)
    return True


def mark(path: Path) -> None:
    """Note that a conversion is done, of which nothing is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    _forget_others(path)


def _link(file: Path, name: Path) -> None:
    # What is linked costs no space, and is only ever replaced, never written to.
    with replacing(name, durable=False) as temporary:
        temporary.unlink()
        try:
            os.link(file, temporary)
        except OSError:
            # No links there, or another file system.
            clone_file(file, temporary)


def _forget_others(path: Path) -> None:
    for other in path.parent.glob(f"{path.name.rpartition('.')[0]}.*"):
        if other != path:
            other.unlink(missing_ok=True)


def test_what_was_made_from_something_else_is_not_put_back(tmp_path: Path) -> None:
    folder, file = tmp_path / "kept", tmp_path / "0001.cad.sqlite3"
    one, two = (str(Key("ab", "cd", "ef", tries)) for tries in (0, 1))
    file.write_bytes(b"one")
    keep(file, kept_path(folder, "0001", "cad", one))
    keep(file, kept_path(folder, "0001", "drawing", one))
    # A second name, no second file.
    assert kept_path(folder, "0001", "cad", one).samefile(file)
    file.unlink()
    assert not put_back(kept_path(folder, "0001", "cad", two), file) and not file.exists()
    assert put_back(kept_path(folder, "0001", "cad", one), file) and file.read_bytes() == b"one"
    with replacing(file) as temporary:
        temporary.write_bytes(b"two")
    # The old name tells of the old bytes until the new ones have theirs.
    assert kept_path(folder, "0001", "cad", one).read_bytes() == b"one"
    keep(file, kept_path(folder, "0001", "cad", two))
    there = Kept(folder)
    assert there.keys("0001", "cad") == {two} and there.keys("0001", "drawing") == {one}
    assert not there.keys("0002", "cad") and not Kept(tmp_path / "none").keys("0001", "cad")
    assert Key.read(two) == Key("ab", "cd", "ef", 1)
    mark(kept_path(folder, "0001", "drawing", two))
    assert Kept(folder).keys("0001", "drawing") == {two}


def test_without_links_it_is_copied(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    file, path = tmp_path / "a", kept_path(tmp_path / "kept", "0001", "cad", "k")
    file.write_bytes(b"one")
    keep(file, path)
    file.write_bytes(b"two")
    assert put_back(path, file) and file.read_bytes() == b"one"
