"""``source/source.sqlite``: JLC's raw answers as a catalogue in the schema of jlcparts (MIT)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from components.core.files import replacing
from components.fetch.crawl import Crawl
from components.fetch.jlc import data_of, detail_items, read_page
from components.fetch.jlc_part import Row, part_number, part_row
from components.net.answer import Answer
from components.store.object_store import ObjectStore

SCHEMA = """
CREATE TABLE components (
    lcsc INTEGER PRIMARY KEY NOT NULL,
    category_id INTEGER NOT NULL,
    mfr TEXT NOT NULL,
    package TEXT NOT NULL,
    joints INTEGER NOT NULL,
    manufacturer_id INTEGER NOT NULL,
    basic INTEGER NOT NULL,
    preferred INTEGER NOT NULL DEFAULT 0,
    description TEXT NOT NULL,
    datasheet TEXT NOT NULL,
    stock INTEGER NOT NULL,
    price TEXT NOT NULL,
    last_update INTEGER NOT NULL,
    extra TEXT,
    flag INTEGER NOT NULL DEFAULT 0,
    last_on_stock INTEGER NOT NULL DEFAULT 0,
    jlc_extra TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE manufacturers (
    id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, UNIQUE (id, name)
);
CREATE TABLE categories (
    id INTEGER PRIMARY KEY NOT NULL, category TEXT NOT NULL, subcategory TEXT NOT NULL,
    UNIQUE (id, category, subcategory)
);
"""
INDEXES = """
CREATE INDEX components_category ON components (category_id);
CREATE INDEX components_manufacturer ON components (manufacturer_id);
CREATE VIEW v_components AS
    SELECT c.lcsc AS lcsc, c.category_id AS category_id, cat.category AS category,
        cat.subcategory AS subcategory, c.mfr AS mfr, c.package AS package, c.joints AS joints,
        m.name AS manufacturer, c.basic AS basic, c.preferred AS preferred,
        c.description AS description, c.datasheet AS datasheet, c.stock AS stock,
        c.last_on_stock AS last_on_stock, c.price AS price, c.extra AS extra,
        c.jlc_extra AS jlc_extra
    FROM components c
    LEFT JOIN manufacturers m ON c.manufacturer_id = m.id
    LEFT JOIN categories cat ON c.category_id = cat.id;
"""
_ITEMS = (
    "CREATE TABLE temp.item (lcsc INTEGER PRIMARY KEY, content TEXT, detail_key TEXT,"
    " pack INTEGER, block INTEGER)"
)
_ROWS = f"CREATE TABLE temp.row ({', '.join((*Row._fields, 'changed_s'))}, PRIMARY KEY (lcsc))"


def page_items(store: ObjectStore, page_keys: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The items of stored pages that have a part number, in the order of the list.

    Raises :class:`~components.core.errors.StoreError` for a missing or damaged page.
    """
    for key in page_keys:
        page = read_page(Answer(key, 200, "", store.get(key), {}), set())
        yield from (item for item in page.items if part_number(item) is not None)


def build_source(
    output: Path,
    store: ObjectStore,
    crawl: Crawl,
    detail_keys: Mapping[int, str],
    now_s: int,
) -> int:
    """Write ``output`` from the crawl's pages and the details in the store; how many parts.

    Equal answers give equal bytes. Of a part that the list names twice, the later item counts.
    """
    with replacing(output) as temporary, closing(sqlite3.connect(temporary)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA temp_store = FILE")
        connection.execute(_ITEMS)
        connection.execute(_ROWS)
        items = page_items(store, crawl.page_keys())
        connection.executemany(
            "INSERT OR REPLACE INTO temp.item VALUES (?, ?, ?, ?, ?)",
            (
                (number, json.dumps(item), key, *(store.place(key) if key else (-1, 0)))
                for item in items
                if (number := part_number(item)) is not None
                for key in (detail_keys.get(number),)
            ),
        )
        marks = ", ".join("?" * (len(Row._fields) + 1))
        connection.executemany(
            f"INSERT INTO temp.row VALUES ({marks})",
            ((*row, time) for row, time in crawl.dated(_rows(connection, store), now_s)),
        )
        connection.commit()
        connection.executescript(SCHEMA)
        _fill(connection)
        connection.executescript(INDEXES)
        connection.commit()
        count: int = connection.execute("SELECT count(*) FROM components").fetchone()[0]
    return count


def _rows(connection: sqlite3.Connection, store: ObjectStore) -> Iterator[Row]:
    # By detail object: one can hold a thousand parts, and is read once; packs are read in order.
    query = "SELECT content, detail_key FROM temp.item ORDER BY pack, block, detail_key, lcsc"
    open_key, details = None, {}
    for content, key in connection.execute(query):
        if key != open_key:
            found = detail_items(data_of(Answer(key, 200, "", store.get(key), {})))
            open_key, details = key, {part_number(detail): detail for detail in found}
        item = json.loads(content)
        row = part_row(item, details.get(part_number(item), {}))
        if row is not None:
            yield row


def _fill(connection: sqlite3.Connection) -> None:
    for name, target, columns, names in (
        ("category", "categories", "category, subcategory", "category, subcategory"),
        ("manufacturer", "manufacturers", "manufacturer", "name"),
    ):
        connection.execute(
            f"INSERT INTO {target} ({names}) "
            f"SELECT DISTINCT {columns} FROM temp.row ORDER BY {columns}"
        )
        # Joined by name once, through an index that is not left in the file.
        connection.execute(f"CREATE TABLE temp.{name}_id AS SELECT * FROM main.{target}")
        connection.execute(f"CREATE INDEX temp.{name}_name ON {name}_id ({names})")
    connection.execute(
        "INSERT INTO components SELECT r.lcsc, c.id, r.mfr, r.package, r.joints, m.id, r.basic, "
        "r.preferred, r.description, r.datasheet, r.stock, r.price, r.changed_s, r.extra, 0, "
        "CASE WHEN r.stock > 0 THEN r.changed_s ELSE 0 END, r.jlc_extra FROM temp.row r "
        "JOIN temp.category_id c ON c.category = r.category AND c.subcategory = r.subcategory "
        "JOIN temp.manufacturer_id m ON m.name = r.manufacturer ORDER BY r.lcsc"
    )
