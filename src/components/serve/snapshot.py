"""One published snapshot, opened for reading: lookup index, databases, metadata.

Everything is opened below one folder, so that a reply never mixes two snapshots.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from components.core.errors import ComponentsError, SnapshotError
from components.core.files import sha256_file
from components.core.layout import SNAPSHOT_FILES
from components.core.sums import SUMS, read_sums
from components.find.makers import Makers
from components.serve.older import complete

CACHE_KIB = 512
MMAP_BYTES = 1 << 30
# Databases whose connections see another one too, under that name.
_ATTACHED = {"fast.sqlite": ("detail", "detail.sqlite")}
# A name becomes a header's value and part of paths.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


class Reply(NamedTuple):
    """What an engine answers: an HTTP status and the bytes of a JSON document."""

    status: int
    body: bytes


class Engine(Protocol):
    """What a snapshot needs of the lookup library; every call may come from any thread."""

    def query(self, body: bytes, /) -> tuple[int, bytes]: ...
    def query_batch(self, body: bytes, /) -> tuple[int, bytes]: ...
    def open_batch(self, body: bytes, /) -> tuple[int, Any]: ...
    def close(self) -> None: ...


T = TypeVar("T")
OpenEngine = Callable[[Path], Engine]
Hold = Callable[[Path], AbstractContextManager[Any]]


class Snapshot:
    """An open snapshot. Used from the event loop's thread, but for :meth:`database`."""

    def __init__(self, folder: Path, open_engine: OpenEngine, stack: ExitStack) -> None:
        self.name = folder.name
        self.folder = folder
        self.header = (b"x-snapshot", self.name.encode("ascii"))
        self.metadata = _metadata(folder / "metadata.json")
        self._engine = open_engine(folder / "lookup.idx")
        stack.callback(self._engine.close)
        self._take_functions()
        self._stack = stack
        self._idle: dict[str, list[sqlite3.Connection]] = {
            name: [] for name in ("detail.sqlite", "fast.sqlite", "search.sqlite")
        }
        self._kept: dict[object, Any] = {}
        self._users = 0
        self._retired = False
        with self.database() as connection:
            for table in ("components_full", "component_assets"):
                connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()

    @classmethod
    def open(
        cls, folder: Path, open_engine: OpenEngine, hold: Hold, *, verify_hashes: bool = False
    ) -> Snapshot:
        """Open the snapshot in ``folder``, which is held against pruning until it is closed.

        Raises :class:`SnapshotError` where it is not whole, and :class:`LookupIndexError` where
        its index cannot be used; nothing stays open then.
        """
        with ExitStack() as stack:
            stack.enter_context(hold(folder))
            check_whole(folder, verify_hashes=verify_hashes)
            try:
                snapshot = cls(folder, open_engine, stack)
            except (OSError, sqlite3.Error) as error:
                raise SnapshotError(f"{folder}: cannot be opened: {error}") from None
            snapshot._stack = stack.pop_all()
            return snapshot

    def acquire(self) -> Snapshot:
        """Keep it open until the same number of :meth:`release`."""
        self._users += 1
        return self

    def release(self) -> None:
        self._users -= 1
        self._close_if_unused()

    def retire(self) -> None:
        """Close as soon as nothing uses it any more."""
        self._retired = True
        self._close_if_unused()

    @property
    def is_open(self) -> bool:
        return not (self._retired and self._users == 0)

    @contextmanager
    def database(self, name: str = "detail.sqlite") -> Iterator[sqlite3.Connection]:
        """A connection for the calling thread alone; rows by column name.

        With ``fast.sqlite`` comes ``detail.sqlite``, as ``detail``.
        """
        idle = self._idle[name]
        try:
            connection = idle.pop()
        except IndexError:
            connection = open_readonly(self.folder / name)
            if name in _ATTACHED:
                schema, other = _ATTACHED[name]
                _attach(connection, schema, self.folder / other)
        try:
            yield connection
        finally:
            idle.append(connection)

    def kept(self, key: object, make: Callable[[], T]) -> T:
        """What ``make()`` read of this snapshot, made when first asked for and let go with it.

        From any thread; two that ask at once may both make it.
        """
        try:
            found: T = self._kept[key]
        except KeyError:
            found = self._kept.setdefault(key, make())
        return found

    def has_kept(self, key: object) -> bool:
        """Whether that was made already."""
        return key in self._kept

    @cached_property
    def makers(self) -> Makers:
        """The manufacturers' names, read when they are first asked for."""
        with self.database() as connection:
            return Makers.of(connection)

    def query_batch(self, body: bytes) -> tuple[int, bytes]:
        """Many queries for our own use; the reply lies in memory whole."""
        return self._engine.query_batch(body)

    def _close_if_unused(self) -> None:
        if self._retired and self._users == 0:
            for idle in self._idle.values():
                while idle:
                    idle.pop().close()
            self._kept.clear()
            self._stack.close()
            # Those that were taken before would keep the index open.
            self._take_functions()

    def _take_functions(self) -> None:
        self.query = self._engine.query
        self.open_batch = self._engine.open_batch


