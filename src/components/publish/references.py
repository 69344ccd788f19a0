"""Which objects are referred to: by every manifest, and by every snapshot that is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from components.core.database import open_database
from components.core.errors import SnapshotError, StoreError
from components.core.foreign import is_view, plain_tables
from components.core.layout import Layout
from components.fetch.manifest import reading
from components.publish.gone import is_of_crawl
from components.publish.snapshots import Snapshots
from components.store.key_set import KeySet
from components.transform.assets import ROW_TABLES, VIEW, stored_keys


def referenced(
    layout: Layout, without: Iterable[str] = (), gone: Collection[int] = frozenset()
) -> KeySet:
    """Keys of the objects that some manifest or snapshot refers to, but for some snapshots.

    Nor does the common manifest count for parts that have ``gone``.

    Raises :class:`StoreError` or :class:`SnapshotError` where one cannot be read: what it refers
    to is then unknown, and nothing may be removed.
    """
    snapshots = Snapshots(layout.snapshots)
    names = sorted(set(snapshots.names()) - set(without))
    return KeySet(
        chain(
            chain.from_iterable(
                manifest_keys(path, gone if path == layout.manifest else ())
                for path in manifests(layout)
            ),
            chain.from_iterable(asset_keys(snapshots.folder(name)) for name in names),
        )
    )


def manifests(layout: Layout) -> list[Path]:
    """Every manifest: the main one, the folded one, and the shards', live and frozen, sorted."""
    folder = layout.manifest.parent
    return sorted({*folder.glob("*.sqlite3"), *layout.shards.glob("*.sqlite3")} - {layout.state})


def asset_keys(folder: Path) -> Iterator[str]:
    """Keys that a snapshot's ``component_assets`` refers to, some more than once.

    Raises :class:`SnapshotError`.
    """
    path = folder / "detail.sqlite"
    with closing(open_database(path)) as db:
        try:
            # A mirror's snapshots were somebody else's.
            if is_view(db, "component_assets", VIEW):
                plain_tables(db, ROW_TABLES, lambda text: SnapshotError(f"{path}: {text}"))
                yield from stored_keys(db)
                return
            # Up to version 0.3.
            plain_tables(db, ["component_assets"], lambda text: SnapshotError(f"{path}: {text}"))
            for row in db.execute("SELECT stored_key FROM component_assets"):
                yield row[0]
        except sqlite3.DatabaseError as error:
            raise SnapshotError(f"{path}: cannot be used ({error}); remove the snapshot") from None


def manifest_keys(path: Path, gone: Collection[int] = ()) -> Iterator[str]:
    """Keys that one manifest refers to, some more than once; but for parts that have ``gone``.

    Raises :class:`StoreError` where it cannot be read.
    """
    with reading(path) as connection:
        named = "SELECT 1 FROM sqlite_master WHERE name = 'fetch_manifest'"
        if connection.execute(named).fetchone() is None:
            return
        rows = connection.execute("SELECT lcsc_id, artifact_type, stored_key FROM fetch_manifest")
        for lcsc_id, artifact_type, key in rows:
            if lcsc_id not in gone or is_of_crawl(artifact_type):
                yield key


def test_every_manifest_and_snapshot_counts(tmp_path: Path) -> None:
    import pytest

    from components.fetch.manifest import Entry, connect, write
    from components.testing.snapshot import sealed

    layout = Layout(tmp_path)
    files = {
        "m": layout.manifest,
        "s": layout.shards / "0001.cad.sqlite3",
        "l": layout.shards / "0001.cad.live.sqlite3",
    }
    for key, path in files.items():
        with closing(connect(path)) as db:
            entry = Entry(1, "model_obj", "u", key, 1, "", "zstd", key, "2026", "{}", 1)
            write(db, [entry], [])
    connect(layout.state).close()
    sealed(layout.snapshots, "a", assets=["objects/model_obj/x.zst"])
    assert referenced(layout).others == {"m", "s", "l", "objects/model_obj/x.zst"}
    layout.manifest.write_bytes(b"damaged" * 1000)
    with pytest.raises(StoreError, match="manifest cannot be read"):
        referenced(layout)


def test_a_snapshot_of_an_earlier_version_counts_too(tmp_path: Path) -> None:
    import pytest

    path = tmp_path / "detail.sqlite"
    for statement, found in (
        ("CREATE TABLE component_assets (stored_key TEXT)", True),
        ("CREATE VIEW component_assets AS SELECT 1 AS stored_key", False),
    ):
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as db:
            db.execute(statement)
            if found:
                db.execute("INSERT INTO component_assets VALUES ('objects/model_obj/x.zst')")
            db.commit()
        if found:
            assert list(asset_keys(tmp_path)) == ["objects/model_obj/x.zst"]
        else:
            with pytest.raises(SnapshotError, match="no plain table"):
                list(asset_keys(tmp_path))
