"""Where each stored byte came from, and how far each part has got: two views in several files.

``fetch_manifest`` has a row for every distinct artifact ever stored, ``roundtrip_state`` one row
for each part and artifact type. They live in

- ``fetch/manifest.sqlite3`` and ``fetch/roundtrip_state.sqlite3``, one view each, which every run
  updates;
- ``fetch/shards/<shard>.<group>.live.sqlite3``, both, written by the one process that
  holds the shard: what a killed run goes on from;
- ``fetch/shards/<shard>.<group>.sqlite3``, both, frozen: sorted, written whole, and equal
  for equal answers but for ``fetched_at_utc`` (equal in full under ``SOURCE_DATE_EPOCH``);
- ``fetch/kept/<shard>.<group>.<key>``, second names of these by what they were made from.

No file is in WAL mode, whose shared memory does not work across the nodes of a cluster: rollback
journals and short transactions do.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from components.core.errors import StoreError
from components.fetch.manifest_format import (
    MANIFEST_DDL,
    STATE_DDL,
    Entry,
    State,
    Status,
    convert,
    insert_entries,
    insert_states,
    old_tables,
)

__all__ = ["MANIFEST_DDL", "STATE_DDL", "Entry", "State", "Status"]

BUSY_TIMEOUT_S = 60.0


def now_utc() -> str:
    """The time for ``fetched_at_utc``, to the second; ``SOURCE_DATE_EPOCH`` where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def connect(
    path: Path, tables: Iterable[Sequence[str]] = (MANIFEST_DDL, STATE_DDL)
) -> sqlite3.Connection:
    """A read-write connection to a live file; ``tables`` are made where they are missing.

    What an earlier version has written is laid out anew, in one transaction. The connection may be
    used by another thread than the one that opened it. Raises :class:`StoreError` where the file is
    no database.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        # Whatever the file was: a journal that is deleted leaves nothing behind.
        connection.execute("PRAGMA journal_mode = DELETE")
        wanted = [statement for table in tables for statement in table]
        # The sixth word of a statement is the name of what it makes.
        names = {statement.split()[5] for statement in wanted}
        if not names <= _names(connection) or any(old_tables(connection)):
            connection.execute("BEGIN IMMEDIATE")
            # Another process may have been first.
            convert(connection)
            for statement in wanted:
                connection.execute(statement)
            connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(
            f"{path}: not a usable manifest ({error}); remove it, and fetch again what it held"
        ) from None
    return connection


def write(
    connection: sqlite3.Connection, entries: Iterable[Entry], states: Iterable[State]
) -> None:
    """Add rows in one transaction; an artifact that is there already only gets its new time."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        insert_rows(connection, entries, states)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def insert_rows(
    connection: sqlite3.Connection, entries: Iterable[Entry], states: Iterable[State]
) -> None:
    """As :func:`write`, within the caller's transaction."""
    # A file may hold one of the tables only.
    if added := list(entries):
        insert_entries(connection, added)
    if reached := list(states):
        insert_states(connection, reached)


