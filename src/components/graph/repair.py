"""What a run has to put right before Snakemake looks: it goes by times and by receipts.

A receipt says that a snapshot was published; it does not say that the snapshot is still there. And
files whose times lie in the future, after a clock was set back, would hide every later change.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from components.config.load import Config
from components.core.files import clone_file, replacing
from components.core.layout import SNAPSHOT_FILES, Layout

PUBLISHING = ("stage2-publish", "processor-once", "all-in-one-once")
# File systems and networks keep time less exactly than this.
TOLERANCE_S = 5.0


def repair(config: Config) -> list[str]:
    """Set times right; returns the rules that have to run though Snakemake sees no reason."""
    layout = Layout(config.paths.cache_dir)
    if layout.root.is_dir() and os.access(layout.root, os.W_OK):
        settle_times(layout, time.time())
        free_build(layout)
    if config.workflow.mode in PUBLISHING and lost_snapshot(layout):
        return ["publish_snapshot"]
    return []


def lost_snapshot(layout: Layout) -> str | None:
    """The snapshot that the receipt names and that is no longer there, whole."""
    try:
        name = json.loads(layout.receipt.read_bytes())["snapshot"]
        folder = layout.snapshots / str(name)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if all((folder / file).is_file() for file in SNAPSHOT_FILES) else str(name)


def settle_times(layout: Layout, now_s: float) -> int:
    """Move products of the future to the present, in their order; how many there were.

    What was made of what stays visible: only what lies before the present keeps its distance.
    """
    times_ns = {path: path.stat().st_mtime_ns for path in _products(layout)}
    now_ns = int(now_s * 1e9)
    late = {p: t for p, t in times_ns.items() if t > now_ns + int(TOLERANCE_S * 1e9)}
    if not late:
        return 0
    past_ns = max((t for path, t in times_ns.items() if path not in late), default=0)
    shift_ns = max(late.values()) - now_ns
    for path, late_ns in late.items():
        settled_ns = max(late_ns - shift_ns, min(past_ns, now_ns))
        os.utime(path, ns=(settled_ns, settled_ns))
    return len(late)


def free_build(layout: Layout) -> int:
    """Make built files writable that share a file with a sealed snapshot; how many there were.

    Earlier versions sealed by hard link, which made the build's files read-only too: Snakemake
    then refuses to build them anew for whoever is not root. The snapshot's files stay as they are.
    """
    freed = 0
    for path in layout.build.glob("*"):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and not status.st_mode & stat.S_IWUSR:
            with replacing(path, durable=False) as temporary:
                clone_file(path, temporary)
                os.utime(temporary, ns=(status.st_atime_ns, status.st_mtime_ns))
            freed += 1
    return freed


def _products(layout: Layout) -> Iterator[Path]:
    """Files that Snakemake compares; objects and sealed snapshots are none of them."""
    folders = (layout.plan, layout.build, layout.shards.parent, layout.receipt.parent)
    for folder in (*folders, layout.source.parent, layout.library.parent):
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def test_times_of_the_future_keep_their_order(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    ages_s = {"plan/a": -100, "build/b": 86_400, "build/c": 86_500, "publish/r": 86_600}
    now_s = 1_800_000_000
    for name, age_s in ages_s.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (now_s + age_s, now_s + age_s))
    assert settle_times(layout, now_s) == 3
    settled = {name: (tmp_path / name).stat().st_mtime - now_s for name in ages_s}
    assert settled == {"plan/a": -100, "build/b": -100, "build/c": -100, "publish/r": 0}
    assert settle_times(layout, now_s) == 0


def test_a_receipt_without_its_snapshot_is_noticed(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert lost_snapshot(layout) is None
    layout.receipt.parent.mkdir()
    layout.receipt.write_text('{"snapshot": "one"}')
    assert lost_snapshot(layout) == "one"
    folder = layout.snapshots / "one"
    folder.mkdir(parents=True)
    for name in SNAPSHOT_FILES:
        (folder / name).touch()
    assert lost_snapshot(layout) is None
    (folder / "lookup.idx").unlink()
    assert lost_snapshot(layout) == "one"


def test_a_build_that_shares_its_files_with_a_snapshot_gets_its_own(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.build.mkdir()
    sealed, built = tmp_path / "sealed", layout.build / "detail.sqlite"
    sealed.write_text("rows")
    os.utime(sealed, (1000, 1000))
    built.hardlink_to(sealed)
    sealed.chmod(0o444)
    assert free_build(layout) == 1
    assert built.read_text() == "rows" and built.stat().st_mtime == 1000
    assert (built.stat().st_mode & 0o777, sealed.stat().st_mode & 0o777) == (0o644, 0o444)
    assert free_build(layout) == 0
