"""``sync``: whole snapshots, and the objects that they refer to, into another cache directory.

A serving host gets its data this way, and the compiled lookup. Objects come first, then snapshots,
each verified before it stands under its name, then ``previous``, and ``current`` last: a server on
the other side never sees half of anything. Files that are there already under another name are
linked, not copied; so are the source's own where both lie on one file system.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from components.core.errors import SnapshotError, StoreError
from components.core.files import replacing, sha256_file, sync
from components.core.layout import Layout
from components.core.sums import SUMS, check_whole, read_sums
from components.publish.hold import hold
from components.publish.references import asset_keys
from components.publish.snapshots import LINKS, Snapshots
from components.store.object_store import ObjectStore
from components.store.pack_file import SUFFIX

READ_ONLY = 0o444


class Copied(NamedTuple):
    """What a sync did; sizes are of what was copied, not of what was linked."""

    snapshots: list[str]
    objects: int
    copied_bytes: int


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SRC", help="a cache directory")
    parser.add_argument("target", type=Path, metavar="DST", help="another; made where missing")
    parser.add_argument("--all", action="store_true", help="every snapshot, not only the linked")
    parser.add_argument("--copy", action="store_true", help="never link to the source's files")


def run(args: argparse.Namespace) -> int:
    done = synchronize(Layout(args.source), Layout(args.target), every=args.all, link=not args.copy)
    print(
        f"sync: {len(done.snapshots)} snapshots, {done.objects} objects,"
        f" {done.copied_bytes / 1e6:,.1f} MB copied",
        file=sys.stderr,
    )
    return 0


def synchronize(
    source: Layout, target: Layout, *, every: bool = False, link: bool = True
) -> Copied:
    """Bring ``target`` to what ``source`` has: what its links name, or ``every`` snapshot.

    Killed at any moment, the same call again completes. Raises :class:`SnapshotError` where the
    source has no current snapshot, or one of its files is damaged, and :class:`StoreError` for a
    damaged object; the target's links are then as they were.
    """
    origin, destination = Snapshots(source.snapshots), Snapshots(target.snapshots)
    if source.root.resolve() == target.root.resolve():
        raise SnapshotError(f"{source.root}: source and target are the same folder")
    links = {name: origin.linked(name) for name in LINKS}
    if links["current"] is None:
        raise SnapshotError(f"{source.root}: no current snapshot to copy")
    wanted = origin.names() if every else sorted({name for name in links.values() if name})
    copier = _Copier(link)
    with ExitStack() as held, destination.locked():
        # The source may be published to and pruned meanwhile; what we copy stays.
        for name in wanted:
            held.enter_context(hold(origin.folder(name)))
        keys = {key for name in wanted for key in asset_keys(origin.folder(name))}
        copier.copy_library(source, target)
        copier.copy_dictionaries(source, target)
        objects = copier.copy_objects(
            ObjectStore(source.objects), ObjectStore(target.objects), keys
        )
        added = [name for name in wanted if copier.copy_snapshot(origin, destination, name)]
        for link_name in reversed(LINKS):
            if aim := links[link_name]:
                destination.point(link_name, aim)
    return Copied(added, objects, copier.copied_bytes)


class _Copier:
    def __init__(self, link: bool) -> None:
        self.link = link
        self.copied_bytes = 0
        self._known: dict[str, Path] | None = None

    def copy_objects(self, source: ObjectStore, target: ObjectStore, keys: Iterable[str]) -> int:
        """Copy what is missing, of packs the whole; how many objects were not there yet."""
        packs: set[Path] = set()
        count = 0
        for key in sorted(keys):
            if target.contains(key):
                continue
            if source.path(key).is_file():
                source.get(key)
                self._place(source.path(key), target.path(key), [])
            elif pack := source.pack_of(key):
                packs.add(pack)
            else:
                source.get(key)
            count += 1
        for pack in sorted(packs):
            if sha256_file(pack) != pack.name.removesuffix(SUFFIX):
                raise StoreError(f"{pack}: damaged pack; fetch its objects again")
            self._place(pack, target.root / pack.relative_to(source.root), [])
        return count

    def copy_library(self, source: Layout, target: Layout) -> None:
        """The compiled lookup, which a server cannot do without; a host of its own type only."""
        library, there = (layout.root / "lib" / "liblookup.so" for layout in (source, target))
        if not library.is_file():
            return
        if not there.is_file() or sha256_file(there) != sha256_file(library):
            # Never a link: the next compilation at the source must not reach a running server.
            with replacing(there) as temporary:
                shutil.copyfile(library, temporary)
            self.copied_bytes += there.stat().st_size

    def copy_dictionaries(self, source: Layout, target: Layout) -> None:
        """What objects are compressed with, where the store trained any."""
        for path in sorted(source.dictionaries.glob("*.dict")):
            if not (there := target.dictionaries / path.name).exists():
                self._place(path, there, [])

    def copy_snapshot(self, source: Snapshots, target: Snapshots, name: str) -> bool:
        """Whether the snapshot was not there yet; a damaged one there is an error."""
        folder = target.folder(name)
        sums = read_sums(source.folder(name))
        if folder.exists():
            if read_sums(folder) != sums:
                raise SnapshotError(f"{folder}: another snapshot of this name; remove it")
            check_whole(folder)
            return False
        temporary = target.root / f".build-{os.getpid()}"
        temporary.mkdir()
        try:
            for file, digest in sorted(sums.items()):
                same = self._of_target(target).get(digest)
                self._place(source.folder(name) / file, temporary / file, [same] if same else [])
            # Readers lock this very file: it is never shared.
            shutil.copyfile(source.folder(name) / SUMS, temporary / SUMS)
            for path in temporary.iterdir():
                path.chmod(READ_ONLY)
                sync(path)
            check_whole(temporary)
            sync(temporary)
            temporary.rename(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        sync(target.root)
        self._of_target(target).update({d: folder / f for f, d in sums.items()})
        return True

    def _of_target(self, target: Snapshots) -> dict[str, Path]:
        """Files of the target's snapshots by their hash, which is checked before use."""
        if self._known is None:
            folders = [target.folder(name) for name in target.names()]
            self._known = {d: folder / f for folder in folders for f, d in _sums(folder)}
        return self._known

    def _place(self, source: Path, target: Path, same: Iterable[Path]) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        for origin in (*same, *([source] if self.link else [])):
            try:
                target.hardlink_to(origin)
                return
            except OSError:
                continue
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)
        self.copied_bytes += target.stat().st_size


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        sums = read_sums(folder)
    except SnapshotError:
        return
    for file, digest in sums.items():
        path = folder / file
        if path.is_file() and sha256_file(path) == digest:
            yield file, digest