def _names(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection. Raises :class:`StoreError` where there is no readable file."""
    if not path.is_file():
        raise StoreError(f"{path}: no such manifest; run stage 1 first")
    # A killed writer leaves a journal that the next one to open the file has to roll back.
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
        try:
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                # Its first writer was killed before it had made a table: it holds nothing yet.
                for name, row in (("fetch_manifest", Entry), ("roundtrip_state", State)):
                    connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(row._fields)})")
            connection.execute("PRAGMA query_only = ON")
            yield connection
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path}: manifest cannot be read: {error}") from None


def read_entries(
    connection: sqlite3.Connection, first: int = 0, last: int = 1 << 62, artifact_type: str = "*"
) -> Iterator[Entry]:
    """Rows of parts ``first`` to ``last``, of one type or all, sorted by what makes them unique."""
    rows = connection.execute(
        "SELECT * FROM fetch_manifest WHERE lcsc_id BETWEEN ? AND ? AND artifact_type GLOB ? "
        "ORDER BY lcsc_id, artifact_type, source_url, raw_sha256, stored_key",
        (first, last, artifact_type),
    )
    return map(Entry._make, rows)


def read_states(
    connection: sqlite3.Connection, first: int = 0, last: int = 1 << 62, artifact_type: str = "*"
) -> Iterator[State]:
    """States of parts ``first`` to ``last``, sorted; of one type, or all."""
    rows = connection.execute(
        "SELECT * FROM roundtrip_state WHERE lcsc_id BETWEEN ? AND ? AND artifact_type GLOB ? "
        "ORDER BY lcsc_id, artifact_type",
        (first, last, artifact_type),
    )
    return map(State._make, rows)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a full or failing disk into one :class:`StoreError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path}: cannot be written: {error}; check the disk") from None


def example_entry(lcsc_id: int = 1, sha256: str = "ab", fetched: str = "2026-01-01") -> Entry:
    """A row for tests."""
    key = f"objects/datasheet_pdf/{sha256}.zst"
    url = "http://datasheets.upstream.test/1.pdf"
    return Entry(
        lcsc_id, "datasheet_pdf", url, sha256, 9, "application/pdf", "zstd", key, fetched, "{}", 1
    )


def test_a_repeated_artifact_keeps_one_row(tmp_path: Path) -> None:
    path = tmp_path / "fetch" / "manifest.sqlite3"
    with closing(connect(path)) as live:
        write(
            live, [example_entry(), example_entry(2)], [State(1, "datasheet_pdf", "running", "u")]
        )
        write(
            live,
            [example_entry(fetched="2026-02-02"), example_entry(sha256="cd")],
            [State(1, "datasheet_pdf", "success", "u", "ab")],
        )
    with reading(path) as connection:
        rows = list(read_entries(connection))
        assert [(r.lcsc_id, r.raw_sha256, r.fetched_at_utc) for r in rows] == [
            (1, "ab", "2026-02-02"),
            (1, "cd", "2026-01-01"),
            (2, "ab", "2026-01-01"),
        ]
        assert list(read_entries(connection, 2, 3)) == [example_entry(2)]
        assert list(read_states(connection)) == [State(1, "datasheet_pdf", "success", "u", "ab")]


def test_a_failed_batch_leaves_nothing(tmp_path: Path) -> None:
    import pytest

    with closing(connect(tmp_path / "m.sqlite3")) as live:
        wrong = State(1, "model_obj", "lost", "u")  # type: ignore[arg-type]
        with pytest.raises(sqlite3.IntegrityError):
            write(live, [example_entry()], [wrong])
        assert list(read_entries(live)) == []
        write(live, [example_entry()], [])
        assert len(list(read_entries(live))) == 1


def test_what_a_killed_writer_left_is_rolled_back(tmp_path: Path) -> None:
    import subprocess
    import sys

    import pytest

    path = tmp_path / "m.sqlite3"
    with closing(connect(path)) as live:
        write(live, [example_entry()], [])
    # With no cache, half of the transaction is in the file by the time that its writer dies.
    program = (
        "import os, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA journal_mode = TRUNCATE')\n"
        "db.execute('PRAGMA cache_size = 2')\n"
        "db.execute('BEGIN')\n"
        "db.execute('UPDATE texts SET text = zeroblob(100000)')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert path.with_name("m.sqlite3-journal").stat().st_size > 0
    with reading(path) as connection:
        assert list(read_entries(connection)) == [example_entry()]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM entries")


def test_a_file_that_was_only_begun_holds_nothing(tmp_path: Path) -> None:
    import pytest

    path = tmp_path / "m.sqlite3"
    path.touch()
    with reading(path) as connection:
        assert list(read_entries(connection)) == [] and list(read_states(connection)) == []
    with pytest.raises(StoreError, match="incomplete input"):
        connect(path, (MANIFEST_DDL, ["CREATE TABLE IF NOT EXISTS wrong ("]))
    with reading(path) as connection:
        assert list(read_states(connection)) == []
    with closing(connect(path)) as live:
        write(live, [example_entry()], [])
    with reading(path) as connection:
        assert list(read_entries(connection)) == [example_entry()]


def test_what_is_no_manifest_is_named(tmp_path: Path) -> None:
    import pytest

    bad = tmp_path / "bad.sqlite3"
    bad.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match=r"bad\.sqlite3"):
        connect(bad)
    with pytest.raises(StoreError, match="no such manifest"), reading(tmp_path / "none"):
        pass
