"""``sync``: whole snapshots, and the objects that they refer to, into another cache directory.

A serving host gets its data this way, and the compiled lookup. Objects come first, then snapshots,
each verified before it stands under its name, then ``previous``, and ``current`` last: a server on
the other side never sees half of anything. Files that are there already under another name are
linked, not copied; so are the source's own where both lie on one file system.

The source may be somebody else's. Of it regular files alone are read, through no link, each up to a
size; objects are checked with our own library, databases read as plain tables. Linked is only
what this account alone can write. Its compiled library is never loaded and never copied: where it
is byte for byte what our sources compile to, ours goes along.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from components.core.errors import SnapshotError, StoreError
from components.core.files import replacing, sha256_file, sync, write_bytes
from components.core.foreign import ForeignFolder
from components.core.layout import LIBRARY, Layout
from components.core.sums import SUMS, SUMS_SIZE_MAX_BYTES, check_whole, read_sums
from components.native.load import built_library
from components.publish.hold import hold
from components.publish.references import asset_keys
from components.publish.snapshots import LINKS, Snapshots
from components.store.dictionaries import NAME, SIZE_MAX_BYTES, is_numbered
from components.store.object_store import ObjectStore
from components.store.pack_file import SUFFIX, PackFile, prefix_of
from components.store.packs import FOLDER as PACKS
from components.store.policy import RAW_SIZE_MAX_BYTES

READ_ONLY = 0o444
LIBRARY_MAX_BYTES = 64 << 20
OBJECTS_MAX = 20_000_000


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
    source has no current snapshot, or one of its files is damaged or no regular file, and
    :class:`StoreError` for a damaged object; the target's links are then as they were.
    """
    origin, destination = Snapshots(source.snapshots), Snapshots(target.snapshots)
    if source.root.resolve() == target.root.resolve():
        raise SnapshotError(f"{source.root}: source and target are the same folder")
    links = {name: origin.linked(name) for name in LINKS}
    if links["current"] is None:
        raise SnapshotError(f"{source.root}: no current snapshot to copy")
    wanted = origin.names() if every else sorted({name for name in links.values() if name})
    copier = _Copier(source, target, link)
    with ExitStack() as held, destination.locked():
        # The source may be published to and pruned meanwhile; what we copy stays.
        for name in wanted:
            held.enter_context(hold(origin.folder(name)))
        objects = 0
        added = []
        copier.copy_dictionaries()
        for name in wanted:
            with copier.snapshot(destination, name) as (folder, is_new):
                # Of our own copy, which is what was verified.
                objects += copier.copy_objects(set(asset_keys(folder)))
            if is_new:
                added.append(name)
        copier.copy_library()
        for link_name in reversed(LINKS):
            if aim := links[link_name]:
                destination.point(link_name, aim)
    return Copied(added, objects, copier.copied_bytes)