def _caches(tmp_path: Path) -> tuple[Layout, Layout, str]:
    from components.testing.snapshot import sealed

    source, target = Layout(tmp_path / "a"), Layout(tmp_path / "b")
    source.dictionaries.mkdir(parents=True)
    (source.dictionaries / "model_obj-1-42.dict").write_bytes(b"a dictionary")
    key = ObjectStore(source.objects).put("model_obj", b"v 1 2 3").key
    ObjectStore(source.objects).put("model_obj", b"not referred to")
    sealed(source.snapshots, "one", "two", "three", assets=[key])
    return source, target, key


def test_the_other_side_gets_what_the_links_name(tmp_path: Path) -> None:
    from components.cli import main

    source, target, key = _caches(tmp_path)
    assert main(["sync", str(source.root), str(target.root)]) == 0
    there = Snapshots(target.snapshots)
    assert (there.linked("current"), there.linked("previous")) == ("three", "two")
    assert sorted(there.names()) == ["three", "two"]
    for name in there.names():
        check_whole(there.folder(name))
    assert list(ObjectStore(target.objects).keys()) == [key]
    assert ObjectStore(target.objects).get(key) == b"v 1 2 3"
    assert [path.name for path in target.dictionaries.iterdir()] == ["model_obj-1-42.dict"]
    assert synchronize(source, target) == Copied([], 0, 0)
    assert synchronize(source, target, every=True).snapshots == ["one"]
    Snapshots(source.snapshots).exchange("two")
    synchronize(source, target)
    assert (there.linked("current"), there.linked("previous")) == ("two", "three")


def test_equal_files_are_linked_and_the_locked_one_is_not(tmp_path: Path) -> None:
    source, target, _ = _caches(tmp_path)
    done = synchronize(source, target, link=False)
    folders = [target.snapshots / name for name in ("two", "three")]
    # Both snapshots of the source hold the same detail.sqlite; it came over once.
    assert len({(folder / "detail.sqlite").stat().st_ino for folder in folders}) == 1
    assert len({(folder / SUMS).stat().st_ino for folder in folders}) == 2
    assert (folders[0] / "detail.sqlite").stat().st_nlink == 2
    assert done.copied_bytes > (folders[0] / "detail.sqlite").stat().st_size


def test_damage_at_the_source_stops_before_the_links(tmp_path: Path) -> None:
    import pytest

    source, target, key = _caches(tmp_path)
    synchronize(source, target)
    there = Snapshots(target.snapshots)
    Snapshots(source.snapshots).exchange("one")
    sealed_file = source.snapshots / "one" / "lookup.idx"
    whole = sealed_file.read_bytes()
    sealed_file.unlink()
    sealed_file.write_bytes(b"damaged")
    with pytest.raises(SnapshotError, match=r"lookup\.idx: damaged"):
        synchronize(source, target)
    assert there.linked("current") == "three" and "one" not in there.names()
    sealed_file.unlink()
    sealed_file.write_bytes(whole)
    ObjectStore(target.objects).remove(key)
    ObjectStore(source.objects).path(key).write_bytes(b"damaged")
    with pytest.raises(StoreError, match="damaged object"):
        synchronize(source, target)
    assert there.linked("current") == "three"
    with pytest.raises(SnapshotError, match="same folder"):
        synchronize(source, source)
    with pytest.raises(SnapshotError, match="no current snapshot"):
        synchronize(Layout(tmp_path / "none"), target)


def test_the_library_comes_along_as_a_file_of_its_own(tmp_path: Path) -> None:
    source, target, _ = _caches(tmp_path)
    library, there = (layout.root / "lib" / "liblookup.so" for layout in (source, target))
    synchronize(source, target)
    assert not there.exists()
    library.parent.mkdir()
    for content in (b"first", b"second"):
        library.write_bytes(content)
        synchronize(source, target)
        assert there.read_bytes() == content and there.stat().st_nlink == 1
