"""What a crawl knows, kept on disk after every step, so that a stopped or killed one goes on.

``source/crawl.sqlite3`` holds the pages of the present crawl by number, and of all crawls the
newest details of each part and when its row last changed. The pages and details themselves are
objects in the store.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from components.core.database import Connection
from components.core.errors import StoreError
from components.source.part import VOLATILE, Row

# Another shape of the tables is another crawl.
VERSION = 2
_DDL = (
    "CREATE TABLE IF NOT EXISTS crawl (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS page (
        number INTEGER PRIMARY KEY, asked_key TEXT, next_key TEXT, stored_key TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS answer (id INTEGER PRIMARY KEY, stored_key TEXT UNIQUE NOT NULL)",
    # An answer holds up to a thousand parts; NULL: JLC has no details of this one.
    """CREATE TABLE IF NOT EXISTS detail (
        lcsc INTEGER PRIMARY KEY, answer INTEGER, digest BLOB NOT NULL, asked_s INTEGER NOT NULL)
    """,
    """CREATE TABLE IF NOT EXISTS part (
        lcsc INTEGER PRIMARY KEY, digest BLOB NOT NULL, changed_s INTEGER NOT NULL)""",
)


class Cursor(NamedTuple):
    """Where a crawl is: how many pages it has, and the key to go on with (None: at the start)."""

    pages: int
    next_key: str | None

    @property
    def is_complete(self) -> bool:
        return self.pages > 0 and self.next_key is None


class Crawl:
    """The present crawl; ``basis`` says of what, and another basis begins anew.

    Raises :class:`StoreError` where the file is damaged.
    """

    def __init__(self, path: Path, basis: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._make_tables()
            if self.value("basis") != basis or self.value("built"):
                self.begin(basis)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise StoreError(f"{path}: damaged ({error}); remove it to crawl anew") from None

    def _make_tables(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            for name in ("crawl", "page", "answer", "detail", "part"):
                self._connection.execute(f"DROP TABLE IF EXISTS {name}")
            self._connection.execute(f"PRAGMA user_version = {VERSION}")
        for ddl in _DDL:
            self._connection.execute(ddl)

    def close(self) -> None:
        self._connection.close()

    def begin(self, basis: str | None = None) -> None:
        """Begin at the first page; of notes, those of the service stay."""
        basis = self.value("basis") if basis is None else basis
        with self._connection as connection:
            connection.execute("BEGIN")
            connection.execute("DELETE FROM crawl WHERE name <> 'pause_s'")
            connection.execute("DELETE FROM page")
            connection.execute("INSERT INTO crawl VALUES ('basis', ?)", (basis,))

    def value(self, name: str) -> str:
        """A note of this crawl; empty where there is none."""
        row = self._connection.execute("SELECT value FROM crawl WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def note(self, name: str, value: object) -> None:
        """Keep a note until the next crawl begins."""
        self._connection.execute("INSERT OR REPLACE INTO crawl VALUES (?, ?)", (name, str(value)))

    def cursor(self) -> Cursor:
        """Where to go on."""
        row = self._connection.execute(
            "SELECT number, next_key FROM page ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Cursor(row[0], row[1]) if row else Cursor(0, None)

    def seen_keys(self) -> set[str]:
        """Every key that this crawl has asked with."""
        rows = self._connection.execute("SELECT asked_key FROM page WHERE asked_key IS NOT NULL")
        return {row[0] for row in rows}

    def add_page(self, asked_key: str | None, next_key: str | None, stored_key: str) -> None:
        """The page after the last one; durable when this returns."""
        number = self.cursor().pages + 1
        self._connection.execute(
            "INSERT INTO page VALUES (?, ?, ?, ?)", (number, asked_key, next_key, stored_key)
        )

    def page_keys(self) -> list[str]:
        """The object keys of the pages, in order."""
        rows = self._connection.execute("SELECT stored_key FROM page ORDER BY number")
        return [row[0] for row in rows]

    def add_details(
        self, digests: Iterable[tuple[int, bytes]], stored_key: str | None, asked_s: int
    ) -> None:
        """Parts with the digests of what was asked for, and the object that tells of them all."""
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            answer = None
            if stored_key is not None:
                connection.execute(
                    "INSERT OR IGNORE INTO answer (stored_key) VALUES (?)", (stored_key,)
                )
                (answer,) = connection.execute(
                    "SELECT id FROM answer WHERE stored_key = ?", (stored_key,)
                ).fetchone()
            connection.executemany(
                "INSERT OR REPLACE INTO detail VALUES (?, ?, ?, ?)",
                ((number, answer, digest, asked_s) for number, digest in digests),
            )

    def detail(self, number: int) -> tuple[bytes, int, bool] | None:
        """A part's newest details: digest of what was asked, when, whether there are any."""
        row = self._connection.execute(
            "SELECT digest, asked_s, answer IS NOT NULL FROM detail WHERE lcsc = ?", (number,)
        ).fetchone()
        return (row[0], row[1], bool(row[2])) if row else None

    @contextmanager
    def attached_to(self, connection: Connection) -> Iterator[None]:
        """This file, read-only, as schema ``crawl`` of a connection that reads URIs."""
        path = self._connection.execute("PRAGMA database_list").fetchone()[2]
        connection.execute("ATTACH ? AS crawl", (f"{Path(path).as_uri()}?mode=ro",))
        try:
            yield
        finally:
            connection.execute("DETACH crawl")

    def answer_keys(self) -> set[str]:
        """The objects that hold some part's newest details."""
        rows = self._connection.execute(
            "SELECT stored_key FROM answer WHERE id IN (SELECT answer FROM detail)"
        )
        return {row[0] for row in rows}

    def dated(self, rows: Iterable[Row], now_s: int) -> Iterator[tuple[Row, int]]:
        """Each row with the time at which it last changed: ``now_s`` where it has changed now."""
        connection = self._connection
        connection.execute("BEGIN")
        try:
            for row in rows:
                digest = hashlib.blake2b(repr(row).encode(), digest_size=16).digest()
                old = connection.execute(
                    "SELECT digest, changed_s FROM part WHERE lcsc = ?", (row.lcsc,)
                ).fetchone()
                if old is None or old[0] != digest:
                    old = (digest, now_s)
                    connection.execute(
                        "INSERT OR REPLACE INTO part VALUES (?, ?, ?)", (row.lcsc, digest, now_s)
                    )
                yield row, old[1]
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def unfinished_pages(path: Path) -> int | None:
    """How many pages a crawl has that has not become a catalogue yet; None where there is none."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            built = db.execute("SELECT 1 FROM crawl WHERE name = 'built'").fetchone()
            pages = db.execute("SELECT count(*) FROM page").fetchone()[0]
    except sqlite3.Error:
        return None
    return None if built else pages


def item_digest(item: dict[str, Any]) -> bytes:
    """Changes with what a part's details may depend on, and not with its stock or price."""
    steady = sorted((key, repr(value)) for key, value in item.items() if key not in VOLATILE)
    return hashlib.blake2b(repr(steady).encode(), digest_size=8).digest()


