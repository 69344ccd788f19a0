"""The source: a jlcparts-style ``cache.sqlite3``, opened read-only, whatever its age.

The newest files of this kind have ``preferred``, ``last_on_stock`` and ``jlc_extra``, older ones
lack one or all; :mod:`components.source.ready` makes one of the kind that came after them. The
format is that of yaqwsx/jlcparts (MIT); the
SQLite header fields checked here are those of https://www.sqlite.org/fileformat.html#the_database_header.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import apsw

from components.core.database import Connection, Writer, writer
from components.core.errors import SourceError
from components.core.foreign import plain_tables

REQUIRED = {
    "components": (
        *("lcsc", "category_id", "mfr", "package", "joints", "manufacturer_id", "basic"),
        *("description", "datasheet", "stock", "price", "last_update", "extra"),
    ),
    "manufacturers": ("id", "name"),
    "categories": ("id", "category", "subcategory"),
}
# What nobody says is unknown.
SUBSTITUTES = {"preferred": "NULL", "jlc_extra": "'{}'"}
MAGIC = b"SQLite format 3\0"
# There are some 900.
CATEGORIES_MAX = 100_000
C = TypeVar("C", sqlite3.Connection, Writer)
ROLLBACK_MAGIC = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"


class Category(NamedTuple):
    id: int
    category: str
    subcategory: str


def open_catalogue(path: Path, max_components: int = 0) -> sqlite3.Connection:
    """The catalogue at ``path``, read-only, with two temporary views.

    ``part_rows`` is ``components`` with the columns of the newest files filled in and no
    join. ``parts(lcsc, category, subcategory, mfr, manufacturer, package, joints, basic,
    preferred, description, datasheet, stock, price, last_update, extra, jlc_extra)`` adds names;
    a condition on ``category`` or ``subcategory`` uses the index on ``category_id``. Names are
    NULL where an id dangles. With ``max_components`` both show only that many parts, the lowest
    part numbers first. The file must not change while it is open (it is opened ``immutable``).

    Raises :class:`SourceError` where the file is missing, unreadable, not SQLite, truncated, in
    the middle of a transaction, or lacks a table, a column or any part.
    """
    return _opened(path, max_components, _reader)


def catalogue_for_writing(path: Path, max_components: int = 0) -> Writer:
    """As :func:`open_catalogue`, by the SQLite that writes products: for ``INSERT … SELECT``."""
    return _opened(path, max_components, writer)


def _reader(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True)
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _opened(path: Path, max_components: int, connect: Callable[[str], C]) -> C:
    check_file(path)
    with reading(path):
        connection = connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1")
        try:
            plain_tables(connection, REQUIRED, lambda text: _not_ours(path, text))
            columns = _columns(connection, path)
            _create_views(connection, columns, _last_part(connection, max_components))
            if connection.execute("SELECT 1 FROM part_rows LIMIT 1").fetchone() is None:
                raise SourceError(f"{path}: the catalogue holds no parts; fetch it again")
        except BaseException:
            connection.close()
            raise
    return connection


def _not_ours(path: Path, text: str) -> SourceError:
    return SourceError(f"{path}: {text}; not a jlcparts catalogue")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged ``path`` into one :class:`SourceError`."""
    try:
        yield
    except (sqlite3.Error, apsw.Error, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"{path}: damaged catalogue ({reason}); fetch it again") from error


def categories(connection: Connection) -> list[Category]:
    """Every category of the source, sorted by names, then id; what is no text reads as one."""
    rows = connection.execute(
        "SELECT id, CAST(coalesce(category, '') AS TEXT), CAST(coalesce(subcategory, '') AS TEXT)"
        " FROM categories LIMIT ?",
        (CATEGORIES_MAX + 1,),
    ).fetchall()
    if len(rows) > CATEGORIES_MAX:
        raise SourceError(f"categories: more than {CATEGORIES_MAX}; not a jlcparts catalogue")
    return sorted((Category(*row) for row in rows), key=lambda row: (row[1], row[2], row[0]))