def open_readonly(path: Path) -> sqlite3.Connection:
    """A database that nobody changes: no locks, no journal, no writes.

    Raises :class:`SnapshotError` where it is no database.
    """
    try:
        connection = sqlite3.connect(
            _address(path), uri=True, check_same_thread=False, cached_statements=1024
        )
        _limit(connection, "main")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if path.name == "fast.sqlite":
            complete(connection, path)
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise SnapshotError(f"{path}: cannot be opened: {error}; publish again") from None
    connection.row_factory = sqlite3.Row
    # Texts were made by strangers; one that is not UTF-8 must not fail the request.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def _address(path: Path) -> str:
    return f"file:{quote(str(path))}?mode=ro&immutable=1"


def _attach(connection: sqlite3.Connection, schema: str, path: Path) -> None:
    connection.execute(f"ATTACH ? AS {schema}", (_address(path),))
    _limit(connection, schema)


def _limit(connection: sqlite3.Connection, schema: str) -> None:
    # As many connections as requests at once; what they read is in the page cache anyway.
    connection.execute(f"PRAGMA {schema}.cache_size = -{CACHE_KIB}")
    # A sealed file never shrinks, so its pages can be read where the system has them.
    connection.execute(f"PRAGMA {schema}.mmap_size = {MMAP_BYTES}")


def check_whole(folder: Path, *, verify_hashes: bool = False) -> None:
    """Raise :class:`SnapshotError` unless every file of a snapshot is there and untruncated.

    Its hashes are compared only on ``verify_hashes``, since that reads every byte; the lookup
    index checks itself when it is opened.
    """
    if not _NAME.fullmatch(folder.name):
        raise SnapshotError(f"{folder.name!r}: not a snapshot's name")
    try:
        sums = read_sums(folder)
        for name in sorted(sums):
            if not (folder / name).stat().st_size:
                raise SnapshotError(f"{folder / name}: is empty; publish again")
            if name.endswith(".sqlite"):
                _check_sqlite_size(folder / name)
            if verify_hashes and sha256_file(folder / name) != sums[name]:
                raise SnapshotError(f"{folder / name}: differs from {SUMS}; publish again")
    except OSError as error:
        raise SnapshotError(f"{error.filename}: {error.strerror}; publish again") from None


def signature(folder: Path) -> tuple[tuple[int, int, int], ...]:
    """Changes when a file of the snapshot is replaced, added or removed."""
    found = []
    for path in (folder, *(folder / name for name in SNAPSHOT_FILES)):
        try:
            status = path.stat()
        except OSError:
            found.append((0, 0, 0))
        else:
            size_bytes = 0 if path is folder else status.st_size
            found.append((status.st_ino, size_bytes, status.st_mtime_ns))
    return tuple(found)


def _check_sqlite_size(path: Path) -> None:
    # https://www.sqlite.org/fileformat.html: page size at offset 16, pages at 28, big-endian.
    with path.open("rb") as file:
        head = file.read(100)
    page_size_bytes = int.from_bytes(head[16:18], "big")
    page_size_bytes = 65536 if page_size_bytes == 1 else page_size_bytes
    expected_bytes = page_size_bytes * int.from_bytes(head[28:32], "big")
    if not head.startswith(b"SQLite format 3\x00") or path.stat().st_size < expected_bytes:
        raise SnapshotError(f"{path}: is truncated or no database; publish again")


def _metadata(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path}: cannot be read: {error}; publish again") from None
    if not isinstance(content, dict):
        raise SnapshotError(f"{path}: is no JSON object; publish again")
    return content


def describe(error: BaseException) -> str:
    """One line for status and log; what is not ours is named with its type."""
    return str(error) if isinstance(error, ComponentsError) else f"{type(error).__name__}: {error}"
