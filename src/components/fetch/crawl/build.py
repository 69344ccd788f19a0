"""``source/source.sqlite`` from a crawl: its pages, the newest details, what is known elsewhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from components.core.database import Writer
from components.core.errors import ConfigError
from components.fetch.crawl.routes import data_of, detail_items, read_page
from components.fetch.crawl.state import Crawl, item_digest
from components.net.answer import Answer
from components.source.part import Row, part_number, part_row
from components.source.schema import take, write
from components.store.object_store import ObjectStore

_ITEMS = """CREATE TABLE IF NOT EXISTS item (
    lcsc INTEGER PRIMARY KEY, content TEXT NOT NULL, digest BLOB NOT NULL)"""
# By the order in which answers are best read: one can hold a thousand parts. 0: no details.
_KNOWN = """CREATE TABLE known (
    answer INTEGER NOT NULL, lcsc INTEGER NOT NULL, PRIMARY KEY (answer, lcsc)) WITHOUT ROWID"""


class Build:
    """One catalogue in the making, in a :func:`components.source.schema.workspace`."""

    def __init__(
        self,
        connection: Writer,
        store: ObjectStore,
        crawl: Crawl,
        earlier: Path,
        preferred: Path | None,
    ) -> None:
        self._connection = connection
        self._store = store
        self._crawl = crawl
        self._listed = None if preferred is None else read_numbers(preferred)
        if self._listed is None and _tells_preferred(earlier):
            connection.execute("ATTACH ? AS earlier", (f"{earlier.absolute().as_uri()}?mode=ro",))
        else:
            connection.execute("ATTACH ':memory:' AS earlier")
            connection.execute(
                "CREATE TABLE earlier.components (lcsc INTEGER PRIMARY KEY, preferred)"
            )

    def take_pages(self) -> int:
        """Read the crawl's pages; how many parts they name. Of two of a part the later counts.

        Raises :class:`~components.core.errors.StoreError` for a missing or damaged page.
        """
        connection = self._connection
        connection.execute(_ITEMS)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT OR REPLACE INTO item VALUES (?, ?, ?)",
            (
                (number, json.dumps(item), item_digest(item))
                for item in self._items()
                if (number := part_number(item)) is not None
            ),
        )
        connection.execute("COMMIT")
        count: int = connection.execute("SELECT count(*) FROM item").fetchone()[0]
        return count

    def _items(self) -> Iterator[dict[str, Any]]:
        for key in self._crawl.page_keys():
            page = read_page(Answer(key, 200, "", self._store.get(key), {}), set())
            yield from page.items

    def digest(self, number: int) -> bytes:
        """What a part's details may depend on, of what the list says of it now."""
        (digest,) = self._connection.execute(
            "SELECT digest FROM item WHERE lcsc = ?", (number,)
        ).fetchone()
        return bytes(digest)

    def write(self, output: Path, now_s: int, meta: Mapping[str, str]) -> int:
        """Write the catalogue with the details known by now; how many parts it has."""
        self._connection.execute("DELETE FROM row")
        keys = self._join_details()
        take(self._connection, self._crawl.dated(self._rows(keys), now_s))
        return write(self._connection, output, meta)

    def _join_details(self) -> dict[int, str]:
        """Note which answer tells of each part; the objects' keys by the order of reading."""
        connection = self._connection
        connection.execute("DROP TABLE IF EXISTS known")
        connection.execute(_KNOWN)
        with self._crawl.attached_to(connection):
            answers = connection.execute("SELECT id, stored_key FROM crawl.answer").fetchall()
            # Answers in one pack are read in its order.
            answers.sort(key=lambda answer: (self._store.place(answer[1]), answer[1]))
            connection.execute("DROP TABLE IF EXISTS reading")
            connection.execute("CREATE TABLE reading (answer INTEGER PRIMARY KEY, place INTEGER)")
            connection.executemany(
                "INSERT INTO reading VALUES (?, ?)",
                ((answer[0], place) for place, answer in enumerate(answers, 1)),
            )
            connection.execute(
                "INSERT INTO known SELECT coalesce(r.place, 0), i.lcsc FROM item i"
                " LEFT JOIN crawl.detail d ON d.lcsc = i.lcsc"
                " LEFT JOIN reading r ON r.answer = d.answer"
            )
        return {place: answer[1] for place, answer in enumerate(answers, 1)}

    def _rows(self, keys: Mapping[int, str]) -> Iterator[Row]:
        rows = self._connection.execute(
            "SELECT i.content, k.answer, e.preferred FROM known k JOIN item i ON i.lcsc = k.lcsc"
            " LEFT JOIN earlier.components e ON e.lcsc = k.lcsc ORDER BY k.answer, k.lcsc"
        )
        open_answer: int = 0
        details: dict[int | None, dict[str, Any]] = {}
        for content, answer, preferred in rows:
            if answer != open_answer:
                open_answer, details = answer, self._details(keys[answer])
            item = orjson.loads(content)
            number = part_number(item)
            if self._listed is not None:
                preferred = 1 if number in self._listed else None
            row = part_row(item, details.get(number, {}), preferred)
            if row is not None:
                yield row

    def _details(self, key: str) -> dict[int | None, dict[str, Any]]:
        answer = Answer(key, 200, "", self._store.get(key), {})
        return {part_number(item): item for item in detail_items(data_of(answer, ""))}


