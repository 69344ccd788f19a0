"""Assets of a ``detail.sqlite`` that a test makes by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing

from components.fetch.manifest_format import MANIFEST_DDL, Entry, insert_entries
from components.transform.assets import COLUMNS, WORDS


def insert_assets(detail: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Add rows that ``component_assets`` then shows."""
    with closing(sqlite3.connect(":memory:")) as manifest:
        for statement in MANIFEST_DDL:
            manifest.execute(statement)
        insert_entries(manifest, entries)
        for name in WORDS:
            rows = manifest.execute(f"SELECT * FROM {name}").fetchall()
            for row in rows:
                marks = ", ".join("?" * len(row))
                detail.execute(f"INSERT OR IGNORE INTO asset_{name} VALUES ({marks})", row)
        rows = manifest.execute(f"SELECT {COLUMNS} FROM entries").fetchall()
        detail.executemany(f"INSERT INTO assets VALUES ({', '.join('?' * 8)})", rows)
