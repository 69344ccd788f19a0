"""Sealed snapshots for the tests of publishing and of what serves them."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from components.core.layout import Layout
from components.core.sums import FILES, SUMS, make_sums
from components.fetch.manifest import Entry
from components.publish.snapshots import Snapshots
from components.store.dictionaries import Dictionaries, trained
from components.store.object_store import ObjectStore
from components.testing.assets import insert_assets
from components.transform.detail import SCHEMA

# Python reports these before they happen; with `open` for writing, they are all that changes.
STEPS = {"os.mkdir", "os.link", "os.chmod", "os.symlink", "os.rename"}
# Removing a tree names its files relative to their folder: where they are is not said.
REMOVALS = {"os.remove", "os.rmdir"}


def killed_before_step(action: Callable[[], object], root: Path, step: int) -> bool:
    """Do ``action`` in a child that is killed before its ``step``-th change below ``root``.

    The child gets SIGKILL, so that nothing cleans up after it. Returns whether it died: False once
    ``action`` has fewer steps, and is then complete.
    """
    child = os.fork()
    if child == 0:
        seen = 0

        def die(event: str, args: tuple[object, ...]) -> None:
            nonlocal seen
            changes = event in STEPS or (event == "open" and _writes(args[2]))
            if event in REMOVALS or (changes and str(root) in str(args)):
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        code = 1
        sys.addaudithook(die)
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise AssertionError("the action failed before it was killed")
    return os.WIFSIGNALED(status)


def _writes(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def sealed(root: Path, *names: str, assets: Iterable[str] = ()) -> Snapshots:
    """Small whole snapshots below ``root``, each made current in turn.

    Their ``detail.sqlite`` is real and refers to the objects whose keys are ``assets``; the other
    files hold the snapshot's name.
    """
    snapshots = Snapshots(root)
    for name in names:
        folder = snapshots.folder(name)
        folder.mkdir(parents=True)
        for file in FILES:
            (folder / file).write_text(name)
        _write_detail(folder / "detail.sqlite", assets)
        (folder / SUMS).write_bytes(make_sums({file: folder / file for file in FILES}))
        snapshots.swap(name)
    return snapshots


def _write_detail(path: Path, assets: Iterable[str]) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA.replace("out.", ""))
        for number, key in enumerate(assets):
            kind = key.split("/")[1]
            entry = Entry(number, kind, "", Path(key).stem, 1, "", "zstd", key, "", "{}", 1)
            insert_assets(db, [entry])
        db.commit()


def caches(folder: Path) -> tuple[Layout, Layout, str]:
    """Two cache directories, the first with three snapshots and the object that they refer to.

    Returns both, and the object's key.
    """
    source, target = Layout(folder / "a"), Layout(folder / "b")
    kept = Dictionaries(source.dictionaries).add(
        "model_obj", trained([b"v 1 2 3\n" * 99] * 99, 256)
    )
    kept.with_name("model_obj-9-42.dict").write_bytes(b"what is no dictionary")
    key = ObjectStore(source.objects).put("model_obj", b"v 1 2 3").key
    ObjectStore(source.objects).put("model_obj", b"not referred to")
    sealed(source.snapshots, "one", "two", "three", assets=[key])
    return source, target, key