def read_numbers(path: Path) -> frozenset[int]:
    """The part numbers of a list, one a line, with or without their C; ``#`` begins a comment.

    Raises :class:`ConfigError` naming the file and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ConfigError(f"paths.preferred_parts: {path}: {reason}") from None
    numbers = set()
    for place, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip().upper().removeprefix("C")
        if not text:
            continue
        if not (text.isascii() and text.isdecimal() and len(text) <= 12):
            raise ConfigError(f"paths.preferred_parts: {path}, line {place}: no part number")
        numbers.add(int(text))
    return frozenset(numbers)


def _tells_preferred(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            names = {row[1] for row in connection.execute("PRAGMA table_info(components)")}
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False
    return {"lcsc", "preferred"} <= names


def _crawl_of(folder: Path, store: ObjectStore, items: Iterable[dict[str, Any]]) -> Crawl:
    crawl = Crawl(folder / "crawl.sqlite3", "a")
    page = {"code": 200, "data": {"componentInfos": list(items)}}
    crawl.add_page(None, None, store.put("jlc_component_page", orjson.dumps(page)).key)
    return crawl


def test_pages_and_details_become_rows(tmp_path: Path) -> None:
    from components.source.schema import workspace

    store = ObjectStore(tmp_path / "objects", None)
    crawl = _crawl_of(tmp_path, store, [{"lcscPart": f"C{n}", "stock": n} for n in (2, 1, 3, 2)])
    parts = [{"componentCode": "C1", "parameters": [{"parameterName": "R", "parameterValue": "1"}]}]
    kept = store.put("jlc_component_detail", orjson.dumps({"code": 200, "data": parts}))
    crawl.add_details([(1, b"d")], kept.key, 5)
    (tmp_path / "preferred").write_text("# these\nC2\n\n3 # too\n")
    output = tmp_path / "s.sqlite"

    def build(preferred: Path | None) -> list[tuple[Any, ...]]:
        with workspace(tmp_path) as connection:
            made = Build(connection, store, crawl, output, preferred)
            assert made.take_pages() == 3
            made.write(output, 9, {"origin": "live"})
        with closing(sqlite3.connect(output)) as db:
            return db.execute("SELECT lcsc, preferred, jlc_extra FROM components").fetchall()

    known = '{"attributes":[{"parameterName":"R","parameterValue":"1"}]}'
    none = '{"attributes":[]}'
    assert build(None) == [(1, None, known), (2, None, none), (3, None, none)]
    assert build(tmp_path / "preferred") == [(1, None, known), (2, 1, none), (3, 1, none)]
    # Without the list, what the earlier catalogue knew stays known.
    assert build(None) == [(1, None, known), (2, 1, none), (3, 1, none)]
    crawl.close()


def test_a_list_of_numbers_names_its_wrong_line(tmp_path: Path) -> None:
    import pytest

    path = tmp_path / "list"
    with pytest.raises(ConfigError, match=r"preferred_parts: .*list: No such file"):
        read_numbers(path)
    path.write_text("C1\n2,3\n")
    with pytest.raises(ConfigError, match=r"list, line 2: no part number"):
        read_numbers(path)
