"""``verify``: reads every object and every snapshot file again, and compares their hashes.

Exit code 0 where all is whole, 1 where something is damaged or missing; nothing is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from components.config.options import add_config_option, configuration
from components.core.errors import ComponentsError, StoreError
from components.core.layout import Layout
from components.core.sums import problems
from components.operate.verify_objects import Report, check_objects
from components.publish.references import asset_keys, manifest_keys, manifests
from components.publish.snapshots import LINKS, Snapshots
from components.store.key_set import KeySet
from components.store.object_store import ObjectStore

if TYPE_CHECKING:
    from pytest import CaptureFixture

# Enough to say what is wrong; the count says how much.
SHOWN_MAX = 50


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")


def run(args: argparse.Namespace) -> int:
    layout = Layout(configuration(args).paths.cache_dir)
    if not layout.root.is_dir():
        raise StoreError(f"{layout.root}: no such folder, so nothing was verified; is it the one?")
    report = verify(layout)
    if args.json:
        print(json.dumps(asdict(report) | {"is_whole": report.is_whole}, indent=1))
        return 0 if report.is_whole else 1
    for line in report.problems[:SHOWN_MAX]:
        print(line)
    if len(report.problems) > SHOWN_MAX:
        print(f"… and {len(report.problems) - SHOWN_MAX} more; --json lists all")
    found = f"{len(report.problems)} problems" if report.problems else "all whole"
    print(
        f"verify: {report.objects:,} objects, {report.packs:,} packs,"
        f" {len(report.snapshots)} snapshots: {found}",
        file=sys.stderr,
    )
    return 0 if report.is_whole else 1


def verify(layout: Layout) -> Report:
    """Look at everything below one cache directory; threads as many as there are cores."""
    report = Report()
    snapshots = Snapshots(layout.snapshots)
    report.problems += _links(snapshots)
    store = ObjectStore(layout.objects)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        present = check_objects(store, pool, report)
        report.snapshots = snapshots.names()
        folders = [snapshots.folder(name) for name in report.snapshots]
        for found in pool.map(problems, folders):
            report.problems += found
    for folder in folders:
        report.problems += _lacking(present, folder, asset_keys)
    for path in manifests(layout):
        report.problems += _lacking(present, path, manifest_keys)
    # A check that went on from an earlier one may have found the same again.
    report.problems = list(dict.fromkeys(report.problems))
    return report


def _links(snapshots: Snapshots) -> Iterator[str]:
    for link in LINKS:
        path = snapshots.root / link
        if path.is_symlink() and snapshots.linked(link) is None:
            yield f"{path}: names {path.readlink()}, no snapshot here; roll back or publish"


def _lacking(
    present: KeySet, path: Path, keys_of: Callable[[Path], Iterator[str]]
) -> Iterator[str]:
    try:
        missing = {key for key in keys_of(path) if key not in present}
    except ComponentsError as error:
        yield str(error)
        return
    for key in sorted(missing):
        yield f"{path}: refers to {key}, which is not in the store; fetch it again"


def test_every_kind_of_damage_is_told(tmp_path: Path, capsys: CaptureFixture[str]) -> None:
    from contextlib import closing

    from components.cli import main
    from components.fetch.manifest import connect, example_entry, write
    from components.testing.snapshot import sealed

    layout = Layout(tmp_path)
    store = ObjectStore(layout.objects)
    key, other = store.put("model_obj", b"v 1").key, store.put("model_obj", b"v 2").key
    snapshots = sealed(layout.snapshots, "a", "b", assets=[key])
    with closing(connect(layout.manifest)) as db:
        write(db, [example_entry()._replace(stored_key=other)], [])
    config = tmp_path / "config.yaml"
    config.write_text(f"paths: {{cache_dir: {tmp_path}}}")
    command = ["verify", "--configfile", str(config)]
    assert main(command) == 0
    assert capsys.readouterr().err == "verify: 2 objects, 0 packs, 2 snapshots: all whole\n"

    store.path(key).write_bytes(b"damaged")
    store.remove(other)
    (snapshots.folder("a") / "lookup.idx").write_bytes(b"another")
    (snapshots.folder("b") / "metadata.json").unlink()
    (snapshots.root / "current").unlink()
    (snapshots.root / "current").symlink_to("gone")
    assert main([*command, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["objects"], report["snapshots"], report["is_whole"]) == (1, ["a", "b"], False)
    found = " ".join(report["problems"])
    for text in (
        f"{key}: damaged object",
        f"manifest.sqlite3: refers to {other}",
        "lookup.idx: damaged",
        "metadata.json: No such file",
        "current: names gone",
    ):
        assert text in found
    assert len(report["problems"]) == 5


def test_an_empty_cache_is_whole(tmp_path: Path) -> None:
    assert verify(Layout(tmp_path)) == Report()
