"""What somebody else wrote and may still change: folders and databases that are not trusted.

A file is opened below its folder without following a link, must be a regular one, and is read up
to a limit. A database may hold views that never end, or columns that compute what they hold:
only plain tables are read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path, PurePosixPath

import apsw

from components.core.database import Connection
from components.core.errors import ComponentsError
from components.core.files import COPY_BYTES

VALUE_MAX_BYTES = 64 << 20
Failure = Callable[[str], ComponentsError]


class ForeignFolder:
    """A folder of another's; ``failure`` makes the errors."""

    def __init__(self, root: Path, failure: Failure) -> None:
        self.root = root
        self._failure = failure

    @contextmanager
    def opened(self, relative: str) -> Iterator[BufferedReader]:
        """A regular file below the folder, reached without a link."""
        names = PurePosixPath(relative).parts
        if not names or {"..", "/"} & set(names):
            raise self._failure(f"{relative}: leads out of {self.root}")
        handles: list[int] = []
        try:
            handles.append(os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            for name in names[:-1]:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                handles.append(os.open(name, flags, dir_fd=handles[-1]))
            # Without waiting: a pipe that nobody writes would be waited for for ever.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            handle = os.open(names[-1], flags, dir_fd=handles[-1])
        except OSError as error:
            text = f"{self.root / relative}: cannot be opened without following links"
            raise self._failure(f"{text}: {error.strerror}") from None
        finally:
            for folder in handles:
                os.close(folder)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise self._failure(f"{self.root / relative}: is no regular file")
        with os.fdopen(handle, "rb") as file:
            yield file

    def read(self, relative: str, max_bytes: int) -> bytes:
        """A file's bytes, of at most ``max_bytes``."""
        with self.opened(relative) as file:
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise self._failure(f"{self.root / relative}: larger than {max_bytes} bytes")
        return data

    def copy(self, relative: str, target: Path) -> str:
        """Copy a file to ``target``, a new file; the SHA-256 of what was copied."""
        digest = hashlib.sha256()
        with self.opened(relative) as file, target.open("xb") as writer:
            left = os.fstat(file.fileno()).st_size
            if left > shutil.disk_usage(target.parent).free:
                raise self._failure(
                    f"{self.root / relative}: {left} bytes, more than there is room"
                )
            while left > 0 and (data := file.read(min(COPY_BYTES, left))):
                digest.update(data)
                writer.write(data)
                left -= len(data)
        return digest.hexdigest()

    def names(self, relative: str, most: int = 100_000) -> list[str]:
        """What a folder below this one holds, sorted; nothing where it is none."""
        path = self.root / relative
        if path.is_symlink() or not path.is_dir():
            return []
        found = []
        with os.scandir(path) as entries:
            for entry in entries:
                found.append(entry.name)
                if len(found) > most:
                    raise self._failure(f"{path}: holds more than {most} files")
        return sorted(found)


def plain_tables(
    connection: Connection, tables: Iterable[str], failure: Failure, schema: str = "main"
) -> None:
    """Raise unless each name is a plain table; from then on no value may be endless."""
    connection.execute("PRAGMA trusted_schema = OFF")
    if isinstance(connection, sqlite3.Connection):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES)
    else:
        connection.limit(apsw.SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES)
    for table in tables:
        row = connection.execute(
            f"SELECT type, upper(sql) FROM {schema}.sqlite_master WHERE lower(name) = ?", (table,)
        ).fetchone()
        if row is None:
            raise failure(f"no table {table}")
        if row[0] != "table" or str(row[1]).split()[:2] != ["CREATE", "TABLE"]:
            raise failure(f"{table} is no plain table, but a {row[0]}")
        columns = connection.execute(f'PRAGMA {schema}.table_xinfo("{table}")').fetchall()
        if computed := [column[1] for column in columns if column[6] > 1]:
            raise failure(f"column {computed[0]} of {table} is computed")


def is_view(connection: Connection, name: str, declared: str) -> bool:
    """Whether ``name`` is the view that ``declared`` makes, word for word."""
    query = "SELECT type, sql FROM sqlite_master WHERE lower(name) = ?"
    row = connection.execute(query, (name,)).fetchone()
    return row is not None and tuple(row) == ("view", declared)


def test_only_regular_files_below_the_folder_are_read(tmp_path: Path) -> None:
    import pytest

    root = tmp_path / "theirs"
    (root / "in").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (root / "in" / "plain").write_text("plain")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "out").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    folder = ForeignFolder(root, ComponentsError)
    assert folder.read("in/plain", 5) == b"plain"
    assert folder.copy("in/plain", tmp_path / "copy") == hashlib.sha256(b"plain").hexdigest()
    for path in ("link", "out/secret", "pipe", "in", "none", "../secret/../secret", "/dev/zero"):
        with pytest.raises(ComponentsError):
            folder.read(path, 10)
    with pytest.raises(ComponentsError, match="larger than 4 bytes"):
        folder.read("in/plain", 4)
    (root / "sparse").touch()
    os.truncate(root / "sparse", 1 << 42)
    with pytest.raises(ComponentsError, match="more than there is room"):
        folder.copy("sparse", tmp_path / "sparse")
    assert folder.names("in") == ["plain"] and folder.names("out") == []


def test_what_computes_its_rows_is_no_table(tmp_path: Path) -> None:
    import pytest

    endless = "WITH RECURSIVE n(id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n) SELECT id FROM n"
    for statement, reason in (
        (f"CREATE VIEW t AS {endless}", "is no plain table, but a view"),
        ("CREATE VIRTUAL TABLE t USING fts5(id)", "is no plain table"),
        ("CREATE TABLE t (id, big AS (zeroblob(1000000000)))", "column big of t is computed"),
        ("CREATE TABLE other (id)", "no table t"),
    ):
        connection = sqlite3.connect(":memory:")
        connection.execute(statement)
        with pytest.raises(ComponentsError, match=reason):
            plain_tables(connection, ["t"], ComponentsError)
        connection.close()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE T (id)")
    plain_tables(connection, ["t"], ComponentsError)
    with pytest.raises(sqlite3.Error):
        connection.execute("SELECT zeroblob(1000000000)").fetchone()
    connection.close()
