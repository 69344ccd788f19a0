"""What was converted before: a file beside a shard's manifest that no rule declares.

The workflow deletes a rule's outputs before it runs the rule again; without this, one new part in
a shard would convert all its models again. It is a help only: it may be deleted at any time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

# Raised when the same STEP file gives another GLB than before.
GENERATION = 1


class Outcome(NamedTuple):
    """What became of one STEP file: an object, or the reason why there is none.

    Only objects are kept in the cache: a file that ran out of time may have met a busy machine.
    """

    raw_sha256: str
    raw_size_bytes: int
    encoding: str
    stored_key: str
    bounds_json: str
    """The box of the model, see :func:`components.cad.glb.bounds.bounds_mm`."""
    error: str = ""


def converter() -> str:
    """The converter's name and version, which the manifest records."""
    return f"cascadio {version('cascadio')}, generation {GENERATION}"


class GlbCache:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, step_sha256: str) -> Outcome | None:
        row = self._connection.execute(
            "SELECT raw_sha256, raw_size_bytes, encoding, stored_key, bounds_json FROM glb "
            "WHERE step_sha256 = ? AND converter = ?",
            (step_sha256, converter()),
        ).fetchone()
        return Outcome(*row) if row else None

    def put(self, step_sha256: str, outcome: Outcome) -> None:
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO glb VALUES (?, ?, ?, ?, ?, ?, ?)",
                (step_sha256, converter(), *outcome[:5]),
            )


@contextmanager
def opened(path: Path) -> Iterator[GlbCache]:
    """The cache at ``path``; one that cannot be read is begun anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = _connect(path)
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        connection = _connect(path)
    with closing(connection):
        yield GlbCache(connection)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60)
    try:
        # What a power cut may lose is made again; what is written stays readable.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS glb (step_sha256 TEXT, converter TEXT, raw_sha256 TEXT, "
            "raw_size_bytes INTEGER, encoding TEXT, stored_key TEXT, bounds_json TEXT, "
            "PRIMARY KEY (step_sha256, converter)) WITHOUT ROWID"
        )
        # One that an older version wrote lacks a column, and counts as unreadable.
        connection.execute("SELECT raw_sha256, bounds_json FROM glb LIMIT 0")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def test_outcomes_last_and_damage_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "shards" / "0.glb.live.sqlite3"
    outcome = Outcome("ab", 9, "zstd", "objects/model_glb/ab.zst", "[]")
    with opened(path) as cache:
        cache.put("s", outcome)
    with opened(path) as cache:
        assert cache.get("s") == outcome
        assert cache.get("t") is None
    path.unlink()
    with closing(sqlite3.connect(path)) as old:
        old.execute("CREATE TABLE glb (step_sha256 TEXT PRIMARY KEY, converter TEXT)")
    with opened(path) as cache:
        assert cache.get("s") is None
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with opened(path) as cache:
        assert cache.get("s") is None
