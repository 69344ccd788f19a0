"""New SQLite files whose bytes depend on their rows alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from components.core.errors import SnapshotError
from components.core.files import replacing

PAGE_BYTES = 16384
# Nothing is journalled or synced: the file is thrown away if the process dies.
SETTINGS = (
    f"page_size = {PAGE_BYTES}",
    "auto_vacuum = 0",
    "journal_mode = OFF",
    "synchronous = OFF",
    "secure_delete = OFF",
    "cache_size = -8192",
)

# What SQLite says of the file that it writes, not of those that it reads.
OUTPUT_ERRORS = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_READONLY")


@contextmanager
def attached_output(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """A new database as schema ``out`` of ``connection``; it becomes ``path`` on success.

    Each statement commits by itself. After the block its statistics are made, so that readers,
    who cannot write, have them. Equal statements on equal rows give equal bytes. Not synced to
    disk: sealing does that once for the whole snapshot. Raises :class:`SnapshotError` where there
    is no space for it.
    """
    with replacing(path, durable=False) as temporary:
        connection.isolation_level = None
        connection.execute("ATTACH ? AS out", (str(temporary.absolute()),))
        try:
            for setting in SETTINGS:
                connection.execute(f"PRAGMA out.{setting}")
            yield
            connection.execute("ANALYZE out")
            connection.execute("PRAGMA out.optimize")
        except sqlite3.Error as error:
            if _is_of_output(error):
                raise SnapshotError(
                    f"{path}: cannot be written: {error}; free space there"
                ) from None
            raise
        finally:
            if connection.in_transaction:
                connection.rollback()
            connection.execute("DETACH out")


@contextmanager
def attached_input(
    connection: sqlite3.Connection, path: Path, schema: str, *, immutable: bool = True
) -> Iterator[None]:
    """A finished database, read-only, as ``schema`` of ``connection`` (opened with ``uri=True``).

    ``immutable`` spares locking, and is for files that nobody writes.
    Raises :class:`SnapshotError`, naming ``path``, where it is missing or damaged, whether that
    shows at once or only inside the block.
    """
    if not path.is_file():
        raise SnapshotError(f"{path}: no such file; build it first")
    try:
        uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable={immutable:d}"
        connection.execute(f"ATTACH ? AS {schema}", (uri,))
        try:
            yield
        finally:
            connection.execute(f"DETACH {schema}")
    except sqlite3.DatabaseError as error:
        if _is_of_output(error):
            raise
        raise SnapshotError(f"{path}: cannot be used ({error}); build it again") from error


def _is_of_output(error: sqlite3.Error) -> bool:
    return str(getattr(error, "sqlite_errorname", "")).startswith(OUTPUT_ERRORS)


def open_database(path: Path) -> sqlite3.Connection:
    """A finished database, read-only and ``immutable``: nothing may write it while it is open.

    Raises :class:`SnapshotError` where it is missing or no database.
    """
    if not path.is_file():
        raise SnapshotError(f"{path}: no such file; build it first")
    uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise SnapshotError(f"{path}: cannot be used ({error}); build it again") from error
    return connection


def tables(connection: sqlite3.Connection, schema: str = "main") -> dict[str, list[str]]:
    """Columns by table, tables sorted by name, SQLite's own left out."""
    names = connection.execute(
        f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY name"
    ).fetchall()
    return {
        name: [row[1] for row in connection.execute(f'PRAGMA {schema}.table_info("{name}")')]
        for (name,) in names
    }


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    def build(path: Path) -> bytes:
        connection = sqlite3.connect(":memory:")
        with attached_output(connection, path):
            connection.execute("CREATE TABLE out.t (a INTEGER PRIMARY KEY, b TEXT)")
            connection.executemany("INSERT INTO out.t VALUES (?, ?)", [(1, "x"), (2, "y")])
            connection.execute("CREATE INDEX out.t_b ON t (b)")
        connection.close()
        return path.read_bytes()

    first = build(tmp_path / "a.sqlite")
    assert first == build(tmp_path / "deep" / "b.sqlite")
    db = open_database(tmp_path / "a.sqlite")
    assert tables(db) == {"t": ["a", "b"]}
    assert db.execute("SELECT stat FROM sqlite_stat1").fetchone() == ("2 1",)
    db.close()


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    import pytest

    connection = sqlite3.connect(":memory:")
    with pytest.raises(KeyError), attached_output(connection, tmp_path / "a.sqlite"):
        connection.execute("CREATE TABLE out.t (a)")
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    assert [row[1] for row in connection.execute("PRAGMA database_list")] == ["main"]
    connection.close()


def test_a_damaged_input_is_named(tmp_path: Path) -> None:
    import pytest

    connection = sqlite3.connect(":memory:", uri=True)
    bad = tmp_path / "bad.sqlite"
    with (
        pytest.raises(SnapshotError, match=r"bad\.sqlite: no such file"),
        attached_input(connection, bad, "pick"),
    ):
        pass
    bad.write_bytes(b"nonsense" * 1000)
    with (
        pytest.raises(SnapshotError, match=r"bad\.sqlite: cannot be used"),
        attached_input(connection, bad, "pick"),
    ):
        tables(connection, "pick")
    with pytest.raises(SnapshotError, match=r"bad\.sqlite: cannot be used"):
        open_database(bad)
    connection.close()
