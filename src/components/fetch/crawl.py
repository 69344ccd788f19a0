"""A crawl of JLC's list, kept on disk after every page, so that a killed one goes on from there.

``source/crawl.sqlite3`` holds the pages of the present crawl by number, and for each part when its
row last changed. The pages and details themselves are objects in the store.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from components.core.errors import StoreError
from components.fetch.jlc_part import VOLATILE, Row

_DDL = (
    "CREATE TABLE IF NOT EXISTS crawl (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS page (
        number INTEGER PRIMARY KEY, asked_key TEXT, next_key TEXT, stored_key TEXT NOT NULL)""",
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
        self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            for ddl in _DDL:
                self._connection.execute(ddl)
            if self.value("basis") != basis or self.value("built"):
                self._begin(basis)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise StoreError(f"{path}: damaged ({error}); remove it to crawl anew") from None

    def close(self) -> None:
        self._connection.close()

    def _begin(self, basis: str) -> None:
        with self._connection as connection:
            connection.execute("BEGIN")
            connection.execute("DELETE FROM crawl")
            connection.execute("DELETE FROM page")
            connection.execute("INSERT INTO crawl VALUES ('basis', ?)", (basis,))

    def value(self, name: str) -> str:
        """A note of this crawl; empty where there is none."""
        row = self._connection.execute("SELECT value FROM crawl WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def note(self, name: str, value: str) -> None:
        """Keep a note until the next crawl begins."""
        self._connection.execute("INSERT OR REPLACE INTO crawl VALUES (?, ?)", (name, value))

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


def item_digest(item: dict[str, Any]) -> str:
    """Changes with what a part's detail may depend on, and not with its stock or price."""
    steady = sorted((key, repr(value)) for key, value in item.items() if key not in VOLATILE)
    return hashlib.blake2b(repr(steady).encode(), digest_size=8).hexdigest()


def test_a_crawl_goes_on_after_its_last_page(tmp_path: Path) -> None:
    path = tmp_path / "source" / "crawl.sqlite3"
    crawl = Crawl(path, "a")
    assert crawl.cursor() == Cursor(0, None) and not crawl.cursor().is_complete
    crawl.add_page(None, "k1", "objects/1")
    crawl.add_page("k1", "k2", "objects/2")
    crawl.note("date_s", "17")
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


def test_only_changed_rows_get_the_new_time(tmp_path: Path) -> None:
    def row(number: int, stock: int) -> Row:
        return Row(number, "a", "b", "c", "d", 2, "m", 0, 0, "", "", stock, "[]", "{}", "{}")

    crawl = Crawl(tmp_path / "c.sqlite3", "a")
    assert [time for _, time in crawl.dated([row(1, 5), row(2, 5)], 10)] == [10, 10]
    assert [time for _, time in crawl.dated([row(1, 5), row(2, 6)], 20)] == [10, 20]
    crawl.close()


def test_stock_and_price_do_not_touch_the_digest() -> None:
    item = {"lcscPart": "C1", "stock": 5, "price": "1-:2", "description": "x"}
    assert item_digest(item) == item_digest({**item, "stock": 6, "price": "1-:3"})
    assert item_digest(item) != item_digest({**item, "description": "y"})
