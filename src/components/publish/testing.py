"""Sealed snapshots for the tests of publishing and of what serves them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from components.publish.snapshots import Snapshots
from components.shared.sums import FILES, SUMS, make_sums
from components.transform.detail import SCHEMA


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
            row = (number, kind, key, Path(key).stem, 1, "", "zstd", "", "{}")
            db.execute("INSERT INTO component_assets VALUES (?,?,?,?,?,?,?,?,?)", row)
        db.commit()
