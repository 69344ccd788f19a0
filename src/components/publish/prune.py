"""``prune``: what no kept snapshot and no manifest needs goes; without ``--yes`` it is only shown.

First the snapshots beyond ``stage2.keep_snapshots``, then what was fetched of parts that have left
the catalogue and every snapshot that stays, then the objects that neither a manifest nor
a snapshot that is left refers to, then temporary files that dead processes left in the store. A
pack is written anew without its dead objects where they are more than ``stage2.pack_dead_share`` of
its bytes. Exports go with their snapshot.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from components.config.options import add_config_option, configuration
from components.core import run_lock
from components.core.ask import confirmed
from components.core.layout import Layout
from components.publish.gone import forget, gone
from components.publish.hold import unheld
from components.publish.references import referenced
from components.publish.retention import expendable, retain
from components.publish.snapshots import Snapshots
from components.source.ready import catalogue_path
from components.store import packs
from components.store.loose_prune import DeadObjects, dead_objects
from components.store.object_store import ObjectStore
from components.store.pack_prune import DEAD_SHARE, PrunedPack, dead_packs, rewrite

if TYPE_CHECKING:
    from pytest import CaptureFixture

# An object is written before the manifest's row that refers to it.
MIN_AGE_S = 3600.0
TEMPORARY_AGE_S = 86400.0


class Plan(NamedTuple):
    """What a prune removes."""

    snapshots: list[str]
    objects: DeadObjects
    """Keys of loose objects."""
    temporary: list[Path]
    size_bytes: int
    packs: Sequence[PrunedPack] = ()
    """Those that are rewritten or removed."""
    exports: Sequence[Path] = ()
    """Folders of exports whose snapshot goes, or has gone."""
    parts: frozenset[int] = frozenset()
    """Those that have left the catalogue, and of which what was fetched is forgotten."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument(
        "--yes",
        action="store_true",
        help="remove without asking; default: show, and ask on a terminal",
    )


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    layout = Layout(config.paths.cache_dir)
    keep = config.stage2.keep_snapshots
    share = config.stage2.pack_dead_share
    source = catalogue_path(config.paths.source_sqlite, layout)
    plan = (prune if args.yes else plan_prune)(layout, keep, dead_share=share, source=source)
    _show(plan, "removed" if args.yes else "would remove (--yes does it)")
    if (
        not args.yes
        and any((*plan[:3], plan.packs, plan.exports, plan.parts))
        and confirmed("remove that?")
    ):
        _show(prune(layout, keep, dead_share=share, source=source), "removed")
    return 0


def _show(plan: Plan, did: str) -> None:
    for name in plan.snapshots:
        print(f"snapshot {name}")
    for path in plan.exports:
        print(f"exports {path}")
    for key in plan.objects:
        print(key)
    for path in plan.temporary:
        print(path)
    for pack in plan.packs:
        print(f"{pack.path}: {pack.dead:,} of {pack.objects:,} objects")
    if plan.parts:
        print(f"{len(plan.parts):,} parts that have left the catalogue and every snapshot")
    count = len(plan.snapshots) + len(plan.objects) + len(plan.temporary)
    count += sum(pack.dead for pack in plan.packs) + len(plan.exports)
    print(f"prune: {did} {count} items, {plan.size_bytes / 1e6:,.1f} MB", file=sys.stderr)


def plan_prune(
    layout: Layout,
    keep: int,
    min_age_s: float = MIN_AGE_S,
    dead_share: float = DEAD_SHARE,
    source: Path | None = None,
) -> Plan:
    """What :func:`prune` would remove now; changes nothing. Raises as that does."""
    snapshots = Snapshots(layout.snapshots)
    names = []
    for name in expendable(snapshots, keep):
        with unheld(snapshots.folder(name)) as free:
            if free:
                names.append(name)
    store = ObjectStore(layout.objects)
    left = sorted(set(snapshots.names()).difference(names))
    parts = gone(layout, source, left) if source else frozenset()
    kept = referenced(layout, without=names, gone=parts)
    newest = time.time() - min_age_s
    objects = dead_objects(store, kept, newest)
    temporary = _temporary(layout.objects, time.time() - TEMPORARY_AGE_S)
    files = temporary + [
        file for name in names for file in sorted(snapshots.folder(name).iterdir())
    ]
    exports = _orphans(layout, set(snapshots.names()).difference(names))
    files += [path for folder in exports for path in folder.rglob("*") if path.is_file()]
    rewritten = dead_packs(store, kept, newest, dead_share)
    size_bytes = objects.size_bytes + sum(pack.freed for pack in rewritten)
    size_bytes += sum(file.stat().st_size for file in files)
    return Plan(names, objects, temporary, size_bytes, tuple(rewritten), exports, parts)


def _temporary(objects: Path, newest_s: float) -> list[Path]:
    """Temporary files of the store that are older than ``newest_s``, sorted."""
    found = []
    folders = [folder for folder in objects.glob("*") if folder.is_dir()]
    for folder in (*folders, *(folder / packs.FOLDER for folder in folders)):
        # A pattern would hold the names of all objects at once.
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".tmp-"):
                    with suppress(FileNotFoundError):
                        if entry.stat().st_mtime < newest_s:
                            found.append(Path(entry.path))
    return sorted(found)


def _orphans(layout: Layout, kept: Collection[str]) -> list[Path]:
    """Folders of exports of snapshots that are not ``kept``."""
    if not layout.exports.is_dir():
        return []
    folders = (path for path in sorted(layout.exports.iterdir()) if not path.is_symlink())
    return [path for path in folders if path.is_dir() and path.name not in kept]


