"""``rollback``: ``current`` back to ``previous``; a second one takes the first back."""

from __future__ import annotations

import argparse
from pathlib import Path

from components.config.options import add_config_option, configuration
from components.core.errors import SnapshotError
from components.core.layout import Layout
from components.core.sums import check_present, check_whole
from components.publish.snapshots import LINKS, Snapshots


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--to", metavar="NAME", help="this snapshot instead of `previous`")


def run(args: argparse.Namespace) -> int:
    layout = Layout(configuration(args).paths.cache_dir)
    print(f"current is {rollback(Snapshots(layout.snapshots), args.to)}")
    return 0


def rollback(snapshots: Snapshots, name: str | None = None) -> str:
    """Let ``current`` name ``previous``, or ``name``, and ``previous`` what was current.

    It was verified when it was sealed, so that it is current at once if its files are there; its
    bytes are checked after that, which takes seconds for each gigabyte. Raises
    :class:`SnapshotError` where there is none, it is current already, or it is damaged: the links
    are then as before.
    """
    if not snapshots.names():
        raise SnapshotError(f"{snapshots.root}: there are no snapshots")
    with snapshots.locked():
        target = name or snapshots.linked("previous")
        if target is None:
            raise SnapshotError(f"{snapshots.root}: no previous snapshot to go back to")
        if target == snapshots.linked("current"):
            raise SnapshotError(f"{target} is current already; there is nothing to go back to")
        check_present(snapshots.folder(target))
        before = {link: snapshots.linked(link) for link in LINKS}
        snapshots.exchange(target)
        try:
            check_whole(snapshots.folder(target))
        except SnapshotError:
            for link, aim in before.items():
                if aim is not None:
                    snapshots.point(link, aim)
            raise
    return target


def test_back_and_forth_again(tmp_path: Path) -> None:
    from components.cli import main
    from components.testing.snapshot import sealed

    snapshots = sealed(tmp_path / "snapshots", "a", "b")
    config = tmp_path / "config.yaml"
    config.write_text(f"paths: {{cache_dir: {tmp_path}}}")
    for expected in (("a", "b"), ("b", "a")):
        assert main(["rollback", "--configfile", str(config)]) == 0
        assert (snapshots.linked("current"), snapshots.linked("previous")) == expected


def test_nothing_changes_without_a_whole_snapshot_to_go_to(tmp_path: Path) -> None:
    import pytest

    from components.testing.snapshot import sealed

    with pytest.raises(SnapshotError, match="no snapshots"):
        rollback(Snapshots(tmp_path / "mistyped"))
    assert not (tmp_path / "mistyped").exists()
    snapshots = sealed(tmp_path, "a")
    with pytest.raises(SnapshotError, match="no previous"):
        rollback(snapshots)
    with pytest.raises(SnapshotError, match="current already"):
        rollback(snapshots, "a")
    with pytest.raises(SnapshotError, match="not a whole snapshot"):
        rollback(snapshots, "gone")
    snapshots = sealed(tmp_path, "b")
    (snapshots.folder("a") / "lookup.idx").unlink()
    with pytest.raises(SnapshotError, match=r"lookup\.idx"):
        rollback(snapshots)
    assert (snapshots.linked("current"), snapshots.linked("previous")) == ("b", "a")


def test_what_proves_damaged_after_the_swap_is_taken_back(tmp_path: Path) -> None:
    import pytest

    from components.testing.snapshot import sealed

    snapshots = sealed(tmp_path, "a", "b", "c")
    path = snapshots.folder("a") / "lookup.idx"
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(SnapshotError, match=r"lookup\.idx"):
        rollback(snapshots, "a")
    assert (snapshots.linked("current"), snapshots.linked("previous")) == ("c", "b")