def test_a_crawl_goes_on_after_its_last_page(tmp_path: Path) -> None:
    path = tmp_path / "source" / "crawl.sqlite3"
    crawl = Crawl(path, "a")
    assert crawl.cursor() == Cursor(0, None) and not crawl.cursor().is_complete
    crawl.add_page(None, "k1", "objects/1")
    crawl.add_page("k1", "k2", "objects/2")
    crawl.note("date_s", 17)
    crawl.close()
    crawl = Crawl(path, "a")
    assert crawl.cursor() == Cursor(2, "k2") and crawl.seen_keys() == {"k1"}
    assert crawl.value("date_s") == "17"
    crawl.add_page("k2", None, "objects/3")
    assert crawl.cursor().is_complete
    assert crawl.page_keys() == ["objects/1", "objects/2", "objects/3"]
    crawl.note("built", "yes")
    crawl.close()
    for basis in ("a", "b"):
        crawl = Crawl(path, basis)
        assert crawl.cursor() == Cursor(0, None) and crawl.value("date_s") == ""
        crawl.add_page(None, "k1", "objects/1")
        crawl.close()


def test_details_outlive_the_crawl(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    crawl = Crawl(path, "a")
    crawl.add_details([(1, b"x"), (2, b"y")], "objects/1", 10)
    crawl.add_details([(3, b"z")], None, 10)
    crawl.add_details([(2, b"y")], "objects/2", 20)
    crawl.note("pause_s", 0.5)
    crawl.note("built", "yes")
    crawl.close()
    crawl = Crawl(path, "a")
    assert [crawl.detail(number) for number in (1, 2, 3, 4)] == [
        (b"x", 10, True),
        (b"y", 20, True),
        (b"z", 10, False),
        None,
    ]
    assert crawl.answer_keys() == {"objects/1", "objects/2"} and crawl.value("pause_s") == "0.5"
    crawl.close()


def test_only_changed_rows_get_the_new_time(tmp_path: Path) -> None:
    def row(number: int, stock: int) -> Row:
        return Row(number, "a", "b", "c", "d", 2, "m", 0, None, "", "", stock, "[]", "{}", "{}")

    crawl = Crawl(tmp_path / "c.sqlite3", "a")
    assert [time for _, time in crawl.dated([row(1, 5), row(2, 5)], 10)] == [10, 10]
    assert [time for _, time in crawl.dated([row(1, 5), row(2, 6)], 20)] == [10, 20]
    crawl.close()


def test_stock_and_price_do_not_touch_the_digest() -> None:
    item = {"lcscPart": "C1", "stock": 5, "price": "1-:2", "description": "x"}
    assert item_digest(item) == item_digest({**item, "stock": 6, "price": "1-:3"})
    assert item_digest(item) != item_digest({**item, "description": "y"})
