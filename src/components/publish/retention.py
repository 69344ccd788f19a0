"""Which snapshots stay: what a link names, what a reader holds, and the newest of the rest."""

from __future__ import annotations

from pathlib import Path

from components.publish.hold import hold, unheld
from components.publish.snapshots import LINKS, Snapshots


def expendable(snapshots: Snapshots, keep: int) -> list[str]:
    """Names that may go so that ``keep`` are left, oldest first; links count among the kept."""
    names = snapshots.names()
    linked = {snapshots.linked(link) for link in LINKS} - {None}
    rest = [name for name in names if name not in linked]
    return rest[: max(0, len(names) - max(keep, len(linked)))]


def retain(snapshots: Snapshots, keep: int) -> list[str]:
    """Remove all but ``keep`` snapshots; the names of those that went.

    What ``current`` or ``previous`` names stays, and so does what a reader holds.
    """
    removed = []
    with snapshots.locked():
        for name in expendable(snapshots, keep):
            with unheld(snapshots.folder(name)) as free:
                if free:
                    snapshots.remove(name)
                    removed.append(name)
    return removed


def test_links_and_readers_keep_their_snapshots(tmp_path: Path) -> None:
    import os

    snapshots = Snapshots(tmp_path)
    for age, name in enumerate(("e", "d", "c", "b", "a")):
        folder = snapshots.folder(name)
        folder.mkdir()
        (folder / "SHA256SUMS").write_text("x")
        os.utime(folder, (1000 + age, 1000 + age))
    snapshots.swap("e")
    snapshots.swap("d")
    assert expendable(snapshots, 2) == ["c", "b", "a"]
    assert expendable(snapshots, 4) == ["c"]
    with hold(snapshots.folder("b")):
        assert retain(snapshots, 2) == ["c", "a"]
        assert sorted(snapshots.names()) == ["b", "d", "e"]
    assert retain(snapshots, 9) == []
    assert retain(snapshots, 2) == ["b"]
    assert sorted(snapshots.names()) == ["d", "e"]