def count_by_block(connection: Connection, size: int) -> list[tuple[int, int]]:
    """How many parts have a number in each block of ``size`` numbers that has any, in order."""
    # An index holds the numbers too, and is a hundredth of the catalogue. Its order is another:
    # grouped by SQLite, all of them would be sorted in memory.
    numbers = connection.execute(f"SELECT coalesce(lcsc / {size}, 0) FROM part_rows")
    return sorted(Counter(block for (block,) in numbers).items())


def check_file(path: Path) -> None:
    """Raises :class:`SourceError` where ``path`` is missing, no SQLite file, or not whole."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
        size_bytes = path.stat().st_size
        wal = path.with_name(path.name + "-wal")
        journal = path.with_name(path.name + "-journal")
        unfinished = (wal.exists() and wal.stat().st_size > 0) or (
            journal.exists() and journal.read_bytes()[: len(ROLLBACK_MAGIC)] == ROLLBACK_MAGIC
        )
    except FileNotFoundError:
        raise SourceError(f"{path}: no such catalogue; check paths.source_sqlite") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None
    if len(header) < 100 or not header.startswith(MAGIC):
        raise SourceError(f"{path}: not a SQLite database; check paths.source_sqlite")
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    # The page count is valid only where the change counter was written with it.
    pages = int.from_bytes(header[28:32], "big") if header[24:28] == header[92:96] else 0
    if size_bytes < max(pages, 1) * page_bytes:
        raise SourceError(
            f"{path}: truncated, {size_bytes} of {pages * page_bytes} bytes; fetch it again"
        )
    if unfinished:
        # An immutable opening would silently show the state before the last transaction.
        raise SourceError(f"{path}: has an unfinished journal; open and close it with sqlite3 once")


def _columns(connection: Connection, path: Path) -> set[str]:
    for table, wanted in REQUIRED.items():
        rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
        present = {row[1] for row in rows}
        if not present:
            raise SourceError(f"{path}: no table {table}; not a jlcparts catalogue")
        if missing := [name for name in wanted if name not in present]:
            raise SourceError(f"{path}: table {table} lacks {', '.join(missing)}")
        if table == "components":
            columns = present
            if not any(row[1] == "lcsc" and row[5] and row[2].upper() == "INTEGER" for row in rows):
                raise SourceError(f"{path}: components.lcsc is not the INTEGER PRIMARY KEY")
    return columns


def _last_part(connection: Connection, max_components: int) -> int | None:
    if not max_components:
        return None
    row = connection.execute(
        "SELECT lcsc FROM components ORDER BY lcsc LIMIT 1 OFFSET ?", (max_components - 1,)
    ).fetchone()
    return None if row is None else int(row[0])


def _create_views(connection: Connection, columns: set[str], last: int | None) -> None:
    substituted = ", ".join(
        f"{name if name in columns else value} AS {name}" for name, value in SUBSTITUTES.items()
    )
    bound = "" if last is None else f" WHERE lcsc <= {last}"
    connection.execute(
        "CREATE TEMP VIEW part_rows AS"
        f" SELECT {', '.join(REQUIRED['components'])}, {substituted} FROM main.components{bound}"
    )
    connection.execute(
        "CREATE TEMP VIEW parts AS SELECT p.lcsc AS lcsc, k.category AS category,"
        " k.subcategory AS subcategory, p.mfr AS mfr, m.name AS manufacturer,"
        " p.package AS package, p.joints AS joints, p.basic AS basic, p.preferred AS preferred,"
        " p.description AS description, p.datasheet AS datasheet, p.stock AS stock,"
        " p.price AS price, p.last_update AS last_update, p.extra AS extra,"
        " p.jlc_extra AS jlc_extra FROM part_rows p"
        " LEFT JOIN main.categories k ON p.category_id = k.id"
        " LEFT JOIN main.manufacturers m ON p.manufacturer_id = m.id"
    )


def test_old_and_new_files_look_alike(tmp_path: Path) -> None:
    from components.testing.library import write_catalogue

    part = {"lcsc": 7, "category": "Resistors", "subcategory": "Chip", "mfr": "R7"}
    for drop in ((), ("last_on_stock",), ("last_on_stock", "jlc_extra", "preferred")):
        path = write_catalogue(tmp_path / f"{len(drop)} %?#.sqlite3", [part], drop=drop)
        with open_catalogue(path) as db:
            row = db.execute(
                "SELECT lcsc, category, subcategory, mfr, preferred, jlc_extra FROM parts"
            ).fetchone()
        db.close()
        assert row == (7, "Resistors", "Chip", "R7", None if drop[1:] else 0, "{}")


def test_the_first_parts_are_those_of_the_lowest_numbers(tmp_path: Path) -> None:
    from components.testing.library import write_catalogue

    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": n} for n in (30, 10, 20)])
    for most, expected in ((2, [10, 20]), (3, [10, 20, 30]), (9, [10, 20, 30]), (0, [10, 20, 30])):
        db = open_catalogue(path, most)
        assert [row[0] for row in db.execute("SELECT lcsc FROM parts ORDER BY lcsc")] == expected
        db.close()


def test_a_category_is_found_by_its_index(tmp_path: Path) -> None:
    from components.testing.library import write_catalogue

    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": n} for n in (1, 2)])
    db = open_catalogue(path)
    query = "EXPLAIN QUERY PLAN SELECT extra FROM parts WHERE category = ? AND subcategory = ?"
    plan = "\n".join(row[3] for row in db.execute(query, ("a", "b")))
    assert "components_category (category_id=?)" in plan
    assert [row[1:] for row in categories(db)] == [("Other", "Other")]
    db.close()


def test_each_defect_is_one_clear_error(tmp_path: Path) -> None:
    import pytest

    from components.testing.library import write_catalogue

    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": n} for n in range(1, 200)])
    whole = path.read_bytes()
    cases = {
        "no such": None,
        "not a SQLite": b"x" * 5000,
        "not a SQLite database": b"",
        "truncated": whole[: len(whole) // 2],
        "damaged": whole[:100] + bytes(4000) + whole[4100:],
    }
    for reason, data in cases.items():
        bad = tmp_path / "bad.sqlite3"
        bad.unlink(missing_ok=True)
        if data is not None:
            bad.write_bytes(data)
        with pytest.raises(SourceError, match=reason) as caught:
            open_catalogue(bad)
        assert "\n" not in str(caught.value) and str(bad) in str(caught.value)
    with pytest.raises(SourceError, match="cannot be read"):
        open_catalogue(tmp_path)


def test_missing_tables_columns_and_parts_are_named(tmp_path: Path) -> None:
    import pytest

    from components.testing.library import write_catalogue

    path = tmp_path / "s.sqlite3"
    endless = (
        "DROP TABLE {0}; CREATE VIEW {0} AS WITH RECURSIVE n(id) AS"
        " (VALUES (1) UNION ALL SELECT id + 1 FROM n) SELECT id, id AS name, id AS category,"
        " id AS subcategory FROM n"
    )
    for statement, reason in (
        (endless.format("categories"), "categories is no plain table, but a view"),
        (endless.format("manufacturers"), "manufacturers is no plain table, but a view"),
        ("DROP TABLE manufacturers", "no table manufacturers"),
        ("ALTER TABLE components DROP COLUMN stock", "components lacks stock"),
        ("DELETE FROM components", "holds no parts"),
    ):
        write_catalogue(path, [{"lcsc": 1}])
        with sqlite3.connect(path) as db:
            db.executescript(statement)
        db.close()
        with pytest.raises(SourceError, match=reason):
            open_catalogue(path)


def test_an_unfinished_transaction_is_not_overlooked(tmp_path: Path) -> None:
    import pytest

    from components.testing.library import write_catalogue

    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": 1}])
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    with writer:
        writer.execute("UPDATE components SET stock = 5")
    with pytest.raises(SourceError, match="unfinished journal"):
        open_catalogue(path)
    writer.close()
    db = open_catalogue(path)
    assert db.execute("SELECT stock FROM parts").fetchone() == (5,)
    db.close()
