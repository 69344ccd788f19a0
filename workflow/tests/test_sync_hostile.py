"""A mirror's source that is somebody else's: what it may not do to the mirror."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from components.core.errors import SnapshotError, StoreError
from components.core.sums import FILES, SUMS, check_whole, make_sums
from components.native.load import built_library
from components.publish.snapshots import Snapshots
from components.publish.sync import synchronize
from components.store.object_store import ObjectStore
from components.testing.snapshot import caches


def test_the_library_comes_along_only_where_it_is_ours(tmp_path: Path) -> None:
    source, target, _ = caches(tmp_path)
    library, there = (layout.library for layout in (source, target))
    synchronize(source, target)
    assert not there.exists()
    library.parent.mkdir()
    library.write_bytes(b"\x7fELF of somebody else")
    synchronize(source, target)
    assert not there.exists()
    shutil.copyfile(built_library(), library)
    synchronize(source, target)
    assert there.read_bytes() == built_library().read_bytes() and there.stat().st_nlink == 1
    library.write_bytes(b"\x7fELF of somebody else")
    synchronize(source, target)
    assert there.read_bytes() == built_library().read_bytes()


def test_what_is_no_plain_file_of_theirs_is_refused(tmp_path: Path) -> None:
    source, target, key = caches(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    index = source.snapshots / "three" / "lookup.idx"
    stored = ObjectStore(source.objects).path(key)
    for victim in (index, stored, source.snapshots / "three" / SUMS):
        kept = victim.with_name("kept")
        victim.rename(kept)
        for is_link in (True, False):
            victim.symlink_to(secret) if is_link else os.mkfifo(victim)
            with pytest.raises((SnapshotError, StoreError)):
                synchronize(source, target)
            victim.unlink()
        kept.rename(victim)
        assert not target.current.exists() and secret.stat().st_mode & 0o777 == 0o600
    stored.parent.rename(tmp_path / "moved")
    stored.parent.symlink_to(tmp_path / "moved")
    with pytest.raises(StoreError, match="no such object"):
        synchronize(source, target)
    assert not target.current.exists()


def test_their_later_writes_do_not_reach_us(tmp_path: Path) -> None:
    source, target, key = caches(tmp_path)
    fast, stored = source.snapshots / "three" / "fast.sqlite", ObjectStore(source.objects).path(key)
    fast.chmod(0o644)
    synchronize(source, target)
    for path in (fast, stored):
        with path.open("r+b") as file:
            file.write(b"damage")
    check_whole(target.snapshots / "three")
    assert ObjectStore(target.objects).get(key) == b"v 1 2 3"
    assert fast.stat().st_mode & 0o777 == 0o644


def test_an_endless_view_is_no_table_of_theirs(tmp_path: Path) -> None:
    source, target, _ = caches(tmp_path)
    folder = source.snapshots / "three"
    with sqlite3.connect(folder / "detail.sqlite") as db:
        db.executescript(
            "DROP VIEW component_assets; CREATE VIEW component_assets AS WITH RECURSIVE n(id) AS"
            " (VALUES (1) UNION ALL SELECT id + 1 FROM n) SELECT id AS stored_key FROM n"
        )
    db.close()
    (folder / SUMS).unlink()
    (folder / SUMS).write_bytes(make_sums({name: folder / name for name in FILES}))
    with pytest.raises(SnapshotError, match="component_assets is no plain table"):
        synchronize(source, target)
    assert not target.current.exists() and "three" not in Snapshots(target.snapshots).names()


def test_equal_files_are_linked_and_the_locked_one_is_not(tmp_path: Path) -> None:
    source, target, _ = caches(tmp_path)
    done = synchronize(source, target, link=False)
    folders = [target.snapshots / name for name in ("two", "three")]
    # Both snapshots of the source hold the same detail.sqlite; it came over once.
    assert len({(folder / "detail.sqlite").stat().st_ino for folder in folders}) == 1
    assert len({(folder / SUMS).stat().st_ino for folder in folders}) == 2
    assert (folders[0] / "detail.sqlite").stat().st_nlink == 2
    assert done.copied_bytes > (folders[0] / "detail.sqlite").stat().st_size