def prune(
    layout: Layout,
    keep: int,
    min_age_s: float = MIN_AGE_S,
    dead_share: float = DEAD_SHARE,
    source: Path | None = None,
) -> Plan:
    """Remove what a plan made now lists; what went.

    ``source`` is the catalogue; without it no part has left it.

    An object younger than ``min_age_s`` stays, since its manifest row may be about to be written.
    Holds the run lock until this process ends, so that nothing is fetched meanwhile. Raises
    :class:`ComponentsError` while a run is active, and where a manifest or a snapshot cannot be
    read: nothing at all is removed then.
    """
    run_lock.acquire(layout.root)
    plan = plan_prune(layout, keep, min_age_s, dead_share, source)
    snapshots_left = Snapshots(layout.snapshots)
    snapshots = retain(snapshots_left, keep)
    exports = _orphans(layout, snapshots_left.names())
    for folder in exports:
        shutil.rmtree(folder)
    # Rows before their objects, so that none is left that refers to nothing.
    forget(layout, plan.parts)
    # Asked again: a reader may have taken hold of a snapshot since.
    kept = referenced(layout)
    objects = plan.objects.without(kept)
    store = ObjectStore(layout.objects)
    for key in objects:
        store.remove(key)
    for pack in plan.packs:
        rewrite(store, pack, kept)
    for path in plan.temporary:
        path.unlink(missing_ok=True)
    return plan._replace(snapshots=snapshots, objects=objects, exports=exports)


def _age(path: Path, age_s: float) -> None:
    moment = time.time() - age_s
    os.utime(path, (moment, moment))


def test_only_what_nothing_refers_to_goes(tmp_path: Path) -> None:
    from contextlib import closing

    from components.fetch.manifest import connect, example_entry, write
    from components.publish.hold import hold
    from components.testing.snapshot import sealed

    layout = Layout(tmp_path)
    store = ObjectStore(layout.objects)
    fetched, old, held, orphan, young = (
        store.put("datasheet_pdf", b"%PDF" + bytes([n])).key for n in range(5)
    )
    for key in (fetched, old, held, orphan):
        _age(store.path(key), 2 * MIN_AGE_S)
    leftover = layout.objects / "datasheet_pdf" / ".tmp-77-x"
    leftover.touch()
    _age(leftover, 2 * TEMPORARY_AGE_S)
    with closing(connect(layout.manifest)) as db:
        write(db, [example_entry()._replace(stored_key=fetched)], [])
    sealed(layout.snapshots, "old", assets=[old])
    sealed(layout.snapshots, "held", assets=[held])
    snapshots = sealed(layout.snapshots, "b", "c")
    exported = {name: layout.exports / name for name in ("gone", "old", "held", "b")}
    for folder in exported.values():
        (folder / "parquet").mkdir(parents=True)
        (folder / "parquet" / "ldo.parquet").write_bytes(b"PAR1" * 100)
    with hold(snapshots.folder("held")):
        plan = plan_prune(layout, keep=2)
        assert (plan.snapshots, plan.temporary) == (["old"], [leftover])
        assert list(plan.objects) == sorted([old, orphan])
        assert plan.exports == [exported["gone"], exported["old"]]
        assert plan.size_bytes > 800
        assert snapshots.names() == ["old", "held", "b", "c"] and store.contains(orphan)
        assert prune(layout, keep=2) == plan
    assert sorted(snapshots.names()) == ["b", "c", "held"]
    assert set(store.keys()) == {fetched, held, young}
    assert not leftover.exists()
    assert [path.name for path in sorted(layout.exports.iterdir())] == ["b", "held"]
    assert list(prune(layout, keep=2).objects) == [held]


def test_nothing_goes_while_a_reference_cannot_be_read(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import SnapshotError, StoreError
    from components.testing.snapshot import sealed

    layout = Layout(tmp_path)
    snapshots = sealed(layout.snapshots, "a", "b", "c")
    store = ObjectStore(layout.objects)
    key = store.put("part_image", b"x").key
    (snapshots.folder("b") / "detail.sqlite").write_bytes(b"damaged")
    with pytest.raises(SnapshotError, match=r"b/detail\.sqlite"):
        prune(layout, keep=2, min_age_s=0)
    (snapshots.folder("b") / "detail.sqlite").unlink()
    layout.manifest.parent.mkdir()
    layout.manifest.write_bytes(b"damaged" * 1000)
    with pytest.raises(StoreError, match="manifest cannot be read"):
        prune(layout, keep=2, min_age_s=0)
    assert sorted(snapshots.names()) == ["a", "b", "c"] and store.contains(key)


def test_without_yes_nothing_changes(tmp_path: Path, capsys: CaptureFixture[str]) -> None:
    from components.cli import main
    from components.testing.snapshot import sealed

    layout = Layout(tmp_path)
    snapshots = sealed(layout.snapshots, "a", "b", "c")
    config = tmp_path / "config.yaml"
    config.write_text(f"paths: {{cache_dir: {tmp_path}}}")
    assert main(["prune", "--configfile", str(config)]) == 0
    said = capsys.readouterr()
    assert said.out == "snapshot a\n" and "would remove" in said.err
    assert snapshots.names() == ["a", "b", "c"]
    assert main(["prune", "--configfile", str(config), "--yes"]) == 0
    assert snapshots.names() == ["b", "c"]
