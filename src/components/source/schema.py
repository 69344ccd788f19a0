"""The schema of our own catalogue files, that of jlcparts (MIT) with a table ``meta`` beside it.

``meta`` says where the file comes from (:mod:`components.source.origin`) and what of it is lacking.
``preferred`` is NULL where nobody knows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from components.core.database import Writer, attached_output, writer
from components.source.part import Row

SCHEMA = """
CREATE TABLE out.components (
    lcsc INTEGER PRIMARY KEY NOT NULL,
    category_id INTEGER NOT NULL,
    mfr TEXT NOT NULL,
    package TEXT NOT NULL,
    joints INTEGER NOT NULL,
    manufacturer_id INTEGER NOT NULL,
    basic INTEGER NOT NULL,
    preferred INTEGER,
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
CREATE TABLE out.manufacturers (
    id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, UNIQUE (id, name)
);
CREATE TABLE out.categories (
    id INTEGER PRIMARY KEY NOT NULL, category TEXT NOT NULL, subcategory TEXT NOT NULL,
    UNIQUE (id, category, subcategory)
);
CREATE TABLE out.meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
"""
INDEXES = """
CREATE INDEX out.components_category ON components (category_id);
CREATE INDEX out.components_manufacturer ON components (manufacturer_id);
CREATE VIEW out.v_components AS
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
_ROWS = f"CREATE TABLE row ({', '.join((*Row._fields, 'changed_s'))}, PRIMARY KEY (lcsc))"
_MARKS = ", ".join("?" * (len(Row._fields) + 1))


@contextmanager
def workspace(folder: Path) -> Iterator[Writer]:
    """A database for the time of a build, in ``folder``: ``/tmp`` may be too small for it.

    It has the table ``row`` that :func:`take` fills, and goes away with the block.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix=".tmp-rows-", dir=folder) as temporary,
        closing(writer(str(Path(temporary) / "rows.sqlite3"))) as connection,
    ):
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_ROWS)
        yield connection


def take(connection: Writer, rows: Iterable[tuple[Row, int]]) -> None:
    """Parts with the time at which each last changed, in Unix seconds; later ones win."""
    connection.execute("BEGIN")
    connection.executemany(
        f"INSERT OR REPLACE INTO row VALUES ({_MARKS})", ((*row, time_s) for row, time_s in rows)
    )
    connection.execute("COMMIT")


def write(connection: Writer, output: Path, meta: Mapping[str, str]) -> int:
    """Write the rows of a :func:`workspace` as a catalogue; how many there are.

    Equal rows give equal bytes.
    """
    with attached_output(connection, output):
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        _fill(connection)
        for statement in INDEXES.split(";"):
            connection.execute(statement)
        connection.executemany("INSERT INTO out.meta VALUES (?, ?)", sorted(meta.items()))
        count: int = connection.execute("SELECT count(*) FROM out.components").fetchone()[0]
    return count


def _fill(connection: Writer) -> None:
    for name, target, columns, names in (
        ("category", "categories", "category, subcategory", "category, subcategory"),
        ("manufacturer", "manufacturers", "manufacturer", "name"),
    ):
        connection.execute(
            f"INSERT INTO out.{target} ({names}) "
            f"SELECT DISTINCT {columns} FROM main.row ORDER BY {columns}"
        )
        # Joined by name once, through an index that is not left in the file.
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}_id")
        connection.execute(f"CREATE TABLE temp.{name}_id AS SELECT * FROM out.{target}")
        connection.execute(f"CREATE INDEX temp.{name}_name ON {name}_id ({names})")
    connection.execute(
        "INSERT INTO out.components SELECT r.lcsc, c.id, r.mfr, r.package, r.joints, m.id, r.basic,"
        " r.preferred, r.description, r.datasheet, r.stock, r.price, r.changed_s, r.extra, 0,"
        " CASE WHEN r.stock > 0 THEN r.changed_s ELSE 0 END, r.jlc_extra FROM main.row r"
        " JOIN temp.category_id c ON c.category = r.category AND c.subcategory = r.subcategory"
        " JOIN temp.manufacturer_id m ON m.name = r.manufacturer ORDER BY r.lcsc"
    )


def test_equal_rows_give_equal_bytes_in_any_order(tmp_path: Path) -> None:
    def row(number: int) -> Row:
        return Row(number, "a", "b", "c", "d", 2, "m", 0, None, "", "", 5, "[]", "{}", "{}")

    contents = []
    for order in ((1, 2, 3), (3, 1, 2)):
        with workspace(tmp_path) as connection:
            take(connection, ((row(number), 7) for number in order))
            for _ in range(2):
                assert write(connection, tmp_path / "s.sqlite", {"origin": "live"}) == 3
                contents.append((tmp_path / "s.sqlite").read_bytes())
    assert len(set(contents)) == 1
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as db:
        query = "SELECT lcsc, category, manufacturer, preferred FROM v_components"
        assert db.execute(query).fetchone() == (1, "a", "m", None)
        assert db.execute("SELECT * FROM meta").fetchall() == [("origin", "live")]
    assert [path.name for path in tmp_path.iterdir()] == ["s.sqlite"]
