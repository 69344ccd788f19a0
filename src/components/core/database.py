"""New SQLite files whose bytes depend on their rows alone.

Another release of SQLite writes other bytes (its version stands in the header; statistics and
JSON functions change), and Python brings whichever the system has. So products are written by the
one that is locked with the other requirements, :func:`writer`. Reading is any SQLite's work.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import apsw

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

MAPPED_BYTES_MAX = 256 << 20
"""Of a file that is read all over, so much is mapped; the rest is read page by page."""

# What SQLite says of the file that it writes, not of those that it reads.
OUTPUT_ERRORS = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_READONLY")
DATABASE_ERRORS = (sqlite3.DatabaseError, apsw.Error)
VERSION = apsw.sqlite_lib_version()
"""The SQLite that writes products."""


class Cursor(apsw.Cursor):
    """A cursor that also tells how many rows its statement changed, as the standard one does."""

    @property
    def rowcount(self) -> int:
        return self.connection.changes()

    def fetchall(self) -> list[Any]:
        return super().fetchall()

    def fetchone(self) -> Any:
        return super().fetchone()

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return super().__iter__()


class Writer(apsw.Connection):
    """A connection of the locked SQLite; each statement commits by itself."""

    def execute(self, statements: str, bindings: Any = None, **options: Any) -> Cursor:
        return cast(Cursor, super().execute(statements, bindings, **options))

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any], *, deterministic: bool = False
    ) -> None:
        """As :meth:`sqlite3.Connection.create_function`."""
        self.create_scalar_function(name, func, narg, deterministic=deterministic)

    def executescript(self, statements: str) -> None:
        """As :meth:`sqlite3.Connection.executescript`."""
        self.execute(statements)


Connection = sqlite3.Connection | Writer


def writer(address: str = ":memory:") -> Writer:
    """A connection that products are written by: a path, or a URI as SQLite has them."""
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
    connection = Writer(address, flags=flags)
    connection.cursor_factory = Cursor
    return connection


@contextmanager
def attached_output(connection: Writer, path: Path) -> Iterator[None]:
    """A new database as schema ``out`` of ``connection``; it becomes ``path`` on success.

    Each statement commits by itself. After the block its statistics are made, so that readers,
    who cannot write, have them. Equal statements on equal rows give equal bytes. Not synced to
    disk: sealing does that once for the whole snapshot. Raises :class:`SnapshotError` where there
    is no space for it.
    """
    with replacing(path, durable=False) as temporary:
        connection.execute("ATTACH ? AS out", (str(temporary.absolute()),))
        try:
            for setting in SETTINGS:
                connection.execute(f"PRAGMA out.{setting}")
            yield
            connection.execute("ANALYZE out")
            connection.execute("PRAGMA out.optimize")
        except apsw.Error as error:
            if _is_of_output(error):
                raise SnapshotError(
                    f"{path}: cannot be written: {error}; free space there"
                ) from None
            raise
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("DETACH out")


@contextmanager
def attached_input(
    connection: Connection, path: Path, schema: str, *, immutable: bool = True
) -> Iterator[None]:
    """A finished database, read-only, as ``schema`` of ``connection`` (which reads URIs).

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
    except DATABASE_ERRORS as error:
        if _is_of_output(error):
            raise
        raise SnapshotError(f"{path}: cannot be used ({error}); build it again") from error


def read_mapped(connection: Connection, schema: str = "main") -> None:
    """Read the first of a database's bytes from a mapping, which spares copying each page.

    For files of our own making that nobody cuts short: a mapping that loses its file is fatal.
    """
    connection.execute(f"PRAGMA {schema}.mmap_size = {MAPPED_BYTES_MAX}")


def _is_of_output(error: Exception) -> bool:
    name = getattr(error, "sqlite_errorname", "")
    if isinstance(error, apsw.Error):
        codes = apsw.mapping_extended_result_codes | apsw.mapping_result_codes
        name = codes.get(getattr(error, "extendedresult", 0), "")
    return str(name).startswith(OUTPUT_ERRORS)


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


def tables(connection: Connection, schema: str = "main") -> dict[str, list[str]]:
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
        connection = writer()
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
    # The header's last field is the version of what wrote the file.
    assert int.from_bytes(first[96:100], "big") == apsw.SQLITE_VERSION_NUMBER


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    import pytest

    connection = writer()
    with pytest.raises(KeyError), attached_output(connection, tmp_path / "a.sqlite"):
        connection.execute("CREATE TABLE out.t (a)")
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    assert [row[1] for row in connection.execute("PRAGMA database_list")] == ["main"]
    connection.close()


def test_a_damaged_input_is_named(tmp_path: Path) -> None:
    import pytest

    connection = writer()
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