class _Copier:
    def __init__(self, source: Layout, target: Layout, link: bool) -> None:
        self.target = target
        self.link = link
        self.copied_bytes = 0
        self._theirs = ForeignFolder(source.root, SnapshotError)
        self._library = source.library
        self._known: dict[str, Path] | None = None
        self._loose: dict[str, set[str]] = {}
        # Ours: neither side's compiled code is run before it is known to be ours.
        self._store = ObjectStore(target.objects, built_library())

    def copy_objects(self, keys: Iterable[str]) -> int:
        """Copy what is missing, of packs the whole; how many objects were not there yet."""
        packed: dict[str, dict[int, str]] = {}
        count = 0
        for key in sorted(keys):
            if self._store.contains(key):
                continue
            path = self._store.path(key)
            folder = path.parent.name
            if path.name in self._names(f"objects/{folder}"):
                self._copy_loose(key)
            else:
                packed.setdefault(folder, {})[prefix_of(path.stem)] = key
            count += 1
        for folder, wanted in sorted(packed.items()):
            self._copy_packs(folder, wanted)
            for key in sorted(wanted.values()):
                if not self._store.contains(key):
                    raise StoreError(f"{key}: no such object at {self._theirs.root}")
        return count

    def _names(self, folder: str) -> set[str]:
        """What is loose there; asked once."""
        if folder not in self._loose:
            self._loose[folder] = set(self._theirs.names(folder, OBJECTS_MAX))
        return self._loose[folder]

    def _copy_loose(self, key: str) -> None:
        path = self._store.path(key)
        relative = f"objects/{path.parent.name}/{path.name}"
        data = self._theirs.read(relative, RAW_SIZE_MAX_BYTES)
        self._store.check(key, data)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (self.link and self._linked(relative, path, hashlib.sha256(data).hexdigest())):
            write_bytes(path, data)
            self.copied_bytes += len(data)

    def _copy_packs(self, folder: str, wanted: Mapping[int, str]) -> None:
        """Every pack of one type that has any of ``wanted``, keys by the prefix of their hash."""
        for name in self._theirs.names(f"objects/{folder}/{PACKS}"):
            there = self.target.objects / folder / PACKS / name
            digest = name.removesuffix(SUFFIX)
            if there.exists() or not re.fullmatch(f"[0-9a-f]{{64}}{re.escape(SUFFIX)}", name):
                continue
            relative = f"objects/{folder}/{PACKS}/{name}"
            with (
                self._theirs.opened(relative) as file,
                PackFile(Path(f"/proc/self/fd/{file.fileno()}")) as pack,
            ):
                is_wanted = not wanted.keys().isdisjoint(pack.prefixes.tolist())
            if not is_wanted:
                continue
            with replacing(there) as temporary:
                temporary.unlink()
                if not (self.link and self._linked(relative, temporary, digest)):
                    if self._theirs.copy(relative, temporary) != digest:
                        raise StoreError(f"{relative}: damaged pack; fetch its objects again")
                    self.copied_bytes += temporary.stat().st_size

    def copy_library(self) -> None:
        """The compiled lookup, which a server cannot do without: ours, where theirs is the same."""
        if not self._library.is_file():
            return
        ours, there = built_library(), self.target.library
        digest = sha256_file(ours)
        theirs = self._theirs.read(LIBRARY, LIBRARY_MAX_BYTES)
        if hashlib.sha256(theirs).hexdigest() != digest:
            print(
                f"sync: {self._library} is no build of this version and was not copied;"
                f" `components build-library --output {there}` makes one",
                file=sys.stderr,
            )
        elif not there.is_file() or sha256_file(there) != digest:
            # Never a link: the next compilation must not reach a running server.
            with replacing(there) as temporary:
                shutil.copyfile(ours, temporary)
            self.copied_bytes += there.stat().st_size

    def copy_dictionaries(self) -> None:
        """What objects are compressed with, where the store trained any."""
        for name in self._theirs.names("objects/dictionaries"):
            there = self.target.dictionaries / name
            if NAME.fullmatch(name) and not there.exists():
                data = self._theirs.read(f"objects/dictionaries/{name}", SIZE_MAX_BYTES)
                if is_numbered(name, data):
                    write_bytes(there, data)
                    self.copied_bytes += len(data)

    @contextmanager
    def snapshot(self, target: Snapshots, name: str) -> Iterator[tuple[Path, bool]]:
        """The verified snapshot, and whether it was not there yet; it gets its name after."""
        folder = target.folder(name)
        temporary = target.root / f".build-{os.getpid()}"
        temporary.mkdir()
        try:
            prefix = f"snapshots/{name}"
            text = self._theirs.read(f"{prefix}/{SUMS}", SUMS_SIZE_MAX_BYTES)
            (temporary / SUMS).write_bytes(text)
            sums = read_sums(temporary)
            if folder.exists():
                if read_sums(folder) != sums:
                    raise SnapshotError(f"{folder}: another snapshot of this name; remove it")
                check_whole(folder)
                yield folder, False
                return
            for file, digest in sorted(sums.items()):
                self._place(f"{prefix}/{file}", temporary / file, digest, target)
            for path in temporary.iterdir():
                path.chmod(READ_ONLY)
                sync(path)
            check_whole(temporary)
            sync(temporary)
            yield temporary, True
            temporary.rename(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        sync(target.root)
        self._of_target(target).update({d: folder / f for f, d in sums.items()})

    def _of_target(self, target: Snapshots) -> dict[str, Path]:
        """Files of the target's snapshots by their hash, which is checked before use."""
        if self._known is None:
            folders = [target.folder(name) for name in target.names()]
            self._known = {d: folder / f for folder in folders for f, d in _sums(folder)}
        return self._known

    def _place(self, relative: str, path: Path, digest: str, target: Snapshots) -> None:
        if same := self._of_target(target).get(digest):
            path.hardlink_to(same)
        elif not (self.link and self._linked(relative, path, digest)):
            if self._theirs.copy(relative, path) != digest:
                raise SnapshotError(
                    f"{self._theirs.root / relative}: damaged, its hash is not that of {SUMS}"
                )
            self.copied_bytes += path.stat().st_size

    def _linked(self, relative: str, path: Path, digest: str) -> bool:
        """Link ``path`` to their file where that is possible, and safe: no other can write it."""
        with self._theirs.opened(relative) as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o222:
                return False
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                return False
            try:
                # The very file that was read, whatever stands under its name by now.
                os.link(f"/proc/self/fd/{file.fileno()}", path, follow_symlinks=True)
            except OSError:
                return False
        return True


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        sums = read_sums(folder)
    except SnapshotError:
        return
    for file, digest in sums.items():
        path = folder / file
        if path.is_file() and sha256_file(path) == digest:
            yield file, digest


def test_the_other_side_gets_what_the_links_name(tmp_path: Path) -> None:
    from components.cli import main
    from components.testing.snapshot import caches

    source, target, key = caches(tmp_path)
    assert main(["sync", str(source.root), str(target.root)]) == 0
    there = Snapshots(target.snapshots)
    assert (there.linked("current"), there.linked("previous")) == ("three", "two")
    assert sorted(there.names()) == ["three", "two"]
    for name in there.names():
        check_whole(there.folder(name))
    assert list(ObjectStore(target.objects).keys()) == [key]
    assert ObjectStore(target.objects).get(key) == b"v 1 2 3"
    (kept,) = target.dictionaries.iterdir()
    assert kept.name.startswith("model_obj-1-")
    assert synchronize(source, target) == Copied([], 0, 0)
    assert synchronize(source, target, every=True).snapshots == ["one"]
    Snapshots(source.snapshots).exchange("two")
    synchronize(source, target)
    assert (there.linked("current"), there.linked("previous")) == ("two", "three")


def test_damage_at_the_source_stops_before_the_links(tmp_path: Path) -> None:
    import pytest

    from components.testing.snapshot import caches

    source, target, key = caches(tmp_path)
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
